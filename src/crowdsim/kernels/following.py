"""How fast people walk behind others: the speed functions of the collision-free speed model.

Tordeux, Chraibi and Seyfried (2016), Traffic and Granular Flow '15, doi:10.1007/978-3-319-33482-0_29
(arXiv:1512.05597); numbers of equations are those of the paper. The anticipation velocity model shares them.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsim.kernels.arrays import Cells, Crowd, Walls
from crowdsim.kernels.cells import column_of, find_neighbours, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.squeezing import squeeze_past
from crowdsim.kernels.sweeps import least_gap
from crowdsim.kernels.walking import SLOWED, desired_speed, end_step, gets_on_below
from crowdsim.kernels.walls import find_screens, is_hidden, turn_along_walls

STRAIGHT = 1e-9
"""Relative loss of speed along the heading up to which a wall does not turn the way aside: rounding."""


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
