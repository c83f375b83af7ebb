"""Zones that take so many people, or have a front: who has a place in which."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.model.passing import Passing
from crowdsim.model.state import CrowdState
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

    def __init__(self, scenario: Scenario, venue: Venue, population: Population, state: CrowdState) -> None:
        n = len(population)
        self._state = state
        settings = {
            name: setting
            for name, setting in scenario.config.zones.items()
            if name in venue.zones and (setting.capacity is not None or setting.towards is not None)
        }
        self.names = tuple(settings)
        self._room = np.array([setting.capacity or n for setting in settings.values()])
        self._standing = {
            z: StandingPlaces(name, setting, scenario, venue, population)
            for z, (name, setting) in enumerate(settings.items())
            if setting.towards is not None
        }
        self._zone = np.full(n, NO_ZONE, np.int32)
        self._place = np.full(n, NO_PLACE)
        self._areas = [venue.zones[self.names[z]] for z in self._standing]
        self._passing = Passing(state, scenario.config.seed) if self._standing else None

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

    def _here(self, rows: Rows) -> NDArray[np.float64]:
        return np.column_stack([self._state.records["x"][rows], self._state.records["y"][rows]])

    def let_pass(self, stay: NDArray[np.bool_], held_up: Rows) -> None:
        """Let people make their way through standing crowds, to their places and out.

        Parameters
        ----------
        stay : (n,) who is in a zone to stay there, and not away for a need.
        held_up : those who walk to a goal and do not get on.
        """
        if self._passing is None:
            return
        self._passing.go_back()
        for z, standing in self._standing.items():
            mine = np.flatnonzero(stay & (self._zone == z) & (self._place != NO_PLACE)).astype(np.int32)
            gives_up = self._passing.to_places(mine, standing.points[self._place[mine]])
            if gives_up.size:
                self._place[gives_up] = standing.exchange(self._place[gives_up], self._here(gives_up))
        inside = np.zeros(held_up.size, bool)
        for area in self._areas:
            inside |= shapely.contains_xy(area, self._state.records["x"][held_up], self._state.records["y"][held_up])
        self._passing.through(held_up[inside], np.flatnonzero(stay & (self._place != NO_PLACE)).astype(np.int32))
