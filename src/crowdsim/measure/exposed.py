"""Who is in a dense crowd when and where: what a mean exposure is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import Moment

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exposed:
    """People above a density, at the place where each stands.

    Attributes
    ----------
    time_s, people : (k,) sampled times at which anyone was inside [s], and how many were above it.
    each_s : (attendees,) how long each was above it in all [s].
    person_s : (rows, columns) person-seconds above it in each cell; a map as in `CrowdMaps`.
    """

    time_s: Float64
    people: NDArray[np.int64]
    each_s: Float64
    person_s: Float64


class ExposedMeter:
    """Counts who is above levels of density that criteria are about, one sampled time after another."""

    def __init__(self, grid: DensityGrid, attendees: int, levels: tuple[float, ...]) -> None:
        self._grid, self._levels = grid, levels
        self._time_s: list[float] = []
        self._people: dict[float, list[int]] = {level: [] for level in levels}
        self._each_s = np.zeros((len(levels), attendees))
        self._person_s = np.zeros((len(levels), grid.cover.size))

    def take(self, moment: Moment) -> None:
        """Take in a sampled time at which somebody is inside."""
        if not self._levels:
            return
        self._time_s.append(moment.step.frame.time_s)
        for k, level in enumerate(self._levels):
            above = moment.around > level
            self._people[level].append(int(above.sum()))
            self._each_s[k, moment.step.frame.id[above]] += moment.lasts_s
            np.add.at(self._person_s[k], moment.cell[above], moment.lasts_s)

    def result(self) -> dict[float, Exposed]:
        """Return what was counted above each level [1/m2]."""
        time_s = np.array(self._time_s)
        return {
            level: Exposed(
                time_s,
                np.array(self._people[level], np.int64),
                self._each_s[k],
                self._person_s[k].reshape(self._grid.shape),
            )
            for k, level in enumerate(self._levels)
        }
