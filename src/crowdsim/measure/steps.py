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
    last = np.full((4, n), np.nan)  # everyone's last sample
    before = np.empty(0, np.int32)
    for frame in recording.frames():
        shift = recording.shift_m[frame.level]
        time = np.full(frame.id.size, frame.time_s)
        now = np.array([frame.x - shift[:, 0], frame.y - shift[:, 1], time, frame.level])
        velocity_x, velocity_y = (now[:2] - last[:2, frame.id]) / (frame.time_s - last[2, frame.id])
        gone = np.setdiff1d(before, frame.id, assume_unique=True)
        begin = np.where(np.isnan(last[:, frame.id]), entry[:, frame.id], last[:, frame.id])
        moves = _moves(recording, np.hstack([begin, last[:, gone]]), np.hstack([now, exit_[:, gone]]))
        yield Step(frame, velocity_x, velocity_y, moves)
        last[:, frame.id] = now
        before = frame.id
    left = before[np.isfinite(exit_[2, before])]
    unseen = np.flatnonzero(np.isnan(last[2]) & np.isfinite(exit_[2]))
    begin, finish = np.hstack([last[:, left], entry[:, unseen]]), exit_[:, np.hstack([left, unseen])]
    nobody = np.empty(0)
    end = Frame(recording.simulated_s, before[:0], nobody, nobody, nobody, np.empty(0, np.int16))
    yield Step(end, nobody, nobody, _moves(recording, begin, finish))


def _moves(recording: Recording, begin: Float64, finish: Float64) -> Moves:
    """Return pieces of way in the plane of the recording's venue.

    Whoever changes levels has two: on the old level up to the end, as its plan would go on there, and on the new one
    from the beginning.

    Parameters
    ----------
    begin, finish : (4, k) x and y in the plan [m], time [s], level.
    """
    known = np.isfinite(begin[2]) & np.isfinite(finish[2])
    changes = np.flatnonzero(known & (begin[3] != finish[3]))
    level = np.concatenate([begin[3], finish[3, changes]])
    begin, finish = (np.hstack([places, places[:, changes]]) for places in (begin, finish))
    shift_x, shift_y = recording.shift_m[np.nan_to_num(level).astype(int)].T
    return Moves(begin[0] + shift_x, begin[1] + shift_y, begin[2], finish[0] + shift_x, finish[1] + shift_y, finish[2])


def _places(recording: Recording, kind: str, n: int) -> Float64:
    """Return x and y in the plan [m], time and level of everyone's event of a kind, (4, n); NaN for those without."""
    events = recording.events()
    events = events.filter(pc.equal(events["event"].cast("string"), kind))
    places = np.full((4, n), np.nan)
    ids = events["id"].to_numpy()
    for k, column in enumerate(("x", "y", "time", "level")):
        places[k, ids] = events[column].to_numpy()
    return places
