"""Run and check folders as arms of a comparison: folders that differ in their seed only are one arm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem, ScenarioError
from crowdsim.experiment.check import CHECK, RUNS
from crowdsim.experiment.figures import figures
from crowdsim.record.layout import CONFIG, SUMMARY, VENUE
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.resolved import load_resolved

FOLDERS = "RUN"


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
    recording : a whole run folder, for maps.
    recorded_seed : its seed.
    """

    name: str
    assuming: str
    scenario: Scenario
    figures: dict[int, dict[str, float | None]]
    verdicts: dict[int, str]
    criteria: list[dict[str, Any]]
    recording: Path
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
            arm = _read(folder)
        except ScenarioError as error:
            problems += [replace(problem, file=f"{folder}: {problem.file}") for problem in error.problems]
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            found = f"no readable run or check ({error})"
            problems.append(Problem(str(folder), "", found, "a folder that `run` or `check` wrote"))
            continue
        if isinstance(arm, Problem):
            problems.append(arm)
            continue
        same = next((k for k, other in enumerate(arms) if _same(other.scenario, arm.scenario)), None)
        if same is None:
            arms.append(arm)
        else:
            together = arms[same]
            joined = arm.figures | together.figures, arm.verdicts | together.verdicts
            arms[same] = replace(together, figures=joined[0], verdicts=joined[1])
    if not problems and len(arms) < 2:  # noqa: PLR2004 - two to compare
        found = "one configuration only" if arms else "nothing"
        problems.append(Problem("command line", FOLDERS, found, "runs of at least two configurations"))
    if problems:
        raise ScenarioError(problems)
    return _with_unlike_names(arms)


def _read(folder: Path) -> RunArm | Problem:
    allowed = "a folder that `run` or `check` wrote"
    if not folder.is_dir():
        return Problem(str(folder), "", "no folder", allowed)
    missing = [name for name in (CONFIG, VENUE) if not (folder / name).is_file()]
    is_check = (folder / CHECK).is_file()
    if not is_check and not (folder / SUMMARY).is_file():
        missing.append(SUMMARY)
    if missing:
        return Problem(str(folder), "", f"a folder without {', '.join(missing)}", allowed)
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
        return Problem(str(folder), "", "a check without a finished run", allowed)
    return RunArm(
        folder.resolve().name,
        check["assuming"],
        scenario,
        {seed: figures(summary) for seed, summary in summaries.items()},
        {seed: summary["verdict"] for seed, summary in summaries.items()},
        next(iter(summaries.values()))["criteria"],
        folder / RUNS / str(first) if is_check else folder,
        first,
    )


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
