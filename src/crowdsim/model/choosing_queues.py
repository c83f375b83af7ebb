"""Which queue somebody takes, and who of those waiting would be served sooner in another and changes over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.choosing import measure_ways
from crowdsim.model.queue import Queue
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation
from crowdsim.population import Population
from crowdsim.population.draw import mean_duration
from crowdsim.scenario.service import Service

Float64 = NDArray[np.float64]
Rows = NDArray[np.int32]

COMPARE_S = 5.0
"""How often those at the ends of queues compare theirs with others [s] (our choice)."""

GAIN_S = 10.0
"""Nobody changes over for less than this [s]: who has joined a queue stays there unless it pays (our choice)."""

LAST = 3
"""As many of the last in a queue look around: those farther on have others behind them (our choice)."""

MANY_S = 1e9
"""In place of how long it takes where nobody serves: longer than any simulation."""


class QueueChoice:
    """What people know of the queues of all services when they choose: how far, how many there, how fast.

    Attributes
    ----------
    allowed : (k, n) whether each attendee may use each queue.
    """

    def __init__(
        self, services: Mapping[str, Service], queues: Sequence[Queue], population: Population, state: CrowdState
    ) -> None:
        self._queues, self._population, self._state = queues, population, state
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
        goals = self._state.records["goal"]
        away_m = np.empty((len(numbers), rows.size))
        for k, number in enumerate(numbers):
            goals[rows] = self._goals[number, way]
            away_m[k] = self.ways_m(rows)
        chosen = choose_queues(
            away_m / self._population.free_speed[rows],
            np.array([self._queues[k].ahead for k in numbers], np.float64),
            np.array([self._per_head_s(k) for k in numbers]),
            self.allowed[list(numbers)][:, rows],
        )
        taken = np.array(numbers, np.int32)[chosen]
        goals[rows] = self._goals[taken, way]
        return taken

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

        The last in each queue compare; the way to another one counts as the crow flies.
        """
        ahead = {number: self._queues[number].ahead for number in numbers}
        per_head_s = {number: self._per_head_s(number) for number in numbers}
        movers = []
        for number in numbers:
            for row in reversed(self._queues[number].waiting[-LAST:]):
                stays_s = (ahead[number] - 1) * per_head_s[number] - GAIN_S
                goes_s = {
                    other: ahead[other] * per_head_s[other] + self._walk_s(row, other)
                    for other in numbers
                    if other != number and self._queues[other].on_duty and self.allowed[other, row]
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
    walk_s: Float64, ahead: Float64, per_head_s: Float64, allowed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return for each of r people the queue, of k, where each expects to be served first.

    One after the other: each counts those before who have chosen the same queue.

    Parameters
    ----------
    walk_s : (k, r) how long the walk to the end of each queue takes.
    ahead : (k,) how many are in each queue or on their way there.
    per_head_s : (k,) how long each queue takes for one of them; `MANY_S` if nobody is served there.
    allowed : (k, r) whether somebody may use a queue.
    """
    shut = per_head_s >= MANY_S
    per_head_s = np.where(shut, 0.0, per_head_s)
    walk_s = walk_s + np.where(shut, MANY_S, 0.0)[:, None] + np.where(allowed, 0.0, np.inf)
    ahead = ahead.copy()
    chosen = np.empty(walk_s.shape[1], np.int64)
    for r in range(chosen.size):
        chosen[r] = np.argmin(walk_s[:, r] + ahead * per_head_s)
        ahead[chosen[r]] += 1
    return chosen


def _of_kind(population: Population, names: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each attendee whether the group or profile is one of those named."""
    groups = np.array([name in names for name in population.groups])[population.group]
    profiles = np.array([name in names for name in population.profiles])[population.profile]
    return np.asarray(groups | profiles)
