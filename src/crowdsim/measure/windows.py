"""Means over a sliding window in each cell: the worst minute of every place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.streams import judge_divergence
from crowdsim.kernels.windows import FILLING, add_moment, judge_window
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.maps import Peak
from crowdsim.measure.moments import Moment
from crowdsim.measure.sliding import SlidingBlocks
from crowdsim.record.recording import Recording

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

STEPS = 4
"""A window moves on by this part of its length (our choice: a peak as long as the window loses an eighth at most)."""

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
    filling : how fast flows fill each cell at most, inflow less outflow over area: minus the divergence of the mean
        flow [1/(m2 s)]; cells beside walls left out. Velocities not known yet, in the first sample, count as none.
    """

    window_s: float
    density: WindowMap
    specific_flow: WindowMap
    slowest: WindowMap
    least_flow: WindowMap
    filling: WindowMap

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        return {
            "window_s": self.window_s,
            "density": self.density.summary("max_per_m2", recording),
            "specific_flow": self.specific_flow.summary("max_per_m_s", recording),
            "speed_where_dense": self.slowest.summary("min_m_s", recording),
            "filling": self.filling.summary("max_per_m2_s", recording),
            "specific_flow_where_congested": self.least_flow.summary("min_per_m_s", recording),
        }


class WindowMeter:
    """Takes means over windows, one sampled time after another."""

    def __init__(self, grid: DensityGrid, window_s: float, end_s: float) -> None:
        size = grid.cover.size
        self._grid, self._window_s = grid, window_s
        self._blocks = SlidingBlocks((size, 5), window_s, STEPS, end_s, self._judge)
        self._worst, self._when = np.full((2, 5, size), np.nan, np.float32)

    def take(self, moment: Moment) -> None:
        """Take in a sampled time."""
        for block, lasts_s in self._blocks.parts(moment.step.frame.time_s, moment.lasts_s):
            add_moment(moment.sums, moment.density, moment.touched, lasts_s, block)

    def result(self) -> Windows:
        """Return the worst means of everything taken in."""
        self._blocks.finish()
        lowest = (False, False, True, True, False)
        maps = (worst_map(self._grid, self._worst[k], self._when[k], lowest=low) for k, low in enumerate(lowest))
        return Windows(self._window_s, *maps)

    def _judge(self, blocks: Float64, begins_s: float, window_s: float) -> None:
        counts = self._grid.walkable.ravel()
        judge_window(
            blocks, window_s, begins_s, counts, SLOW_FROM_PER_M2, CONGESTED_FROM_PER_M2, self._worst, self._when
        )
        edge, columns = self._grid.cell_m, self._grid.shape[1]
        worst, when = self._worst[FILLING], self._when[FILLING]
        judge_divergence(blocks, window_s, begins_s, counts, columns, edge, worst, when)


def worst_map(grid: DensityGrid, value: Float32, when: Float32, *, lowest: bool = False) -> WindowMap:
    """Return the map of the worst values (cells,), NaN where there is none, and of when their windows began."""
    worst = None
    if np.isfinite(value).any():
        cell = int(np.nanargmin(value) if lowest else np.nanargmax(value))
        worst = Peak(float(value[cell]), float(when[cell]), *grid.centre_of(cell))
    return WindowMap(value.reshape(grid.shape), when.reshape(grid.shape), worst)
