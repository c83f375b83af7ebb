"""How people get on where a crowd is so dense that keeping one's distance would stop everyone for good.

Models whose speed is zero at contact (collision-free speed, anticipation velocity, reciprocal avoidance) freeze
where three people hold each other up in an arch, or two keep making way for each other before a narrow gate.
People turn their shoulders, let those ahead go first, and step aside for those who want to pass.
"""

from __future__ import annotations

import math

import numpy as np
from numba import get_thread_id

from crowdsim.kernels.arrays import TO_GOAL, Cells, Crowd, Walls
from crowdsim.kernels.cells import may_be_passed
from crowdsim.kernels.jit import inlined_kernel, kernel
from crowdsim.kernels.limits import LIMIT, PRESSING, list_limits
from crowdsim.kernels.sliding import FOUND_X, FOUND_Y, WANTED_X, WANTED_Y, slide_along
from crowdsim.kernels.walking import HELD_UP, SLOWED, end_step, gets_on_below, stand

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
    tries = cells.tries[thread]
    count = list_limits(crowd, cells, walls, k, reach, time_gap, walled)
    best_x = velocity_x
    best_y = velocity_y
    best = max(velocity_x * toward_x + velocity_y * toward_y, 0.0)
    if best < SLOWED * speed:  # no turn by 60 degrees gets on better than that
        for n, (cosine, sine) in enumerate(TURNS):
            tries[WANTED_X, n] = np.float32(speed * (cosine * toward_x - sine * toward_y))
            tries[WANTED_Y, n] = np.float32(speed * (sine * toward_x + cosine * toward_y))
        slide_along(walls, walled, x, y, step, SLIDES, limits, LIMIT, count, tries, len(TURNS))
        for n in range(len(TURNS)):
            progress = tries[FOUND_X, n] * toward_x + tries[FOUND_Y, n] * toward_y
            if progress > TURN_GAIN * best:
                best_x = float(tries[FOUND_X, n])
                best_y = float(tries[FOUND_Y, n])
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
    tries[WANTED_X, 0] = np.float32(away_x)
    tries[WANTED_Y, 0] = np.float32(away_y)
    tries[WANTED_X, 1] = np.float32(-away_x)
    tries[WANTED_Y, 1] = np.float32(-away_y)
    slide_along(walls, walled, x, y, step, MANY_SLIDES, limits, PRESSING, count, tries, 2)
    trial_x = float(tries[FOUND_X, 0])
    trial_y = float(tries[FOUND_Y, 0])
    if yielding == 0.0 and in_front > 0 and math.hypot(trial_x, trial_y) < HELD_UP * speed:
        return float(tries[FOUND_X, 1]), float(tries[FOUND_Y, 1])
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
    if not may_be_passed(cells, x, y, reach):
        return 0.0, 0.0
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
    tries = cells.tries[thread]
    tries[WANTED_X, 0] = np.float32(speed * push_x)
    tries[WANTED_Y, 0] = np.float32(speed * push_y)
    slide_along(walls, walled, x, y, step, SLIDES, cells.limits[thread], LIMIT, count, tries, 1)
    return float(tries[FOUND_X, 0]), float(tries[FOUND_Y, 0])


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
