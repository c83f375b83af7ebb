"""The crowd before queues side by side: who enters which line, who comes nearer, and who stands behind others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_GOAL
from crowdsim.kernels.choosing import find_ways_to_goals
from crowdsim.kernels.queueing import see_others_before
from crowdsim.model.queue import OVERTAKEN_M, set_off

if TYPE_CHECKING:
    from crowdsim.model.queue import Queue
    from crowdsim.model.services import Services

Rows = NDArray[np.int32]
Float64 = NDArray[np.float64]

TAIL = 3
"""As many of the last along a line are seen by those who come to its end: who stands farther on is not near it."""

HELD = 0.25
"""Share of the free speed: who walks up to the crowd and gets on more slowly than this stands behind whoever is before
(our choice)."""


class CrowdBefore:
    """Those who wait before the full lines of queues that end near each other.

    Parameters
    ----------
    numbers : of the queues.
    """

    def __init__(self, services: Services, numbers: Sequence[int]) -> None:
        self._services, self._numbers = services, list(numbers)
        queues = [services.queues[k] for k in numbers]
        self._ends = np.array([queue.vertices[-1] for queue in queues])

    def look(self) -> None:
        """Let those nearest enter the lines that have room, and the others come nearer or stand."""
        services = self._services
        for number in self._numbers:
            self._put_right(number)
        crowd = self._waiting_before()
        for number in self._numbers if crowd.size else ():
            self._take_from_lane(number, crowd)
        crowd = self._waiting_before()
        if not crowd.size:
            return
        near = np.isin(services.queue_of, self._numbers)
        coming = np.flatnonzero(services.is_walking & near).astype(np.int32)
        everyone = np.concatenate([crowd, coming])
        away_m, toward = np.empty(everyone.size), np.empty((everyone.size, 2))
        find_ways_to_goals(services.records, services.fields, everyone, away_m, toward)
        enters = self._let_in(crowd, away_m[: crowd.size])
        self._come_nearer(crowd, coming, enters, away_m, toward)

    def _waiting_before(self) -> Rows:
        """Return those who wait before the lines."""
        services = self._services
        waiting = np.concatenate([np.array(services.queues[k].waiting, np.int32) for k in self._numbers])
        return np.asarray(waiting[np.isinf(services.aim[waiting])])

    def _take_from_lane(self, number: int, crowd: Rows) -> None:
        """Let those of a crowd who stand in a queue's lane take their places in its line: nobody gets past them.

        Those for whom the line has no place any more are of the crowd again.
        """
        services = self._services
        queue = services.queues[number]
        here = crowd[queue.holds(crowd, services.records)]
        here = here[np.isinf(services.aim[here])]  # not yet in the line of another queue
        here = here[self._may_enter(here, services.queue_of[here], number)] if here.size else here
        if not here.size:
            return
        line = self._in_line(number)
        along = np.concatenate([queue.along_m(rows, services.records) for rows in (line, here)])
        along[line.size :] += OVERTAKEN_M
        taken = np.concatenate([line, here])[np.argsort(along, kind="stable")][: queue.capacity]
        for row in np.setdiff1d(line, taken).tolist():
            services.aim[row] = np.inf
            services.stand(row)
        for row in here[np.isin(here, taken)].tolist():
            services.queues[services.queue_of[row]].waiting.remove(row)
            if services.queue_of[row] != number:
                services.move_to(row, number)
            self._take_place(row, queue)

    def _take_place(self, row: int, queue: Queue) -> None:
        """Let somebody in a queue's lane take the place in its line that is nearest."""
        services = self._services
        services.aim[row] = along = float(queue.along_m(np.array([row]), services.records)[0])
        ahead = [who for who in queue.waiting if services.aim[who] < along]
        queue.waiting.insert(len(ahead), row)

    def _put_right(self, number: int) -> None:
        """Let those who have got into the lane of another queue of the service be in that queue; or walk back."""
        services, records = self._services, self._services.records
        queue = services.queues[number]
        line = queue.waiting[: queue.capacity]
        if not line or line == queue.settled:
            return
        rows = np.array(line, np.int32)
        rows = rows[np.isfinite(services.aim[rows])]
        rows = rows[~queue.takes_in(rows, records) & ~queue.past_end(rows, records)]
        for k in range(rows.size):
            row = int(rows[k])
            alone = rows[k : k + 1]
            here = [other for other in self._numbers if other != number and self._is_in(alone, other, queue.service)]
            usable = [other for other in here if services.queues[other].on_duty and services.may_use(other, alone)[0]]
            if usable:
                other = services.queues[usable[0]]
                queue.waiting.remove(row)
                services.move_to(row, usable[0])
                self._take_place(row, other)
            elif here:
                services.aim[row] = np.inf

    def _is_in(self, alone: Rows, number: int, service: str) -> bool:
        queue = self._services.queues[number]
        return queue.service == service and bool(queue.takes_in(alone, self._services.records)[0])

    def _let_in(self, crowd: Rows, away_m: Float64) -> NDArray[np.bool_]:
        """Let each line have the nearest of the crowd that its service has, as far as it has room; return who enters.

        Whoever stands before a line takes it, whichever the one chosen from afar was.
        """
        services, records = self._services, self._services.records
        own = services.queue_of[crowd]
        enters = np.zeros(crowd.size, bool)
        lane = np.searchsorted(self._numbers, own)
        offset = np.stack([records[axis][crowd, None] - self._ends[:, k] for k, axis in enumerate(("x", "y"))])
        far = np.hypot(*offset)
        usable = np.array([self._may_enter(crowd, own, k) for k in self._numbers]).T
        room = [services.queues[k].capacity - self._in_line(k).size for k in self._numbers]
        far = np.where(usable & (np.array(room) > 0), far, np.inf)
        most = sum(max(number, 0) for number in room)
        first = np.argsort(far.min(axis=1), kind="stable")[: 2 * most + TAIL]  # others have enough before them
        who, where = np.unravel_index(np.argsort(far[first], axis=None, kind="stable"), far[first].shape)
        for k, to in zip(first[who].tolist(), where.tolist(), strict=True):
            if not np.isfinite(far[k, to]):
                break
            if room[to] > 0 and not enters[k]:
                room[to] -= 1
                enters[k], lane[k] = True, to
        for k in np.flatnonzero(own != np.array(self._numbers)[lane]).tolist():
            services.move_to(int(crowd[k]), self._numbers[lane[k]])
        order = np.lexsort((away_m, ~enters))
        for k, number in enumerate(self._numbers):
            entering = crowd[order[lane[order] == k]].tolist()
            services.queues[number].waiting = self._in_line(number).tolist() + entering
        return enters

    def _in_line(self, number: int) -> Rows:
        """Return who stands along the line of a queue."""
        waiting = np.array(self._services.queues[number].waiting, np.int32)
        return np.asarray(waiting[np.isfinite(self._services.aim[waiting])])

    def _may_enter(self, crowd: Rows, own: Rows, number: int) -> NDArray[np.bool_]:
        services = self._services
        queue = services.queues[number]
        same = np.array([services.queues[k].service == queue.service for k in self._numbers])
        others = same[np.searchsorted(self._numbers, own)] & services.may_use(number, crowd) & (queue.on_duty > 0)
        return np.asarray(others | (own == number))

    def _come_nearer(
        self, crowd: Rows, coming: Rows, enters: NDArray[np.bool_], away_m: Float64, toward: Float64
    ) -> None:
        """Let those who do not enter yet come nearer, or stand behind others who wait."""
        services, records = self._services, self._services.records
        tails = np.concatenate([self._in_line(number)[-TAIL:] for number in self._numbers])
        others = np.concatenate([crowd, tails])
        nearer_m = np.append(away_m[: crowd.size], np.full(tails.size, -np.inf))
        everyone = np.concatenate([crowd, coming])
        left, right, straight = self._before(everyone, away_m, toward, others, nearer_m)
        walks = records["activity"][everyone] == TO_GOAL
        held = records["progress"][everyone] < HELD * records["free_speed"][everyone]
        stop = np.where(walks, (left & right) | straight | ((left | right) & held), left | right)
        of_crowd, mine = walks[: crowd.size], stop[: crowd.size]
        for row in crowd[mine & of_crowd & ~enters].tolist():
            services.stand(row)
        set_off(records, crowd[~mine & ~of_crowd & ~enters & (away_m[: crowd.size] > 0.0)])
        for row in coming[stop[crowd.size :]].tolist():
            services.join(row)

    def _before(
        self, people: Rows, away_m: Float64, toward: Float64, others: Rows, nearer_m: Float64
    ) -> tuple[NDArray[np.bool_], ...]:
        """Return for each of `people` whether one of `others` near is nearer to the end: left, right, straight ahead.

        Parameters
        ----------
        away_m, toward : how far it is to the end of the own queue on foot [m], and (n, 2) the unit vector of the way.
        nearer_m : how far it is for the others.
        """
        records = self._services.records
        there = np.column_stack([records["x"][others], records["y"][others]])
        order = np.argsort(there[:, 0], kind="stable")
        sees = np.empty((people.size, 3), bool)
        see_others_before(records, people, away_m, toward, there[order], nearer_m[order], sees)
        return sees[:, 0], sees[:, 1], sees[:, 2]
