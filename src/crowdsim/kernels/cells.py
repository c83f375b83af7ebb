"""Sorting attendees by cell, so that neighbours lie next to each other in memory, and finding them."""

from __future__ import annotations

import numpy as np
from numba import get_thread_id, prange

from crowdsim.kernels.arrays import (
    BLOCK,
    GOAL,
    GROUP,
    HEADING_X,
    HEADING_Y,
    LEFT,
    NO_GOAL,
    RADIUS,
    TO_GOAL,
    VELOCITY_X,
    VELOCITY_Y,
    WALKS,
    Cells,
    Crowd,
    Int32,
    X,
    Y,
)
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.lanes import LANES, least, load, smaller, spread

ZERO, ONE = np.float32(0.0), np.float32(1.0)

FAR_AWAY_M = np.float32(1e6)
"""Where those are who follow the last attendee in `Cells.single`: beyond reach of anyone, and walking."""


@inlined_kernel
def column_of(cells: Cells, x: float) -> int:
    """Return the column of cells that holds x, or the nearest one."""
    return min(max(int((x - cells.origin_x) * cells.per_width), 0), cells.columns - 1)


@inlined_kernel
def row_of(cells: Cells, y: float) -> int:
    """Return the row of cells that holds y, or the nearest one."""
    return min(max(int((y - cells.origin_y) * cells.per_height), 0), cells.rows - 1)


@kernel
def count_by_cell(
    crowd: Crowd, present: Int32, cells: Cells, cell_of: Int32, first: int, last: int, count: Int32
) -> None:
    """Note the cells of present[first:last], and add to `count` how many of them are in each."""
    count[:] = 0
    for k in range(first, last):
        i = present[k]
        cell = row_of(cells, crowd.y[i]) * cells.columns + column_of(cells, crowd.x[i])
        cell_of[k] = cell
        count[cell] += 1


@kernel
def place_by_cell(present: Int32, cell_of: Int32, first: int, last: int, place: Int32, order: Int32) -> None:
    """Put present[first:last] where `place` says that the next of their cells goes."""
    for k in range(first, last):
        to = place[cell_of[k]]
        place[cell_of[k]] = to + 1
        order[to] = present[k]


@inlined_kernel
def note_bounds(cells: Cells, group: int) -> None:
    """Note the bounds of the headings of a group of attendees, and whether all of them walk."""
    single = cells.single
    one = spread(ONE)
    least_x = one
    least_y = one
    least_minus_x = one
    least_minus_y = one
    all_walk = one
    for first in range(group * GROUP, (group + 1) * GROUP, LANES):
        heading_x = load(single, HEADING_X, first)
        heading_y = load(single, HEADING_Y, first)
        least_x = smaller(least_x, heading_x)
        least_y = smaller(least_y, heading_y)
        least_minus_x = smaller(least_minus_x, spread(ZERO) - heading_x)
        least_minus_y = smaller(least_minus_y, spread(ZERO) - heading_y)
        all_walk = smaller(all_walk, load(single, WALKS, first))
    bounds = cells.bounds[group]
    bounds[0] = least(least_x)
    bounds[1] = least(least_y)
    bounds[2] = least(least_minus_x)
    bounds[3] = least(least_minus_y)
    bounds[4] = least(all_walk)


@kernel
def copy_sorted(crowd: Crowd, cells: Cells, first: int, last: int) -> None:
    """Copy what others see of the attendees cells.order[first:last], and of people far away after the last one.

    The first of them begins a group; the last ends one, or is the last of all.
    """
    single = cells.single
    for k in range(first, last):
        i = cells.order[k]
        cells.x[k] = crowd.x[i]
        cells.y[k] = crowd.y[i]
        walks = np.float32(1.0 if crowd.activity[i] >= TO_GOAL else 0.0)
        single[X, k] = np.float32(crowd.x[i] - cells.origin_x)
        single[Y, k] = np.float32(crowd.y[i] - cells.origin_y)
        single[RADIUS, k] = np.float32(crowd.radius[i])
        single[HEADING_X, k] = walks * np.float32(crowd.heading_x[i])
        single[HEADING_Y, k] = walks * np.float32(crowd.heading_y[i])
        single[WALKS, k] = walks
        single[VELOCITY_X, k] = crowd.velocity_x[i]
        single[VELOCITY_Y, k] = crowd.velocity_y[i]
        single[LEFT, k] = crowd.left[i]
        single[GOAL, k] = np.float32(crowd.goal[i] if walks else NO_GOAL)
    if last == cells.order.size:
        for k in range(last, last + GROUP):
            single[:, k] = ZERO
            single[X, k] = FAR_AWAY_M
            single[Y, k] = FAR_AWAY_M
            single[WALKS, k] = ONE
    for group in range(first // GROUP, (last + GROUP - 1) // GROUP):
        note_bounds(cells, group)


@kernel
def add_up(count: Int32, start: Int32) -> None:
    """Turn the numbers in each cell into where each part's share of each cell begins; fills `start`."""
    at = 0
    for cell in range(count.shape[1]):
        start[cell] = at
        for part in range(count.shape[0]):
            here = count[part, cell]
            count[part, cell] = at
            at += here
    start[start.size - 1] = at


@kernel
def sort_alone(crowd: Crowd, present: Int32, cells: Cells, cell_of: Int32, count: Int32) -> None:
    """Do what `sort_by_cell` does on one thread, for small crowds: waking the others takes longer."""
    count_by_cell(crowd, present, cells, cell_of, 0, present.size, count[0])
    add_up(count[:1], cells.start)
    place_by_cell(present, cell_of, 0, present.size, count[0], cells.order)
    copy_sorted(crowd, cells, 0, present.size)


@parallel_kernel
def sort_by_cell(crowd: Crowd, present: Int32, cells: Cells, cell_of: Int32, count: Int32) -> None:
    """Sort the attendees present by cell with a counting sort; fills `cells`.

    Stable: within a cell the order of `present` is kept, so the result does not depend on the number of parts
    or threads.

    Parameters
    ----------
    present : (m,) rows of `crowd` of those present, ascending.
    cells : `order` and the copies hold at least m rows.
    cell_of : scratch of at least m entries.
    count : (parts, columns * rows) scratch; the parts are worked on in parallel.
    """
    parts = count.shape[0]
    m = present.size
    for part in prange(parts):
        count_by_cell(crowd, present, cells, cell_of, part * m // parts, (part + 1) * m // parts, count[part])
    add_up(count, cells.start)
    for part in prange(parts):
        place_by_cell(present, cell_of, part * m // parts, (part + 1) * m // parts, count[part], cells.order)
    groups = (m + GROUP - 1) // GROUP
    for part in prange(parts):
        copy_sorted(crowd, cells, part * groups // parts * GROUP, min((part + 1) * groups // parts * GROUP, m))


@kernel
def list_neighbours(cells: Cells, k: int, reach: float) -> int:
    """List who is within reach of attendee `cells.order[k]` in the thread's `near`; return how many they are."""
    x = cells.x[k]
    y = cells.y[k]
    found = cells.near[get_thread_id(), 0]
    first_column = column_of(cells, x - reach)
    last_column = column_of(cells, x + reach)
    count = 0
    for row in range(row_of(cells, y - reach), row_of(cells, y + reach) + 1):
        base = row * cells.columns
        for n in range(cells.start[base + first_column], cells.start[base + last_column + 1]):
            dx = cells.x[n] - x
            dy = cells.y[n] - y
            found[count] = n
            count += n != k and dx * dx + dy * dy <= reach * reach and count < found.size - 1
    return count


@kernel
def may_be_passed(cells: Cells, x: float, y: float, reach: float) -> bool:
    """Return whether anybody who walks is in the cells within reach of a point: none of those who stand is."""
    first_column = column_of(cells, x - reach)
    last_column = column_of(cells, x + reach)
    walks = cells.single[WALKS]
    for row in range(row_of(cells, y - reach), row_of(cells, y + reach) + 1):
        base = row * cells.columns
        for n in range(cells.start[base + first_column], cells.start[base + last_column + 1]):
            if walks[n] > 0.0:
                return True
    return False


@inlined_kernel
def find_neighbours(cells: Cells, k: int, reach: float) -> Int32:
    """Return who is within reach of attendee `cells.order[k]`, as indices into `cells`.

    In the order of `cells`: row by row, so that sums over them do not depend on threads. The list is valid until
    the thread's next call. If there are more than `near` holds, the last are left out.
    """
    count = list_neighbours(cells, k, reach)
    return cells.near[get_thread_id(), 0, :count]


@inlined_kernel
def blocks_of(cells: Cells) -> int:
    """Return how many blocks those present make."""
    return (cells.order.size + BLOCK - 1) // BLOCK
