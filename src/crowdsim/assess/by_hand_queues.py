"""Waiting at services by hand: a fluid queue, and formulae for queues that have settled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from crowdsim.assess.by_hand_compared import FLUID, SERVICE, Comparison
from crowdsim.assess.by_hand_fluid import work_off
from crowdsim.assess.by_hand_idle import At, explain_queue
from crowdsim.assess.by_hand_waits import mean_wait_s, relaxation_s, squared_variation
from crowdsim.assess.judged import Run
from crowdsim.measure.interventions import with_lanes
from crowdsim.population.draw import mean_duration
from crowdsim.scenario.event import CALLED, GAVE_UP, JOINED, SERVED
from crowdsim.scenario.service import Service
from crowdsim.venue.venue import JOINING_M

Float64 = NDArray[np.float64]

LEAST_ARRIVALS = 50
"""Fewer do not tell whether people come at random (our choice)."""

PIECES = 10
"""Of the time in which people come, compared for whether they come at the same rate all the time (our choice)."""

UNLIKELY = 0.01
"""Below this probability counts differ too much for a Poisson process of one rate."""

RANDOM_FROM, RANDOM_TO = 0.7, 1.3
"""Coefficients of variation of the times between arrivals that pass for random ones, 1 (our choice)."""

RELAXATIONS = 10.0
"""A queue's mean wait settles over many times the time in which it forgets; below so many it is told (our choice)."""


@dataclass(frozen=True, slots=True)
class Customers:
    """Those who came to a service and did not give up.

    Attributes
    ----------
    joined_s : (n,) ascending [s].
    last_served_s : when the last of them had been served [s]; None while some wait or are being served.
    plan : from when on [s] there were how many servers in all queues.
    """

    joined_s: Float64
    last_served_s: float | None
    plan: Sequence[tuple[float, int]]


def compare_queues(run: Run) -> Iterator[Comparison]:
    """Yield most waiting, longest wait, when the last is served, and how busy servers are, for each service."""
    for name, service in run.recording.scenario.config.services.items():
        customers = customers_of(run, service)
        if not customers.joined_s.size:
            continue
        yield from _as_fluid(run, name, service, customers)
        yield from _settled(run, name, service, customers)
        yield _busy(run, name, service)


def customers_of(run: Run, service: Service) -> Customers:
    """Return who came to a service, and its plan, opening hours and interventions included."""
    events = run.recording.events()
    joined: dict[int, float] = {}
    found, served_s, pending = [], 0.0, 0
    columns = (events[key].to_pylist() for key in ("time", "id", "event", "place"))
    for time_s, id, event, place in zip(*columns, strict=True):
        if place not in service.queues:
            continue
        if event == JOINED:
            joined[id] = time_s
        elif event == CALLED:
            found.append(joined.pop(id))
            pending += 1
        elif event == SERVED:
            served_s, pending = time_s, pending - 1
        elif event == GAVE_UP:
            joined.pop(id, None)
    all_served = not joined and not pending
    found += joined.values()
    return Customers(np.sort(np.array(found)), served_s if all_served and found else None, plan_of(run, service))


def plan_of(run: Run, service: Service) -> list[tuple[float, int]]:
    """Return from when on [s] there were how many servers in all queues of a service."""
    plans = [with_lanes(service, queue, run.recording) for queue in service.queues]
    times = sorted({time_s for plan in plans for time_s, _, _ in plan})
    return [(at, sum(_then(plan, at) for plan in plans)) for at in times]


def _then(plan: Sequence[tuple[float, int, bool]], at_s: float) -> int:
    return [servers for time_s, servers, _ in plan if time_s <= at_s][-1]


def _as_fluid(run: Run, name: str, service: Service, customers: Customers) -> Iterator[Comparison]:
    mean_s, use = mean_duration(service.time), run.measures.queues[name]
    if not mean_s:
        return
    fluid = work_off(customers.joined_s, customers.plan, mean_s)
    at = At(name, service, customers.plan, mean_s, walk_along_s(run, service))
    text = (
        f"{customers.joined_s.size:,} come from {customers.joined_s[0]:.0f} to {customers.joined_s[-1]:.0f} s as "
        f"recorded; {_servers(customers.plan)} serve each in {mean_s:.3g} s; the walk along the "
        f"line takes {at.walk_s:.0f} s at least"
    )
    longest = max(float(fluid.wait_s.max()), at.walk_s)
    simulated_s = float(use.wait_s.max()) if use.wait_s.size else None
    rows = (
        ("most waiting", float(use.waiting.max(initial=0)), fluid.most_waiting, "people"),
        ("longest wait", simulated_s, longest if math.isfinite(longest) else None, "s"),
        ("last served", customers.last_served_s, fluid.last_s if math.isfinite(fluid.last_s) else None, "s"),
    )
    for what, simulated, by_hand, unit in rows:
        # Service times vary, so that a queue may be shorter, too: no bound.
        entry = Comparison(SERVICE, name, what, simulated, by_hand, unit, FLUID, text, controls=name, is_bound=False)
        if by_hand is None:
            reason = "by hand not all can be served while it is open"
        elif simulated is None:
            reason = (
                "some were waiting or being served when the run ended" if what == "last served" else "nobody called"
            )
        else:
            reason = explain_queue(run, at, entry)
        yield replace(entry, explanation=reason)


def _settled(run: Run, name: str, service: Service, customers: Customers) -> Iterator[Comparison]:
    """Yield the mean wait by formula, if people came at random at one rate to the same servers, who could cope."""
    mean_s, use, joined_s = mean_duration(service.time), run.measures.queues[name], customers.joined_s
    first_s, last_s = float(joined_s[0]), float(joined_s[-1])
    servers = {count for at, count in _while(customers.plan, first_s, last_s)}
    if use.gave_up or len(servers) > 1 or not use.wait_s.size or not comes_at_random(joined_s):
        return
    (count,) = servers
    per_s = (joined_s.size - 1) / (last_s - first_s)
    by_hand = mean_wait_s(count, per_s, service.time) if count and mean_s else math.inf
    if not math.isfinite(by_hand):
        return
    at, variation = (
        At(name, service, customers.plan, mean_s, walk_along_s(run, service)),
        squared_variation(service.time),
    )
    of = "M" if variation == 1.0 else "G"
    method = f"M/{of}/{count}" + (" (Allen-Cunneen)" if of == "G" and count > 1 else "")
    text = (
        f"{per_s * 60:.3g} people/min to {count} servers of {60 / mean_s:.3g} people/min each, load "
        f"{per_s * mean_s / count:.2f}, squared coefficient of variation of service times {variation:.2g}: "
        f"{by_hand:.3g} s, and the walk along the line {at.walk_s:.0f} s at least"
    )
    longer_s = max(by_hand, at.walk_s)
    entry = Comparison(
        SERVICE, name, "mean wait", float(use.wait_s.mean()), longer_s, "s", method, text, controls=name, is_bound=False
    )
    lasts = (last_s - first_s) / relaxation_s(count, per_s, mean_s)
    settles = f"people came for {lasts:.1f} times as long as the queue takes to forget its beginning"
    reasons = [explain_queue(run, at, entry), settles if lasts < RELAXATIONS else ""]
    yield replace(entry, explanation="; ".join(filter(None, reasons)))


def walk_along_s(run: Run, service: Service) -> float:
    """Return how long the walk along the shortest line of a service takes, from where people join it [s]."""
    shortest_m = min(run.recording.venue.queues[queue].length for queue in service.queues)
    mean_m_s = float(np.mean(run.recording.attendees["free_speed"].to_numpy()))
    return max(float(shortest_m) - JOINING_M, 0.0) / mean_m_s


def comes_at_random(joined_s: Float64) -> bool:
    """Return whether arrivals pass for a Poisson process of one rate."""
    gaps_s = np.diff(joined_s)
    if joined_s.size < LEAST_ARRIVALS or not gaps_s.sum():
        return False
    counts, _ = np.histogram(joined_s, PIECES)
    mean = joined_s.size / PIECES
    likely = float(chdtrc(PIECES - 1, ((counts - mean) ** 2 / mean).sum()))
    return likely >= UNLIKELY and RANDOM_FROM <= float(gaps_s.std() / gaps_s.mean()) <= RANDOM_TO


def _busy(run: Run, name: str, service: Service) -> Comparison:
    use, mean_s = run.measures.queues[name], mean_duration(service.time)
    simulated = use.busy_s / use.on_duty_s if use.on_duty_s else None
    by_hand = use.served * mean_s / use.on_duty_s if use.on_duty_s else None
    text = f"{use.served:,} served times {mean_s:.3g} s over {use.on_duty_s:.0f} s on duty"
    entry = Comparison(
        SERVICE, name, "servers busy", simulated, by_hand, "share", "load", text, controls=name, is_bound=False
    )
    return replace(entry, explanation="no server was on duty" if simulated is None else "")


def _while(plan: Sequence[tuple[float, int]], from_s: float, until_s: float) -> Iterator[tuple[float, int]]:
    """Yield the part of a plan between two times."""
    for k, (at_s, count) in enumerate(plan):
        ends_s = plan[k + 1][0] if k + 1 < len(plan) else math.inf
        if ends_s > from_s and at_s <= until_s:
            yield at_s, count


def _servers(plan: Sequence[tuple[float, int]]) -> str:
    counts = sorted({count for _, count in plan})
    if len(counts) == 1:
        return f"{counts[0]} server{'s' if counts[0] != 1 else ''}"
    return f"{counts[0]} to {counts[-1]} servers, as open,"
