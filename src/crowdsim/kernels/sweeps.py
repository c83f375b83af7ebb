"""Sums and minima over everyone near and in sight, in single precision and `LANES` neighbours at a time."""

from __future__ import annotations

import math

import numpy as np

from crowdsim.kernels.arrays import HEADING_X, HEADING_Y, RADIUS, WALKS, Float32, Int32, X, Y
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.lanes import (
    LANES,
    Lanes,
    any_of,
    first_lanes,
    fused,
    larger,
    least,
    load,
    one_over_root,
    rounded,
    select,
    smaller,
    spread,
    times_power_of_two,
    total,
)
from crowdsim.kernels.sight import are_hidden

SINGLE = np.float32
ZERO = SINGLE(0.0)
ONE = SINGLE(1.0)

TINY = SINGLE(1e-12)
"""Added to squared distances [m2], and to strengths, so that they can be divided by: it changes no number but 0."""

LOG2_E = SINGLE(math.log2(math.e))

LEAST_POWER = SINGLE(-30.0)
"""Powers of two are cut off here: a billionth is nothing beside the desired direction's 1."""

C0, C1, C2, C3, C4 = (SINGLE(c) for c in (0.999999236, 0.693121734, 0.240247667, 0.0559182479, 0.00956967497))
"""Coefficients for the least relative error of powers of two between -1/2 and 1/2, by linear programming."""


@inlined_kernel
def power_of_two(t: Lanes) -> Lanes:
    """Return 2 to the power of t, off by less than a part in 300,000 for t from `LEAST_POWER` to 126; above 0 for less.

    A polynomial for what is left of t beside the nearest whole number, which goes into the bits of the exponent.
    """
    t = larger(t, spread(LEAST_POWER))
    whole = rounded(t)
    rest = t - whole
    p = fused(rest, fused(rest, spread(C4), spread(C3)), spread(C2))
    return times_power_of_two(fused(rest, fused(rest, p, spread(C1)), spread(C0)), whole)


@kernel
def decay(u: Lanes) -> Lanes:
    """Return exp(-u), off by less than a part in 300,000 for u from -80 to 20; above 0, and nothing, for more."""
    return power_of_two(u * spread(-LOG2_E))


@inlined_kernel
def push_from(
    single: Float32, base: int, x: np.float32, y: np.float32, rate: np.float32, touching: np.float32
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """Return exp(-gap / D) for the next lanes of people; and the way from them, their distance and one over it.

    Parameters
    ----------
    rate, touching : log2(e) / D, and the attendee's radius times that.
    """
    dx = spread(x) - load(single, X, base)
    dy = spread(y) - load(single, Y, base)
    squared = fused(dx, dx, fused(dy, dy, spread(TINY)))
    one_over = one_over_root(squared)
    centres = squared * one_over
    both = fused(load(single, RADIUS, base), spread(rate), spread(touching))
    power = fused(centres, spread(-rate), both)
    return power_of_two(power), dx, dy, centres, one_over


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
    strength: np.float32,
    one_over_range: np.float32,
    negligible: np.float32,
) -> tuple[np.float32, np.float32]:
    """Return the sum of the repulsions from all in a block of cells, where nobody is hidden or to be passed: eq. 6.

    Whoever comes after the block in its last row is beyond reach, and so negligible; after the end of the row come
    the people of the next one, who are masked.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    x, y : from the cells' origin; this and all that follow in single precision.
    negligible : see `collision_free_speed`.
    """
    zero = spread(ZERO)
    away_x = zero
    away_y = zero
    rate = LOG2_E * one_over_range
    touching = rate * radius
    least = spread(negligible / (strength + TINY))
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        row_end = start[(row + 1) * columns]
        while base < end and base + LANES <= row_end:
            push, dx, dy, _, one_over = push_from(single, base, x, y, rate, touching)
            push = select(push >= least, push, zero) * one_over
            away_x = fused(push, dx, away_x)
            away_y = fused(push, dy, away_y)
            base += LANES
        if base < end:
            push, dx, dy, _, one_over = push_from(single, base, x, y, rate, touching)
            push = select((push >= least) & first_lanes(end - base), push, zero) * one_over
            away_x = fused(push, dx, away_x)
            away_y = fused(push, dy, away_y)
    return strength * total(away_x), strength * total(away_y)


@kernel
def sum_with_passing(
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
    strength: np.float32,
    one_over_range: np.float32,
    negligible: np.float32,
    toward_x: np.float32,
    toward_y: np.float32,
    oncoming: np.float32,
    head_on: np.float32,
    most_for_standing: np.float32,
    least_walking: np.float32,
    screens: Float32,
    screen_count: int,
) -> tuple[np.float32, np.float32]:
    """Return what `sum_repulsions` does, where some may be hidden, or have to be passed.

    How, see `collision_free_speed.turn_from`.

    Parameters
    ----------
    oncoming, head_on, most_for_standing : see `collision_free_speed`.
    least_walking : 1 if only walkers count, 0 for all.
    screens, screen_count : walls that may hide people, as `sight.list_screens` leaves them.
    """
    zero = spread(ZERO)
    away_x = zero
    away_y = zero
    aside = zero
    tx = spread(toward_x)
    ty = spread(toward_y)
    rate = LOG2_E * one_over_range
    touching = rate * radius
    least = spread(negligible / (strength + TINY))
    most = spread(most_for_standing / (strength + TINY))
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        while base < end:
            push, dx, dy, centres, one_over = push_from(single, base, x, y, rate, touching)
            walks = load(single, WALKS, base)
            counts = (push >= least) & first_lanes(end - base) & (walks >= spread(least_walking))
            if screen_count > 0:
                counts = counts & ~are_hidden(screens, screen_count, zero - dx, zero - dy)
            push = select(counts, push, zero)
            against = fused(load(single, HEADING_X, base), tx, load(single, HEADING_Y, base) * ty)
            passed = counts & (fused(dx, tx, dy * ty) < zero) & (against <= spread(oncoming) * walks)
            if any_of(passed):
                across = select((walks > zero) | (push < most), push, most)
                across = select(dy * tx - dx * ty > spread(head_on) * centres, across, zero - across)
                aside = aside + select(passed, across, zero)
                push = select(passed, zero, push)
            push = push * one_over
            away_x = fused(push, dx, away_x)
            away_y = fused(push, dy, away_y)
            base += LANES
    sideways = total(aside)
    away = total(away_x) - sideways * toward_y, total(away_y) + sideways * toward_x
    return strength * away[0], strength * away[1]


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
    screens: Float32,
    screen_count: int,
) -> np.float32:
    """Return the gap to the nearest of a block of cells who overlaps the way along a heading [m]; at most `reach`.

    Others may be looked at, too, and twice: the block must hold all who overlap the way within reach.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    x, y : from the cells' origin; this and all that follow in single precision.
    screens, screen_count : see `sum_with_passing`.
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
            if screen_count > 0:
                in_front = in_front & ~are_hidden(screens, screen_count, dx, dy)
            squared = fused(dx, dx, fused(dy, dy, spread(TINY)))
            gap = squared * one_over_root(squared) - bodies
            nearest = select(in_front, smaller(gap, nearest), nearest)
            base += LANES
    return least(nearest)
