"""What a finding likely comes from: whose stream, before which door or queue, against whom, and what was closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crowdsim.assess.diary import Diary
from crowdsim.assess.judged import Run
from crowdsim.assess.scene import BEFORE_M, LEVELS_CHANGED, Scene
from crowdsim.assess.subject import Place, Subject
from crowdsim.assess.varied import closed_at, done_before
from crowdsim.measure.capacity import RATE_PER_M_S
from crowdsim.measure.flows import Flow
from crowdsim.measure.interventions import with_lanes

MOST = 0.5
"""A crowd is said to be on the way to, or before, what at least this share of it went through next (our choice)."""

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

MOST_NAMED = 4
"""So many names are listed at most."""

PER_MIN = 60.0

NOT_DECIDED = "No cause is told: the criterion is undecided."
NOT_OVER = "No cause is told: nobody was there at that time."
NONE_KNOWN = "No cause can be told from what was recorded."


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
        "streams": [], "before": None, "queue": None, "counterflow": None, "crossing": None, "closed": [],
        "unused_exits": [], "text": NONE_KNOWN,
    }  # fmt: skip
    if entry["passed"] is None:
        return found | {"text": NOT_DECIDED}
    if scene is None or subject.worst_s is None:
        return found
    goals = diary.next_goals(scene.ids.astype(np.int64), scene.time_s)
    people = scene.ids.size
    found["streams"] = _streams(scene, goals, run)
    before = _before(subject.place, scene, goals, run) if people else None
    found["before"] = _worked(before, subject, scene, run) if before else None
    found["queue"] = _queue(subject, scene, goals, run)
    found |= _meeting(subject, goals, run) if people else {}
    found["closed"] = _closed(subject.place, scene.time_s, run)
    if subject.place is None:
        found["unused_exits"] = _unused(subject, scene, run)
    return found | {"text": _words(found, people, subject, scene, run)}


def _streams(scene: Scene, goals: list[str], run: Run) -> list[dict[str, Any]]:
    """Return the largest streams there: group, where they came in, where they went next, and how many."""
    attendees = run.recording.attendees
    names = {key: attendees[key].cast("string").to_numpy(zero_copy_only=False)[scene.ids] for key in ("group", "start")}
    found = Counter(zip(names["group"].tolist(), names["start"].tolist(), goals, strict=True))
    return [
        {"group": group, "from": start, "to": goal, "people": count, "share": count / scene.ids.size}
        for (group, start, goal), count in found.most_common(MOST_STREAMS)
    ]


def _before(place: Place | None, scene: Scene, goals: list[str], run: Run) -> _Passage | None:
    """Return the nearest door, exit or way that most of those there went through next; without a place the exit that
    most took."""
    venue, flows, people = run.recording.venue, run.measures.flows, scene.ids.size
    took = Counter(goal for goal in goals if goal in venue.exits)
    if place is None:
        name, count = took.most_common(1)[0] if took else ("", 0)
        return _Passage("exit", name, count / people, flows.get(name)) if name else None
    spot = shapely.Point(place.x, place.y)
    found: list[tuple[float, _Passage]] = []

    def take(kind: str, name: str, count: int, shape: BaseGeometry) -> None:
        if count >= MOST * people and shape.distance(place.shape) <= BEFORE_M:
            found.append((shape.distance(spot), _Passage(kind, name, count / people, flows.get(name))))

    for name, count in took.items():
        take("exit", name, count, venue.exits[name].line or venue.exits[name].area)
    for name, count in scene.passed.items():
        if name != LEVELS_CHANGED:
            take("door", name, count, venue.doors[name].line)
    for name, link in venue.links.items():
        shift_x, shift_y = run.recording.shift_m[venue.levels.index(link.lower)].tolist()
        area = shapely.affinity.translate(link.area, shift_x, shift_y)
        take(link.feature.kind, name, scene.passed.get(LEVELS_CHANGED, 0), area)
    return min(found, key=lambda one: one[0])[1] if found else None


def _worked(passage: _Passage, subject: Subject, scene: Scene, run: Run) -> dict[str, Any]:
    """Return how a passage worked at the worst time; the flow is None where it is not measured."""
    found: dict[str, Any] = {
        "kind": passage.kind, "name": passage.name, "share": passage.share, "people": int(scene.ids.size),
        "width_m": None, "flow_per_m_s": None, "capacity_share": None, "at_capacity": None,
    }  # fmt: skip
    flow = passage.flow
    if flow is None or not flow.width_m or subject.worst_s is None:
        return found
    begin_s, end_s = subject.worst_s
    if end_s - begin_s < flow.window_s:
        # While they pass: from the worst time on, as long as the window of the peaks.
        begin_s, end_s = begin_s, begin_s + flow.window_s
    if subject.place is None and subject.series and subject.series.beyond:
        begin_s, end_s = subject.series.beyond[0]
    end_s = min(end_s, run.recording.simulated_s)
    if end_s <= begin_s:
        return found
    count = int(np.searchsorted(flow.times_s, end_s) - np.searchsorted(flow.times_s, begin_s))
    per_m_s = count / (end_s - begin_s) / flow.width_m
    share = per_m_s / RATE_PER_M_S
    more = {"width_m": flow.width_m, "flow_per_m_s": per_m_s, "capacity_share": share}
    return found | more | {"at_capacity": share >= AT_CAPACITY}


def _queue(subject: Subject, scene: Scene, goals: list[str], run: Run) -> dict[str, Any] | None:
    """Return the service whose queues most of those there waited in or went to, and how it worked then."""
    recording = run.recording
    of_queue = {q: name for name, service in recording.scenario.config.services.items() for q in service.queues}
    there = Counter(of_queue[goal] for goal in goals if goal in of_queue)
    if not there or not scene.ids.size:
        return None
    name, count = there.most_common(1)[0]
    if count < MOST * scene.ids.size:
        return None
    use, over = run.measures.queues[name], run.measures.overflow[name]
    now = int(np.searchsorted(use.time_s, scene.time_s, "right")) - 1
    waiting = int(use.waiting[now])
    since_s = None
    if waiting > over.room:
        below = np.flatnonzero(use.waiting[: now + 1] <= over.room)
        since_s = float(use.time_s[below[-1] + 1]) if below.size else float(use.time_s[0])
    service = recording.scenario.config.services[name]
    servers = 0
    for queue in service.queues:
        plan = [on_duty for begin_s, on_duty, _ in with_lanes(service, queue, recording) if begin_s <= scene.time_s]
        servers += plan[-1] if plan else 0
    return {"service": name, "waiting": waiting, "room": over.room, "over_since_s": since_s, "servers": servers,
            "share": count / scene.ids.size}  # fmt: skip


def _meeting(subject: Subject, goals: list[str], run: Run) -> dict[str, Any]:
    """Return the shares of counterflow and crossing at the place about the worst time; None where there is neither."""
    found: dict[str, Any] = {"counterflow": None, "crossing": None}
    streams, maps, place, worst_s = run.measures.streams, run.measures.maps, subject.place, subject.worst_s
    to = Counter(goals).most_common(2)
    if place is None or worst_s is None or len(to) < 2 or to[1][1] < TOWARDS_TWO * len(goals):  # noqa: PLR2004
        return found
    x0, y0, x1, y1 = place.shape.bounds
    columns = np.flatnonzero((maps.x_m > x0) & (maps.x_m < x1))
    rows = np.flatnonzero((maps.y_m > y0) & (maps.y_m < y1))
    x, y = np.meshgrid(maps.x_m[columns], maps.y_m[rows])
    here = shapely.contains_xy(place.shape, x, y)
    for key, found_map in (("counterflow", streams.counterflow), ("crossing", streams.crossing)):
        value, begins_s = (part[np.ix_(rows, columns)][here] for part in (found_map.value, found_map.begins_s))
        then = (begins_s <= worst_s[1]) & (begins_s + streams.window_s >= worst_s[0]) & np.isfinite(value)
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


def _words(found: Mapping[str, Any], people: int, subject: Subject, scene: Scene, run: Run) -> str:
    """Return the cause in sentences, what explains most first."""
    parts = []
    if found["queue"]:
        parts.append(_queue_words(found["queue"]))
    meeting = [f"{key} {found[key]:.2f}" for key in ("counterflow", "crossing") if found[key] is not None]
    if meeting:
        parts.append(f"Likely streams that meet: {' and '.join(meeting)} (share of what is walked against or across the "
                     "main stream).")  # fmt: skip
    if found["before"]:
        parts.append(_before_words(found["before"], subject))
    parts += [_stream_words(found["streams"], people, subject, scene)] if found["streams"] else []
    if found["unused_exits"]:
        names = [one["name"] if one["last_s"] is None else f"{one['name']} (last at {one['last_s']:.0f} s)"
                 for one in found["unused_exits"]]  # fmt: skip
        parts.append(f"Meanwhile nobody took {_listed(names)}.")
    if found["closed"]:
        closed = [f"{one['kind']} '{one['name']}' " + ("all the time" if one["since_s"] is None
                  else f"since {one['since_s']:.0f} s") for one in found["closed"]]  # fmt: skip
        parts.append(f"Closed then: {_listed(closed)}; that likely adds to it.")
    done = done_before(run.recording, scene.time_s)
    if done and parts:
        last = done[-1]
        parts.append(f"Last thing done before: {last['what']}, at {last['time_s']:.0f} s.")
    return " ".join(parts) or (NONE_KNOWN if people else NOT_OVER)


def _queue_words(queue: Mapping[str, Any]) -> str:
    who = f"{queue['share']:.0%} of those there wait at {queue['service']!r} or go there next"
    on_duty = f"{queue['servers']} servers are on duty" if queue["servers"] != 1 else "one server is on duty"
    if queue["over_since_s"] is None:
        return f"Likely the queue of {queue['service']!r}: {who}; {queue['waiting']} wait, and {on_duty}."
    return (
        f"Likely the queue of {queue['service']!r}, which overflows its line since {queue['over_since_s']:.0f} s: "
        f"{queue['waiting']} wait where {queue['room']} have room, and {on_duty}; {who}."
    )


def _before_words(before: Mapping[str, Any], subject: Subject) -> str:
    named = f"{before['kind']} {before['name']!r}"
    went = f"{before['share']:.0%} of the {before['people']:,} people"
    who = f"{went} then inside left by {named}" if subject.place is None else f"{went} there went through {named} next"
    if before["flow_per_m_s"] is None:
        return f"Likely {named}: {who}; how much it carried then is not measured."
    rate = f"{before['flow_per_m_s']:.2f} people/(m s) on {before['width_m']:.2f} m, {before['capacity_share']:.0%} of " \
           f"the capacity of {RATE_PER_M_S * PER_MIN:.0f} people/(m min)"  # fmt: skip
    if before["at_capacity"]:
        return f"Likely {named}, which works at its capacity ({rate}): {who}."
    return f"Before {named}: {who}. It carried {rate}: its width alone likely does not explain it."


def _stream_words(streams: list[dict[str, Any]], people: int, subject: Subject, scene: Scene) -> str:
    where = "inside" if subject.place is None else "there"
    texts = [f"{one['share']:.0%} {one['group']!r} from {one['from']!r}" + (f" to {one['to']!r}" if one["to"] else
             " who went nowhere else until the end") for one in streams]  # fmt: skip
    return f"Of the {people:,} people {where} at {scene.time_s:.0f} s: {', '.join(texts)}."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


