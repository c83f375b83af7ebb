"""Reading a navigation field between its nodes."""

from __future__ import annotations

import math

import numpy as np

from crowdsim.kernels.arrays import ANGLES, NO_ANGLE, UNREACHABLE, Fields, Float64, Int32
from crowdsim.kernels.jit import kernel


def _compass() -> Float64:
    vectors = np.zeros((NO_ANGLE + 1, 2))
    turns = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    vectors[:ANGLES] = np.column_stack([np.cos(turns), np.sin(turns)])
    vectors[np.abs(vectors) < np.finfo(float).eps] = 0.0  # straight along an axis is just that
    return vectors


COMPASS = _compass()
"""Unit vector of each angle in `Fields.nodes`; zero for NO_ANGLE."""

NO_WEIGHT = 1e-12
"""Weight that even the farthest of the nodes around a point has: it alone may be free."""


@kernel
def look_up(fields: Fields, goal: int, x: float, y: float) -> tuple[float, float, float]:
    """Return the walking distance to a goal and the unit direction of the shortest way at a point.

    Bilinear over the cell's four nodes, leaving out those where nobody can be. Each node's distance is
    first carried to the point along its own gradient (a distance field has slope one), so that the value
    stays right next to walls, where nodes are missing. All free nodes of a cell lie on the same side of
    any wall, because the grid step is below sqrt(2) times the clearance.

    Returns
    -------
    distance, direction_x, direction_y : inf, 0, 0 where no node of the cell is free; the direction is zero
    where the ways cancel.
    """
    rows, columns = fields.slots.shape
    fx = (x - fields.origin_x) / fields.step
    fy = (y - fields.origin_y) / fields.step
    column = min(max(int(fx), 0), columns - 2)
    row = min(max(int(fy), 0), rows - 2)
    total = 0.0
    levels = 0.0
    carried = 0.0
    toward_x = 0.0
    toward_y = 0.0
    for r in range(2):
        left = fields.slots[row + r, column]
        off_y = fy - (row + r)
        for c in range(2):
            slot = left + c
            level = int(fields.nodes[goal, slot, 0]) + 256 * int(fields.nodes[goal, slot, 1])
            if level == UNREACHABLE:
                continue
            off_x = fx - (column + c)
            weight = max(1.0 - abs(off_x), 0.0) * max(1.0 - abs(off_y), 0.0) + NO_WEIGHT
            angle = fields.nodes[goal, slot, 2]
            nx = COMPASS[angle, 0]
            ny = COMPASS[angle, 1]
            total += weight
            levels += weight * level
            carried += weight * (nx * off_x + ny * off_y)
            toward_x += weight * nx
            toward_y += weight * ny
    if total == 0.0:
        return math.inf, 0.0, 0.0
    length = math.sqrt(toward_x * toward_x + toward_y * toward_y)
    if length > 0.0:
        toward_x /= length
        toward_y /= length
    distance = fields.nearest[goal] + (fields.unit[goal] * levels - fields.step * carried) / total
    return distance, toward_x, toward_y


@kernel
def choose_nearest(fields: Fields, goals: Int32, x: float, y: float) -> tuple[int, float]:
    """Return the goal with the shortest walking distance from a point, and that distance; -1, inf for none.

    Of goals equally far the first in `goals` is taken.
    """
    nearest = -1
    shortest = math.inf
    for goal in goals:
        distance, _, _ = look_up(fields, goal, x, y)
        if distance < shortest:
            nearest = goal
            shortest = distance
    return nearest, shortest
