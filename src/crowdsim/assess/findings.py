"""What to look at first: criteria that failed, nearly failed or stay open, and what they come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from crowdsim.assess.about_leaving import about_clearing_time, about_egress_by_hand, about_egress_time
from crowdsim.assess.about_passing import about_flow, about_queue_overflow, about_queue_wait
from crowdsim.assess.about_places import (
    about_density,
    about_density_exposure,
    about_level_of_service,
    about_occupancy,
    about_oscillation,
    about_pressure,
    about_time_above,
)
from crowdsim.assess.causes import cause_of
from crowdsim.assess.clock import clock
from crowdsim.assess.diary import Diary
from crowdsim.assess.judged import Run
from crowdsim.assess.scene import Scene, look_at
from crowdsim.assess.subject import AROUND_M, Place, Subject, Watch, passages
from crowdsim.assess.varied import varied
from crowdsim.assess.watches import look_again

NEAR_MISS = 0.1
"""Values less than this share below the limit are findings, too (our choice)."""

MOST_STREAMS = 3
"""So many groups are named at most, the largest first."""

DRAWN = 6
"""So many findings have pictures, the first ones: more than anybody looks at in one sitting (our choice)."""

FAILED, NEAR, OPEN = "failed", "near miss", "open"
RANKS = (FAILED, OPEN, NEAR)

ABOUT: dict[str, Callable[[Any, Mapping[str, Any], Run, Diary], Subject | Watch]] = {
    "egress_time": lambda criterion, entry, run, _: about_egress_time(criterion, entry, run),
    "clearing_time": lambda criterion, entry, run, _: about_clearing_time(criterion, entry, run),
    "egress_by_hand": lambda criterion, entry, run, _: about_egress_by_hand(criterion, entry, run),
    "density": lambda criterion, entry, run, _: about_density(criterion, entry, run),
    "occupancy": lambda criterion, entry, run, _: about_occupancy(criterion, entry, run),
    "density_exposure": lambda criterion, entry, run, _: about_density_exposure(criterion, entry, run),
    "time_above": lambda criterion, entry, run, _: about_time_above(criterion, entry, run),
    "level_of_service": lambda criterion, entry, run, _: about_level_of_service(criterion, entry, run),
    "exit_flow": about_flow,
    "line_flow": about_flow,
    "stair_flow": about_flow,
    "pressure": lambda criterion, entry, run, _: about_pressure(criterion, entry, run),
    "oscillation": lambda criterion, entry, run, _: about_oscillation(criterion, entry, run),
    "queue_wait": about_queue_wait,
    "queue_overflow": about_queue_overflow,
    "service_rate": lambda _criterion, _entry, _run, _: Subject(people_are="it is about the plan, not about the run"),
}
"""What a finding of each quantity is about."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding, with what its pictures are drawn of.

    Attributes
    ----------
    entry : as in `summary.json`.
    subject, scene : what it is about, and its worst time; None if it has none.
    """

    entry: dict[str, Any]
    subject: Subject
    scene: Scene | None


def find(criteria: Sequence[Mapping[str, Any]], run: Run) -> list[Finding]:
    """Return the findings, the worst first: failed by how far over the limit, then what is open, then near misses.

    Those that need it are measured in a second way through the recording, one for all.

    Parameters
    ----------
    criteria : entries of `summary.json`.
    """
    found = [entry for entry in criteria if _kind(entry)]
    found.sort(key=lambda entry: (RANKS.index(_kind(entry)), entry["margin"] or -math.inf))
    diary, asked = Diary(run.recording), run.recording.scenario.config.criteria
    about = [ABOUT[entry["quantity"]](asked[entry["id"]], entry, run, diary) for entry in found]
    look_again(run.recording, [one for one in about if not isinstance(one, Subject)])
    subjects = [one if isinstance(one, Subject) else one.subject() for one in about]
    return [
        _finding(entry, subject, run, diary, number)
        for number, (entry, subject) in enumerate(zip(found, subjects, strict=True), start=1)
    ]


def _kind(entry: Mapping[str, Any]) -> str:
    if not entry["applies"]:
        return ""
    if entry["passed"] is None:
        return OPEN
    if entry["passed"]:
        margin = entry["margin"]
        return NEAR if margin is not None and margin < NEAR_MISS else ""
    return FAILED


def _finding(entry: Mapping[str, Any], subject: Subject, run: Run, diary: Diary, number: int) -> Finding:
    kind, at = _kind(entry), entry["at"]
    spot = _in_plane(at, run)
    place = subject.place
    near, far_m = _nearest_feature(spot or (shapely.Point(place.x, place.y) if place else None), run)
    level_s = _time_above(spot, run)
    scene = look_at(subject, run)
    streams = _groups(spot, at, run)
    cause = cause_of(entry, subject, scene, run, diary)
    when = _when(subject)
    was_varied = varied(entry, run, when["from_s"] if when else scene.time_s if scene else None)
    parts = [f"{entry['text']}: {_how_bad(entry, kind)}"]
    parts += [_where_words(at, near, far_m)] if at.get("name") or "x" in at else []
    if when:
        parts.append(f"beyond it from {clock(when['from_s'])} to {clock(when['to_s'])}, {when['lasts_s']:.0f} s in all")
    elif at.get("time_s") is not None:
        parts.append(f"from {at['time_s']:.0f} s on")
    if level_s:
        parts.append(f"above 4 people/m2 there for {level_s:.0f} s on end")
    if when and subject.people is not None:
        parts.append(f"{subject.people:,} people ({subject.people_are})")
    if streams:
        parts.append("people there: " + ", ".join(f"{share:.0%} {name}" for name, share in streams))
    pictures = {}
    if number <= DRAWN:
        pictures = {"map": f"finding_{number}_map"} if scene else {}
        pictures |= {"series": f"finding_{number}_series"} if _told(subject) else {}
    made = {
        "criterion": entry["id"],
        "kind": kind,
        "value": entry["value"],
        "limit": entry["limit"],
        "unit": entry["unit"],
        "margin": entry["margin"],
        "at": at,
        "near": near,
        "lasts_s": level_s,
        "streams": dict(streams),
        "text": "; ".join(parts) + (f" ({entry['reason']})" if entry["reason"] else ""),
        "title": entry["text"],
        "reason": entry["reason"],
        "place": _place(place, run),
        "near_m": far_m if near else None,
        "when": when,
        "worst_s": list(subject.worst_s) if subject.worst_s else None,
        "people": subject.people,
        "people_are": subject.people_are,
        "people_then": int(scene.ids.size) if scene else None,
        "person_s": subject.person_s,
        "cause": cause,
        "varied": was_varied,
        "series": _told(subject),
        "pictures": pictures,
    }
    return Finding(made, subject, scene)


def _told(subject: Subject) -> dict[str, Any] | None:
    """Return what the time series shows, in short; None if there is none."""
    series = subject.series
    if series is None or not series.time_s.size:
        return None
    top = int(series.value.argmax())
    return {
        "title": series.title,
        "label": series.label,
        "highest": float(series.value[top]),
        "highest_at_s": float(series.time_s[top]),
        "limit": series.limit_text or series.deadline_text,
    }


def _when(subject: Subject) -> dict[str, Any] | None:
    """Return when it was beyond the limit: the first and last time, in all, and in how many whiles; None if never."""
    beyond = subject.series.beyond if subject.series else ()
    if not beyond:
        return None
    lasts_s = sum(until_s - since_s for since_s, until_s in beyond)
    return {"from_s": beyond[0][0], "to_s": beyond[-1][1], "lasts_s": lasts_s, "spells": len(beyond)}


def _place(place: Place | None, run: Run) -> dict[str, Any] | None:
    """Return a place as in `summary.json`: what it is, its worst spot in the plan of its level, and its ground."""
    if place is None:
        return None
    level, x, y = run.recording.in_plan(place.x, place.y)
    ground_m2 = float(shapely.intersection(place.shape, run.recording.venue.walkable).area)
    return {"what": place.words, "level": level, "x": x, "y": y, "ground_m2": ground_m2}


def _how_bad(entry: Mapping[str, Any], kind: str) -> str:
    if entry["value"] is None:
        return "not met" if kind == FAILED else "undecided"
    of_limit = f"{entry['value']:.3g} {entry['unit']}, limit {entry['limit']:.3g}"
    if kind == OPEN:
        return f"undecided, {of_limit} so far"
    if entry["margin"] is None:
        return of_limit
    over = f"{abs(entry['margin']):.0%} {'over' if entry['margin'] < 0 else 'below'}"
    return f"{of_limit} ({over})"


def _where_words(at: Mapping[str, Any], near: str, far_m: float) -> str:
    if "x" in at:
        return f"at ({at['x']:.1f}, {at['y']:.1f}) m" + (f", {far_m:.0f} m from {near}" if near else "")
    return f"at {at['name']}"


def _in_plane(at: Mapping[str, Any], run: Run) -> shapely.Point | None:
    """Return a place in the plane of the recording's venue; None if there is none."""
    if "x" not in at:
        return None
    shift_x, shift_y = run.recording.shift_m[int(at["level"])].tolist()
    return shapely.Point(at["x"] + shift_x, at["y"] + shift_y)


def _nearest_feature(place: shapely.Point | None, run: Run) -> tuple[str, float]:
    """Return the kind and name of the door, exit, queue or way between levels nearest to a place, and how far it is."""
    recording = run.recording
    features = passages(recording) | {("queue", name): line for name, line in recording.venue.queues.items()}
    if not features or place is None:
        return "", 0.0
    far_m = {f"{kind} {name!r}": float(shape.distance(place)) for (kind, name), shape in features.items()}
    nearest = min(far_m, key=lambda name: far_m[name])
    return nearest, far_m[nearest]


def _time_above(place: shapely.Point | None, run: Run) -> float | None:
    """Return for how long the place was above Still's limit for moving crowds on end; None if it never was."""
    spell = run.measures.time_above.get(4.0)
    if place is None or spell is None:
        return None
    maps = run.measures.maps
    column = int(np.abs(maps.x_m - place.x).argmin())
    row = int(np.abs(maps.y_m - place.y).argmin())
    return float(spell.longest_s[row, column]) or None


def _groups(place: shapely.Point | None, at: Mapping[str, Any], run: Run) -> list[tuple[str, float]]:
    """Return the largest groups of those near a place at its time, and their shares; none if it has no time."""
    if place is None or at.get("time_s") is None:
        return []
    time_s = float(at["time_s"])
    frame = next(run.recording.frames((time_s, time_s + 2 * run.recording.sample_interval_s)), None)
    if frame is None:
        return []
    near = np.hypot(frame.x - place.x, frame.y - place.y) < AROUND_M
    if not near.any():
        return []
    group = np.array(run.recording.attendees["group"].cast("string").to_pylist())[frame.id[near]]
    names, count = np.unique(group, return_counts=True)
    order = np.argsort(-count, kind="stable")[:MOST_STREAMS]
    return [(str(names[k]), float(count[k] / near.sum())) for k in order]
