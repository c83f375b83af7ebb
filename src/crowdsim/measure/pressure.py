"""Crowd pressure over a window of time, after Helbing, Johansson and Al-Abideen (2007)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.moments import WITHOUT_SPEED
from crowdsim.kernels.pressure import FLUCTUATION, PRESSURE, add_velocities, judge_pressure
from crowdsim.measure.maps import PRESSURE_FROM_PER_M2
from crowdsim.measure.moments import GridMoments
from crowdsim.measure.sliding import SlidingBlocks
from crowdsim.measure.steps import Step
from crowdsim.measure.windows import WindowMap, worst_map
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]

STEPS = 2
"""A window moves on by half its length (our choice)."""

CELLS_A_RADIUS = 2
"""Cells of the pressure's grid along its radius: the weights change by a third at most from one to the next."""

TURBULENCE_PER_S2 = 0.02
"""Fluctuation from which on crowds were turbulent in Mina on 12 January 2006 (Helbing, Johansson and Al-Abideen 2007,
Phys. Rev. E 75, 046109; taken from quotations, not from the paper itself)."""


@dataclass(frozen=True, slots=True)
class CrowdPressure:
    """Density times variance of the velocity vectors, over windows of time and around each cell [1/s2].

    Two readings of the paper's Var(V): that of everybody's velocities around a place, which two streams against each
    other have, too; and that of the mean velocity there from moment to moment, which is what the paper's onset of
    `TURBULENCE_PER_S2` is of. The first is never the smaller one where as many people are there all the time.

    Attributes
    ----------
    radius_m : R of the weights exp(-(r / R)^2), for densities and velocities.
    window_s : length of a window; it moves on by half of that.
    x_m, y_m, cell_m : centres of the columns and rows and edge of a cell of these maps [m]: coarser than others.
    pressure : of everybody's velocities.
    fluctuation : of the local mean velocity.
    """

    radius_m: float
    window_s: float
    x_m: Float64
    y_m: Float64
    cell_m: float
    pressure: WindowMap
    fluctuation: WindowMap

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        return {
            "radius_m": self.radius_m,
            "window_s": self.window_s,
            "pressure": self.pressure.summary("max_per_s2", recording),
            "fluctuation": self.fluctuation.summary("max_per_s2", recording),
        }


class PressureMeter:
    """Measures crowd pressure, one sampled time after another."""

    def __init__(self, recording: Recording) -> None:
        config = recording.scenario.config.measure
        self._radius_m, self._window_s = config.pressure_radius_m, config.pressure_window_s
        # exp(-(r / R)^2) is a Gaussian of standard deviation R / sqrt(2).
        cell_m, sd_m = self._radius_m / CELLS_A_RADIUS, self._radius_m / math.sqrt(2)
        self._moments = GridMoments(recording, cell_m, sd_m, WITHOUT_SPEED)
        size = self._moments.grid.cover.size
        self._blocks = SlidingBlocks((size, 9), self._window_s, STEPS, recording.simulated_s, self._judge)
        self._worst, self._when = np.full((2, 2, size), np.nan, np.float32)

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        if step.frame.id.size:
            moment = self._moments.at(step)
            for block, lasts_s in self._blocks.parts(step.frame.time_s, moment.lasts_s):
                add_velocities(moment.sums, moment.density, moment.touched, lasts_s, block)

    def result(self) -> CrowdPressure:
        """Return the pressures of everything taken in."""
        self._blocks.finish()
        grid = self._moments.grid
        maps = (worst_map(grid, self._worst[row], self._when[row]) for row in (PRESSURE, FLUCTUATION))
        return CrowdPressure(self._radius_m, self._window_s, *grid.centres, grid.cell_m, *maps)

    def _judge(self, blocks: Float64, begins_s: float, window_s: float) -> None:
        counts = self._moments.grid.walkable.ravel()
        judge_pressure(blocks, window_s, begins_s, counts, PRESSURE_FROM_PER_M2, self._worst, self._when)
