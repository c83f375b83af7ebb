"""How fast people walk behind others: the speed functions of the collision-free speed model.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper. The anticipation velocity model shares them.
"""

from __future__ import annotations

import math

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import (
    GAP,
    ONWARD_X,
    ONWARD_Y,
    OPEN,
    TO_GO,
    TOWARD_X,
    TOWARD_Y,
    WALLED,
    Cells,
    Crowd,
    Walls,
)
from crowdsim.kernels.cells import column_of, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.sight import list_screens
from crowdsim.kernels.squeezing import squeeze_past, stay_or_make_room
from crowdsim.kernels.sweeps import least_gap
from crowdsim.kernels.walking import SLOWED, desired_speed, end_step, gets_on_below, goes_on, is_kept_from_spot, stand
from crowdsim.kernels.walls import turn_along_walls

STRAIGHT = 1e-9
"""Relative loss of speed along the heading up to which a wall does not turn the way aside: rounding."""


@inlined_kernel
def speed_for_gap(gap: float, free_speed: float, time_gap: float) -> float:
    """Return the speed V(s) = min(v0, max(0, (s - l) / T)), eq. 5, for a gap s - l to the person in front."""
    return min(free_speed, max(0.0, gap / time_gap))


@inlined_kernel
def gap_ahead(
    cells: Cells,
    walls: Walls,
    k: int,
    heading_x: float,
    heading_y: float,
    bodies: float,
    reach: float,
    walled: float,
) -> float:
    """Return the gap to the nearest person in front, eqs. 3 and 4 [m]; `reach` if there is none within it.

    In front is who overlaps the strip that the two bodies sweep along the heading.

    Parameters
    ----------
    bodies : the largest width of two bodies, side by side [m].
    walled : one of OPEN, WALLS, SCREENS.
    """
    x = cells.x[k]
    y = cells.y[k]
    screens = list_screens(cells, walls, k, walled)
    # The box around the strip: nobody outside it is in front.
    end_x = (reach + bodies) * heading_x
    end_y = (reach + bodies) * heading_y
    side_x = bodies * abs(heading_y)
    side_y = bodies * abs(heading_x)
    gap = least_gap(
        cells.single,
        cells.start,
        cells.columns,
        column_of(cells, x + min(end_x, 0.0) - side_x),
        column_of(cells, x + max(end_x, 0.0) + side_x),
        row_of(cells, y + min(end_y, 0.0) - side_y),
        row_of(cells, y + max(end_y, 0.0) + side_y),
        np.float32(x - cells.origin_x),
        np.float32(y - cells.origin_y),
        cells.radius[k],
        np.float32(heading_x),
        np.float32(heading_y),
        np.float32(reach),
        cells.screens[get_thread_id()],
        screens,
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
    gap: float,
    walled: float,
) -> tuple[float, float]:
    """Return the velocity of attendee `cells.order[k]` along a heading, by the gap to the next in front, eqs. 3 to 5.

    Where a wall turns the way aside, the gap counts along that way.

    Parameters
    ----------
    bodies : the largest width of two bodies, side by side [m].
    desired : the speed it would walk at alone [m/s].
    gap : to the next in front along the heading [m].
    walled : one of OPEN, WALLS, SCREENS.
    """
    time_gap = crowd.time_gap[cells.order[k]]
    speed = speed_for_gap(gap, desired, time_gap)
    if walled == OPEN:
        return speed * heading_x, speed * heading_y
    velocity_x, velocity_y = turn_along_walls(walls, cells.x[k], cells.y[k], speed * heading_x, speed * heading_y, step)
    if velocity_x * heading_x + velocity_y * heading_y > (1.0 - STRAIGHT) * speed:
        return velocity_x, velocity_y
    along = math.sqrt(velocity_x * velocity_x + velocity_y * velocity_y)
    if along == 0.0:
        return velocity_x, velocity_y
    gap = gap_ahead(cells, walls, k, velocity_x / along, velocity_y / along, bodies, desired * time_gap, walled)
    slower = min(speed_for_gap(gap, desired, time_gap) / along, 1.0)
    return slower * velocity_x, slower * velocity_y


@kernel
def measure_gaps(crowd: Crowd, cells: Cells, walls: Walls, bodies: float, step: float, first: int, last: int) -> None:
    """Note the gap in front of each of the attendees cells.order[first:last] who walk, along its heading, in `ways`."""
    ways = cells.ways[get_thread_id()]
    for k in range(first, last):
        if ways[ONWARD_X, k - first] == 0.0 and ways[ONWARD_Y, k - first] == 0.0:
            continue
        i = cells.order[k]
        reach = desired_speed(crowd, i, ways[TO_GO, k - first], step) * crowd.time_gap[i]
        ways[GAP, k - first] = gap_ahead(
            cells,
            walls,
            k,
            ways[ONWARD_X, k - first],
            ways[ONWARD_Y, k - first],
            bodies,
            reach,
            ways[WALLED, k - first],
        )


@kernel
def walk_on(crowd: Crowd, cells: Cells, walls: Walls, bodies: float, step: float, first: int, last: int) -> None:
    """Make the steps of the attendees cells.order[first:last] along their headings; in a jam, as they get on best.

    Parameters
    ----------
    bodies : the largest width of two bodies, side by side [m].
    """
    measure_gaps(crowd, cells, walls, bodies, step, first, last)
    thread = get_thread_id()
    for k in range(first, last):
        i = cells.order[k]
        toward_x = cells.ways[thread, TOWARD_X, k - first]
        toward_y = cells.ways[thread, TOWARD_Y, k - first]
        left = cells.ways[thread, TO_GO, k - first]
        heading_x = cells.ways[thread, ONWARD_X, k - first]
        heading_y = cells.ways[thread, ONWARD_Y, k - first]
        gap = cells.ways[thread, GAP, k - first]
        walled = cells.ways[thread, WALLED, k - first]
        if stay_or_make_room(crowd, cells, walls, bodies, step, k, crowd.time_gap[i], toward_x, toward_y, left, walled):
            continue
        if goes_on(crowd, cells, i, step):
            velocity_x = float(crowd.velocity_x[i])
            velocity_y = float(crowd.velocity_y[i])
            end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left, walled)
            continue
        if heading_x == 0.0 and heading_y == 0.0:
            stand(crowd, i)
            continue
        desired = desired_speed(crowd, i, left, step)
        velocity_x, velocity_y = keep_time_gap(
            crowd, cells, walls, bodies, step, k, heading_x, heading_y, desired, gap, walled
        )
        if gets_on_below(crowd, i, SLOWED) or is_kept_from_spot(crowd, i, left, bodies):
            reach = bodies + crowd.free_speed[i] * crowd.time_gap[i]
            velocity_x, velocity_y = squeeze_past(
                crowd,
                cells,
                walls,
                k,
                reach,
                crowd.time_gap[i],
                step,
                toward_x,
                toward_y,
                velocity_x,
                velocity_y,
                walled,
            )
            heading_x = toward_x
            heading_y = toward_y
        crowd.heading_x[i] = heading_x
        crowd.heading_y[i] = heading_y
        end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left, walled)
