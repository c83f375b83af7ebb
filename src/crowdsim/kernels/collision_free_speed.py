"""The collision-free speed model, with parameters of each attendee's own.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import get_thread_id, prange

from crowdsim.kernels.arrays import (
    BLOCK,
    GROUP,
    ONWARD_X,
    ONWARD_Y,
    OPEN,
    TO_GOAL,
    TOWARD_X,
    TOWARD_Y,
    WALLED,
    Cells,
    Crowd,
    Fields,
    Walls,
)
from crowdsim.kernels.cells import blocks_of, column_of, row_of
from crowdsim.kernels.following import walk_on
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.oncoming import headings_near, may_come
from crowdsim.kernels.sight import list_screens
from crowdsim.kernels.squeezing import HEAD_ON
from crowdsim.kernels.sweeps import sum_repulsions, sum_with_passing
from crowdsim.kernels.walking import find_ways, goes_on, note_arrivals
from crowdsim.kernels.walls import closest_on_wall, find_walls

NEGLIGIBLE = 1e-2
"""Repulsions weaker than this, beside the desired direction's 1, are left out: one turns nobody by 0.6 degree."""

ONCOMING = -0.5
"""Those ahead whose heading is at more than 120 degrees to one's own way come towards one (assumption)."""

MOST_FOR_STANDING = 1.0
"""Nobody turns by more than 45 degrees for one person who stands ahead: people go on towards the free side."""


class Law(NamedTuple):
    """Parameters of the model that are the same for everyone; T, a and D are each attendee's own.

    Attributes
    ----------
    wall_strength, wall_range : a and D of the repulsion from walls, eq. 6 [-, m].
    bodies : the largest width of two bodies, side by side [m].
    fade : gap beyond which repulsion turns nobody [m].
    reach : beyond this distance nobody matters [m].
    """

    wall_strength: float
    wall_range: float
    bodies: float
    fade: float
    reach: float


@inlined_kernel
def repulsion(gap: float, strength: float, length: float) -> float:
    """Return the weight of one repulsion, R(s) = a exp((l - s) / D), eq. 6, for a gap s - l between surfaces [m]."""
    return strength * math.exp(-gap / length)


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


@inlined_kernel
def turn_from(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    k: int,
    reach: float,
    toward_x: float,
    toward_y: float,
    walled: float,
    passes: bool,
) -> tuple[float, float]:
    """Return the sum of the repulsions from others, eq. 6; of those to be passed, across the way.

    To be passed is who is ahead and stands, or comes the other way: at the side, the right one if it comes straight on.
    Equation 6 has such people push back: lanes do not last then, streams that meet are too slow, and people stop before
    someone who stands. Those who stand at their own places, or go back there, keep no distance from each other.

    Parameters
    ----------
    walled : one of OPEN, WALLS, SCREENS.
    passes : whether there may be anyone to be passed, or who stands.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    screens = list_screens(cells, walls, k, walled)
    first_column = column_of(cells, x - reach)
    last_column = column_of(cells, x + reach)
    first_row = row_of(cells, y - reach)
    last_row = row_of(cells, y + reach)
    if not passes and screens == 0:
        away_x, away_y = sum_repulsions(
            cells.single,
            cells.start,
            cells.columns,
            first_column,
            last_column,
            first_row,
            last_row,
            np.float32(x - cells.origin_x),
            np.float32(y - cells.origin_y),
            cells.radius[k],
            crowd.strength[i],
            np.float32(1.0) / crowd.range[i],
            np.float32(NEGLIGIBLE),
        )
        return float(away_x), float(away_y)
    away_x, away_y = sum_with_passing(
        cells.single,
        cells.start,
        cells.columns,
        first_column,
        last_column,
        first_row,
        last_row,
        np.float32(x - cells.origin_x),
        np.float32(y - cells.origin_y),
        cells.radius[k],
        crowd.strength[i],
        np.float32(1.0) / crowd.range[i],
        np.float32(NEGLIGIBLE),
        np.float32(toward_x),
        np.float32(toward_y),
        np.float32(ONCOMING),
        np.float32(HEAD_ON),
        np.float32(MOST_FOR_STANDING),
        np.float32(0.0 if crowd.activity[i] >= TO_GOAL else 1.0),
        cells.screens[get_thread_id()],
        screens,
    )
    return float(away_x), float(away_y)


@kernel
def turn_block(crowd: Crowd, cells: Cells, walls: Walls, law: Law, step: float, first: int, last: int) -> None:
    """Note the headings of the attendees cells.order[first:last] in the thread's `ways`.

    Desired direction plus repulsion from everyone and every wall near, eq. 6; zero for those who want to stay, or go on
    as before.
    """
    ways = cells.ways[get_thread_id()]
    reach = law.bodies + law.fade
    bounds = headings_near(cells, first, min(first + GROUP, last), reach)
    for k in range(first, last):
        if k % GROUP == 0:
            bounds = headings_near(cells, k, min(k + GROUP, last), reach)
        toward_x = ways[TOWARD_X, k - first]
        toward_y = ways[TOWARD_Y, k - first]
        ways[ONWARD_X, k - first] = 0.0
        ways[ONWARD_Y, k - first] = 0.0
        if (toward_x == 0.0 and toward_y == 0.0) or goes_on(crowd, cells, cells.order[k], step):
            continue
        walled = ways[WALLED, k - first]
        passes = may_come(bounds, toward_x, toward_y, ONCOMING)
        others_x, others_y = turn_from(crowd, cells, walls, k, reach, toward_x, toward_y, walled, passes)
        heading_x = toward_x + others_x
        heading_y = toward_y + others_y
        if walled != OPEN:
            walls_x, walls_y = repel_from_walls(
                walls, cells.x[k], cells.y[k], cells.radius[k], law.wall_strength, law.wall_range
            )
            heading_x += walls_x
            heading_y += walls_y
        length = math.sqrt(heading_x * heading_x + heading_y * heading_y)
        if length > 0.0:
            ways[ONWARD_X, k - first] = heading_x / length
            ways[ONWARD_Y, k - first] = heading_y / length


@kernel
def move_block(
    crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, first: int, last: int
) -> None:
    """Move the attendees cells.order[first:last] by one step; at most `BLOCK` of them."""
    find_ways(crowd, cells, fields, walls, first, last)
    turn_block(crowd, cells, walls, law, step, first, last)
    walk_on(crowd, cells, walls, law.bodies, step, first, last)
    note_arrivals(crowd, cells, first, last)


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
