"""What to look at first: criteria that failed, nearly failed or stay open, and what they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crowdsim.assess.judged import Run
from crowdsim.venue import Venue

NEAR_MISS = 0.1
"""Values less than this share below the limit are findings, too (our choice)."""

AROUND_M = 5.0
"""Whose stream it is is told by who was so near to the place (our choice: the crowd that somebody in it takes in)."""

MOST_STREAMS = 3
"""So many groups are named at most, the largest first."""

FAILED, NEAR, OPEN = "failed", "near miss", "open"
RANKS = (FAILED, OPEN, NEAR)


def find(criteria: Sequence[Mapping[str, Any]], run: Run) -> list[dict[str, Any]]:
    """Return the findings, the worst first: failed by how far over the limit, then what is open, then near misses.

    Parameters
    ----------
    criteria : entries of `summary.json`.
    """
    findings = [_finding(entry, run) for entry in criteria if _kind(entry)]
    return sorted(findings, key=lambda one: (RANKS.index(one["kind"]), one["margin"] or -math.inf))


def _kind(entry: Mapping[str, Any]) -> str:
    if not entry["applies"]:
        return ""
    if entry["passed"] is None:
        return OPEN
    if entry["passed"]:
        margin = entry["margin"]
        return NEAR if margin is not None and margin < NEAR_MISS else ""
    return FAILED


def _finding(entry: Mapping[str, Any], run: Run) -> dict[str, Any]:
    kind, at = _kind(entry), entry["at"]
    near, far_m = _nearest_feature(at, run)
    streams = _streams(at, run)
    level_s = _time_above(at, run)
    parts = [f"{entry['text']}: {_how_bad(entry, kind)}"]
    if "x" in at:
        parts.append(f"at ({at['x']:.1f}, {at['y']:.1f}) m" + (f", {far_m:.0f} m from {near}" if near else ""))
    elif "name" in at:
        parts.append(f"at {at['name']}")
    if at.get("time_s") is not None:
        parts.append(f"from {at['time_s']:.0f} s on")
    if level_s:
        parts.append(f"above 4 people/m2 there for {level_s:.0f} s on end")
    if streams:
        parts.append("people there: " + ", ".join(f"{share:.0%} {name}" for name, share in streams))
    return {
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
    }


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


def _in_plane(at: Mapping[str, Any], run: Run) -> shapely.Point | None:
    """Return a place in the plane of the recording's venue; None if there is none."""
    if "x" not in at:
        return None
    shift_x, shift_y = run.recording.shift_m[int(at["level"])].tolist()
    return shapely.Point(at["x"] + shift_x, at["y"] + shift_y)


def _nearest_feature(at: Mapping[str, Any], run: Run) -> tuple[str, float]:
    """Return the kind and name of the door, exit, queue or way between levels nearest to a place, and how far it is."""
    place = _in_plane(at, run)
    if place is None:
        return "", 0.0
    features = _features(run.recording.venue)
    if not features:
        return "", 0.0
    far_m = {name: float(shape.distance(place)) for name, shape in features.items()}
    nearest = min(far_m, key=lambda name: far_m[name])
    return nearest, far_m[nearest]


def _features(venue: Venue) -> dict[str, BaseGeometry]:
    return {
        **{f"door {name!r}": door.line for name, door in venue.doors.items() if door.open},
        **{f"exit {name!r}": exit_.area for name, exit_ in venue.open_exits.items()},
        **{f"queue {name!r}": line for name, line in venue.queues.items()},
        **{f"way {name!r}": link.area for name, link in venue.links.items() if link.open},
    }


def _time_above(at: Mapping[str, Any], run: Run) -> float | None:
    """Return for how long the place was above Still's limit for moving crowds on end; None if it never was."""
    place, spell = _in_plane(at, run), run.measures.time_above.get(4.0)
    if place is None or spell is None:
        return None
    maps = run.measures.maps
    column = int(np.abs(maps.x_m - place.x).argmin())
    row = int(np.abs(maps.y_m - place.y).argmin())
    return float(spell.longest_s[row, column]) or None


def _streams(at: Mapping[str, Any], run: Run) -> list[tuple[str, float]]:
    """Return the largest groups of those near a place at its time, and their shares; none if it has no time."""
    place = _in_plane(at, run)
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
