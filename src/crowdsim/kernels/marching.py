"""Walking distances on a lattice: the eikonal equation |grad D| = cost by fast marching; the cost is 1 on the level.

Nodes are settled in order of distance (Sethian 1999, second order), with an untidy queue: nodes whose distances differ
by less than a part of a step are settled in any order, which makes the queue as quick as an array (Yatziv, Bartesaghi
and Sapiro 2006, J. Comput. Phys. 212). Beside walls, whose nodes form stairs when slanted, the straight way to nodes
up to a knight's move away counts too. All distances are in grid steps.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from crowdsim.kernels.arrays import Float32, Int32
from crowdsim.kernels.jit import background_kernel, inlined_kernel, kernel
from crowdsim.kernels.lattice import (
    DOUBLE,
    ONE_WAY,
    SLOW,
    TIGHT,
    TO_ABOVE,
    TO_BELOW,
    TO_LEFT,
    TO_RIGHT,
    Lattice,
)

PARTS = 8
"""Queues a step. The error from settling nodes of a queue in any order is below a hundredth of a step: two neighbours
that differ by 1 - 1/PARTS instead of 1 would give (s + sqrt(2 - s^2)) / 2 = 0.993 for s = 7/8, and not 1."""

QUEUES = 4096
"""Queues in use at the same time, in turn; a power of two. No node is queued more than QUEUES / PARTS steps ahead: a
lift's ride at most."""

MOST_EXTRA = 500.0
"""No way between slots at the same place is longer than this [steps]."""

MOST_COST = 6.0
"""A step counts for no more than this many."""

UNKNOWN = 2.0**100
"""A trial distance not yet known."""

SETTLED, SEED = -1.0, -2.0
"""In place of a trial distance: the node is settled, or is not to be reached; it is a seed still to go on from."""

RIGHT, ABOVE, BELOW = 1, 2, 3
"""A node's neighbours other than the one to the left; after them come the slots at the same place."""

DIAGONAL = math.sqrt(2.0)
KNIGHT = math.sqrt(5.0)
"""Lengths of these moves."""


class Room(NamedTuple):
    """What marching works in; one for each thread.

    Attributes
    ----------
    distance : (W,) distances of settled nodes, inf elsewhere.
    trial : (W,) distances of nodes not yet settled, UNKNOWN, or SETTLED.
    node, after : (4 W + E,) what is queued, and what follows it in its queue; a node is queued at most once by each
        of its neighbours, and of the slots at the same place.
    head : (QUEUES,) first of each queue, -1 for none.
    """

    distance: Float32
    trial: Float32
    node: Int32
    after: Int32
    head: Int32


@inlined_kernel
def cost_of(lattice: Lattice, n: int) -> float:
    """Return what a step counts for at a slot."""
    return float(lattice.cost[n]) if lattice.flags[n] & SLOW else 1.0


@inlined_kernel
def solve_upwind(lattice: Lattice, distance: Float32, n: int) -> float:
    """Return the distance of a node from those of its settled neighbours."""
    up = lattice.up[n]
    down = lattice.down[n]
    a = float(distance[n - 1])
    a2 = float(distance[n - 2])
    if distance[n + 1] < a:
        a = float(distance[n + 1])
        a2 = float(distance[n + 2])
    b = float(distance[up])
    behind = lattice.up[up]
    if distance[down] < b:
        b = float(distance[down])
        behind = lattice.down[down]
    return solve_quadratic(a, a2, b, float(distance[behind]), cost_of(lattice, n))


@inlined_kernel
def solve_quadratic(a: float, a2: float, b: float, b2: float, cost: float) -> float:
    """Return the distance of a node, second order where two settled neighbours are in a line.

    The solution U of sum_i c_i (U - p_i)^2 = cost^2 over the two axes: p = a, c = 1 at first order,
    p = (4 a - a2) / 3, c = 9/4 at second, with a the lesser neighbour's distance and a2 the one's behind it, b and b2
    on the other axis; at most one step more than the least neighbour's, the straight way (second order would fall
    short of that where ways bend).
    """
    second_a = a2 <= a < math.inf
    second_b = b2 <= b < math.inf
    pa = (4.0 * a - a2) * (1.0 / 3.0) if second_a else a
    pb = (4.0 * b - b2) * (1.0 / 3.0) if second_b else b
    straight = min(a, b) + cost
    if straight <= max(a, b):  # also if one of them is infinite
        return straight
    if second_a and second_b:
        found = 2.0 / 9.0 * cost * cost - 0.25 * (pa - pb) * (pa - pb)
        solved = 0.5 * (pa + pb) + math.sqrt(max(found, 0.0))
    else:
        ca = 2.25 if second_a else 1.0
        cb = 2.25 if second_b else 1.0
        total = ca + cb
        found = total * cost * cost - ca * cb * (pa - pb) * (pa - pb)
        solved = (ca * pa + cb * pb + math.sqrt(max(found, 0.0))) / total
    if found < 0.0 or solved < max(a, b):
        return straight
    return min(solved, straight)


@inlined_kernel
def go_straight(lattice: Lattice, distance: Float32, n: int, one_way: bool) -> float:
    """Return the least of the distances of settled nodes a diagonal or knight's move away, plus the way to them.

    A knight's move is in sight if both nodes that it passes between are free.

    Parameters
    ----------
    one_way : whether there may be steps nearby that nobody may take; a move is barred if one of those it is made of is.
    """
    best = UNKNOWN
    cost = cost_of(lattice, n)
    for vertical in range(2):
        link = lattice.up if vertical == 0 else lattice.down
        middle = link[n]
        for side in (-1, 1):
            beside = n + side
            if middle:
                corner = middle + side
            elif lattice.flags[beside]:
                corner = link[beside]
            else:
                continue
            if not lattice.flags[corner]:
                continue
            barred_along = False
            barred_across = False
            if one_way:
                along = TO_LEFT if side < 0 else TO_RIGHT
                across = TO_ABOVE if vertical == 0 else TO_BELOW
                if lattice.barred[n] & (along | across) or (lattice.barred[beside] & across):
                    continue
                if lattice.barred[middle] & along:
                    continue
                barred_along = ((lattice.barred[beside] | lattice.barred[corner]) & along) != 0
                barred_across = ((lattice.barred[middle] | lattice.barred[corner]) & across) != 0
            best = min(best, distance[corner] + cost * DIAGONAL)
            if lattice.flags[beside] and not barred_along:
                best = min(best, distance[corner + side] + cost * KNIGHT)
            if middle and not barred_across:
                best = min(best, distance[link[corner]] + cost * KNIGHT)
    return best


@kernel
def solve_one_way(lattice: Lattice, distance: Float32, n: int) -> float:
    """Return the distance of a node near a line that is crossed one way only, from neighbours that one may walk to."""
    barred = lattice.barred
    a = math.inf
    a2 = math.inf
    if not barred[n] & TO_LEFT:
        a = float(distance[n - 1])
        a2 = math.inf if barred[n - 1] & TO_LEFT else float(distance[n - 2])
    if not barred[n] & TO_RIGHT and distance[n + 1] < a:
        a = float(distance[n + 1])
        a2 = math.inf if barred[n + 1] & TO_RIGHT else float(distance[n + 2])
    up = lattice.up[n]
    down = lattice.down[n]
    b = math.inf
    b2 = math.inf
    if not barred[n] & TO_ABOVE:
        b = float(distance[up])
        b2 = math.inf if barred[up] & TO_ABOVE else float(distance[lattice.up[up]])
    if not barred[n] & TO_BELOW and distance[down] < b:
        b = float(distance[down])
        b2 = math.inf if barred[down] & TO_BELOW else float(distance[lattice.down[down]])
    found = solve_quadratic(a, a2, b, b2, cost_of(lattice, n))
    if lattice.flags[n] & TIGHT:
        found = min(found, go_straight(lattice, distance, n, True))
    return found


@inlined_kernel
def first_same(lattice: Lattice, slot: int) -> int:
    """Return where a slot's first entry in `Lattice.same_from` is."""
    low = 0
    high = lattice.same_from.size
    while low < high:
        middle = (low + high) // 2
        if lattice.same_from[middle] < slot:
            low = middle + 1
        else:
            high = middle
    return low


@background_kernel
def march(lattice: Lattice, room: Room, seeds: Int32) -> None:
    """Settle all nodes that can be reached from the seeds.

    Parameters
    ----------
    room : `distance` holds the seeds' distances, a few steps below QUEUES / PARTS, and inf elsewhere; `trial` UNKNOWN
        for nodes to be reached and SETTLED for all other slots.
    seeds : slots of the nodes to begin from.
    """
    distance = room.distance
    trial = room.trial
    room.head[:] = -1
    used = 0
    unused = -1
    for seed in seeds:
        trial[seed] = SEED
        q = int(distance[seed] * PARTS) % QUEUES
        room.node[used] = seed
        room.after[used] = room.head[q]
        room.head[q] = used
        used += 1
    queued = used
    now = 0
    while queued > 0:
        while room.head[now % QUEUES] < 0:
            now += 1
        entry = room.head[now % QUEUES]
        room.head[now % QUEUES] = room.after[entry]
        room.after[entry] = unused
        unused = entry
        queued -= 1
        slot = room.node[entry]
        if trial[slot] == SETTLED:
            continue
        if trial[slot] != SEED:
            distance[slot] = trial[slot]
        trial[slot] = SETTLED
        same = 0
        copies = 0
        if lattice.flags[slot] & DOUBLE:
            same = first_same(lattice, slot)
            while same + copies < lattice.same.size and lattice.same_from[same + copies] == slot:
                copies += 1
        for side in range(4 + copies):
            n = slot - 1
            if side == RIGHT:
                n = slot + 1
            elif side == ABOVE:
                n = lattice.up[slot]
            elif side == BELOW:
                n = lattice.down[slot]
            elif side > BELOW:
                n = lattice.same[same + side - 4]
            before = trial[n]
            if before < 0.0:
                continue
            if side > BELOW:
                found = float(distance[slot]) + lattice.extra[same + side - 4]
            elif lattice.flags[n] & ONE_WAY:
                found = solve_one_way(lattice, distance, n)
            else:
                found = solve_upwind(lattice, distance, n)
                if lattice.flags[n] & TIGHT:
                    found = min(found, go_straight(lattice, distance, n, False))
            if found >= before:
                continue
            trial[n] = found
            queue = max(int(found * PARTS), now)
            if before < UNKNOWN and queue == max(int(before * PARTS), now):
                continue
            if unused >= 0:
                entry = unused
                unused = room.after[entry]
            else:
                entry = used
                used += 1
            room.node[entry] = n
            room.after[entry] = room.head[queue % QUEUES]
            room.head[queue % QUEUES] = entry
            queued += 1
