"""Densities, speeds, flows and pressures of a simulated run beside PedPy's and beside slow implementations.

PedPy 1.5 rounds the constants of its Gaussian to six digits, which is 7e-6 of a density.
"""

from __future__ import annotations

import math
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
from crowdsim.measure.steps import Step, walk
from crowdsim.record import Recording

SPOT = (3.0, 2.0, 6.0, 5.0)
LINE = [(7.5, 0.0), (7.5, 7.0)]
CELL_M, SD_M, INTERVAL_S, WINDOW_S = 0.5, 0.5, 0.5, 6.0
PEDPYS_SD_PER_WIDTH = 1 / 2.35482  # as PedPy has it
SINGLE = 1e-6  # maps of the worst window are in single precision; and of an even crowd of 1 /m2 so much is cut off

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Measures]:
    """A crowd of 2.6 /m2 leaves a room by a door of a metre: for thirty seconds it is dense before the door."""
    features = [
        area("room", "walkable", rectangle(0, 0, 9, 7)),
        area("crowd", "zone", rectangle(0.3, 0.3, 8, 6.7)),
        area("spot", "measurement_area", rectangle(*SPOT)),
        line("middle", "measurement_line", *LINE),
        line("out", "exit", (9, 3), (9, 4)),
    ]
    config = {"output": {"voronoi": True, "plots": False}, "measure": {"pressure_window_s": WINDOW_S}, "threads": 1}
    setting = scenario(features, {"all": {"start": "crowd", "count": 130}}, duration_s=30.0, **config)
    recording = run(setting, tmp_path_factory.mktemp("run") / "run").recording
    return recording, measure(recording)


@pytest.fixture(scope="module")
def steps(measured: tuple[Recording, Measures]) -> list[Step]:
    return [step for step in walk(measured[0]) if step.frame.id.size]


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
def test_classic_density_is_pedpys(measured: tuple[Recording, Measures]) -> None:
    recording, measures = measured
    theirs = pedpy.compute_classic_density(
        traj_data=recording.trajectories().to_pedpy(), measurement_area=pedpy.MeasurementArea(box(*SPOT))
    )
    ours = measures.areas["spot"].density_per_m2
    assert ours.size == len(theirs)
    assert ours == pytest.approx(theirs["density"].to_numpy(), rel=1e-9)


def test_voronoi_density_is_pedpys_of_the_whole_room(measured: tuple[Recording, Measures]) -> None:
    recording, measures = measured
    walkable = recording.venue.walkable
    assert isinstance(walkable, Polygon)
    cells = pedpy.compute_individual_voronoi_polygons(
        traj_data=recording.trajectories().to_pedpy(),
        walkable_area=pedpy.WalkableArea(walkable),
        cut_off=pedpy.Cutoff(radius=1.0, quad_segments=3),
    )
    density, _ = pedpy.compute_voronoi_density(
        individual_voronoi_data=cells, measurement_area=pedpy.MeasurementArea(box(*SPOT))
    )
    values = density["density"].to_numpy()
    ours = measures.areas["spot"].voronoi_density_per_m2
    assert ours == pytest.approx(values[values > 0].mean(), rel=1e-9)


def test_gaussian_densities_are_pedpys_over_the_share_of_walkable_ground(
    measured: tuple[Recording, Measures],
) -> None:
    recording, measures = measured
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
    assert inside.sum() > 14 * 18  # the room, and what of the exit is beyond its wall
    assert maps.peak_density_per_m2[inside] == pytest.approx(theirs.max(axis=0)[inside], rel=2e-5)
    assert maps.mean_density_per_m2[inside] == pytest.approx(theirs.mean(axis=0)[inside], rel=2e-5)


# ---------------------------------------------------------------- speed
def test_pedpys_speeds_are_the_means_of_two_displacements(
    measured: tuple[Recording, Measures], steps: list[Step]
) -> None:
    """Theirs is central, from a sample before to one after; ours of the displacement since the sample before."""
    theirs = pedpy.compute_individual_speed(
        traj_data=measured[0].trajectories().to_pedpy(),
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
    assert len(theirs) > 4000
    assert np.hypot(*halves.mean(axis=1).T) == pytest.approx(theirs["speed"].to_numpy(), abs=1e-9)


def test_an_areas_mean_speed_is_pedpys_of_these_speeds(measured: tuple[Recording, Measures], steps: list[Step]) -> None:
    speeds = known_speeds(steps)
    theirs = pedpy.compute_mean_speed_per_frame(
        traj_data=pedpy.TrajectoryData(speeds[["frame", "id", "x", "y"]], frame_rate=1 / INTERVAL_S),
        individual_speed=speeds[["frame", "id", "speed"]],
        measurement_area=pedpy.MeasurementArea(box(*SPOT)),
    )["speed"].to_numpy()
    series = measured[1].areas["spot"]
    assert np.isnan(series.speed_m_s[0])
    assert series.speed_m_s[1:] == pytest.approx(theirs, rel=1e-9)
    assert series.summary()["mean_speed_m_s"] == pytest.approx(theirs.mean(), rel=1e-9)


def test_gaussian_speeds_are_pedpys(measured: tuple[Recording, Measures], steps: list[Step]) -> None:
    """Mean speeds over the run's one window, weighted with the density of each moment."""
    maps, slowest = measured[1].maps, measured[1].windows.slowest.value
    speeds = known_speeds(steps)
    grid = profile_of(maps.x_m, maps.y_m)
    mean_speed = pedpy.compute_speed_profile(
        data=speeds,
        speed_method=pedpy.SpeedMethod.GAUSSIAN,
        gaussian_width=2 * math.sqrt(2 * math.log(2)) * SD_M,
        **grid,
    )
    density = pedpy.compute_density_profile(
        data=measured[0].trajectories().to_pedpy().data,
        density_method=pedpy.DensityMethod.GAUSSIAN,
        gaussian_width=SD_M / PEDPYS_SD_PER_WIDTH,
        **grid,
    )
    # The first sample has no speeds, and the last one, at the run's end, lasts no time.
    weight, speed = np.array(density)[1:-1, ::-1], np.array(mean_speed)[:-1, ::-1]
    expected = (weight * speed).sum(axis=0) / weight.sum(axis=0)
    dense = np.isfinite(slowest)
    assert dense.sum() > 20
    assert slowest[dense] == pytest.approx(expected[dense], rel=1e-5)


# ---------------------------------------------------------------- flow
def test_who_crosses_a_line_is_pedpys(measured: tuple[Recording, Measures]) -> None:
    """PedPy counts everyone's first crossing, at the sample after it: we count every one, when it is."""
    recording, measures = measured
    n_t, crossed = pedpy.compute_n_t(
        traj_data=recording.trajectories().to_pedpy(), measurement_line=pedpy.MeasurementLine(LINE)
    )
    ours = measures.flows["middle"]
    assert ours.backward == 1
    assert n_t["cumulative_pedestrians"].max() == len(crossed) == ours.forward - ours.backward
    firsts = np.sort(crossed["frame"].to_numpy()) * INTERVAL_S
    within = [(ours.times_s <= time).sum() - (firsts <= time).sum() for time in n_t["time"]]
    # One who went back and came again has crossed three times; who is on the line at a sample is theirs at the next.
    assert min(within) >= 0
    assert max(within) <= 3
    assert within[-1] == 2


def test_specific_flow_is_that_of_a_slow_implementation(
    measured: tuple[Recording, Measures], steps: list[Step]
) -> None:
    recording, measures = measured
    maps = measures.maps
    grid = DensityGrid(recording.venue.walkable, CELL_M, SD_M)
    flow, total, known = np.zeros((2, *grid.shape)), np.zeros(grid.shape), np.zeros(grid.shape)
    for step in steps[:-1]:
        weight = gaussians(step, maps.x_m, maps.y_m, SD_M)
        density = weight.sum(axis=-1) / (2 * math.pi * SD_M**2) / grid.cover
        total += density * INTERVAL_S
        if (told := np.isfinite(step.velocity_x)).any():
            velocity = mean_velocity(weight[..., told], step, told)
            flow += density * velocity * INTERVAL_S
            known += density * INTERVAL_S
    expected = np.hypot(*flow) * total / known / recording.simulated_s
    inside = maps.walkable
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


def test_pressures_are_those_of_a_slow_implementation(measured: tuple[Recording, Measures], steps: list[Step]) -> None:
    """Everywhere in the room, in the worst of the windows, from all pairs of people and places."""
    recording, pressure = measured[0], measured[1].pressure
    x, y, radius = pressure.x_m, pressure.y_m, pressure.radius_m
    grid = DensityGrid(recording.venue.walkable, pressure.cell_m, radius / math.sqrt(2))
    expected = {"pressure": np.full(grid.shape, np.nan), "fluctuation": np.full(grid.shape, np.nan)}
    for begin in np.arange(0.0, 25.0, WINDOW_S / 2):
        density, weights, velocities, means = [], [], [], []
        for step in steps:
            if begin <= step.frame.time_s < begin + WINDOW_S:
                weight = gaussians(step, x, y, radius / math.sqrt(2))
                density.append(weight.sum(axis=-1) / (math.pi * radius**2) / grid.cover)
                if (told := np.isfinite(step.velocity_x)).any():
                    weights.append(weight[..., told])
                    velocities.append(np.array([step.velocity_x[told], step.velocity_y[told]]))
                    means.append(mean_velocity(weight[..., told], step, told))
        weight, velocity = np.concatenate(weights, axis=-1), np.concatenate(velocities, axis=1)
        mean = np.einsum("yxn,cn->cyx", weight, velocity) / weight.sum(axis=-1)
        squared = sum((velocity[c] - mean[c][..., None]) ** 2 for c in range(2))
        spread = (weight * squared).sum(axis=-1) / weight.sum(axis=-1)
        mean_density = np.mean(density, axis=0)
        dense = grid.walkable & (mean_density >= 2.0)
        for name, value in (("pressure", spread), ("fluctuation", np.var(means, axis=0).sum(axis=0))):
            expected[name][dense] = np.fmax(expected[name], mean_density * value)[dense]
    assert np.isfinite(expected["pressure"]).sum() > 100
    assert pressure.pressure.value == pytest.approx(expected["pressure"], rel=SINGLE, nan_ok=True)
    assert pressure.fluctuation.value == pytest.approx(expected["fluctuation"], rel=SINGLE, nan_ok=True)
