"""Queues for services: how long they are, how long people wait, how busy the servers are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.measure.interventions import Plan, with_lanes
from crowdsim.record.recording import Recording
from crowdsim.scenario.event import CALLED, GAVE_UP, JOINED, SERVED

Float64 = NDArray[np.float64]

KINDS = (JOINED, CALLED, SERVED, GAVE_UP)

LATE = 0.95
"""Share of those called who have waited less than what is reported as `p95_wait_s`."""


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """What happened at a service over a run.

    Attributes
    ----------
    time_s, waiting : (k,) when the number of those waiting changed, and what it was from then on, in all queues.
    wait_s : from joining a queue to being called, of everyone called; the walk along the line is part of it.
    served, gave_up : how many were served, and how many went on without.
    busy_s, on_duty_s : how long servers served, and how long they were there, all together.
    """

    time_s: Float64
    waiting: NDArray[np.int64]
    wait_s: Float64
    served: int
    gave_up: int
    busy_s: float
    on_duty_s: float

    def summary(self) -> dict[str, Any]:
        """Return the figures of `summary.json`; waits are null if nobody was called."""
        waits = self.wait_s.size
        return {
            "served": self.served,
            "gave_up": self.gave_up,
            "max_length": int(self.waiting.max(initial=0)),
            "mean_wait_s": float(self.wait_s.mean()) if waits else None,
            "p95_wait_s": float(np.quantile(self.wait_s, LATE)) if waits else None,
            "utilisation": self.busy_s / self.on_duty_s if self.on_duty_s else None,
        }


def measure_queues(recording: Recording) -> dict[str, ServiceUse]:
    """Return what happened at each service, from the recorded events."""
    services = recording.scenario.config.services
    if not services:
        return {}
    of_queue = {queue: name for name, service in services.items() for queue in service.queues}
    plans = {
        queue: [*with_lanes(service, queue, recording), (math.inf, 0, True)]
        for service in services.values()
        for queue in service.queues
    }
    found: dict[str, list[tuple[float, int, str, str]]] = {name: [] for name in services}
    events = recording.events()
    columns = (events[name].to_pylist() for name in ("time", "id", "event", "place"))
    for time_s, id, event, place in zip(*columns, strict=True):
        if event in KINDS and place in of_queue:
            found[of_queue[place]].append((time_s, id, event, place))
    return {
        name: _use(found[name], recording.simulated_s, {q: plans[q] for q in services[name].queues}) for name in found
    }


def _use(events: Sequence[tuple[float, int, str, str]], end_s: float, plans: dict[str, Plan]) -> ServiceUse:
    """Add up a service's events, which are sorted by time.

    Whoever is being served when a queue closes is served to the end: so long its server is on duty.
    """
    on_duty_s = sum(_on_duty_s(plan, 0.0, end_s) for plan in plans.values())
    joined: dict[int, float] = {}
    called: dict[int, tuple[float, str]] = {}
    times, lengths, waits = [0.0], [0], []
    served, gave_up, busy_s = 0, 0, 0.0
    for time_s, id, event, queue in events:
        if event == JOINED:
            joined[id] = time_s
        elif event == CALLED:
            waits.append(time_s - joined.pop(id))
            called[id] = time_s, queue
        elif event == SERVED:
            since, there = called.pop(id)
            busy_s += time_s - since
            on_duty_s += _off_duty_s(plans[there], since, time_s)
            served += 1
        else:
            joined.pop(id, None)
            gave_up += 1
        if len(joined) != lengths[-1]:
            times.append(time_s)
            lengths.append(len(joined))
    for since, there in called.values():
        busy_s += end_s - since
        on_duty_s += _off_duty_s(plans[there], since, end_s)
    return ServiceUse(np.array(times), np.array(lengths), np.array(waits), served, gave_up, busy_s, on_duty_s)


def _on_duty_s(plan: Plan, from_s: float, until_s: float) -> float:
    """Return how long servers of a queue were there between two times, all together."""
    return sum(servers * time_s for servers, time_s in _parts(plan, from_s, until_s))


def _off_duty_s(plan: Plan, from_s: float, until_s: float) -> float:
    """Return for how long none was there between two times."""
    return sum(time_s for servers, time_s in _parts(plan, from_s, until_s) if not servers)


def _parts(plan: Plan, from_s: float, until_s: float) -> Iterator[tuple[int, float]]:
    """Yield how many servers were there for how long between two times."""
    for (begin_s, servers, _), (end_s, _, _) in pairwise(plan):
        yield servers, max(min(end_s, until_s) - max(begin_s, from_s), 0.0)
