"""Reading a navigation field between its nodes."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import TO_GOAL, Crowd, Fields, Int32
from crowdsim.kernels.jit import kernel


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
    rows, columns = fields.nodes.shape[1], fields.nodes.shape[2]
    fx = (x - fields.origin_x) / fields.step
    fy = (y - fields.origin_y) / fields.step
    column = min(max(int(fx), 0), columns - 2)
    row = min(max(int(fy), 0), rows - 2)
    total = 0.0
    distance = 0.0
    toward_x = 0.0
    toward_y = 0.0
    for r in range(row, row + 2):
        for c in range(column, column + 2):
            d = fields.nodes[goal, r, c, 0]
            if not math.isfinite(d):
                continue
            weight = max(1.0 - abs(fx - c), 0.0) * max(1.0 - abs(fy - r), 0.0) + 1e-12
            nx = fields.nodes[goal, r, c, 1]
            ny = fields.nodes[goal, r, c, 2]
            total += weight
            distance += weight * (d - fields.step * (nx * (fx - c) + ny * (fy - r)))
            toward_x += weight * nx
            toward_y += weight * ny
    if total == 0.0:
        return math.inf, 0.0, 0.0
    length = math.hypot(toward_x, toward_y)
    if length > 0.0:
        toward_x /= length
        toward_y /= length
    return distance / total, toward_x, toward_y


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


@kernel
def choose_again(crowd: Crowd, fields: Fields, rows: Int32, goals: Int32, slower_than: float) -> None:
    """Let those of `rows` who hardly get on head for the goal that is nearest from where they are now.

    Parameters
    ----------
    rows : rows of `crowd` of those who may walk to any of `goals`.
    slower_than : share of the free speed; who gets on faster keeps its goal.
    """
    for i in rows:
        if crowd.activity[i] != TO_GOAL or crowd.progress[i] >= slower_than * crowd.free_speed[i]:
            continue
        nearest, _ = choose_nearest(fields, goals, crowd.x[i], crowd.y[i])
        if nearest >= 0:
            crowd.goal[i] = nearest
