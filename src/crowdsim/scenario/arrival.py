"""When attendees come, as `scenario.yaml` states it."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Flag, Name, NonNegative, Positive, refusal


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AtStart:
    """Everyone stands in the start zone at time zero."""

    kind: Literal["at_start"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ConstantRate:
    """One attendee every `60 / rate_per_min` seconds from `start_s` on, until `count` have come."""

    kind: Literal["constant"]
    rate_per_min: Positive
    start_s: NonNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Poisson:
    """A Poisson process with a constant rate from `start_s` on, until `count` have come."""

    kind: Literal["poisson"]
    rate_per_min: Positive
    start_s: NonNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RateRow:
    """From `from_s` on, until the next row, attendees come at `rate_per_min`."""

    from_s: NonNegative
    rate_per_min: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RateTable:
    """A piecewise constant rate; with `count` the table is scaled to bring that many.

    `file` names a CSV next to the scenario with the columns `from_s,rate_per_min`, in place of `rows`.
    With `random` the times are a Poisson process of that rate, else evenly spread within each row.
    """

    kind: Literal["table"]
    until_s: Positive
    rows: tuple[RateRow, ...] = ()
    file: Name | None = None
    random: Flag = True

    @model_validator(mode="after")
    def _one_source_in_order(self) -> Self:
        if bool(self.rows) == bool(self.file):
            raise refusal("both rows and file" if self.file else "neither rows nor file", "one of the two")
        times = [row.from_s for row in self.rows]
        for before, after in pairwise(times):
            if after <= before:
                raise refusal(f"from_s {after:g} after {before:g}", "times that rise from row to row")
        if self.rows and self.until_s <= times[-1]:
            raise refusal(f"until_s {self.until_s:g}", f"above the last from_s ({times[-1]:g} s)")
        if self.rows and not any(row.rate_per_min > 0 for row in self.rows):
            raise refusal("no rate_per_min above 0", "at least one")
        return self


Arrival = Annotated[AtStart | ConstantRate | Poisson | RateTable, Field(discriminator="kind")]
