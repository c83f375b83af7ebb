"""Densities, speeds and pressures of a simulated run beside PedPy's and beside slow implementations."""

from __future__ import annotations

import math

import numpy as np
import pedpy
import pytest
from scenes import area, line, rectangle, scenario
from shapely import Polygon, box

from crowdsim import run
from crowdsim.measure import Measures, measure
from crowdsim.record import Recording

SPOT = (3.0, 2.0, 6.0, 5.0)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Measures]:
    """A crowd of 2.6 /m2 leaves a room by a door of a metre: for forty seconds it is dense before the door."""
    features = [
        area("room", "walkable", rectangle(0, 0, 9, 7)),
        area("crowd", "zone", rectangle(0.3, 0.3, 8, 6.7)),
        area("spot", "measurement_area", rectangle(*SPOT)),
        line("out", "exit", (9, 3), (9, 4)),
    ]
    config = {"output": {"voronoi": True, "plots": False}, "measure": {"pressure_window_s": 6.0}, "threads": 1}
    setting = scenario(features, {"all": {"start": "crowd", "count": 130}}, duration_s=30.0, **config)
    recording = run(setting, tmp_path_factory.mktemp("run") / "run").recording
    return recording, measure(recording)


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
    assert ours == pytest.approx(values[values > 0].mean(), rel=0.02)


def test_gaussian_density_is_the_voronoi_one_over_the_area(measured: tuple[Recording, Measures]) -> None:
    _, measures = measured
    maps, series = measures.maps, measures.areas["spot"]
    x, y = np.meshgrid(maps.x_m, maps.y_m)
    inside = (x > SPOT[0]) & (x < SPOT[2]) & (y > SPOT[1]) & (y < SPOT[3])
    gaussian = maps.mean_density_per_m2[inside].mean()
    # Both are means over the same thirty seconds, the area never being empty; the Gaussian looks 0.5 m beyond its edge.
    assert (series.density_per_m2 > 0).all()
    assert series.voronoi_density_per_m2 == pytest.approx(gaussian, rel=0.05)


def test_pressure_is_that_of_a_slow_implementation(measured: tuple[Recording, Measures]) -> None:
    recording, measures = measured
    pressure = measures.pressure
    frames = list(recording.frames())
    row, column = (int(np.abs(c - v).argmin()) for c, v in ((pressure.y_m, 3.5), (pressure.x_m, 5.0)))
    x, y = pressure.x_m[column], pressure.y_m[row]
    best = {"pressure": 0.0, "fluctuation": 0.0}
    for begin in range(0, 25, 3):
        density, weights, velocities, means = [], [], [], []
        for k, frame in enumerate(frames):
            if not begin <= frame.time_s < begin + 6:
                continue
            weight = np.exp(-((frame.x - x) ** 2) - (frame.y - y) ** 2)
            density.append(weight.sum() / math.pi)
            before = {i: (a, b) for i, a, b in zip(*frames[k - 1][1:4], strict=True)} if k else {}
            known = [j for j, i in enumerate(frame.id) if i in before]
            if known:
                was = np.array([before[i] for i in frame.id[known]])
                velocity = (np.column_stack([frame.x, frame.y])[known] - was) / 0.5
                velocities.append(velocity)
                weights.append(weight[known])
                means.append(np.average(velocity, axis=0, weights=weight[known]))
        every, weight = np.concatenate(velocities), np.concatenate(weights)
        mean = np.average(every, axis=0, weights=weight)
        spread = np.average(((every - mean) ** 2).sum(axis=1), weights=weight)
        if np.mean(density) >= 2.0:
            best["pressure"] = max(best["pressure"], np.mean(density) * spread)
            best["fluctuation"] = max(best["fluctuation"], np.mean(density) * np.array(means).var(axis=0).sum())
    assert best["pressure"] > 0
    # Theirs is at points, ours of cells of half a metre.
    assert pressure.pressure.value[row, column] == pytest.approx(best["pressure"], rel=0.08)
    assert pressure.fluctuation.value[row, column] == pytest.approx(best["fluctuation"], rel=0.08)
