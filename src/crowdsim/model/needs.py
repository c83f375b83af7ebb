"""Needs of those who stay somewhere: when they come due, and what follows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crowdsim.model.state import CrowdState
from crowdsim.population import Population
from crowdsim.population.draw import draw_duration, generator
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.option import FOR_NEEDS, alternatives

Rows = NDArray[np.int32]

NO_STAY = -1


class Needs:
    """When whose needs come due, and who has left a stay for one.

    A need comes due a drawn time after the attendee was to enter, and after each time that it was seen to. These times
    are drawn for everybody at once, so that it does not matter in what order people's needs come due.
    """

    def __init__(
        self, groups: Mapping[str, AttendeeGroup], population: Population, state: CrowdState, seed: int
    ) -> None:
        self._groups, self._population, self._state, self._seed = groups, population, state, seed
        self._first = [
            np.array([numbers[0] for numbers in alternatives(options).get(FOR_NEEDS, [])], np.int32)
            for options in population.itineraries
        ]
        n, most = len(population), max(first.size for first in self._first)
        self._due_s = np.full((n, most), np.inf)
        self._times = np.zeros((n, most), np.int32)
        self._need = np.full(n, -1, np.int32)
        self._stay = np.full(n, NO_STAY, np.int32)
        self._number = np.arange(n) - np.searchsorted(population.group, population.group)
        self._size = np.bincount(population.group, minlength=len(groups))
        self._drawn: dict[tuple[int, int, int], NDArray[np.float64]] = {}
        for g, first in enumerate(self._first):
            rows = np.flatnonzero(population.group == g).astype(np.int32)
            for need in range(first.size):
                self._come_due_after(rows, np.full(rows.size, need), population.due_s[rows])

    @property
    def away(self) -> NDArray[np.bool_]:
        """Return (n,) who has left a stay for a need."""
        away: NDArray[np.bool_] = self._stay != NO_STAY
        return away

    def next_due_s(self, rows: Rows) -> NDArray[np.float64]:
        """Return when the next need of each comes due [s]."""
        due: NDArray[np.float64] = self._due_s[rows].min(axis=1)
        return due

    def begin(self, rows: Rows, time_s: float) -> NDArray[np.bool_]:
        """Let those of `rows`, who stay somewhere, whose need is due turn to it: that is their leg now; return who."""
        turn: NDArray[np.bool_] = self.next_due_s(rows) <= time_s
        mine = rows[turn]
        need = self._due_s[mine].argmin(axis=1)
        self._stay[mine], self._need[mine] = self._state.leg[mine], need
        for row, k in zip(mine.tolist(), need.tolist(), strict=True):
            self._state.leg[row] = self._first[self._population.group[row]][k]
        return turn

    def forget(self, rows: Rows) -> None:
        """Let attendees have nothing to come back to."""
        self._stay[rows] = NO_STAY

    def end(self, rows: Rows, time_s: float) -> NDArray[np.bool_]:
        """Let those of `rows` who come from a service for their need turn to their stay again; return who."""
        back: NDArray[np.bool_] = self._stay[rows] != NO_STAY
        mine = rows[back]
        self._state.leg[mine] = self._stay[mine]
        self._stay[mine] = NO_STAY
        self._come_due_after(mine, self._need[mine], np.full(mine.size, time_s))
        return back

    def _come_due_after(self, rows: Rows, needs: NDArray[np.int32], time_s: NDArray[np.float64]) -> None:
        for row, need, since in zip(rows.tolist(), needs.tolist(), time_s.tolist(), strict=True):
            every = self._draw(int(self._population.group[row]), need, int(self._times[row, need]))
            self._due_s[row, need] = since + every[self._number[row]]
            self._times[row, need] += 1

    def _draw(self, group: int, need: int, times: int) -> NDArray[np.float64]:
        """Return how long a need takes to come due for the so-manieth time, for everybody of a group [s]."""
        if (group, need, times) not in self._drawn:
            name = self._population.groups[group]
            key, what = list(self._groups[name].needs.items())[need]
            rng = generator(self._seed, name, "need", key, str(times))
            self._drawn[group, need, times] = draw_duration(what.every, int(self._size[group]), rng)
        return self._drawn[group, need, times]
