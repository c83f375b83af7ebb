"""Refuges: where those wait who take no steps and have no way to where they want to go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.population import Population
from crowdsim.population.draw import generator
from crowdsim.population.placement import random_spots, standing_room
from crowdsim.venue import Venue


class Refuges:
    """The refuges of a venue, with a place in each for everybody who may have to wait there.

    Parameters
    ----------
    names : of the zones.
    step_free : of each profile of `population`, whether it takes no steps.
    margin_m : the least distance of a body's centre to a wall.
    """

    def __init__(
        self,
        names: Sequence[str],
        venue: Venue,
        population: Population,
        step_free: Sequence[bool],
        margin_m: float,
        seed: int,
    ) -> None:
        self.names = tuple(names) if any(step_free) else ()
        self.sheltered: NDArray[np.bool_] = np.zeros(len(population), bool)
        """Who is in a refuge, or on the way to one."""
        waits = np.array(step_free, bool)[population.profile]
        self._number = np.cumsum(waits) - 1
        self._spots = {}
        for name in self.names:
            room = standing_room(venue.zones[name], venue.walkable, margin_m)
            self._spots[name] = random_spots(room, int(waits.sum()), generator(seed, "refuge", name))

    def spots(self, name: str, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the places of people in a refuge, (n, 2) [m]."""
        found: NDArray[np.float64] = self._spots[name][self._number[rows]]
        return found
