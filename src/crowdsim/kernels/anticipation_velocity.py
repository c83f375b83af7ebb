"""The anticipation velocity model.

Xu, Chraibi and Seyfried (2021), Transportation Research Part C 133:103464, doi:10.1016/j.trc.2021.103464
(arXiv:2107.00624); numbers of equations as JuPedSim 1.4's implementation gives them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import get_thread_id, prange

from crowdsim.kernels.arrays import (
    BLOCK,
    HEADING_X,
    HEADING_Y,
    ONWARD_X,
    ONWARD_Y,
    OPEN,
    RADIUS,
    SCREENS,
    TOWARD_X,
    TOWARD_Y,
    VELOCITY_X,
    VELOCITY_Y,
    WALLED,
    Cells,
    Crowd,
    Fields,
    Float32,
    Int32,
    Walls,
    X,
    Y,
)
from crowdsim.kernels.cells import blocks_of, column_of, find_neighbours, row_of
from crowdsim.kernels.collision_free_speed import NEGLIGIBLE, repel_from_walls
from crowdsim.kernels.following import walk_on
from crowdsim.kernels.jit import kernel, parallel_kernel
from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    first_lanes,
    fused,
    larger,
    load,
    one_over_root,
    select,
    spread,
    total,
)
from crowdsim.kernels.sweeps import TINY, ZERO, decay
from crowdsim.kernels.walking import find_ways, goes_on, note_arrivals
from crowdsim.kernels.walls import find_screens, is_hidden

ONCOMING = 0.5
"""How much more someone who walks the opposite way counts, for each unit by which the headings differ, eq. 4."""

ONCOMING_SINGLE = np.float32(ONCOMING)
FACING = np.float32(1.0 + ONCOMING)
NEGLIGIBLE_SINGLE = np.float32(NEGLIGIBLE)


class Law(NamedTuple):
    """Parameters of the model that are the same for everyone; T, k and D are each attendee's own.

    Attributes
    ----------
    anticipation_time : t_a, how far ahead others' motion is foreseen, eq. 2 [s].
    reaction_time : tau, in which the heading turns to the one wanted, eq. 7 [s].
    wall_strength, wall_range : of the repulsion from walls, as in the collision-free speed model [-, m].
    perception_range : people farther away than this, centre to centre, turn nobody aside [m].
    bodies : the largest width of two bodies, side by side [m].
    reach : beyond this distance between centres nobody matters [m].
    """

    anticipation_time: float
    reaction_time: float
    wall_strength: float
    wall_range: float
    perception_range: float
    bodies: float
    reach: float


@kernel
def turn_aside(
    crowd: Crowd, cells: Cells, walls: Walls, near: Int32, law: Law, k: int, toward_x: float, toward_y: float
) -> tuple[float, float]:
    """Return the sum of the influences on the heading of attendee `cells.order[k]`, eqs. 1 to 5.

    Each is across the desired direction, away from where the other will be after the anticipation time, and
    the stronger the nearer the two will have come by then.
    """
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    sum_x = 0.0
    sum_y = 0.0
    for n in near:
        dx = cells.x[n] - x
        dy = cells.y[n] - y
        centres = math.sqrt(dx * dx + dy * dy)
        if centres == 0.0:
            continue
        ex = dx / centres
        ey = dy / centres
        # Seen are those in the half-plane ahead, of the desired direction or of the heading (eq. 1).
        if toward_x * ex + toward_y * ey < 0.0 and crowd.heading_x[i] * ex + crowd.heading_y[i] * ey < 0.0:
            continue
        # The gap foreseen, from the present approach (eqs. 2 and 3).
        approach = (cells.velocity_x[k] - cells.velocity_x[n]) * ex
        approach += (cells.velocity_y[k] - cells.velocity_y[n]) * ey
        gap = centres - cells.radius[k] - cells.radius[n] - approach * law.anticipation_time
        same_way = toward_x * cells.heading_x[n] + toward_y * cells.heading_y[n]
        weight = crowd.strength[i] * (1.0 + ONCOMING * (1.0 - same_way)) * math.exp(-max(gap, 0.0) / crowd.range[i])
        if weight < NEGLIGIBLE or (first < last and is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n])):
            continue
        # To the side away from where the other will be (eq. 5); to the right of someone straight ahead.
        future_x = dx + cells.velocity_x[n] * law.anticipation_time
        future_y = dy + cells.velocity_y[n] * law.anticipation_time
        side = toward_x * future_y - toward_y * future_x
        turn = -weight if side >= 0.0 else weight
        sum_x -= turn * toward_y
        sum_y += turn * toward_x
    return sum_x, sum_y


@kernel
def sum_turns(
    single: Float32,
    start: Int32,
    columns: int,
    first_column: int,
    last_column: int,
    first_row: int,
    last_row: int,
    k: int,
    toward_x: np.float32,
    toward_y: np.float32,
    heading_x: np.float32,
    heading_y: np.float32,
    strength: np.float32,
    one_over_range: np.float32,
    anticipation_time: np.float32,
    perception_range: np.float32,
) -> np.float32:
    """Return how strongly others turn someone to the left, sixteen people at a time; see `turn_aside`.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    k : place in `single` of the attendee.
    """
    zero = spread(ZERO)
    left = zero
    x = spread(single[X, k])
    y = spread(single[Y, k])
    velocity_x = spread(single[VELOCITY_X, k])
    velocity_y = spread(single[VELOCITY_Y, k])
    tx = spread(toward_x)
    ty = spread(toward_y)
    ahead_time = spread(anticipation_time)
    most = spread(perception_range)
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        while base < end:
            dx = load(single, X, base) - x
            dy = load(single, Y, base) - y
            squared = fused(dx, dx, dy * dy)
            # Seen are those in the half-plane ahead, of the desired direction or of the heading (eq. 1).
            seen = (fused(tx, dx, ty * dy) >= zero) | (fused(spread(heading_x), dx, spread(heading_y) * dy) >= zero)
            seen = seen & first_lanes(end - base) & (squared > zero) & (squared <= most * most)
            if any_of(seen):
                one_over = one_over_root(squared + spread(TINY))
                other_x = load(single, VELOCITY_X, base)
                other_y = load(single, VELOCITY_Y, base)
                # The gap foreseen, from the present approach (eqs. 2 and 3).
                approach = fused(velocity_x - other_x, dx, (velocity_y - other_y) * dy) * one_over
                bodies = spread(single[RADIUS, k]) + load(single, RADIUS, base)
                gap = larger(squared * one_over - bodies - approach * ahead_time, zero)
                same_way = fused(tx, load(single, HEADING_X, base), ty * load(single, HEADING_Y, base))
                weight = spread(strength) * decay(gap * spread(one_over_range))
                weight = weight * (spread(FACING) - spread(ONCOMING_SINGLE) * same_way)
                weight = select(seen & (weight >= spread(NEGLIGIBLE_SINGLE)), weight, zero)
                # To the side away from where the other will be (eq. 5); to the right of someone straight ahead.
                side = tx * fused(other_y, ahead_time, dy) - ty * fused(other_x, ahead_time, dx)
                left = left + select(side >= zero, zero - weight, weight)
            base += LANES
    return total(left)


@kernel
def turn_heading(
    crowd: Crowd,
    law: Law,
    step: float,
    i: int,
    wanted_x: float,
    wanted_y: float,
    toward_x: float,
    toward_y: float,
) -> tuple[float, float]:
    """Return the heading of attendee i after a step, on its way to the heading wanted, eq. 7.

    At once where the heading points away from the goal and the one wanted does not, or the other way round.
    """
    old_x = crowd.heading_x[i]
    old_y = crowd.heading_y[i]
    agree = (toward_x * wanted_x + toward_y * wanted_y) * (toward_x * old_x + toward_y * old_y)
    if agree <= 0.0:
        return wanted_x, wanted_y
    share = min(step / law.reaction_time, 1.0)
    new_x = old_x + share * (wanted_x - old_x)
    new_y = old_y + share * (wanted_y - old_y)
    length = math.sqrt(new_x * new_x + new_y * new_y)
    if length == 0.0:
        return wanted_x, wanted_y
    return new_x / length, new_y / length


@kernel
def turn_block(crowd: Crowd, cells: Cells, walls: Walls, law: Law, step: float, first: int, last: int) -> None:
    """Note the headings of the attendees cells.order[first:last] in the thread's `ways`; zero to stand, or go on."""
    ways = cells.ways[get_thread_id()]
    for k in range(first, last):
        toward_x = ways[TOWARD_X, k - first]
        toward_y = ways[TOWARD_Y, k - first]
        ways[ONWARD_X, k - first] = 0.0
        ways[ONWARD_Y, k - first] = 0.0
        if (toward_x == 0.0 and toward_y == 0.0) or goes_on(crowd, cells, cells.order[k], step):
            continue
        i = cells.order[k]
        x = cells.x[k]
        y = cells.y[k]
        walled = ways[WALLED, k - first]
        if walled == SCREENS:
            near = find_neighbours(cells, k, law.perception_range)
            aside_x, aside_y = turn_aside(crowd, cells, walls, near, law, k, toward_x, toward_y)
        else:
            left = sum_turns(
                cells.single,
                cells.start,
                cells.columns,
                column_of(cells, x - law.perception_range),
                column_of(cells, x + law.perception_range),
                row_of(cells, y - law.perception_range),
                row_of(cells, y + law.perception_range),
                k,
                np.float32(toward_x),
                np.float32(toward_y),
                np.float32(crowd.heading_x[i]),
                np.float32(crowd.heading_y[i]),
                crowd.strength[i],
                np.float32(1.0) / crowd.range[i],
                np.float32(law.anticipation_time),
                np.float32(law.perception_range),
            )
            aside_x = -left * toward_y
            aside_y = left * toward_x
        wanted_x = toward_x + aside_x
        wanted_y = toward_y + aside_y
        if walled != OPEN:
            away_x, away_y = repel_from_walls(walls, x, y, cells.radius[k], law.wall_strength, law.wall_range)
            wanted_x += away_x
            wanted_y += away_y
        length = math.sqrt(wanted_x * wanted_x + wanted_y * wanted_y)
        if length > 0.0:
            ways[ONWARD_X, k - first], ways[ONWARD_Y, k - first] = turn_heading(
                crowd, law, step, i, wanted_x / length, wanted_y / length, toward_x, toward_y
            )


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
def move_anticipation_velocity(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float) -> None:
    """Move everyone present by one step of the anticipation velocity model, eqs. 1 to 7.

    The speed is the collision-free speed model's. Signature and guarantees are those of `move_collision_free_speed`.
    """
    for block in prange(blocks_of(cells)):
        first = block * BLOCK
        move_block(crowd, cells, fields, walls, law, step, first, min(first + BLOCK, cells.order.size))
