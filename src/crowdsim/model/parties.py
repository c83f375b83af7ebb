"""Parties keep together: the same goals, nobody far ahead, drawn aside to each other, and together again at zones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_GOAL, Fields
from crowdsim.kernels.choosing import measure_ways
from crowdsim.model.crossing import Crossing
from crowdsim.model.state import CrowdState
from crowdsim.population import Population
from crowdsim.scenario.party import ALONE

Rows = NDArray[np.int32]

LOOK_S = 0.5
"""How often people look where the others of their party are [s]: about as long as people take to react."""

NEAR_M, FAR_M = 1.0, 4.0
"""Who is up to so much ahead of the last of the party walks on as before, and the slower the farther ahead from there
to here (our choice)."""

SLOWEST = 0.3
"""Who is far ahead walks at this share of the own speed, and does not stop: one who stood in a door would block those
whom they wait for (our choice)."""

BESIDE_M, ASIDE_M = 0.8, 3.0
"""Who is up to so far beside the middle of the others is not drawn to them, and the more the farther from there to here
(our choice; 0.8 m: people side by side)."""

DRAWN = 0.5
"""How much at the most: half as strong as the way on, so that one walks at up to 27 degrees off it (our choice)."""

LOST_M = 8.0
"""Who is farther away than this has lost the others from sight: they meet again where they go (our choice)."""

WAIT_S = 120.0
"""So long people wait at a zone for those of their party who are not there yet, then they go on (assumption)."""


class Parties:
    """Those who came together."""

    def __init__(self, population: Population, state: CrowdState) -> None:
        self._population, self._state = population, state
        party = population.party
        self.rows: Rows = np.flatnonzero(party != ALONE).astype(np.int32)
        changes = np.flatnonzero(np.diff(party[self.rows], prepend=ALONE))
        self._begins = changes
        self._party = np.repeat(np.arange(changes.size), np.diff(np.append(changes, self.rows.size)))
        self._number = np.full(len(population), ALONE, np.int32)
        self._number[self.rows] = self._party
        self._met = np.full(len(population), -1, np.int32)
        self._next_look_s = 0.0

    def __bool__(self) -> bool:
        """Return whether anybody came in company."""
        return bool(self.rows.size)

    def run(self, time_s: float, crossing: Crossing | None, shortest: Fields | None = None) -> None:
        """Let those ahead of others of their party wait for them, and all keep near each other.

        Parameters
        ----------
        shortest : fields by which to tell who is ahead; None for those that people walk by.
        """
        if not self.rows.size or time_s < self._next_look_s:
            return
        self._next_look_s = time_s + LOOK_S
        records, rows = self._state.records, self.rows
        inside = self._is_inside()[rows]
        leg = self._state.leg[rows]
        walks = inside & (records["activity"][rows] == TO_GOAL)
        behind = self._of_party(np.minimum, np.where(inside, leg, np.iinfo(np.int32).max)) < leg
        left_m = records["left"][rows].astype(np.float64)
        if shortest is not None:
            left_m[walks] = self._left_m(rows[walks], shortest)
        known = walks & np.isfinite(left_m)  # not before the first step
        last_m = self._of_party(np.maximum, np.where(known, left_m, 0.0))
        lag_m = np.where(behind, np.inf, np.where(known, last_m - np.where(known, left_m, 0.0), 0.0))
        share = np.clip(1.0 - (lag_m - NEAR_M) / (FAR_M - NEAR_M) * (1.0 - SLOWEST), SLOWEST, 1.0)
        self._set_speed(rows[walks], share[walks], crossing)
        self._draw_aside(rows, inside, walks)

    def _left_m(self, rows: Rows, fields: Fields) -> NDArray[np.float64]:
        measure_ways(self._state.records, fields, rows, left_m := np.empty(rows.size))
        return left_m

    def _set_speed(self, rows: Rows, share: NDArray[np.float64], crossing: Crossing | None) -> None:
        speed = self._population.free_speed[rows] * share
        if crossing:  # on stairs people are slower than on the level
            on_ground = self._state.records["free_speed"][rows] / crossing.level_speed[rows]
            crossing.level_speed[rows] = speed
            speed = speed * on_ground
        self._state.records["free_speed"][rows] = speed

    def _draw_aside(self, rows: Rows, inside: NDArray[np.bool_], walks: NDArray[np.bool_]) -> None:
        records = self._state.records
        place = np.array([records["x"][rows], records["y"][rows]])
        count = np.bincount(self._party, inside)[self._party]
        total = np.array([np.bincount(self._party, np.where(inside, axis, 0.0)) for axis in place])[:, self._party]
        others = (total - place) / np.maximum(count - 1, 1)
        toward = others - place
        away_m = np.hypot(*toward)
        pull = np.clip((away_m - BESIDE_M) / (ASIDE_M - BESIDE_M), 0.0, 1.0) * DRAWN
        pull = np.where((count > 1) & (away_m < LOST_M), pull, 0.0)
        drawn = toward * pull / np.maximum(away_m, BESIDE_M)
        records["aside_x"][rows], records["aside_y"][rows] = np.where(walks, drawn, 0.0)

    def follow(self, rows: Rows) -> None:
        """Let those of `rows` walk where the first of their party inside walks, who is on the same leg."""
        mine = rows[self._number[rows] != ALONE]
        if not mine.size:
            return
        records, leg = self._state.records, self._state.leg
        here = np.where(self._is_inside()[self.rows], self.rows, np.iinfo(np.int32).max)
        first = np.minimum.reduceat(here, self._begins)[self._number[mine]]
        known = first < leg.size
        mine, first = mine[known], first[known]
        same = (leg[first] == leg[mine]) & (records["activity"][first] == TO_GOAL)
        records["goal"][mine[same]] = records["goal"][first[same]]

    def meet(self, rows: Rows, resting: NDArray[np.bool_]) -> tuple[Rows, Rows]:
        """Return who of `rows`, who have come to a zone, waits for others of their parties, and who has met all.

        Those who have met are all of a party, whether of `rows` or there before.

        Parameters
        ----------
        resting : (n,) who stays somewhere.
        """
        leg = self._state.leg
        mine = rows[(self._number[rows] != ALONE) & (self._met[rows] != leg[rows])]
        if not mine.size:
            return mine, mine
        gone = np.isfinite(self._state.exit_s[self.rows])
        at = np.full(self._begins.size, -1, np.int32)
        at[self._number[mine]] = leg[mine]
        there = gone | (resting[self.rows] & (leg[self.rows] == at[self._party]))
        all_there = np.logical_and.reduceat(there, self._begins) & (at >= 0)
        met = self.rows[all_there[self._party] & ~gone]
        self._met[met] = leg[met]
        return mine[~all_there[self._number[mine]]], met

    def _of_party(self, ufunc: np.ufunc, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return for each of those in company the least or most of their parties' values."""
        found: NDArray[np.float64] = ufunc.reduceat(values, self._begins)[self._party]
        return found

    def _is_inside(self) -> NDArray[np.bool_]:
        inside = np.zeros(len(self._population), bool)
        inside[self._state.inside] = True
        return inside
