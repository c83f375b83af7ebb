"""The last one out: how much time was lost on the way, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from crowdsim.assess.judged import Run
from crowdsim.assess.leavers import leavers_of
from crowdsim.assess.subject import passages
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
    those = leavers_of(run.recording)
    mine = np.flatnonzero(those.exit == exit if exit else np.ones(those.id.size, bool))
    last = mine[those.exit_s[mine].argmax()]
    who = int(those.id[last])
    below_m_s = SLOW * float(run.recording.attendees["free_speed"][who].as_py())
    slow_s, place = _slow(run, who, (from_s, float(those.exit_s[last])), below_m_s)
    return Last(str(those.exit[last]), float(those.lost_s[last]), slow_s, place)


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
    near = passages(run.recording)
    names, shapes = [f"{kind} {name}" for kind, name in near], list(near.values())
    away = shapely.distance(np.array(shapes)[:, None], shapely.points(x[slow], y[slow])[None, :])
    nearest = np.where(away.min(axis=0) <= BY_M, away.argmin(axis=0), len(names))
    spent_s = np.bincount(nearest, lasts_s, len(names) + 1)
    most = int(spent_s.argmax())
    return float(spent_s[most]), "in the open" if most == len(names) else f"by {names[most]}"
