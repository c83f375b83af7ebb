"""Sums and minima over everyone near, in single precision and `LANES` neighbours at a time.

Loops are written so that the compiler can keep to vector instructions: over `LANES` at a time, without branches,
whoever is beyond the end counting as nobody, and an exponential made of multiplications. Walls between people are
not looked at: see `Walls.hides`.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsim.kernels.arrays import LANES, Float32, Int32
from crowdsim.kernels.jit import sweep_kernel

SINGLE = np.float32
ZERO = SINGLE(0.0)
ONE = SINGLE(1.0)
STRIDE = np.uint64(LANES)

TINY = SINGLE(1e-12)
"""Added to squared distances so that the distance of people in the same place can be divided by [m2]."""

FAR = np.int32(2_000_000_000)
"""More micrometres than there are to anyone: nobody is in front."""

MICRO = SINGLE(1e6)
"""Gaps are compared as whole micrometres: of integers the compiler finds the least at once, of fractions not."""

MOST_EXPONENT = SINGLE(12.0)
"""Exponents are cut off here: exp(-12) is nothing beside the desired direction's 1."""

SCALE = SINGLE(1.0 / 32.0)
C1, C2, C3, C4, C5 = (SINGLE(1.0 / math.factorial(n)) for n in range(1, 6))


@sweep_kernel
def decay(u: np.float32) -> np.float32:
    """Return exp(-u), off by less than a part in 50,000 for u from -8 to 8.

    The fifth-order Taylor polynomial of exp(-u / 32), squared five times.
    """
    v = u * SCALE
    p = ONE - v * (C1 - v * (C2 - v * (C3 - v * (C4 - v * C5))))
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    return p * p


@sweep_kernel
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
    away_x = ZERO
    away_y = ZERO
    for row in range(first_row, last_row + 1):
        base = np.uint64(start[row * columns + first_column])
        end = np.uint64(start[row * columns + last_column + 1])
        while base < end:
            for lane in range(STRIDE):
                n = base + lane
                dx = x - single[0, n]
                dy = y - single[1, n]
                one_over = ONE / math.sqrt(dx * dx + dy * dy + TINY)
                centres = (dx * dx + dy * dy) * one_over
                dx *= one_over
                dy *= one_over
                exponent = (centres - radius - single[2, n]) * one_over_range
                push = strength * decay(exponent if exponent < MOST_EXPONENT else MOST_EXPONENT)
                push = push if push >= negligible else ZERO
                push = push if n < end else ZERO
                push = push if single[5, n] >= least_walking else ZERO
                against = single[3, n] * toward_x + single[4, n] * toward_y
                ahead = dx * toward_x + dy * toward_y
                aside = dy * toward_x - dx * toward_y
                sideways = ONE if aside > head_on else -ONE
                sideways = sideways if against <= oncoming * single[5, n] else ZERO
                sideways = sideways if ahead < ZERO else ZERO
                straight = ONE if sideways == ZERO else ZERO
                stands = ONE - single[5, n] if sideways != ZERO else ZERO
                push = push if push < most_for_standing or stands == ZERO else most_for_standing
                away_x += push * (straight * dx - sideways * toward_y)
                away_y += push * (straight * dy + sideways * toward_x)
            base += STRIDE
    return away_x, away_y


@sweep_kernel
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
    least = np.int32(reach * MICRO)
    for row in range(first_row, last_row + 1):
        base = np.uint64(start[row * columns + first_column])
        end = np.uint64(start[row * columns + last_column + 1])
        while base < end:
            for lane in range(STRIDE):
                n = base + lane
                dx = single[0, n] - x
                dy = single[1, n] - y
                bodies = radius + single[2, n]
                across = dx * heading_y - dy * heading_x
                gap = np.int32((math.sqrt(dx * dx + dy * dy) - bodies) * MICRO)
                gap = gap if dx * heading_x + dy * heading_y > ZERO else FAR
                gap = gap if across * across <= bodies * bodies else FAR
                gap = gap if n < end else FAR
                least = gap if gap < least else least
            base += STRIDE
    return SINGLE(least) / MICRO
