"""From `KEY=VALUE` and options to a workload, every mistake said at once."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crowdsim.bench.cases import CASES, write_case
from crowdsim.bench.workload import FEWEST, MOST, MOST_SEED, MOST_STEPS, MOST_THREADS, Workload
from crowdsim.config import load_scenario
from crowdsim.config.paths import options
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.scenario.feature import Scenario

COMMAND_LINE = "command line"

WHOLE = {"n": (FEWEST, MOST), "steps": (1, MOST_STEPS), "threads": (1, MOST_THREADS), "seed": (0, MOST_SEED)}
"""The keys with whole numbers, and their bounds."""

KEYS = ("case", "movement", "dt_s", *WHOLE)


def read_workload(texts: Sequence[str]) -> tuple[Workload, list[Problem]]:
    """Return the workload that overrides describe, as far as they can be read, and everything wrong with them."""
    given: dict[str, str | int | float] = {}
    problems = []
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            problems.append(_problem(text, "no value", f"KEY=VALUE, with a key of: {', '.join(KEYS)}"))
        elif key not in KEYS:
            problems.append(_problem(text, f"unknown key {key!r}", suggest(key, KEYS)))
        elif key in given:
            problems.append(_problem(text, f"key {key!r} a second time", "each key once"))
        else:
            read, allowed = _read(key, value)
            if read is None:
                problems.append(_problem(text, repr(value), allowed))
            else:
                given[key] = read
    work = Workload(**given)  # type: ignore[arg-type]  # each key has been read as its type
    return work, problems + _refused_step(work)


def _problem(text: str, found: str, allowed: str) -> Problem:
    return Problem(COMMAND_LINE, repr(text), found, allowed)


def _read(key: str, value: str) -> tuple[str | int | float | None, str]:
    """Return a key's value, None if it cannot be that, and what it can be."""
    if key in ("case", "movement"):
        known = list(CASES) if key == "case" else options("movement")
        return value if value in known else None, suggest(value, known)
    if key in WHOLE:
        low, high = WHOLE[key]
        return _whole(value, low, high), f"a whole number from {low:,} to {high:,}"
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    return number if 0 < number < math.inf else None, "a number above 0 (seconds)"


def _whole(value: str, low: int, high: int) -> int | None:
    try:
        number = int(value)
    except ValueError:
        return None
    return number if low <= number <= high else None


def _refused_step(work: Workload) -> list[Problem]:
    """Return what the movement model says against the length of its steps, if one is given."""
    if work.dt_s is None:
        return []
    try:
        load_small(work)
    except ScenarioError as error:
        return [_problem(f"dt_s={work.dt_s:g}", problem.found, problem.allowed) for problem in error.problems]
    return []


def load_small(work: Workload) -> Scenario:
    """Return the smallest scenario with a workload's movement."""
    small = replace(work, case="open", n=FEWEST)
    with tempfile.TemporaryDirectory() as folder:
        write_case(small, Path(folder))
        return load_scenario(folder, small.overrides())
