"""Services: attendees choose a queue, wait in it, are called and served, or give up."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT
from crowdsim.kernels.choosing import measure_ways
from crowdsim.model.queue import NOBODY, Queue, make_queue, set_off, side_by_side, stands_behind
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation
from crowdsim.population import Population
from crowdsim.population.draw import mean_duration
from crowdsim.scenario.event import CALLED, GAVE_UP, JOINED, SERVED
from crowdsim.scenario.service import Service, plan_hours
from crowdsim.venue import Venue

Rows = NDArray[np.int32]

LOOK_S = 0.5
"""How often those in queues look whether they can move up [s]: about as long as people take to react."""

AT_SERVER_M = 0.75
"""Nobody has been served before being this near to the server: an arm's length (assumption)."""

TAIL = 3
"""As many of the last along a line are seen by those who come to its end: who stands farther on is not near it."""

AGAIN_S = 0.25
"""When somebody has not got there yet, it is looked at again after this [s]."""

DUTY, CLOSED = "duty", "closed"
"""What comes due besides the end of a service and of a patience: a change of the servers on duty, for good or not."""

NOWHERE, WALKING, WAITING, BEING_SERVED = 0, 1, 2, 3
"""What somebody does at a service."""


class Told(NamedTuple):
    """Something that happened to an attendee at a queue, or before a zone."""

    row: int
    event: str
    place: str


class Services:
    """All services of a venue: who waits where, and who is served.

    Attributes
    ----------
    queues : of all services.
    stage : (n,) what each attendee does at a service: `NOWHERE`, `WALKING`, `WAITING`, `BEING_SERVED`.
    """

    def __init__(
        self, services: Mapping[str, Service], venue: Venue, population: Population, state: CrowdState
    ) -> None:
        self._services = services
        self._population, self._state = population, state
        n = len(population)
        self.stage = np.zeros(n, np.uint8)
        self._queue = np.full(n, -1, np.int32)
        self._aim = np.full(n, np.inf)
        self._joined_s = np.full(n, np.nan)
        self.queues: list[Queue] = []
        self._of: dict[str, list[int]] = {}
        self._due: list[tuple[float, int, str, int, int]] = []
        self._number = 0
        self._time_s = self._next_look_s = 0.0
        self._told: list[Told] = []
        for name, service in services.items():
            counter = venue.counters[service.counter] if service.counter else None
            for queue in service.queues:
                self._of.setdefault(name, []).append(len(self.queues))
                line = venue.queues[queue]
                self.queues.append(make_queue(queue, name, line, counter, service.servers, service.spacing_m))
                for time_s, on_duty, closed in plan_hours(service, queue):
                    self._push(time_s, CLOSED if closed else DUTY, len(self.queues) - 1, on_duty)
        self._come_due()
        self._beside = side_by_side(self.queues)
        self._crowds = [beside for number, beside in enumerate(self._beside) if beside[0] == number]

    def take_venue(self, navigation: Navigation) -> None:
        """Go by these ways from now on."""
        self._fields = navigation.fields
        self._goals = np.array(
            [
                [navigation.indices((queue.name,), step_free=kind)[0] for kind in sorted(set(navigation.step_free))]
                for queue in self.queues
            ]
        )

    # ------------------------------------------------------------ what attendees do
    def head_for(self, rows: Rows, services: Sequence[str], way: int) -> NDArray[np.int32]:
        """Let attendees walk to the end of the queue where each expects to be served first; return of which service.

        That is by the walk there, and by how many wait and are on their way there, of whom each takes the mean time.

        Parameters
        ----------
        services : of whose queues they choose one.
        way : 1 for those who take no steps, 0 for others.
        """
        service_of = {number: s for s, service in enumerate(services) for number in self._of[service]}
        candidates = [number for number in service_of if not self.queues[number].closed] or list(service_of)
        records = self._state.records
        away = np.empty((len(candidates), rows.size))
        for k, number in enumerate(candidates):
            records["goal"][rows] = self._goals[number, way]
            measure_ways(records, self._fields, rows, away[k])
        away = np.maximum(away, 0.0)
        speed = self._population.free_speed[rows]
        ahead = np.array([self._ahead(self.queues[k]) for k in candidates])
        mean_s = [mean_duration(self._services[self.queues[k].service].time) for k in candidates]
        per_head = np.array([mean_s[c] / max(self.queues[k].on_duty, 1) for c, k in enumerate(candidates)])
        shut = np.array([0.0 if self.queues[k].on_duty else math.inf for k in candidates])
        if np.isinf(shut).all():
            shut[:] = 0.0
        chosen = np.empty(rows.size, np.int32)
        for r, row in enumerate(rows.tolist()):
            k = int(np.argmin(away[:, r] / speed[r] + ahead * per_head + shut))
            ahead[k] += 1
            number = candidates[k]
            chosen[r] = service_of[number]
            self.queues[number].walking += 1
            self._queue[row] = number
            records["goal"][row] = self._goals[number, way]
            far = away[k, r] if math.isfinite(away[k, r]) else 0.0
            self._state.free_walk_s[row] += far / speed[r]
        self.stage[rows] = WALKING
        records["activity"][rows] = TO_GOAL
        records["progress"][rows] = speed
        return chosen

    def take_arrived(self, rows: Rows) -> list[Told]:
        """Let those of `rows` who got to the end of their queue join it, or stand there; return what happened."""
        for row in rows.tolist():
            if self.stage[row] == WALKING:
                self._join(row)
            elif self.stage[row] == WAITING:
                self._enter(row)
        return self._tell()

    def run(self, time_s: float) -> list[Told]:
        """Go on to a time; return what happened since it was last told."""
        self._time_s = time_s
        self._come_due()
        if time_s >= self._next_look_s:
            self._next_look_s = time_s + LOOK_S
            self._look()
        return self._tell()

    def _come_due(self) -> None:
        while self._due and self._due[0][0] <= self._time_s:
            _, _, what, number, value = heapq.heappop(self._due)
            if what == SERVED:
                self._end(number, value)
            elif what == GAVE_UP:
                if self.stage[value] == WAITING and self._joined_s[value] + self._patience_s(value) <= self._time_s:
                    self._give_up([value])
            else:
                self._set_duty(number, value, closed=what == CLOSED)

    def _tell(self) -> list[Told]:
        told, self._told = self._told, []
        return told

    def _patience_s(self, row: int) -> float:
        return float(self._population.patience_s[row, self._state.leg[row]])

    # ------------------------------------------------------------ within a queue
    def _ahead(self, queue: Queue) -> int:
        return len(queue.waiting) + queue.walking + sum(row != NOBODY for row in queue.serving)

    def _join(self, row: int) -> None:
        queue = self.queues[self._queue[row]]
        service = self._services[queue.service]
        queue.walking -= 1
        left_m = self._stop_walking(row)  # the rest of the way counts as waiting
        if queue.closed or (service.balk_above is not None and len(queue.waiting) >= service.balk_above):
            self.stage[row] = NOWHERE
            self._told.append(Told(row, GAVE_UP, queue.name))
            return
        self.stage[row] = WAITING
        self._joined_s[row] = self._time_s
        self._aim[row] = math.inf
        queue.waiting.append(row)
        if left_m <= 0.0:
            self._enter(row)
        else:
            self._stand(row)
        self._told.append(Told(row, JOINED, queue.name))
        if math.isfinite(self._patience_s(row)):
            self._push(self._joined_s[row] + self._patience_s(row), GAVE_UP, int(self._queue[row]), row)
        queue.move_up(self._aim, self._state.records)
        self._call(queue)

    def _stop_walking(self, row: int) -> float:
        """Take the rest of the way off the walk of somebody who does not go on to a queue's end; return it [m]."""
        left_m = float(self._state.records["left"][row])
        if 0.0 < left_m < math.inf:
            self._state.free_walk_s[row] -= left_m / self._population.free_speed[row]
        return left_m

    def _enter(self, row: int) -> None:
        """Let somebody who has come to the end of a queue's line walk along it, if it has room, or stand there."""
        queue = self.queues[self._queue[row]]
        self._stand(row)
        if row in queue.waiting[: queue.capacity]:
            self._aim[row] = queue.arc[-1]

    def _stand(self, row: int) -> None:
        records = self._state.records
        records["spot_x"][row], records["spot_y"][row] = records["x"][row], records["y"][row]
        records["activity"][row] = TO_SPOT

    def _call(self, queue: Queue) -> None:
        """Let the next be served, as long as a server is free and somebody at the head."""
        records = self._state.records
        while queue.waiting and (server := queue.free_server()) != NOBODY:
            row = queue.waiting[0]
            if not queue.is_at_head(row, records):
                return
            queue.waiting.pop(0)
            queue.serving[server] = row
            self.stage[row] = BEING_SERVED
            self._state.waited_s[row] += self._time_s - self._joined_s[row]
            records["spot_x"][row], records["spot_y"][row] = queue.places[server]
            records["activity"][row] = TO_SPOT
            self._told.append(Told(row, CALLED, queue.name))
            takes_s = float(self._population.dwell_s[row, self._state.leg[row]])
            self._state.waited_s[row] += takes_s
            self._push(self._time_s + takes_s, SERVED, int(self._queue[row]), server)

    def _end(self, number: int, server: int) -> None:
        """Let somebody who has been served go, once at the server's place; the next is called."""
        queue, records = self.queues[number], self._state.records
        row = queue.serving[server]
        x, y = queue.places[server]
        if math.hypot(records["x"][row] - x, records["y"][row] - y) > AT_SERVER_M:
            self._push(self._time_s + AGAIN_S, SERVED, number, server)
            return
        queue.serving[server] = NOBODY
        self.stage[row] = NOWHERE
        self._told.append(Told(row, SERVED, queue.name))
        self._call(queue)

    def _give_up(self, rows: Iterable[int]) -> None:
        for row in rows:
            queue = self.queues[self._queue[row]]
            if self.stage[row] == WAITING:
                queue.waiting.remove(row)
                self._state.waited_s[row] += self._time_s - self._joined_s[row]
            else:
                queue.walking -= 1
                self._stop_walking(row)
            self.stage[row] = NOWHERE
            self._told.append(Told(row, GAVE_UP, queue.name))

    def _look(self) -> None:
        """Let everyone in a queue move up, and those who come up behind them join."""
        for beside in self._crowds:
            self._crowd_up(beside)
        for number, queue in enumerate(self.queues):
            self._draw_from_beside(number)
            queue.move_up(self._aim, self._state.records)
            self._call(queue)

    def _crowd_up(self, beside: list[int]) -> None:
        """Let those beyond the ends of queues side by side come nearer, or stand behind others who wait."""
        queues, records = [self.queues[k] for k in beside], self._state.records
        waiting = np.array([row for queue in queues for row in queue.waiting[queue.capacity :]], np.int32)
        if not waiting.size:
            return
        coming = np.flatnonzero((self.stage == WALKING) & np.isin(self._queue, beside)).astype(np.int32)
        everyone = np.concatenate([waiting, coming])
        measure_ways(records, self._fields, everyone, away := np.empty(everyone.size))
        tails = np.array([row for queue in queues for row in queue.waiting[: queue.capacity][-TAIL:]], np.int32)
        others = np.concatenate([waiting, tails]), np.append(away[: waiting.size], np.full(tails.size, -np.inf))
        behind = stands_behind(records, (everyone, away), others)
        stop, walks = behind[: waiting.size], records["activity"][waiting] == TO_GOAL
        for row in waiting[stop & walks].tolist():
            self._stand(row)
        set_off(records, waiting[~stop & ~walks & (away[: waiting.size] > 0.0)])
        for row in coming[behind[waiting.size :]].tolist():
            self._join(row)
        by_row = dict(zip(everyone.tolist(), away.tolist(), strict=True))
        for queue in queues:
            queue.order_crowd(by_row)

    def _draw_from_beside(self, number: int) -> None:
        """Let those nearest in the crowd before the queues beside this one take the room that it has."""
        queue, records = self.queues[number], self._state.records
        end_x, end_y = queue.vertices[-1]
        for k in self._beside[number]:
            other = self.queues[k]
            if k == number or other.service != queue.service or not queue.on_duty:
                continue
            while other.beyond and len(queue.waiting) < queue.capacity:
                crowd = np.array(other.waiting[other.capacity :])
                away = np.hypot(records["x"][crowd] - end_x, records["y"][crowd] - end_y)
                row = int(crowd[np.argmin(away)])
                other.waiting.remove(row)
                queue.waiting.append(row)
                self._queue[row] = number
                way = int(np.flatnonzero(self._goals[k] == records["goal"][row])[0])
                records["goal"][row] = self._goals[number, way]

    def _set_duty(self, number: int, servers: int, *, closed: bool) -> None:
        queue = self.queues[number]
        queue.on_duty, queue.closed = servers, closed
        if closed:
            walking = np.flatnonzero((self.stage == WALKING) & (self._queue == number))
            self._give_up([*queue.waiting, *walking.tolist()])
        self._call(queue)

    def _push(self, time_s: float, what: str, number: int, value: int) -> None:
        self._number += 1
        heapq.heappush(self._due, (time_s, self._number, what, number, value))
