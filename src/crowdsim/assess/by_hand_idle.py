"""Where the difference between a simulated queue and the one by hand comes from, as measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crowdsim.assess.by_hand_compared import AGREES, FLUID, QUICKER, UNEXPLAINED, Comparison
from crowdsim.assess.judged import Run
from crowdsim.scenario.event import CALLED, JOINED, SERVED
from crowdsim.scenario.service import Service

Float64 = NDArray[np.float64]

IDLE = 0.05
"""Servers who stand idle for this share of the time in which people wait make a difference (our choice)."""

OTHER = 0.05
"""Service times whose mean is by this share another than the one stated make a difference (our choice)."""

UNEVEN = 1.2
"""A lane that serves this many times its share is told (our choice)."""

MUCH = 0.5
"""A fact explains a difference if it accounts for this share of it (our choice)."""


@dataclass(frozen=True, slots=True)
class At:
    """A service.

    Attributes
    ----------
    plan : from when on [s] there are how many servers.
    mean_s : the mean time of serving one [s].
    walk_s : the walk along its shortest line, which a wait counts [s].
    """

    name: str
    service: Service
    plan: Sequence[tuple[float, int]]
    mean_s: float
    walk_s: float


def explain_queue(run: Run, at: At, entry: Comparison) -> str:
    """Return in words where a difference comes from; says so if what is measured does not tell."""
    if entry.verdict == AGREES:
        return ""
    reasons = [*_gave_up(run, at), *_service_times(run, at)]
    if entry.verdict == QUICKER:
        return "; ".join(reasons or [UNEXPLAINED])
    reasons += [*_out_of_order(run, at, entry), *_idle(run, at), *_lanes(run, at)]
    reasons += _by_chance(run, at, entry)
    return "; ".join(reasons or [UNEXPLAINED])


def _gave_up(run: Run, at: At) -> Iterator[str]:
    gave_up = run.measures.queues[at.name].gave_up
    if gave_up:
        yield f"{gave_up:,} gave up or found the queue too long: by hand they never come"


def _service_times(run: Run, at: At) -> Iterator[str]:
    use = run.measures.queues[at.name]
    if use.served and abs((mean_s := use.busy_s / use.served) - at.mean_s) > OTHER * at.mean_s:
        yield f"serving one took {mean_s:.3g} s on average, {at.mean_s:.3g} s stated"


def _idle(run: Run, at: At) -> Iterator[str]:
    """Yield how much servers stood idle while people waited: on their way to be served, or in another lane."""
    use, events = run.measures.queues[at.name], run.recording.events()
    here = pc.is_in(events["place"].cast("string"), value_set=pa.array(at.service.queues, pa.string()))
    events = events.filter(here)
    kinds = np.array(events["event"].to_pylist(), dtype=object)
    change = (kinds == CALLED).astype(int) - (kinds == SERVED).astype(int)
    event_s = events["time"].to_numpy()
    times = np.unique(np.concatenate([event_s, use.time_s, [at_s for at_s, _ in at.plan]]))
    times = times[times <= run.recording.simulated_s]
    lasts = np.diff(times, append=run.recording.simulated_s)
    served = np.concatenate([[0], np.cumsum(change)])[np.searchsorted(event_s, times, "right")]
    waiting = use.waiting[np.maximum(np.searchsorted(use.time_s, times, "right") - 1, 0)]
    servers = np.array([n for _, n in at.plan])[
        np.maximum(np.searchsorted([at_s for at_s, _ in at.plan], times, "right") - 1, 0)
    ]
    queued = waiting > 0
    on_duty = float((lasts * servers)[queued].sum())
    busy = float((lasts * np.minimum(served, servers))[queued].sum())
    if on_duty and 1.0 - busy / on_duty > IDLE:
        yield f"while people waited, servers stood idle for {1.0 - busy / on_duty:.0%} of their time"


def _lanes(run: Run, at: At) -> Iterator[str]:
    """Yield that lanes were not used alike: by hand there is one queue for all."""
    if len(at.service.queues) == 1:
        return
    events = run.recording.events()
    served = events.filter(pc.equal(events["event"].cast("string"), SERVED))["place"].cast("string").to_pylist()
    counts = Counter(place for place in served if place in at.service.queues)
    total = sum(counts.values())
    if not total:
        return
    busiest, most = counts.most_common(1)[0]
    if most / total > UNEVEN / len(counts):
        yield f"lane {busiest} served {most / total:.0%} of all, with {len(counts)} lanes in use"


def _by_chance(run: Run, at: At, entry: Comparison) -> Iterator[str]:
    """Yield that by hand neither arrivals nor service times vary, where servers are never overloaded."""
    use = run.measures.queues[at.name]
    load = use.served * at.mean_s / use.on_duty_s if use.on_duty_s else 0.0
    little = {"most waiting": 1.0, "longest wait": at.mean_s + at.walk_s}.get(entry.what, 0.0)
    if entry.method == FLUID and entry.by_hand is not None and entry.by_hand < little:
        yield f"servers could cope, at a load of {load:.2f}: queues come of chance, which a fluid queue does not have"


def _out_of_order(run: Run, at: At, entry: Comparison) -> Iterator[str]:
    """Yield how long the longest wait would be had the same calls been answered in the order of joining."""
    if entry.what != "longest wait" or entry.simulated is None or entry.by_hand is None:
        return
    joined, called = _joined_and_called(run, at)
    in_order_s = float((np.sort(called) - np.sort(joined)).max(initial=0.0))
    if entry.simulated - in_order_s >= MUCH * (entry.simulated - entry.by_hand):
        yield f"people overtake each other: called in the order of joining the longest wait is {in_order_s:.0f} s"


def _joined_and_called(run: Run, at: At) -> tuple[Float64, Float64]:
    """Return when those who were called had joined, and when they were [s]."""
    events = run.recording.events()
    events = events.filter(pc.is_in(events["place"].cast("string"), value_set=pa.array(at.service.queues, pa.string())))
    since: dict[int, float] = {}
    pairs = []
    for time_s, id, event in zip(*(events[key].to_pylist() for key in ("time", "id", "event")), strict=True):
        if event == JOINED:
            since[id] = time_s
        elif event == CALLED:
            pairs.append((since.pop(id), time_s))
    joined, called = np.array(pairs).reshape(-1, 2).T
    return joined, called
