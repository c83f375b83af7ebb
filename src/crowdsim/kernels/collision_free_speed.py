"""The collision-free speed model.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import prange

from crowdsim.kernels.arrays import CELL_REACH, STANDING, TO_GOAL, TO_SPOT, Cells, Crowd, Fields, Walls
from crowdsim.kernels.fields import look_up
from crowdsim.kernels.jit import kernel, parallel_kernel
from crowdsim.kernels.walls import away_from_walls, closest_on_wall, find_walls, is_hidden, stay_clear

NEGLIGIBLE = 1e-3
"""Repulsions weaker than this, beside the desired direction's 1, are left out: it turns nobody by 0.1 degree."""

AT_SPOT_M = 0.1
"""Whoever is this close to the own spot in a zone stands still."""


IMPATIENT = 0.1
"""Share of the free speed: whoever gets on more slowly than this looks for a way to squeeze past others."""

PATIENCE = 1.0
"""Time over which getting on is averaged for that [s]: as long as a step takes in a queue."""

SQUEEZED = 0.75
"""How close blocked people pass each other, as a share of their bodies' width: they turn their shoulders.
Depth over breadth of Fruin's body ellipse, 18 by 24 inches (Fruin 1971, Pedestrian Planning and Design)."""

SLIDES = 2
"""Sweeps over the neighbours when a velocity is turned off them: the second mends what the first one undid."""


class Law(NamedTuple):
    """Parameters of the model.

    Attributes
    ----------
    time_gap : T, eq. 5 [s].
    strength, range : a and D of the repulsion between people, eq. 6 [-, m].
    wall_strength, wall_range : the same for walls [-, m].
    reach : beyond this distance between centres the repulsion is negligible for any two bodies [m].
    """

    time_gap: float
    strength: float
    range: float
    wall_strength: float
    wall_range: float
    reach: float


@kernel
def repulsion(gap: float, strength: float, length: float) -> float:
    """Return the weight of one repulsion, R(s) = a exp((l - s) / D), eq. 6, for a gap s - l between surfaces [m]."""
    return strength * math.exp(-gap / length)


@kernel
def speed_for_gap(gap: float, free_speed: float, time_gap: float) -> float:
    """Return the speed V(s) = min(v0, max(0, (s - l) / T)), eq. 5, for a gap s - l to the person in front."""
    return min(free_speed, max(0.0, gap / time_gap))


@kernel
def desired_direction(crowd: Crowd, fields: Fields, walls: Walls, i: int) -> tuple[float, float, float]:
    """Return where attendee i wants to go (unit vector; zero to stay) and the walking distance left."""
    x = crowd.x[i]
    y = crowd.y[i]
    if crowd.activity[i] == TO_SPOT:
        dx = crowd.spot_x[i] - x
        dy = crowd.spot_y[i] - y
        left = math.hypot(dx, dy)
        if left < AT_SPOT_M:
            return 0.0, 0.0, left
        return dx / left, dy / left, left
    left, toward_x, toward_y = look_up(fields, crowd.goal[i], x, y)
    if math.isfinite(left):
        if toward_x != 0.0 or toward_y != 0.0:
            return toward_x, toward_y, left
        return crowd.heading_x[i], crowd.heading_y[i], left
    # Squeezed into a corner without a node of the field: step out of it first.
    toward_x, toward_y = away_from_walls(walls, x, y)
    return toward_x, toward_y, left


@kernel
def squeeze_past(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    law: Law,
    k: int,
    column: int,
    row: int,
    toward_x: float,
    toward_y: float,
) -> tuple[float, float]:
    """Return the velocity with which an impatient attendee `cells.order[k]` slides along those touching it.

    Not in the paper, whose people stop for good when three of them hold each other up in an arch, or two keep
    making way for each other in front of a narrow gate. Here an impatient person heads straight for the goal,
    slides along those who are nearer to it, and may press past those who are farther from it with shoulders
    turned: whoever is ahead goes first, so that no two wait for each other. Towards anyone, the speed stays
    within the gap divided by T as in eq. 5. People who stand around step aside, which is not simulated: they
    are walked through.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    first_wall, last_wall = find_walls(walls, x, y)
    velocity_x = crowd.free_speed[i] * toward_x
    velocity_y = crowd.free_speed[i] * toward_y
    for sweep in range(SLIDES + 1):
        for r in range(row - CELL_REACH, row + CELL_REACH + 1):
            base = r * cells.columns + column
            for n in range(cells.start[base - CELL_REACH], cells.start[base + CELL_REACH + 1]):
                dx = cells.x[n] - x
                dy = cells.y[n] - y
                approach = dx * velocity_x + dy * velocity_y
                if approach <= 0.0:
                    continue
                j = cells.order[n]
                if crowd.activity[j] != TO_GOAL:
                    continue
                bodies = cells.radius[k] + cells.radius[n]
                centres = math.sqrt(dx * dx + dy * dy)
                approach /= centres
                if centres - bodies >= law.time_gap * approach:
                    continue
                if first_wall < last_wall and is_hidden(walls, first_wall, last_wall, x, y, cells.x[n], cells.y[n]):
                    continue
                if crowd.goal[j] == crowd.goal[i] and (cells.left[n], j) > (cells.left[k], i):
                    bodies *= SQUEEZED
                allowed = max(centres - bodies, 0.0) / law.time_gap
                if approach <= allowed:
                    continue
                if sweep < SLIDES:
                    velocity_x -= (approach - allowed) * dx / centres
                    velocity_y -= (approach - allowed) * dy / centres
                else:
                    velocity_x *= allowed / approach
                    velocity_y *= allowed / approach
    return velocity_x, velocity_y


@kernel
def move_one(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, k: int) -> None:
    """Move attendee `cells.order[k]` by one step; see `move_collision_free_speed`."""
    i = cells.order[k]
    if crowd.activity[i] == STANDING:
        crowd.speed[i] = 0.0
        return
    x = cells.x[k]
    y = cells.y[k]
    radius = cells.radius[k]
    toward_x, toward_y, left = desired_direction(crowd, fields, walls, i)
    if toward_x == 0.0 and toward_y == 0.0:
        crowd.speed[i] = 0.0
        return
    first_wall, last_wall = find_walls(walls, x, y)
    column = int((x - cells.origin_x) / cells.size)
    row = int((y - cells.origin_y) / cells.size)
    column = min(max(column, CELL_REACH), cells.columns - CELL_REACH - 1)
    row = min(max(row, CELL_REACH), cells.rows - CELL_REACH - 1)

    # Direction: desired direction plus repulsion from everyone and every wall near, eq. 6.
    heading_x = toward_x
    heading_y = toward_y
    near = 1 if law.reach <= cells.size else CELL_REACH
    for r in range(row - near, row + near + 1):
        base = r * cells.columns + column
        for n in range(cells.start[base - near], cells.start[base + near + 1]):
            dx = x - cells.x[n]
            dy = y - cells.y[n]
            squared = dx * dx + dy * dy
            if squared > law.reach * law.reach or squared == 0.0:
                continue  # too far, or itself
            centres = math.sqrt(squared)
            push = repulsion(centres - radius - cells.radius[n], law.strength, law.range)
            if push < NEGLIGIBLE:
                continue
            if first_wall < last_wall and is_hidden(walls, first_wall, last_wall, x, y, cells.x[n], cells.y[n]):
                continue
            heading_x += push * dx / centres
            heading_y += push * dy / centres
    for n in range(first_wall, last_wall):
        dx, dy, along = closest_on_wall(walls, walls.near[n], x, y)
        gap = math.hypot(dx, dy)
        push = repulsion(max(gap - radius, 0.0), law.wall_strength, law.wall_range)
        # A corner belongs to two segments: it acts once, as the beginning of the second.
        if push < NEGLIGIBLE or along == 1.0:
            continue
        heading_x += push * dx / gap
        heading_y += push * dy / gap
    length = math.hypot(heading_x, heading_y)
    if length == 0.0:
        crowd.speed[i] = 0.0
        return
    heading_x /= length
    heading_y /= length

    # Speed: by the gap to the nearest person in front, eqs. 3 to 5.
    gap = law.time_gap * crowd.free_speed[i]
    for r in range(row - CELL_REACH, row + CELL_REACH + 1):
        base = r * cells.columns + column
        for n in range(cells.start[base - CELL_REACH], cells.start[base + CELL_REACH + 1]):
            dx = cells.x[n] - x
            dy = cells.y[n] - y
            ahead = dx * heading_x + dy * heading_y
            bodies = radius + cells.radius[n]
            if ahead <= 0.0 or abs(dx * heading_y - dy * heading_x) > bodies:
                continue
            this_gap = math.sqrt(dx * dx + dy * dy) - bodies
            if this_gap >= gap:
                continue
            if first_wall < last_wall and is_hidden(walls, first_wall, last_wall, x, y, cells.x[n], cells.y[n]):
                continue
            gap = this_gap
    speed = speed_for_gap(gap, crowd.free_speed[i], law.time_gap)
    if crowd.activity[i] == TO_SPOT:
        speed = min(speed, left / step)
    velocity_x = speed * heading_x
    velocity_y = speed * heading_y
    if crowd.activity[i] == TO_GOAL and crowd.progress[i] < IMPATIENT * crowd.free_speed[i]:
        past_x, past_y = squeeze_past(crowd, cells, walls, law, k, column, row, toward_x, toward_y)
        if past_x * toward_x + past_y * toward_y > velocity_x * toward_x + velocity_y * toward_y:
            velocity_x = past_x
            velocity_y = past_y

    new_x, new_y = stay_clear(walls, x, y, x + step * velocity_x, y + step * velocity_y)
    moved_x = new_x - x
    moved_y = new_y - y
    crowd.x[i] = new_x
    crowd.y[i] = new_y
    crowd.heading_x[i] = heading_x
    crowd.heading_y[i] = heading_y
    crowd.speed[i] = math.hypot(moved_x, moved_y) / step
    progress = (moved_x * toward_x + moved_y * toward_y) / step
    crowd.progress[i] += (progress - crowd.progress[i]) * step / PATIENCE
    # Along the field, the distance left shrinks by the way made towards the goal.
    if crowd.activity[i] == TO_GOAL:
        crowd.left[i] = left - step * progress
        if crowd.left[i] <= 0.0:
            crowd.reached[i] = 1


@parallel_kernel
def move_collision_free_speed(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float) -> None:
    """Move everyone inside by one step of the collision-free speed model, eqs. 1 to 6.

    Everyone reads the positions before the step (the copies in `cells`) and writes only its own row of
    `crowd`: position, heading, speed, and `reached` where the goal was reached in this step. So the result
    does not depend on the number of threads.

    Parameters
    ----------
    cells : arrays cut to the m attendees inside.
    step : length of the step [s]; free speeds times `step` are below the clearance of `walls`.
    """
    # The body is a function of its own: Numba drops writes to a tuple's arrays made right in a prange loop.
    for k in prange(cells.order.size):
        move_one(crowd, cells, fields, walls, law, step, k)
