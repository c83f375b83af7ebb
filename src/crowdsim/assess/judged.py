"""What a criterion came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crowdsim.measure import Measures
from crowdsim.record.layout import COMPLETE
from crowdsim.record.recording import Recording


@dataclass(frozen=True, slots=True)
class Judged:
    """What a criterion came to.

    Attributes
    ----------
    text : the criterion, said with its numbers.
    value, limit, unit : what was found and what is allowed; None where there is nothing to find.
    passed : None where it cannot be said; `reason` says why.
    reason : why, or where.
    at : when and where the value was found, as `time_s`, `level`, `x`, `y` or the `name` of a feature.
    applies : False if there is nothing in the venue that the criterion is about; then it does not count.
    """

    text: str
    value: float | None
    limit: float
    unit: str
    passed: bool | None
    reason: str = ""
    at: dict[str, Any] = field(default_factory=dict)
    applies: bool = True

    @property
    def margin(self) -> float | None:
        """How far the value is below the limit, as a share of it; negative above."""
        return None if self.value is None or not self.limit else (self.limit - self.value) / self.limit


@dataclass(frozen=True, slots=True)
class Run:
    """A run and what was measured of it.

    Attributes
    ----------
    overrides : how the scenario was changed to make it; None if that is not known.
    """

    measures: Measures
    recording: Recording
    overrides: Sequence[str] | None = None

    def unfinished(self) -> str:
        """Return why figures of the run may still grow; empty if everyone has left and it is complete."""
        if self.recording.status != COMPLETE:
            return f"the run is partial ({self.recording.status})"
        egress = self.measures.egress
        if egress.everyone_left:
            return ""
        return f"{egress.planned - egress.exit_s.size} of {egress.planned} had not left when the run ended"


def at_most(run: Run, text: str, value: float, limit: float, unit: str, where: str = "", **at: Any) -> Judged:
    """Judge a value that people still inside can only add to: it is final only if the run is.

    Parameters
    ----------
    where : said if the value is final.
    at : when and where it was found.
    """
    if value > limit:
        return Judged(text, value, limit, unit, False, where, at)
    unfinished = run.unfinished()
    return Judged(text, value, limit, unit, None if unfinished else True, unfinished or where, at)


def not_named(text: str, limit: float, unit: str, key: str, what: str) -> Judged:
    """Judge a criterion that waits for somebody to say what it is about."""
    return Judged(text, None, limit, unit, None, f"no {what} is named: set its `{key}`")


def nothing_there(text: str, limit: float, unit: str, what: str) -> Judged:
    """Judge a criterion about something that the venue does not have."""
    return Judged(text, None, limit, unit, None, f"does not apply: {what}", applies=False)
