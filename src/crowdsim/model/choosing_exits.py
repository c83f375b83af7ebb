"""Which exit somebody takes: what people know of exits, see of the crowds before them, and expect to gain elsewhere."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import correlate

from crowdsim.kernels.arrays import TO_GOAL
from crowdsim.kernels.choosing import measure_ways
from crowdsim.kernels.expecting import Prospects, choose_exits, expect_departures, measure_ways_to
from crowdsim.model.knowledge import Knowledge
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation
from crowdsim.navigation.grid import edges_of
from crowdsim.population import Population
from crowdsim.venue import Exit, Venue

Rows = NDArray[np.int32]
Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

EXPECTED_FLOW = 1.3
"""As many people per metre of width and second people expect a crowd to go through an exit: the greatest flow through
doors of IMO MSC.1/Circ.1533 (2016), annex 2, appendix 1, and of the SFPE Handbook (5th ed., ch. 59)."""

AROUND_M = 5.0
"""Those in the same square of this side or in one next to it are around somebody (our choice)."""

AT_HAND_M = 1.0
"""Who is as near as this to an exit steps through it, whatever would be gained elsewhere: one pace (our choice)."""

BINS = 600
"""Times of walks are told apart up to so many times `BIN_S`; who walks longer comes after all others."""


class _Heading(NamedTuple):
    """Those who head for exits now: their rows, the number of the exit of each, and when each would be there [s]."""

    rows: Rows
    exit: NDArray[np.int64]
    walk_s: Float64


class ExitChoice:
    """Which exits the attendees of groups with a `choice` take; the others take the nearest."""

    def __init__(self, knowledge: Knowledge, population: Population, state: CrowdState) -> None:
        self._knowledge, self._population, self._state = knowledge, population, state
        self._names: tuple[str, ...] = ()

    def take_venue(self, venue: Venue, navigation: Navigation) -> None:
        """Go by these exits from now on."""
        if not self._names:
            others = venue.zones | venue.queues
            self._names = tuple(name for name in dict.fromkeys(navigation.goals) if name not in others)
            self._knows = np.array([self._knowledge.draw_who_knows(name) for name in self._names])
            self._wait_s = np.full((len(self._names), len(self._population)), np.nan)
        number = {name: k for k, name in enumerate(self._names)}
        self._number = np.array([number.get(name, -1) for name in navigation.goals])
        exits = [venue.exits.get(name) for name in self._names]
        self._headway_s = np.array([1.0 / (EXPECTED_FLOW * exit_.width_m) if exit_ else np.inf for exit_ in exits])
        self._edges = [_edges(exit_) for exit_ in exits]
        self._fields, self._walked = navigation.shortest, navigation.fields
        exit_, without_steps = self._number >= 0, np.array(navigation.step_free, bool)
        self._exits: Rows = np.flatnonzero(exit_ & ~without_steps).astype(np.int32)

    def note_way_in(self, rows: Rows) -> None:
        """Let those who came through an entrance know of the exit nearest to it."""
        rows, goals = rows[self._knowledge.chooses[rows] & np.isnan(self._population.x[rows])], self._exits
        if rows.size and goals.size:
            measure_ways_to(self._state.records, self._fields, rows, goals, away := np.empty((rows.size, goals.size)))
            self._knows[self._number[goals[away.argmin(axis=1)]], rows] = True

    def choose(self, rows: Rows, goals: Rows, *, any_exit: bool, advised: bool = False) -> Rows:
        """Return the goal, of these exits (one at least), that each of `rows` takes; the present one without a way.

        Parameters
        ----------
        any_exit : whether people were left the choice of all exits, and not told which: those they know of then.
        advised : whether all of `rows` choose as those who follow advice do.
        """
        order = np.argsort(self._knowledge.order[rows], kind="stable")
        inverse = np.argsort(order, kind="stable")
        rows = rows[order]
        exits = self._number[goals]
        records = self._state.records
        measure_ways_to(records, self._fields, rows, goals, away := np.empty((rows.size, goals.size)))
        guided = self._knowledge.guided[rows, None] | advised
        if self._walked is not self._fields and guided.any():  # who is advised knows of the crowds on the way, too
            measure_ways_to(records, self._walked, rows, goals, slowed := np.empty(away.shape))
            away = np.where(guided, slowed, away)
        walk_s = away / self._population.free_speed[rows, None]
        present = records["goal"][rows]
        own = np.where((present[:, None] == goals).any(axis=1), (present[:, None] == goals).argmax(axis=1), -1)
        sees = self._knowledge.sees(records, self._fields, rows, goals, [self._edges[number] for number in exits])
        self._knows[exits[:, None], rows] |= sees.T | (not any_exit)
        heading = self._heading()
        watched = sees | guided
        waits_s = self._note_crowds(rows, exits, walk_s, own, watched, heading)
        around = np.where(guided, 0.0, self._shares_around(rows, exits, heading))
        known = self._knows[exits[:, None], rows].T | (around > 0.0)
        by_time = self._knowledge.by_time[rows, None] | advised
        prospects = Prospects(
            walk_s,
            np.where(by_time, waits_s, 0.0),
            known,
            watched & by_time,
            1.0 - around,
        )
        chosen = np.empty(rows.size, np.int64)
        at_hand_s = AT_HAND_M / self._population.free_speed[rows]
        turns = np.zeros((exits.size, BINS))
        choose_exits(prospects, self._headway_s[exits], own, self._knowledge.gain_s[rows], at_hand_s, turns, chosen)
        taken: Rows = np.where(chosen >= 0, goals[chosen], np.where(present >= 0, present, goals[0])).astype(np.int32)
        return taken[inverse]

    def _heading(self) -> _Heading:
        """Return who heads for exits now."""
        records, inside = self._state.records, self._state.inside
        exit_ = self._number[records["goal"][inside]]
        walking = (records["activity"][inside] == TO_GOAL) & (records["goal"][inside] >= 0) & (exit_ >= 0)
        rows = inside[walking]
        measure_ways(records, self._fields, rows, away := np.empty(rows.size))
        return _Heading(rows, exit_[walking], np.maximum(away, 0.0) / self._population.free_speed[rows])

    def _note_crowds(
        self,
        rows: Rows,
        exits: NDArray[np.int64],
        walk_s: Float64,
        own: NDArray[np.int64],
        watched: Bools,
        heading: _Heading,
    ) -> Float64:
        """Return (r, g) how long those ahead take to go through each exit, as far as each of `rows` knows [s].

        What they have seen of an exit they go by until they see it again: a crowd is not gone for having been lost from
        sight. NaN for an exit that they have not seen.
        """
        for k, number in enumerate(exits):
            arrive_s = np.sort(heading.walk_s[(heading.exit == number) & np.isfinite(heading.walk_s)])
            expect_departures(arrive_s, self._headway_s[number], through_s := np.empty(arrive_s.size))
            ahead = np.searchsorted(arrive_s, walk_s[:, k])
            wait_s = np.append(0.0, through_s)[ahead] + self._headway_s[number] * (ahead > 0)
            mine = watched[:, k]
            self._wait_s[number, rows[mine]] = wait_s[mine]
            # Of an own exit out of sight people notice those who would be there as much before them as they see far.
            sight_s = self._knowledge.sees_m[rows] / self._population.free_speed[rows]
            near = ahead - np.searchsorted(arrive_s, walk_s[:, k] - sight_s)
            mine = (own == k) & ~watched[:, k] & np.isfinite(walk_s[:, k])
            self._wait_s[number, rows[mine]] = near[mine] * self._headway_s[number]
        found: Float64 = self._wait_s[exits[:, None], rows].T
        return found

    def _shares_around(self, rows: Rows, exits: NDArray[np.int64], heading: _Heading) -> Float64:
        """Return (r, g) which share of those around heads for each exit, times how much each of `rows` follows them."""
        follows = self._knowledge.follows[rows]
        if not follows.any():
            return np.zeros((rows.size, exits.size))
        records = self._state.records
        people = np.concatenate([heading.rows, rows])
        column, row = (
            ((records[axis][people] - records[axis][people].min()) / AROUND_M).astype(np.int64) for axis in ("x", "y")
        )
        counts = np.zeros((len(self._names), row.max() + 1, column.max() + 1))
        n = heading.rows.size
        np.add.at(counts, (heading.exit, row[:n], column[:n]), 1.0)
        around = correlate(counts, np.ones((1, 3, 3)), mode="constant")[:, row[n:], column[n:]]
        # Oneself does not count.
        walking = np.isin(rows, heading.rows)
        exit_of = np.where(walking, self._number[records["goal"][rows]], 0)
        around[exit_of, np.arange(rows.size)] -= walking
        shares: Float64 = (around[exits] / np.maximum(around.sum(axis=0), 1.0)).T * follows[:, None]
        return shares


def _edges(exit_: Exit | None) -> Float64:
    """Return the straight edges of an exit (e, 4): its line, or those of its area."""
    if exit_ is None:
        return np.empty((0, 4))
    return edges_of(exit_.area) if exit_.line is None else shapely.get_coordinates(exit_.line).reshape(1, 4)
