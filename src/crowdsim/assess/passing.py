"""Criteria on flows and on queues."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crowdsim.assess.judged import Judged, Run, at_most, nothing_there
from crowdsim.measure.flows import DOOR, EXIT, LINE, STAIR, Flow
from crowdsim.measure.queues import LATE
from crowdsim.population.draw import mean_duration
from crowdsim.scenario.criteria import (
    ExitFlowCriterion,
    LineFlowCriterion,
    QueueOverflowCriterion,
    QueueWaitCriterion,
    ServiceRateCriterion,
    StairFlowCriterion,
)
from crowdsim.scenario.hand_rates import PER_MIN
from crowdsim.scenario.service import Service

Float64 = NDArray[np.float64]

PER_M_S = "1/(m s)"
STATISTICS = {"mean": "Mean wait", "p95": "Wait of 95 %", "max": "Longest wait"}


def judge_exit_flow(criterion: ExitFlowCriterion, run: Run) -> Judged:
    """Judge the busiest exit."""
    exits = [flow for flow in run.measures.flows.values() if flow.kind == EXIT]
    text = f"Flow through every exit at most {criterion.limit_per_m_s:g} /(m s)"
    if not any(flow.count for flow in exits):
        return Judged(text, None, criterion.limit_per_m_s, PER_M_S, None, "nobody left")
    return _busiest(run, text, exits, criterion.limit_per_m_s)


def judge_line_flow(criterion: LineFlowCriterion, run: Run) -> Judged:
    """Judge the busiest door or measurement line."""
    limit = criterion.limit_per_m_s
    lines = [
        flow
        for flow in run.measures.flows.values()
        if (flow.name in criterion.lines if criterion.lines else flow.kind in (DOOR, LINE))
    ]
    which = "every door and line" if not criterion.lines else " and ".join(map(repr, criterion.lines))
    text = f"Flow through {which} at most {limit:g} /(m s)"
    if not lines:
        return nothing_there(text, limit, PER_M_S, "the venue has no door or measurement line")
    return _busiest(run, text, lines, limit)


def judge_stair_flow(criterion: StairFlowCriterion, run: Run) -> Judged:
    """Judge the busiest stair, those up and those down together."""
    limit = criterion.limit_per_m_s
    text = f"Flow over every stair at most {limit:g} /(m s)"
    stairs = [flow for flow in run.measures.flows.values() if flow.kind == STAIR]
    if not stairs:
        return nothing_there(text, limit, PER_M_S, "the venue has no open stair")
    return _busiest(run, text, stairs, limit)


def _busiest(run: Run, text: str, flows: list[Flow], limit: float) -> Judged:
    busiest = max(flows, key=lambda flow: flow.peak_specific_per_m_s)
    where = f"highest at {busiest.name!r}"
    return at_most(run, text, busiest.peak_specific_per_m_s, limit, PER_M_S, where, name=busiest.name)


def judge_queue_wait(criterion: QueueWaitCriterion, run: Run) -> Judged:
    """Judge the service at which people wait longest; of those who still wait it is known that they have so long."""
    limit = criterion.limit_s
    text = f"{STATISTICS[criterion.statistic]} at a service at most {limit:g} s"
    uses = {k: use for k, use in run.measures.queues.items() if not criterion.services or k in criterion.services}
    if not uses:
        return nothing_there(text, limit, "s", "nobody is served anywhere")
    waits = {k: use.wait_s for k, use in uses.items() if use.wait_s.size}
    if not waits:
        return Judged(text, None, limit, "s", None, "nobody was called at a service")
    values = {k: _statistic(criterion.statistic, wait) for k, wait in waits.items()}
    longest = max(values, key=lambda k: values[k])
    return at_most(run, text, values[longest], limit, "s", f"longest at {longest!r}", name=longest)


def _statistic(name: str, waits: Float64) -> float:
    if name == "mean":
        return float(waits.mean())
    return float(np.quantile(waits, LATE if name == "p95" else 1.0))


def judge_queue_overflow(criterion: QueueOverflowCriterion, run: Run) -> Judged:
    """Judge the service whose lines are too short for longest."""
    limit = criterion.limit_s
    text = f"No more people wait at a service than its lines have room for, for more than {limit:g} s"
    over = run.measures.overflow
    if not over:
        return nothing_there(text, limit, "s", "nobody is served anywhere")
    worst = max(over, key=lambda k: over[k].over_s)
    where = (
        f"{over[worst].most_over} more than {over[worst].room} at the most at {worst!r}" if over[worst].over_s else ""
    )
    return at_most(run, text, over[worst].over_s, limit, "s", where, name=worst)


def judge_service_rate(criterion: ServiceRateCriterion, run: Run) -> Judged:
    """Judge what the plan reckons with: whether a lane is to serve more people than it can."""
    limit, unit = criterion.limit_per_min, "people/min"
    text = f"A lane serves at most {limit:g} people/min"
    found = quickest_lane(criterion, run.recording.scenario.config.services)
    if found is None:
        return nothing_there(text, limit, unit, "nobody is served anywhere")
    quickest, value = found
    return Judged(text, value, limit, unit, value <= limit, f"quickest at {quickest!r}", {"name": quickest})


def quickest_lane(criterion: ServiceRateCriterion, services: Mapping[str, Service]) -> tuple[str, float] | None:
    """Return the service whose lanes are to serve most, and how many people a minute; None if there is none."""
    chosen = {k: service for k, service in services.items() if not criterion.services or k in criterion.services}
    rates = {k: PER_MIN / mean_duration(service.time) for k, service in chosen.items()}
    return max(rates.items(), key=lambda rate: rate[1], default=None)
