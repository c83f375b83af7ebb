"""A likely cause in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crowdsim.assess.clock import clock
from crowdsim.assess.judged import Run
from crowdsim.assess.scene import Scene
from crowdsim.assess.subject import Subject
from crowdsim.assess.varied import done_before

MOST_NAMED = 4
"""So many names are listed at most."""

IDLE = 0.5
"""A passage that carries less than this share of its capacity does not hold people up by its width (our choice)."""

NOBODY = "No cause is told: nobody was there at that time."
NONE_KNOWN = "No cause stands out in what was recorded."


def words_of(found: Mapping[str, Any], subject: Subject, scene: Scene, run: Run) -> str:
    """Return a likely cause, whose fields `cause_of` finds, in sentences, the weightiest first."""
    people = int(scene.ids.size)
    if not people:
        return NOBODY
    parts = []
    if found["queue"]:
        parts.append(_queue_words(found["queue"]))
    meeting = [f"{key} {found[key]:.2f}" for key in ("counterflow", "crossing") if found[key] is not None]
    if meeting:
        parts.append(
            f"Likely streams that meet: {' and '.join(meeting)} (share of what is walked against or across the "
            "main stream)."
        )
    if found["before"]:
        parts.append(_before_words(found["before"], subject))
    if not parts:
        parts.append(NONE_KNOWN)
    parts += [_stream_words(found["streams"], people, subject, scene)] if found["streams"] else []
    if found["unused_exits"]:
        names = [
            one["name"] if one["last_s"] is None else f"{one['name']} (last at {clock(one['last_s'])})"
            for one in found["unused_exits"]
        ]
        parts.append(f"Meanwhile nobody took {_listed(names)}.")
    if found["closed"]:
        closed = [
            f"{one['kind']} '{one['name']}' "
            + ("all the time" if one["since_s"] is None else f"since {clock(one['since_s'])}")
            for one in found["closed"]
        ]
        to = "to the others" if subject.place is None else "here"
        parts.append(f"Closed then: {_listed(closed)}; that may send more people {to}.")
    done = done_before(run.recording, scene.time_s)
    if done:
        last = done[-1]
        parts.append(f"Last thing done before: {last['what']}, at {clock(last['time_s'])}.")
    return " ".join(parts)


def _queue_words(queue: Mapping[str, Any]) -> str:
    who = f"{queue['share']:.0%} of those there wait at {queue['service']!r} or go there next"
    on_duty = f"{queue['servers']} servers are on duty" if queue["servers"] != 1 else "one server is on duty"
    if queue["over_since_s"] is None:
        return f"Likely the queue of {queue['service']!r}: {who}; {queue['waiting']} wait, and {on_duty}."
    return (
        f"Likely the queue of {queue['service']!r}, which overflows its line since {clock(queue['over_since_s'])}: "
        f"{queue['waiting']} wait where {queue['room']} have room, and {on_duty}; {who}."
    )


def _before_words(before: Mapping[str, Any], subject: Subject) -> str:
    named = f"{before['kind']} {before['name']!r}"
    went = f"{before['share']:.0%} of the {before['people']:,} people"
    who = f"{went} then inside left by it" if subject.place is None else f"{went} there went through it next"
    if before["flow_per_m_s"] is None:
        return f"Likely {named}: {who}; how much it carried then is not measured."
    rate = (
        f"{before['flow_per_m_s']:.2f} people/(m s) on {before['width_m']:.2f} m, {before['capacity_share']:.0%} of "
        f"the {before['capacity_per_m_min']:.0f} people/(m min) it has capacity for"
    )
    if before["at_capacity"]:
        return f"Likely {named}, which works at its capacity ({rate}): {who}."
    if before["capacity_share"] < IDLE:
        return f"{who[0].upper()}{who[1:]}, {named}, which carried only {rate}: its width does not hold them up."
    return f"Likely what happens before {named}: {who}. It carried {rate}, so its width alone does not explain it."


def _stream_words(streams: list[dict[str, Any]], people: int, subject: Subject, scene: Scene) -> str:
    where = "inside" if subject.place is None else "there"
    texts = [
        f"{one['share']:.0%} {one['group']!r} from {one['from']!r}"
        + (f" to {one['to']!r}" if one["to"] else _nowhere(one))
        for one in streams
    ]
    return f"Of the {people:,} people {where} at {clock(scene.time_s)}: {', '.join(texts)}."


def _nowhere(stream: Mapping[str, Any]) -> str:
    bound = f" bound for {stream['bound_for']}" if stream["bound_for"] else ""
    return f"{bound} (nowhere else until the run ended)"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
