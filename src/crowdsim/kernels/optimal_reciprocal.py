"""Optimal reciprocal collision avoidance (ORCA).

van den Berg, Guy, Lin and Manocha (2011), Reciprocal n-body collision avoidance, Robotics Research (ISRR 2009),
Springer Tracts in Advanced Robotics 70:3, doi:10.1007/978-3-642-19457-3_1; sections are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import get_thread_id, prange

from crowdsim.kernels.arrays import (
    BLOCK,
    TO_GO,
    TO_GOAL,
    TOWARD_X,
    TOWARD_Y,
    WALLED,
    Cells,
    Crowd,
    Fields,
    Int32,
    Walls,
)
from crowdsim.kernels.cells import blocks_of, find_neighbours
from crowdsim.kernels.half_planes import fastest_allowed, set_plane
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.squeezing import squeeze_past, stay_or_make_room
from crowdsim.kernels.walking import HELD_UP, desired_speed, end_step, find_ways, gets_on_below, note_arrivals
from crowdsim.kernels.walls import closest_on_wall, find_screens, find_walls, is_hidden

PARTING = 0.1
"""Time in which bodies that overlap part [s]; the RVO2 library takes its step, which makes results depend on it."""


REACTION = 0.1
"""Time in which people take up the velocity they choose [s]; the paper's take it up in a step of its length."""


class Law(NamedTuple):
    """Parameters of the model.

    Attributes
    ----------
    time_horizon : tau, for which velocities must be free of collisions with people, section 3 [s].
    wall_time_horizon : the same for walls [s].
    most_neighbours : as many of the nearest people are avoided.
    bodies : the largest width of two bodies, side by side [m].
    reach : beyond this distance between centres nobody matters [m].
    """

    time_horizon: float
    wall_time_horizon: float
    most_neighbours: int
    bodies: float
    reach: float


@kernel
def nearest(cells: Cells, walls: Walls, near: Int32, k: int, most: int) -> int:
    """List the `most` nearest in sight of `near`, nearest first, in the thread's second row of `near`; return how many.

    Of those equally near the first in `near` comes first.
    """
    kept = cells.near[get_thread_id(), 1]
    squared = cells.limits[get_thread_id(), 0]
    count = 0
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    for n in near:
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        d = dx * dx + dy * dy
        if count == most and d >= squared[most - 1]:
            continue
        if first < last and is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n]):
            continue
        place = min(count, most - 1)
        while place > 0 and squared[place - 1] > d:
            squared[place] = squared[place - 1]
            kept[place] = kept[place - 1]
            place -= 1
        squared[place] = d
        kept[place] = n
        count = min(count + 1, most)
    return count


@kernel
def avoid(
    dx: float, dy: float, apart_x: float, apart_y: float, bodies: float, horizon: float
) -> tuple[float, float, float, float]:
    """Return the smallest change of a relative velocity that leaves the velocity obstacle, and its normal.

    Section 4: u of eq. 5 and n. The obstacle is the cone of relative velocities that lead to a collision within
    `horizon`, cut off by a disc; bodies that overlap must part within `PARTING`.

    Parameters
    ----------
    dx, dy : from the one to the other [m].
    apart_x, apart_y : velocity of the one relative to the other [m/s].
    """
    squared = dx * dx + dy * dy
    if squared > bodies * bodies:
        wx = apart_x - dx / horizon
        wy = apart_y - dy / horizon
        along = wx * dx + wy * dy
        w_squared = wx * wx + wy * wy
        if along >= 0.0 or along * along <= bodies * bodies * w_squared:
            # Nearest is one of the legs of the cone.
            leg = math.sqrt(squared - bodies * bodies)
            if dx * wy - dy * wx > 0.0:
                leg_x = (dx * leg - dy * bodies) / squared
                leg_y = (dx * bodies + dy * leg) / squared
                normal_x, normal_y = -leg_y, leg_x
            else:
                leg_x = (dx * leg + dy * bodies) / squared
                leg_y = (-dx * bodies + dy * leg) / squared
                normal_x, normal_y = leg_y, -leg_x
            on_leg = apart_x * leg_x + apart_y * leg_y
            return on_leg * leg_x - apart_x, on_leg * leg_y - apart_y, normal_x, normal_y
        within = horizon
    else:
        wx = apart_x - dx / PARTING
        wy = apart_y - dy / PARTING
        within = PARTING
    length = math.hypot(wx, wy)
    if length == 0.0:
        centres = math.sqrt(squared)
        if centres == 0.0:
            return 0.0, 0.0, 1.0, 0.0
        wx, wy, length = -dx / centres, -dy / centres, 1.0
        change = bodies / within
    else:
        change = bodies / within - length
    return change * wx / length, change * wy / length, wx / length, wy / length


@kernel
def list_half_planes(crowd: Crowd, cells: Cells, walls: Walls, near: Int32, law: Law, k: int) -> tuple[int, int]:
    """List the half-planes of velocities allowed to attendee `cells.order[k]`, walls first, in the thread's `planes`.

    Each row is a point (x, y) on the line and the normal (x, y) into the half-plane. Returns how many there are, and
    how many of them are walls'.
    """
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_walls(walls, x, y)
    planes = cells.planes[get_thread_id(), 0]
    count = 0
    for n in range(first, min(last, first + planes.shape[0] - near.size)):
        dx, dy, along = closest_on_wall(walls, walls.near[n], x, y)
        centres = math.hypot(dx, dy)
        if centres == 0.0 or along == 1.0:
            continue
        # Towards the closest point of a wall no faster than to touch it after the time horizon.
        towards = max(centres - cells.radius[k], 0.0) / law.wall_time_horizon
        dx /= centres
        dy /= centres
        set_plane(planes, count, -towards * dx, -towards * dy, dx, dy)
        count += 1
    of_walls = count
    for n in near:
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        bodies = cells.radius[k] + cells.radius[n]
        change_x, change_y, normal_x, normal_y = avoid(
            dx,
            dy,
            cells.velocity_x[k] - cells.velocity_x[n],
            cells.velocity_y[k] - cells.velocity_y[n],
            bodies,
            law.time_horizon,
        )
        # Each takes half of it; who stands and does not avoid leaves all of it to the other.
        share = 0.5 if crowd.activity[cells.order[n]] >= TO_GOAL else 1.0
        velocity_x = cells.velocity_x[k] + share * change_x
        velocity_y = cells.velocity_y[k] + share * change_y
        set_plane(planes, count, velocity_x, velocity_y, normal_x, normal_y)
        count += 1
    return count, of_walls


@inlined_kernel
def move_one(crowd: Crowd, cells: Cells, walls: Walls, law: Law, step: float, k: int, at: int) -> None:
    """Move attendee `cells.order[k]` by one step from its way at place `at` in `ways`; see the kernel."""
    i = cells.order[k]
    thread = get_thread_id()
    toward_x = cells.ways[thread, TOWARD_X, at]
    toward_y = cells.ways[thread, TOWARD_Y, at]
    left = cells.ways[thread, TO_GO, at]
    walled = cells.ways[thread, WALLED, at]
    if stay_or_make_room(crowd, cells, walls, law.bodies, step, k, law.time_horizon, toward_x, toward_y, left, walled):
        return
    near = find_neighbours(cells, k, law.reach)
    speed = desired_speed(crowd, i, left, step)
    kept = cells.near[thread, 1, : nearest(cells, walls, near, k, law.most_neighbours)]
    count, of_walls = list_half_planes(crowd, cells, walls, kept, law, k)
    planes = cells.planes[thread, 0, :count]
    shifted = cells.planes[thread, 1, :count]
    velocity_x, velocity_y = fastest_allowed(
        planes, shifted, of_walls, crowd.free_speed[i], speed * toward_x, speed * toward_y
    )
    if gets_on_below(crowd, i, HELD_UP):
        velocity_x, velocity_y = squeeze_past(
            crowd,
            cells,
            walls,
            k,
            law.reach,
            law.time_horizon,
            step,
            toward_x,
            toward_y,
            velocity_x,
            velocity_y,
            walled,
        )
    # People take their time to change step; without it the result would depend on the step's length.
    share = 1.0 - math.exp(-step / REACTION)
    velocity_x = cells.velocity_x[k] + share * (velocity_x - cells.velocity_x[k])
    velocity_y = cells.velocity_y[k] + share * (velocity_y - cells.velocity_y[k])
    length = math.hypot(velocity_x, velocity_y)
    if length > HELD_UP * crowd.free_speed[i]:
        crowd.heading_x[i] = velocity_x / length
        crowd.heading_y[i] = velocity_y / length
    else:
        crowd.heading_x[i] = toward_x
        crowd.heading_y[i] = toward_y
    end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left, walled)


@kernel
def move_block(
    crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, first: int, last: int
) -> None:
    """Move the attendees cells.order[first:last] by one step; at most `BLOCK` of them."""
    find_ways(crowd, cells, fields, walls, first, last)
    for k in range(first, last):
        move_one(crowd, cells, walls, law, step, k, k - first)
    note_arrivals(crowd, cells, first, last)


@parallel_kernel
def move_optimal_reciprocal(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float) -> None:
    """Move everyone present by one step of optimal reciprocal collision avoidance, sections 3 to 5.

    Walls act through their closest points instead of section 5.4's obstacles; `stay_clear` makes sure of them.
    Signature and guarantees are those of `move_collision_free_speed`.
    """
    for block in prange(blocks_of(cells)):
        first = block * BLOCK
        move_block(crowd, cells, fields, walls, law, step, first, min(first + BLOCK, cells.order.size))
