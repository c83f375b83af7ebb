"""Services: attendees choose a queue, wait in it, are called and served, or give up."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_SPOT
from crowdsim.model.choosing_queues import COMPARE_S, QueueChoice
from crowdsim.model.crowd_before import CrowdBefore
from crowdsim.model.knowledge import Knowledge
from crowdsim.model.queue import NOBODY, Queue, make_queue, set_off, side_by_side
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation
from crowdsim.population import Population
from crowdsim.scenario.event import CALLED, GAVE_UP, JOINED, SERVED
from crowdsim.scenario.service import Service, plan_hours
from crowdsim.venue import Venue

Rows = NDArray[np.int32]

LOOK_S = 0.5
"""How often those in queues look whether they can move up [s]: about as long as people take to react."""

AT_SERVER_M = 0.75
"""Nobody has been served before being this near to the server: an arm's length (assumption)."""

AGAIN_S = 0.25
"""When somebody has not got there yet, it is looked at again after this [s]."""

REACH_S = 30.0
"""Who has been served by the clock but cannot get to the server for so long goes on from where he or she stands: others
stand in the way, and would for ever (assumption: things are handed over)."""

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
    queue_of : (n,) the number of the queue that each is at, or was at last.
    aim : (n,) how far from the head of the line the point is that each heads for [m]; inf for those not in a line yet.
    records, fields : of the crowd, and of the venue as it is now.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        venue: Venue,
        population: Population,
        state: CrowdState,
        knowledge: Knowledge | None = None,
    ) -> None:
        self._services = services
        self._population, self._state = population, state
        self.records = state.records
        n = len(population)
        self.stage = np.zeros(n, np.uint8)
        self.queue_of = np.full(n, -1, np.int32)
        self.aim = np.full(n, np.inf)
        self._joined_s = np.full(n, np.nan)
        self._done_s = np.full(n, np.nan)
        self.queues: list[Queue] = []
        self._of: dict[str, list[int]] = {}
        self._due: list[tuple[float, int, str, int, int]] = []
        self._number = 0
        self._time_s = self._next_look_s = self._next_compare_s = 0.0
        self._shut: set[int] = set()
        self._planned: list[int] = []
        self._told: list[Told] = []
        for name, service in services.items():
            counter = venue.counters[service.counter] if service.counter else None
            for queue in service.queues:
                self._of.setdefault(name, []).append(len(self.queues))
                line = venue.queues[queue]
                self.queues.append(
                    make_queue(
                        queue, name, line, counter, service.servers, service.spacing_m, railed=queue in venue.rails
                    )
                )
                self._planned.append(0)
                if queue in service.shut:
                    self._shut.add(len(self.queues) - 1)
                for time_s, on_duty, closed in plan_hours(service, queue):
                    self._push(time_s, CLOSED if closed else DUTY, len(self.queues) - 1, on_duty)
        self._choice = QueueChoice(services, self.queues, population, state, knowledge)
        self._come_due()
        beside = side_by_side(self.queues)
        self._crowds = [CrowdBefore(self, numbers) for k, numbers in enumerate(beside) if numbers[0] == k]

    def take_venue(self, venue: Venue, navigation: Navigation) -> None:
        """Go by this ground and these ways from now on."""
        self.fields = navigation.fields
        for queue in self.queues:
            queue.take_ground(venue.walkable, venue.rails.get(queue.name))
        self._choice.take_venue(navigation)

    # ------------------------------------------------------------ what attendees do
    def head_for(self, rows: Rows, services: Sequence[str], way: int) -> NDArray[np.int32]:
        """Let attendees walk to the end of the queue where each expects to be served first; return of which service.

        That is by the walk there, and by how many wait and are on their way there, of whom each takes the mean time.

        Parameters
        ----------
        services : of whose queues they choose one.
        way : 1 for those who take no steps, 0 for others.
        """
        self._joined_s[rows] = math.nan
        self._send(rows, services, way)
        self._state.free_walk_s[rows] += self._choice.ways_m(rows) / self._population.free_speed[rows]
        service_of = np.array(
            [services.index(queue.service) if queue.service in services else 0 for queue in self.queues]
        )
        chosen: NDArray[np.int32] = service_of[self.queue_of[rows]].astype(np.int32)
        return chosen

    def leave(self, rows: Rows) -> list[Told]:
        """Let those of `rows` who wait at a service, or walk there, go without; return what happened."""
        self._give_up(rows[np.isin(self.stage[rows], (WALKING, WAITING))].tolist())
        return self._tell()

    def waiting_at(self, name: str) -> int:
        """Return how many wait at a service, or in one of its queues, by name."""
        return sum(len(queue.waiting) for queue in self.queues if name in (queue.service, queue.name))

    def set_lanes(self, opened: Sequence[str], closed: Sequence[str]) -> int:
        """Open and close queues, by name; return how many changed over from those that closed.

        Whoever is served is served to the end; the others go to queues of the service that are open, or wait where they
        are if there is none.
        """
        for number, queue in enumerate(self.queues):
            if queue.name in opened:
                self._shut.discard(number)
            elif queue.name in closed:
                self._shut.add(number)
            queue.on_duty = 0 if number in self._shut else self._planned[number]
        moved = self._leave_shut()
        for queue in self.queues:
            self._call(queue)
        return moved

    def forget(self, rows: Rows) -> None:
        """Let those of `rows` who wait at services, or walk there, be there no more; they may come back later."""
        for row in rows[np.isin(self.stage[rows], (WALKING, WAITING))].tolist():
            self._take_out(row)

    def _leave_shut(self) -> int:
        """Let those at queues that are shut change over to others that serve them; return how many they are."""
        moved = 0
        for number in sorted(self._shut):
            queue = self.queues[number]
            walking = np.flatnonzero((self.stage == WALKING) & (self.queue_of == number)).tolist()
            rows = np.array([*queue.waiting, *walking], np.int32)
            served = np.zeros(rows.size, bool)
            for k in self._of[queue.service]:
                served |= self.may_use(k, rows) & (self.queues[k].on_duty > 0)
            self._change_over(rows[served])
            moved += int(served.sum())
        return moved

    def take_arrived(self, rows: Rows) -> list[Told]:
        """Let those of `rows` who got to the end of their queue join it, or stand there; return what happened."""
        for row in rows.tolist():
            if self.stage[row] == WALKING:
                self.join(row)
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
        if time_s >= self._next_compare_s:
            self._next_compare_s = time_s + COMPARE_S
            self._compare()
        return self._tell()

    def _come_due(self) -> None:
        while self._due and self._due[0][0] <= self._time_s:
            _, _, what, number, value = heapq.heappop(self._due)
            if what == SERVED:
                self._end(number, value)
            elif what == GAVE_UP:
                queues = self.stage[value] in (WALKING, WAITING)  # or changes over
                if queues and self._joined_s[value] + self._patience_s(value) <= self._time_s:
                    self._give_up([value])
            else:
                self._set_duty(number, value, closed=what == CLOSED)

    def _tell(self) -> list[Told]:
        told, self._told = self._told, []
        return told

    def _patience_s(self, row: int) -> float:
        return float(self._population.patience_s[row, self._state.leg[row]])

    # ------------------------------------------------------------ which queue
    def _send(self, rows: Rows, services: Sequence[str], way: int, to: int = NOBODY) -> None:
        """Let attendees walk to the queue with the number `to`, or each to the best of some services."""
        self.queue_of[rows] = numbers = self._choice.choose(rows, [to] if to != NOBODY else self._usable(services), way)
        for number in numbers.tolist():
            self.queues[number].walking += 1
        self.stage[rows] = WALKING
        set_off(self.records, rows)

    def _usable(self, services: Sequence[str]) -> list[int]:
        """Return the numbers of the queues of services that people may go to: those not closed for good, if any."""
        every = [k for service in services for k in self._of[service]]
        return [k for k in every if not self.queues[k].closed] or every

    def _change_over(self, rows: Rows, to: int = NOBODY) -> None:
        """Let those of `rows`, who wait or walk to one queue, take others of the service, or the one with a number."""
        if not rows.size:
            return
        queue = self.queues[self.queue_of[rows[0]]]
        ways = self._choice.ways_of(rows, self.queue_of[rows])
        waiting = self.stage[rows] == WAITING
        gone = set(rows[waiting].tolist())
        queue.waiting = [row for row in queue.waiting if row not in gone]
        queue.walking -= int((~waiting).sum())
        for way in np.unique(ways).tolist():
            self._send(rows[ways == way], [queue.service], way, to)

    def _compare(self) -> None:
        """Let those at the ends of queues change over who would be served sooner in others."""
        self._leave_shut()
        for name, service in self._services.items():
            if service.changing_over and len(self._of[name]) > 1:
                for row, to in self._choice.find_movers(self._usable([name])):
                    self._change_over(np.array([row], np.int32), to)

    def look_round(self) -> None:
        """Let those on their way to a queue who look round now turn to another one of the service."""
        walking = np.flatnonzero(self.stage == WALKING).astype(np.int32)
        for name in self._services:
            numbers = self._usable([name])
            if len(numbers) > 1:
                for row, to in self._choice.find_turners(walking, numbers, self.queue_of[walking]):
                    mine = np.array([row], np.int32)
                    rest_m = self._choice.ways_m(mine)
                    self._change_over(mine, to)
                    if math.isnan(self._joined_s[row]):  # the first walk to this service; later ones count as waiting
                        more_m = self._choice.ways_m(mine) - rest_m
                        self._state.free_walk_s[mine] += more_m / self._population.free_speed[mine]

    # ------------------------------------------------------------ within a queue
    def join(self, row: int) -> None:
        """Let somebody who walks to a queue wait in it from now on, or go on without."""
        queue = self.queues[self.queue_of[row]]
        service = self._services[queue.service]
        queue.walking -= 1
        left_m = self._stop_walking(row)  # the rest of the way counts as waiting
        first = math.isnan(self._joined_s[row])
        full = first and service.balk_above is not None and len(queue.waiting) >= service.balk_above
        if queue.closed or full:
            self._state.waited_s[row] += 0.0 if first else self._time_s - self._joined_s[row]
            self.stage[row] = NOWHERE
            self._told.append(Told(row, GAVE_UP, queue.name))
            return
        self.stage[row] = WAITING
        self._joined_s[row] = self._time_s if first else self._joined_s[row]
        self.aim[row] = math.inf
        queue.waiting.append(row)
        if left_m <= 0.0:
            self._enter(row)
        else:
            self.stand(row)
        if first:
            self._told.append(Told(row, JOINED, queue.name))
        if math.isfinite(self._patience_s(row)):
            self._push(self._joined_s[row] + self._patience_s(row), GAVE_UP, int(self.queue_of[row]), row)
        queue.move_up(self.aim, self.records)
        self._call(queue)

    def _stop_walking(self, row: int) -> float:
        """Take the rest of the way off the walk of somebody who does not go on to a queue's end; return it [m]."""
        left_m = float(self.records["left"][row])
        if 0.0 < left_m < math.inf and math.isnan(self._joined_s[row]):
            self._state.free_walk_s[row] -= left_m / self._population.free_speed[row]
        return left_m

    def _enter(self, row: int) -> None:
        """Let somebody who has come to the end of a queue's line walk along it, if it has room, or stand there."""
        queue = self.queues[self.queue_of[row]]
        self.stand(row)
        if row in queue.waiting[: queue.capacity]:
            alone = np.array([row])
            inside = queue.takes_in(alone, self.records)[0]
            self.aim[row] = queue.along_m(alone, self.records)[0] if inside else queue.arc[-1]

    def stand(self, row: int) -> None:
        """Let somebody stand where he or she is."""
        records = self.records
        records["spot_x"][row], records["spot_y"][row] = records["x"][row], records["y"][row]
        records["activity"][row] = TO_SPOT

    def _call(self, queue: Queue) -> None:
        """Let the next be served, as long as a server is free and somebody at the head."""
        records = self.records
        while queue.waiting and (server := queue.free_server()) != NOBODY:
            row = queue.waiting[0]
            if not queue.is_at_head(row, self.aim[row], records):
                return
            queue.waiting.pop(0)
            queue.serving[server] = row
            self.stage[row] = BEING_SERVED
            self._state.waited_s[row] += self._time_s - self._joined_s[row]
            queue.call_up(row, server, records)
            self._told.append(Told(row, CALLED, queue.name))
            takes_s = float(self._population.dwell_s[row, self._state.leg[row]])
            self._state.waited_s[row] += takes_s
            self._done_s[row] = self._time_s + takes_s
            self._push(self._time_s + takes_s, SERVED, int(self.queue_of[row]), server)

    def _end(self, number: int, server: int) -> None:
        """Let somebody who has been served go, once at the server's place, if it can be reached; the next is called."""
        queue, records = self.queues[number], self.records
        row = queue.serving[server]
        x, y = queue.places[server]
        away_m = math.hypot(records["x"][row] - x, records["y"][row] - y)
        gives_up = self._time_s >= self._done_s[row] + REACH_S or queue.has_gone_past(row, records)
        if away_m > AT_SERVER_M and not gives_up:
            self._push(self._time_s + AGAIN_S, SERVED, number, server)
            return
        queue.serving[server] = NOBODY
        self.stage[row] = NOWHERE
        self._told.append(Told(row, SERVED, queue.name))
        self._call(queue)

    def _give_up(self, rows: Iterable[int]) -> None:
        for row in rows:
            self._take_out(row)
            self._told.append(Told(row, GAVE_UP, self.queues[self.queue_of[row]].name))

    def _take_out(self, row: int) -> None:
        """Take somebody who waits in a queue, or walks to it, out of it."""
        queue = self.queues[self.queue_of[row]]
        if self.stage[row] == WAITING:
            queue.waiting.remove(row)
        else:
            queue.walking -= 1
            self._stop_walking(row)
        if math.isfinite(self._joined_s[row]):
            self._state.waited_s[row] += self._time_s - self._joined_s[row]
        self.stage[row] = NOWHERE

    def _look(self) -> None:
        """Let everyone in a queue move up, and those who come up behind them join."""
        for crowd in self._crowds:
            crowd.look()
        for queue in self.queues:
            queue.lead_out(self.records)
            queue.move_up(self.aim, self.records)
            self._call(queue)

    def move_to(self, row: int, number: int) -> None:
        """Let somebody who waits in a queue belong to another of the service."""
        self._choice.redirect(row, int(self.queue_of[row]), number)
        self.queue_of[row] = number

    def may_use(self, number: int, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of `rows` whether the queue with this number is for it."""
        allowed: NDArray[np.bool_] = self._choice.allowed[number, rows]
        return allowed

    @property
    def is_walking(self) -> NDArray[np.bool_]:
        """Who is on the way to a queue, (n,)."""
        return np.asarray(self.stage == WALKING)

    def _set_duty(self, number: int, servers: int, *, closed: bool) -> None:
        queue = self.queues[number]
        self._planned[number], queue.closed = servers, closed
        queue.on_duty = 0 if number in self._shut else servers
        if closed:
            walking = np.flatnonzero((self.stage == WALKING) & (self.queue_of == number))
            self._give_up([*queue.waiting, *walking.tolist()])
        self._call(queue)

    def _push(self, time_s: float, what: str, number: int, value: int) -> None:
        self._number += 1
        heapq.heappush(self._due, (time_s, self._number, what, number, value))
