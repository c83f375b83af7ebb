"""The estimate by hand that `optimise` screens by, against the simulation: the table of docs/optimise.md.

`python -m benchmarks.hydraulic [WORD ...]` makes the cases whose names have one of the words; all of them take about
ten minutes of computing.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import groupby
from pathlib import Path

from scipy.stats import spearmanr

from crowdsim.config import load_scenario
from crowdsim.experiment.optimise.hydraulic import find_ways
from crowdsim.simulate import run

ROOT = Path(__file__).parents[1]
COUNTS = {
    "north": 1500, "south": 1500, "west_upper": 300, "west_lower": 300, "east_upper": 300, "east_lower": 300,
    "floor": 800,
}  # fmt: skip
ARENA = ("exit_n1", "exit_n2", "exit_s1", "exit_s2", "exit_w1", "exit_w2", "exit_e1", "exit_e2")
CONCERT = ("exit_n1", "exit_n2", "exit_s1", "exit_s2", "exit_w1", "exit_w2")
THREE = ("exit_n1", "exit_s1", "exit_e1")


def fifth() -> list[str]:
    return [f"attendees.{name}.count={count // 5}" for name, count in COUNTS.items()]


def open_only(names: tuple[str, ...]) -> list[str]:
    return [f"exits.{name}.open=false" for name in ARENA if name not in names]


CASES = [
    ("arena_egress, 5,000 people, all exits", "arena_egress", ARENA, [], (1.0, 1.6, 2.4)),
    ("arena_egress, 1,000 people, three exits", "arena_egress", THREE, [*fifth(), *open_only(THREE)],
     (0.8, 1.0, 1.2, 1.6, 2.4)),
    ("arena_concert, evacuation of 5,000, six exits", str(ROOT / "scenarios/arena_concert/evacuation.yaml"), CONCERT,
     [], (1.2, 1.8, 2.4)),
    ("hall, 1,000 people, two exits", str(ROOT / "benchmarks/room"), ("west", "east"), [], (1.0, 2.0, 3.0, 4.0)),
    ("hall, 1,000 people, one exit", str(ROOT / "benchmarks/room"), ("west",), ["exits.east.open=false"], (2.0, 4.0)),
    ("room, 60 people, one exit", str(ROOT / "tests/experiment/room"), ("out",), [], (0.8, 1.2, 2.4, 4.0)),
]  # fmt: skip


def rows(words: list[str]) -> list[tuple[str, float, float, float | None]]:
    """Return name, width of each exit, estimate and simulated time of every case; the time None if not all got out."""
    found = []
    for name, source, exits, overrides, widths in CASES:
        if words and not any(word in name for word in words):
            continue
        for width in widths:
            set_to = [f"exits.{one}.width_m={width}" for one in exits]
            scenario = load_scenario(source, [*overrides, *set_to, "output.plots=false"])
            ways = find_ways(scenario)
            assert not isinstance(ways, str), ways
            with tempfile.TemporaryDirectory() as folder:
                simulated = run(scenario, folder, force=True).summary["egress_time_s"]
            found.append((name, width, ways.last_out_s({}), simulated))
    return found


def main() -> None:
    found = rows(sys.argv[1:])
    print("| case | width of each exit [m] | by hand [s] | simulated [s] | simulated over by hand |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, width, by_hand, simulated in found:
        ratio = "not all out" if simulated is None else f"{simulated / by_hand:.2f}"
        print(f"| {name} | {width:g} | {by_hand:.0f} | {'-' if simulated is None else f'{simulated:.0f}'} | {ratio} |")
    for name, group in groupby(found, key=lambda row: row[0]):
        pairs = [(by_hand, simulated) for _, _, by_hand, simulated in group if simulated is not None]
        if len(pairs) > 2:
            print(f"rank correlation, {name}: {spearmanr(*zip(*pairs, strict=True)).statistic:.2f}")
    pairs = [(by_hand, simulated) for _, _, by_hand, simulated in found if simulated is not None]
    print(f"rank correlation, all: {spearmanr(*zip(*pairs, strict=True)).statistic:.2f}")


if __name__ == "__main__":
    main()
