"""What every movement model shares: where someone wants to go, and how a step ends."""

from __future__ import annotations

import math

from numba import get_thread_id

from crowdsim.kernels.arrays import (
    BLOCK,
    LEAVING,
    MEAN_LEVEL,
    OPEN,
    TO_GO,
    TO_GOAL,
    TOWARD_X,
    TOWARD_Y,
    WALK_ON_M,
    WALLED,
    Cells,
    Crowd,
    Fields,
    Walls,
)
from crowdsim.kernels.corners import CARRIED, MEAN_X, MEAN_Y, gather_nodes, weigh_nodes
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.walls import away_from_walls, stay_clear, what_walls

AT_SPOT_M = 0.1
"""Whoever is this close to the own spot stands still."""

SLOWED = 0.5
"""Share of the free speed: whoever gets on more slowly than this is in a jam."""

HELD_UP = 0.1
"""Share of the free speed: whoever gets on more slowly than this hardly moves."""

LOOK_S = 0.2
"""Who hardly moves looks for a better way on this often [s]: a simple reaction to something seen takes 0.18 to 0.2 s
(Welford 1980, Reaction Times); who is in a jam and moves, twice as often."""

BLIND_SHARE = 1.0 / 3.0
"""At least as often as this share of the time gap. Speeds are kept to the gap over the time gap: two who walk towards
each other without looking close two thirds of the gap between them."""

WHOLE = 1e-6
"""Rounding allowance when steps are counted."""

PATIENCE = 1.0
"""Time over which getting on is averaged for that [s]: as long as a step takes in a queue."""


@inlined_kernel
def direction_off_fields(crowd: Crowd, walls: Walls, i: int) -> tuple[float, float, float]:
    """Return where attendee i wants to go where no field leads (unit vector; zero to stay) and the distance left."""
    x = crowd.x[i]
    y = crowd.y[i]
    activity = crowd.activity[i]
    if activity == LEAVING:
        return crowd.spot_x[i], crowd.spot_y[i], crowd.left[i]
    if activity < TO_GOAL:
        dx = crowd.spot_x[i] - x
        dy = crowd.spot_y[i] - y
        left = math.hypot(dx, dy)
        if left < AT_SPOT_M:
            return 0.0, 0.0, left
        return dx / left, dy / left, left
    # Squeezed into a corner without a node of the field: step out of it first.
    toward_x, toward_y = away_from_walls(walls, x, y)
    return toward_x, toward_y, math.inf


@inlined_kernel
def drawn_aside(toward_x: float, toward_y: float, drawn_x: float, drawn_y: float) -> tuple[float, float]:
    """Return the unit vector of the way of somebody who is drawn aside, by the part of it across the way on."""
    along = toward_x * drawn_x + toward_y * drawn_y
    x = toward_x + drawn_x - along * toward_x
    y = toward_y + drawn_y - along * toward_y
    length = math.sqrt(x * x + y * y)
    if length == 0.0:
        return toward_x, toward_y
    return x / length, y / length


@kernel
def find_ways(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, first: int, last: int) -> None:
    """Note where each of the attendees cells.order[first:last] wants to go, in the thread's `ways`."""
    ways = cells.ways[get_thread_id()]
    corners = cells.corners[get_thread_id()]
    gather_nodes(crowd, cells, fields, first, last)
    weigh_nodes(corners, last - first)
    for k in range(first, last):
        n = k - first
        i = cells.order[k]
        ways[WALLED, n] = what_walls(walls, cells.x[k], cells.y[k])
        if corners[MEAN_LEVEL, n] < 0.0:
            ways[TOWARD_X, n], ways[TOWARD_Y, n], ways[TO_GO, n] = direction_off_fields(crowd, walls, i)
            continue
        goal = crowd.goal[i]
        ways[TO_GO, n] = (
            fields.nearest[goal] + fields.unit[goal] * corners[MEAN_LEVEL, n] - fields.step * corners[CARRIED, n]
        )
        ways[TOWARD_X, n] = corners[MEAN_X, n]
        ways[TOWARD_Y, n] = corners[MEAN_Y, n]
        if corners[MEAN_X, n] == 0.0 and corners[MEAN_Y, n] == 0.0:
            ways[TOWARD_X, n] = crowd.heading_x[i]
            ways[TOWARD_Y, n] = crowd.heading_y[i]
        if crowd.aside_x[i] != 0.0 or crowd.aside_y[i] != 0.0:
            ways[TOWARD_X, n], ways[TOWARD_Y, n] = drawn_aside(
                ways[TOWARD_X, n], ways[TOWARD_Y, n], crowd.aside_x[i], crowd.aside_y[i]
            )


@inlined_kernel
def desired_speed(crowd: Crowd, i: int, left: float, time: float) -> float:
    """Return the speed attendee i would walk at alone [m/s]: slower when its spot is nearer than `time` seconds."""
    speed: float = crowd.free_speed[i]
    return min(speed, left / time) if crowd.activity[i] < TO_GOAL else speed


@inlined_kernel
def gets_on_below(crowd: Crowd, i: int, share: float) -> bool:
    """Return whether attendee i walks and has got on at less than a share of its free speed for about a second."""
    below: bool = crowd.activity[i] >= TO_GOAL and crowd.progress[i] < share * crowd.free_speed[i]
    return below


@inlined_kernel
def is_kept_from_spot(crowd: Crowd, i: int, left: float, bodies: float) -> bool:
    """Return whether attendee i hardly moves although its own spot is farther away than two bodies beside each other.

    In a line that moves up, people stand abreast and touch: who is to go ahead gets past those at its sides.
    """
    kept: bool = crowd.activity[i] < TO_GOAL and left > bodies and crowd.progress[i] < HELD_UP * crowd.free_speed[i]
    return kept


@inlined_kernel
def goes_on(crowd: Crowd, cells: Cells, i: int, step: float) -> bool:
    """Return whether attendee i, in a jam, walks on as in the last step, and does not look round in this one."""
    if not gets_on_below(crowd, i, SLOWED):
        return False
    pause = min(LOOK_S, BLIND_SHARE * crowd.time_gap[i])
    if not gets_on_below(crowd, i, HELD_UP):
        pause /= 2.0
    steps = int(pause / step + WHOLE)
    waits: bool = steps > 1 and (cells.steps + i) % steps != 0
    return waits


@inlined_kernel
def end_step(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    step: float,
    k: int,
    velocity_x: float,
    velocity_y: float,
    toward_x: float,
    toward_y: float,
    left: float,
    walled: float,
) -> None:
    """Move attendee `cells.order[k]` by its velocity, kept clear of walls, and book what that means.

    Writes position, velocity, speed, progress, distance left, and `reached` where the goal was reached.

    Parameters
    ----------
    walled : one of OPEN, WALLS, SCREENS.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    new_x = x + step * velocity_x
    new_y = y + step * velocity_y
    if walled != OPEN:
        new_x, new_y = stay_clear(walls, x, y, new_x, new_y)
        velocity_x = (new_x - x) / step
        velocity_y = (new_y - y) / step
    crowd.x[i] = new_x
    crowd.y[i] = new_y
    crowd.velocity_x[i] = velocity_x
    crowd.velocity_y[i] = velocity_y
    crowd.speed[i] = math.sqrt(velocity_x * velocity_x + velocity_y * velocity_y)
    progress = velocity_x * toward_x + velocity_y * toward_y
    crowd.progress[i] += (progress - crowd.progress[i]) * min(step / PATIENCE, 1.0)
    if crowd.activity[i] < TO_GOAL:
        return
    # Along the field, the distance left shrinks by the way made towards the goal.
    crowd.left[i] = left - step * progress
    if crowd.activity[i] == TO_GOAL:
        if crowd.left[i] <= 0.0:
            crowd.reached[i] = 1
    elif crowd.left[i] <= -WALK_ON_M or gets_on_below(crowd, i, HELD_UP):
        crowd.reached[i] = 1  # gone: far enough beyond the exit, or held up there


@kernel
def note_arrivals(crowd: Crowd, cells: Cells, first: int, last: int) -> None:
    """Note whether anyone of the block of attendees cells.order[first:last] has `reached` its goal."""
    reached = 0
    for k in range(first, last):
        reached += crowd.reached[cells.order[k]]
    cells.arrived[first // BLOCK] = reached > 0


@inlined_kernel
def stand(crowd: Crowd, i: int) -> None:
    """Let attendee i stand still for a step."""
    crowd.velocity_x[i] = 0.0
    crowd.velocity_y[i] = 0.0
    crowd.speed[i] = 0.0
