"""Areas to be kept clear, on the lattice: ways lead round them, or straight across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crowdsim.kernels.lattice import SLOW, Lattice
from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation.grid import Grid
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
    """Return a lattice on which steps in areas count for `COST`."""
    if not areas:
        return lattice
    cost, flags = np.ones(lattice.up.size, np.float32), lattice.flags.copy()
    for area in areas:
        window, inside = grid.free_inside(area)
        cost[lattice.slots[window][inside]] = COST
    flags[cost != 1] |= SLOW
    return lattice._replace(cost=cost, flags=flags)
