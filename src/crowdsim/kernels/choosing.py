"""Sending attendees on their ways."""

from __future__ import annotations

from crowdsim.kernels.arrays import TO_GOAL, Crowd, Fields, Float64, Int32
from crowdsim.kernels.fields import choose_nearest
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
