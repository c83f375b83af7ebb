"""What attendees do next, and how long they stay where they go: by itinerary, programme, needs and room in zones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.model.needs import Needs
from crowdsim.model.schedule import ON_TIME_S
from crowdsim.model.state import CrowdState
from crowdsim.model.zones import NO_ZONE, Zones
from crowdsim.population import Population
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.itinerary import Attend, Visit
from crowdsim.venue import Venue, leg_goals

Rows = NDArray[np.int32]

NO_STAY = -math.inf


class Stays:
    """The stays of all attendees."""

    def __init__(self, scenario: Scenario, venue: Venue, population: Population, state: CrowdState) -> None:
        config = scenario.config
        self._population, self._state = population, state
        shape = len(population.groups), population.does.shape[1]
        self._event_ends_s = np.full(shape, np.inf)
        self._zone = np.full(shape, NO_ZONE, np.int32)
        zones = Zones(scenario, venue, population, state)
        for g, options in enumerate(population.itineraries):
            for k, option in enumerate(options):
                if isinstance(option.leg, Attend):
                    self._event_ends_s[g, k] = config.programme[option.leg.event].until_s
                if isinstance(option.leg, Visit | Attend):
                    self._zone[g, k] = zones.number(leg_goals(option.leg, venue)[0])
        self._zones = zones if zones.names else None
        has_needs = any(group.needs for group in config.attendees.values())
        self._needs = Needs(config.attendees, population, state, config.seed) if has_needs else None
        self._until_s = np.full(len(population), NO_STAY)

    def go_on(self, rows: Rows, time_s: float) -> NDArray[np.bool_]:
        """Let attendees turn to what their itineraries have next; return who finds the zone full and does not go there.

        Events that are over are left out.
        """
        group, leg = self._population.group[rows], self._state.leg[rows]
        does = self._population.does[rows]
        does &= (np.arange(does.shape[1]) > leg[:, None]) & (self._event_ends_s[group] > time_s + ON_TIME_S)
        leg = does.argmax(axis=1)
        self._state.leg[rows] = leg
        self._until_s[rows] = NO_STAY
        return self._zones.go_to(rows, self._zone[group, leg]) if self._zones else np.zeros(rows.size, bool)

    def keep_on(self, rows: Rows, time_s: float) -> NDArray[np.bool_]:
        """Return whose stay is not over: they have a need to see to first, or come back from one."""
        if self._needs is None:
            return np.zeros(rows.size, bool)
        keeps_on = self._needs.end(rows, time_s)
        keeps_on &= (stays := self._until_s[rows] > time_s + ON_TIME_S)
        keeps_on[stays] |= self._needs.begin(rows[stays], time_s + ON_TIME_S)
        return keeps_on

    def attends(self, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of `rows` whether it stays for an item of the programme."""
        ends_s = self._event_ends_s[self._population.group[rows], self._state.leg[rows]]
        return np.asarray(np.isfinite(ends_s))

    def begin(self, rows: Rows, time_s: float, *, anew: bool = False) -> NDArray[np.float64]:
        """Let attendees who have come to a zone stay; return in how long each sets off, for a need or for good [s].

        Parameters
        ----------
        anew : as if they had come just now.
        """
        if anew:
            self._until_s[rows] = NO_STAY
        group, leg = self._population.group[rows], self._state.leg[rows]
        new, ends_s = self._until_s[rows] == NO_STAY, self._event_ends_s[group, leg]
        dwell_s = self._population.dwell_s[rows, leg]
        attends = np.isfinite(ends_s)
        longest_s = np.where(ends_s > time_s + ON_TIME_S, ends_s - time_s + dwell_s, 0.0) if attends.any() else dwell_s
        longest_s = np.where(attends, longest_s, dwell_s)
        self._until_s[rows] = np.where(new, time_s + longest_s, self._until_s[rows])
        wait_s = np.where(new, longest_s, np.maximum(self._until_s[rows] - time_s, 0.0))
        return wait_s if self._needs is None else np.clip(self._needs.next_due_s(rows) - time_s, 0.0, wait_s)

    def end(self, rows: Rows, time_s: float) -> None:
        """Let the stays of attendees be over, also of those who are away for a need."""
        self._until_s[rows] = np.minimum(self._until_s[rows], time_s)

    def leave(self, rows: Rows) -> None:
        """Let attendees leave the venue: they have no stay, no place in a zone, and nothing to come back to."""
        self._until_s[rows] = NO_STAY
        if self._needs:
            self._needs.forget(rows)
        if self._zones:
            self._zones.leave(rows)

    def spots(self, rows: Rows) -> NDArray[np.float64]:
        """Return where attendees who have come to a zone stand in it, (n, 2) [m]."""
        drawn: NDArray[np.float64] = self._population.spot[rows, self._state.leg[rows]]
        return self._zones.spots(rows, drawn) if self._zones else drawn

    def let_pass(self, held_up: Rows) -> None:
        """Let people make their way through standing crowds; of those who walk, the `held_up`."""
        if self._zones:
            stay = self._until_s > NO_STAY
            self._zones.let_pass(stay & ~self._needs.away if self._needs else stay, held_up)

    def zone(self, row: int) -> str:
        """Return the name of the zone with room for so many that an attendee goes to."""
        number = self._zone[self._population.group[row], self._state.leg[row]]
        return self._zones.names[number] if self._zones else ""
