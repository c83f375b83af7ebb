"""Velocities turned off others and walls, and slowed to what those allow: several that are tried, at once."""

from __future__ import annotations

import numpy as np

from crowdsim.kernels.arrays import OPEN, Float32, Walls
from crowdsim.kernels.jit import inlined_kernel
from crowdsim.kernels.lanes import (
    LANES,
    Lanes,
    Mask,
    any_of,
    bits_of,
    first_lanes,
    fused,
    larger,
    least,
    load,
    lowest,
    select,
    smaller,
    spread,
    store,
)
from crowdsim.kernels.limits import UNIT_X, UNIT_Y
from crowdsim.kernels.sweeps import TINY, ZERO
from crowdsim.kernels.walls import turn_along_walls

WANTED_X, WANTED_Y, FOUND_X, FOUND_Y = range(4)
"""Rows of `Cells.tries`: velocities that are wanted, and what others and walls leave of them [m/s]."""

ROUNDING = np.float32(1e-5)
"""Limits may be exceeded by this [m/s]: rounding of velocities in single precision, a micrometre in a step."""


@inlined_kernel
def slide_off(limits: Float32, limit: int, count: int, x: Lanes, y: Lanes) -> tuple[Lanes, Lanes, Mask]:
    """Return velocities turned off others, one of these after the other, and which of them any was in the way of.

    Parameters
    ----------
    limits : filled by `list_limits`.
    limit : which limits count, LIMIT or PRESSING.
    """
    turned = first_lanes(0)
    for n in range(count):
        unit_x = limits[UNIT_X, n]
        unit_y = limits[UNIT_Y, n]
        excess = fused(x, spread(unit_x), fused(y, spread(unit_y), spread(-limits[limit, n])))
        turned = turned | (excess > spread(ROUNDING))
        excess = larger(excess, spread(ZERO))
        x = fused(excess, spread(-unit_x), x)
        y = fused(excess, spread(-unit_y), y)
    return x, y, turned


@inlined_kernel
def turn_off_walls(
    walls: Walls, x: float, y: float, step: float, tries: Float32, tried: Mask, velocity_x: Lanes, velocity_y: Lanes
) -> tuple[Lanes, Lanes]:
    """Return velocities, those `tried` turned along the walls in the way; `tries` has room for them."""
    store(tries, FOUND_X, 0, velocity_x)
    store(tries, FOUND_Y, 0, velocity_y)
    lanes = bits_of(tried)
    while lanes != 0:
        n = lowest(lanes)
        lanes &= lanes - 1
        along_x, along_y = turn_along_walls(walls, x, y, float(tries[FOUND_X, n]), float(tries[FOUND_Y, n]), step)
        tries[FOUND_X, n] = np.float32(along_x)
        tries[FOUND_Y, n] = np.float32(along_y)
    return load(tries, FOUND_X, 0), load(tries, FOUND_Y, 0)


@inlined_kernel
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


@inlined_kernel
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
    tries: Float32,
    ways: int,
) -> None:
    """Turn velocities off walls and others, and slow them to the limits towards them; see `slide_off`.

    Turned off one after the other, one may come to rest, or lead off, although the way wanted is free: then that one is
    taken, slowed.

    Parameters
    ----------
    slides : sweeps over the others.
    tries : (4, LANES) the velocities wanted; gets those found.
    ways : how many velocities they are.
    """
    wanted_x = load(tries, WANTED_X, 0)
    wanted_y = load(tries, WANTED_Y, 0)
    found_x = wanted_x
    found_y = wanted_y
    unsettled = first_lanes(ways)
    for _ in range(slides):
        if walled != OPEN:
            found_x, found_y = turn_off_walls(walls, x, y, step, tries, unsettled, found_x, found_y)
        found_x, found_y, turned = slide_off(limits, limit, count, found_x, found_y)
        onward = fused(found_x, wanted_x, found_y * wanted_y) > spread(ZERO)
        unsettled = first_lanes(ways) & (turned | ~onward)
        if not any_of(unsettled):
            break
    store(tries, FOUND_X, 0, found_x)
    store(tries, FOUND_Y, 0, found_y)
    lanes = bits_of(unsettled)
    while lanes != 0:
        n = lowest(lanes)
        lanes &= lanes - 1
        straight_x = float(tries[WANTED_X, n])
        straight_y = float(tries[WANTED_Y, n])
        turned_x = float(tries[FOUND_X, n])
        turned_y = float(tries[FOUND_Y, n])
        if walled != OPEN:
            turned_x, turned_y = turn_along_walls(walls, x, y, turned_x, turned_y, step)
            straight_x, straight_y = turn_along_walls(walls, x, y, straight_x, straight_y, step)
        turned_x, turned_y = slow_down(limits, limit, count, turned_x, turned_y)
        straight_x, straight_y = slow_down(limits, limit, count, straight_x, straight_y)
        if (straight_x - turned_x) * tries[WANTED_X, n] + (straight_y - turned_y) * tries[WANTED_Y, n] > 0.0:
            turned_x = straight_x
            turned_y = straight_y
        tries[FOUND_X, n] = np.float32(turned_x)
        tries[FOUND_Y, n] = np.float32(turned_y)
