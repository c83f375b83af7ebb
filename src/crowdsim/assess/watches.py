"""What is watched at a place on the second way through a recording: a quantity there, and who was there meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crowdsim.assess.series import SAME_TIME_S, Spells, joined, within
from crowdsim.assess.subject import Look, Place, Subject, Watch
from crowdsim.kernels.pressure import add_velocities, judge_pressure
from crowdsim.measure.at_cell import CellReader
from crowdsim.measure.maps import PRESSURE_FROM_PER_M2
from crowdsim.measure.sliding import SlidingBlocks
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]

PRESSURE_COLUMNS = 9
"""Of a block, as `crowdsim.kernels.pressure` has them."""


def look_again(recording: Recording, watches: Iterable[Watch]) -> None:
    """Show a recording to all watches, in one pass."""
    watches = list(watches)
    if not watches:
        return
    for look in _looks(recording):
        for watch in watches:
            watch.take(look)


def _looks(recording: Recording) -> Iterator[Look]:
    last = np.full((3, recording.attendees.num_rows), np.nan)
    interval_s, end_s = recording.sample_interval_s, recording.simulated_s
    for frame in recording.frames():
        shift = recording.shift_m[frame.level]
        now = np.array([frame.x - shift[:, 0], frame.y - shift[:, 1], np.full(frame.id.size, frame.time_s)])
        before = last[:, frame.id]
        velocity_x, velocity_y = (now[:2] - before[:2]) / (frame.time_s - before[2])
        yield Look(frame, velocity_x, velocity_y, min(interval_s, max(end_s - frame.time_s, 0.0)))
        last[:, frame.id] = now


class _Presence:
    """Who was in a place, kept by whiles of which it turns out later whether they count."""

    def __init__(self, place: Place, attendees: int) -> None:
        self._place, self._seen = place, np.zeros(attendees, bool)
        self._of: dict[float, NDArray[np.bool_]] = {}  # by when the while began
        self._times: list[tuple[float, float]] = []  # of each sample: when, and person-seconds in the place

    def take(self, look: Look, while_s: float) -> None:
        """Take in a sampled time that belongs to the while that began at `while_s`."""
        here = self._place.holds(look.frame.x, look.frame.y)
        self._times.append((look.frame.time_s, float(here.sum()) * look.lasts_s))
        if while_s not in self._of:
            self._of[while_s] = np.zeros_like(self._seen)
        self._of[while_s][look.frame.id[here]] = True

    def count(self, begins_s: float, ends_s: float) -> None:
        """Let the whiles that began in a time, its end excluded, count."""
        for while_s, seen in self._of.items():
            if begins_s - SAME_TIME_S <= while_s < ends_s - SAME_TIME_S:
                self._seen |= seen

    def forget(self, before_s: float) -> None:
        """Forget the whiles that began before a time."""
        self._of = {while_s: seen for while_s, seen in self._of.items() if while_s >= before_s - SAME_TIME_S}

    def people(self) -> int:
        """Return how many counted, each once."""
        return int(self._seen.sum())

    def person_s(self, spells: Spells) -> float:
        """Return the person-seconds in the place during whiles."""
        time_s, spent = np.array(self._times).reshape(-1, 2).T
        return float(spent[within(time_s, spells)].sum())


@dataclass
class PeopleWatch:
    """Counts who is in a place during whiles that are known beforehand.

    Attributes
    ----------
    ground_m2 : of the place, if its density by counting is to be the subject's series; else None.
    """

    known: Subject
    spells: Spells
    attendees: int
    ground_m2: float | None = None

    def __post_init__(self) -> None:
        assert self.known.place
        self._place = self.known.place
        self._there = _Presence(self._place, self.attendees)
        self._counted: list[tuple[float, float]] = []

    def take(self, look: Look) -> None:
        """Take in a sampled time."""
        if self.ground_m2:
            here = int(self._place.holds(look.frame.x, look.frame.y).sum())
            self._counted.append((look.frame.time_s, here / self.ground_m2))
        if within(np.array([look.frame.time_s]), self.spells)[0]:
            self._there.take(look, 0.0)

    def subject(self) -> Subject:
        """Return the subject with its people."""
        self._there.count(0.0, 1.0)
        series = self.known.series
        if series and self.ground_m2:
            time_s, per_m2 = np.array(self._counted).reshape(-1, 2).T
            series = replace(series, time_s=time_s, value=per_m2)
        return replace(
            self.known, series=series, people=self._there.people(), person_s=self._there.person_s(self.spells)
        )


@dataclass
class DensityWatch:
    """Follows the density of a cell from sample to sample, and who was in the place while it was above a level.

    Attributes
    ----------
    above_per_m2 : the level.
    longer_than_s : whiles above it count if they are longer.
    """

    known: Subject
    reader: CellReader
    above_per_m2: float
    longer_than_s: float
    attendees: int

    def __post_init__(self) -> None:
        assert self.known.place
        self._there = _Presence(self.known.place, self.attendees)
        self._time_s: list[float] = [0.0]
        self._density: list[float] = [0.0]
        self._since_s: float | None = None
        self._until_s = 0.0
        self._spells: list[tuple[float, float]] = []

    def take(self, look: Look) -> None:
        """Take in a sampled time."""
        time_s, density = look.frame.time_s, self.reader.density(look.frame.x, look.frame.y)
        if time_s > self._until_s + SAME_TIME_S:  # nobody was inside meanwhile
            self._since_s = None
            self._add(self._until_s, 0.0)
        self._add(time_s, density)
        self._until_s = time_s + look.lasts_s
        if density <= self.above_per_m2:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = time_s
            self._spells.append((time_s, self._until_s))
        self._spells[-1] = (self._since_s, self._until_s)
        self._there.take(look, self._since_s)

    def _add(self, time_s: float, density: float) -> None:
        self._time_s.append(time_s)
        self._density.append(density)

    def subject(self) -> Subject:
        """Return the subject with its series and people."""
        assert self.known.series
        beyond = tuple((a, b) for a, b in self._spells if b - a > self.longer_than_s + SAME_TIME_S)
        for begins_s, ends_s in beyond:
            self._there.count(begins_s, ends_s)
        self._add(self._until_s, 0.0)
        time_s, density = np.array(self._time_s), np.array(self._density)
        series = replace(self.known.series, time_s=time_s, value=density, beyond=beyond)
        at_s = float(time_s[density.argmax()])
        return replace(
            self.known,
            series=series,
            worst_s=self.known.worst_s or (at_s, at_s),
            people=self._there.people(),
            person_s=self._there.person_s(beyond),
        )


Reading = Callable[[NDArray[np.float64], float], float | None]
"""What the blocks of a window and its length [s] amount to; None if it cannot be said."""


@dataclass
class WindowWatch:
    """Follows a quantity of a cell over windows that slide, and who was in the place while it was above a limit.

    Attributes
    ----------
    window_s, blocks : length of a window, and how many steps it moves on in.
    of_pressure : whether it is the crowd pressure of everybody's velocities (0) or of their mean (1); None for density.
    """

    known: Subject
    reader: CellReader
    limit: float
    window_s: float
    blocks: int
    end_s: float
    attendees: int
    of_pressure: int | None = None

    def __post_init__(self) -> None:
        assert self.known.place
        self._there = _Presence(self.known.place, self.attendees)
        shape = (1,) if self.of_pressure is None else (1, PRESSURE_COLUMNS)
        self._sliding = SlidingBlocks(shape, self.window_s, self.blocks, self.end_s, self._judge)
        self._time_s: list[float] = []
        self._value: list[float] = []
        self._spells: list[tuple[float, float]] = []

    def take(self, look: Look) -> None:
        """Take in a sampled time."""
        frame = look.frame
        near, weight = self.reader.weights(frame.x, frame.y)
        density = float(weight.sum() / self.reader.cover)
        if self.of_pressure is not None:
            vx, vy = look.velocity_x[near], look.velocity_y[near]
            known = np.isfinite(vx)
            vx, vy = np.where(known, vx, 0.0), np.where(known, vy, 0.0)
            squared = vx**2 + vy**2
            sums = weight @ np.column_stack([np.ones_like(vx), known, vx, vy, squared, np.sqrt(squared)])
        for block, lasts_s in self._sliding.parts(frame.time_s, look.lasts_s):
            if self.of_pressure is None:
                block[0] += density * lasts_s
            else:
                add_velocities(sums[None], np.array([density]), np.zeros(1, np.int64), lasts_s, block)
        step_s = self.window_s / self.blocks
        self._there.take(look, step_s * int(frame.time_s / step_s + SAME_TIME_S))

    def _judge(self, blocks: Float64, begins_s: float, lasts_s: float) -> None:
        value = float(blocks.sum() / lasts_s) if self.of_pressure is None else self._pressure(blocks, lasts_s)
        self._time_s.append(begins_s + lasts_s)
        self._value.append(value)
        if value > self.limit:
            self._spells.append((begins_s, begins_s + lasts_s))
            self._there.count(begins_s, begins_s + lasts_s)
        self._there.forget(begins_s)

    def _pressure(self, blocks: Float64, lasts_s: float) -> float:
        worst, when = np.full((2, 2, 1), np.nan, np.float32)
        judge_pressure(blocks, lasts_s, 0.0, np.ones(1, bool), PRESSURE_FROM_PER_M2, worst, when)
        return float(np.nan_to_num(worst[self.of_pressure or 0, 0]))

    def subject(self) -> Subject:
        """Return the subject with its series and people."""
        self._sliding.finish()
        assert self.known.series
        beyond = joined(self._spells)
        series = replace(self.known.series, time_s=np.array(self._time_s), value=np.array(self._value), beyond=beyond)
        return replace(self.known, series=series, people=self._there.people(), person_s=self._there.person_s(beyond))
