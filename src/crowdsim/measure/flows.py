"""Flow over measurement lines, doors, exits, stairs, ramps and escalators."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from shapely import LineString

from crowdsim.measure.steps import Moves, Step
from crowdsim.record.recording import Recording
from crowdsim.scenario.event import EXITED

Float64 = NDArray[np.float64]

TWO = 2
"""Crossings needed for a flow: it is the number of gaps over the time they take."""

EXIT, DOOR, LINE, STAIR, RAMP, ESCALATOR = "exit", "door", "line", "stair", "ramp", "escalator"
"""What is crossed."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Who crossed a line, a door or an exit, or half a way between levels.

    Attributes
    ----------
    kind : `LINE`, `DOOR` or `EXIT`; of a way between levels `STAIR`, `RAMP` or `ESCALATOR`.
    times_s : (count,) when, ascending [s].
    forward, backward : crossings to the right and to the left of the line's direction; exits: all forward; on ways
        between levels up and down.
    width_m : length of the line, or clear width of the door, exit or way.
    window_s : length of the moving window of the peaks.
    """

    name: str
    kind: str
    times_s: Float64
    forward: int
    backward: int
    width_m: float
    window_s: float

    @property
    def count(self) -> int:
        """All crossings, both ways."""
        return int(self.times_s.size)

    @property
    def mean_per_s(self) -> float:
        """Mean flow from the first to the last crossing [1/s]: gaps between people over time."""
        if self.count < TWO or self.times_s[-1] == self.times_s[0]:
            return 0.0
        return float((self.count - 1) / (self.times_s[-1] - self.times_s[0]))

    @property
    def peak_per_s(self) -> float:
        """Highest flow over any window: most crossings within one, divided by its length [1/s]."""
        if not self.count:
            return 0.0
        ends = np.searchsorted(self.times_s, self.times_s + self.window_s, side="left")
        return float((ends - np.arange(self.count)).max() / self.window_s)

    @property
    def peak_specific_per_m_s(self) -> float:
        """Peak flow over width [1/(m s)]."""
        return self.peak_per_s / self.width_m if self.width_m else 0.0

    def summary(self) -> dict[str, float | int | str]:
        """Return the figures as in `summary.json`."""
        return {
            "kind": self.kind,
            "count": self.count,
            "forward": self.forward,
            "backward": self.backward,
            "mean_per_s": self.mean_per_s,
            "peak_per_s": self.peak_per_s,
            "peak_specific_per_m_s": self.peak_specific_per_m_s,
            "width_m": self.width_m,
        }


class FlowMeter:
    """Counts crossings of measurement lines, open doors and ways between levels, one sampled time after another.

    Ways are counted half-way, where nobody sees those on the levels. Lifts carry people; nobody walks through them.
    """

    def __init__(self, recording: Recording) -> None:
        venue = recording.venue
        self._window_s = recording.scenario.config.measure.flow_window_s
        self._recording = recording
        self._lines: dict[str, tuple[str, LineString]] = {
            **{name: (LINE, line) for name, line in venue.lines.items()},
            **{name: (DOOR, door.line) for name, door in venue.doors.items() if door.open},
            **{
                name: (link.feature.kind, recording.of_link(link, link.middle))
                for name, link in venue.links.items()
                if link.open and not link.is_lift
            },
        }
        self._times: dict[str, list[Float64]] = {name: [] for name in self._lines}
        self._forward = dict.fromkeys(self._lines, 0)

    def take(self, step: Step) -> None:
        """Take in the moves since the sample before."""
        for name, (_, line) in self._lines.items():
            times, forward = crossings(line, step.moves)
            if times.size:
                self._times[name].append(times)
                self._forward[name] += int(forward.sum())

    def result(self) -> dict[str, Flow]:
        """Return the flow over every line, door, way between levels and exit, by name."""
        flows = {}
        for name, (kind, line) in self._lines.items():
            times = np.sort(np.concatenate([*self._times[name], np.empty(0)]))
            forward = self._forward[name]
            flows[name] = Flow(name, kind, times, forward, times.size - forward, line.length, self._window_s)
        events = self._recording.events()
        left = events.filter(pc.equal(events["event"].cast("string"), EXITED))
        left_by = left["place"].cast("string")
        for name, exit_ in self._recording.venue.open_exits.items():
            times = np.sort(left.filter(pc.equal(left_by, name))["time"].to_numpy())
            flows[name] = Flow(name, EXIT, times, times.size, 0, exit_.width_m, self._window_s)
        return flows


def crossings(line: LineString, moves: Moves) -> tuple[Float64, NDArray[np.bool_]]:
    """Return when moves cross a line [s], and whether from its left to its right.

    Points on the line count as right of it, so that every way from one side to the other counts once
    however its samples fall.
    """
    points = shapely.get_coordinates(line)
    low, high = points.min(axis=0), points.max(axis=0)
    near = (
        (np.maximum(moves.x0, moves.x1) >= low[0])
        & (np.minimum(moves.x0, moves.x1) <= high[0])
        & (np.maximum(moves.y0, moves.y1) >= low[1])
        & (np.minimum(moves.y0, moves.y1) <= high[1])
    )
    if not near.any():
        return np.empty(0), np.empty(0, bool)
    x0, y0, t0, x1, y1, t1 = (values[near] for values in moves)
    times, rightward = [], []
    for (ax, ay), (bx, by) in pairwise(points):
        side0 = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
        side1 = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
        changes = (side0 > 0) != (side1 > 0)
        share = np.divide(side0, side0 - side1, out=np.zeros_like(side0), where=changes)
        along = ((x0 + share * (x1 - x0) - ax) * (bx - ax) + (y0 + share * (y1 - y0) - ay) * (by - ay)) / (
            (bx - ax) ** 2 + (by - ay) ** 2
        )
        hit = changes & (along >= 0) & (along < 1)
        times.append(t0[hit] + share[hit] * (t1[hit] - t0[hit]))
        rightward.append(side0[hit] > 0)
    return np.concatenate(times), np.concatenate(rightward)
