"""What `crowdsim check` does between its options and the screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.assess import PASS
from crowdsim.cli.check_screen import CheckWatcher, print_checked
from crowdsim.config import load_scenario
from crowdsim.errors import Problem, RunFolderError, ScenarioError
from crowdsim.experiment.arms import sensitivity_arms
from crowdsim.experiment.check import Effort, check, open_folder
from crowdsim.experiment.sequential import Rule
from crowdsim.record.dated import dated_folder

COMMAND_LINE = "command line"

LEAST_REQUIRED, MOST_ERROR = 0.5, 0.5
"""Bounds of what can be asked for: below, the indifference zone would reach to 0, and beyond, a coin would do."""


def run_check(
    console: Console,
    source: str,
    overrides: Sequence[str],
    out: Path | None,
    effort: Effort,
    *,
    required: float,
    errors: str,
    sensitivity: bool,
    junit: Path | None,
    force: bool,
    as_json: bool,
) -> tuple[bool, bool]:
    """Check a scenario; return whether it passed, and whether a replication failed to run.

    Raises
    ------
    ScenarioError
        With everything wrong with the options, or with the scenario.
    RunFolderError
        If a folder or file cannot be written.
    """
    rule, problems = read_rule(required, errors)
    if problems:
        raise ScenarioError(problems)
    scenario = load_scenario(source, overrides)
    arms = sensitivity_arms(source, overrides, scenario) if sensitivity else []
    folder = out or dated_folder(Path("outputs") / scenario.name)
    open_folder(folder, force=force)
    with CheckWatcher(console, rule) as watcher:
        try:
            checked = check(scenario, folder, rule, effort, arms, watcher)
        except KeyboardInterrupt:
            _copy_junit(folder, junit)
            console.print(f"What was computed is in {folder}", highlight=False, markup=False, soft_wrap=True)
            raise
    _copy_junit(folder, junit)
    document = checked.document()
    if as_json:
        typer.echo(json.dumps(document | {"folder": str(folder)}, allow_nan=False))
    else:
        print_checked(console, document, folder)
    return document["verdict"] == PASS, checked.failed


def read_rule(required: float, errors: str) -> tuple[Rule, list[Problem]]:
    """Return the rule that options ask for, the standard one if they cannot be used, and what is wrong with them."""
    problems = []
    if not LEAST_REQUIRED < required < 1:
        allowed = f"above {LEAST_REQUIRED:g} and below 1 (no number of runs shows that all pass)"
        problems.append(Problem(COMMAND_LINE, "--required", f"{required:g}", allowed))
    parts = [_share(part) for part in errors.split(",")]
    rates = [part for part in parts if part is not None and 0 < part < MOST_ERROR]
    if len(rates) != len(parts) or len(rates) not in (1, 2):
        allowed = f"one rate, or two as in 0.01,0.05 (wrong pass, wrong fail), above 0 and below {MOST_ERROR:g}"
        problems.append(Problem(COMMAND_LINE, "--error-rates", repr(errors), allowed))
    return (Rule() if problems else Rule(required, rates[0], rates[-1])), problems


def _share(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _copy_junit(folder: Path, junit: Path | None) -> None:
    if junit is None:
        return
    try:
        junit.parent.mkdir(parents=True, exist_ok=True)
        junit.write_bytes((folder / "junit.xml").read_bytes())
    except OSError as error:
        msg = f"{junit}: cannot be written ({error.strerror})"
        raise RunFolderError(msg) from error
