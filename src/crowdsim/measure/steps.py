"""Walking through a recording once: every sampled time together with where everyone was before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from crowdsim.kernels.moves import LEVEL, PLACE_X, PLACE_Y, TIME, follow_people
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
    last = np.full((n, 4), np.nan)  # everyone's last sample
    before = np.empty(0, np.int32)
    for frame in recording.frames():
        yield _step(frame, before, last, entry, exit_, recording)
        before = frame.id
    unseen = np.flatnonzero(np.isnan(last[:, TIME]) & np.isfinite(exit_[:, TIME])).astype(np.int32)
    last[unseen] = entry[unseen]
    nobody = np.empty(0)
    end = Frame(recording.simulated_s, before[:0], nobody, nobody, nobody, np.empty(0, np.int16))
    yield _step(end, np.concatenate([before, unseen]), last, entry, exit_, recording)


def _step(
    frame: Frame, before: NDArray[np.int32], last: Float64, entry: Float64, exit_: Float64, recording: Recording
) -> Step:
    """Return a step, with those who were inside `before`; places are as in `crowdsim.kernels.moves`, `last` written."""
    velocity, moves = follow_people(
        frame.id, frame.x, frame.y, frame.level, frame.time_s, before, last, entry, exit_, recording.shift_m
    )
    return Step(frame, velocity[0], velocity[1], Moves(*moves))


def _places(recording: Recording, kind: str, n: int) -> Float64:
    """Return x and y in the plan [m], time and level of everyone's event of a kind, (n, 4); NaN for those without."""
    events = recording.events()
    events = events.filter(pc.equal(events["event"].cast("string"), kind))
    places = np.full((n, 4), np.nan)
    ids = events["id"].to_numpy()
    for column, name in ((PLACE_X, "x"), (PLACE_Y, "y"), (TIME, "time"), (LEVEL, "level")):
        places[ids, column] = events[name].to_numpy()
    return places
