"""What a finding likely comes from: whose stream, before which door or queue, against whom, and what was closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crowdsim.assess.cause_words import NONE_KNOWN, words_of
from crowdsim.assess.diary import Diary
from crowdsim.assess.judged import Run
from crowdsim.assess.scene import BEFORE_M, Scene
from crowdsim.assess.series import spells_above
from crowdsim.assess.subject import Place, Subject
from crowdsim.assess.varied import closed_at
from crowdsim.measure.flows import Flow
from crowdsim.measure.interventions import with_lanes
from crowdsim.scenario.hand_rates import HAND_RATES, PER_MIN
from crowdsim.scenario.itinerary import NEAREST

MOST = 0.5
"""A crowd is said to be on the way to, or before, what more than this share of it went through next (our choice)."""

MOST_STREAMS = 3
"""So many streams are named at most, the largest first."""

AT_CAPACITY = 0.8
"""A door or exit that carries at least this share of 82 people/(m min) counts as working at its capacity (our choice:
the movement models let 80 to 110 % of it through where people press)."""

AGAINST = 0.25
"""Streams are said to meet where at least this share of what is walked is against, or across, the main one (our choice:
one in four)."""

TOWARDS_TWO = 0.15
"""And where at least this share of the people goes on to each of two places: people who shuffle in a jam also move to
and fro (our choice)."""

CLOSED_WITHIN_M = 50.0
"""A closed exit or door farther from the place is not named (our choice: some half a minute's walk)."""

BY_RECKONING = {
    "egress_by_hand": "Likely the width of the open exits: it is reckoned from that and from the most people inside.",
    "service_rate": "The plan: it is reckoned from the mean service time, and nothing that happened in the run.",
}
"""Causes of what is not simulated."""

NOT_DECIDED = "No cause is told: the criterion is undecided."


@dataclass(frozen=True, slots=True)
class _Passage:
    """A door, exit or way that a crowd is before: `share` of it went through next, of which how many is known."""

    kind: str
    name: str
    share: float
    flow: Flow | None


def cause_of(entry: Mapping[str, Any], subject: Subject, scene: Scene | None, run: Run, diary: Diary) -> dict[str, Any]:
    """Return the likely cause of a finding, as fields and in words.

    Fields that nothing is known of are None or empty. An undecided criterion has no cause.
    """
    found: dict[str, Any] = {
        "streams": [],
        "before": None,
        "queue": None,
        "counterflow": None,
        "crossing": None,
        "closed": [],
        "unused_exits": [],
        "text": NONE_KNOWN,
    }
    if entry["passed"] is None:
        return found | {"text": NOT_DECIDED}
    if entry["quantity"] in BY_RECKONING:
        closed = _closed(None, run.recording.simulated_s, run)
        return found | {"closed": closed, "text": BY_RECKONING[entry["quantity"]]}
    if scene is None or subject.worst_s is None:
        return found
    of_queue = {q: name for name, one in run.recording.scenario.config.services.items() for q in one.queues}
    # The queues of a service are one goal: who goes to the next lane does not cross the stream to the first.
    goals = [of_queue.get(goal, goal) for goal in diary.next_goals(scene.ids.astype(np.int64), scene.time_s)]
    leaving = entry["quantity"] == "egress_time"
    found["streams"] = _streams(scene, goals, run)
    before = _before(subject.place, scene, goals, run) if subject.place or leaving else None
    found["before"] = _worked(before, subject, scene, run) if before else None
    found["queue"] = _queue(scene, goals, run)
    found |= _meeting(subject, scene, goals, run)
    found["closed"] = _closed(subject.place, scene.time_s, run)
    found["unused_exits"] = _unused(subject, scene, run) if leaving else []
    return found | {"text": words_of(found, subject, scene, run)}


def _streams(scene: Scene, goals: list[str], run: Run) -> list[dict[str, Any]]:
    """Return the largest streams there: group, where they came in, where they went next, and how many.

    Of those who got nowhere until the end it is told what they were bound for, if the scenario names that.
    """
    attendees = run.recording.attendees
    names = {key: attendees[key].cast("string").to_numpy(zero_copy_only=False)[scene.ids] for key in ("group", "start")}
    found = Counter(zip(names["group"].tolist(), names["start"].tolist(), goals, strict=True))
    return [
        {
            "group": group,
            "from": start,
            "to": goal,
            "bound_for": "" if goal else _bound_for(group, run),
            "people": count,
            "share": count / scene.ids.size,
        }
        for (group, start, goal), count in found.most_common(MOST_STREAMS)
    ]


def _bound_for(group: str, run: Run) -> str:
    """Return the exits that a group's itinerary ends at; empty if it names none."""
    *_, last = run.recording.scenario.config.attendees[group].itinerary
    exits = getattr(last, "exit", NEAREST)
    return "" if exits == NEAREST else exits if isinstance(exits, str) else " or ".join(exits)


def _before(place: Place | None, scene: Scene, goals: list[str], run: Run) -> _Passage | None:
    """Return the nearest passage that most of those there went through next; without a place the exit most took."""
    venue, flows, people = run.recording.venue, run.measures.flows, scene.ids.size
    took = Counter(goal for goal in goals if goal in venue.exits)
    if place is None:
        if took.total() <= MOST * people:
            return None
        name, count = took.most_common(1)[0]
        return _Passage("exit", name, count / people, flows.get(name))
    spot = shapely.Point(place.x, place.y)
    found: list[tuple[float, _Passage]] = []

    def take(kind: str, name: str, count: int, shape: BaseGeometry) -> None:
        if count > MOST * people and shape.distance(place.shape) <= BEFORE_M:
            found.append((shape.distance(spot), _Passage(kind, name, count / people, flows.get(name))))

    for name, count in took.items():
        take("exit", name, count, venue.exits[name].line or venue.exits[name].area)
    for name, count in scene.passed.items():
        if name in venue.links:
            link = venue.links[name]
            take(link.feature.kind, name, count, run.recording.of_link(link, link.area))
        else:
            take("door", name, count, venue.doors[name].line)
    return min(found, key=lambda one: one[0])[1] if found else None


def _worked(passage: _Passage, subject: Subject, scene: Scene, run: Run) -> dict[str, Any]:
    """Return how a passage worked at the worst time; the flow is None where it is not measured."""
    found: dict[str, Any] = {
        "kind": passage.kind,
        "name": passage.name,
        "share": passage.share,
        "people": int(scene.ids.size),
        "width_m": None,
        "flow_per_m_s": None,
        "capacity_share": None,
        "capacity_per_m_min": None,
        "at_capacity": None,
    }
    flow = passage.flow
    if flow is None or not flow.width_m or subject.worst_s is None:
        return found
    begin_s, end_s = subject.worst_s
    if end_s - begin_s < flow.window_s:
        # While they pass: from the worst time on, as long as the window of the peaks.
        end_s = begin_s + flow.window_s
    if subject.place is None and subject.series and subject.series.beyond:
        begin_s, end_s = subject.series.beyond[0]
    end_s = min(end_s, run.recording.simulated_s)
    if end_s <= begin_s:
        return found
    count = int(np.searchsorted(flow.times_s, end_s) - np.searchsorted(flow.times_s, begin_s))
    per_m_s = count / (end_s - begin_s) / flow.width_m
    rates = HAND_RATES[run.recording.scenario.config.measure.hand_rates]
    stepped = flow.name in run.recording.venue.links
    rate_per_m_s = rates.stepped_per_m_s if stepped else rates.level_per_m_s
    share = per_m_s / rate_per_m_s
    more = {"width_m": flow.width_m, "flow_per_m_s": per_m_s, "capacity_share": share}
    more["capacity_per_m_min"] = rate_per_m_s * PER_MIN
    return found | more | {"at_capacity": share >= AT_CAPACITY}


def _queue(scene: Scene, goals: list[str], run: Run) -> dict[str, Any] | None:
    """Return the service whose queues most of those there waited in or went to, and how it worked then."""
    recording = run.recording
    there = Counter(goal for goal in goals if goal in recording.scenario.config.services)
    if not there or not scene.ids.size:
        return None
    name, count = there.most_common(1)[0]
    if count <= MOST * scene.ids.size:
        return None
    use, over = run.measures.queues[name], run.measures.overflow[name]
    now = int(np.searchsorted(use.time_s, scene.time_s, "right")) - 1
    waiting = int(use.waiting[now])
    full = spells_above(use.time_s, use.waiting.astype(float), over.room, recording.simulated_s)
    since_s = next((since for since, until in full if since <= scene.time_s <= until), None)
    service = recording.scenario.config.services[name]
    servers = 0
    for queue in service.queues:
        plan = [on_duty for begin_s, on_duty, _ in with_lanes(service, queue, recording) if begin_s <= scene.time_s]
        servers += plan[-1] if plan else 0
    return {
        "service": name,
        "waiting": waiting,
        "room": over.room,
        "over_since_s": since_s,
        "servers": servers,
        "share": count / scene.ids.size,
    }


def _meeting(subject: Subject, scene: Scene, goals: list[str], run: Run) -> dict[str, Any]:
    """Return the shares of counterflow and crossing at the place; None where there is neither.

    Of windows from just before the limit was passed until the worst time: people who have come to a stand do not walk
    against each other any more.
    """
    found: dict[str, Any] = {"counterflow": None, "crossing": None}
    streams, maps, place, worst_s = run.measures.streams, run.measures.maps, subject.place, subject.worst_s
    groups = run.recording.attendees["group"].cast("string").to_numpy(zero_copy_only=False)[scene.ids].tolist()
    bound = [goal or _bound_for(group, run) for group, goal in zip(groups, goals, strict=True)]
    to = Counter(name for name in bound if name).most_common(2)
    if place is None or worst_s is None or len(to) < 2 or to[1][1] < TOWARDS_TWO * len(goals):  # noqa: PLR2004
        return found
    beyond = subject.series.beyond if subject.series else ()
    since_s = min([worst_s[0], *(begin_s for begin_s, _ in beyond[:1])]) - streams.window_s
    x0, y0, x1, y1 = place.shape.bounds
    columns = np.flatnonzero((maps.x_m > x0) & (maps.x_m < x1))
    rows = np.flatnonzero((maps.y_m > y0) & (maps.y_m < y1))
    x, y = np.meshgrid(maps.x_m[columns], maps.y_m[rows])
    here = shapely.contains_xy(place.shape, x, y)
    for key, found_map in (("counterflow", streams.counterflow), ("crossing", streams.crossing)):
        value, begins_s = (part[np.ix_(rows, columns)][here] for part in (found_map.value, found_map.begins_s))
        then = (begins_s <= worst_s[1]) & (begins_s >= since_s) & np.isfinite(value)
        if then.any() and value[then].max() >= AGAINST:
            found[key] = float(value[then].max())
    return found


def _closed(place: Place | None, time_s: float, run: Run) -> list[dict[str, Any]]:
    """Return the exits and doors that are closed then, the nearest first, and since when [s]; None: all the time."""
    venue = run.recording.venue
    shapes = {**{n: d.line for n, d in venue.doors.items()}, **{n: e.line or e.area for n, e in venue.exits.items()}}
    found = []
    for name, since_s in closed_at(run.recording, time_s).items():
        if name not in shapes:
            continue
        far_m = float(shapes[name].distance(place.shape)) if place else None
        if far_m is None or far_m <= CLOSED_WITHIN_M:
            kind = "exit" if name in venue.exits else "door"
            found.append({"kind": kind, "name": name, "since_s": since_s, "distance_m": far_m})
    return sorted(found, key=lambda one: one["distance_m"] or 0.0)


def _unused(subject: Subject, scene: Scene, run: Run) -> list[dict[str, Any]]:
    """Return the open exits that nobody took any more while it was too late, and when somebody last did [s]."""
    if not subject.series or not subject.series.beyond:
        return []
    late_s, until_s = subject.series.beyond[0]
    exits = {name: flow for name, flow in run.measures.flows.items() if flow.kind == "exit"}
    closed = closed_at(run.recording, scene.time_s)
    idle = []
    for name, flow in exits.items():
        used = flow.times_s[(flow.times_s >= late_s) & (flow.times_s <= until_s)]
        if not used.size and name not in closed:
            idle.append({"name": name, "last_s": float(flow.times_s[-1]) if flow.count else None})
    return idle
