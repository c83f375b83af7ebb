"""Criteria that a run has failed beyond doubt before it is at its end: whatever follows, its verdict is fail.

Only what is known for certain from the clock, from events and from the plan is watched. Everything that is judged by
where people are, by means, or by shares is left to the end.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

from crowdsim.assess.by_hand import seconds_by_hand, width_by_hand
from crowdsim.assess.passing import quickest_lane
from crowdsim.measure.capacity import room_along
from crowdsim.scenario.criteria import (
    Criterion,
    EgressByHandCriterion,
    EgressTimeCriterion,
    ExitFlowCriterion,
    LineFlowCriterion,
    QueueOverflowCriterion,
    QueueWaitCriterion,
    ServiceRateCriterion,
)
from crowdsim.scenario.event import CALLED, ENTERED, EXITED, GAVE_UP, JOINED
from crowdsim.scenario.feature import Scenario
from crowdsim.venue import Venue, build_venue
from crowdsim.venue.moments import over_time

if TYPE_CHECKING:  # whoever judges runs needs no model
    from crowdsim.model.crowd_model import Observer

SURELY_S = 1e-6
"""A time counts as above its limit from so much on [s]: what is summed in another order may be less by rounding."""


class Happened(NamedTuple):
    """What happened to an attendee, when [s] and where."""

    time_s: float
    id: int
    event: str
    place: str


class Sign(Protocol):
    """What shows that one criterion has failed.

    Attributes
    ----------
    failed_s : from when on it surely has, if somebody has not left by then [s]; infinity if that is not known yet.
    """

    failed_s: float

    def take(self, happened: Happened) -> None:
        """Take in what happened."""


class FailWatch:
    """Watches a run for criteria that it has failed for certain: the model's observer for events, which it passes on.

    Parameters
    ----------
    then : told of every event, too.
    """

    def __init__(self, scenario: Scenario, then: Observer) -> None:
        venue = build_venue(over_time(scenario))  # as the whole run is measured
        found = {name: _sign_of(one, scenario, venue) for name, one in scenario.config.criteria.items()}
        self._signs = {name: sign for name, sign in found.items() if sign is not None}
        self._then = then

    def event(self, time_s: float, id: int, event: str, place: str, level: int, x: float, y: float) -> None:
        """Take in an event and pass it on."""
        happened = Happened(time_s, id, event, place)
        for sign in self._signs.values():
            sign.take(happened)
        self._then.event(time_s, id, event, place, level, x, y)

    def failed(self, time_s: float) -> tuple[str, ...]:
        """Return the criteria that have failed by now, for certain: asked while somebody has not left yet."""
        return tuple(name for name, sign in self._signs.items() if time_s >= sign.failed_s)


def _sign_of(criterion: Criterion, scenario: Scenario, venue: Venue) -> Sign | None:
    """Return what shows that a criterion has failed; None for those that are left to the end."""
    services, window_s = scenario.config.services, scenario.config.measure.flow_window_s
    widths_m = {name: exit_.width_m for name, exit_ in venue.open_exits.items()}
    sign: Sign | None = None
    match criterion:
        case EgressTimeCriterion():
            sign = _Known(criterion.from_s + criterion.limit_s + SURELY_S)
        case EgressByHandCriterion() if widths_m:
            sign = _TooMany(criterion, width_by_hand(venue, widest_closed=criterion.widest_closed))
        case ExitFlowCriterion():
            sign = _TooBusy(widths_m, window_s, criterion.limit_per_m_s)
        case LineFlowCriterion():
            named = {name: width_m for name, width_m in widths_m.items() if name in criterion.lines}
            sign = _TooBusy(named, window_s, criterion.limit_per_m_s)
        case QueueWaitCriterion(statistic="max"):
            chosen = [name for name in services if not criterion.services or name in criterion.services]
            sign = _TooLong({queue: name for name in chosen for queue in services[name].queues}, criterion.limit_s)
        case QueueOverflowCriterion():
            rooms = {name: room_along(service, venue) for name, service in services.items()}
            sign = _Overflow({q: name for name in services for q in services[name].queues}, rooms, criterion.limit_s)
        case ServiceRateCriterion():
            quickest = quickest_lane(criterion, services)
            sign = _Known(0.0) if quickest and quickest[1] > criterion.limit_per_min else None
    return sign


class _Known:
    """`egress_time`, since whoever leaves after the limit is late; `service_rate`, which the plan fails at once."""

    def __init__(self, failed_s: float) -> None:
        self.failed_s = failed_s

    def take(self, happened: Happened) -> None:
        """Do nothing: what happens does not matter."""


class _TooMany:
    """`egress_by_hand`: more are inside than get out in time. Who comes as another leaves is inside with that one."""

    def __init__(self, criterion: EgressByHandCriterion, width_m: float) -> None:
        self.failed_s = math.inf
        self._criterion, self._width_m = criterion, width_m
        self._inside = self._left_now = 0
        self._now_s = 0.0

    def take(self, happened: Happened) -> None:
        if happened.event not in (ENTERED, EXITED):
            return
        if happened.time_s > self._now_s:
            self._inside -= self._left_now
            self._left_now, self._now_s = 0, happened.time_s
        if happened.event == EXITED:
            self._left_now += 1
            return
        self._inside += 1
        if self._are_too_many():
            self.failed_s = min(self.failed_s, happened.time_s)

    def _are_too_many(self) -> bool:
        if not self._width_m:
            return True
        return seconds_by_hand(self._inside, self._width_m, self._criterion.rate_per_m_min) > self._criterion.limit_s


class _TooBusy:
    """`exit_flow`, and `line_flow` of exits: in the window up to somebody who left, more left than may.

    Parameters
    ----------
    widths_m : of the exits that count, by name.
    """

    def __init__(self, widths_m: dict[str, float], window_s: float, limit_per_m_s: float) -> None:
        self.failed_s = math.inf
        self._widths_m, self._window_s, self._limit_per_m_s = widths_m, window_s, limit_per_m_s
        self._left_s: dict[str, deque[float]] = {name: deque() for name in widths_m}

    def take(self, happened: Happened) -> None:
        time_s, _, event, place = happened
        if event != EXITED or not self._widths_m.get(place):
            return
        left_s = self._left_s[place]
        left_s.append(time_s)
        while left_s[0] + self._window_s <= time_s:
            left_s.popleft()
        if len(left_s) / self._window_s / self._widths_m[place] > self._limit_per_m_s:
            self.failed_s = min(self.failed_s, time_s)


class _TooLong:
    """`queue_wait` of all: somebody was called after too long.

    Parameters
    ----------
    of_queue : the service of each queue that counts.
    """

    def __init__(self, of_queue: dict[str, str], limit_s: float) -> None:
        self.failed_s = math.inf
        self._of_queue, self._limit_s = of_queue, limit_s
        self._joined_s: dict[tuple[str, int], float] = {}

    def take(self, happened: Happened) -> None:
        time_s, id, event, place = happened
        if place not in self._of_queue:
            return
        who = self._of_queue[place], id
        if event == JOINED:
            self._joined_s[who] = time_s
        elif event == CALLED and time_s - self._joined_s[who] > self._limit_s:
            self.failed_s = min(self.failed_s, time_s)


class _Overflow:
    """`queue_overflow`: the time in which more wait than there is room for adds up to too much.

    Parameters
    ----------
    of_queue : the service of each queue.
    rooms : how many can stand along the lines of each service.
    """

    def __init__(self, of_queue: dict[str, str], rooms: dict[str, int], limit_s: float) -> None:
        self.failed_s = math.inf
        self._of_queue, self._rooms, self._limit_s = of_queue, rooms, limit_s
        self._waiting: dict[str, set[int]] = {name: set() for name in rooms}
        self._over_s = dict.fromkeys(rooms, 0.0)
        self._since_s = dict.fromkeys(rooms, 0.0)
        self._failed_s = dict.fromkeys(rooms, math.inf)

    def take(self, happened: Happened) -> None:
        time_s, id, event, place = happened
        if place not in self._of_queue or event not in (JOINED, CALLED, GAVE_UP):
            return
        service = self._of_queue[place]
        if self._is_over(service):
            self._over_s[service] += time_s - self._since_s[service]
        self._since_s[service] = time_s
        (self._waiting[service].add if event == JOINED else self._waiting[service].discard)(id)
        left_s = self._limit_s + SURELY_S - self._over_s[service]
        self._failed_s[service] = time_s + left_s if left_s <= 0 or self._is_over(service) else math.inf
        self.failed_s = min(self._failed_s.values())

    def _is_over(self, service: str) -> bool:
        return len(self._waiting[service]) > self._rooms[service]
