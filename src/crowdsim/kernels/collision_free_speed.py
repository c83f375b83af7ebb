"""The collision-free speed model, with parameters of each attendee's own.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import prange

from crowdsim.kernels.arrays import TO_GOAL, Cells, Crowd, Fields, Walls
from crowdsim.kernels.cells import BLOCK, blocks_of, column_of, find_neighbours, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.squeezing import HEAD_ON, squeeze_past, stay_or_make_room
from crowdsim.kernels.sweeps import least_gap, sum_repulsions
from crowdsim.kernels.walking import SLOWED, desired_direction, desired_speed, end_step, gets_on_below, stand
from crowdsim.kernels.walls import closest_on_wall, find_screens, find_walls, is_hidden, turn_along_walls

NEGLIGIBLE = 1e-2
"""Repulsions weaker than this, beside the desired direction's 1, are left out: one turns nobody by 0.6 degree."""

ONCOMING = -0.5
"""Those ahead whose heading is at more than 120 degrees to one's own way come towards one (assumption)."""

MOST_FOR_STANDING = 1.0
"""Nobody turns by more than 45 degrees for one person who stands ahead: people go on towards the free side."""

STRAIGHT = 1e-9
"""Relative loss of speed along the heading up to which a wall does not turn the way aside: rounding."""


class Law(NamedTuple):
    """Parameters of the model that are the same for everyone; T, a and D are each attendee's own.

    Attributes
    ----------
    wall_strength, wall_range : a and D of the repulsion from walls, eq. 6 [-, m].
    bodies : the largest width of two bodies, side by side [m].
    reach : beyond this distance nobody matters [m].
    """

    wall_strength: float
    wall_range: float
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


@kernel
def gap_ahead_in_sight(
    cells: Cells, walls: Walls, k: int, heading_x: float, heading_y: float, bodies: float, reach: float
) -> float:
    """Return what `gap_ahead` does where walls may stand between people."""
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    gap = reach
    for n in find_neighbours(cells, k, reach + bodies):
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        both = cells.radius[k] + cells.radius[n]
        if dx * heading_x + dy * heading_y <= 0.0 or abs(dx * heading_y - dy * heading_x) > both:
            continue
        this_gap = math.sqrt(dx * dx + dy * dy) - both
        if this_gap < gap and not is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n]):
            gap = this_gap
    return gap


@inlined_kernel
def gap_ahead(
    cells: Cells, walls: Walls, k: int, heading_x: float, heading_y: float, bodies: float, reach: float
) -> float:
    """Return the gap to the nearest person in front, eqs. 3 and 4 [m]; `reach` if there is none within it.

    In front is who overlaps the strip that the two bodies sweep along the heading.

    Parameters
    ----------
    bodies : the largest width of two bodies, side by side [m].
    """
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    if first < last:
        return gap_ahead_in_sight(cells, walls, k, heading_x, heading_y, bodies, reach)
    widest = reach + bodies
    gap = least_gap(
        cells.single,
        cells.start,
        cells.columns,
        column_of(cells, x - widest),
        column_of(cells, x + widest),
        row_of(cells, y - widest),
        row_of(cells, y + widest),
        np.float32(x - cells.origin_x),
        np.float32(y - cells.origin_y),
        np.float32(cells.radius[k]),
        np.float32(heading_x),
        np.float32(heading_y),
        np.float32(reach),
    )
    return float(gap)


@inlined_kernel
def keep_time_gap(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    bodies: float,
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
    bodies : the largest width of two bodies, side by side [m].
    desired : the speed it would walk at alone [m/s].
    """
    time_gap = crowd.time_gap[cells.order[k]]
    gap = gap_ahead(cells, walls, k, heading_x, heading_y, bodies, desired * time_gap)
    speed = speed_for_gap(gap, desired, time_gap)
    velocity_x, velocity_y = turn_along_walls(walls, cells.x[k], cells.y[k], speed * heading_x, speed * heading_y, step)
    along = math.hypot(velocity_x, velocity_y)
    if along == 0.0 or velocity_x * heading_x + velocity_y * heading_y > (1.0 - STRAIGHT) * speed:
        return velocity_x, velocity_y
    gap = gap_ahead(cells, walls, k, velocity_x / along, velocity_y / along, bodies, desired * time_gap)
    slower = min(speed_for_gap(gap, desired, time_gap) / along, 1.0)
    return slower * velocity_x, slower * velocity_y


@inlined_kernel
def walk(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    bodies: float,
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
        crowd, cells, walls, bodies, step, k, heading_x, heading_y, desired_speed(crowd, i, left, step)
    )
    if gets_on_below(crowd, i, SLOWED):
        near = find_neighbours(cells, k, bodies + crowd.free_speed[i] * crowd.time_gap[i])
        velocity_x, velocity_y = squeeze_past(
            crowd, cells, walls, near, k, crowd.time_gap[i], step, toward_x, toward_y, velocity_x, velocity_y
        )
        heading_x = toward_x
        heading_y = toward_y
    crowd.heading_x[i] = heading_x
    crowd.heading_y[i] = heading_y
    end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left)


@inlined_kernel
def stands_or_comes(
    crowd: Crowd, cells: Cells, n: int, away_x: float, away_y: float, toward_x: float, toward_y: float
) -> bool:
    """Return whether person n of `cells` is ahead on the way `toward`, and stands there or comes the other way.

    Such people are passed at the side, the right one if they come straight on: their repulsion acts across the way.
    Equation 6 has them push back: lanes do not last then, streams that meet are too slow, and people stop before
    someone who stands.

    Parameters
    ----------
    away_x, away_y : unit vector from n to the attendee.
    """
    if away_x * toward_x + away_y * toward_y >= 0.0:
        return False
    if crowd.activity[cells.order[n]] < TO_GOAL:
        return True
    comes: bool = cells.heading_x[n] * toward_x + cells.heading_y[n] * toward_y <= ONCOMING
    return comes


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
def turn_from_in_sight(
    crowd: Crowd, cells: Cells, walls: Walls, k: int, reach: float, toward_x: float, toward_y: float
) -> tuple[float, float]:
    """Return what `turn_from` does where walls may stand between people."""
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    sum_x = 0.0
    sum_y = 0.0
    for n in find_neighbours(cells, k, reach):
        dx = x - cells.x[n]
        dy = y - cells.y[n]
        centres = math.sqrt(dx * dx + dy * dy)
        if crowd.activity[i] < TO_GOAL and crowd.activity[cells.order[n]] < TO_GOAL:
            continue
        push = repulsion(centres - cells.radius[k] - cells.radius[n], crowd.strength[i], crowd.range[i])
        if centres == 0.0 or push < NEGLIGIBLE or is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n]):
            continue
        away_x = dx / centres
        away_y = dy / centres
        if stands_or_comes(crowd, cells, n, away_x, away_y, toward_x, toward_y):
            aside = away_y * toward_x - away_x * toward_y
            if crowd.activity[cells.order[n]] < TO_GOAL:
                push = min(push, MOST_FOR_STANDING)
            push = push if aside > HEAD_ON else -push
            away_x = -toward_y
            away_y = toward_x
        sum_x += push * away_x
        sum_y += push * away_y
    return sum_x, sum_y


@inlined_kernel
def turn_from(
    crowd: Crowd, cells: Cells, walls: Walls, k: int, bodies: float, toward_x: float, toward_y: float
) -> tuple[float, float]:
    """Return the sum of the repulsions from others, eq. 6; of those to be passed, across the way.

    Those who stand at their own places, or go back there, keep no distance from each other.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    reach = bodies + crowd.range[i] * math.log(crowd.strength[i] / NEGLIGIBLE)
    first, last = find_screens(walls, x, y)
    if first < last:
        return turn_from_in_sight(crowd, cells, walls, k, reach, toward_x, toward_y)
    away_x, away_y = sum_repulsions(
        cells.single,
        cells.start,
        cells.columns,
        column_of(cells, x - reach),
        column_of(cells, x + reach),
        row_of(cells, y - reach),
        row_of(cells, y + reach),
        np.float32(x - cells.origin_x),
        np.float32(y - cells.origin_y),
        np.float32(cells.radius[k]),
        np.float32(toward_x),
        np.float32(toward_y),
        np.float32(crowd.strength[i]),
        np.float32(1.0 / crowd.range[i]),
        np.float32(NEGLIGIBLE),
        np.float32(ONCOMING),
        np.float32(HEAD_ON),
        np.float32(MOST_FOR_STANDING),
        np.float32(0.0 if crowd.activity[i] >= TO_GOAL else 1.0),
    )
    return float(away_x), float(away_y)


@inlined_kernel
def move_one(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, k: int) -> None:
    """Move attendee `cells.order[k]` by one step; see `move_collision_free_speed`."""
    i = cells.order[k]
    toward_x, toward_y, left = desired_direction(crowd, fields, walls, i)
    if stay_or_make_room(crowd, cells, walls, law.bodies, step, k, crowd.time_gap[i], toward_x, toward_y, left):
        return
    # Direction: desired direction plus repulsion from everyone and every wall near, eq. 6.
    walls_x, walls_y = repel_from_walls(
        walls, cells.x[k], cells.y[k], cells.radius[k], law.wall_strength, law.wall_range
    )
    others_x, others_y = turn_from(crowd, cells, walls, k, law.bodies, toward_x, toward_y)
    heading_x = toward_x + walls_x + others_x
    heading_y = toward_y + walls_y + others_y
    length = math.sqrt(heading_x * heading_x + heading_y * heading_y)
    if length == 0.0:
        stand(crowd, i)
        return
    walk(crowd, cells, walls, law.bodies, step, k, heading_x / length, heading_y / length, toward_x, toward_y, left)


@kernel
def move_block(
    crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, first: int, last: int
) -> None:
    """Move the attendees cells.order[first:last] by one step."""
    for k in range(first, last):
        move_one(crowd, cells, fields, walls, law, step, k)


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
    for block in prange(blocks_of(cells)):
        first = block * BLOCK
        move_block(crowd, cells, fields, walls, law, step, first, min(first + BLOCK, cells.order.size))
