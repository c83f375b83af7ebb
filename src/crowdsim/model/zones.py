"""Zones that take so many people, or have a front: who has a place in which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crowdsim.population import Population
from crowdsim.population.standing import NO_PLACE, StandingPlaces
from crowdsim.scenario.feature import Scenario
from crowdsim.venue import Venue

Rows = NDArray[np.int32]

NO_ZONE = -1


class Zones:
    """The zones of a venue that have a capacity or a front.

    People have a place from setting off for a zone until they set off for somewhere else; while they are away for a
    need they keep it.

    Attributes
    ----------
    names : of the zones.
    """

    def __init__(self, scenario: Scenario, venue: Venue, population: Population) -> None:
        n = len(population)
        settings = {
            name: setting
            for name, setting in scenario.config.zones.items()
            if name in venue.zones and (setting.capacity is not None or setting.towards is not None)
        }
        self.names = tuple(settings)
        self._room = np.array([setting.capacity or n for setting in settings.values()])
        self._standing = {
            z: StandingPlaces(name, setting, scenario, venue, n)
            for z, (name, setting) in enumerate(settings.items())
            if setting.towards is not None
        }
        self._zone = np.full(n, NO_ZONE, np.int32)
        self._place = np.full(n, NO_PLACE)

    def number(self, name: str) -> int:
        """Return the number of a zone; `NO_ZONE` for others."""
        return self.names.index(name) if name in self.names else NO_ZONE

    def go_to(self, rows: Rows, zones: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Let attendees have a place in the zones of these numbers, and give up those that they have in others.

        Those who come first get in; return for whom the zone is full.
        """
        full = np.zeros(rows.size, bool)
        moves = self._zone[rows] != zones
        self.leave(rows[moves])
        for z in np.unique(zones[moves]).tolist():
            if z != NO_ZONE:
                coming = np.flatnonzero(moves & (zones == z))
                full[coming[self._room[z] :]] = True
                coming = coming[: self._room[z]]
                self._zone[rows[coming]] = z
                self._room[z] -= coming.size
        return full

    def leave(self, rows: Rows) -> None:
        """Let attendees give up their places."""
        for z in np.unique(self._zone[rows]).tolist():
            if z != NO_ZONE:
                gone = rows[self._zone[rows] == z]
                self._room[z] += gone.size
                if z in self._standing:
                    self._standing[z].release(self._place[gone])
        self._zone[rows], self._place[rows] = NO_ZONE, NO_PLACE

    def spots(self, rows: Rows, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where attendees who have come to their zones stand, (n, 2) [m].

        Parameters
        ----------
        drawn : (n, 2) where they stand in a zone without a front, or when all its places are taken.
        """
        spots = drawn.copy()
        for z, standing in self._standing.items():
            new = rows[(self._zone[rows] == z) & (self._place[rows] == NO_PLACE)]
            self._place[new] = standing.take(new)
            mine = (self._zone[rows] == z) & (self._place[rows] != NO_PLACE)
            spots[mine] = standing.points[self._place[rows[mine]]]
        return spots
