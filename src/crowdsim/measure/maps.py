"""Density, exposure and crowd pressure over a whole run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.maps import count_exposed, settle_cells
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import Moment
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

EXPOSURE_LEVELS_PER_M2 = (2.0, 3.0, 4.0, 5.0, 7.0)
"""Densities above which exposure is counted."""

MAPPED_LEVEL_PER_M2 = 4.0
"""The exposure map counts above this density: Still's limit for moving crowds."""

PRESSURE_FROM_PER_M2 = 2.0
"""Pressure is measured where at least this density is reached: with the standard smoothing, which averages
over 4 pi sd^2 = 3.1 m2, these are six people; the variance among fewer says little."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest value of a quantity, and where and when it was: x and y in the plane of the recording's venue."""

    value: float
    time_s: float
    x: float
    y: float

    def at(self, recording: Recording) -> dict[str, float | int]:
        """Return time and place as in `summary.json`: in the plan of a level."""
        level, x, y = recording.in_plan(self.x, self.y)
        return {"time_s": self.time_s, "level": level, "x": x, "y": y}


@dataclass(frozen=True, slots=True)
class CrowdMaps:
    """Crowd quantities over a whole run; maps are (rows, columns), row 0 lowest.

    An attendee's density is that of the cell it stands in, and lasts until the next sample.

    Attributes
    ----------
    x_m, y_m : centres of the columns and rows [m].
    cell_m : edge of a cell [m].
    walkable : whether a cell counts.
    peak_density_per_m2 : the highest density in each cell over time.
    mean_density_per_m2 : the mean over the sampled times at which anyone was inside.
    exposure_person_s : person-seconds spent in each cell above `MAPPED_LEVEL_PER_M2`.
    exposure_by_level : total person-seconds above each level of density.
    density, pressure : the largest values; None if nobody was inside, or nowhere was it dense enough.
    """

    x_m: Float64
    y_m: Float64
    cell_m: float
    walkable: NDArray[np.bool_]
    peak_density_per_m2: Float64
    mean_density_per_m2: Float64
    exposure_person_s: Float64
    exposure_by_level: dict[float, float]
    density: Peak | None
    pressure: Peak | None


class MapMeter:
    """Builds the maps of a run, one sampled time after another."""

    def __init__(self, grid: DensityGrid, levels: tuple[float, ...]) -> None:
        self._grid = grid
        self._peak, self._total, self._exposure = np.zeros((3, grid.cover.size))
        self._levels = np.array(sorted(levels))
        self._exposure_s = np.zeros(len(levels))
        self._above = np.empty(len(levels), np.int64)
        self._density: Peak | None = None
        self._pressure: Peak | None = None
        self._samples = 0

    def take(self, moment: Moment) -> None:
        """Take in a sampled time at which somebody is inside."""
        densest, density, tightest, pressure = settle_cells(
            moment.sums,
            moment.density,
            moment.touched,
            self._grid.walkable.ravel(),
            PRESSURE_FROM_PER_M2,
            self._peak,
            self._total,
        )
        self._samples += 1
        time_s = moment.step.frame.time_s
        self._density = self._higher(self._density, densest, density, time_s)
        self._pressure = self._higher(self._pressure, tightest, pressure, time_s)
        self._count_exposure(moment)

    def result(self) -> CrowdMaps:
        """Return the maps of everything taken in."""
        x, y = self._grid.centres
        return CrowdMaps(
            x_m=x,
            y_m=y,
            cell_m=self._grid.cell_m,
            walkable=self._grid.walkable,
            peak_density_per_m2=self._peak.reshape(self._grid.shape),
            mean_density_per_m2=(self._total / max(self._samples, 1)).reshape(self._grid.shape),
            exposure_person_s=self._exposure.reshape(self._grid.shape),
            exposure_by_level=dict(zip(self._levels.tolist(), self._exposure_s.tolist(), strict=True)),
            density=self._density,
            pressure=self._pressure,
        )

    def _count_exposure(self, moment: Moment) -> None:
        """Count what people are exposed to until the next sample or the run's end."""
        lasts_s, above = moment.lasts_s, self._above
        count_exposed(moment.around, moment.cell, lasts_s, self._levels, MAPPED_LEVEL_PER_M2, above, self._exposure)
        self._exposure_s += lasts_s * above

    def _higher(self, peak: Peak | None, cell: int, value: float, time_s: float) -> Peak | None:
        if cell < 0 or (peak and value <= peak.value):
            return peak
        return Peak(value, time_s, *self._grid.centre_of(cell))
