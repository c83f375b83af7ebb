"""Time above a density in one place, and people's exposure to it in each zone and area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.maps import count_above
from crowdsim.kernels.spells import LONGEST, LONGEST_FROM, TOTAL, UNTIL, extend_spells
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.inside import Inside
from crowdsim.measure.maps import Peak
from crowdsim.measure.moments import Moment
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimeAbove:
    """For how long each cell was above a density; maps as in `CrowdMaps`.

    Attributes
    ----------
    total_s : (rows, columns) all time above it [s].
    longest_s : (rows, columns) the longest unbroken time [s].
    longest_from_s : (rows, columns) when that began [s]; 0 where it was never above.
    longest : the longest unbroken time of all, when it began and where; None if no cell was above.
    """

    total_s: Float64
    longest_s: Float64
    longest_from_s: Float64
    longest: Peak | None

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        return {
            "longest_s": self.longest.value if self.longest else 0.0,
            "at": self.longest.at(recording) if self.longest else None,
        }


class SpellMeter:
    """Measures for how long cells are above levels of density, one sampled time after another."""

    def __init__(self, grid: DensityGrid, levels: tuple[float, ...]) -> None:
        self._grid, self._levels = grid, np.array(sorted(levels))
        self._spells = np.zeros((len(levels), 5, grid.cover.size))
        self._spells[:, UNTIL] = -np.inf

    def take(self, moment: Moment) -> None:
        """Take in a sampled time."""
        time_s = moment.step.frame.time_s
        counts = self._grid.walkable.ravel()
        extend_spells(moment.density, moment.touched, counts, self._levels, time_s, moment.lasts_s, self._spells)

    def result(self) -> dict[float, TimeAbove]:
        """Return the times above each level [1/m2]."""
        return {level: self._time_above(k) for k, level in enumerate(self._levels.tolist())}

    def _time_above(self, k: int) -> TimeAbove:
        total, longest, since = (self._spells[k, row].reshape(self._grid.shape) for row in _MAPS)
        cell = int(longest.argmax())
        length, begins = float(longest.flat[cell]), float(since.flat[cell])
        worst = Peak(length, begins, *self._grid.centre_of(cell)) if length else None
        return TimeAbove(total, longest, since, worst)


_MAPS = (TOTAL, LONGEST, LONGEST_FROM)


class PlaceExposureMeter:
    """Counts person-seconds above levels of density in every zone and measurement area."""

    def __init__(self, recording: Recording, levels: tuple[float, ...]) -> None:
        places = {**recording.venue.zones, **recording.venue.areas}
        self._places = {name: Inside(place) for name, place in places.items()}
        self._levels = np.array(sorted(levels))
        self._above = np.empty(len(levels), np.int64)
        self._exposure = {name: np.zeros(len(levels)) for name in self._places}

    def take(self, moment: Moment) -> None:
        """Take in a sampled time."""
        dense = np.flatnonzero(moment.around > self._levels[0])
        if not dense.size:
            return
        x, y, around = moment.step.frame.x[dense], moment.step.frame.y[dense], moment.around[dense]
        for name, place in self._places.items():
            here = place.find(x, y)
            if here.size:
                count_above(around[here], self._levels, self._above)
                self._exposure[name] += moment.lasts_s * self._above

    def result(self) -> dict[str, dict[float, float]]:
        """Return person-seconds above each level [1/m2] in each zone and area, by name."""
        return {
            name: dict(zip(self._levels.tolist(), exposure.tolist(), strict=True))
            for name, exposure in self._exposure.items()
        }
