"""Streams that meet, counterflow and crossing; people who stop and go in a jam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.streams import COUNTERFLOW, CROSSING, SECTORS, add_ways, count_stops, judge_streams
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import Moment
from crowdsim.measure.windows import SLOW_FROM_PER_M2, WindowMap, worst_map
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]

LEAST_PASSINGS = 10
"""Shares of streams are taken where as much is walked in a window as so many people walk across nine cells (our
choice: of fewer, one person the other way is more than a tenth)."""

ACROSS_CELLS = 3
"""Cells across the square that shares of streams are taken over."""

STOPPED_M_S, GOING_M_S = 0.1, 0.3
"""Whoever gets slower than the first after having been faster than the second has stopped (our choice: between the two
people shuffle; the gap keeps one who wavers there from being counted again and again)."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Where streams meet and where people stop and go; maps as in `CrowdMaps`.

    Attributes
    ----------
    window_s : length of a window; one begins where the one before ends.
    counterflow : in each cell the highest share of the minor flow in both, along the axis of the main one: 0 one way,
        0.5 as many each way (the flow ratio of Feliciani and Nishinari 2016, Phys. Rev. E 94, 032304).
    crossing : the highest share of the flow across the main one in all (ours): 0.5 for two streams at right angles.
    stops : (rows, columns) how often somebody stopped in each cell, in a jam.
    jam_person_s : time that people spent in jams, where the density is at least `SLOW_FROM_PER_M2` [person-seconds].
    """

    window_s: float
    counterflow: WindowMap
    crossing: WindowMap
    stops: Float64
    jam_person_s: float

    @property
    def stops_per_person_min(self) -> float | None:
        """How often a person in a jam stops in a minute; None if there is none."""
        return float(self.stops.sum() * 60.0 / self.jam_person_s) if self.jam_person_s else None

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        return {
            "window_s": self.window_s,
            "counterflow": self.counterflow.summary("max_share", recording),
            "crossing": self.crossing.summary("max_share", recording),
            "stop_and_go": {"stops": int(self.stops.sum()), "per_person_min": self.stops_per_person_min},
        }


class StreamMeter:
    """Follows streams and stops, one sampled time after another."""

    def __init__(self, recording: Recording, grid: DensityGrid) -> None:
        size = grid.cover.size
        self._grid, self._window_s = grid, recording.scenario.config.measure.window_s
        self._interval_s = recording.sample_interval_s
        self._walked = np.zeros((size, SECTORS))
        self._worst, self._when = np.full((2, 2, size), np.nan, np.float32)
        self._number = 0  # of the window being filled
        self._going = np.zeros(recording.attendees.num_rows, bool)
        self._stops = np.zeros(size)
        self._jam_s = 0.0

    def take(self, moment: Moment) -> None:
        """Take in a sampled time: the ways walked since the one before."""
        step = moment.step
        number = int(max(step.frame.time_s - self._interval_s / 2, 0.0) / self._window_s)
        if number != self._number:
            self._settle()
            self._number = number
        add_ways(moment.cell, step.velocity_x, step.velocity_y, self._interval_s, self._walked)
        jammed = moment.around >= SLOW_FROM_PER_M2
        self._jam_s += moment.lasts_s * int(jammed.sum())
        speeds, going = (STOPPED_M_S, GOING_M_S), self._going
        count_stops(step.frame.id, moment.cell, step.velocity_x, step.velocity_y, jammed, speeds, going, self._stops)

    def result(self) -> Streams:
        """Return what was found in everything taken in."""
        self._settle()
        counterflow, crossing = (
            worst_map(self._grid, self._worst[row], self._when[row]) for row in (COUNTERFLOW, CROSSING)
        )
        return Streams(self._window_s, counterflow, crossing, self._stops.reshape(self._grid.shape), self._jam_s)

    def _settle(self) -> None:
        least_m = LEAST_PASSINGS * ACROSS_CELLS * self._grid.cell_m
        counts, columns = self._grid.walkable.ravel(), self._grid.shape[1]
        begins_s = self._number * self._window_s
        judge_streams(self._walked, columns, begins_s, counts, least_m, self._worst, self._when)
        self._walked[:] = 0.0
