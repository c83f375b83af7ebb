"""What findings of criteria on flows and on queues are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from crowdsim.assess.diary import Diary, Waits
from crowdsim.assess.judged import Run
from crowdsim.assess.series import Series, flow_over_time, joined, spells_above, within
from crowdsim.assess.subject import Subject, passage, queues_of
from crowdsim.scenario.criteria import (
    ExitFlowCriterion,
    LineFlowCriterion,
    QueueOverflowCriterion,
    QueueWaitCriterion,
    StairFlowCriterion,
)

Entry = Mapping[str, Any]


def about_flow(
    criterion: ExitFlowCriterion | LineFlowCriterion | StairFlowCriterion, entry: Entry, run: Run, _: Diary
) -> Subject:
    """Return the busiest exit, door, line or stair."""
    name = entry["at"].get("name")
    if name is None or not run.measures.flows[name].count:
        return Subject()
    flow, limit, end_s = run.measures.flows[name], criterion.limit_per_m_s, run.recording.simulated_s
    begins_s, per_m_s = flow_over_time(flow, end_s)
    over = begins_s[per_m_s > limit]
    windows = joined([(float(begin_s), float(begin_s) + flow.window_s) for begin_s in over])
    beyond = tuple((begin_s, min(until_s, end_s)) for begin_s, until_s in windows)
    series = Series(
        f"Flow through {name!r}, mean of the {flow.window_s:g} s before",
        "people/(m s)",
        begins_s + flow.window_s,
        per_m_s,
        limit,
        f"limit {limit:g}",
        beyond=beyond,
    )
    busiest_s = float(begins_s[per_m_s.argmax()])
    worst_s = max(busiest_s, 0.0), min(busiest_s + flow.window_s, end_s)
    counted = within(flow.times_s, windows)
    if flow.kind == "exit":
        return Subject(
            passage(run, name), worst_s, series, int(counted.sum()), "went out by it in a window beyond the limit"
        )
    return Subject(
        passage(run, name),
        worst_s,
        series,
        int(counted.sum()),
        "passed it in a window beyond the limit; whoever passed twice counts twice",
    )


def about_queue_wait(criterion: QueueWaitCriterion, entry: Entry, run: Run, diary: Diary) -> Subject:
    """Return the service at which people wait longest."""
    name = entry["at"].get("name")
    if name is None:
        return Subject()
    waits, limit_s = diary.waits_at(name), criterion.limit_s
    wait_s = waits.until_s - waits.from_s
    late = wait_s > limit_s
    spells = [
        (float(since + limit_s), float(until))
        for since, until in zip(waits.from_s[late], waits.until_s[late], strict=True)
    ]
    over = joined(spells) if entry["passed"] is False else ()
    word = {"mean": "the mean", "p95": "that of 95 %", "max": "everybody"}[criterion.statistic]
    series = Series(
        f"How long those called at {name!r} had waited",
        "wait [s]",
        waits.until_s[waits.called],
        wait_s[waits.called],
        limit_s,
        f"limit for {word}: {limit_s:g} s",
        beyond=over,
        form="points",
    )
    at_s = float(waits.until_s[wait_s.argmax()])
    return Subject(
        queues_of(run, name),
        (at_s, at_s),
        series,
        int(np.unique(waits.id[late]).size),
        f"waited for longer than {limit_s:g} s there, whether they were called, gave up or still waited at the end",
        float((wait_s[late] - limit_s).sum()),
        _waiting(waits, at_s),
    )


def about_queue_overflow(_: QueueOverflowCriterion, entry: Entry, run: Run, diary: Diary) -> Subject:
    """Return the service whose lines are too short for longest."""
    name = entry["at"].get("name")
    if name is None:
        return Subject()
    use, room, end_s = run.measures.queues[name], run.measures.overflow[name].room, run.recording.simulated_s
    if not use.waiting.any():
        return Subject()
    waiting = use.waiting.astype(float)
    beyond = spells_above(use.time_s, waiting, room, end_s) if entry["passed"] is False else ()
    series = Series(
        f"People waiting at {name!r}",
        "people",
        use.time_s,
        waiting,
        float(room),
        f"its lines have room for {room}",
        beyond=beyond,
        form="steps",
    )
    waits = diary.waits_at(name)
    met = np.zeros(waits.id.size, bool)
    for begin_s, until_s in beyond:
        met |= (waits.from_s < until_s) & (waits.until_s > begin_s)
    most = int(waiting.argmax())
    at_s = float(use.time_s[most])
    lasts_s = np.diff(use.time_s, append=end_s)
    without_s = float((np.maximum(waiting - room, 0.0) * lasts_s).sum())
    return Subject(
        queues_of(run, name),
        (at_s, at_s),
        series,
        int(np.unique(waits.id[met]).size),
        "waited there while more did than its lines have room for",
        without_s,
        _waiting(waits, at_s),
    )


def _waiting(waits: Waits, time_s: float) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return the numbers of those who wait at a time, or just before."""
    return np.unique(waits.id[(waits.from_s <= time_s) & (waits.until_s >= time_s)]).astype(np.int32)
