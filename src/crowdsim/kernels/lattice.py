"""The walkable nodes of a grid in one row, so that nothing is stored for the others.

The nodes are numbered row by row. Each stretch of free nodes next to each other in a row is followed by an empty slot,
and so preceded by one: the neighbours of slot k in its row are always k - 1 and k + 1, be they nodes or empty. Slots 0
and 1 are empty; so are the last two.
"""

from __future__ import annotations

from typing import NamedTuple

from crowdsim.kernels.arrays import Float32, Float64, Int32, UInt8
from crowdsim.kernels.jit import kernel

FREE, TIGHT, SLOW, DOUBLE, ONE_WAY = 1, 2, 4, 8, 16
"""What is known of a slot: it is a node; nodes within a knight's move of it are missing; a step there has another cost
than 1; other slots stand for the same place (see `Lattice.same`); and nodes within two steps must not be walked to
from it, or from each other (see `Lattice.barred`)."""

TO_LEFT, TO_RIGHT, TO_ABOVE, TO_BELOW = 1, 2, 4, 8
"""The steps from a node that there may be, in `Lattice.barred`."""


class Lattice(NamedTuple):
    """The free nodes of a square grid.

    Attributes
    ----------
    slots : (rows, columns) slot of each free node, else as in `Fields`.
    up, down : (W,) slots of the neighbours in the next row and the one before; 0 where there are none.
    flags : (W,) sum of FREE, TIGHT, SLOW, DOUBLE and ONE_WAY, 0 for empty slots.
    cost : (W,) what a step counts for at each slot; read where SLOW is set only.
    same_from, same : (E,) pairs of slots at the same place, on sheets on both sides of a seam: the walking distance
        from the first is one from the second too. Sorted by the first.
    extra : (E,) what the way between the two adds, in steps: a ride in a lift; 0 at seams.
    barred : (W,) sum of the steps TO_LEFT to TO_BELOW that nobody may take: they go back over a line that is crossed
        one way only. Read where ONE_WAY is set only.
    lines : (L, 4) such lines, in grid steps from node (0, 0): x and y of one end, and of the other. People may walk
        from their right to their left.
    beside, line : (B,) the slots at the corners of the cells that a line cuts, and which line that is.
    beyond : (B,) whether the slot is to the left of that line.
    """

    slots: Int32
    up: Int32
    down: Int32
    flags: UInt8
    cost: Float32
    same_from: Int32
    same: Int32
    extra: Float32
    barred: UInt8
    lines: Float64
    beside: Int32
    line: Int32
    beyond: UInt8


@kernel
def number_nodes(free: UInt8, slots: Int32) -> int:
    """Fill `Lattice.slots` from the free nodes, all of them off the grid's edge; return the number of slots."""
    rows, columns = free.shape
    slot = 1
    for row in range(rows):
        for column in range(columns):
            if free[row, column]:
                slot += 1
                slots[row, column] = slot
                continue
            if column > 0 and free[row, column - 1]:
                slot += 1
            follows = column + 1 < columns and free[row, column + 1]
            slots[row, column] = slot if follows else 0
    return slot + 2


@kernel
def link_nodes(free: UInt8, lattice: Lattice) -> None:
    """Fill `up`, `down` and `flags` of a lattice whose nodes have been numbered; these must be zero before."""
    rows, columns = free.shape
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            if not free[row, column]:
                continue
            slot = lattice.slots[row, column]
            if free[row + 1, column]:
                lattice.up[slot] = lattice.slots[row + 1, column]
            if free[row - 1, column]:
                lattice.down[slot] = lattice.slots[row - 1, column]
            lattice.flags[slot] = FREE
            for r in range(max(row - 2, 0), min(row + 3, rows)):
                for c in range(max(column - 2, 0), min(column + 3, columns)):
                    if not free[r, c]:
                        lattice.flags[slot] = FREE + TIGHT
