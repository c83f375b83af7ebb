"""How people get on where a crowd is so dense that keeping one's distance would stop everyone for good.

Models whose speed is zero at contact (collision-free speed, anticipation velocity, reciprocal avoidance) freeze
where three people hold each other up in an arch, or two keep making way for each other before a narrow gate.
People turn their shoulders, let those ahead go first, and step aside for those who want to pass.
"""

from __future__ import annotations

import math

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import (
    GOAL,
    LEFT,
    OPEN,
    RADIUS,
    SCREENS,
    TO_GOAL,
    Cells,
    Crowd,
    Float32,
    Walls,
    X,
    Y,
)
from crowdsim.kernels.cells import column_of, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    first_lanes,
    first_of,
    fused,
    larger,
    least,
    load,
    one_over_root,
    select,
    smaller,
    spread,
    store,
)
from crowdsim.kernels.sweeps import TINY
from crowdsim.kernels.walking import HELD_UP, SLOWED, end_step, gets_on_below, stand
from crowdsim.kernels.walls import find_screens, is_hidden, turn_along_walls

SQUEEZED = 0.75
"""How close people pass each other then, as a share of their bodies' width: they turn their shoulders.
Depth over breadth of Fruin's body ellipse, 18 by 24 inches (Fruin 1971, Pedestrian Planning and Design)."""

SQUEEZED_SINGLE = np.float32(SQUEEZED)

WEDGED = 0.8
"""Whoever is nearer than this share of the bodies' width to someone ahead who stands may be what holds it up: a
finger's breadth more than turned shoulders."""

SLIDES = 2
"""Sweeps over the neighbours when a velocity is turned off them: the second mends what the first one undid."""

MANY_SLIDES = 8
"""As many for those wedged in: where the ways left are narrow, two sweeps find none of them."""

TURNS = ((1.0, 0.0), (0.5, -math.sqrt(0.75)), (0.5, math.sqrt(0.75)))
"""Ways tried past those in front, cosine and sine: straight on, 60 degrees to the right, to the left (assumption)."""

TURN_GAIN = 1.05
"""A turn is taken only if it gets on faster than straight on by more than this: no wavering between equals."""

ACROSS = 0.3
"""Others whose headings point across one's own by less than this, as a sine, come head-on (assumption)."""

HEAD_ON = 1e-3
"""Offset aside, as a share of the distance, below which someone comes exactly head-on: to the right then."""

ASIDE_M = 0.2
"""Who stands makes room for a walker whose body is nearer than this: about half a body's width (assumption)."""


UNIT_X, UNIT_Y, LIMIT, PRESSING = range(4)
"""Rows of `Cells.limits`: direction towards each of those listed; the highest speed towards each, and the one for who
is pressing [m/s]."""

ROUNDING = np.float32(1e-5)
"""Limits may be exceeded by this [m/s]: rounding of velocities in single precision, a micrometre in a step."""

NO_LIMIT = np.float32(1e9)
"""A speed that nobody reaches [m/s]."""


@kernel
def list_limits(crowd: Crowd, cells: Cells, walls: Walls, k: int, reach: float, time_gap: float, walled: float) -> int:
    """List how fast attendee `cells.order[k]` may approach each of those in sight, in the thread's `limits`.

    The gap divided by the time gap. The gap is between bodies as they are for those who are ahead on the way to
    the same goal, and between turned shoulders for the others: whoever is ahead goes first, so that no two wait
    for each other. Who is pressing turns shoulders to everyone. Those in the very same place are left out.

    Returns
    -------
    count : of those listed; their places in `cells` are in the thread's `near`. Up to the next full sixteen, `limits`
        has entries without a limit.
    """
    single = cells.single
    found = cells.near[get_thread_id(), 0]
    limits = cells.limits[get_thread_id()]
    most = found.size - LANES
    zero = spread(np.float32(0.0))
    x = spread(single[X, k])
    y = spread(single[Y, k])
    far = spread(np.float32(reach))
    radius = spread(single[RADIUS, k])
    left = spread(single[LEFT, k])
    goal = spread(np.float32(crowd.goal[cells.order[k]]))
    per_time = spread(np.float32(1.0 / time_gap))
    first_column = column_of(cells, cells.x[k] - reach)
    last_column = column_of(cells, cells.x[k] + reach)
    first_wall, last_wall = find_screens(walls, cells.x[k], cells.y[k]) if walled == SCREENS else (0, 0)
    count = 0
    for row in range(row_of(cells, cells.y[k] - reach), row_of(cells, cells.y[k] + reach) + 1):
        base = cells.start[row * cells.columns + first_column]
        end = cells.start[row * cells.columns + last_column + 1]
        while base < end:
            dx = load(single, X, base) - x
            dy = load(single, Y, base) - y
            squared = fused(dx, dx, dy * dy)
            near = first_lanes(end - base) & (squared > zero) & (squared <= far * far)
            if any_of(near):
                one_over = one_over_root(squared + spread(TINY))
                centres = squared * one_over
                bodies = radius + load(single, RADIUS, base)
                pressing = larger(centres - spread(SQUEEZED_SINGLE) * bodies, zero) * per_time
                others = load(single, LEFT, base)
                ahead = (others < left) | ((others == left) & first_lanes(k - base))
                keeps_off = ahead & (load(single, GOAL, base) == goal)
                store(limits, UNIT_X, most, dx * one_over)
                store(limits, UNIT_Y, most, dy * one_over)
                store(limits, LIMIT, most, select(keeps_off, larger(centres - bodies, zero) * per_time, pressing))
                store(limits, PRESSING, most, pressing)
                lane = first_of(near)
                while lane < LANES:
                    n = base + lane
                    if count < most and not (
                        first_wall < last_wall
                        and is_hidden(walls, first_wall, last_wall, cells.x[k], cells.y[k], cells.x[n], cells.y[n])
                    ):
                        found[count] = n
                        for r in range(PRESSING + 1):
                            limits[r, count] = limits[r, most + lane]
                        count += 1
                    near = near & ~first_lanes(lane + 1)
                    lane = first_of(near)
            base += LANES
    store(limits, UNIT_X, count, zero)
    store(limits, UNIT_Y, count, zero)
    store(limits, LIMIT, count, spread(NO_LIMIT))
    store(limits, PRESSING, count, spread(NO_LIMIT))
    return count


@kernel
def slide_off(
    limits: Float32, limit: int, count: int, velocity_x: float, velocity_y: float
) -> tuple[float, float, bool]:
    """Return a velocity turned off others, one after the other, and whether any was in the way.

    Parameters
    ----------
    limits : filled by `list_limits`.
    limit : which limits count, LIMIT or PRESSING.
    """
    turned = False
    for base in range(0, count, LANES):
        unit_x = load(limits, UNIT_X, base)
        unit_y = load(limits, UNIT_Y, base)
        most = load(limits, limit, base) + spread(ROUNDING)
        lane = first_of(spread(np.float32(velocity_x)) * unit_x + spread(np.float32(velocity_y)) * unit_y > most)
        while lane < LANES:
            n = base + lane
            excess = limits[UNIT_X, n] * velocity_x + limits[UNIT_Y, n] * velocity_y - limits[limit, n]
            velocity_x -= excess * limits[UNIT_X, n]
            velocity_y -= excess * limits[UNIT_Y, n]
            turned = True
            ahead = spread(np.float32(velocity_x)) * unit_x + spread(np.float32(velocity_y)) * unit_y > most
            lane = first_of(ahead & ~first_lanes(lane + 1))
    return velocity_x, velocity_y, turned


@kernel
def slow_down(limits: Float32, limit: int, count: int, velocity_x: float, velocity_y: float) -> tuple[float, float]:
    """Return a velocity slowed to the limits towards others; see `slide_off`."""
    share = spread(np.float32(1.0))
    for base in range(0, count, LANES):
        approach = spread(np.float32(velocity_x)) * load(limits, UNIT_X, base) + spread(np.float32(velocity_y)) * load(
            limits, UNIT_Y, base
        )
        most = load(limits, limit, base)
        share = select(approach > most, smaller(share, most / larger(approach, spread(TINY))), share)
    slower = float(least(share))
    return slower * velocity_x, slower * velocity_y


@kernel
def slide_along(
    walls: Walls,
    walled: float,
    x: float,
    y: float,
    step: float,
    slides: int,
    limits: Float32,
    limit: int,
    count: int,
    velocity_x: float,
    velocity_y: float,
) -> tuple[float, float]:
    """Return a velocity turned off walls and others, and slowed to the limits towards them; see `slide_off`."""
    for _ in range(slides):
        if walled != OPEN:
            velocity_x, velocity_y = turn_along_walls(walls, x, y, velocity_x, velocity_y, step)
        velocity_x, velocity_y, turned = slide_off(limits, limit, count, velocity_x, velocity_y)
        if not turned:
            return velocity_x, velocity_y
    if walled != OPEN:
        velocity_x, velocity_y = turn_along_walls(walls, x, y, velocity_x, velocity_y, step)
    return slow_down(limits, limit, count, velocity_x, velocity_y)


@kernel
def squeeze_past(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    k: int,
    reach: float,
    time_gap: float,
    step: float,
    toward_x: float,
    toward_y: float,
    velocity_x: float,
    velocity_y: float,
    walled: float,
) -> tuple[float, float]:
    """Return the velocity with which someone in a jam gets on best: as given, straight on, or past those in front.

    The way with the most progress towards the goal, of the velocity given and of `TURNS`. Where there is none and
    others who go elsewhere are in the way, people close up with those beside them and so let the others by: behind
    those who cross, to the right of those who come towards them; who stands behind gives them room. So whole
    streams that stand face to face part into lanes. Before a narrow door, those behind back off from those ahead
    whom they wedge in.

    Parameters
    ----------
    reach : those farther away than this, centre to centre, are not looked at [m].
    walled : one of OPEN, WALLS, SCREENS.
    """
    i = cells.order[k]
    speed = crowd.free_speed[i]
    x = cells.x[k]
    y = cells.y[k]
    thread = get_thread_id()
    limits = cells.limits[thread]
    count = list_limits(crowd, cells, walls, k, reach, time_gap, walled)
    best_x = velocity_x
    best_y = velocity_y
    best = max(velocity_x * toward_x + velocity_y * toward_y, 0.0)
    for cosine, sine in TURNS:
        if best >= SLOWED * speed:
            break  # no turn by 60 degrees gets on better than that
        ahead_x = speed * (cosine * toward_x - sine * toward_y)
        ahead_y = speed * (sine * toward_x + cosine * toward_y)
        trial_x, trial_y = slide_along(walls, walled, x, y, step, SLIDES, limits, LIMIT, count, ahead_x, ahead_y)
        progress = trial_x * toward_x + trial_y * toward_y
        if progress > TURN_GAIN * best:
            best_x = trial_x
            best_y = trial_y
            best = progress
    if best >= HELD_UP * speed or not gets_on_below(crowd, i, HELD_UP):
        return best_x, best_y
    others = 0
    in_front = 0
    against = 0.0
    away_x = 0.0
    away_y = 0.0
    yield_x = 0.0
    yield_y = 0.0
    for n in cells.near[thread, 0, :count]:
        j = cells.order[n]
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        centres = math.sqrt(dx * dx + dy * dy)
        bodies = cells.radius[k] + cells.radius[n]
        closeness = 1.0 - (centres - bodies) / ASIDE_M
        same_way = crowd.activity[j] >= TO_GOAL and crowd.goal[j] == crowd.goal[i]
        others += not same_way
        if closeness <= 0.0:
            continue
        away_x -= closeness * dx / centres
        away_y -= closeness * dy / centres
        if not same_way and dx * toward_x + dy * toward_y > 0.0:
            in_front += 1
            against += cells.heading_x[n] * toward_y - cells.heading_y[n] * toward_x
        if crowd.activity[j] < TO_GOAL or (cells.left[n], j) > (cells.left[k], i):
            continue
        # It is nearer to its goal. Is it wedged between this body and others, or does it come this way?
        going = dx * cells.heading_x[n] + dy * cells.heading_y[n]
        if same_way:
            stands = math.hypot(cells.velocity_x[n], cells.velocity_y[n]) < HELD_UP * crowd.free_speed[j]
            if not stands or centres > WEDGED * bodies:
                continue
        elif going < 0.0:
            side_x = -dx + going * cells.heading_x[n]
            side_y = -dy + going * cells.heading_y[n]
            side = math.hypot(side_x, side_y)
            if side > HEAD_ON * centres:
                yield_x += closeness * side_x / side
                yield_y += closeness * side_y / side
            else:
                yield_x += closeness * toward_y
                yield_y -= closeness * toward_x
        else:
            continue
        yield_x -= closeness * dx / centres
        yield_y -= closeness * dy / centres
    yielding = math.hypot(yield_x, yield_y)
    if yielding == 0.0 and others == 0:
        return best_x, best_y
    if yielding > 0.0:
        away_x = speed * yield_x / yielding
        away_y = speed * yield_y / yielding
    elif in_front > 0:
        side = -speed if against > ACROSS * in_front else speed
        away_x = side * toward_y
        away_y = -side * toward_x
    trial_x, trial_y = slide_along(walls, walled, x, y, step, MANY_SLIDES, limits, PRESSING, count, away_x, away_y)
    if yielding == 0.0 and in_front > 0 and math.hypot(trial_x, trial_y) < HELD_UP * speed:
        return slide_along(walls, walled, x, y, step, MANY_SLIDES, limits, PRESSING, count, -away_x, -away_y)
    return trial_x, trial_y


@kernel
def step_aside(
    crowd: Crowd, cells: Cells, walls: Walls, k: int, reach: float, time_gap: float, step: float, walled: float
) -> tuple[float, float]:
    """Return the velocity with which someone who stands makes room for walkers who press past; zero if none do.

    Aside from each walker's heading, and ahead of it where that leads nowhere; slower the farther off the walker
    is, and never into others who stand.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    thread = get_thread_id()
    count = list_limits(crowd, cells, walls, k, reach, time_gap, walled)
    push_x = 0.0
    push_y = 0.0
    for n in cells.near[thread, 0, :count]:
        j = cells.order[n]
        if crowd.activity[j] < TO_GOAL:
            continue
        dx = x - cells.x[n]
        dy = y - cells.y[n]
        centres = math.sqrt(dx * dx + dy * dy)
        gap = centres - cells.radius[k] - cells.radius[n]
        ahead = dx * cells.heading_x[n] + dy * cells.heading_y[n]
        if gap >= ASIDE_M or ahead <= 0.0:
            continue
        closeness = min(1.0 - gap / ASIDE_M, 1.0)
        side_x = dx - ahead * cells.heading_x[n]
        side_y = dy - ahead * cells.heading_y[n]
        side = math.hypot(side_x, side_y)
        if side > 0.0:
            push_x += closeness * side_x / side
            push_y += closeness * side_y / side
        push_x += closeness * dx / centres
        push_y += closeness * dy / centres
    strength = math.hypot(push_x, push_y)
    if strength == 0.0:
        return 0.0, 0.0
    speed = crowd.free_speed[i] * min(strength, 1.0) / strength
    return slide_along(
        walls, walled, x, y, step, SLIDES, cells.limits[thread], LIMIT, count, speed * push_x, speed * push_y
    )


@inlined_kernel
def stay_or_make_room(
    crowd: Crowd,
    cells: Cells,
    walls: Walls,
    bodies: float,
    step: float,
    k: int,
    time_gap: float,
    toward_x: float,
    toward_y: float,
    left: float,
    walled: float,
) -> bool:
    """Make the step of attendee `cells.order[k]` if it stands or steps aside; return whether it did.

    Parameters
    ----------
    bodies : the largest width of two bodies, side by side [m].
    walled : one of OPEN, WALLS, SCREENS.
    """
    i = cells.order[k]
    if crowd.activity[i] < TO_GOAL:
        velocity_x, velocity_y = step_aside(crowd, cells, walls, k, bodies + ASIDE_M, time_gap, step, walled)
        if velocity_x != 0.0 or velocity_y != 0.0:
            end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left, walled)
            return True
    if toward_x == 0.0 and toward_y == 0.0:
        stand(crowd, i)
        return True
    return False
