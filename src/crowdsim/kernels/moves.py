"""Where people come from and go to between two sampled times: velocities, and straight pieces of way."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import allocating_kernel, kernel

Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]

PLACE_X, PLACE_Y, TIME, LEVEL = range(4)
"""Columns of a place: x and y in the plan of a level [m], when somebody is there [s], the level."""


@kernel
def add_move(begin: Float64, finish: Float64, shift: Float64, moves: Float64, count: int) -> int:
    """Add the piece of way from one place to another to `moves`; return how many there are then.

    None if either is not known. Two of whoever changes levels: on the old level up to the end, as its plan would go
    on there, and on the new one from the beginning. Arguments as in `follow_people`.
    """
    if not (math.isfinite(begin[TIME]) and math.isfinite(finish[TIME])):
        return count
    for on in range(1 if begin[LEVEL] == finish[LEVEL] else 2):
        level = int(finish[LEVEL] if on else begin[LEVEL])
        moves[0, count] = begin[PLACE_X] + shift[level, 0]
        moves[1, count] = begin[PLACE_Y] + shift[level, 1]
        moves[2, count] = begin[TIME]
        moves[3, count] = finish[PLACE_X] + shift[level, 0]
        moves[4, count] = finish[PLACE_Y] + shift[level, 1]
        moves[5, count] = finish[TIME]
        count += 1
    return count


@allocating_kernel
def follow_people(
    id: Int32,
    x: Float64,
    y: Float64,
    level: Int16,
    time: float,
    before: Int32,
    last: Float64,
    entry: Float64,
    exit_: Float64,
    shift: Float64,
) -> tuple[Float64, Float64]:
    """Return how fast people have walked since the sample before, and the pieces of way between.

    Parameters
    ----------
    id, x, y, level : (m,) who is inside, ascending; where in the plane [m]; on which level.
    time : of the sample [s].
    before : who was inside at the sample before, ascending.
    last : (attendees, 4) everyone's last place; NaN if none. Written.
    entry, exit_ : (attendees, 4) where everyone enters and leaves; NaN if nowhere.
    shift : (levels, 2) from each level's plan to its place in the plane [m].

    Returns
    -------
    velocity : (2, m) displacement over time [m/s]; NaN for those who have no last place.
    moves : (6, k) x, y [m] and time [s] where each piece begins, and where it ends; in the plane.
    """
    m = id.size
    velocity, moves = np.empty((2, m)), np.empty((6, 2 * (m + before.size)))
    now = np.empty(4)
    count = 0
    for k in range(m):
        then = last[id[k]]
        now[PLACE_X] = x[k] - shift[level[k], 0]
        now[PLACE_Y] = y[k] - shift[level[k], 1]
        now[TIME] = time
        now[LEVEL] = level[k]
        lasted = time - then[TIME]
        velocity[0, k] = (now[PLACE_X] - then[PLACE_X]) / lasted
        velocity[1, k] = (now[PLACE_Y] - then[PLACE_Y]) / lasted
        known = math.isfinite(then[TIME])
        count = add_move(then if known else entry[id[k]], now, shift, moves, count)
        then[:] = now
    k = 0
    for person in before:
        while k < m and id[k] < person:
            k += 1
        if k == m or id[k] != person:
            count = add_move(last[person], exit_[person], shift, moves, count)
    return velocity, moves[:, :count]
