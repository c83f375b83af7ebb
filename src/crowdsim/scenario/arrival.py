"""When attendees come, as `scenario.yaml` states it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.distributions import Duration
from crowdsim.scenario.value import MOST_PEOPLE, STRICT, Flag, Name, NonNegative, Positive, WholeNumber, refusal

MOST_VEHICLES = 10_000
"""As many vehicles can bring one group: a minute apart for a week (our choice)."""

INTERVAL_TOLERANCE = 1e-9
"""Of a time between vehicles: how far the last one may be beyond `until_s`, by rounding."""


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
        _check_rows(self.rows, self.file, self.until_s)
        if self.rows and not any(row.rate_per_min > 0 for row in self.rows):
            raise refusal("no rate_per_min above 0", "at least one")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CountRow:
    """From `from_s` on, until the next row, `count` attendees came."""

    from_s: NonNegative
    count: WholeNumber


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CountTable:
    """Numbers counted, as by a turnstile; with a `count` of the group they are scaled to it.

    `file` names a CSV next to the scenario with the columns `from_s,count`, in place of `rows`. Exactly as many come
    between each row and the next, the last row's until `until_s`: at times drawn evenly with `random`, else evenly
    spread.
    """

    kind: Literal["counts"]
    until_s: Positive
    rows: tuple[CountRow, ...] = ()
    file: Name | None = None
    random: Flag = True

    @model_validator(mode="after")
    def _one_source_in_order(self) -> Self:
        _check_rows(self.rows, self.file, self.until_s)
        total = sum(row.count for row in self.rows)
        if self.rows and not 0 < total <= MOST_PEOPLE:
            raise refusal(f"{total} people in all", f"above 0, at most {MOST_PEOPLE}")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Pulses:
    """Trains, buses or ferries, each with a part of the group's `count`.

    Attributes
    ----------
    at_s : when the first step out of each vehicle; or `every_s` from `first_s` (left out: 0) to `until_s`, which
        is the last one's time at the latest.
    over_s : how long people take to come out of a vehicle, evenly at random.
    shares : of each vehicle, in order; they are normalised. Left out, all bring as many.
    delay : by how much a vehicle is late, drawn for each; left out, none is.
    """

    kind: Literal["pulses"]
    over_s: Positive
    at_s: tuple[NonNegative, ...] = ()
    first_s: NonNegative | None = None
    every_s: Positive | None = None
    until_s: Positive | None = None
    shares: tuple[NonNegative, ...] = ()
    delay: Duration | None = None

    @model_validator(mode="after")
    def _timetable(self) -> Self:
        by_interval = {"first_s": self.first_s, "every_s": self.every_s, "until_s": self.until_s}
        given = [key for key, value in by_interval.items() if value is not None]
        allowed = "either at_s, or every_s and until_s (and first_s)"
        if self.at_s and given:
            raise refusal(f"at_s and {' and '.join(given)}", allowed)
        if not self.at_s and (self.every_s is None or self.until_s is None):
            raise refusal(f"only {' and '.join(given)}" if given else "no times", allowed)
        _check_rising("at_s", self.at_s, "times that rise from vehicle to vehicle")
        if self.every_s is not None and self.until_s is not None:
            first_s = self.first_s or 0.0
            if self.until_s < first_s:
                raise refusal(f"until_s {self.until_s:g}", f"at least first_s ({first_s:g} s)")
            if (self.until_s - first_s) / self.every_s >= MOST_VEHICLES:
                raise refusal(f"every_s {self.every_s:g} until {self.until_s:g} s", f"at most {MOST_VEHICLES} vehicles")
        vehicles = len(vehicle_times(self))
        if self.shares and not (len(self.shares) == vehicles and 0 < sum(self.shares) < math.inf):
            found = f"{len(self.shares)} shares that add up to {sum(self.shares):g}, for {vehicles} vehicles"
            raise refusal(found, "a share for each vehicle, some above 0")
        return self


Arrival = Annotated[
    AtStart | ConstantRate | Poisson | RateTable | CountTable | Pulses,
    Field(discriminator="kind"),
]


def vehicle_times(arrival: Pulses) -> tuple[float, ...]:
    """Return when the vehicles of a timetable come [s], ascending, without delays."""
    if arrival.every_s is None or arrival.until_s is None:
        return arrival.at_s
    first_s = arrival.first_s or 0.0
    more = int((arrival.until_s - first_s) / arrival.every_s + INTERVAL_TOLERANCE)
    return tuple(first_s + k * arrival.every_s for k in range(more + 1))


def _check_rows(rows: Sequence[RateRow | CountRow], file: str | None, until_s: float) -> None:
    """Refuse rows besides a file, neither of the two, and times that do not rise up to `until_s`."""
    if bool(rows) == bool(file):
        raise refusal("both rows and file" if file else "neither rows nor file", "one of the two")
    times = [row.from_s for row in rows]
    _check_rising("from_s", times, "times that rise from row to row")
    if times and until_s <= times[-1]:
        raise refusal(f"until_s {until_s:g}", f"above the last from_s ({times[-1]:g} s)")


def _check_rising(key: str, times: Sequence[float], allowed: str) -> None:
    for before, after in pairwise(times):
        if after <= before:
            raise refusal(f"{key} {after:g} after {before:g}", allowed)
