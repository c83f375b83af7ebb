"""What is to be least, and what has to hold: of a layout itself, or of what its runs come to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowdsim.assess import FAIL, PASS
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.experiment.optimise.space import DECIMALS
from crowdsim.experiment.sweep.table import DONE, criteria_of, figures_of

COMMAND_LINE, MINIMISE, SUBJECT_TO = "command line", "--minimise", "--subject-to"

TOTALS = {"total_width": "width_m", "total_servers": "servers"}
"""Sums over what is varied, known without a run: their names, and the last part of the keys that they add up."""

VERDICT = "verdict=pass"
LIMIT = re.compile(r"([^<=>]+)<=([^<=>]+)")

MOST_AIMS = 2
"""A front of more than two cannot be drawn."""

HOPELESS = 1.0
"""How far a run without a value is said to be beyond its limit, relative to it: it did not come to its end."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure and the most that it may be."""

    figure: str
    most: float

    @property
    def text(self) -> str:
        """As it is written on the command line."""
        return f"{self.figure}<={self.most:g}"


@dataclass(frozen=True, slots=True)
class Aims:
    """What is asked of a layout.

    Attributes
    ----------
    minimised : names of totals or figures: one, or two for a front.
    verdict : whether runs have to pass the scenario's criteria.
    limits : on figures of runs.
    bounds : on totals.
    """

    minimised: tuple[str, ...]
    verdict: bool
    limits: tuple[Limit, ...]
    bounds: tuple[Limit, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures of runs among what is minimised."""
        return tuple(name for name in self.minimised if name not in TOTALS)

    @property
    def told(self) -> str:
        """What a run has to come to, in words."""
        return " and ".join([*(["verdict pass"] if self.verdict else []), *(limit.text for limit in self.limits)])

    def in_bounds(self, values: Mapping[str, float]) -> bool:
        """Return whether a layout keeps within the bounds on totals."""
        return all(total(bound.figure, values) <= bound.most for bound in self.bounds)

    def holds(self, row: Mapping[str, Any]) -> bool | None:
        """Return whether a run came to what it has to; None if that could not be told."""
        if row["status"] != DONE:
            return None
        found: list[bool | None] = [None if row[f.figure] is None else row[f.figure] <= f.most for f in self.limits]
        if self.verdict:
            found.append({PASS: True, FAIL: False}.get(row["verdict"]))
        return False if False in found else None if None in found else True

    def beyond(self, row: Mapping[str, Any]) -> float:
        """Return how far a run that did not hold is beyond the worst of its limits, relative to it; above 0."""
        over = [_over(row.get(limit.figure), limit.most) for limit in self.limits]
        if self.verdict and row["status"] == DONE:
            over += [_over(one["value"], one["limit"]) for one in criteria_of(row) if one["passed"] is False]
        return max([one for one in over if one > 0], default=HOPELESS)

    def check_figures(self, row: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Make sure that a run has all figures that are named.

        Raises
        ------
        ScenarioError
            With those that it does not have.
        """
        known = figures_of(row, keys).keys()
        named = [(MINIMISE, name) for name in self.figures]
        named += [(SUBJECT_TO, limit.figure) for limit in self.limits]
        problems = [Problem(COMMAND_LINE, where, repr(name), suggest(name, known)) for where, name in named
                    if name not in known]  # fmt: skip
        if problems:
            raise ScenarioError(problems)


def _over(value: float | None, most: float | None) -> float:
    if value is None or not most:
        return HOPELESS
    return abs(value / most - 1)


def total(name: str, values: Mapping[str, float]) -> float:
    """Return a total over what is varied, rounded as values are, so that what costs the same compares equal."""
    return round(sum(value for key, value in values.items() if key.rpartition(".")[2] == TOTALS[name]), DECIMALS)


def read_aims(minimise: Sequence[str], subject_to: Sequence[str], keys: Sequence[str]) -> tuple[Aims, list[Problem]]:
    """Return what is asked for, and what is wrong with it.

    Parameters
    ----------
    keys : that are varied.
    """
    problems = []
    if not 1 <= len(minimise) <= MOST_AIMS or len(set(minimise)) < len(minimise):
        allowed = f"one of {', '.join(TOTALS)}, or a figure of a run; or two different ones, for a front"
        problems.append(Problem(COMMAND_LINE, MINIMISE, " and ".join(minimise) or "nothing", allowed))
    limits: list[Limit] = []
    bounds: list[Limit] = []
    verdict = not subject_to
    for text in subject_to:
        found = LIMIT.fullmatch(text)
        if text == VERDICT:
            verdict = True
        elif found and _is_number(found[2]):
            limit = Limit(found[1].strip(), float(found[2]))
            (bounds if limit.figure in TOTALS else limits).append(limit)
        else:
            problems.append(Problem(COMMAND_LINE, SUBJECT_TO, repr(text), f"{VERDICT} or FIGURE<=VALUE"))
    if not (verdict or limits or problems):
        allowed = f"{VERDICT} or a limit on a figure of a run besides: else nothing need be simulated"
        problems.append(Problem(COMMAND_LINE, SUBJECT_TO, " and ".join(subject_to), allowed))
    for name in dict.fromkeys([*minimise, *(bound.figure for bound in bounds)]):
        if name in TOTALS and keys and not any(key.rpartition(".")[2] == TOTALS[name] for key in keys):
            allowed = f"a key that is varied such as doors.*.{TOTALS[name]}, or another aim"
            problems.append(Problem(COMMAND_LINE, name, f"none of {', '.join(keys)}", allowed))
    return Aims(tuple(minimise), verdict, tuple(limits), tuple(bounds)), problems


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False
