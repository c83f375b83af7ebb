"""The walls of a venue as segments listed by cell, for the movement kernels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import WALL_REACH_M, Walls

CELL_M = 0.5
"""Cells of half the reach keep the lists short without there being too many cells."""


def list_walls(segments: NDArray[np.float64], clearance_m: float) -> Walls:
    """List for each cell the wall segments within reach of any of its points.

    Parameters
    ----------
    segments : (S, 4) x1, y1, x2, y2 [m].
    """
    low = np.minimum(segments[:, :2], segments[:, 2:])
    high = np.maximum(segments[:, :2], segments[:, 2:])
    origin = low.min(axis=0) - CELL_M
    columns, rows = (math.ceil(v) + 1 for v in (high.max(axis=0) - origin) / CELL_M)
    cells: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    for s, (x1, y1, x2, y2) in enumerate(segments):
        first = np.maximum(((low[s] - WALL_REACH_M - origin) / CELL_M).astype(int), 0)
        last = np.minimum(((high[s] + WALL_REACH_M - origin) / CELL_M).astype(int), (columns - 1, rows - 1))
        column, row = np.meshgrid(np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1))
        centre_x = origin[0] + (column + 0.5) * CELL_M
        centre_y = origin[1] + (row + 0.5) * CELL_M
        along = ((centre_x - x1) * (x2 - x1) + (centre_y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
        along = np.clip(along, 0, 1)
        gap = np.hypot(centre_x - (x1 + along * (x2 - x1)), centre_y - (y1 + along * (y2 - y1)))
        near = (row * columns + column)[gap <= WALL_REACH_M + CELL_M / math.sqrt(2)]
        cells.append(near)
        owners.append(np.full(near.size, s))
    cell = np.concatenate(cells)
    owner = np.concatenate(owners)
    order = np.lexsort((owner, cell))
    start = np.searchsorted(cell[order], np.arange(columns * rows + 1))
    ax, ay, bx, by = (np.ascontiguousarray(segments[:, c]) for c in range(4))
    return Walls(
        ax=ax,
        ay=ay,
        bx=bx,
        by=by,
        start=start.astype(np.int32),
        near=owner[order].astype(np.int32),
        origin_x=float(origin[0]),
        origin_y=float(origin[1]),
        size=CELL_M,
        columns=columns,
        rows=rows,
        clearance=clearance_m,
    )
