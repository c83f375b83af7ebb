"""How fast someone in a dense crowd may approach each of the others: sixteen of them at a time, in single precision."""

from __future__ import annotations

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import GOAL, LEFT, RADIUS, Cells, Crowd, Walls, X, Y
from crowdsim.kernels.cells import column_of, row_of
from crowdsim.kernels.jit import inlined_kernel
from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    bits_of,
    first_lanes,
    fused,
    larger,
    load,
    lowest,
    one_over_root,
    select,
    spread,
    store,
)
from crowdsim.kernels.sight import are_hidden, list_screens
from crowdsim.kernels.sweeps import TINY, ZERO

SQUEEZED = np.float32(0.75)
"""How close people pass each other then, as a share of their bodies' width: they turn their shoulders.
Depth over breadth of Fruin's body ellipse, 18 by 24 inches (Fruin 1971, Pedestrian Planning and Design)."""

UNIT_X, UNIT_Y, LIMIT, PRESSING = range(4)
"""Rows of `Cells.limits`: direction towards each of those listed; the highest speed towards each, and the one for who
is pressing [m/s]."""

NO_LIMIT = np.float32(1e9)
"""A speed that nobody reaches [m/s]."""


@inlined_kernel
def list_limits(crowd: Crowd, cells: Cells, walls: Walls, k: int, reach: float, time_gap: float, walled: float) -> int:
    """List how fast attendee `cells.order[k]` may approach each of those in sight, in the thread's `limits`.

    The gap divided by the time gap. The gap is between bodies as they are for those who are ahead on the way to
    the same goal, and between turned shoulders for the others: whoever is ahead goes first, so that no two wait
    for each other. Who is pressing turns shoulders to everyone. Those in the very same place are left out.

    Returns
    -------
    count : of those listed; their places in `cells` are in the thread's `near`. Up to the next full sixteen, `limits`
        has entries without a limit.
    """
    single = cells.single
    thread = get_thread_id()
    found = cells.near[thread, 0]
    limits = cells.limits[thread]
    most = found.size - LANES
    zero = spread(ZERO)
    x = spread(single[X, k])
    y = spread(single[Y, k])
    far = spread(np.float32(reach))
    radius = spread(single[RADIUS, k])
    left = spread(single[LEFT, k])
    goal = spread(np.float32(crowd.goal[cells.order[k]]))
    per_time = spread(np.float32(1.0 / time_gap))
    first_column = column_of(cells, cells.x[k] - reach)
    last_column = column_of(cells, cells.x[k] + reach)
    screens = list_screens(cells, walls, k, walled)
    count = 0
    for row in range(row_of(cells, cells.y[k] - reach), row_of(cells, cells.y[k] + reach) + 1):
        base = cells.start[row * cells.columns + first_column]
        end = cells.start[row * cells.columns + last_column + 1]
        while base < end:
            dx = load(single, X, base) - x
            dy = load(single, Y, base) - y
            squared = fused(dx, dx, dy * dy)
            near = first_lanes(end - base) & (squared > zero) & (squared <= far * far)
            near = near & ~are_hidden(cells.screens[thread], screens, dx, dy)
            if any_of(near):
                one_over = one_over_root(squared + spread(TINY))
                centres = squared * one_over
                bodies = radius + load(single, RADIUS, base)
                pressing = larger(centres - spread(SQUEEZED) * bodies, zero) * per_time
                others = load(single, LEFT, base)
                ahead = (others < left) | ((others == left) & first_lanes(k - base))
                keeps_off = ahead & (load(single, GOAL, base) == goal)
                store(limits, UNIT_X, most, dx * one_over)
                store(limits, UNIT_Y, most, dy * one_over)
                store(limits, LIMIT, most, select(keeps_off, larger(centres - bodies, zero) * per_time, pressing))
                store(limits, PRESSING, most, pressing)
                lanes = bits_of(near)
                while lanes != 0:
                    lane = lowest(lanes)
                    if count < most:
                        found[count] = base + lane
                        for r in range(PRESSING + 1):
                            limits[r, count] = limits[r, most + lane]
                        count += 1
                    lanes &= lanes - 1
            base += LANES
    store(limits, UNIT_X, count, zero)
    store(limits, UNIT_Y, count, zero)
    store(limits, LIMIT, count, spread(NO_LIMIT))
    store(limits, PRESSING, count, spread(NO_LIMIT))
    return count
