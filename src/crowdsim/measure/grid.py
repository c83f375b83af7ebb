"""The grid that densities are estimated on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

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

POINTS_AT_ONCE = 1_000_000
"""Sampling points held in memory at a time, about 50 MB."""

WALKABLE_SHARE = 0.25
"""Cells with a smaller walkable share are left off maps: they belong to the wall."""

GRIDS_KEPT = 8
"""Grids kept (our choice): two for each of the venues of a sweep's last arms."""

MOST_KEPT = 500_000
"""Grids of more cells than that are not kept, about 5 MB each (our choice)."""

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
        x, across, across_slope = self._axis(self.origin[0], columns)
        y, upward, upward_slope = self._axis(self.origin[1], rows)
        ground, off_x, off_y = _ground(walkable, x, y, self.cell_m / SUB_CELLS)
        share = ground.reshape(rows, SUB_CELLS, columns, SUB_CELLS).mean(axis=(1, 3), dtype=np.float64)
        spread_across = np.empty((y.size, columns))
        for part in _strips(y.size, x.size):
            spread_across[part] = (across @ ground[part].T).T
        # Where a wall goes through a square, its ground is not around its middle: that is right to the first order.
        off = upward @ (off_x @ across_slope.T) + upward_slope @ (off_y @ across.T)
        return share, (upward @ spread_across + off.toarray()) / SUB_CELLS**2

    def _axis(self, origin: float, cells: int) -> tuple[Float64, scipy.sparse.csr_array, scipy.sparse.csr_array]:
        """Return the sampling points along an axis, each one's shares of its cells, and how these change along it.

        Shares and slopes [1/m] are (cells, points).
        """
        steps = np.arange(cells * SUB_CELLS, dtype=np.float64) + 0.5
        points: Float64 = np.asarray(origin + self.cell_m / SUB_CELLS * steps, np.float64)
        share = np.empty(2 * self._reach + 1)
        first, value = np.empty(points.size, np.int64), np.zeros((points.size, share.size))
        off = self.cell_m / SUB_CELLS / math.sqrt(12)  # two points of Gauss and Legendre stand for a square's width
        for k, point in enumerate(points.tolist()):
            for place in (point - off, point + off):
                first[k] = share_out(place, origin, self.cell_m, self.sd_m, self._fall, share)
                value[k] += share / 2
        target = first[:, None] + np.arange(share.size)
        ahead = origin + (target + 0.5) * self.cell_m - points[:, None]
        slope = value * (ahead - (value * ahead).sum(axis=1, keepdims=True)) / self.sd_m**2
        source = np.repeat(np.arange(points.size), share.size)
        row = target.ravel()
        kept = (row >= 0) & (row < cells)
        at, shape = (row[kept], source[kept]), (cells, points.size)
        shares, slopes = (scipy.sparse.csr_array((entry.ravel()[kept], at), shape=shape) for entry in (value, slope))
        return points, shares, slopes


def grid_of(walkable: Area, cell_m: float, sd_m: float) -> DensityGrid:
    """Return the grid over a walkable area; those of small areas are kept, for further runs of the same venue."""
    width, height = np.diff(np.reshape(walkable.bounds, (2, 2)), axis=0)[0].tolist()
    if width * height > MOST_KEPT * cell_m**2:
        return DensityGrid(walkable, cell_m, sd_m)
    return _kept(shapely.to_wkb(walkable), cell_m, sd_m)


@lru_cache(maxsize=GRIDS_KEPT)
def _kept(walkable: bytes, cell_m: float, sd_m: float) -> DensityGrid:
    grid = DensityGrid(shapely.from_wkb(walkable), cell_m, sd_m)
    grid.walkable.flags.writeable = grid.cover.flags.writeable = False
    return grid


def _ground(
    walkable: Area, x: Float64, y: Float64, edge: float
) -> tuple[NDArray[np.float32], scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """Return how much of squares is walkable, and how far that is off their middles; narrower slits may be missed.

    Parameters
    ----------
    x, y, edge : middles of the squares and how wide and high they are [m].

    Returns
    -------
    All three are (y, x): the walkable share; the same times how far its centre is to the right, and above [m].
    """
    shapely.prepare(walkable)
    ground = np.empty((y.size, x.size), np.float32)
    for part in _strips(y.size, x.size):
        ground[part] = shapely.contains_xy(walkable, *np.meshgrid(x, y[part]))
    rows, columns = np.nonzero(maximum_filter(ground, 3) != minimum_filter(ground, 3))
    size, off_x, off_y = np.zeros((3, rows.size))
    min_x, _, max_x, _ = walkable.bounds
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    for first, last in pairwise([*firsts.tolist(), rows.size]):
        at_x, at_y = x[columns[first:last]], y[rows[first]]
        low, high = at_y - edge / 2, at_y + edge / 2
        strip = shapely.intersection(walkable, shapely.box(min_x, low, max_x, high))
        parts = shapely.intersection(strip, shapely.box(at_x - edge / 2, low, at_x + edge / 2, high))
        size[first:last] = shapely.area(parts) / edge**2
        some = np.flatnonzero(size[first:last])  # nothing has no centre
        centre, here = shapely.centroid(parts[some]), first + some
        off_x[here] = size[here] * (shapely.get_x(centre) - at_x[some])
        off_y[here] = size[here] * (shapely.get_y(centre) - at_y)
    ground[rows, columns] = size
    right, above = (scipy.sparse.csr_array((value, (rows, columns)), shape=ground.shape) for value in (off_x, off_y))
    return ground, right, above


def _strips(rows: int, columns: int) -> Iterator[slice]:
    """Yield slices of the rows of a table with about `POINTS_AT_ONCE` entries each."""
    step = max(POINTS_AT_ONCE // columns, 1)
    for first in range(0, rows, step):
        yield slice(first, first + step)
