"""What people expect of exits: which they see, when those ahead are through, and where they are out first."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import UNREACHABLE, Bools, Crowd, Fields, Float64, Int32
from crowdsim.kernels.fields import look_up
from crowdsim.kernels.jit import kernel

Int64 = NDArray[np.int64]

BEFORE_M = 1.0
"""So far before an exit nothing that stands in the way is looked for: the wall that the exit is in is there."""

BIN_S = 1.0
"""How finely people are told apart by when they would be at an exit, when they turn to it [s]."""


class Prospects(NamedTuple):
    """What r people know of g exits.

    Attributes
    ----------
    walk_s : (r, g) how long the free walk there takes [s]; inf where there is no way.
    wait_s : (r, g) until those ahead are through, as far as each knows [s]; NaN for exits of which somebody knows
        nothing, and expects no better than of the least crowded of the others.
    known : (r, g) which exits each knows of; who knows of none takes the one nearest.
    watched : (r, g) at which exits each notices who turns to them now.
    appeal : (r, g) how much of the expected time counts: 1, and less where others around go.
    """

    walk_s: Float64
    wait_s: Float64
    known: Bools
    watched: Bools
    appeal: Float64


@kernel
def measure_ways_to(crowd: Crowd, fields: Fields, rows: Int32, goals: Int32, distance: Float64) -> None:
    """Fill `distance`, (r, g), with how far it is from each attendee to each goal [m]; inf where there is no way."""
    for r in range(rows.size):
        for g in range(goals.size):
            far, _, _ = look_up(fields, goals[g], crowd.x[rows[r]], crowd.y[rows[r]])
            distance[r, g] = max(far, 0.0)


@kernel
def see_goals(
    crowd: Crowd, fields: Fields, rows: Int32, goals: Int32, edges: Float64, starts: Int64, sees_m: Float64, sees: Bools
) -> None:
    """Fill `sees`, (r, g), with whether attendees see goals: not too far off, and all nodes on the line to it free.

    Parameters
    ----------
    edges : (e, 4) straight edges of the goals, x and y of both ends.
    starts : (g + 1,) where each goal's edges begin.
    sees_m : (r,) how far each of them sees [m].
    """
    for r in range(rows.size):
        x = crowd.x[rows[r]]
        y = crowd.y[rows[r]]
        for g in range(goals.size):
            nearest = math.inf
            to_x = 0.0
            to_y = 0.0
            for e in range(starts[g], starts[g + 1]):
                along_x = edges[e, 2] - edges[e, 0]
                along_y = edges[e, 3] - edges[e, 1]
                length2 = max(along_x * along_x + along_y * along_y, 1e-12)
                share = ((x - edges[e, 0]) * along_x + (y - edges[e, 1]) * along_y) / length2
                share = min(max(share, 0.0), 1.0)
                px = edges[e, 0] + share * along_x - x
                py = edges[e, 1] + share * along_y - y
                far = math.hypot(px, py)
                if far < nearest:
                    nearest = far
                    to_x = px
                    to_y = py
            sees[r, g] = nearest <= sees_m[r] and is_clear(fields, goals[g], x, y, to_x, to_y)


@kernel
def see_point(crowd: Crowd, fields: Fields, rows: Int32, x: float, y: float, sees: Bools) -> None:
    """Fill `sees`, (r,), with whether nothing that bars attendees' ways to their goals is between them and a point."""
    for r in range(rows.size):
        row = rows[r]
        to_x = x - crowd.x[row]
        to_y = y - crowd.y[row]
        whole = 1.0 + BEFORE_M / max(math.hypot(to_x, to_y), 1e-6)  # the last pace before the point counts, too
        sees[r] = is_clear(fields, crowd.goal[row], crowd.x[row], crowd.y[row], whole * to_x, whole * to_y)


@kernel
def is_clear(fields: Fields, goal: int, x: float, y: float, to_x: float, to_y: float) -> bool:
    """Return whether the goal can be reached from all nodes on the line from a point on, up to a pace before its end.

    Parameters
    ----------
    to_x, to_y : from the point to the line's end.
    """
    length = math.hypot(to_x, to_y)
    steps = int((length - BEFORE_M) / fields.step)
    for k in range(1, steps):
        share = k * fields.step / length
        column = int((x + share * to_x - fields.origin_x) / fields.step + 0.5)
        row = int((y + share * to_y - fields.origin_y) / fields.step + 0.5)
        slot = fields.slots[row, column]
        level = int(fields.nodes[goal, slot, 0]) + 256 * int(fields.nodes[goal, slot, 1])
        if level == UNREACHABLE:
            return False
    return True


@kernel
def expect_departures(arrive_s: Float64, headway_s: float, through_s: Float64) -> None:
    """Fill `through_s` with when each of those who head for an exit expects to be through it.

    One after the other, in the order of arriving: at the own arrival, or a headway after the one before (Lindley 1952,
    Math. Proc. Cambridge Phil. Soc. 48, for service times all alike).

    Parameters
    ----------
    arrive_s : (k,) when each would be there if nobody stood in the way [s], ascending.
    headway_s : time between two who leave in a crowd [s].
    """
    before = -math.inf
    for k in range(arrive_s.size):
        before = max(arrive_s[k], before + headway_s)
        through_s[k] = before


@kernel
def choose_exits(
    prospects: Prospects,
    headway_s: Float64,
    own: Int64,
    gain_s: Float64,
    at_hand_s: Float64,
    turns: Float64,
    chosen: Int64,
) -> None:
    """Fill `chosen` with the exit that each of r people expects to be out by first, of g; -1 where there is no way.

    One after the other: each counts those before who have turned to or from an exit, and who would be there earlier.

    Parameters
    ----------
    headway_s : (g,) time between two who leave by an exit in a crowd [s].
    own : (r,) the exit that each heads for now; -1 for none.
    gain_s : (r,) nobody turns to another exit for less [s].
    at_hand_s : (r,) who walks no longer than that to an exit takes it, whatever would be gained elsewhere [s].
    turns : (g, bins) zero; counts who has turned to an exit, by the time of the walk there, less who has turned away.
    """
    last = turns.shape[1] - 1
    walk_s = prospects.walk_s
    for r in range(own.size):
        best, nearest = -1, -1
        least, stay, shortest = math.inf, math.inf, math.inf
        for look in range(2):  # at those of which it knows, then at the others
            for g in range(headway_s.size):
                if walk_s[r, g] == math.inf or math.isnan(prospects.wait_s[r, g]) != (look == 1):
                    continue
                if nearest < 0 or walk_s[r, g] < walk_s[r, nearest]:
                    nearest = g
                if not prospects.known[r, g] and g != own[r]:
                    continue
                wait = prospects.wait_s[r, g]
                if look == 1:
                    wait = shortest if shortest < math.inf else 0.0
                elif prospects.watched[r, g]:
                    for k in range(min(int(walk_s[r, g] / BIN_S), last) + 1):
                        wait += headway_s[g] * turns[g, k]
                if look == 0:
                    shortest = min(shortest, wait)
                takes = max(walk_s[r, g], wait) * prospects.appeal[r, g]
                if g == own[r]:
                    stay = takes
                if takes < least or (takes == least and walk_s[r, g] < walk_s[r, best]):
                    least = takes
                    best = g
        if nearest >= 0 and walk_s[r, nearest] <= at_hand_s[r]:
            best = nearest
        elif stay < math.inf and least > stay - gain_s[r]:
            best = own[r]
        elif best < 0:
            best = nearest
        chosen[r] = best
        if best >= 0 and best != own[r]:
            turns[best, min(int(walk_s[r, best] / BIN_S), last)] += 1.0
            if stay < math.inf:
                turns[own[r], min(int(walk_s[r, own[r]] / BIN_S), last)] -= 1.0
