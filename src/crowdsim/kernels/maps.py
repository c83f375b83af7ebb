"""Crowd quantities of one moment on a grid: each person spread by a Gaussian."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import kernel

CUT_OFF = 3.0
"""The Gaussian ends at this many standard deviations; 1.1 % of its mass in the plane lies beyond."""


@kernel
def spread_people(
    x: Float64, y: Float64, weight: Float64, origin_x: float, origin_y: float, cell: float, sd: float, out: Float64
) -> None:
    """Add everyone's Gaussian to a grid: `weight / (2 pi sd^2) exp(-d^2 / (2 sd^2))` at each cell's centre.

    Parameters
    ----------
    x, y : (m,) positions [m].
    weight : (m, q) what each person carries (1 for density, velocities, ...).
    origin_x, origin_y : lower left corner of cell (0, 0) [m].
    cell, sd : edge of a cell and standard deviation [m].
    out : (q, rows, columns), added to; per m2.
    """
    rows, columns = out.shape[1], out.shape[2]
    reach = CUT_OFF * sd
    scale = 1.0 / (2.0 * math.pi * sd * sd)
    for k in range(x.size):
        first_column = max(int(math.floor((x[k] - reach - origin_x) / cell)), 0)
        last_column = min(int(math.floor((x[k] + reach - origin_x) / cell)), columns - 1)
        first_row = max(int(math.floor((y[k] - reach - origin_y) / cell)), 0)
        last_row = min(int(math.floor((y[k] + reach - origin_y) / cell)), rows - 1)
        for r in range(first_row, last_row + 1):
            dy = origin_y + (r + 0.5) * cell - y[k]
            for c in range(first_column, last_column + 1):
                dx = origin_x + (c + 0.5) * cell - x[k]
                squared = dx * dx + dy * dy
                if squared > reach * reach:
                    continue
                share = scale * math.exp(-squared / (2.0 * sd * sd))
                for q in range(out.shape[0]):
                    out[q, r, c] += share * weight[k, q]
