"""The social force model with body contact and sliding friction.

Helbing, Farkas and Vicsek (2000), Nature 407:487, doi:10.1038/35035023 (arXiv:cond-mat/0009448); numbers of
equations are those of the paper.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import get_thread_id, prange

from crowdsim.kernels.arrays import (
    BLOCK,
    DRAG_XX,
    DRAG_XY,
    DRAG_YY,
    FORCE_X,
    FORCE_Y,
    OPEN,
    RADIUS,
    SCREENS,
    TO_GO,
    TO_GOAL,
    TOWARD_X,
    TOWARD_Y,
    VELOCITY_X,
    VELOCITY_Y,
    WALKS,
    WALLED,
    Cells,
    Crowd,
    Fields,
    Float32,
    Float64,
    Int32,
    Walls,
    X,
    Y,
)
from crowdsim.kernels.cells import blocks_of, column_of, find_neighbours, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel, parallel_kernel
from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    count_of,
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
from crowdsim.kernels.walking import HELD_UP, desired_speed, end_step, find_ways, gets_on_below, note_arrivals
from crowdsim.kernels.walls import closest_on_wall, find_screens, find_walls, is_hidden

NEGLIGIBLE_N = 1.0
"""Repulsions weaker than this are left out: they change a walking speed by less than 1 cm/s."""

NEGLIGIBLE_FORCE = np.float32(NEGLIGIBLE_N)

LEAST_EXPONENT = np.float32(-8.0)
"""Repulsion grows no more for bodies pressed into each other by more than this many ranges: contact is far stronger."""


class Law(NamedTuple):
    """Parameters of the model.

    Attributes
    ----------
    mass : m [kg].
    relaxation_time : tau [s].
    strength, range : A and B of the repulsion, eq. 2 [N, m].
    stiffness : k, force per overlap of bodies, eq. 2 [kg/s2].
    friction : kappa, sliding friction per overlap and speed, eq. 2 [kg/(m s)].
    wall_strength : A of the repulsion from walls, eq. 3 [N].
    top_speed : nobody is pushed faster than this [m/s].
    reach : beyond this distance between centres nobody matters [m].
    """

    mass: float
    relaxation_time: float
    strength: float
    range: float
    stiffness: float
    friction: float
    wall_strength: float
    top_speed: float
    reach: float


@kernel
def normal_force(overlap: float, strength: float, law: Law) -> float:
    """Return A exp((r - d) / B) + k g(r - d), eq. 2 [N], for an overlap r - d of bodies, which is negative if apart."""
    return strength * math.exp(overlap / law.range) + law.stiffness * max(overlap, 0.0)


@kernel
def forces_of_people(
    crowd: Crowd, cells: Cells, walls: Walls, near: Int32, law: Law, k: int
) -> tuple[float, float, float, float, float]:
    """Return what others do to attendee `cells.order[k]`: the force, eq. 2, and its sliding friction.

    People who stand do not keep their social distance from each other: they feel walkers, and contact. Who is
    held up keeps no distance from those behind, farther from the same goal: so no two wait for each other.

    Returns
    -------
    force_x, force_y : all but friction, and friction's part from the others' motion [N].
    drag_xx, drag_xy, drag_yy : friction is minus this symmetric matrix times the attendee's velocity [kg/s].
    """
    x = cells.x[k]
    y = cells.y[k]
    first, last = find_screens(walls, x, y)
    i = cells.order[k]
    stands = crowd.activity[i] < TO_GOAL
    held_up = gets_on_below(crowd, i, HELD_UP)
    force_x = 0.0
    force_y = 0.0
    drag_xx = 0.0
    drag_xy = 0.0
    drag_yy = 0.0
    for n in near:
        dx = x - cells.x[n]
        dy = y - cells.y[n]
        centres = math.sqrt(dx * dx + dy * dy)
        if centres > 0.0:
            dx /= centres
            dy /= centres
        else:
            dx = 1.0 if cells.order[k] < cells.order[n] else -1.0  # pressed into one corner: apart, along x
        overlap = cells.radius[k] + cells.radius[n] - centres
        j = cells.order[n]
        if overlap < 0.0 and stands and crowd.activity[j] < TO_GOAL:
            continue
        behind = (
            held_up and overlap < 0.0 and crowd.goal[j] == crowd.goal[i] and (cells.left[n], j) > (cells.left[k], i)
        )
        push = normal_force(overlap, 0.0 if behind else law.strength, law)
        if push < NEGLIGIBLE_N or (first < last and is_hidden(walls, first, last, x, y, cells.x[n], cells.y[n])):
            continue
        force_x += push * dx
        force_y += push * dy
        if overlap > 0.0:
            # Sliding friction kappa g(r - d) dv_t t, with t = (-dy, dx).
            drag = law.friction * overlap
            along = drag * (cells.velocity_y[n] * dx - cells.velocity_x[n] * dy)
            force_x -= along * dy
            force_y += along * dx
            drag_xx += drag * dy * dy
            drag_xy -= drag * dx * dy
            drag_yy += drag * dx * dx
    return force_x, force_y, drag_xx, drag_xy, drag_yy


@kernel
def open_forces(
    single: Float32,
    start: Int32,
    columns: int,
    first_column: int,
    last_column: int,
    first_row: int,
    last_row: int,
    k: int,
    least_walking: np.float32,
    strength: np.float32,
    one_over_range: np.float32,
    stiffness: np.float32,
    friction: np.float32,
    forces: Float64,
    at: int,
) -> bool:
    """Do what `forces_of_people` does, sixteen people at a time, for someone who is not held up, far from screens.

    Parameters
    ----------
    single, start, columns : of `Cells`.
    k : place in `single` of the attendee.
    least_walking : 1 for someone who stands, 0 for a walker.
    forces, at : the rows FORCE_X to DRAG_YY of this array get the results, in this column.

    Returns
    -------
    done : False if others are in the very same place: single precision does not tell them apart.
    """
    zero = spread(ZERO)
    force_x = zero
    force_y = zero
    drag_xx = zero
    drag_xy = zero
    drag_yy = zero
    x = spread(single[X, k])
    y = spread(single[Y, k])
    radius = spread(single[RADIUS, k])
    together = 0
    for row in range(first_row, last_row + 1):
        base = start[row * columns + first_column]
        end = start[row * columns + last_column + 1]
        while base < end:
            dx = x - load(single, X, base)
            dy = y - load(single, Y, base)
            squared = fused(dx, dx, dy * dy)
            here = first_lanes(end - base)
            together += count_of(here & (squared <= zero))
            one_over = one_over_root(squared + spread(TINY))
            centres = squared * one_over
            overlap = radius + load(single, RADIUS, base) - centres
            dx = dx * one_over
            dy = dy * one_over
            here = here & (squared > zero)
            here = here & ((overlap >= zero) | (load(single, WALKS, base) >= spread(least_walking)))
            pressed = larger(overlap, zero)
            exponent = larger(overlap * spread(-one_over_range), spread(LEAST_EXPONENT))
            push = fused(spread(strength), decay(exponent), spread(stiffness) * pressed)
            push = select(here & (push >= spread(NEGLIGIBLE_FORCE)), push, zero)
            force_x = fused(push, dx, force_x)
            force_y = fused(push, dy, force_y)
            if any_of(here & (overlap > zero)):
                # Sliding friction kappa g(r - d) dv_t t, with t = (-dy, dx).
                drag = select(here, spread(friction) * pressed, zero)
                along = drag * (load(single, VELOCITY_Y, base) * dx - load(single, VELOCITY_X, base) * dy)
                force_x = force_x - along * dy
                force_y = force_y + along * dx
                drag_xx = drag_xx + drag * dy * dy
                drag_xy = drag_xy - drag * dx * dy
                drag_yy = drag_yy + drag * dx * dx
            base += LANES
    forces[FORCE_X, at] = total(force_x)
    forces[FORCE_Y, at] = total(force_y)
    forces[DRAG_XX, at] = total(drag_xx)
    forces[DRAG_XY, at] = total(drag_xy)
    forces[DRAG_YY, at] = total(drag_yy)
    return together == 1


@kernel
def push_block(crowd: Crowd, cells: Cells, walls: Walls, law: Law, first: int, last: int) -> None:
    """Note what others do to the attendees cells.order[first:last], in the thread's `ways`."""
    ways = cells.ways[get_thread_id()]
    for k in range(first, last):
        i = cells.order[k]
        x = cells.x[k]
        y = cells.y[k]
        if (
            ways[WALLED, k - first] != SCREENS
            and not gets_on_below(crowd, i, HELD_UP)
            and open_forces(
                cells.single,
                cells.start,
                cells.columns,
                column_of(cells, x - law.reach),
                column_of(cells, x + law.reach),
                row_of(cells, y - law.reach),
                row_of(cells, y + law.reach),
                k,
                np.float32(0.0 if crowd.activity[i] >= TO_GOAL else 1.0),
                np.float32(law.strength),
                np.float32(1.0 / law.range),
                np.float32(law.stiffness),
                np.float32(law.friction),
                ways,
                k - first,
            )
        ):
            continue
        near = find_neighbours(cells, k, law.reach)
        force_x, force_y, drag_xx, drag_xy, drag_yy = forces_of_people(crowd, cells, walls, near, law, k)
        ways[FORCE_X, k - first] = force_x
        ways[FORCE_Y, k - first] = force_y
        ways[DRAG_XX, k - first] = drag_xx
        ways[DRAG_XY, k - first] = drag_xy
        ways[DRAG_YY, k - first] = drag_yy


@inlined_kernel
def move_one(crowd: Crowd, cells: Cells, walls: Walls, law: Law, step: float, k: int, at: int) -> None:
    """Move attendee `cells.order[k]` by one step from its way at place `at` in `ways`; see `move_social_force`."""
    i = cells.order[k]
    x = cells.x[k]
    y = cells.y[k]
    thread = get_thread_id()
    toward_x = cells.ways[thread, TOWARD_X, at]
    toward_y = cells.ways[thread, TOWARD_Y, at]
    left = cells.ways[thread, TO_GO, at]
    walled = cells.ways[thread, WALLED, at]
    force_x = cells.ways[thread, FORCE_X, at]
    force_y = cells.ways[thread, FORCE_Y, at]
    drag_xx = cells.ways[thread, DRAG_XX, at]
    drag_xy = cells.ways[thread, DRAG_XY, at]
    drag_yy = cells.ways[thread, DRAG_YY, at]

    # Walls, eq. 3: as people, at rest. Who is held up goes as close as the body allows: through narrow doors.
    first, last = find_walls(walls, x, y) if walled != OPEN else (0, 0)
    strength = 0.0 if gets_on_below(crowd, i, HELD_UP) else law.wall_strength
    for n in range(first, last):
        dx, dy, along = closest_on_wall(walls, walls.near[n], x, y)
        centres = math.hypot(dx, dy)
        overlap = cells.radius[k] - centres
        # A corner belongs to two segments: it acts once, as the beginning of the second.
        if centres == 0.0 or along == 1.0:
            continue
        push = normal_force(overlap, strength, law)
        if push < NEGLIGIBLE_N or is_hidden(walls, first, last, x, y, x - dx, y - dy):
            continue  # too far, or a wall behind a wall
        dx /= centres
        dy /= centres
        force_x += push * dx
        force_y += push * dy
        if overlap > 0.0:
            drag = law.friction * overlap
            drag_xx += drag * dy * dy
            drag_xy -= drag * dx * dy
            drag_yy += drag * dx * dx

    # Eq. 1, with driving force and friction implicit in the new velocity: friction is far too stiff otherwise.
    speed = desired_speed(crowd, i, left, law.relaxation_time)
    drive = law.mass / law.relaxation_time
    force_x += drive * speed * toward_x
    force_y += drive * speed * toward_y
    xx = law.mass + step * (drive + drag_xx)
    yy = law.mass + step * (drive + drag_yy)
    xy = step * drag_xy
    impulse_x = law.mass * cells.velocity_x[k] + step * force_x
    impulse_y = law.mass * cells.velocity_y[k] + step * force_y
    determinant = xx * yy - xy * xy
    velocity_x = (yy * impulse_x - xy * impulse_y) / determinant
    velocity_y = (xx * impulse_y - xy * impulse_x) / determinant
    fast = math.sqrt(velocity_x * velocity_x + velocity_y * velocity_y)
    if fast > law.top_speed:
        velocity_x *= law.top_speed / fast
        velocity_y *= law.top_speed / fast
        fast = law.top_speed
    if fast > 0.0:
        crowd.heading_x[i] = velocity_x / fast
        crowd.heading_y[i] = velocity_y / fast
    end_step(crowd, cells, walls, step, k, velocity_x, velocity_y, toward_x, toward_y, left, walled)


@kernel
def move_block(
    crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float, first: int, last: int
) -> None:
    """Move the attendees cells.order[first:last] by one step; at most `BLOCK` of them."""
    find_ways(crowd, cells, fields, walls, first, last)
    push_block(crowd, cells, walls, law, first, last)
    for k in range(first, last):
        move_one(crowd, cells, walls, law, step, k, k - first)
    note_arrivals(crowd, cells, first, last)


@parallel_kernel
def move_social_force(crowd: Crowd, cells: Cells, fields: Fields, walls: Walls, law: Law, step: float) -> None:
    """Move everyone present by one step of the social force model, eqs. 1 to 3.

    Semi-implicit: contact and repulsion from the old positions, driving force and friction from the new
    velocity, positions from the new velocity. A wall stops what it stands in the way of without bouncing.
    Signature and guarantees are those of `move_collision_free_speed`.
    """
    for block in prange(blocks_of(cells)):
        first = block * BLOCK
        move_block(crowd, cells, fields, walls, law, step, first, min(first + BLOCK, cells.order.size))
