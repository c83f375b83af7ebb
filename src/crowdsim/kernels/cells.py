"""Sorting attendees by cell, so that neighbours lie next to each other in memory, and finding them."""

from __future__ import annotations

import numpy as np

from crowdsim.kernels.arrays import CELL_REACH, Cells, Crowd, Int32
from crowdsim.kernels.jit import inlined_kernel, kernel


@kernel
def sort_by_cell(crowd: Crowd, inside: Int32, cells: Cells, cell_of: Int32) -> None:
    """Sort the attendees inside by cell with a counting sort; fills `cells`.

    Stable: within a cell the order of `inside` is kept, so the result does not depend on threads.

    Parameters
    ----------
    inside : (m,) rows of `crowd` of those inside, ascending.
    cells : `order` and the copies hold at least m rows.
    cell_of : scratch of at least m entries.
    """
    start = cells.start
    start[:] = 0
    for k in range(inside.size):
        i = inside[k]
        column = int((crowd.x[i] - cells.origin_x) / cells.size)
        row = int((crowd.y[i] - cells.origin_y) / cells.size)
        column = min(max(column, CELL_REACH), cells.columns - CELL_REACH - 1)
        row = min(max(row, CELL_REACH), cells.rows - CELL_REACH - 1)
        cell_of[k] = row * cells.columns + column
        start[cell_of[k] + 1] += 1
    for c in range(start.size - 1):
        start[c + 1] += start[c]
    # Fill backwards from each cell's end, so that `start` needs no copy: afterwards it is shifted back.
    for k in range(inside.size - 1, -1, -1):
        c = cell_of[k]
        start[c + 1] -= 1
        to = start[c + 1]
        i = inside[k]
        cells.order[to] = i
        cells.x[to] = crowd.x[i]
        cells.y[to] = crowd.y[i]
        cells.radius[to] = crowd.radius[i]
        cells.left[to] = crowd.left[i]
        cells.heading_x[to] = crowd.heading_x[i]
        cells.heading_y[to] = crowd.heading_y[i]
        cells.velocity_x[to] = crowd.velocity_x[i]
        cells.velocity_y[to] = crowd.velocity_y[i]
    for c in range(start.size - 1):
        start[c] = start[c + 1]
    start[start.size - 1] = inside.size


@inlined_kernel
def find_neighbours(cells: Cells, k: int, reach: float) -> Int32:
    """Return who is within reach of attendee `cells.order[k]`, as indices into `cells`.

    In the order of `cells`: row by row, so that sums over them do not depend on threads.
    """
    x = cells.x[k]
    y = cells.y[k]
    column = int((x - cells.origin_x) / cells.size)
    row = int((y - cells.origin_y) / cells.size)
    column = min(max(column, CELL_REACH), cells.columns - CELL_REACH - 1)
    row = min(max(row, CELL_REACH), cells.rows - CELL_REACH - 1)
    near = 1 if reach <= cells.size else CELL_REACH
    most = 0
    for r in range(row - near, row + near + 1):
        base = r * cells.columns + column
        most += cells.start[base + near + 1] - cells.start[base - near]
    found = np.empty(most, np.int32)
    count = 0
    for r in range(row - near, row + near + 1):
        base = r * cells.columns + column
        for n in range(cells.start[base - near], cells.start[base + near + 1]):
            dx = cells.x[n] - x
            dy = cells.y[n] - y
            found[count] = n
            count += n != k and dx * dx + dy * dy <= reach * reach
    return found[:count]
