"""Density, exposure and crowd pressure over a whole run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.maps import settle_cells, spread_people
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.steps import Step
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

    def __init__(self, recording: Recording, extra_levels: tuple[float, ...] = ()) -> None:
        config = recording.scenario.config.measure
        self._grid = DensityGrid(recording.venue.walkable, config.cell_m, config.smoothing_m)
        self._interval_s = recording.sample_interval_s
        self._end_s = recording.simulated_s
        size = self._grid.cover.size
        self._sums = np.zeros((size, 5))  # people, those with a velocity, its components, its square
        self._touched = np.empty(size, np.int64)
        self._now, self._peak, self._total, self._exposure = np.zeros((4, size))
        self._levels = dict.fromkeys(sorted({*EXPOSURE_LEVELS_PER_M2, *extra_levels}), 0.0)
        self._density: Peak | None = None
        self._pressure: Peak | None = None
        self._samples = 0

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame, grid = step.frame, self._grid
        if not frame.id.size:
            return
        cells = grid.cells_of(frame.x, frame.y)
        order = np.argsort(cells)  # neighbours write to the same memory: a third faster for sparse crowds
        x, y, vx, vy = (v[order] for v in (frame.x, frame.y, step.velocity_x, step.velocity_y))
        known = np.isfinite(vx)
        vx, vy = np.where(known, vx, 0.0), np.where(known, vy, 0.0)
        weight = np.column_stack([np.ones_like(vx), known, vx, vy, vx**2 + vy**2])
        columns = grid.shape[1]
        n = spread_people(x, y, weight, grid.origin, grid.cell_m, grid.sd_m, columns, self._sums, self._touched)
        densest, density, tightest, pressure = settle_cells(
            self._sums,
            self._touched[:n],
            grid.cover.ravel(),
            grid.walkable.ravel(),
            PRESSURE_FROM_PER_M2,
            self._now,
            self._peak,
            self._total,
        )
        self._samples += 1
        self._density = self._higher(self._density, densest, density, frame.time_s)
        self._pressure = self._higher(self._pressure, tightest, pressure, frame.time_s)
        self._count_exposure(cells, frame.time_s)

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
            exposure_by_level=dict(self._levels),
            density=self._density,
            pressure=self._pressure,
        )

    def _count_exposure(self, cells: Int64, time_s: float) -> None:
        """Count what people in these cells are exposed to until the next sample or the run's end."""
        lasts_s = min(self._interval_s, max(self._end_s - time_s, 0.0))
        density = self._now[cells]
        for level in self._levels:
            self._levels[level] += lasts_s * int((density > level).sum())
        np.add.at(self._exposure, cells[density > MAPPED_LEVEL_PER_M2], lasts_s)

    def _higher(self, peak: Peak | None, cell: int, value: float, time_s: float) -> Peak | None:
        if cell < 0 or (peak and value <= peak.value):
            return peak
        return Peak(value, time_s, *self._grid.centre_of(cell))
