"""How fast someone in a dense crowd may approach each of the others, and velocities turned and slowed to that.

Sixteen others at a time, in single precision.
"""

from __future__ import annotations

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import GOAL, LEFT, OPEN, RADIUS, Cells, Crowd, Float32, Walls, X, Y
from crowdsim.kernels.cells import column_of, row_of
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    bits_of,
    first_lanes,
    fused,
    larger,
    least,
    load,
    lowest,
    one_over_root,
    select,
    smaller,
    spread,
    store,
)
from crowdsim.kernels.sight import are_hidden, list_screens
from crowdsim.kernels.sweeps import TINY, ZERO
from crowdsim.kernels.walls import turn_along_walls

SQUEEZED = np.float32(0.75)
"""How close people pass each other then, as a share of their bodies' width: they turn their shoulders.
Depth over breadth of Fruin's body ellipse, 18 by 24 inches (Fruin 1971, Pedestrian Planning and Design)."""

UNIT_X, UNIT_Y, LIMIT, PRESSING = range(4)
"""Rows of `Cells.limits`: direction towards each of those listed; the highest speed towards each, and the one for who
is pressing [m/s]."""

ROUNDING = np.float32(1e-5)
"""Limits may be exceeded by this [m/s]: rounding of velocities in single precision, a micrometre in a step."""

ALL_LANES = -1
"""As bits; shifted, those of all lanes from one on."""

NO_LIMIT = np.float32(1e9)
"""A speed that nobody reaches [m/s]."""


@kernel
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


@kernel
def slide_off(
    limits: Float32, limit: int, count: int, velocity_x: float, velocity_y: float
) -> tuple[float, float, bool]:
    """Return a velocity turned off others, one after the other, and whether any was in the way.

    Parameters
    ----------
    limits : filled by `list_limits`.
    limit : which limits count, LIMIT or PRESSING.
    """
    turned = False
    x = np.float32(velocity_x)
    y = np.float32(velocity_y)
    for base in range(0, count, LANES):
        unit_x = load(limits, UNIT_X, base)
        unit_y = load(limits, UNIT_Y, base)
        most = load(limits, limit, base) + spread(ROUNDING)
        ahead = bits_of(fused(spread(x), unit_x, spread(y) * unit_y) > most)
        while ahead != 0:
            lane = lowest(ahead)
            n = base + lane
            excess = limits[UNIT_X, n] * x + limits[UNIT_Y, n] * y - limits[limit, n]
            x -= excess * limits[UNIT_X, n]
            y -= excess * limits[UNIT_Y, n]
            turned = True
            ahead = bits_of(fused(spread(x), unit_x, spread(y) * unit_y) > most) & (ALL_LANES << (lane + 1))
    return float(x), float(y), turned


@kernel
def slow_down(limits: Float32, limit: int, count: int, velocity_x: float, velocity_y: float) -> tuple[float, float]:
    """Return a velocity slowed to the limits towards others; see `slide_off`."""
    share = spread(np.float32(1.0))
    for base in range(0, count, LANES):
        approach = spread(np.float32(velocity_x)) * load(limits, UNIT_X, base)
        approach = fused(spread(np.float32(velocity_y)), load(limits, UNIT_Y, base), approach)
        most = load(limits, limit, base)
        share = select(approach > most, smaller(share, most / larger(approach, spread(TINY))), share)
    slower = float(least(share))
    return slower * velocity_x, slower * velocity_y


@kernel
def slide_along(
    walls: Walls,
    walled: float,
    x: float,
    y: float,
    step: float,
    slides: int,
    limits: Float32,
    limit: int,
    count: int,
    velocity_x: float,
    velocity_y: float,
) -> tuple[float, float]:
    """Return a velocity turned off walls and others, and slowed to the limits towards them; see `slide_off`.

    Turned off one after the other, it may come to rest, or lead off, although the way wanted is free: then that one is
    taken, slowed.
    """
    wanted_x = velocity_x
    wanted_y = velocity_y
    for _ in range(slides):
        if walled != OPEN:
            velocity_x, velocity_y = turn_along_walls(walls, x, y, velocity_x, velocity_y, step)
        velocity_x, velocity_y, turned = slide_off(limits, limit, count, velocity_x, velocity_y)
        if not turned and velocity_x * wanted_x + velocity_y * wanted_y > 0.0:
            return velocity_x, velocity_y
    straight_x = wanted_x
    straight_y = wanted_y
    if walled != OPEN:
        velocity_x, velocity_y = turn_along_walls(walls, x, y, velocity_x, velocity_y, step)
        straight_x, straight_y = turn_along_walls(walls, x, y, wanted_x, wanted_y, step)
    velocity_x, velocity_y = slow_down(limits, limit, count, velocity_x, velocity_y)
    straight_x, straight_y = slow_down(limits, limit, count, straight_x, straight_y)
    if straight_x * wanted_x + straight_y * wanted_y > velocity_x * wanted_x + velocity_y * wanted_y:
        return straight_x, straight_y
    return velocity_x, velocity_y
