"""When interventions are due: by the clock, or when the crowd gives reason to."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from crowdsim.scenario.condition import COUNT, DENSITY, Condition, read_condition
from crowdsim.scenario.intervention import Intervention
from crowdsim.venue import Venue

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel

ON_TIME_S = 1e-9
"""Something is due at the step that ends at its time, whatever the rounding of times."""


@dataclass(slots=True)
class _Watch:
    """A condition, and since when it has held without a break [s]; None while it does not."""

    number: int
    condition: Condition
    since_s: float | None = None
    done: bool = False


class Schedule:
    """The interventions that are still to come."""

    def __init__(self, interventions: Sequence[Intervention]) -> None:
        self._interventions = interventions
        self._coming: list[tuple[float, int]] = []
        self._watches: list[_Watch] = []
        for number, one in enumerate(interventions):
            condition = read_condition(one.when) if one.when else None
            if condition:
                self._watches.append(_Watch(number, condition))
            elif one.at_s is not None:
                heapq.heappush(self._coming, (one.at_s, number))

    def look(self, model: CrowdModel) -> None:
        """Look at all conditions; what has a reason now is due after its delay."""
        for watch in self._watches:
            one = self._interventions[watch.number]
            if not watch.condition.holds(value_of(watch.condition, model)):
                watch.since_s, watch.done = None, watch.done and not one.repeat
                continue
            if watch.since_s is None:
                watch.since_s = model.time_s
            if not watch.done and model.time_s >= watch.since_s + one.for_s - ON_TIME_S:
                watch.done = True
                heapq.heappush(self._coming, (model.time_s + one.after_s, watch.number))

    def is_due(self, time_s: float) -> bool:
        """Return whether anything is to be done by now."""
        return bool(self._coming) and self._coming[0][0] <= time_s + ON_TIME_S

    def take(self, time_s: float) -> list[int]:
        """Return the numbers of the interventions that are due by now, in the order in which they are."""
        due = []
        while self.is_due(time_s):
            due.append(heapq.heappop(self._coming)[1])
        return due


def value_of(condition: Condition, model: CrowdModel) -> float:
    """Return the value now of the quantity that a condition is about."""
    if condition.quantity in (DENSITY, COUNT):
        area = place_of(model.venue, condition.place)
        records, inside = model.state.records, model.state.inside
        people = int(shapely.contains_xy(area, records["x"][inside], records["y"][inside]).sum())
        if condition.quantity == COUNT:
            return people
        size: float = shapely.intersection(area, model.venue.walkable).area
        return people / size if size else 0.0
    return model.services.waiting_at(condition.place) if model.services else 0


def place_of(venue: Venue, name: str) -> shapely.Polygon | shapely.MultiPolygon:
    """Return a zone or measurement area by name."""
    return venue.zones[name] if name in venue.zones else venue.areas[name]
