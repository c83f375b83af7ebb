"""Which of those near an attendee are hidden by walls, `LANES` of them at a time and in single precision."""

from __future__ import annotations

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import SCREENS, Cells, Float32, Walls
from crowdsim.kernels.jit import inlined_kernel
from crowdsim.kernels.lanes import Lanes, Mask, first_lanes, fused, spread
from crowdsim.kernels.walls import find_screens

ZERO = np.float32(0.0)


@inlined_kernel
def list_screens(cells: Cells, walls: Walls, k: int, walled: float) -> int:
    """List the walls that may hide others from attendee `cells.order[k]` in the thread's `screens`.

    Parameters
    ----------
    walled : one of OPEN, WALLS, SCREENS.

    Returns
    -------
    count : of those listed; if there are more than `screens` holds, the last are left out.
    """
    if walled != SCREENS:
        return 0
    screens = cells.screens[get_thread_id()]
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    count: int = min(last - first, screens.shape[0])
    for n in range(count):
        segment = walls.near[first + n]
        screens[n, 0] = np.float32(walls.ax[segment] - x)
        screens[n, 1] = np.float32(walls.ay[segment] - y)
        screens[n, 2] = np.float32(walls.bx[segment] - x)
        screens[n, 3] = np.float32(walls.by[segment] - y)
    return count


@inlined_kernel
def are_hidden(screens: Float32, count: int, dx: Lanes, dy: Lanes) -> Mask:
    """Return whether a wall crosses the line to each of those (dx, dy) away from the attendee.

    Parameters
    ----------
    screens : (most, 4) the ends of walls, from the attendee, as `list_screens` leaves them.
    count : how many of them there are.
    """
    hidden = first_lanes(0)
    for n in range(count):
        ax, ay, bx, by = screens[n, 0], screens[n, 1], screens[n, 2], screens[n, 3]
        side_a = fused(dx, spread(ay), dy * spread(ZERO - ax))
        side_b = fused(dx, spread(by), dy * spread(ZERO - bx))
        here = spread(by * ax - bx * ay)
        there = fused(dy, spread(bx - ax), fused(dx, spread(ay - by), here))
        hidden = hidden | ((side_a * side_b <= spread(ZERO)) & (here * there < spread(ZERO)))
    return hidden
