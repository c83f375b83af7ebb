"""People who come in through an entrance: they wait outside until there is a free place to step on."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from crowdsim.model.state import CrowdState
from crowdsim.population import Population
from crowdsim.population.draw import generator
from crowdsim.population.placement import BODY_GAP_M, lattice, standing_room
from crowdsim.scenario.party import ALONE
from crowdsim.venue import Area, Venue

PLACE_SPACING_M = 0.2
"""Spacing of the places tried in an entrance: half a body, so that none is wasted."""


class EntranceQueue:
    """Those who are to come in through one entrance, in the order in which they are due.

    Attributes
    ----------
    name : of the entrance.
    waiting : rows of those not yet inside.
    """

    def __init__(
        self,
        name: str,
        waiting: deque[int],
        population: Population,
        walkable: Area,
        area: Area,
        clearance_m: float,
        seed: int,
    ) -> None:
        self.name = name
        self.waiting = waiting
        self._due_s = population.due_s
        self._party = population.party
        self._clearance_m = clearance_m
        self.take_ground(walkable, area)
        self._rng = generator(seed, name, "entrance")

    def take_ground(self, walkable: Area, area: Area) -> None:
        """Let people in where there is ground now."""
        self._places = lattice(standing_room(area, walkable, self._clearance_m), PLACE_SPACING_M)

    def __len__(self) -> int:
        """Return how many have not come in yet."""
        return len(self.waiting)

    def is_due(self, time_s: float) -> bool:
        """Return whether anyone wants to come in by now."""
        return bool(self.waiting) and self._due_s[self.waiting[0]] <= time_s

    def admit(self, time_s: float, state: CrowdState) -> NDArray[np.int32]:
        """Put those who are due on free places, first come first served; return their rows.

        A place is free if a body there touches nobody; those of a party take places next to each other.
        Whoever finds none waits outside, and all behind too.
        """
        crowd, present = state.records, state.present
        low, high = self._places.min(axis=0) - 1, self._places.max(axis=0) + 1
        near = present[
            (crowd["x"][present] > low[0])
            & (crowd["x"][present] < high[0])
            & (crowd["y"][present] > low[1])
            & (crowd["y"][present] < high[1])
        ]
        offset = self._places[:, None, :] - np.column_stack([crowd["x"][near], crowd["y"][near]])[None]
        room = np.hypot(offset[..., 0], offset[..., 1]) - crowd["radius"][near]
        gap = room.min(axis=1, initial=np.inf)
        admitted: list[int] = []
        last = (0.0, 0.0)
        while self.is_due(time_s):
            row = self.waiting[0]
            free = np.flatnonzero(gap >= crowd["radius"][row] + BODY_GAP_M)
            if not free.size:
                break
            self.waiting.popleft()
            x, y = self._places[self._rng.choice(free)]
            if admitted and self._party[row] != ALONE and self._party[row] == self._party[admitted[-1]]:
                x, y = self._places[free[np.hypot(*(self._places[free] - last).T).argmin()]]
            last = x, y
            crowd["x"][row], crowd["y"][row] = x, y
            gap = np.minimum(gap, np.hypot(self._places[:, 0] - x, self._places[:, 1] - y) - crowd["radius"][row])
            admitted.append(row)
        return np.array(admitted, np.int32)


def split_by_start(
    population: Population, venue: Venue, clearance_m: float, seed: int
) -> tuple[NDArray[np.int32], list[EntranceQueue]]:
    """Return the rows of those who stand in zones at time zero, and a queue per entrance of those who come later."""
    at_start = np.flatnonzero(np.isfinite(population.x)).astype(np.int32)
    queues = []
    for s, name in enumerate(population.starts):
        rows = np.flatnonzero((population.start == s) & np.isnan(population.x))
        if rows.size:
            rows = rows[np.argsort(population.due_s[rows], kind="stable")]
            waiting = deque(int(row) for row in rows)
            area = venue.entrances[name]
            queues.append(EntranceQueue(name, waiting, population, venue.walkable, area, clearance_m, seed))
    return at_start, queues
