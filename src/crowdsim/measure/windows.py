"""Means over a sliding window in each cell: the worst minute of every place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.windows import add_moment, judge_window
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.maps import Peak
from crowdsim.measure.moments import Moment
from crowdsim.record.recording import Recording

Float32 = NDArray[np.float32]

STEPS = 4
"""A window moves on by this part of its length (our choice: a peak as long as the window loses an eighth at most)."""

ROUNDING = 1e-9
"""A time at which a block begins belongs to it, whatever the rounding."""

SLOW_FROM_PER_M2 = 2.0
"""The lowest speed is looked for where the mean density is at least this: two people on a square metre cannot walk
freely any more (Fruin 1971: walkways below 5 square feet, 2.15 /m2, are at level of service F)."""

CONGESTED_FROM_PER_M2 = 4.0
"""The lowest flow is looked for where the mean density is at least this: Still's limit for moving crowds. A low flow
elsewhere says that few people come."""


@dataclass(frozen=True, slots=True)
class WindowMap:
    """The worst mean of a quantity over a window, in each cell; maps as in `CrowdMaps`.

    Attributes
    ----------
    value : (rows, columns) worst mean; NaN where there is none.
    begins_s : (rows, columns) when that window began [s]; NaN likewise.
    worst : the worst of all and the middle of its cell; None if there is none. Its time is when the window began.
    """

    value: Float32
    begins_s: Float32
    worst: Peak | None

    def summary(self, key: str, recording: Recording) -> dict[str, Any]:
        """Return the worst value under a key, and where and when, as in `summary.json`."""
        at = self.worst.at(recording) if self.worst else None
        return {key: self.worst.value if self.worst else None, "at": at}


@dataclass(frozen=True, slots=True)
class Windows:
    """Worst means over windows, in each cell.

    Attributes
    ----------
    window_s : length of a window [s]; it moves on by a quarter of that. The last one of a run may be up to a quarter
        shorter; a run shorter than a window is one window.
    density : highest mean density [1/m2].
    specific_flow : highest magnitude of the mean of density times velocity [1/(m s)].
    slowest : lowest mean speed of the people there, where the mean density is at least `SLOW_FROM_PER_M2` [m/s].
    least_flow : lowest specific flow where it is at least `CONGESTED_FROM_PER_M2` [1/(m s)].
    """

    window_s: float
    density: WindowMap
    specific_flow: WindowMap
    slowest: WindowMap
    least_flow: WindowMap

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        return {
            "window_s": self.window_s,
            "density": self.density.summary("max_per_m2", recording),
            "specific_flow": self.specific_flow.summary("max_per_m_s", recording),
            "speed_where_dense": self.slowest.summary("min_m_s", recording),
            "specific_flow_where_congested": self.least_flow.summary("min_per_m_s", recording),
        }


class WindowMeter:
    """Takes means over windows, one sampled time after another; keeps `STEPS` blocks of time."""

    def __init__(self, grid: DensityGrid, window_s: float, end_s: float) -> None:
        size = grid.cover.size
        self._grid, self._window_s, self._end_s = grid, window_s, end_s
        self._block_s = window_s / STEPS
        self._blocks = np.zeros((STEPS, size, 5))
        self._block = 0  # number of the one being filled
        self._worst, self._when = np.full((2, 4, size), np.nan, np.float32)

    def take(self, moment: Moment) -> None:
        """Take in a sampled time; what it holds may last into the next block."""
        begin_s, left_s = moment.step.frame.time_s, moment.lasts_s
        while left_s > 0:
            self._go_to(int(begin_s / self._block_s + ROUNDING))
            here_s = min(left_s, (self._block + 1) * self._block_s - begin_s)
            self._add(moment, here_s)
            begin_s, left_s = begin_s + here_s, left_s - here_s

    def _add(self, moment: Moment, lasts_s: float) -> None:
        add_moment(moment.sums, moment.density, moment.touched, lasts_s, self._blocks[self._block % STEPS])

    def _go_to(self, block: int) -> None:
        """Close the blocks before one."""
        for number in range(self._block, min(block, self._block + 2 * STEPS)):
            self._close(number, (number + 1) * self._block_s)
            self._blocks[(number + 1) % STEPS] = 0.0
        self._block = max(block, self._block)

    def _close(self, number: int, end_s: float) -> None:
        begin_s = max(number + 1 - STEPS, 0) * self._block_s
        if number >= STEPS - 1 or end_s >= self._end_s:
            self._judge(begin_s, end_s - begin_s)

    def _judge(self, begins_s: float, window_s: float) -> None:
        judge_window(
            self._blocks,
            window_s,
            begins_s,
            self._grid.walkable.ravel(),
            SLOW_FROM_PER_M2,
            CONGESTED_FROM_PER_M2,
            self._worst,
            self._when,
        )

    def result(self) -> Windows:
        """Return the worst means of everything taken in."""
        if self._end_s > self._block * self._block_s:
            self._go_to(int(self._end_s / self._block_s + ROUNDING))
            if self._end_s > self._block * self._block_s:
                self._close(self._block, self._end_s)
        lowest = (False, False, True, True)
        return Windows(self._window_s, *(self._map(k, lowest=low) for k, low in enumerate(lowest)))

    def _map(self, row: int, *, lowest: bool) -> WindowMap:
        value, when = self._worst[row], self._when[row]
        worst = None
        if np.isfinite(value).any():
            cell = int(np.nanargmin(value) if lowest else np.nanargmax(value))
            worst = Peak(float(value[cell]), float(when[cell]), *self._grid.centre_of(cell))
        shape = self._grid.shape
        return WindowMap(value.reshape(shape), when.reshape(shape), worst)
