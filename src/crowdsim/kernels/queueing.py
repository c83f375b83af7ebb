"""Where those who queue head for: along the line of a queue, and behind others before it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from crowdsim.kernels.arrays import TO_SPOT, Bools, Crowd, Float64, Int32
from crowdsim.kernels.jit import inlined_kernel, kernel

AHEAD_M = 1.2
"""People in a queue head for the point of its line that is this far before them: two persons ahead (our choice)."""

TURN_M = 0.4
"""Whoever gets so near to a corner of the line heads for the next one (our choice: a body's breadth)."""

BESIDE = 0.5
"""Whoever is less than this share of the spacing behind another stands beside (our choice)."""

KEPT = 0.7
"""So much of how far they are beside the line people keep over `AHEAD_M` while others are beside them (our choice)."""

LANE_M = 1.0
"""Whoever is no farther than this beside the line of a queue, and not behind a barrier, stands in it (our choice)."""

SPACING_M = 0.7
"""Who comes so near to those who wait stands behind them: 2 people/m2 then, as is planned for standing areas (HSG195,
para. 87)."""

STRAIGHT = math.cos(math.pi / 6)
"""Cosine of the angle within which others are straight ahead: who comes up to the crowd goes past others only (our
choice: 30 degrees, at which a body just does not stand in the way)."""


class Line(NamedTuple):
    """The line that people queue along.

    Attributes
    ----------
    vertices, arc : (k, 2) and (k,) from the head, and how far along the line each is [m].
    first_m, spacing_m : how far from the head the first stands, and from one to the next.
    railed : whether the line is folded between rails.
    """

    vertices: Float64
    arc: Float64
    first_m: float
    spacing_m: float
    railed: bool


@inlined_kernel
def point_along(line: Line, along: float) -> tuple[float, float]:
    """Return the point of a line so far from its head; of its ends beyond these."""
    after = min(max(int(np.searchsorted(line.arc, along)), 1), line.arc.size - 1)
    span = line.arc[after] - line.arc[after - 1]
    share = min(max((along - line.arc[after - 1]) / span, 0.0), 1.0) if span > 0.0 else 0.0
    from_x, from_y = line.vertices[after - 1]
    to_x, to_y = line.vertices[after]
    return from_x + share * (to_x - from_x), from_y + share * (to_y - from_y)


@inlined_kernel
def next_aim(line: Line, aim: float, slot: float, x: float, y: float) -> float:
    """Return how far from the head the point is that somebody heads for next, who has headed for the one at `aim`.

    Parameters
    ----------
    slot : how far from the head the own place is.
    """
    to_x, to_y = point_along(line, aim)
    away = math.hypot(x - to_x, y - to_y)
    corner = max(int(np.searchsorted(line.arc, aim)) - 1, 0)
    last = line.arc.size - 1
    at_corner = line.arc[min(corner + 1, last)] == aim and aim < line.arc[last]
    if away >= AHEAD_M or (at_corner and away >= TURN_M):
        return aim
    return max(aim - (AHEAD_M - away), float(line.arc[corner]), slot)


@inlined_kernel
def stands_along(line: Line, aim: float, x: float, y: float) -> float:
    """Return how far from the head somebody is, who heads for the point at `aim`: before it, or past it already."""
    at_x, at_y = point_along(line, aim)
    on_x, on_y = point_along(line, max(aim - AHEAD_M, 0.0))
    back_x, back_y = point_along(line, min(aim + AHEAD_M, line.arc[line.arc.size - 1]))
    x -= at_x
    y -= at_y
    past = 0.0
    onward = math.hypot(on_x - at_x, on_y - at_y)
    if onward > 0.0:
        past = (x * (on_x - at_x) + y * (on_y - at_y)) / onward
    before = 0.0
    come = math.hypot(back_x - at_x, back_y - at_y)
    if come > 0.0:
        before = (x * (back_x - at_x) + y * (back_y - at_y)) / come
    if past > 0.0 and past >= before:  # whoever comes up to a corner is not past it
        return max(aim - past, 0.0)
    far = math.hypot(x, y)
    corner = line.arc[min(max(int(np.searchsorted(line.arc, aim, side="right")), 1), line.arc.size - 1)]
    beside = far * far - before * before <= LANE_M * LANE_M
    return aim + before if beside and 0.0 <= before <= corner - aim else aim + far


@kernel
def follow_line(crowd: Crowd, line: Line, rows: Int32, aim: Float64, along: Float64) -> None:
    """Let those along a line turn to points farther on, following its corners.

    Parameters
    ----------
    rows : (r,) rows of `crowd`, in the order in which they are to stand.
    aim : how far from the head the point is that each attendee heads for, by row; infinite for those who have not come
        to the end of the line yet, and walk there.
    along : (r,) gets how far from the head each is.
    """
    end = line.arc[line.arc.size - 1]
    for r in range(rows.size):
        i = rows[r]
        now = next_aim(line, min(aim[i], end), line.first_m + line.spacing_m * r, crowd.x[i], crowd.y[i])
        along[r] = stands_along(line, now, crowd.x[i], crowd.y[i])
        if not math.isinf(aim[i]):
            aim[i] = now


@inlined_kernel
def others_beside(crowd: Crowd, line: Line, aim: Float64, rows: Int32, along: Float64, r: int) -> tuple[float, bool]:
    """Return how far from the head the one stands who is just before somebody, and whether anyone is beside.

    Parameters
    ----------
    crowd, line, aim, rows, along : as for `follow_line`.
    r : of `rows`.

    Returns
    -------
    before, beside : -inf if nobody is just before.
    """
    before = -math.inf
    beside = False
    for q in range(rows.size):
        if q == r or math.isinf(aim[rows[q]]):
            continue
        behind = along[r] - along[q]
        far = math.hypot(crowd.x[rows[q]] - crowd.x[rows[r]], crowd.y[rows[q]] - crowd.y[rows[r]])
        beside |= abs(behind) < BESIDE * line.spacing_m and far < SPACING_M
        if (behind > 0.0 or (behind == 0.0 and q < r)) and behind < BESIDE * line.spacing_m:
            before = max(before, along[q])
    return before, beside


@kernel
def make_for_aims(crowd: Crowd, line: Line, rows: Int32, aim: Float64, along: Float64) -> None:
    """Let those along a line walk to the points that they head for.

    Two side by side who make for the same point would hold each other up. So those with others beside walk along the
    line, not up to it, and whoever is just behind another goes no farther than to where that one stands. Between rails,
    where nobody gets past, all keep behind the one before.

    Parameters
    ----------
    rows, aim, along : as for `follow_line`.
    """
    last = line.arc.size - 1
    ahead = -math.inf
    for r in range(rows.size):
        i = rows[r]
        if math.isinf(aim[i]):
            continue
        now = aim[i]
        aside = False
        if line.railed:
            now = max(now, min(ahead, line.arc[last]))
            ahead = along[r]
        else:
            before, beside = others_beside(crowd, line, aim, rows, along, r)
            now = max(now, min(before, line.arc[last]))
            aside = beside
        x, y = point_along(line, now)
        if aside:
            k = min(max(int(np.searchsorted(line.arc, now)), 1), last)
            same = along[r] <= line.arc[k] or k == last  # no corner between
            way_x = line.vertices[k, 0] - line.vertices[k - 1, 0]
            way_y = line.vertices[k, 1] - line.vertices[k - 1, 1]
            length = math.hypot(way_x, way_y)
            off = ((crowd.x[i] - x) * -way_y + (crowd.y[i] - y) * way_x) / length if length > 0.0 else 0.0
            if same and abs(off) <= LANE_M:
                x -= KEPT * off * way_y / length
                y += KEPT * off * way_x / length
        crowd.spot_x[i] = x
        crowd.spot_y[i] = y
        crowd.activity[i] = TO_SPOT


@kernel
def see_others_before(
    crowd: Crowd, people: Int32, away: Float64, toward: Float64, others: Float64, nearer: Float64, sees: Bools
) -> None:
    """Find for each of `people` whether others within `SPACING_M` are nearer to where they go.

    Parameters
    ----------
    people : (n,) rows of `crowd`.
    away, toward : (n,) how far each has to go [m], and (n, 2) the unit vectors of their ways.
    others : (m, 2) where the others are, from the least x on; nobody sees who is at the very same place.
    nearer : (m,) how far these have to go.
    sees : (n, 3) gets whether any is to the left, to the right, and straight ahead.
    """
    for p in range(people.size):
        x = crowd.x[people[p]]
        y = crowd.y[people[p]]
        sees[p] = False
        for k in range(np.searchsorted(others[:, 0], x - SPACING_M), others.shape[0]):
            dx = others[k, 0] - x
            if dx > SPACING_M:
                break
            dy = others[k, 1] - y
            far = math.hypot(dx, dy)
            if far == 0.0 or far > SPACING_M or nearer[k] >= away[p]:
                continue
            sees[p, 0 if toward[p, 0] * dy - toward[p, 1] * dx >= 0.0 else 1] = True
            if toward[p, 0] * dx + toward[p, 1] * dy > STRAIGHT * far:
                sees[p, 2] = True
