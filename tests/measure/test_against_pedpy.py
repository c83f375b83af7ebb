"""Densities, speeds, flows and pressures of a recorded run beside PedPy's and beside slow implementations.

The run is a simulated one; and with the environment variable CROWDSIM_EXPERIMENTS, a folder with the files of Hermes
2009 (doi:10.34735/ped.2009.14) named below, as PedPy's demonstration has them, the experiments, too.

PedPy 1.5 rounds the constants of its Gaussian to six digits, which is 7e-6 of a density.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pedpy
import pytest
from numpy.typing import NDArray
from scenes import area, line, rectangle, scenario
from shapely import Polygon, box

from crowdsim import run
from crowdsim.measure import Measures, measure
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import GridMoments
from crowdsim.measure.steps import Step, walk
from crowdsim.record import Recording
from measure.runs import Person, write_run

CELL_M, SD_M, INTERVAL_S, WINDOW_S = 0.5, 0.5, 0.5, 6.0
PEDPYS_SD_PER_WIDTH = 1 / 2.35482  # as PedPy has it
SINGLE = 1e-6  # maps of the worst window are in single precision; and of an even crowd of 1 /m2 so much is cut off

ROOM = "simulated room"
EXPERIMENTS = ("uo-145-180-180", "uo-180-180-120")
"""Corridors 1.8 m wide (Hermes 2009): widths of entrance, corridor and exit in cm; 1.6 and 2.1 people/m2."""

FRAMES_A_SECOND, CM = 16, 0.01
CORRIDOR = [(2.8, -6.5), (2.8, -4.0), (1.8, -4.0), (1.8, 4.0), (2.8, 4.0), (2.8, 8.0)]
CORRIDOR += [(-1.0, 8.0), (-1.0, 4.0), (0.0, 4.0), (0.0, -4.0), (-1.0, -4.0), (-1.0, -6.5)]
WHOLE_S = 300.0  # one window for the whole run

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    recording: Recording
    measures: Measures
    spot: tuple[float, float, float, float]
    line: list[tuple[float, float]]


def simulated_room(folder: Path) -> Measured:
    """A crowd of 2.6 /m2 leaves a room by a door of a metre: for thirty seconds it is dense before the door."""
    spot, across = (3.0, 2.0, 6.0, 5.0), [(7.5, 0.0), (7.5, 7.0)]
    features = [
        area("room", "walkable", rectangle(0, 0, 9, 7)),
        area("crowd", "zone", rectangle(0.3, 0.3, 8, 6.7)),
        area("spot", "measurement_area", rectangle(*spot)),
        line("middle", "measurement_line", *across),
        line("out", "exit", (9, 3), (9, 4)),
    ]
    config = {"output": {"voronoi": True, "plots": False}, "threads": 1}
    config["measure"] = {"pressure_window_s": WINDOW_S, "window_s": WHOLE_S}
    setting = scenario(features, {"all": {"start": "crowd", "count": 130}}, duration_s=30.0, **config)
    recording = run(setting, folder / "run").recording
    return Measured(recording, measure(recording), spot, across)


def experiment(folder: Path, name: str) -> Measured:
    """People walk down a corridor, along -y; heads as recorded, twice a second."""
    rows = np.loadtxt(Path(os.environ["CROWDSIM_EXPERIMENTS"]) / f"{name}.txt")
    until_s = math.floor(rows[:, 1].max() / FRAMES_A_SECOND / (WINDOW_S / 2)) * WINDOW_S / 2
    people = []
    for id in np.unique(rows[:, 0]):
        _, frame, x, y = rows[rows[:, 0] == id, :4].T
        way = zip(frame / FRAMES_A_SECOND, x * CM, y * CM, strict=True)
        people.append(Person(tuple((float(t), float(a), float(b)) for t, a, b in way), exit="out"))
    spot, across = (0.0, -2.0, 1.8, 0.0), [(0.0, 0.0), (1.8, 0.0)]
    features = [
        area("corridor", "walkable", CORRIDOR),
        area("crowd", "zone", rectangle(-0.5, 4.5, 2.5, 7.5)),
        area("spot", "measurement_area", rectangle(*spot)),
        line("middle", "measurement_line", *across),
        line("out", "exit", (-1.0, -6.5), (2.8, -6.5)),
    ]
    config = {"output": {"voronoi": True, "plots": False}}
    config["measure"] = {"pressure_window_s": WINDOW_S, "window_s": WHOLE_S}
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}}, **config)
    recording = write_run(folder / name, setting, people, until_s=until_s)
    return Measured(recording, measure(recording), spot, across)


@pytest.fixture(scope="module", params=[ROOM, *(EXPERIMENTS if os.environ.get("CROWDSIM_EXPERIMENTS") else ())])
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    folder = tmp_path_factory.mktemp("run")
    yield simulated_room(folder) if request.param == ROOM else experiment(folder, request.param)


@pytest.fixture(scope="module")
def steps(measured: Measured) -> list[Step]:
    return [step for step in walk(measured.recording) if step.frame.id.size]


def known_speeds(steps: list[Step]) -> pd.DataFrame:
    """Return who was where and how fast since the sample before, as PedPy takes it; no rows for whom it is unknown."""
    rows = [
        (round(step.frame.time_s / INTERVAL_S), *row)
        for step in steps
        for row in zip(
            step.frame.id, step.frame.x, step.frame.y, np.hypot(step.velocity_x, step.velocity_y), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=["frame", "id", "x", "y", "speed"]).dropna().reset_index(drop=True)


def profile_of(x: Array, y: Array) -> dict[str, Any]:
    """Return the grid of a map as PedPy is told it; its own rows begin at the top."""
    half = CELL_M / 2
    corners = (x[0] - half, y[0] - half, x[-1] + half, y[-1] + half)
    around = (corners[0] - 1, corners[1] - 1, corners[2] + 1, corners[3] + 1)
    return {
        "walkable_area": pedpy.WalkableArea(
            box(*around)
        ),  # PedPy's Gaussian knows no walls; ours is divided by a cover
        "axis_aligned_measurement_area": pedpy.AxisAlignedMeasurementArea(*corners),
        "grid_size": CELL_M,
    }


# ---------------------------------------------------------------- density
def test_classic_density_is_pedpys(measured: Measured) -> None:
    recording, measures = measured.recording, measured.measures
    theirs = pedpy.compute_classic_density(
        traj_data=recording.trajectories().to_pedpy(), measurement_area=pedpy.MeasurementArea(box(*measured.spot))
    )
    ours = measures.areas["spot"].density_per_m2
    assert ours.size == len(theirs)
    assert ours == pytest.approx(theirs["density"].to_numpy(), rel=1e-9)


def test_voronoi_density_is_pedpys_of_the_whole_room(measured: Measured) -> None:
    recording, measures = measured.recording, measured.measures
    walkable = recording.venue.walkable
    assert isinstance(walkable, Polygon)
    cells = pedpy.compute_individual_voronoi_polygons(
        traj_data=recording.trajectories().to_pedpy(),
        walkable_area=pedpy.WalkableArea(walkable),
        cut_off=pedpy.Cutoff(radius=1.0, quad_segments=3),
    )
    density, _ = pedpy.compute_voronoi_density(
        individual_voronoi_data=cells, measurement_area=pedpy.MeasurementArea(box(*measured.spot))
    )
    values = density["density"].to_numpy()
    ours = measures.areas["spot"].voronoi_density_per_m2
    assert ours == pytest.approx(values[values > 0].mean(), rel=1e-9)


def test_gaussian_densities_are_pedpys_over_the_share_of_walkable_ground(
    measured: Measured,
) -> None:
    recording, measures = measured.recording, measured.measures
    maps = measures.maps
    profiles = pedpy.compute_density_profile(
        data=recording.trajectories().to_pedpy().data,
        density_method=pedpy.DensityMethod.GAUSSIAN,
        gaussian_width=SD_M / PEDPYS_SD_PER_WIDTH,
        **profile_of(maps.x_m, maps.y_m),
    )
    cover = DensityGrid(recording.venue.walkable, CELL_M, SD_M).cover
    theirs = np.array(profiles)[:, ::-1] / cover
    inside = maps.walkable
    assert inside.sum() > 100
    assert maps.peak_density_per_m2[inside] == pytest.approx(theirs.max(axis=0)[inside], rel=2e-5, abs=SINGLE)
    assert maps.mean_density_per_m2[inside] == pytest.approx(theirs.mean(axis=0)[inside], rel=2e-5, abs=SINGLE)


# ---------------------------------------------------------------- speed
def test_pedpys_speeds_are_the_means_of_two_displacements(measured: Measured, steps: list[Step]) -> None:
    """Theirs is central, from a sample before to one after; ours of the displacement since the sample before."""
    theirs = pedpy.compute_individual_speed(
        traj_data=measured.recording.trajectories().to_pedpy(),
        frame_step=1,
        speed_calculation=pedpy.SpeedCalculation.BORDER_EXCLUDE,
    )
    ours = {
        (round(step.frame.time_s / INTERVAL_S), id): velocity
        for step in steps
        for id, *velocity in zip(step.frame.id, step.velocity_x, step.velocity_y, strict=True)
    }
    halves = np.array(
        [[ours[frame, id], ours[frame + 1, id]] for frame, id in zip(theirs.frame, theirs.id, strict=True)]
    )
    assert len(theirs) > 1000
    assert np.hypot(*halves.mean(axis=1).T) == pytest.approx(theirs["speed"].to_numpy(), abs=1e-9)


def test_an_areas_mean_speed_is_pedpys_of_these_speeds(measured: Measured, steps: list[Step]) -> None:
    speeds = known_speeds(steps)
    theirs = pedpy.compute_mean_speed_per_frame(
        traj_data=pedpy.TrajectoryData(speeds[["frame", "id", "x", "y"]], frame_rate=1 / INTERVAL_S),
        individual_speed=speeds[["frame", "id", "speed"]],
        measurement_area=pedpy.MeasurementArea(box(*measured.spot)),
    ).set_index("frame")["speed"]
    series = measured.measures.areas["spot"]
    known = np.isfinite(series.speed_m_s)
    frames = np.rint(series.time_s / INTERVAL_S).astype(int)
    assert known.sum() > 50
    assert not known[0]
    assert theirs[theirs > 0].index.tolist() == frames[known].tolist()  # 0 where nobody is
    assert series.speed_m_s[known] == pytest.approx(theirs[theirs > 0].to_numpy(), rel=1e-9)


def test_gaussian_speeds_are_pedpys(measured: Measured, steps: list[Step]) -> None:
    """At every sampled time, where at least a tenth of a person is in reach; theirs looks farther than we do."""
    moments = GridMoments(measured.recording, CELL_M, SD_M)
    speeds = known_speeds(steps)
    profiles = pedpy.compute_speed_profile(
        data=speeds,
        speed_method=pedpy.SpeedMethod.GAUSSIAN,
        gaussian_width=2 * math.sqrt(2 * math.log(2)) * SD_M,
        **profile_of(*moments.grid.centres),
    )
    told = [step for step in steps if np.isfinite(step.velocity_x).any()]
    assert len(profiles) == len(told) == speeds["frame"].nunique()
    for step, theirs in zip(told, profiles, strict=True):
        sums = moments.at(step).sums.reshape(*moments.grid.shape, -1)
        near = sums[..., 1] > 0.1
        ours = sums[near][:, 5] / sums[near][:, 1]
        assert ours == pytest.approx(theirs[::-1][near], abs=1e-5)


# ---------------------------------------------------------------- flow
def test_who_crosses_a_line_is_pedpys(measured: Measured) -> None:
    """PedPy counts everyone's first crossing, at the sample after it: we count every one, when it is.

    It leaves out those between the last two samples, or on the line at the last but one.
    """
    recording, measures = measured.recording, measured.measures
    n_t, crossed = pedpy.compute_n_t(
        traj_data=recording.trajectories().to_pedpy(), measurement_line=pedpy.MeasurementLine(measured.line)
    )
    ours = measures.flows["middle"]
    twice = min(ours.forward, ours.backward)  # crossings of those who had crossed before
    late = (ours.times_s >= recording.simulated_s - INTERVAL_S).sum()
    assert n_t["cumulative_pedestrians"].max() == len(crossed) == ours.count - 2 * twice - late
    firsts = np.sort(crossed["frame"].to_numpy()) * INTERVAL_S
    within = [(ours.times_s <= time).sum() - (firsts <= time).sum() for time in n_t["time"]]
    # One who went back and came again has crossed three times; who is on the line at a sample is theirs at the next.
    assert min(within) >= 0
    assert max(within) <= 2 * twice + 1 + late
    assert within[-1] == 2 * twice + late


def test_specific_flow_is_that_of_a_slow_implementation(measured: Measured, steps: list[Step]) -> None:
    recording, measures = measured.recording, measured.measures
    maps = measures.maps
    grid = DensityGrid(recording.venue.walkable, CELL_M, SD_M)
    flow, total, known = np.zeros((2, *grid.shape)), np.zeros(grid.shape), np.zeros(grid.shape)
    inside = maps.walkable  # but where there was nobody but newcomers, whose velocities are unknown
    for step in steps[:-1]:
        weight = gaussians(step, maps.x_m, maps.y_m, SD_M)
        density = weight.sum(axis=-1) / (2 * math.pi * SD_M**2) / grid.cover
        total += density * INTERVAL_S
        if (told := np.isfinite(step.velocity_x)).any():
            velocity = mean_velocity(weight[..., told], step, told)
            flow += density * velocity * INTERVAL_S
            known += density * INTERVAL_S
            inside = inside & ((weight[..., told].sum(axis=-1) > 1e-3 * weight.sum(axis=-1)) | (density < SINGLE))
    expected = np.hypot(*flow) * total / known / recording.simulated_s
    assert inside.sum() > 50
    assert measures.windows.density.value[inside] == pytest.approx(
        total[inside] / recording.simulated_s, rel=SINGLE, abs=SINGLE
    )
    assert measures.windows.specific_flow.value[inside] == pytest.approx(expected[inside], rel=SINGLE, abs=SINGLE)


# ---------------------------------------------------------------- pressure
def gaussians(step: Step, x: Array, y: Array, sd: float) -> Array:
    """Return exp(-d^2 / (2 sd^2)) of everyone from every point of a grid, (y, x, people): no cells, no cut-off."""
    return np.exp(-((step.frame.x - x[None, :, None]) ** 2 + (step.frame.y - y[:, None, None]) ** 2) / (2 * sd**2))


def mean_velocity(weight: Array, step: Step, told: NDArray[np.bool_]) -> Array:
    velocity = np.array([step.velocity_x[told], step.velocity_y[told]])
    return np.asarray(np.einsum("yxn,cn->cyx", weight, velocity) / weight.sum(axis=-1))


def test_pressures_are_those_of_a_slow_implementation(measured: Measured, steps: list[Step]) -> None:
    """Everywhere, in the worst of the windows, from all pairs of people and places."""
    recording, pressure = measured.recording, measured.measures.pressure
    x, y, radius = pressure.x_m, pressure.y_m, pressure.radius_m
    grid = DensityGrid(recording.venue.walkable, pressure.cell_m, radius / math.sqrt(2))
    expected = {"pressure": np.full(grid.shape, np.nan), "fluctuation": np.full(grid.shape, np.nan)}
    for begin in np.arange(0.0, recording.simulated_s - WINDOW_S + SINGLE, WINDOW_S / 2):
        density, weights, velocities, means = [], [], [], []
        for step in steps:
            if begin <= step.frame.time_s < begin + WINDOW_S:
                weight = gaussians(step, x, y, radius / math.sqrt(2))
                density.append(weight.sum(axis=-1) / (math.pi * radius**2) / grid.cover)
                if (told := np.isfinite(step.velocity_x)).any():
                    weights.append(weight[..., told])
                    velocities.append(np.array([step.velocity_x[told], step.velocity_y[told]]))
                    means.append(mean_velocity(weight[..., told], step, told))
        if not weights:
            continue
        weight, velocity = np.concatenate(weights, axis=-1), np.concatenate(velocities, axis=1)
        mean = np.einsum("yxn,cn->cyx", weight, velocity) / weight.sum(axis=-1)
        squared = sum((velocity[c] - mean[c][..., None]) ** 2 for c in range(2))
        spread = (weight * squared).sum(axis=-1) / weight.sum(axis=-1)
        mean_density = np.mean(density, axis=0)
        dense = grid.walkable & (mean_density >= 2.0)
        for name, value in (("pressure", spread), ("fluctuation", np.var(means, axis=0).sum(axis=0))):
            expected[name][dense] = np.fmax(expected[name], mean_density * value)[dense]
    assert np.isfinite(expected["pressure"]).sum() > 20
    assert pressure.pressure.value == pytest.approx(expected["pressure"], rel=SINGLE, nan_ok=True)
    assert pressure.fluctuation.value == pytest.approx(expected["fluctuation"], rel=SINGLE, nan_ok=True)
