"""CrowdQueue 2018, run 040_c_56_h-: 75 people pass an entrance gate 0.5 m wide; flow, time gaps, N-t curve."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedpy
import shapely
from numpy.typing import NDArray

import crowdsim as cs
from benchmarks.experiments.data import Source
from benchmarks.experiments.observables import crossings, flow_of_percentiles
from benchmarks.experiments.simulated import simulate
from crowdsim.scenario.bodies import clearance
from crowdsim.venue import build_venue

Float64 = NDArray[np.float64]

SCENARIO = "bottleneck_lab"
RUN = "040_c_56_h-"
DOI = "10.34735/ped.2018.1"
FRAME_RATE = 25.0
GATE_M = 0.5
LINE = pedpy.MeasurementLine([(0.25, 0), (-0.25, 0)])

QUANTITIES = ("flow [1/s]", "specific flow [1/(m s)]", "mean time gap [s]", "sd of time gaps [s]")
KNOWN = (1.160, 2.320, 0.871, 0.439)
"""Measured by this script with PedPy 1.5.1."""

WALL_MARGIN_M = 0.01
"""Heads that were nearer to a wall than a simulated body's centre can be are moved this far beyond that."""


@dataclass(frozen=True)
class Measured:
    """What was measured: figures by quantity, when each person crossed the line [s], how many stayed inside."""

    figures: dict[str, float]
    times_s: Float64
    stuck: int = 0


def source() -> Source:
    """Return where the run's file is."""
    return Source("bottleneck", RUN, FRAME_RATE, pedpy.TrajectoryUnit.METER, DOI)


def known() -> dict[str, float]:
    """Return the figures measured before."""
    return dict(zip(QUANTITIES, KNOWN, strict=True))


def measure_experiment(data: Path) -> Measured:
    """Measure the run's file."""
    trajectories = source().read(data)
    people = trajectories.data["id"].nunique()
    return _measure(trajectories, people, float(trajectories.data["frame"].max()))


def start_places(data: Path) -> Float64:
    """Return where the heads are in the first frame, (n, 2) [m], moved off the walls as far as bodies need."""
    frames = source().read(data).data
    heads = frames[frames["frame"] == frames["frame"].min()][["x", "y"]].to_numpy(float)
    scenario = cs.load_scenario(SCENARIO)
    room = shapely.buffer(build_venue(scenario).walkable, -clearance(scenario) - WALL_MARGIN_M)
    points = shapely.points(heads)
    nearest = shapely.shortest_line(points, room)
    return shapely.get_coordinates(shapely.get_point(nearest, 1))


def measure_simulation(seed: int, overrides: list[str], places: Float64 | None = None) -> Measured:
    """Simulate with a seed and measure.

    Parameters
    ----------
    places : where people stand at the start [m]; without, the scenario's start zone: the same area, so many people.
    """
    simulated = simulate(SCENARIO, [f"seed={seed}", *overrides], FRAME_RATE, places)
    return _measure(simulated.trajectories, simulated.people, simulated.last_frame, simulated.inside)


def _measure(trajectories: pedpy.TrajectoryData, people: int, last_frame: float, stuck: int = 0) -> Measured:
    crossed = np.array(list(crossings(trajectories, LINE).values()), float)
    times = np.sort(crossed) / FRAME_RATE
    flow = flow_of_percentiles(crossed, people, last_frame, FRAME_RATE)
    gaps = np.diff(times) if times.size > 1 else np.array([last_frame / FRAME_RATE])
    values = (flow, flow / GATE_M, float(gaps.mean()), float(gaps.std()))
    return Measured(dict(zip(QUANTITIES, values, strict=True)), times, stuck)
