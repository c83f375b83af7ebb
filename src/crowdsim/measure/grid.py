"""The grid that densities are estimated on."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from crowdsim.kernels.maps import fall_off, share_out
from crowdsim.venue import Area

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SUB_CELLS = 4
"""Squares along each edge of a cell that its walkable part is made up of."""

EDGE_POINTS = 8
"""Points along each edge of such a square where a wall goes through it: with cells of 0.5 m, 1.6 cm apart."""

POINTS_AT_ONCE = 1_000_000
"""Sampling points held in memory at a time, about 50 MB."""

WALKABLE_SHARE = 0.25
"""Cells with a smaller walkable share are left off maps: they belong to the wall."""

LEAST_COVER = 0.05
"""Divisor at the least: below the 0.09 of a right-angled corner with cells of one standard deviation."""


class DensityGrid:
    """A grid over a walkable area on which densities are estimated.

    Each person is spread by a Gaussian of standard deviation `sd_m`. The sum is divided by what one person
    on every square metre of the walkable area would give, so that densities do not fall off towards walls
    (normalised convolution, Knutsson and Westin 1993). Limits: one person alone reads 1 / (2 pi sd^2), 0.64
    /m2 at 0.5 m, twice that at a wall and four times in a corner; and the Gaussian reaches across thin walls.

    Attributes
    ----------
    origin : lower left corner of cell (0, 0) [m].
    shape : rows and columns.
    walkable : (rows, columns) whether a cell counts.
    cover : (rows, columns) what one person evenly spread on every walkable m2 adds up to [1/m2].
    """

    def __init__(self, walkable: Area, cell_m: float, sd_m: float) -> None:
        min_x, min_y, max_x, max_y = walkable.bounds
        self.cell_m, self.sd_m = cell_m, sd_m
        self._fall = fall_off(cell_m, sd_m)
        self._reach = self._fall.size - 1
        self.origin = (min_x - self._reach * cell_m, min_y - self._reach * cell_m)
        # One more than fits in between: a person on the upper edge is in the cell beyond it.
        self.shape = tuple(math.floor(size / cell_m) + 1 + 2 * self._reach for size in (max_y - min_y, max_x - min_x))
        share, cover = self._share_and_cover(walkable)
        self.walkable = share >= WALKABLE_SHARE
        self.cover = np.maximum(cover, LEAST_COVER)

    @property
    def centres(self) -> tuple[Float64, Float64]:
        """Centres of the columns (x) and rows (y) [m]."""
        rows, columns = self.shape
        return (
            self.origin[0] + self.cell_m * (np.arange(columns) + 0.5),
            self.origin[1] + self.cell_m * (np.arange(rows) + 0.5),
        )

    def cells_of(self, x: Float64, y: Float64) -> Int64:
        """Return the flat indices of the cells that points of the walkable area lie in."""
        column = np.floor((x - self.origin[0]) / self.cell_m).astype(np.int64)
        row = np.floor((y - self.origin[1]) / self.cell_m).astype(np.int64)
        cells: Int64 = row * self.shape[1] + column
        return cells

    def centre_of(self, cell: int) -> tuple[float, float]:
        """Return the centre of a cell by its flat index [m]."""
        row, column = divmod(cell, self.shape[1])
        return self.origin[0] + self.cell_m * (column + 0.5), self.origin[1] + self.cell_m * (row + 0.5)

    def _share_and_cover(self, walkable: Area) -> tuple[Float64, Float64]:
        """Return each cell's walkable share, and what one person evenly spread on every walkable m2 reads."""
        rows, columns = self.shape
        x, across = self._axis(self.origin[0], columns)
        y, upward = self._axis(self.origin[1], rows)
        ground = _ground(walkable, x, y, self.cell_m / SUB_CELLS)
        share = ground.reshape(rows, SUB_CELLS, columns, SUB_CELLS).mean(axis=(1, 3), dtype=np.float64)
        spread_across = np.empty((y.size, columns))
        for part in _strips(y.size, x.size):
            spread_across[part] = (across @ ground[part].T).T
        return share, (upward @ spread_across) / SUB_CELLS**2

    def _axis(self, origin: float, cells: int) -> tuple[Float64, scipy.sparse.csr_array]:
        """Return the sampling points along an axis, and each one's shares of its cells, (cells, points)."""
        steps = np.arange(cells * SUB_CELLS, dtype=np.float64) + 0.5
        points: Float64 = np.asarray(origin + self.cell_m / SUB_CELLS * steps, np.float64)
        share = np.empty(2 * self._reach + 1)
        target, value = np.empty((2, points.size, share.size))
        offsets = np.arange(share.size)
        for k, point in enumerate(points.tolist()):
            target[k] = share_out(point, origin, self.cell_m, self.sd_m, self._fall, share) + offsets
            value[k] = share
        source = np.repeat(np.arange(points.size), share.size)
        row, entry = target.ravel().astype(int), value.ravel()
        kept = (row >= 0) & (row < cells)
        return points, scipy.sparse.csr_array((entry[kept], (row[kept], source[kept])), shape=(cells, points.size))


def _ground(walkable: Area, x: Float64, y: Float64, edge: float) -> NDArray[np.float32]:
    """Return the walkable share of the squares of that edge around the points of a grid, (y, x)."""
    shapely.prepare(walkable)
    ground = np.empty((y.size, x.size), np.float32)
    for part in _strips(y.size, x.size):
        ground[part] = shapely.contains_xy(walkable, *np.meshgrid(x, y[part]))
    rows, columns = np.nonzero(maximum_filter(ground, 3) != minimum_filter(ground, 3))
    offsets = edge * ((np.arange(EDGE_POINTS) + 0.5) / EDGE_POINTS - 0.5)
    for part in _strips(rows.size, EDGE_POINTS**2):
        points_x = x[columns[part], None, None] + offsets[:, None]
        points_y = y[rows[part], None, None] + offsets
        inside = shapely.contains_xy(walkable, points_x, points_y)
        ground[rows[part], columns[part]] = inside.mean(axis=(1, 2))
    return ground


def _strips(rows: int, columns: int) -> Iterator[slice]:
    """Yield slices of the rows of a table with about `POINTS_AT_ONCE` entries each."""
    step = max(POINTS_AT_ONCE // columns, 1)
    for first in range(0, rows, step):
        yield slice(first, first + step)
