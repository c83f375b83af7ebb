"""Each sampled time of a run on a grid: what all maps are built from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.maps import empty_cells, read_densities, spread_people
from crowdsim.kernels.moments import COLUMNS, weigh_people
from crowdsim.measure.grid import grid_of
from crowdsim.measure.steps import Step
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Moment(NamedTuple):
    """One sampled time on a grid. The arrays are used again for the next one.

    Attributes
    ----------
    step : the sampled time.
    lasts_s : until the next sample, or the run's end [s].
    cell : (m,) flat index of the cell that each of those inside is in.
    sums : (cells, columns) Gaussian sums of people, of those whose velocity is known, of its components [m/s], its
        square [m2/s2] and its magnitude [m/s]; per m2, not divided by the grid's cover.
    density : (cells,) [1/m2].
    around : (m,) that of the cell that each of those inside is in.
    touched : (k,) cells that are not zero.
    """

    step: Step
    lasts_s: float
    cell: Int64
    sums: Float64
    density: Float64
    around: Float64
    touched: Int64


class GridMoments:
    """Spreads everyone over a grid, one sampled time after another.

    Parameters
    ----------
    cell_m, sd_m : edge of the grid's cells and standard deviation of the Gaussians [m].
    columns : `COLUMNS` or `WITHOUT_SPEED`.
    """

    def __init__(self, recording: Recording, cell_m: float, sd_m: float, columns: int = COLUMNS) -> None:
        self.grid = grid_of(recording.venue.walkable, cell_m, sd_m)
        self._interval_s = recording.sample_interval_s
        self._end_s = recording.simulated_s
        size = self.grid.cover.size
        self._sums = np.zeros((size, columns))
        self._density = np.zeros(size)
        self._cover = self.grid.cover.ravel()
        self._touched = np.empty(size, np.int64)
        self._used = 0

    def at(self, step: Step) -> Moment:
        """Return a sampled time on the grid; the arrays of the one before are used again."""
        frame, grid = step.frame, self.grid
        empty_cells(self._sums, self._touched[: self._used], self._density)
        cell, x, y, weight = weigh_people(
            frame.x,
            frame.y,
            step.velocity_x,
            step.velocity_y,
            grid.origin,
            grid.cell_m,
            grid.shape,
            self._sums.shape[1],
        )
        self._used = spread_people(
            x, y, weight, grid.origin, grid.cell_m, grid.sd_m, grid.shape[1], self._sums, self._touched
        )
        touched = self._touched[: self._used]
        read_densities(self._sums, touched, self._cover, self._density)
        lasts_s = min(self._interval_s, max(self._end_s - frame.time_s, 0.0))
        return Moment(step, lasts_s, cell, self._sums, self._density, self._density[cell], touched)
