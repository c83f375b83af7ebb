"""What exits could have carried, and how far queues grew beyond their room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.measure.egress import Egress
from crowdsim.measure.flows import EXIT, Flow
from crowdsim.measure.queues import ServiceUse
from crowdsim.record.recording import Recording
from crowdsim.scenario.hand_rates import HAND_RATES
from crowdsim.scenario.service import Service
from crowdsim.venue import Venue

Float64 = NDArray[np.float64]

ROUNDING = 1e-9
"""A line has room for as many as fit it, whatever the rounding."""


@dataclass(frozen=True, slots=True)
class ExitUse:
    """How much of an exit's capacity was used while people were inside.

    Attributes
    ----------
    capacity : what could have passed: width times the rate on the level of `measure.hand_rates` times the time that
        anyone was inside.
    passed : how many did.
    """

    capacity: float
    passed: int

    @property
    def unused(self) -> float:
        """What could have passed beyond those who did; negative if more did than the rate allows for."""
        return self.capacity - self.passed

    def summary(self) -> dict[str, float | int]:
        """Return the figures of `summary.json`."""
        return {"capacity": self.capacity, "passed": self.passed, "unused": self.unused}


@dataclass(frozen=True, slots=True)
class Overflow:
    """How far the queues of a service grew beyond their lines, all together.

    Attributes
    ----------
    room : how many can stand along the lines.
    over_s : how long more waited than that [s].
    most_over : how many more at most.
    """

    room: int
    over_s: float
    most_over: int

    def summary(self) -> dict[str, float | int]:
        """Return the figures of `summary.json`."""
        return {"room": self.room, "over_s": self.over_s, "most_over": self.most_over}


def occupied_s(egress: Egress, end_s: float) -> float:
    """Return how long anyone was inside, until the run's end [s]."""
    times = np.concatenate([egress.entry_s, egress.exit_s])
    change = np.concatenate([np.ones(egress.entry_s.size), -np.ones(egress.exit_s.size)])
    order = np.lexsort((-change, times))  # who comes as the last one goes: no gap
    inside = np.cumsum(change[order])
    return float((np.diff(times[order], append=end_s) * (inside > 0)).sum())


def measure_exits(recording: Recording, flows: dict[str, Flow], egress: Egress) -> dict[str, ExitUse]:
    """Return how much of each open exit's capacity was used, by name."""
    time_s = occupied_s(egress, recording.simulated_s)
    rate_per_m_s = HAND_RATES[recording.scenario.config.measure.hand_rates].level_per_m_s
    return {
        name: ExitUse(flow.width_m * rate_per_m_s * time_s, flow.count)
        for name, flow in flows.items()
        if flow.kind == EXIT
    }


def room_along(service: Service, venue: Venue) -> int:
    """Return how many can stand along the lines of a service.

    A line has room for one at its head, who is the one served there if there is no counter, and one every `spacing_m`.
    """
    first_m = service.spacing_m if service.counter is None else 0.0
    lengths = [venue.queues[queue].length for queue in service.queues]
    return sum(max(int((length - first_m) / service.spacing_m + 1.0 + ROUNDING), 0) for length in lengths)


def measure_overflow(recording: Recording, queues: dict[str, ServiceUse]) -> dict[str, Overflow]:
    """Return how far the queues of each service grew beyond their lines, by name."""
    found = {}
    for name, use in queues.items():
        room = room_along(recording.scenario.config.services[name], recording.venue)
        lasts_s = np.diff(use.time_s, append=recording.simulated_s)
        over = use.waiting - room
        found[name] = Overflow(room, float(lasts_s[over > 0].sum()), max(int(over.max(initial=0)), 0))
    return found
