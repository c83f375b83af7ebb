"""BaSiGo 2013, run bi_corr_400_b_03: two streams meet in a corridor 4 m wide; density, speed, flow, lanes.

Time zero of the simulation is frame 0 of the file: people come in by the experiment's clock, so both are measured
between the same times.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pedpy
from numpy.typing import NDArray

from benchmarks.experiments.data import Source
from benchmarks.experiments.observables import (
    Series,
    area_series,
    crossings,
    flow_between,
    lane_order,
    lane_order_by_chance,
    reduced,
)
from benchmarks.experiments.simulated import simulate

Float64 = NDArray[np.float64]

SCENARIO = "bidirectional_corridor"
RUN = "bi_corr_400_b_03"
DOI = "10.34735/ped.2013.5"  # probably: the file does not say
FRAME_RATE = 25.0
CORRIDOR_M = 4.0
AREA = pedpy.MeasurementArea([(-2, 0), (2, 0), (2, 4), (-2, 4)])
MIDDLE = pedpy.MeasurementLine([(0, 0), (0, 4)])
WEST, EAST = pedpy.MeasurementLine([(-4, 0), (-4, 4)]), pedpy.MeasurementLine([(4, 0), (4, 4)])
"""Lines near the ends, where those who come in are counted; all between them is where lanes are looked for."""

LANES_M = (-4.0, 4.0)

STEADY_S = (20.0, 115.0)
"""From when both streams have met and filled the corridor, until the last ones come in."""

LANES_EVERY = 25
"""Frames between two looks at the lanes: a second."""

SNAPSHOT_S = 60.0
"""When the picture of the lanes is taken: half way through the run."""

QUANTITIES = (
    "density [1/m2]",
    "speed [m/s]",
    "flow, both ways [1/s]",
    "specific flow [1/(m s)]",
    "entry from west [1/s]",
    "entry from east [1/s]",
    "lane order [-]",
    "lane order beyond chance [-]",
)
KNOWN = (1.006, 1.030, 4.084, 1.021, 1.937, 2.126, 0.817, 0.763)
"""Measured by this script with PedPy 1.5.1."""


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    figures : by quantity, between the times of the steady state.
    series : density and speed in the area, frame by frame, from the first frame on.
    snapshot : x, y and whether eastbound, of everyone at `SNAPSHOT_S`.
    """

    figures: dict[str, float]
    series: Series
    snapshot: pd.DataFrame
    stuck: int = 0


def source() -> Source:
    """Return where the run's file is."""
    return Source("bidirectional", RUN, FRAME_RATE, pedpy.TrajectoryUnit.CENTIMETER, DOI)


def known() -> dict[str, float]:
    """Return the figures measured before."""
    return dict(zip(QUANTITIES, KNOWN, strict=True))


def measure_experiment(data: Path) -> Measured:
    """Measure the run's file."""
    return _measure(source().read(data))


def measure_simulation(seed: int, overrides: list[str]) -> Measured:
    """Simulate with a seed and measure."""
    simulated = simulate(SCENARIO, [f"seed={seed}", *overrides], FRAME_RATE)
    return _measure(simulated.trajectories, simulated.inside)


def _measure(trajectories: pedpy.TrajectoryData, stuck: int = 0) -> Measured:
    places = trajectories.data[["id", "frame", "x", "y"]].copy()
    first_x = places.sort_values("frame").groupby("id")["x"].first()
    places["eastbound"] = places["id"].map(first_x < 0)
    first, last = (time * FRAME_RATE for time in STEADY_S)
    series = area_series(trajectories, AREA)
    steady = series.between(first, last)

    def flow(line: pedpy.MeasurementLine, *, eastbound: bool | None = None) -> float:
        frames = [
            frame
            for id, frame in crossings(trajectories, line).items()
            if eastbound is None or (first_x[id] < 0) == eastbound
        ]
        return flow_between(np.array(frames, float), first, last, FRAME_RATE)

    both = flow(MIDDLE)
    values = (
        steady.density(),
        steady.speed(),
        both,
        both / CORRIDOR_M,
        flow(WEST, eastbound=True),
        flow(EAST, eastbound=False),
        *lanes(places, first, last),
    )
    return Measured(
        dict(zip(QUANTITIES, values, strict=True)), series, places[places["frame"] == SNAPSHOT_S * FRAME_RATE], stuck
    )


def lanes(places: pd.DataFrame, first: float, last: float) -> tuple[float, float]:
    """Return the mean lane order between two frames, and how far it is beyond chance."""
    rng = np.random.default_rng(0)  # of the shuffles alone
    looked = places[places["frame"].between(first, last) & (places["frame"] % LANES_EVERY == 0)]
    looked = looked[looked["x"].between(*LANES_M)]
    orders = []
    for _, frame in looked.groupby("frame"):
        y, eastbound = frame["y"].to_numpy(), frame["eastbound"].to_numpy(bool)
        orders.append((lane_order(y, eastbound), lane_order_by_chance(y, eastbound, rng)))
    order, by_chance = np.mean(orders, axis=0) if orders else (0.0, 0.0)
    return float(order), reduced(float(order), float(by_chance))
