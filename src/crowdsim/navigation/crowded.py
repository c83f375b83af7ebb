"""What a step counts for where people crowd: ways that take the least time lead round crowds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from crowdsim.kernels.arrays import Fields
from crowdsim.kernels.fields import COMPASS
from crowdsim.kernels.lattice import SLOW, TIGHT, Lattice
from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation.grid import Grid

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

CELL_M, SMOOTHING_CELLS = 1.0, 1.0
"""People are counted in squares of this side, and spread by a Gaussian of this standard deviation (our choice: what one
takes in at a glance)."""

JAM_PER_M2, STEEPNESS_PER_M2 = 5.4, 1.913
"""Of Weidmann's (1993) v / v0 = 1 - exp(-1.913 (1 / density - 1 / 5.4))."""

FEWEST_PER_M2 = 0.01
"""Below this density nobody is slower: the formula's value differs from 1 by less than single precision tells."""


class Walkers(NamedTuple):
    """People at x and y [m], and their velocities over their free speeds."""

    x: Float64
    y: Float64
    along_x: Float64
    along_y: Float64


class Density(NamedTuple):
    """The density at each node [1/m2], and the part of it that walks along x and along y.

    Who walks along x at the free speed counts as one there, who walks the other way as minus one.
    """

    people: Float64
    along_x: Float64
    along_y: Float64


class CrowdedGrid:
    """A grid's nodes by the squares that people are counted in."""

    def __init__(self, grid: Grid, lattice: Lattice) -> None:
        row, column = np.nonzero(grid.free)
        per_cell = grid.step_m / CELL_M
        cell_row, cell_column = (row * per_cell).astype(np.int64), (column * per_cell).astype(np.int64)
        self._shape = int(cell_row.max(initial=0)) + 1, int(cell_column.max(initial=0)) + 1
        self._slot = lattice.slots[row, column]
        self._at = (row + 0.5) * per_cell - 0.5, (column + 0.5) * per_cell - 0.5
        self._origin = grid.origin_x_m - grid.step_m / 2, grid.origin_y_m - grid.step_m / 2
        cell = cell_row * self._shape[1] + cell_column
        free_m2 = np.bincount(cell, minlength=self._shape[0] * self._shape[1]) * grid.step_m**2
        self._free_m2 = _spread(free_m2.reshape(self._shape).astype(np.float64))

    def density(self, crowd: Walkers) -> Density:
        """Return the density of a crowd at each node."""
        row = np.clip(((crowd.y - self._origin[1]) / CELL_M).astype(np.int64), 0, self._shape[0] - 1)
        column = np.clip(((crowd.x - self._origin[0]) / CELL_M).astype(np.int64), 0, self._shape[1] - 1)
        cell = row * self._shape[1] + column
        found = []
        for weight in (np.ones(cell.size), crowd.along_x, crowd.along_y):
            count = np.bincount(cell, weight, minlength=self._shape[0] * self._shape[1]).reshape(self._shape)
            by_square = _spread(count.astype(np.float64)) / np.maximum(self._free_m2, CELL_M**2 / JAM_PER_M2)
            found.append(map_coordinates(by_square, self._at, order=1, mode="nearest"))
        return Density(*found)

    def cost(self, density: Density, fields: Fields, goal: int) -> Float32:
        """Return what a step towards a goal counts for at each slot (W,).

        Who walks the same way at the free speed does not count, who stands counts as one, who comes towards as two (our
        choice: so people follow those who go their way, and keep out of the way of the others).

        Parameters
        ----------
        fields : of the shortest ways.
        """
        toward = COMPASS[fields.nodes[goal, self._slot, 2]]
        in_the_way = density.people - density.along_x * toward[:, 0] - density.along_y * toward[:, 1]
        cost = np.ones(fields.nodes.shape[1], np.float32)
        cost[self._slot] = crowd_cost(in_the_way)
        return cost


def slowed(lattice: Lattice, cost: Float32) -> Lattice:
    """Return a lattice on which steps count for as many times more as `cost` tells, (W,).

    There, only neighbours tell a node's distance: a straight way from farther off would count by what a step takes at
    its end alone, and so could lead from dear ground to cheap and not on.
    """
    if lattice.cost.size == cost.size:
        cost = cost * np.where(lattice.flags & SLOW, lattice.cost, np.float32(1.0))
    cost = np.minimum(cost, np.float32(MOST_COST))
    crowded = (cost != 1.0) & (lattice.flags > 0)
    flags = np.where(crowded, lattice.flags & ~np.uint8(TIGHT) | np.uint8(SLOW), lattice.flags).astype(np.uint8)
    return lattice._replace(cost=cost, flags=flags)


def crowd_cost(density: Float64) -> Float64:
    """Return how many times as long a step takes at a density [1/m2] as in free space, at the most `MOST_COST`.

    By Weidmann (1993); queues before doors are slower than that, but then all the ways there lead through them.
    """
    with np.errstate(divide="ignore", over="ignore"):
        share = 1.0 - np.exp(-STEEPNESS_PER_M2 * (1.0 / np.maximum(density, FEWEST_PER_M2) - 1.0 / JAM_PER_M2))
    cost: Float64 = np.minimum(1.0 / np.maximum(share, 1.0 / MOST_COST), MOST_COST)
    return np.where(density < FEWEST_PER_M2, 1.0, cost)


def _spread(values: Float64) -> Float64:
    spread: Float64 = gaussian_filter(values, SMOOTHING_CELLS, mode="constant")
    return spread
