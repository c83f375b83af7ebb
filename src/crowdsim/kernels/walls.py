"""Walls as segments: what is near, what lies between two people, and that nobody ever gets through."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import OPEN, SCREENS, WALLS, Walls
from crowdsim.kernels.jit import inlined_kernel, kernel

MAX_PUSHES = 4
"""How often a position is pushed off the walls before the step is given up: enough for any corner of two."""

TOUCH_M = 1e-9
"""Rounding allowance when clearances are compared."""


@inlined_kernel
def find_walls(walls: Walls, x: float, y: float) -> tuple[int, int]:
    """Return the range of `walls.near` with the segments near a point; empty far from any wall."""
    column = min(max(int((x - walls.origin_x) / walls.size), 0), walls.columns - 1)
    row = min(max(int((y - walls.origin_y) / walls.size), 0), walls.rows - 1)
    cell = row * walls.columns + column
    return walls.start[cell], walls.start[cell + 1]


@inlined_kernel
def what_walls(walls: Walls, x: float, y: float) -> int:
    """Return whether walls are near a point, and may stand between someone there and others."""
    column = min(max(int((x - walls.origin_x) / walls.size), 0), walls.columns - 1)
    row = min(max(int((y - walls.origin_y) / walls.size), 0), walls.rows - 1)
    cell = row * walls.columns + column
    if walls.start[cell] == walls.start[cell + 1]:
        return OPEN
    return SCREENS if walls.hides[cell] else WALLS


@inlined_kernel
def find_screens(walls: Walls, x: float, y: float) -> tuple[int, int]:
    """Return the range of `walls.near` that may stand between someone at a point and someone else; empty for none."""
    column = min(max(int((x - walls.origin_x) / walls.size), 0), walls.columns - 1)
    row = min(max(int((y - walls.origin_y) / walls.size), 0), walls.rows - 1)
    cell = row * walls.columns + column
    if walls.hides[cell] == 0:
        return 0, 0
    return walls.start[cell], walls.start[cell + 1]


@inlined_kernel
def closest_on_wall(walls: Walls, segment: int, x: float, y: float) -> tuple[float, float, float]:
    """Return the offset (x, y) from a segment's closest point to (x, y), and that point's place along it in 0..1."""
    ax = walls.ax[segment]
    ay = walls.ay[segment]
    dx = walls.bx[segment] - ax
    dy = walls.by[segment] - ay
    along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    return x - (ax + along * dx), y - (ay + along * dy), along


@kernel
def is_hidden(walls: Walls, first: int, last: int, x: float, y: float, other_x: float, other_y: float) -> bool:
    """Return whether a wall of the range first..last of `walls.near` crosses the line between two points."""
    dx = other_x - x
    dy = other_y - y
    for k in range(first, last):
        s = walls.near[k]
        side_a = dx * (walls.ay[s] - y) - dy * (walls.ax[s] - x)
        side_b = dx * (walls.by[s] - y) - dy * (walls.bx[s] - x)
        if side_a * side_b > 0.0:
            continue
        ex = walls.bx[s] - walls.ax[s]
        ey = walls.by[s] - walls.ay[s]
        side_1 = ex * (y - walls.ay[s]) - ey * (x - walls.ax[s])
        side_2 = ex * (other_y - walls.ay[s]) - ey * (other_x - walls.ax[s])
        if side_1 * side_2 < 0.0:
            return True
    return False


@kernel
def away_from_walls(walls: Walls, x: float, y: float) -> tuple[float, float]:
    """Return the unit vector away from the walls nearby, nearer ones counting more; zero if there are none."""
    first, last = find_walls(walls, x, y)
    away_x = 0.0
    away_y = 0.0
    for k in range(first, last):
        dx, dy, _ = closest_on_wall(walls, walls.near[k], x, y)
        squared = dx * dx + dy * dy
        away_x += dx / (squared * squared)
        away_y += dy / (squared * squared)
    length = math.hypot(away_x, away_y)
    if length == 0.0:
        return 0.0, 0.0
    return away_x / length, away_y / length


@kernel
def stay_clear(walls: Walls, x: float, y: float, new_x: float, new_y: float) -> tuple[float, float]:
    """Return where a step from (x, y) to (new_x, new_y) ends when walls are in the way.

    The end point is pushed off every wall it comes closer to than the clearance, so that people slide along
    walls. If that does not settle, the step is not taken. A start that keeps the clearance therefore always
    leads to an end that keeps it. No wall can be crossed: it would lie between two points that are closer
    to each other than the clearance, and so closer to the start than the clearance.
    """
    first, last = find_walls(walls, x, y)
    if first == last:
        return new_x, new_y
    touch = walls.clearance - TOUCH_M
    for _ in range(MAX_PUSHES + 1):
        clear = True
        for k in range(first, last):
            dx, dy, _ = closest_on_wall(walls, walls.near[k], new_x, new_y)
            squared = dx * dx + dy * dy
            if squared < touch * touch:
                clear = False
                if squared == 0.0:
                    return x, y
                push = walls.clearance / math.sqrt(squared) - 1.0
                new_x += push * dx
                new_y += push * dy
        if clear:
            moved_x = new_x - x
            moved_y = new_y - y
            if moved_x * moved_x + moved_y * moved_y >= walls.clearance * walls.clearance:
                return x, y
            return new_x, new_y
    return x, y


@inlined_kernel
def turn_along_walls(
    walls: Walls, x: float, y: float, velocity_x: float, velocity_y: float, step: float
) -> tuple[float, float]:
    """Return the velocity with which a step ends clear of walls: along those that are in the way."""
    first, last = find_walls(walls, x, y)
    if first == last:
        return velocity_x, velocity_y
    new_x, new_y = stay_clear(walls, x, y, x + step * velocity_x, y + step * velocity_y)
    return (new_x - x) / step, (new_y - y) / step
