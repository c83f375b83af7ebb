"""Hermes 2009: one stream through a corridor 1.8 m wide, at four widths of its entrance and exit.

Density and speed in the area and flow over the line that PedPy's documentation uses for these runs, at the
experiment's 16 frames/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedpy

from benchmarks.experiments.data import Source
from benchmarks.experiments.observables import Series, area_series, crossings, flow_between, steady_frames
from benchmarks.experiments.simulated import simulate

SCENARIO = "hermes_corridor"
DOI = "10.34735/ped.2009.14"
FRAME_RATE = 16.0
CORRIDOR_M = 1.8
AREA = pedpy.MeasurementArea([(0, -2), (0, 0), (1.8, 0), (1.8, -2)])
LINE = pedpy.MeasurementLine([(0, 0), (1.8, 0)])

STEADY = (0.2, 0.9)
"""The simulation's steady state: between these shares of the people's crossings of the line. In the experiment the
frames chosen by hand begin after 5 to 19 % and end after 88 to 93 % of the crossings; of the rules tried (10, 15 and
20 to 80, 85 and 90 %) this one gives the figures nearest to those: within 3 %."""

QUANTITIES = ("density [1/m2]", "speed [m/s]", "flow [1/s]", "specific flow [1/(m s)]")


@dataclass(frozen=True)
class Run:
    """One run of the series.

    Attributes
    ----------
    entrance_m, exit_m, people : its boundary conditions.
    steady : first and last frame of its steady state.
    known : density, speed, flow and specific flow measured in it, over the frames with somebody in the area.
    """

    entrance_m: float
    exit_m: float
    people: int
    steady: tuple[int, int]
    known: tuple[float, float, float, float]

    def overrides(self) -> list[str]:
        """Return the keys that set the boundary conditions."""
        return [
            f"doors.entrance.width_m={self.entrance_m}",
            f"doors.exit.width_m={self.exit_m}",
            f"attendees.students.count={self.people}",
        ]


RUNS = {
    "uo-050-180-180": Run(0.50, 1.80, 61, (211, 800), (0.496, 1.342, 1.250, 0.694)),
    "uo-070-180-180": Run(0.70, 1.80, 111, (203, 1113), (0.673, 1.351, 1.635, 0.908)),
    "uo-145-180-180": Run(1.45, 1.80, 175, (300, 1097), (1.558, 1.007, 2.811, 1.562)),
    "uo-180-180-120": Run(1.80, 1.20, 170, (300, 1099), (2.056, 0.663, 2.403, 1.335)),
}
"""Figures measured by this script with PedPy 1.5.1."""


@dataclass(frozen=True)
class Measured:
    """What was measured in one run.

    Attributes
    ----------
    figures : by quantity, in the steady state.
    series : density and speed in the area, frame by frame, in the steady state.
    frames : the steady state.
    speed_empty_as_zero_m_s : the mean speed if frames with nobody in the area count as 0 m/s.
    """

    figures: dict[str, float]
    series: Series
    frames: tuple[float, float]
    speed_empty_as_zero_m_s: float
    stuck: int = 0


def source(run: str) -> Source:
    """Return where a run's file is."""
    return Source("unidirectional", run, FRAME_RATE, pedpy.TrajectoryUnit.CENTIMETER, DOI)


def known(run: str) -> dict[str, float]:
    """Return the figures measured before."""
    return dict(zip(QUANTITIES, RUNS[run].known, strict=True))


def measure_experiment(run: str, data: Path, *, by_rule: bool = False) -> Measured:
    """Measure a run's file, in the steady frames chosen by hand or, `by_rule`, in those of the simulation's rule."""
    trajectories = source(run).read(data)
    return _measure(trajectories, RUNS[run].people, np.inf, None if by_rule else RUNS[run].steady)


def measure_simulation(run: str, seed: int, overrides: list[str]) -> Measured:
    """Simulate a run with a seed and measure it."""
    simulated = simulate(SCENARIO, [*RUNS[run].overrides(), f"seed={seed}", *overrides], FRAME_RATE)
    return _measure(simulated.trajectories, simulated.people, simulated.last_frame, None, simulated.inside)


def _measure(
    trajectories: pedpy.TrajectoryData,
    people: int,
    last_frame: float,
    steady: tuple[int, int] | None,
    stuck: int = 0,
) -> Measured:
    crossed = np.array(list(crossings(trajectories, LINE).values()), float)
    first, last = steady or steady_frames(crossed, people, last_frame, STEADY)
    series = area_series(trajectories, AREA).between(first, last)
    flow = flow_between(crossed, first, last, FRAME_RATE)
    values = (series.density(), series.speed(), flow, flow / CORRIDOR_M)
    figures = dict(zip(QUANTITIES, values, strict=True))
    return Measured(figures, series, (first, last), series.speed(empty_as_zero=True), stuck)
