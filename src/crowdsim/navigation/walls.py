"""The walls of a venue as segments listed by cell, for the movement kernels."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.kernels.arrays import WALL_REACH_M, Int32, UInt8, Walls
from crowdsim.navigation.grid import edges_of
from crowdsim.venue import Area

CELL_M = 0.5
"""Cells of half the reach keep the lists short without there being too many cells."""

BLOCK = 4
"""Whether walls can hide people is found for square blocks of this many cells by as many."""

CONVEX = 1 - 1e-6
"""Share of its convex hull's area above which an area counts as convex: rounding."""


LISTS_KEPT = 8
"""Lists of walls kept (our choice): those of the venues of a sweep's last arms."""

MOST_KEPT = 500_000
"""Lists of more cells than that are not kept, about 3 MB each (our choice)."""


def list_walls(walkable: Area, clearance_m: float, sight_m: float) -> Walls:
    """List for each cell the wall segments within reach of any of its points.

    Lists of small areas are kept, for further runs of the same venue: nobody may write to them.

    Parameters
    ----------
    sight_m : how far apart people matter to each other at most.
    """
    width, height = np.diff(np.reshape(walkable.bounds, (2, 2)), axis=0)[0].tolist()
    small = width * height <= MOST_KEPT * CELL_M**2
    return (_kept if small else _list_walls)(walkable, clearance_m, sight_m)


def _list_walls(walkable: Area, clearance_m: float, sight_m: float) -> Walls:
    segments = edges_of(walkable)
    start, near, origin, columns, rows = list_by_cell(segments, WALL_REACH_M, CELL_M)
    hides = find_hiding(walkable, np.diff(start).reshape(rows, columns) > 0, origin, sight_m)
    ax, ay, bx, by = (np.ascontiguousarray(segments[:, c]) for c in range(4))
    return Walls(
        ax=ax,
        ay=ay,
        bx=bx,
        by=by,
        start=start,
        near=near,
        hides=hides.ravel(),
        origin_x=float(origin[0]),
        origin_y=float(origin[1]),
        size=CELL_M,
        columns=columns,
        rows=rows,
        clearance=clearance_m,
    )


_kept = lru_cache(maxsize=LISTS_KEPT)(_list_walls)


def list_by_cell(
    segments: NDArray[np.float64], reach_m: float, cell_m: float
) -> tuple[Int32, Int32, NDArray[np.float64], int, int]:
    """List for each cell of a grid the segments within reach of any of its points.

    Parameters
    ----------
    segments : (S, 4) x1, y1, x2, y2 [m].

    Returns
    -------
    start, near : where each cell's list begins in `near`, row-major; and the segments.
    origin, columns, rows : the grid, a cell wider than the segments on each side.
    """
    if not segments.size:
        return np.zeros(2, np.int32), np.empty(0, np.int32), np.zeros(2), 1, 1
    low = np.minimum(segments[:, :2], segments[:, 2:])
    high = np.maximum(segments[:, :2], segments[:, 2:])
    origin = low.min(axis=0) - cell_m
    columns, rows = (math.ceil(v) + 1 for v in (high.max(axis=0) - origin) / cell_m)
    cells: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    for s, (x1, y1, x2, y2) in enumerate(segments):
        first = np.maximum(((low[s] - reach_m - origin) / cell_m).astype(int), 0)
        last = np.minimum(((high[s] + reach_m - origin) / cell_m).astype(int), (columns - 1, rows - 1))
        column, row = np.meshgrid(np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1))
        centre_x = origin[0] + (column + 0.5) * cell_m
        centre_y = origin[1] + (row + 0.5) * cell_m
        along = ((centre_x - x1) * (x2 - x1) + (centre_y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
        along = np.clip(along, 0, 1)
        gap = np.hypot(centre_x - (x1 + along * (x2 - x1)), centre_y - (y1 + along * (y2 - y1)))
        near = (row * columns + column)[gap <= reach_m + cell_m / math.sqrt(2)]
        cells.append(near)
        owners.append(np.full(near.size, s))
    cell = np.concatenate(cells)
    owner = np.concatenate(owners)
    order = np.lexsort((owner, cell))
    start = np.searchsorted(cell[order], np.arange(columns * rows + 1))
    return start.astype(np.int32), owner[order].astype(np.int32), origin, columns, rows


def find_hiding(walkable: Area, near: NDArray[np.bool_], origin: NDArray[np.float64], sight_m: float) -> UInt8:
    """Return for each cell whether a wall may stand between someone in it and someone else within sight.

    It cannot where the walkable area around is convex: along a straight wall, say.

    Parameters
    ----------
    near : (rows, columns) whether there are walls near a cell; elsewhere the answer is no.
    """
    rows, columns = near.shape
    padded = np.pad(near, ((0, -rows % BLOCK), (0, -columns % BLOCK)))
    blocks = padded.reshape(padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK).any(axis=(1, 3))
    row, column = np.nonzero(blocks)
    edge = BLOCK * CELL_M
    x, y = origin[0] + column * edge, origin[1] + row * edge
    around = shapely.intersection(
        walkable, shapely.box(x - sight_m, y - sight_m, x + edge + sight_m, y + edge + sight_m)
    )
    hides = np.zeros_like(blocks)
    hides[row, column] = shapely.area(around) < CONVEX * shapely.area(shapely.convex_hull(around))
    return (np.kron(hides, np.ones((BLOCK, BLOCK), bool))[:rows, :columns] & near).astype(np.uint8)
