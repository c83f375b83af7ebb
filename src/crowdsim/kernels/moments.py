"""Everyone of one moment in the order of the cells that they are in, with what each carries to a grid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import allocating_kernel, kernel

Int64 = NDArray[np.int64]

COLUMNS = 6
"""What is spread over the grid: people, those with a velocity, its components, its square, its magnitude."""

WITHOUT_SPEED = 5
"""All but the magnitude."""


@kernel
def sort_by(key: Int64, before: Int64, start: Int64, after: Int64) -> None:
    """Sort people by a key; who has the same stays in order.

    Parameters
    ----------
    key : (m,) from 0 to less than k.
    before : (m,) the people, in the order so far.
    start : (k + 1,) scratch.
    after : (m,) filled in: they in the order of their keys.
    """
    start[:] = 0
    for person in before:
        start[key[person] + 1] += 1
    for n in range(1, start.size):
        start[n] += start[n - 1]
    for person in before:
        after[start[key[person]]] = person
        start[key[person]] += 1


@allocating_kernel
def weigh_people(
    x: Float64,
    y: Float64,
    velocity_x: Float64,
    velocity_y: Float64,
    origin: tuple[float, float],
    cell: float,
    shape: tuple[int, int],
    weights: int,
) -> tuple[Int64, Float64, Float64, Float64]:
    """Return the cells that people are in, and where they are and what they carry, in the order of these cells.

    Parameters
    ----------
    x, y : (m,) [m].
    velocity_x, velocity_y : (m,) [m/s]; NaN where they are not known.
    origin : lower left corner of cell (0, 0) [m].
    cell : edge of a cell [m].
    shape : rows and columns of the grid.
    weights : how many they carry, q: `COLUMNS` or `WITHOUT_SPEED`.

    Returns
    -------
    cell_of : (m,) flat indices of the cells, in the order that people are given in.
    sorted_x, sorted_y : (m,) in the order of the cells; neighbours write to the same memory then.
    weight : (m, q) in that order: 1; 1 if the velocity is known, else 0; its components [m/s], its square [m2/s2] and
        its magnitude [m/s], 0 if it is not known.
    """
    m = x.size
    rows, columns = shape
    row, column, cell_of = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m, np.int64)
    for k in range(m):
        row[k] = math.floor((y[k] - origin[1]) / cell)
        column[k] = math.floor((x[k] - origin[0]) / cell)
        cell_of[k] = row[k] * columns + column[k]
        row[k] = min(max(row[k], 0), rows - 1)
        column[k] = min(max(column[k], 0), columns - 1)
    by_column, order = np.empty(m, np.int64), np.empty(m, np.int64)
    sort_by(column, np.arange(m), np.empty(columns + 1, np.int64), by_column)
    sort_by(row, by_column, np.empty(rows + 1, np.int64), order)
    sorted_x, sorted_y, weight = np.empty(m), np.empty(m), np.zeros((m, weights))
    for k in range(m):
        person = order[k]
        sorted_x[k] = x[person]
        sorted_y[k] = y[person]
        weight[k, 0] = 1.0
        if math.isfinite(velocity_x[person]):
            squared = velocity_x[person] ** 2 + velocity_y[person] ** 2
            weight[k, 1] = 1.0
            weight[k, 2] = velocity_x[person]
            weight[k, 3] = velocity_y[person]
            weight[k, 4] = squared
            if weights > WITHOUT_SPEED:
                weight[k, 5] = math.sqrt(squared)
    return cell_of, sorted_x, sorted_y, weight
