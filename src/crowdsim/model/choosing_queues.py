"""Which queue somebody takes, and who of those waiting would be served sooner in another and changes over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.choosing import measure_ways
from crowdsim.kernels.expecting import measure_ways_to
from crowdsim.model.knowledge import USUAL, Knowledge
from crowdsim.model.queue import Queue
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation
from crowdsim.population import Population
from crowdsim.population.draw import mean_duration
from crowdsim.population.parties import firsts
from crowdsim.scenario.party import ALONE
from crowdsim.scenario.service import Service

Float64 = NDArray[np.float64]
Rows = NDArray[np.int32]

COMPARE_S = 5.0
"""How often those at the ends of queues compare theirs with others [s] (our choice)."""

GAIN_S = USUAL.gain_s
"""Nobody changes over for less than this [s]: who has joined a queue stays there unless it pays."""

LAST = 3
"""As many of the last in a queue look around: those farther on have others behind them (our choice)."""

NO_WAY_M = 1e12
"""In place of how far it is where no way leads: farther than a queue that is shut counts."""

MANY_S = 1e9
"""In place of how long it takes where nobody serves: longer than any simulation."""


class QueueChoice:
    """What people know of the queues of all services when they choose: how far, how many there, how fast.

    Attributes
    ----------
    allowed : (k, n) whether each attendee may use each queue.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        queues: Sequence[Queue],
        population: Population,
        state: CrowdState,
        knowledge: Knowledge | None,
    ) -> None:
        self._queues, self._population, self._state, self._knowledge = queues, population, state, knowledge
        self._lines = [np.column_stack([queue.vertices[:-1], queue.vertices[1:]]) for queue in queues]
        self._mean_s = {name: mean_duration(service.time) for name, service in services.items()}
        reserved = {queue: names for service in services.values() for queue, names in service.reserved.items()}
        self.allowed = np.ones((len(queues), len(population)), bool)
        for number, queue in enumerate(queues):
            if queue.name in reserved:
                self.allowed[number] = _of_kind(population, reserved[queue.name])

    def take_venue(self, navigation: Navigation) -> None:
        """Go by these ways from now on."""
        kinds = sorted(set(navigation.step_free))
        self._fields = navigation.fields
        self._goals = np.array(
            [[navigation.indices((queue.name,), step_free=kind)[0] for kind in kinds] for queue in self._queues]
        )

    def choose(self, rows: Rows, numbers: Sequence[int], way: int) -> NDArray[np.int32]:
        """Return which of the queues with these numbers each of `rows` takes, and make its end their goal.

        Parameters
        ----------
        way : 1 for those who take no steps, 0 for others.
        """
        chosen = self._best(rows, numbers, way)
        chosen = chosen[firsts(self._population.party[rows])]  # a party queues together
        taken = np.array(numbers, np.int32)[chosen]
        self._state.records["goal"][rows] = self._goals[taken, way]
        return taken

    def _best(
        self, rows: Rows, numbers: Sequence[int], way: int, own: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return where in `numbers` the queue is where each of `rows` expects to be served first.

        Parameters
        ----------
        own : (r,) where in `numbers` the queue is that each is on the way to, and leaves for a gain only.
        """
        goals = self._goals[list(numbers), way].astype(np.int32)
        measure_ways_to(self._state.records, self._fields, rows, goals, away := np.empty((rows.size, goals.size)))
        # In a corner without a node no way is known: to none of them then.
        somewhere = np.isfinite(away).any(axis=1, keepdims=True)
        away = np.where(np.isfinite(away), away, np.where(somewhere, NO_WAY_M, 0.0))
        walk_s = away.T / self._population.free_speed[rows]
        ahead = np.array([self._queues[k].ahead for k in numbers], np.float64)
        per_head_s = np.array([self._per_head_s(k) for k in numbers])
        known, minds = np.ones(walk_s.shape, bool), np.ones(rows.size, bool)
        if self._knowledge:
            lines = [self._lines[k] for k in numbers]
            sees = self._knowledge.sees(self._state.records, self._fields, rows, goals, lines)
            known = (sees | self._knowledge.guided[rows, None]).T
            known |= ~self._knowledge.chooses[rows]
            minds = self._knowledge.by_time[rows]
            if own is not None:
                walk_s[own, np.arange(rows.size)] -= self._knowledge.gain_s[rows]
        return choose_queues(walk_s, ahead, per_head_s, self.allowed[list(numbers)][:, rows], known, minds, own)

    def _minds_waits(self, row: int) -> bool:
        return self._knowledge is None or bool(self._knowledge.by_time[row])

    def _knows(self, row: int, number: int) -> bool:
        """Return whether somebody who waits in a queue knows how many are in another one."""
        if not self._knowledge or self._knowledge.guided[row] or not self._knowledge.chooses[row]:
            return True
        goal = self._goals[[number], 0].astype(np.int32)
        seen = self._knowledge.sees(
            self._state.records, self._fields, np.array([row], np.int32), goal, [self._lines[number]]
        )
        return bool(seen[0, 0])

    def find_turners(self, rows: Rows, numbers: Sequence[int], own: Rows) -> list[tuple[int, int]]:
        """Return who of `rows`, on their way to the queues `own`, turns to another: row, and number of the queue.

        Those who look round now, and are alone.
        """
        if not self._knowledge:
            return []
        mine = self._knowledge.is_due(rows) & (self._population.party[rows] == ALONE) & np.isin(own, numbers)
        rows, own = rows[mine], own[mine]
        turners = []
        ways = self.ways_of(rows, own)
        for way in np.unique(ways).tolist():
            those, there = rows[ways == way], np.searchsorted(numbers, own[ways == way])
            best = self._best(those, numbers, way, there)
            turns = best != there
            turners += list(zip(those[turns].tolist(), np.array(numbers)[best[turns]].tolist(), strict=True))
        return turners

    def ways_m(self, rows: Rows) -> Float64:
        """Return how far it is to the goals of attendees [m]; zero where that is not known."""
        measure_ways(self._state.records, self._fields, rows, away := np.empty(rows.size))
        return np.where(np.isfinite(away), np.maximum(away, 0.0), 0.0)

    def ways_of(self, rows: Rows, numbers: Rows) -> NDArray[np.int64]:
        """Return which ways those take who are at the queues with these numbers: 1 without steps, 0 all."""
        ways: NDArray[np.int64] = (self._goals[numbers] == self._state.records["goal"][rows, None]).argmax(axis=1)
        return ways

    def redirect(self, row: int, one: int, other: int) -> None:
        """Make the end of another queue the goal of somebody whose goal is the end of one."""
        goals = self._state.records["goal"]
        goals[row] = self._goals[other][self._goals[one] == goals[row]][0]

    def find_movers(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Return who changes over from one of the queues with these numbers to another: row, and number of the other.

        Parties stay where they are. The last in each queue compare; the way to another one counts as the crow flies.
        """
        ahead = {number: self._queues[number].ahead for number in numbers}
        per_head_s = {number: self._per_head_s(number) for number in numbers}
        movers = []
        for number in numbers:
            for row in reversed(self._queues[number].waiting[-LAST:]):
                if self._population.party[row] != ALONE or not self._minds_waits(row):
                    break
                gain_s = self._knowledge.gain_s[row] if self._knowledge else GAIN_S
                stays_s = (ahead[number] - 1) * per_head_s[number] - gain_s
                goes_s = {
                    other: ahead[other] * per_head_s[other] + self._walk_s(row, other)
                    for other in numbers
                    if other != number
                    and self._queues[other].on_duty
                    and self.allowed[other, row]
                    and self._knows(row, other)
                }
                best = min(goes_s, key=goes_s.__getitem__, default=number)
                if best == number or goes_s[best] >= stays_s:
                    break
                movers.append((row, best))
                ahead[number] -= 1
                ahead[best] += 1
        return movers

    def _walk_s(self, row: int, number: int) -> float:
        records = self._state.records
        x, y = self._queues[number].vertices[-1]
        away_m = math.hypot(records["x"][row] - x, records["y"][row] - y)
        return away_m / float(self._population.free_speed[row])

    def _per_head_s(self, number: int) -> float:
        """Return how long a queue takes for each of those in it [s]."""
        queue = self._queues[number]
        return self._mean_s[queue.service] / queue.on_duty if queue.on_duty else MANY_S


def choose_queues(
    walk_s: Float64,
    ahead: Float64,
    per_head_s: Float64,
    allowed: NDArray[np.bool_],
    known: NDArray[np.bool_],
    minds: NDArray[np.bool_],
    own: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return for each of r people the queue, of k, where each expects to be served first.

    One after the other: each counts those before who have chosen the same queue, or have left it.

    Parameters
    ----------
    walk_s : (k, r) how long the walk to the end of each queue takes.
    ahead : (k,) how many are in each queue or on their way there.
    per_head_s : (k,) how long each queue takes for one of them; `MANY_S` if nobody is served there.
    allowed : (k, r) whether somebody may use a queue.
    known : (k, r) whether somebody knows how many are in a queue; of others people expect no better than of the one
        where they would wait least of those they know.
    minds : (r,) who minds how long it takes to be served, and not only how far it is.
    own : (r,) the queue that each is on the way to, and counts among those ahead there; None for those new to all.
    """
    shut = per_head_s >= MANY_S
    per_head_s = np.where(shut, 0.0, per_head_s)
    walk_s = walk_s + np.where(shut, MANY_S, 0.0)[:, None] + np.where(allowed, 0.0, np.inf)
    ahead = ahead.copy()
    chosen = np.empty(walk_s.shape[1], np.int64)
    for r in range(chosen.size):
        if own is not None:
            ahead[own[r]] -= 1
        wait_s = ahead * per_head_s * minds[r]
        if not known[:, r].all():
            least_s = wait_s[known[:, r]].min() if known[:, r].any() else 0.0
            wait_s = np.where(known[:, r], wait_s, least_s)
        chosen[r] = np.argmin(walk_s[:, r] + wait_s)
        ahead[chosen[r]] += 1
    return chosen


def _of_kind(population: Population, names: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each attendee whether the group or profile is one of those named."""
    groups = np.array([name in names for name in population.groups])[population.group]
    profiles = np.array([name in names for name in population.profiles])[population.profile]
    return np.asarray(groups | profiles)
