"""How many people there are in zones and measurement areas that criteria are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.measure.inside import Inside
from crowdsim.measure.steps import Step
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import ClearingTimeCriterion, OccupancyCriterion
from crowdsim.venue import Area

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many people there are in a zone or measurement area.

    Attributes
    ----------
    time_s, people : (k,) sampled times [s], and how many are there.
    ground_m2 : its walkable ground.
    """

    time_s: Float64
    people: NDArray[np.int64]
    ground_m2: float


class OccupancyMeter:
    """Counts people in the areas that criteria name, one sampled time after another; all zones if one names none."""

    def __init__(self, recording: Recording) -> None:
        venue = recording.venue
        places = venue.zones | venue.areas
        self._areas: dict[str, Area] = {
            name: places[name] for name in _named(recording, venue.zones) if name in places
        }  # fmt: skip
        self._ground_m2 = {
            name: float(shapely.intersection(area, venue.walkable).area) for name, area in self._areas.items()
        }
        self._time_s: list[float] = []
        self._people: dict[str, list[int]] = {name: [] for name in self._areas}
        self._inside = {name: Inside(area) for name, area in self._areas.items()}

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame = step.frame
        if not self._areas or (self._time_s and frame.time_s <= self._time_s[-1]):
            return
        self._time_s.append(frame.time_s)
        for name, area in self._inside.items():
            self._people[name].append(area.find(frame.x, frame.y).size)

    def result(self) -> dict[str, Occupancy]:
        """Return how many there were in each area, by name."""
        time_s = np.array(self._time_s)
        return {
            name: Occupancy(time_s, np.array(people, np.int64), self._ground_m2[name])
            for name, people in self._people.items()
        }


def _named(recording: Recording, zones: Iterable[str]) -> dict[str, None]:
    """Return the names of the areas that criteria are about, each once."""
    names: dict[str, None] = {}
    for criterion in recording.scenario.config.criteria.values():
        if isinstance(criterion, OccupancyCriterion):
            names |= dict.fromkeys(criterion.region or zones)
        elif isinstance(criterion, ClearingTimeCriterion) and criterion.region:
            names[criterion.region] = None
    return names
