"""The last one out: how much time was lost on the way, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from crowdsim.assess.judged import Run
from crowdsim.record.layout import TRAJECTORIES
from crowdsim.record.recording import read_table
from crowdsim.scenario.event import ARRIVED, CALLED, ENTERED, GAVE_UP, JOINED, LEFT, SERVED, STARTED

Float64 = NDArray[np.float64]

SLOW = 0.5
"""Below this share of the free speed somebody is held up (our choice)."""

SETS_OFF, STOPS = (STARTED, LEFT, SERVED, GAVE_UP), (ENTERED, ARRIVED, JOINED, CALLED)
"""From the former to the latter somebody walks."""

BY_M = 10.0
"""So far from a door, exit, way or queue somebody is still said to be at it (our choice: the crowd before it)."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last one out, of everybody or of those who left by an exit.

    Attributes
    ----------
    exit : by which.
    lost_s : time on the way beyond free walk, pre-movement, stays and services [s].
    slow_s : how long slower than `SLOW` times the free speed while walking [s], at `place`.
    place : in words; empty if never slow.
    """

    exit: str
    lost_s: float
    slow_s: float
    place: str


def find_last(run: Run, from_s: float, exit: str = "") -> Last:
    """Return the last one who left, by that exit if one is named, and where that one was held up from some time on."""
    attendees = run.recording.attendees
    entry, exit_, walk, waited, speed = (
        attendees[name].to_numpy().astype(float)
        for name in ("entry_s", "exit_s", "free_walk_s", "waited_s", "free_speed")
    )
    left_by = np.array(attendees["exit"].cast("string").to_pylist(), dtype=object)
    out = np.flatnonzero(np.isfinite(exit_) & ((left_by == exit) if exit else True))
    who = int(out[exit_[out].argmax()])
    lost_s = float(exit_[who] - entry[who] - walk[who] - waited[who])
    slow_s, place = _slow(run, int(attendees["id"][who].as_py()), (from_s, float(exit_[who])), SLOW * speed[who])
    return Last(str(left_by[who]), lost_s, slow_s, place)


def _slow(run: Run, who: int, between: tuple[float, float], below_m_s: float) -> tuple[float, str]:
    """Return where somebody was held up for longest between two times, walking, and for how long."""
    from_s, exit_s = between
    events = run.recording.events()
    own = events.filter(pc.equal(events["id"], who))
    when, what = own["time"].to_numpy(), np.array(own["event"].to_pylist(), dtype=object)
    asked = (pc.field("id") == who) & (pc.field("time") >= from_s) & (pc.field("time") <= exit_s)
    rows = read_table(run.recording.folder / TRAJECTORIES, ["time", "level", "x", "y", "speed"], asked)
    changes = np.isin(what, SETS_OFF + STOPS)
    before = np.searchsorted(when[changes], rows["time"].to_numpy(), "right") - 1
    walks = np.isin(what[changes], SETS_OFF)[np.maximum(before, 0)]
    slow = walks & (rows["speed"].to_numpy() < below_m_s)
    if not slow.any():
        return 0.0, ""
    lasts_s = np.diff(rows["time"].to_numpy(), append=exit_s)[slow]
    x, y = run.recording.in_plane(
        rows["level"].to_numpy(), rows["x"].to_numpy().astype(float), rows["y"].to_numpy().astype(float)
    )
    names, shapes = zip(*_places(run), strict=True)
    away = shapely.distance(np.array(shapes)[:, None], shapely.points(x[slow], y[slow])[None, :])
    nearest = np.where(away.min(axis=0) <= BY_M, away.argmin(axis=0), len(names))
    spent_s = np.bincount(nearest, lasts_s, len(names) + 1)
    most = int(spent_s.argmax())
    return float(spent_s[most]), "in the open" if most == len(names) else f"by {names[most]}"


def _places(run: Run) -> list[tuple[str, shapely.Geometry]]:
    """Return exits, doors and ways between levels, in the plane of the recording's venue."""
    venue, found = run.recording.venue, []
    found += [(f"exit {name}", exit_.line or exit_.area) for name, exit_ in venue.open_exits.items()]
    found += [(f"door {name}", door.line) for name, door in venue.doors.items() if door.open]
    for name, link in venue.links.items():
        if link.open:
            found.append((f"{link.feature.kind} {name}", run.recording.of_link(link, link.area)))
    return found
