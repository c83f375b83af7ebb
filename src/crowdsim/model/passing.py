"""Making one's way through a standing crowd: aside, where somebody stands in the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT
from crowdsim.model.state import CrowdState
from crowdsim.population.draw import generator

Rows = NDArray[np.int32]
Float64 = NDArray[np.float64]

STILL = 0.1
"""Share of the free speed: whoever gets on more slowly than this does not get on (as `HELD_UP` of the kernels)."""

ARRIVED_M = 0.3
"""Whoever is so near to the own place has come there: less than from one body to the next."""

AHEAD_M = 1.0
"""Whoever stands no farther ahead than this is in the way (our choice: two bodies)."""

ASIDE_M = 1.0
"""How far people go aside: as far as they get in a second (our choice)."""

LEAST_ASIDE, MOST_ASIDE = np.pi / 3, np.pi * 2 / 3
"""To which side of their way people go, in either direction (our choice: from a little ahead to a little back)."""

MOST_TRIES = 20
"""Whoever has tried so often and does not get through takes the nearest place that is free (our choice)."""


class Passing:
    """Who goes aside just now, to get past somebody who stands."""

    def __init__(self, state: CrowdState, seed: int) -> None:
        n = state.leg.size
        self._state, self._rng = state, generator(seed, "passing")
        self._aside, self._aside_x = np.empty(0, np.int32), np.empty(0)
        self._tries = np.zeros(n, np.int32)

    def go_back(self) -> None:
        """Let those who walked to a goal before they went aside walk there again, unless they stand elsewhere now."""
        records, rows = self._state.records, self._aside
        still = (records["activity"][rows] == TO_SPOT) & (records["spot_x"][rows] == self._aside_x)
        records["activity"][rows[still]] = TO_GOAL
        self._aside, self._aside_x = rows[:0], self._aside_x[:0]

    def to_places(self, rows: Rows, places: Float64) -> Rows:
        """Let people who are on the way to their places in a crowd go there, or aside; return who gives up.

        Parameters
        ----------
        places : (r, 2) of `rows` [m].
        """
        records = self._state.records
        way = places - np.column_stack([records["x"][rows], records["y"][rows]])
        far = np.hypot(*way.T) > ARRIVED_M
        was_aside = (records["spot_x"][rows] != places[:, 0]) | (records["spot_y"][rows] != places[:, 1])
        stuck = far & ~was_aside & (records["speed"][rows] < STILL * records["free_speed"][rows])
        records["spot_x"][rows], records["spot_y"][rows] = places.T
        self._tries[rows] = np.where(far, self._tries[rows] + stuck, 0)
        gives_up: Rows = rows[stuck & (self._tries[rows] > MOST_TRIES)]
        self._tries[gives_up] = 0
        self._go_aside(rows[stuck], way[stuck])
        return gives_up

    def through(self, rows: Rows, standing: Rows) -> None:
        """Let those of `rows`, who walk to goals and do not get on, go aside if somebody `standing` is in the way."""
        if not rows.size or not standing.size:
            return
        records = self._state.records
        here, there = (np.column_stack([records["x"][some], records["y"][some]]) for some in (rows, standing))
        away, nearest = cKDTree(there).query(here)
        ahead = np.column_stack([records["heading_x"][rows], records["heading_y"][rows]])
        blocked = (away < AHEAD_M) & ((ahead * (there[nearest] - here)).sum(axis=1) >= 0.0)
        self._go_aside(rows[blocked], ahead[blocked])
        records["activity"][rows[blocked]] = TO_SPOT
        self._aside, self._aside_x = rows[blocked], records["spot_x"][rows[blocked]]

    def _go_aside(self, rows: Rows, way: Float64) -> None:
        records = self._state.records
        turn = self._rng.uniform(LEAST_ASIDE, MOST_ASIDE, rows.size) * self._rng.choice((-1.0, 1.0), rows.size)
        angle = np.arctan2(way[:, 1], way[:, 0]) + turn
        records["spot_x"][rows] = records["x"][rows] + ASIDE_M * np.cos(angle)
        records["spot_y"][rows] = records["y"][rows] + ASIDE_M * np.sin(angle)
