"""Running selected cases with selected movement models."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from crowdsim.validate.case import Case, Outcome, Trial


@dataclass(frozen=True, slots=True)
class Entry:
    """A case that was run with a movement model.

    Attributes
    ----------
    seeds : the seeds run; none for a case that cannot be run.
    wall_s : how long that took [s].
    """

    case: Case
    movement: str
    seeds: tuple[int, ...]
    outcome: Outcome
    wall_s: float


Progress = Callable[[int, int, str, str], None]
"""Takes in how many cases are done, of how many, and the movement model and the id of the one that begins."""


def run_suite(
    cases: Sequence[Case],
    movements: Sequence[str],
    seeds: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Entry]:
    """Run every case with every movement model, one after the other.

    A case that raises an error fails with its message; the others go on. Seeds are 1 to `seeds`, or as many as
    the case usually takes, so that the same call gives the same result.
    """
    total = len(cases) * len(movements)
    for done, (movement, case) in enumerate(product(movements, cases)):
        if progress:
            progress(done, total, movement, case.id)
        yield _run(case, movement, case.seeds(seeds))
    if progress:
        progress(total, total, "", "")


def _run(case: Case, movement: str, seeds: tuple[int, ...]) -> Entry:
    began = time.perf_counter()
    if case.run is None:
        outcome = Outcome("documented", f"not run: {case.why_not}")
    else:
        try:
            outcome = case.run(Trial(movement, seeds))
        except Exception as error:  # whatever a model does: the page must tell of it, and of the other cases
            message = " ".join(f"{error}".split())
            outcome = Outcome("fail", f"could not be run: {type(error).__name__}: {message}")
    return Entry(case, movement, seeds, outcome, time.perf_counter() - began)
