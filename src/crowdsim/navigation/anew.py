"""Computing fields anew when the venue changes, and only those that the change matters for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.ndimage import binary_dilation

from crowdsim.kernels.arrays import NO_ANGLE, UNREACHABLE, Fields
from crowdsim.kernels.lattice import Lattice
from crowdsim.navigation.fields import ALL_AROUND, Bool, Solver
from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area

REACH_STEPS = 2
"""A node's distance follows from nodes up to so many steps away: second order, or a knight's move."""


def leads_through(fields: Fields, goal: int, gone: Bool, free: Bool) -> bool:
    """Return whether shortest ways to a goal may lead through nodes that are gone.

    They do not if no node near those is farther from the goal than one of them within reach: its way cannot have come
    from there.

    Parameters
    ----------
    gone, free : (rows, columns) nodes that were free and are not any more, and those that are free now.
    """
    if not gone.any():
        return False
    packed = fields.nodes[goal]
    level = packed[:, 0] + 256 * packed[:, 1].astype(np.int32)
    row, column = np.nonzero(binary_dilation(gone, ALL_AROUND, REACH_STEPS) & free)
    there = level[fields.slots]
    mine = there[row, column]
    rows, columns = gone.shape
    for across in range(-REACH_STEPS, REACH_STEPS + 1):
        for up in range(-REACH_STEPS, REACH_STEPS + 1):
            r, c = np.clip(row + up, 0, rows - 1), np.clip(column + across, 0, columns - 1)
            if (gone[r, c] & (there[r, c] < mine) & (mine < UNREACHABLE)).any():
                return True
    return False


def fill_fields(
    grid: Grid, lattice: Lattice, areas: Sequence[Area], goals: Sequence[int], fields: Fields, threads: int
) -> None:
    """Compute the fields of goals anew, in place.

    Parameters
    ----------
    goals : indices of the fields of the `areas`.
    """

    def fill(k: int) -> None:
        g = goals[k]
        fields.nearest[g], fields.unit[g] = Solver(grid, lattice).solve(areas[k], fields.nodes[g])

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        list(pool.map(fill, range(len(goals))))


def block_nodes(fields: Fields, gone: Bool) -> None:
    """Let nobody be at nodes that are gone, in the fields that have not been computed anew."""
    slots = fields.slots[gone]
    fields.nodes[:, slots, 0] = UNREACHABLE & 255
    fields.nodes[:, slots, 1] = UNREACHABLE >> 8
    fields.nodes[:, slots, 2] = NO_ANGLE
