"""The collision-free speed model, with parameters of each attendee's own.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import prange

from crowdsim.kernels.arrays import Cells, Crowd, Fields, Int32, Walls
from crowdsim.kernels.cells import find_neighbours
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.squeezing import ASIDE_M, squeeze_past, stay_or_make_room
from crowdsim.kernels.walking import SLOWED, desired_direction, desired_speed, end_step, gets_on_below, stand
from crowdsim.kernels.walls import closest_on_wall, find_walls, is_hidden, turn_along_walls

NEGLIGIBLE = 1e-3
"""Repulsions weaker than this, beside the desired direction's 1, are left out: it turns nobody by 0.1 degree."""


STRAIGHT = 1e-9
"""Relative loss of speed along the heading up to which a wall does not turn the way aside: rounding."""


class Law(NamedTuple):
    """Parameters of the model that are the same for everyone; T, a and D are each attendee's own.

    Attributes
    ----------
    wall_strength, wall_range : a and D of the repulsion from walls, eq. 6 [-, m].
    turn_reach : beyond this distance between centres nobody turns another aside [m].
    bodies : the largest width of two bodies, side by side [m].
    reach : beyond this distance nobody matters [m].
    """

    wall_strength: float
    wall_range: float
    turn_reach: float
    bodies: float
    reach: float


@inlined_kernel
def repulsion(gap: float, strength: float, length: float) -> float:
    """Return the weight of one repulsion, R(s) = a exp((l - s) / D), eq. 6, for a gap s - l between surfaces [m]."""
    return strength * math.exp(-gap / length)


@inlined_kernel
def speed_for_gap(gap: float, free_speed: float, time_gap: float) -> float:
    """Return the speed V(s) = min(v0, max(0, (s - l) / T)), eq. 5, for a gap s - l to the person in front."""
    return min(free_speed, max(0.0, gap / time_gap))


@inlined_kernel
def gap_ahead(
    cells: Cells, walls: Walls, near: Int32, k: int, heading_x: float, heading_y: float, reach: float
) -> float:
    """Return the gap to the nearest person in front, eqs. 3 and 4 [m]; `reach` if there is none within it.

    In front is who overlaps the strip that the two bodies sweep along the heading.
    """
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_walls(walls, x, y)
    gap = reach
    for n in near:
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        bodies = cells.radius[k] + cells.radius[n]
        if dx * heading_x + dy * heading_y <= 0.0 or abs(dx * heading_y - dy * heading_x) > bodies:
            continue
        this_gap = math.sqrt(dx * dx + dy * dy) - bodies
        if this_gap < gap and not (first < last and is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n])):
            gap = this_gap
    return gap


@kernel
def keep_time_gap(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    near: Int32,
    step: float,
    k: int,
    heading_x: float,
    heading_y: float,
    desired: float,
) -> tuple[float, float]:
    """Return the velocity of attendee `cells.order[k]` along a heading, by the gap to the next in front, eqs. 3 to 5.

    Where a wall turns the way aside, the gap counts along that way.

    Parameters
    ----------
    desired : the speed it would walk at alone [m/s].
    """
    time_gap = crowd.time_gap[cells.order[k]]
    gap = gap_ahead(cells, walls, near, k, heading_x, heading_y, desired * time_gap)
    speed = speed_for_gap(gap, desired, time_gap)
    velocity_x, velocity_y = turn_along_walls(walls, cells.x[k], cells.y[k], speed * heading_x, speed * heading_y, step)
    along = math.hypot(velocity_x, velocity_y)
    if along == 0.0 or velocity_x * heading_x + velocity_y * heading_y > (1.0 - STRAIGHT) * speed:
        return velocity_x, velocity_y
    gap = gap_ahead(cells, walls, near, k, velocity_x / along, velocity_y / along, desired * time_gap)
    slower = min(speed_for_gap(gap, desired, time_gap) / along, 1.0)
    return slower * velocity_x, slower * velocity_y


@inlined_kernel
def walk(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    near: Int32,
    step: float,
    k: int,
    heading_x: float,
    heading_y: float,
    toward_x: float,
    toward_y: float,
    left: float,
) -> None:
    """Make the step of attendee `cells.order[k]` along a heading; in a jam, as it gets on best."""
    i = cells.order[k]
    velocity_x, velocity_y = keep_time_gap(
        crowd, cells, walls, near, step, k, heading_x, heading_y, desired_speed(crowd, i, left, step)
    )
    if gets_on_below(crowd, i, SLOWED):
        velocity_x, velocity_y = squeeze_past(
            crowd, cells, walls, near, k, crowd.time_gap[i], step, toward_x, toward_y, velocity_x, velocity_y
        )
        heading_x = toward_x
        heading_y = toward_y
    crowd.heading_x[i] = heading_x
    crowd.heading_y[i] = heading_y
    end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left)


@inlined_kernel
def reach_of(crowd: Crowd, i: int, bodies: float, turn_reach: float, stands: bool) -> float:
    """Return how far away others can matter to attendee i, centre to centre [m]: in front, aside, or pressing past."""
    if stands:
        return bodies + ASIDE_M
    headway: float = crowd.free_speed[i] * crowd.time_gap[i]
    return max(turn_reach, bodies + headway)


@inlined_kernel
def repel_from_walls(
    walls: Walls, x: float, y: float, radius: float, strength: float, length: float
) -> tuple[float, float]:
    """Return the sum of the repulsions from the walls near a body, eq. 6; at contact each is `strength` at most."""
    first, last = find_walls(walls, x, y)
    away_x = 0.0
    away_y = 0.0
    for n in range(first, last):
        dx, dy, along = closest_on_wall(walls, walls.near[n], x, y)
        centres = math.hypot(dx, dy)
        push = repulsion(max(centres - radius, 0.0), strength, length)
        # A corner belongs to two segments: it acts once, as the beginning of the second.
        if push < NEGLIGIBLE or along == 1.0:
            continue
        away_x += push * dx / centres
        away_y += push * dy / centres
    return away_x, away_y


@kernel
def move_one(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, k: int) -> None:
    """Move attendee `cells.order[k]` by one step; see `move_collision_free_speed`."""
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    radius = cells.radius[k]
    toward_x, toward_y, left = desired_direction(crowd, fields, walls, i)
    stands = toward_x == 0.0 and toward_y == 0.0
    near = find_neighbours(cells, k, reach_of(crowd, i, law.bodies, law.turn_reach, stands))
    if stay_or_make_room(crowd, cells, walls, near, step, k, crowd.time_gap[i], toward_x, toward_y, left):
        return

    # Direction: desired direction plus repulsion from everyone and every wall near, eq. 6.
    heading_x, heading_y = repel_from_walls(walls, x, y, radius, law.wall_strength, law.wall_range)
    heading_x += toward_x
    heading_y += toward_y
    first, last = find_walls(walls, x, y)
    for n in near:
        dx = x - cells.x[n]
        dy = y - cells.y[n]
        squared = dx * dx + dy * dy
        if squared > law.turn_reach * law.turn_reach or squared == 0.0:
            continue
        centres = math.sqrt(squared)
        push = repulsion(centres - radius - cells.radius[n], crowd.strength[i], crowd.range[i])
        if push < NEGLIGIBLE or (first < last and is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n])):
            continue
        heading_x += push * dx / centres
        heading_y += push * dy / centres
    length = math.hypot(heading_x, heading_y)
    if length == 0.0:
        stand(crowd, i)
        return
    heading_x /= length
    heading_y /= length

    walk(crowd, cells, walls, near, step, k, heading_x, heading_y, toward_x, toward_y, left)


@parallel_kernel
def move_collision_free_speed(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float) -> None:
    """Move everyone present by one step of the collision-free speed model, eqs. 1 to 6.

    Everyone reads the positions before the step (the copies in `cells`) and writes only its own row of
    `crowd`: position, heading, velocity, and `reached` where the goal was reached in this step. So the result
    does not depend on the number of threads. All movement models share this signature.

    Parameters
    ----------
    cells : arrays cut to the m attendees present.
    step : length of the step [s]; free speeds times `step` are below the clearance of `walls`.
    """
    # The body is a function of its own: Numba drops writes to a tuple's arrays made right in a prange loop.
    for k in prange(cells.order.size):
        move_one(crowd, cells, fields, walls, law, step, k)
