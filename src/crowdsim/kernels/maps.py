"""Crowd quantities of one moment on a grid: each person spread by a Gaussian."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import allocating_kernel, kernel

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

CUT_OFF = 5.0
"""The Gaussian reaches at least this many standard deviations along each axis: of an even crowd 6e-7 lies beyond on an
axis, and 1.5e-5 of its second moment, which the pressure of a turning crowd is made of."""


@allocating_kernel
def fall_off(cell: float, sd: float) -> Float64:
    """Return the Gaussian `exp(-d^2 / (2 sd^2))` at the centres of 0, 1, 2, ... cells, as far as it reaches."""
    step = cell / sd
    fall: Float64 = np.exp(-0.5 * (step * np.arange(math.ceil(CUT_OFF / step) + 1)) ** 2)
    return fall


@kernel
def share_out(place: float, origin: float, cell: float, sd: float, fall: Float64, share: Float64) -> int:
    """Share one person out over the cells of one axis and return the first cell's index.

    The shares follow `exp(-d^2 / (2 sd^2))`, d from the person's exact place to a cell's centre, and add up to 1:
    nobody is lost or counted twice, however coarse the cells. Over the edge of a cell they are the values of the
    normal density at the centres: by Poisson's summation formula they differ by 2 exp(-2 pi^2 (sd / cell)^2) of it,
    5e-9 for cells of one standard deviation, and by what lies beyond the cut-off.

    With t from the centre of the person's own cell, `exp(-(j cell - t)^2 / (2 sd^2))` is, up to a factor that drops
    out, `fall[j]` times the j-th power of `exp(t cell / sd^2)`: one exponential is enough for all the cells.

    Parameters
    ----------
    place, origin : of the person, and of the lower edge of cell 0 [m].
    cell, sd : edge of a cell and standard deviation [m].
    fall : (k + 1,) of `fall_off`.
    share : (2 k + 1,) filled in; the person is in the middle one of these cells.
    """
    reach = fall.size - 1
    middle = math.floor((place - origin) / cell)
    up = math.exp((place - origin - (middle + 0.5) * cell) * cell / (sd * sd))
    down = 1.0 / up
    share[reach] = total = 1.0
    above = below = 1.0
    for j in range(1, fall.size):
        above *= up
        below *= down
        share[reach + j] = above * fall[j]
        share[reach - j] = below * fall[j]
        total += share[reach + j] + share[reach - j]
    for j in range(share.size):
        share[j] /= total
    return middle - reach


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

    What falls beside the grid is left out. Fastest if people come in the order of their cells.

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
    q = out.shape[1]
    rows = out.shape[0] // columns
    flat = out.reshape(-1)
    fall = fall_off(cell, sd)
    width = 2 * fall.size - 1
    share_x = np.empty(width)
    share_y = np.empty(width)
    strip = np.empty(width * q)  # what one row of cells gets of a person, but for its share along y
    count = 0
    left_before = bottom_before = -width  # of the person before, beside the grid
    for k in range(x.size):
        left = share_out(x[k], origin[0], cell, sd, fall, share_x)
        bottom = share_out(y[k], origin[1], cell, sd, fall, share_y)
        first, last = max(left, 0), min(left + width, columns)
        for c in range(last - first):
            share = share_x[first - left + c] / (cell * cell)
            for j in range(q):
                strip[c * q + j] = share * weight[k, j]
        # Where the person before was on the same rows, the cells that both reach are touched already.
        both = bottom == bottom_before and left_before <= left < left_before + width
        new = min(left_before + width, columns) if both else first
        left_before, bottom_before = left, bottom
        size = np.uintp((last - first) * q)
        for r in range(max(bottom, 0), min(bottom + width, rows)):
            for c in range(max(new, first), last):
                if out[r * columns + c, 0] == 0.0:
                    touched[count] = r * columns + c
                    count += 1
            share = share_y[r - bottom]
            start = np.uintp((r * columns + first) * q)
            for j in range(size):  # indices that cannot be negative: the compiler can vectorise it
                flat[start + np.uintp(j)] += share * strip[np.uintp(j)]
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
def add_densities(density: Float64, touched: Int64, lasts: float, integral: Float64) -> None:
    """Add the densities (cells,) of the cells touched (k,), times how long they last [s], to an integral (cells,)."""
    for k in range(touched.size):
        integral[touched[k]] += density[touched[k]] * lasts


@kernel
def count_above(around: Float64, levels: Float64, above: Int64) -> None:
    """Count the people above levels of density.

    Parameters
    ----------
    around : (m,) the density around each [1/m2].
    levels : (k,) ascending [1/m2]; above is more than this.
    above : (k,) written: how many people are above each level.
    """
    above[:] = 0
    for k in range(around.size):
        for j in range(levels.size):
            if around[k] <= levels[j]:
                break
            above[j] += 1


@kernel
def count_exposed(
    around: Float64, cell: Int64, lasts: float, levels: Float64, mapped: float, above: Int64, exposure: Float64
) -> None:
    """Count the people above levels of density, and add the time above one of them to the cells that they are in.

    Other arrays are as in `count_above`.

    Parameters
    ----------
    cell : (m,) the cell that each is in.
    lasts : how long that lasts [s].
    mapped : the level that is mapped [1/m2].
    exposure : (cells,) person-seconds, added to.
    """
    count_above(around, levels, above)
    for k in range(around.size):
        if around[k] > mapped:
            exposure[cell[k]] += lasts


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
