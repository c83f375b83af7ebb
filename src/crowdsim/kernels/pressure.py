"""Crowd pressure: density times the variance of velocity vectors over a window of time, in each cell of a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import kernel

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

DENSITY, KNOWN, SUM_X, SUM_Y, SUM_SQUARED, TIME, MEAN_X, MEAN_Y, MEAN_SQUARED = range(9)
"""Columns of a block, integrals over its time: of the density; of the weight of people whose velocity is known, of
their velocities, of the squares; and while somebody's is known: of 1, of the local mean velocity, of its square."""

PRESSURE, FLUCTUATION = 0, 1
"""Rows of the worst values."""


@kernel
def add_velocities(sums: Float64, density: Float64, touched: Int64, lasts: float, block: Float64) -> None:
    """Add what a moment holds, times how long it lasts [s], to a block (cells, 9).

    Other arrays are as in `crowdsim.kernels.windows.add_moment`.
    """
    for k in range(touched.size):
        cell = touched[k]
        block[cell, DENSITY] += density[cell] * lasts
        known = sums[cell, 1]
        if known > 0.0:
            for q in range(4):
                block[cell, KNOWN + q] += sums[cell, 1 + q] * lasts
            mean_x = sums[cell, 2] / known
            mean_y = sums[cell, 3] / known
            block[cell, TIME] += lasts
            block[cell, MEAN_X] += mean_x * lasts
            block[cell, MEAN_Y] += mean_y * lasts
            block[cell, MEAN_SQUARED] += (mean_x * mean_x + mean_y * mean_y) * lasts


@kernel
def variance_of(weight: float, sum_x: float, sum_y: float, sum_squared: float) -> float:
    """Return the variance of vectors, both components together, from weighted sums of them and of their squares."""
    return max(sum_squared / weight - (sum_x / weight) ** 2 - (sum_y / weight) ** 2, 0.0)


@kernel
def judge_pressure(
    blocks: Float64, window: float, begins: float, counts: Bool, least: float, worst: Float32, when: Float32
) -> None:
    """Take a window's pressures into the worst of a run.

    Parameters
    ----------
    blocks : (blocks, cells, 9) the window's.
    window, begins : its length and when it begins [s].
    counts : (cells,) whether a cell belongs to the maps.
    least : mean density from which on there is a pressure [1/m2].
    worst : (2, cells) highest pressures so far, NaN if none [1/s2]; written.
    when : (2, cells) when their windows begin [s]; written.
    """
    for cell in range(counts.size):
        density = 0.0
        for b in range(blocks.shape[0]):
            density += blocks[b, cell, DENSITY]
        density /= window
        if density < least or not counts[cell]:
            continue
        for row in range(2):
            first = KNOWN if row == PRESSURE else TIME
            weight = 0.0
            sum_x = 0.0
            sum_y = 0.0
            squared = 0.0
            for b in range(blocks.shape[0]):
                weight += blocks[b, cell, first]
                sum_x += blocks[b, cell, first + 1]
                sum_y += blocks[b, cell, first + 2]
                squared += blocks[b, cell, first + 3]
            if weight > 0.0:
                value = density * variance_of(weight, sum_x, sum_y, squared)
                if not value <= worst[row, cell]:
                    worst[row, cell] = value
                    when[row, cell] = begins
