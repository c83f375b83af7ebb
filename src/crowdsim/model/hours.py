"""When the servers of a queue are there."""

from __future__ import annotations

import math

from crowdsim.scenario.service import Hours, Service


def plan_hours(service: Service, queue: str) -> list[tuple[float, int, bool]]:
    """Return when servers of a queue come or go [s], how many are there from then on, and whether that is the end."""
    out = service.out_of_service.get(queue, ())
    times = {0.0}
    for hours in (*service.open, *out):
        times |= {hours.from_s} | ({hours.until_s} if hours.until_s is not None else set())
    last = max((hours.until_s or math.inf for hours in service.open), default=math.inf)
    plan = []
    for time_s in sorted(times):
        is_open = not service.open or any(_within(time_s, hours) for hours in service.open)
        is_out = any(_within(time_s, hours) for hours in out)
        plan.append((time_s, service.servers if is_open and not is_out else 0, time_s >= last))
    return plan


def _within(time_s: float, hours: Hours) -> bool:
    return hours.from_s <= time_s and (hours.until_s is None or time_s < hours.until_s)
