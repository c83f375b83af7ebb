"""Replications of a scenario until the verdict on its criteria is settled, and the same under other assumptions."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from crowdsim.assess import UNDECIDED
from crowdsim.config import resolved_yaml
from crowdsim.errors import RunFolderError
from crowdsim.experiment.arms import Arm
from crowdsim.experiment.estimates import mean_of, share_interval
from crowdsim.experiment.figures import figures
from crowdsim.experiment.junit import junit_xml
from crowdsim.experiment.pool import Pool
from crowdsim.experiment.sequential import CriteriaTests, Rule
from crowdsim.experiment.worker import Job, Outcome
from crowdsim.record.layout import CONFIG, SUMMARY, VENUE
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import venue_text

CHECK, JUNIT, REPLICATIONS, RUNS, ARMS = "check.json", "junit.xml", "replications.csv", "runs", "arms"
FILES = (CHECK, JUNIT, REPLICATIONS, RUNS, ARMS, CONFIG, VENUE, SUMMARY)
"""What a check folder may hold; a run's summary would be in the way, too."""

MOST_REPLICATIONS = 200
"""Replications at most unless another number is asked for (our choice: with the standard rule hardly any check of one
criterion needs more, docs/check.md)."""

SETTLED, MOST_MADE, BUDGET_SPENT = "settled", "all replications made", "budget spent"
NOTHING_JUDGED, INTERRUPTED, RUNNING = "nothing judged", "interrupted", "running"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much may be spent.

    Attributes
    ----------
    replications : at most, of the scenario and of each arm.
    budget_s : no replication is begun after so many seconds; None for no limit.
    jobs : replications at a time.
    """

    replications: int = MOST_REPLICATIONS
    budget_s: float | None = None
    jobs: int = 1


class Watcher(Protocol):
    """Whoever wants to see how a check goes."""

    def begin(self, text: str) -> None:
        """Take in that the scenario, or an arm, is begun."""

    def show(self, check: Check) -> None:
        """Take in that one more replication is there."""


@dataclass
class Check:
    """A check as far as it is.

    Attributes
    ----------
    text : what is assumed; empty for the scenario as it is.
    status : why it ended; `running` before.
    outcomes : in order of seeds.
    """

    scenario: Scenario
    rule: Rule
    folder: Path
    text: str = ""
    status: str = RUNNING
    outcomes: list[Outcome] = field(default_factory=list)
    wall_s: float = 0.0
    tests: CriteriaTests = field(init=False)

    def __post_init__(self) -> None:
        self.tests = CriteriaTests(self.rule)

    def take(self, outcome: Outcome) -> None:
        """Take in the next replication; one that failed counts as undecided in every criterion.

        Criteria about something that the venue does not have do not count.
        """
        self.outcomes.append(outcome)
        rows = outcome.summary["criteria"] if outcome.summary else ()
        self.tests.take((row["id"], row["passed"]) for row in rows if row.get("applies", True))

    @property
    def failed(self) -> list[Outcome]:
        """Replications that have no result."""
        return [outcome for outcome in self.outcomes if outcome.summary is None]

    def document(self) -> dict[str, Any]:
        """Return the content of `check.json`."""
        config = self.scenario.config
        rule = self.tests.rule
        text = resolved_yaml(self.scenario) + venue_text(self.scenario.features)
        return {
            "crowdsim_version": version("crowdsim"),
            "scenario": self.scenario.name,
            "title": config.title,
            "assuming": self.text,
            "seed": config.seed,
            "movement": config.movement.model,
            "config_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "verdict": self.tests.verdict,
            "status": self.status,
            "replications": len(self.outcomes),
            "seeds": [outcome.seed for outcome in self.outcomes],
            "failed": [{"seed": outcome.seed, "error": outcome.error} for outcome in self.failed],
            "rule": {
                "test": "sequential probability ratio (Wald 1945), limits 1/error_pass and error_fail",
                "required_share": rule.required_share,
                "bad_share": rule.bad,
                "good_share": rule.good,
                "error_pass": rule.error_pass,
                "error_fail": self.rule.error_fail,
                "error_fail_each": rule.error_fail,
            },
            "criteria": [self._criterion(name) for name in self.tests.tallies],
            "performance": {"wall_s": self.wall_s},
        }

    def _criterion(self, name: str) -> dict[str, Any]:
        tally = self.tests.tallies[name]
        seeded = [
            (o.seed, row) for o in self.outcomes if o.summary for row in o.summary["criteria"] if row["id"] == name
        ]
        rows = [row for _, row in seeded]
        mean = mean_of([row["value"] for row in rows if row["value"] is not None])
        verdict = self.tests.verdicts.get(name)
        return {
            **{key: rows[0][key] for key in ("id", "text", "limit", "unit", "source", "level_of_evidence")},
            "verdict": verdict or UNDECIDED,
            "settled": verdict is not None,
            "replications": tally.replications,
            "passed": tally.passed,
            "failed": tally.failed,
            "undecided": tally.undecided,
            "failed_seeds": [seed for seed, row in seeded if row["passed"] is False],
            "undecided_seeds": [seed for seed, row in seeded if row["passed"] is None],
            "values": mean.n,
            "mean": mean.mean,
            "sd": mean.sd,
            "ci95": mean.ci95,
            "probability_of_passing": tally.passed / tally.replications,
            "probability_of_passing_ci95": share_interval(tally.passed, tally.replications),
            "reasons": sorted({row["reason"] for row in rows if row["passed"] is None and row.get("reason")}),
        }


@dataclass
class Checked:
    """A check and its sensitivity; `arms` holds None for an arm that was not run."""

    base: Check
    arms: list[tuple[Arm, Check | None]] = field(default_factory=list)
    wall_s: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether a replication failed to run, of the scenario as it is or of an arm."""
        return any(check.failed for check in (self.base, *(check for _, check in self.arms if check)))

    def document(self) -> dict[str, Any]:
        """Return the content of `check.json`, the arms' verdicts and figures included."""
        arms = []
        for arm, check in self.arms:
            told = check.document() if check else {"verdict": None, "status": arm.reason, "criteria": []}
            kept = ("verdict", "status", "replications", "failed", "criteria")
            arms.append({"name": arm.name, "assuming": arm.text} | {key: told[key] for key in kept if key in told})
        document = self.base.document()
        document["performance"]["with_sensitivity_s"] = self.wall_s
        return document | ({"sensitivity": arms} if arms else {})


def open_folder(folder: Path, *, force: bool) -> None:
    """Make or clear a check folder; one that holds a check or a run is refused, unless forced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [name for name in FILES if (folder / name).exists()]
        if held and not force:
            msg = (
                f"{folder} holds another check or run ({held[0]}); name another with --out, or replace it with --force"
            )
            raise RunFolderError(msg)
        strange = [name for name in (RUNS, ARMS) if name in held and CHECK not in held]
        if strange:
            msg = (
                f"{folder} has a folder {strange[0]!r} and no {CHECK}: it may not be a check's; name another with --out"
            )
            raise RunFolderError(msg)
        for name in held:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    except RunFolderError:
        raise
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error


def check(
    scenario: Scenario,
    folder: Path,
    rule: Rule,
    effort: Effort,
    arms: Sequence[Arm] = (),
    watcher: Watcher | None = None,
) -> Checked:
    """Replicate a scenario until the verdict is settled, then each arm with the same seeds; all is in the folder.

    Parameters
    ----------
    folder : an opened check folder.
    arms : other assumptions.

    Raises
    ------
    RunFolderError
        If the folder cannot be written.
    KeyboardInterrupt
        If interrupted; what was computed is written first.
    """
    began = time.perf_counter()
    until_s = began + effort.budget_s if effort.budget_s is not None else None
    checked = Checked(Check(_in_one_thread(scenario), rule, folder))
    try:
        _write(folder / CHECK, _json(checked.document()))  # whose folder this is, should nothing more be written
        with Pool(effort.jobs) as pool:
            _replicate(checked.base, pool, effort.replications, until_s, watcher)
            for arm in arms:
                if arm.scenario is None or (until_s is not None and time.perf_counter() >= until_s):
                    checked.arms.append((replace(arm, reason=arm.reason or BUDGET_SPENT), None))
                    continue
                one = Check(_in_one_thread(arm.scenario), rule, folder / ARMS / arm.name, arm.text)
                checked.arms.append((arm, one))
                one.folder.mkdir(parents=True)
                _replicate(one, pool, effort.replications, until_s, watcher)
                _write(one.folder / CHECK, _json(one.document()))
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error
    finally:
        checked.wall_s = time.perf_counter() - began
        write(checked)
    return checked


def _in_one_thread(scenario: Scenario) -> Scenario:
    """Return a scenario as it is replicated: in one thread and without pictures."""
    config = replace(scenario.config, threads=1, output=replace(scenario.config.output, plots=False))
    return replace(scenario, config=config)


def _replicate(check: Check, pool: Pool, most: int, until_s: float | None, watcher: Watcher | None) -> None:
    """Make replications until the verdict is settled or nothing is left to spend."""
    began = time.perf_counter()
    _write(check.folder / CONFIG, resolved_yaml(check.scenario))
    _write(check.folder / VENUE, venue_text(check.scenario.features))
    if watcher:
        watcher.begin(check.text)
    check.status = INTERRUPTED  # unless it comes to an end
    outcomes = pool.outcomes(_jobs(check, most, until_s))
    status = None
    try:
        for outcome in outcomes:
            check.take(outcome)
            if watcher:
                watcher.show(check)
            if not check.tests.tallies:
                status = NOTHING_JUDGED  # no criteria, or the first run failed: so would the others
                break
            if check.tests.settled:
                status = SETTLED
                break
    finally:
        outcomes.close()  # type: ignore[attr-defined]
        check.wall_s = time.perf_counter() - began
    check.status = status or (MOST_MADE if len(check.outcomes) == most else BUDGET_SPENT)


def _jobs(check: Check, most: int, until_s: float | None) -> Iterator[Job]:
    """Yield the replications to make while there is time; of the first one the whole run folder is kept."""
    first = check.scenario.config.seed
    for k in range(most):
        if k and until_s is not None and time.perf_counter() >= until_s:
            return
        yield Job(check.folder, first + k, check.folder / RUNS / str(first + k), keep=k == 0)


def write(checked: Checked) -> None:
    """Write all that is known of a check into its folder."""
    folder, document = checked.base.folder, checked.document()
    _write(folder / CHECK, _json(document))
    _write(folder / JUNIT, junit_xml(document))
    rows = [
        {"assuming": one.text, "seed": outcome.seed} | figures(outcome.summary)
        for one in (checked.base, *(one for _, one in checked.arms if one))
        for outcome in one.outcomes
        if outcome.summary
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (folder / REPLICATIONS).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
