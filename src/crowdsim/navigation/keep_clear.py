"""Areas to be kept clear, on the lattice: ways lead round them, or straight across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import binary_dilation

from crowdsim.kernels.lattice import SLOW, TIGHT, Lattice
from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation.grid import Grid
from crowdsim.navigation.one_way import STENCIL
from crowdsim.venue import Area, Venue
from crowdsim.venue.sheets import images

COST = MOST_COST
"""A metre in an area to be kept clear counts for so many elsewhere: the most there can be (our choice). So people go
round one 4 m wide if that is no more than 20 m longer, else straight across, and out of it if they are in it."""


def clear_areas(venue: Venue) -> list[Area]:
    """Return the zones to be kept clear, in the plane; near a seam on the other sheet, too."""
    zones = [venue.zones[name] for name in venue.kept_clear]
    return zones + [part for zone in zones for part in images(zone, venue.sheets, venue.seams)]


def slow_down(lattice: Lattice, grid: Grid, areas: Sequence[Area]) -> Lattice:
    """Return a lattice on which steps in areas count for `COST`.

    Straight ways to nodes farther off than a step do not count at their edges: a knight's move into an area would be as
    cheap as outside, and lead people to the nodes beside walls where such moves are looked at.
    """
    if not areas:
        return lattice
    cost, flags = np.ones(lattice.up.size, np.float32), lattice.flags.copy()
    slow = np.zeros(grid.free.shape, bool)
    for area in areas:
        window, inside = grid.free_inside(area)
        slow[window] |= inside
    edge = (binary_dilation(slow, STENCIL) & grid.free & ~slow) | (binary_dilation(grid.free & ~slow, STENCIL) & slow)
    cost[lattice.slots[slow]] = COST
    flags[lattice.slots[slow]] |= SLOW
    flags[lattice.slots[edge]] &= ~np.uint8(TIGHT)
    return lattice._replace(cost=cost, flags=flags)
