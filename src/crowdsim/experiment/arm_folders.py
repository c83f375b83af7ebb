"""Folders of runs, checks and sweeps as arms of a comparison: those that differ in their seed only are one arm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem, ScenarioError
from crowdsim.experiment.check import CHECK, RUNS
from crowdsim.experiment.figures import figures
from crowdsim.experiment.sweep.sweep import KEPT, SWEEP
from crowdsim.experiment.sweep.table import DONE, RESULTS, STOPPED_S, criteria_of, figures_of, read_results
from crowdsim.experiment.worker import scenario_of
from crowdsim.record.layout import CONFIG, SUMMARY, VENUE
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.resolved import load_resolved

FOLDERS = "RUN"
ALLOWED = "a folder that `run`, `check` or `sweep` wrote"


@dataclass(frozen=True, slots=True)
class RunArm:
    """Runs of one configuration.

    Attributes
    ----------
    name : of the first folder.
    assuming : what an arm of a check's sensitivity assumes, in words; else empty.
    scenario : the configuration, with the first seed.
    figures : of every seed, by key; None where a run has no such value.
    verdicts : of every seed.
    criteria : the criteria of the first run's summary.
    recording : a whole run folder, for maps; None if none was kept.
    recorded_seed : its seed.
    """

    name: str
    assuming: str
    scenario: Scenario
    figures: dict[int, dict[str, float | None]]
    verdicts: dict[int, str]
    criteria: list[dict[str, Any]]
    recording: Path | None
    recorded_seed: int


def read_arms(folders: Sequence[Path]) -> list[RunArm]:
    """Read run and check folders, in their order; those whose configuration differs in the seed only are put together.

    Raises
    ------
    ScenarioError
        With every folder that is none or cannot be read, or if there are fewer than two arms.
    """
    problems: list[Problem] = []
    arms: list[RunArm] = []
    for folder in folders:
        try:
            read = _read_sweep(folder) if (folder / SWEEP).is_file() else _read(folder)
        except ScenarioError as error:
            problems += [replace(problem, file=f"{folder}: {problem.file}") for problem in error.problems]
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            found = f"no readable run or check ({error})"
            problems.append(Problem(str(folder), "", found, ALLOWED))
            continue
        if isinstance(read, Problem):
            problems.append(read)
            continue
        for arm in read:
            _take(arm, arms)
    if not problems and len(arms) < 2:  # noqa: PLR2004 - two to compare
        found = "one configuration only" if arms else "nothing"
        problems.append(Problem("command line", FOLDERS, found, "runs of at least two configurations"))
    if problems:
        raise ScenarioError(problems)
    return _with_unlike_names(arms)


def _take(arm: RunArm, arms: list[RunArm]) -> None:
    """Put an arm to those that are there already, or to the one that it is the same as."""
    same = next((k for k, other in enumerate(arms) if _same(other.scenario, arm.scenario)), None)
    if same is None:
        arms.append(arm)
        return
    together = arms[same]
    joined = arm.figures | together.figures, arm.verdicts | together.verdicts
    arms[same] = replace(together, figures=joined[0], verdicts=joined[1])


def _read_sweep(folder: Path) -> list[RunArm] | Problem:
    """Read the arms of a sweep that have a finished run."""
    document = json.loads((folder / SWEEP).read_text(encoding="utf-8"))
    rows = [row for row in read_results(folder / RESULTS) if row["status"] == DONE]
    stopped = sum(row.get(STOPPED_S) is not None for row in rows)
    if stopped:
        found = f"a sweep whose figures are not of all runs: {stopped} were stopped as soon as they had failed"
        return Problem(str(folder), "", found, "one without --stop-when-failed")
    arms = []
    for told in document["arms"]:
        mine = {row["seed"]: row for row in rows if row["arm"] == told["arm"]}
        if not mine:
            continue
        scenario = scenario_of(folder, tuple(told["overrides"]))
        kept = [seed for seed in mine if (folder / KEPT / f"{told['arm']}_{seed}").is_dir()]
        seed = kept[0] if kept else next(iter(mine))
        name = ", ".join(f"{key} {value}" for key, value in told["values"].items() if value is not None)
        arms.append(
            RunArm(
                name or "as it is",
                "",
                scenario,
                {seed: figures_of(row, document["keys"]) for seed, row in mine.items()},
                {seed: row["verdict"] for seed, row in mine.items()},
                criteria_of(mine[seed]),
                folder / KEPT / f"{told['arm']}_{seed}" if kept else None,
                seed,
            )
        )
    return arms or Problem(str(folder), "", "a sweep without a finished run", ALLOWED)


def _read(folder: Path) -> list[RunArm] | Problem:
    if not folder.is_dir():
        return Problem(str(folder), "", "no folder", ALLOWED)
    missing = [name for name in (CONFIG, VENUE) if not (folder / name).is_file()]
    is_check = (folder / CHECK).is_file()
    if not is_check and not (folder / SUMMARY).is_file():
        missing.append(SUMMARY)
    if missing:
        return Problem(str(folder), "", f"a folder without {', '.join(missing)}", ALLOWED)
    scenario = load_resolved(folder, CONFIG, VENUE)
    first = scenario.config.seed
    check: dict[str, Any] = {"seeds": [], "assuming": ""}
    if is_check:
        check = json.loads((folder / CHECK).read_text(encoding="utf-8"))
    paths = {seed: folder / RUNS / str(seed) / SUMMARY for seed in check["seeds"]}
    if not is_check:
        paths[first] = folder / SUMMARY
    summaries = {seed: json.loads(path.read_text(encoding="utf-8")) for seed, path in paths.items() if path.is_file()}
    if not summaries:
        return Problem(str(folder), "", "a check without a finished run", ALLOWED)
    arm = RunArm(
        folder.resolve().name,
        check["assuming"],
        scenario,
        {seed: figures(summary) for seed, summary in summaries.items()},
        {seed: summary["verdict"] for seed, summary in summaries.items()},
        next(iter(summaries.values()))["criteria"],
        folder / RUNS / str(first) if is_check else folder,
        first,
    )
    return [arm]


def _same(one: Scenario, other: Scenario) -> bool:
    """Return whether two scenarios differ at most in the seed and in what does not change results."""
    alike = [
        replace(scenario.config, seed=0, threads=None, output=replace(scenario.config.output, plots=False))
        for scenario in (one, other)
    ]
    return alike[0] == alike[1] and one.features == other.features


def _with_unlike_names(arms: list[RunArm]) -> list[RunArm]:
    names = [arm.name for arm in arms]
    return [
        replace(arm, name=f"{arm.name} ({k})") if names.count(arm.name) > 1 else arm for k, arm in enumerate(arms, 1)
    ]
