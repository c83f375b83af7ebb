"""What a test case states and what running it gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

Verdict = Literal["pass", "fail", "documented"]
"""`documented`: measured without a bound to hold it against, or not run, with the reason."""

Origin = Literal["standard", "literature", "ours", "none"]
"""Who set a tolerance; `none` where there is none."""

CONFIDENCE = 0.95
"""Level of all confidence intervals; the usual one (our choice)."""

STOCHASTIC_SEEDS = 5
"""Runs of a case in which chance plays a part: the fewest that give a usable interval (our choice)."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a case is not run as its source states it.

    Attributes
    ----------
    what : the thing that differs.
    standard, ours : how it is in the source, and how here.
    """

    what: str
    standard: str
    ours: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity, one value per seed; NaN where a run did not give one."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def complete(self) -> bool:
        """Whether every run gave a value."""
        return bool(self.values) and all(math.isfinite(value) for value in self.values)

    @property
    def mean(self) -> float | None:
        """Mean over the seeds; None if a run gave no value."""
        return float(np.mean(self.values)) if self.complete else None

    @property
    def ci95(self) -> tuple[float, float] | None:
        """Confidence interval of the mean, by Student's t over the seeds; None for a single run."""
        n = len(self.values)
        if n < 2 or not self.complete:  # noqa: PLR2004 - a spread needs two values
            return None
        mean = float(np.mean(self.values))
        half = float(student.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(self.values, ddof=1) / math.sqrt(n))
        return mean - half, mean + half


@dataclass(frozen=True, slots=True)
class Trial:
    """What a case is run with.

    Attributes
    ----------
    movement : option of the config group `movement`.
    seeds : one run each.
    """

    movement: str
    seeds: tuple[int, ...]

    def each(self, measure: Callable[[str, int], Sequence[float] | float]) -> list[tuple[float, ...]]:
        """Return, for each quantity that `measure(movement, seed)` gives, its values over the seeds."""
        rows = [measure(self.movement, seed) for seed in self.seeds]
        return list(zip(*(row if isinstance(row, Sequence) else (row,) for row in rows), strict=True))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a case gave.

    Attributes
    ----------
    verdict : see `Verdict`.
    note : one line: what was measured, or why nothing was.
    measured : the quantities; the first is the leading one.
    figure : a PNG picture; empty if there is none.
    figure_text : what the picture shows, in words.
    """

    verdict: Verdict
    note: str
    measured: tuple[Quantity, ...] = ()
    figure: bytes = b""
    figure_text: str = ""


Run = Callable[[Trial], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case of a standard, or one of ours.

    Attributes
    ----------
    id : unique name, as the command takes it.
    suite, edition, clause : where it comes from.
    criterion : what the source demands, in our words.
    criterion_binary : whether the source itself decides between right and wrong.
    tolerance : the bound that the verdict rests on; empty if there is none.
    tolerance_origin : who set the tolerance.
    run : runs the case; None for a case that cannot be run yet.
    why_not : the reason, if it cannot be run.
    departures : where we do not do what the source states.
    stochastic : whether chance plays a part; others are run once.
    usual_seeds : runs unless another number is asked for.
    quick : part of the quick selection.
    """

    id: str
    suite: str
    edition: str
    clause: str
    title: str
    criterion: str
    criterion_binary: bool
    tolerance: str = ""
    tolerance_origin: Origin = "none"
    run: Run | None = None
    why_not: str = ""
    departures: tuple[Departure, ...] = ()
    stochastic: bool = True
    usual_seeds: int = STOCHASTIC_SEEDS
    quick: bool = False

    def seeds(self, wanted: int | None = None) -> tuple[int, ...]:
        """Return the seeds 1 to `wanted`; a single one where chance plays no part; none if it is not run."""
        if self.run is None:
            return ()
        return tuple(range(1, ((wanted or self.usual_seeds) if self.stochastic else 1) + 1))


@dataclass(frozen=True, slots=True)
class Suite:
    """A source of cases.

    Attributes
    ----------
    name : short name; in lower case the first part of its cases' ids.
    edition : edition or year.
    clause : what stands before a case's number, to say where it is in the source.
    """

    name: str
    edition: str
    clause: str

    def case(self, number: str | int, title: str, criterion: str, **settings: Any) -> Case:
        """Return a case of this source; unless said otherwise, its source decides nothing sharply."""
        given: dict[str, Any] = {"clause": f"{self.clause} {number}".strip(), "criterion_binary": False} | settings
        return Case(
            id=f"{self.name.lower()}-{number}",
            suite=self.name,
            edition=self.edition,
            title=title,
            criterion=criterion,
            **given,
        )
