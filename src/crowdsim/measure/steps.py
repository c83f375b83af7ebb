"""Walking through a recording once: every sampled time together with where everyone was before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from crowdsim.record.recording import Frame, Recording
from crowdsim.scenario.event import ENTERED, EXITED

Float64 = NDArray[np.float64]


class Moves(NamedTuple):
    """Straight pieces of way, one row each.

    Attributes
    ----------
    x0, y0, t0 : where and when they begin [m, s].
    x1, y1, t1 : where and when they end.
    """

    x0: Float64
    y0: Float64
    t0: Float64
    x1: Float64
    y1: Float64
    t1: Float64


class Step(NamedTuple):
    """One sampled time and how people got there.

    Attributes
    ----------
    frame : everyone inside; empty after the last person left.
    velocity_x, velocity_y : (m,) displacement since the sample before over the time between [m/s]; NaN for
        those who were not there.
    moves : the pieces of way since the sample before, those of people who came in or went out included; who
        did both between two samples is in the last step.
    """

    frame: Frame
    velocity_x: Float64
    velocity_y: Float64
    moves: Moves


def walk(recording: Recording) -> Iterator[Step]:
    """Yield every sampled time of a run in order, with the moves since the one before.

    Whoever came in between is taken from the place of entering, whoever left is followed to the exit. The
    last step has nobody inside and the moves of those who left after the last sample.
    """
    n = recording.attendees.num_rows
    entry, exit_ = (_places(recording, kind, n) for kind in (ENTERED, EXITED))
    last = np.full((3, n), np.nan)  # x, y, time of everyone's last sample
    before = np.empty(0, np.int32)
    for frame in recording.frames():
        velocity_x = (frame.x - last[0, frame.id]) / (frame.time_s - last[2, frame.id])
        velocity_y = (frame.y - last[1, frame.id]) / (frame.time_s - last[2, frame.id])
        gone = np.setdiff1d(before, frame.id, assume_unique=True)
        begin = np.where(np.isnan(last[:, frame.id]), entry[:, frame.id], last[:, frame.id])
        now = np.array([frame.x, frame.y, np.full(frame.id.size, frame.time_s)])
        moves = Moves(*np.hstack([begin, last[:, gone]]), *np.hstack([now, exit_[:, gone]]))
        yield Step(frame, velocity_x, velocity_y, moves)
        last[:, frame.id] = now
        before = frame.id
    left = before[np.isfinite(exit_[2, before])]
    unseen = np.flatnonzero(np.isnan(last[2]) & np.isfinite(exit_[2]))
    begin, finish = np.hstack([last[:, left], entry[:, unseen]]), exit_[:, np.hstack([left, unseen])]
    nobody = np.empty(0)
    end = Frame(recording.simulated_s, before[:0], nobody, nobody, nobody)
    yield Step(end, nobody, nobody, Moves(*begin, *finish))


def _places(recording: Recording, kind: str, n: int) -> Float64:
    """Return x, y and time of everyone's event of a kind, (3, n); NaN for those without."""
    events = recording.events()
    events = events.filter(pc.equal(events["event"].cast("string"), kind))
    places = np.full((3, n), np.nan)
    ids = events["id"].to_numpy()
    for k, column in enumerate(("x", "y", "time")):
        places[k, ids] = events[column].to_numpy()
    return places
