"""Sorting attendees by cell, so that neighbours lie next to each other in memory."""

from __future__ import annotations

from crowdsim.kernels.arrays import CELL_REACH, Cells, Crowd, Int32
from crowdsim.kernels.jit import kernel


@kernel
def sort_by_cell(crowd: Crowd, inside: Int32, cells: Cells, cell_of: Int32) -> None:
    """Sort the attendees inside by cell with a counting sort; fills `cells`.

    Stable: within a cell the order of `inside` is kept, so the result does not depend on threads.

    Parameters
    ----------
    inside : (m,) rows of `crowd` of those inside, ascending.
    cells : `order`, `x`, `y`, `radius`, `left` hold at least m rows.
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
    for c in range(start.size - 1):
        start[c] = start[c + 1]
    start[start.size - 1] = inside.size
