"""The density grid read at one of its cells: what a whole map costs too much for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.maps import CUT_OFF
from crowdsim.measure.grid import DensityGrid

Float64 = NDArray[np.float64]


class CellReader:
    """Reads sums over people at a cell of a grid, as `crowdsim.kernels.maps.spread_people` adds them up there.

    Attributes
    ----------
    x, y : the middle of the cell [m].
    cover : what sums are divided by for a density [1/m2].
    """

    def __init__(self, grid: DensityGrid, x: float, y: float) -> None:
        (cell,) = grid.cells_of(np.array([x]), np.array([y])).tolist()
        self.x, self.y = grid.centre_of(cell)
        self.cover = float(grid.cover.flat[cell])
        self._grid = grid
        self._row, self._column = divmod(cell, grid.shape[1])
        self._reach = math.ceil(CUT_OFF * grid.sd_m / grid.cell_m)

    def weights(self, x: Float64, y: Float64) -> tuple[NDArray[np.intp], Float64]:
        """Return which of those at (m,) places reach the cell, and what each adds to it for a weight of 1 [1/m2]."""
        far_m = (self._reach + 1) * self._grid.cell_m
        near = np.flatnonzero((np.abs(x - self.x) < far_m) & (np.abs(y - self.y) < far_m))
        across = self._shares(x[near], self._grid.origin[0], self._column)
        upward = self._shares(y[near], self._grid.origin[1], self._row)
        return near, across * upward / self._grid.cell_m**2

    def density(self, x: Float64, y: Float64) -> float:
        """Return the density of the cell with people at (m,) places [1/m2]."""
        return float(self.weights(x, y)[1].sum() / self.cover)

    def _shares(self, place: Float64, origin: float, target: int) -> Float64:
        """Return what of people at (m,) places falls to the cells of one column or row, as `share_out` says."""
        cell, sd = self._grid.cell_m, self._grid.sd_m
        first = np.floor((place - origin) / cell).astype(np.int64) - self._reach
        apart = origin + (first[:, None] + np.arange(2 * self._reach + 1) + 0.5) * cell - place[:, None]
        share = np.exp(-(apart**2) / (2.0 * sd * sd))
        share /= share.sum(axis=1, keepdims=True)
        k = target - first
        within = (k >= 0) & (k <= 2 * self._reach)
        return np.where(within, share[np.arange(place.size), np.clip(k, 0, 2 * self._reach)], 0.0)
