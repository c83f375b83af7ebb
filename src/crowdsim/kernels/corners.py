"""Reading navigation fields for a block of attendees: what `fields.look_up` does for one, in two passes.

The first gathers the nodes around each attendee, so that many wait for memory at once; the second weighs them, sixteen
attendees at a time and in single precision, which is far finer than the fields.
"""

from __future__ import annotations

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import CORNERS, MEAN_LEVEL, TO_GOAL, UNREACHABLE, Cells, Crowd, Fields, Float32
from crowdsim.kernels.fields import COMPASS, NO_WEIGHT
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.lanes import LANES, fused, larger, load, one_over_root, select, spread, store
from crowdsim.kernels.memory import AHEAD, fetch_record

LEVEL, NODE_X, NODE_Y = 0, CORNERS, 2 * CORNERS
"""First rows, of one for each corner, of the distances and the directions of the nodes around."""

OFF_X, OFF_Y = 3 * CORNERS, 3 * CORNERS + 1
"""Rows of the way from the lower left node, in steps of the grid."""

CARRIED, MEAN_X, MEAN_Y = MEAN_LEVEL + 1, MEAN_LEVEL + 2, MEAN_LEVEL + 3
"""Rows of what comes out, after `MEAN_LEVEL`: the mean distance that the nodes' own are carried by to the point, in
steps of the grid, and the unit direction, zero where the ways cancel."""

SINGLE_COMPASS = COMPASS.astype(np.float32)
NOWHERE = np.float32(UNREACHABLE)
ZERO, ONE = np.float32(0.0), np.float32(1.0)
LEAST_WEIGHT = np.float32(NO_WEIGHT)

TINY = np.float32(1e-30)
"""Added to what is divided by, so that it is not zero: far less than the weight of a node, squared."""


@kernel
def gather_nodes(crowd: Crowd, cells: Cells, fields: Fields, first: int, last: int) -> None:
    """Note the four nodes around each of the attendees cells.order[first:last] in the thread's `corners`."""
    corners = cells.corners[get_thread_id()]
    rows, columns = fields.slots.shape
    per_step = 1.0 / fields.step
    for k in range(first, last):
        n = k - first
        i = cells.order[k]
        fetch_record(crowd, cells.order[min(k + AHEAD, last - 1)])
        if crowd.activity[i] != TO_GOAL:
            for corner in range(CORNERS):
                corners[LEVEL + corner, n] = NOWHERE
            continue
        goal = crowd.goal[i]
        fx = (cells.x[k] - fields.origin_x) * per_step
        fy = (cells.y[k] - fields.origin_y) * per_step
        column = min(max(int(fx), 0), columns - 2)
        row = min(max(int(fy), 0), rows - 2)
        corners[OFF_X, n] = np.float32(fx - column)
        corners[OFF_Y, n] = np.float32(fy - row)
        for corner in range(CORNERS):
            slot = fields.slots[row + corner // 2, column] + corner % 2
            level = int(fields.nodes[goal, slot, 0]) + 256 * int(fields.nodes[goal, slot, 1])
            angle = fields.nodes[goal, slot, 2]
            corners[LEVEL + corner, n] = np.float32(level)
            corners[NODE_X + corner, n] = SINGLE_COMPASS[angle, 0]
            corners[NODE_Y + corner, n] = SINGLE_COMPASS[angle, 1]


@kernel
def weigh_nodes(corners: Float32, count: int) -> None:
    """Weigh the nodes around the first `count` of a block; fills the rows from `MEAN_LEVEL` on, -1 there for no way."""
    zero = spread(ZERO)
    one = spread(ONE)
    for at in range(0, count, LANES):
        total = zero
        levels = zero
        carried = zero
        toward_x = zero
        toward_y = zero
        for corner in range(CORNERS):
            off_x = load(corners, OFF_X, at) - spread(np.float32(corner % 2))
            off_y = load(corners, OFF_Y, at) - spread(np.float32(corner // 2))
            near_x = larger(one - larger(off_x, zero - off_x), zero)
            near_y = larger(one - larger(off_y, zero - off_y), zero)
            level = load(corners, LEVEL + corner, at)
            weight = select(level < spread(NOWHERE), fused(near_x, near_y, spread(LEAST_WEIGHT)), zero)
            node_x = load(corners, NODE_X + corner, at)
            node_y = load(corners, NODE_Y + corner, at)
            total = total + weight
            levels = fused(weight, level, levels)
            carried = fused(weight, fused(node_x, off_x, node_y * off_y), carried)
            toward_x = fused(weight, node_x, toward_x)
            toward_y = fused(weight, node_y, toward_y)
        share = one / (total + spread(TINY))
        length = one_over_root(fused(toward_x, toward_x, fused(toward_y, toward_y, spread(TINY))))
        store(corners, MEAN_LEVEL, at, select(total > zero, levels * share, zero - one))
        store(corners, CARRIED, at, carried * share)
        store(corners, MEAN_X, at, toward_x * length)
        store(corners, MEAN_Y, at, toward_y * length)
