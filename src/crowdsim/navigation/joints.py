"""Joining the sheets of a venue at its seams, so that walking distances go on from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.kernels.lattice import DOUBLE, SLOW, Lattice
from crowdsim.kernels.marching import MOST_EXTRA
from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area, Sheet, Venue
from crowdsim.venue.sheets import moved
from crowdsim.venue.venue import Shift

Int32 = NDArray[np.int32]


def join_sheets(
    lattice: Lattice,
    grid: Grid,
    venue: Venue,
    costs: Mapping[str, float],
    rides_m: Mapping[str, float],
    *,
    step_free: bool,
) -> Lattice:
    """Return a lattice in which the nodes of either side of a seam are known to be at the same place.

    Parameters
    ----------
    lattice : of the grid's nodes, not joined yet.
    costs : what a step counts for on each way between levels.
    rides_m : how long a way the ride in each lift counts for [m].
    step_free : for those who take no steps: stairs and escalators lead nowhere.
    """
    if not venue.seams:
        return lattice
    cost = lattice.cost.copy() if lattice.cost.size > 1 else np.ones(lattice.up.size, np.float32)
    for sheet in venue.sheets:
        if sheet.link:
            cost[_slots(lattice, grid, sheet.area)] = costs[sheet.link.name]
    pairs = [(lattice.same[:0], lattice.same[:0], np.zeros(0))]  # perhaps no way can be taken
    for k, seam in enumerate(venue.seams):
        if seam.onto:
            cost[_slots(lattice, grid, seam.beyond)] = costs[seam.link.name]
        here, there = _same_places(lattice, grid, seam.beyond, seam.shift)
        # Who can cross the line gets on from here as from there; whoever can come back, the other way round.
        if seam.lets_pass(step_free=step_free):
            pairs.append((there, here, np.zeros(here.size)))
        if venue.seams[k ^ 1].lets_pass(step_free=step_free):
            pairs.append((here, there, np.zeros(here.size)))
    for one, other in pairwise(venue.sheets):
        if one.link and one.link is other.link:  # the cabin of a lift on both levels
            shift = (other.shift[0] - one.shift[0], other.shift[1] - one.shift[1])
            here, there = _same_places(lattice, grid, _back(one), shift)
            extra = np.full(here.size, min(rides_m[one.link.name] / grid.step_m, MOST_EXTRA))
            pairs += [(here, there, extra), (there, here, extra)]
    same_from, same, extra = (np.concatenate([pair[k] for pair in pairs]) for k in range(3))
    order = np.lexsort((same, same_from))
    same_from, same, extra = same_from[order], same[order], extra[order]
    flags = lattice.flags.copy()
    flags[cost != 1] |= SLOW
    flags[same_from] |= DOUBLE
    return lattice._replace(flags=flags, cost=cost, same_from=same_from, same=same, extra=extra.astype(np.float32))


def _back(cabin: Sheet) -> Area:
    """Return the half of a cabin away from its door: ways into a lift lead there, not up to the door only."""
    link = cabin.link
    if link is None:
        return cabin.area
    door = moved(link.foot, cabin.shift)
    return shapely.difference(cabin.area, shapely.buffer(door, link.line.length / 2, cap_style="flat"))


def _same_places(lattice: Lattice, grid: Grid, area: Area, shift: Shift) -> tuple[Int32, Int32]:
    """Return the slots of an area's nodes, and of those at the same places shifted, as far as both are free."""
    window, inside = grid.free_inside(area)
    row, column = np.nonzero(inside)
    here = lattice.slots[window][inside]
    row += window[0].start + round(shift[1] / grid.step_m)
    column += window[1].start + round(shift[0] / grid.step_m)
    both = grid.free[row, column]
    return here[both], lattice.slots[row[both], column[both]]


def _slots(lattice: Lattice, grid: Grid, area: Area) -> Int32:
    window, inside = grid.free_inside(area)
    slots: Int32 = lattice.slots[window][inside]
    return slots
