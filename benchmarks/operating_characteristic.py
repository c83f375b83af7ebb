"""How often the sequential test of `crowdsim check` comes to which verdict, and after how many replications.

`python -m benchmarks.operating_characteristic` draws streams of results for true shares of runs that pass (no
simulation); `--layouts` simulates a safe, a marginal and an unsafe layout of a small room, each checked 20 times with
other seeds. Both print the tables of docs/check.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from crowdsim import load_scenario
from crowdsim.assess import FAIL, PASS, UNDECIDED
from crowdsim.config import resolved_yaml
from crowdsim.experiment.check import MOST_REPLICATIONS
from crowdsim.experiment.estimates import share_interval
from crowdsim.experiment.sequential import CriteriaTests, Rule
from crowdsim.experiment.worker import Job, replicate
from crowdsim.record.layout import CONFIG, VENUE
from crowdsim.scenario.geojson import venue_text

SHARES = (0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
STREAMS = 4000
ROOM = Path(__file__).parent.parent / "tests" / "experiment" / "room"
LAYOUTS = {"safe": 2.4, "marginal": 1.6, "just too narrow": 1.55, "unsafe": 1.0}
"""Widths of the room's exit [m]."""
CHECKS = 20
APART = 1000
"""Between the first seeds of two checks: more than a check has replications."""


def decide(rule: Rule, results: Iterable[dict[str, bool]]) -> tuple[str, int, CriteriaTests]:
    """Return the verdict on criteria over a stream of replications, after how many it came, and the tests."""
    tests = CriteriaTests(rule)
    taken = 0
    for passed in results:
        tests.take(passed.items())
        taken += 1
        if tests.settled:
            break
    return tests.verdict, taken, tests


def characteristic(share: float, streams: int, *, rule: Rule | None = None, seed: int = 1) -> dict[str, float]:
    """Return how often each verdict on one criterion comes at a share of runs that pass, and the replications."""
    draws = np.random.default_rng([seed, round(1000 * share)]).random((streams, MOST_REPLICATIONS)) < share
    verdicts: Counter[str] = Counter()
    spent, covered = [], 0
    for stream in draws:
        verdict, n, tests = decide(rule or Rule(), ({"one": bool(passed)} for passed in stream))
        verdicts[verdict] += 1
        spent.append(n)
        low, high = share_interval(tests.tallies["one"].passed, n)
        covered += low <= share <= high
    return {verdict: verdicts[verdict] / streams for verdict in (PASS, FAIL, UNDECIDED)} | {
        "mean": float(np.mean(spent)),
        "p95": float(np.percentile(spent, 95)),
        "covered": covered / streams,
    }


def print_streams() -> None:
    print(
        "| share of runs that pass | pass [%] | fail [%] | undecided [%] | replications: mean | 95 % within | covered |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for share in SHARES:
        row = characteristic(share, STREAMS)
        rates = " | ".join(f"{100 * row[verdict]:.1f}" for verdict in (PASS, FAIL, UNDECIDED))
        print(f"| {share:g} | {rates} | {row['mean']:.0f} | {row['p95']:.0f} | {100 * row['covered']:.0f} % |")


def runs(folder: Path, first: int) -> Iterable[dict[str, bool]]:
    """Simulate one seed after another; yield which criteria each passed."""
    for seed in range(first, first + MOST_REPLICATIONS):
        summary = replicate(Job(folder, seed, folder / "run", keep=False)).summary
        yield {row["id"]: row["passed"] for row in summary["criteria"] if row["applies"]}


def print_layouts() -> None:
    print("| layout | runs that passed | pass | fail | undecided | replications: mean (least to most) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, width in LAYOUTS.items():
        scenario = load_scenario(ROOM, [f"exits.out.width_m={width}", "threads=1", "output.plots=false"])
        verdicts: Counter[str] = Counter()
        spent, passed = [], 0
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent)
            (folder / CONFIG).write_text(resolved_yaml(scenario))
            (folder / VENUE).write_text(venue_text(scenario.features))
            for k in range(CHECKS):
                verdict, n, tests = decide(Rule(), runs(folder, APART * k + 1))
                verdicts[verdict] += 1
                spent.append(n)
                passed += min(tally.passed for tally in tests.tallies.values())
        counts = " | ".join(str(verdicts[verdict]) for verdict in (PASS, FAIL, UNDECIDED))
        made = f"{passed} of {sum(spent)} ({passed / sum(spent):.1%})"
        print(
            f"| {name}, {width:g} m | {made} | {counts} | {np.mean(spent):.0f} ({min(spent)} to {max(spent)}) |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", action="store_true", help="simulate: takes a quarter of an hour")
    if parser.parse_args().layouts:
        print_layouts()
    else:
        print_streams()
