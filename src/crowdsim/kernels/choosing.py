"""Sending attendees on their ways: to a goal, and beyond an exit."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import LEAVING, TO_GOAL, Bools, Crowd, Fields, Float64, Int32
from crowdsim.kernels.fields import choose_nearest, look_up
from crowdsim.kernels.jit import kernel


@kernel
def walk_to_nearest(crowd: Crowd, fields: Fields, rows: Int32, goals: Int32, distance: Float64) -> None:
    """Let attendees walk to the one of `goals` that is nearest by walking distance from where each of them is.

    In a corner without a node of the fields the first will do until the next event.

    Parameters
    ----------
    rows : (r,) rows of `crowd`.
    distance : (r,) gets the walking distances [m]; zero from inside the goal, and where it is not known.
    """
    for r in range(rows.size):
        i = rows[r]
        goal, far = choose_nearest(fields, goals, crowd.x[i], crowd.y[i])
        distance[r] = max(far, 0.0) if goal >= 0 else 0.0
        crowd.goal[i] = goal if goal >= 0 else goals[0]
        crowd.activity[i] = TO_GOAL
        crowd.progress[i] = crowd.free_speed[i]


@kernel
def choose_again(crowd: Crowd, fields: Fields, rows: Int32, goals: Int32) -> None:
    """Let attendees head for the one of `goals` that is nearest from where they are now; in a corner they go on.

    Parameters
    ----------
    rows : (r,) rows of `crowd` of those who may walk to any of `goals`.
    """
    for i in rows:
        nearest, _ = choose_nearest(fields, goals, crowd.x[i], crowd.y[i])
        if nearest >= 0:
            crowd.goal[i] = nearest


@kernel
def measure_ways(crowd: Crowd, fields: Fields, rows: Int32, distance: Float64) -> None:
    """Fill `distance` with how far it is from attendees to their goals [m]; inf where there is no way."""
    for r in range(rows.size):
        i = rows[r]
        far, _, _ = look_up(fields, crowd.goal[i], crowd.x[i], crowd.y[i])
        distance[r] = far


@kernel
def find_ways_to_goals(crowd: Crowd, fields: Fields, rows: Int32, distance: Float64, toward: Float64) -> None:
    """Fill `distance` with how far it is from attendees to their goals [m], and `toward` with the way on.

    Parameters
    ----------
    distance : (r,) inf where there is no way.
    toward : (r, 2) gets unit vectors; zero where there is no way.
    """
    for r in range(rows.size):
        i = rows[r]
        far, toward_x, toward_y = look_up(fields, crowd.goal[i], crowd.x[i], crowd.y[i])
        distance[r] = far
        toward[r, 0] = toward_x
        toward[r, 1] = toward_y


@kernel
def walk_beyond(crowd: Crowd, rows: Int32, ways_out: Float64, walks: Bools) -> None:
    """Let attendees who have reached exits walk on across, to the side that each heads for.

    Parameters
    ----------
    rows : (r,) rows of `crowd`.
    ways_out : (goals, 4) unit vectors (x, y, x, y) across each goal's line to the two sides that people may leave to,
        twice the same if there is one only; NaN where there is no line.
    walks : (r,) gets whether each walks on.
    """
    for r in range(rows.size):
        i = rows[r]
        one_x, one_y, other_x, other_y = ways_out[crowd.goal[i]]
        walks[r] = not math.isnan(one_x)
        if walks[r]:
            heads_for_one = one_x * crowd.heading_x[i] + one_y * crowd.heading_y[i] >= 0.0
            crowd.spot_x[i] = one_x if heads_for_one else other_x
            crowd.spot_y[i] = one_y if heads_for_one else other_y
            crowd.activity[i] = LEAVING
