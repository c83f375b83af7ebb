"""Sums and minima over everyone near, in single precision and `LANES` neighbours at a time.

Walls between people are not looked at: see `Walls.hides`.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsim.kernels.arrays import HEADING_X, HEADING_Y, RADIUS, WALKS, Float32, Int32, X, Y
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.lanes import (
    LANES,
    Lanes,
    any_of,
    first_lanes,
    fused,
    least,
    load,
    one_over_root,
    select,
    smaller,
    spread,
    total,
)

SINGLE = np.float32
ZERO = SINGLE(0.0)
ONE = SINGLE(1.0)

TINY = SINGLE(1e-12)
"""Added to squared distances so that the distance of people in the same place can be divided by [m2]."""

MOST_EXPONENT = SINGLE(12.0)
"""Exponents are cut off here: exp(-12) is nothing beside the desired direction's 1."""

SCALE = SINGLE(1.0 / 32.0)
C1, C2, C3, C4, C5 = (SINGLE(1.0 / math.factorial(n)) for n in range(1, 6))


@kernel
def decay(u: Lanes) -> Lanes:
    """Return exp(-u), off by less than a part in 50,000 for u from -8 to `MOST_EXPONENT`.

    The fifth-order Taylor polynomial of exp(-u / 32), squared five times.
    """
    v = u * spread(-SCALE)
    p = fused(v, fused(v, spread(C5), spread(C4)), spread(C3))
    p = fused(v, fused(v, fused(v, p, spread(C2)), spread(C1)), spread(ONE))
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    result: Lanes = p * p
    return result


@kernel
def sum_repulsions(
    single: Float32,
    start: Int32,
    columns: int,
    first_column: int,
    last_column: int,
    first_row: int,
    last_row: int,
    x: np.float32,
    y: np.float32,
    radius: np.float32,
    toward_x: np.float32,
    toward_y: np.float32,
    strength: np.float32,
    one_over_range: np.float32,
    negligible: np.float32,
    oncoming: np.float32,
    head_on: np.float32,
    most_for_standing: np.float32,
    least_walking: np.float32,
) -> tuple[np.float32, np.float32]:
    """Return the sum of the repulsions from all in a block of cells; see `collision_free_speed.turn_from`.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    x, y : from the cells' origin; this and all that follow in single precision.
    negligible, oncoming, head_on, most_for_standing : see `collision_free_speed`.
    least_walking : 1 if only walkers count, 0 for all.
    """
    zero = spread(ZERO)
    away_x = zero
    away_y = zero
    aside = zero
    tx = spread(toward_x)
    ty = spread(toward_y)
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        while base < end:
            dx = spread(x) - load(single, X, base)
            dy = spread(y) - load(single, Y, base)
            squared = fused(dx, dx, fused(dy, dy, spread(TINY)))
            one_over = one_over_root(squared)
            centres = squared * one_over
            gap = centres - (spread(radius) + load(single, RADIUS, base))
            push = spread(strength) * decay(smaller(gap * spread(one_over_range), spread(MOST_EXPONENT)))
            walks = load(single, WALKS, base)
            counts = (push >= spread(negligible)) & first_lanes(end - base) & (walks >= spread(least_walking))
            push = select(counts, push, zero)
            against = fused(load(single, HEADING_X, base), tx, load(single, HEADING_Y, base) * ty)
            passed = counts & (fused(dx, tx, dy * ty) < zero) & (against <= spread(oncoming) * walks)
            if any_of(passed):
                across = select((walks > zero) | (push < spread(most_for_standing)), push, spread(most_for_standing))
                across = select(dy * tx - dx * ty > spread(head_on) * centres, across, zero - across)
                aside = aside + select(passed, across, zero)
                push = select(passed, zero, push)
            push = push * one_over
            away_x = fused(push, dx, away_x)
            away_y = fused(push, dy, away_y)
            base += LANES
    sideways = total(aside)
    return total(away_x) - sideways * toward_y, total(away_y) + sideways * toward_x


@kernel
def least_gap(
    single: Float32,
    start: Int32,
    columns: int,
    first_column: int,
    last_column: int,
    first_row: int,
    last_row: int,
    x: np.float32,
    y: np.float32,
    radius: np.float32,
    heading_x: np.float32,
    heading_y: np.float32,
    reach: np.float32,
) -> np.float32:
    """Return the gap to the nearest of a block of cells who overlaps the way along a heading [m]; at most `reach`.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    x, y : from the cells' origin; this and all that follow in single precision.
    """
    nearest = spread(reach)
    hx = spread(heading_x)
    hy = spread(heading_y)
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        while base < end:
            dx = load(single, X, base) - spread(x)
            dy = load(single, Y, base) - spread(y)
            bodies = spread(radius) + load(single, RADIUS, base)
            across = dx * hy - dy * hx
            in_front = (fused(dx, hx, dy * hy) > spread(ZERO)) & (across * across <= bodies * bodies)
            squared = fused(dx, dx, fused(dy, dy, spread(TINY)))
            gap = squared * one_over_root(squared) - bodies
            nearest = select(in_front & first_lanes(end - base), smaller(gap, nearest), nearest)
            base += LANES
    return least(nearest)
