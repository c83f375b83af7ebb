"""Crowd quantities of one moment on a grid: each person spread by a Gaussian."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import allocating_kernel, kernel

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

CUT_OFF = 3.0
"""The Gaussian ends in the cells this many standard deviations off; 0.3 % of it lies beyond on an axis."""


@kernel
def share_out(place: float, origin: float, cell: float, sd: float, share: Float64) -> int:
    """Share one person out over the cells of one axis and return the first cell's index.

    The shares follow `exp(-d^2 / (2 sd^2))`, d from the person to a cell's centre, and add up to 1: nobody
    is lost or counted twice, however coarse the cells.

    Parameters
    ----------
    place, origin : of the person, and of the lower edge of cell 0 [m].
    cell, sd : edge of a cell and standard deviation [m].
    share : (2 k + 1,) filled in; the person is in the middle one of these cells.
    """
    middle = math.floor((place - origin) / cell)
    first = middle - share.size // 2
    total = 0.0
    for k in range(share.size):
        distance = origin + (first + k + 0.5) * cell - place
        share[k] = math.exp(-distance * distance / (2.0 * sd * sd))
        total += share[k]
    for k in range(share.size):
        share[k] /= total
    return first


@allocating_kernel
def spread_people(
    x: Float64,
    y: Float64,
    weight: Float64,
    origin: tuple[float, float],
    cell: float,
    sd: float,
    columns: int,
    out: Float64,
    touched: Int64,
) -> int:
    """Add everyone's Gaussian to a grid and return how many cells it touched that were empty before.

    What falls beside the grid is left out.

    Parameters
    ----------
    x, y : (m,) positions [m].
    weight : (m, q) what each person carries (1 for density, velocities, ...); the first must be positive.
    origin : lower left corner of cell (0, 0) [m].
    cell, sd : edge of a cell and standard deviation [m].
    columns : of the grid.
    out : (rows * columns, q), added to; per m2.
    touched : (rows * columns,) filled in from the front: the cells that were empty.
    """
    rows = out.shape[0] // columns
    width = 2 * math.ceil(CUT_OFF * sd / cell) + 1
    share_x = np.empty(width)
    share_y = np.empty(width)
    count = 0
    for k in range(x.size):
        left = share_out(x[k], origin[0], cell, sd, share_x)
        bottom = share_out(y[k], origin[1], cell, sd, share_y)
        for r in range(max(bottom, 0), min(bottom + width, rows)):
            for c in range(max(left, 0), min(left + width, columns)):
                at = r * columns + c
                if out[at, 0] == 0.0:
                    touched[count] = at
                    count += 1
                share = share_y[r - bottom] * share_x[c - left] / (cell * cell)
                for q in range(out.shape[1]):
                    out[at, q] += share * weight[k, q]
    return count


@kernel
def crowd_pressure(density: float, known: float, sum_x: float, sum_y: float, sum_squared: float) -> float:
    """Return the crowd pressure, density times the variance of the velocity vectors [1/s2].

    After Helbing, Johansson and Al-Abideen (2007), Phys. Rev. E 75, 046109; here the variance is that among
    the people around at one time, weighted as for the density. Vectors, so that two streams walking against
    each other at the same speed have a pressure. `known` is the summed weight of those whose velocity is
    known, the sums are of their velocity components and squared speeds.
    """
    variance = sum_squared / known - (sum_x / known) ** 2 - (sum_y / known) ** 2
    return density * max(variance, 0.0)


@kernel
def read_densities(sums: Float64, touched: Int64, cover: Float64, now: Float64) -> None:
    """Fill in the densities of one moment.

    Parameters
    ----------
    sums : (cells, q) of `spread_people`, whose first weight is 1.
    touched : (k,) the cells to look at.
    cover : (cells,) divisor that makes densities of sums.
    now : (cells,) written where touched [1/m2].
    """
    for k in range(touched.size):
        now[touched[k]] = sums[touched[k], 0] / cover[touched[k]]


@kernel
def empty_cells(sums: Float64, touched: Int64, now: Float64) -> None:
    """Set what one moment left in `sums` (cells, q) and `now` (cells,) to zero; `touched` (k,) says where."""
    for k in range(touched.size):
        now[touched[k]] = 0.0
        for q in range(sums.shape[1]):
            sums[touched[k], q] = 0.0


@kernel
def settle_cells(
    sums: Float64,
    now: Float64,
    touched: Int64,
    counts: Bool,
    pressure_from: float,
    peak: Float64,
    total: Float64,
) -> tuple[int, float, int, float]:
    """Take one moment into the maps of a run.

    Parameters
    ----------
    sums : (cells, 5 or more) of `spread_people` with these weights: 1; 1 if the velocity is known, else 0; its
        components and its square, 0 if it is not known.
    now : (cells,) densities of this moment [1/m2].
    touched : (k,) the cells to look at.
    counts : (cells,) whether a cell belongs to the maps.
    pressure_from : density from which on there is a pressure [1/m2].
    peak, total : (cells,) highest densities, summed ones; written.

    Returns
    -------
    The cell with the highest density and that density, the cell with the highest pressure and that
    pressure; a cell is -1 if there is none.
    """
    densest, highest_density = -1, -1.0
    tightest, highest_pressure = -1, -1.0
    for k in range(touched.size):
        cell = touched[k]
        density = now[cell]
        if not counts[cell]:
            continue
        peak[cell] = max(peak[cell], density)
        total[cell] += density
        if density > highest_density:
            densest, highest_density = cell, density
        if density >= pressure_from and sums[cell, 1] > 0.0:
            pressure = crowd_pressure(density, sums[cell, 1], sums[cell, 2], sums[cell, 3], sums[cell, 4])
            if pressure > highest_pressure:
                tightest, highest_pressure = cell, pressure
    return densest, highest_density, tightest, highest_pressure
