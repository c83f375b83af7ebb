"""Density and speed in measurement areas, by hand and against PedPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedpy
import pytest
import shapely
from scenes import area, line, rectangle, scenario
from shapely import Point

from crowdsim.measure import measure
from crowdsim.record import Recording
from crowdsim.scenario.feature import Scenario
from measure.runs import Person, stander, write_run

BOX = rectangle(4, 1, 6, 3)


def corridor(*, voronoi: bool = False, two_rooms: bool = False) -> Scenario:
    features = [
        area("corridor", "walkable", rectangle(0, 0, 12, 4)),
        area("crowd", "zone", rectangle(0, 0, 2, 4)),
        line("out", "exit", (12, 0), (12, 4)),
        area("box", "measurement_area", BOX),
        area("edge", "measurement_area", rectangle(8, -1, 9, 1)),
    ]
    if two_rooms:
        features += [
            area("annexe", "walkable", rectangle(0, 6, 4, 9)),
            line("annexe_out", "exit", (4, 7), (4, 8)),
            area("annexe_box", "measurement_area", rectangle(1, 7, 3, 8)),
        ]
    return scenario(features, {"all": {"start": "crowd", "count": 1}}, output={"voronoi": voronoi})


def walkers(n: int = 40) -> list[Person]:
    rng = np.random.default_rng(2)
    times, speeds, places = rng.uniform(0, 10, n), rng.uniform(0.5, 1.6, n), rng.uniform(0.3, 3.7, n)
    return [
        Person(((t, 0.5, y), (t + 11.5 / v, 12.0, y)), exit="out")
        for t, v, y in zip(times, speeds, places, strict=True)
    ]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return write_run(tmp_path, corridor(), walkers(), until_s=40.0)


def test_classic_density_agrees_with_pedpy(recording: Recording) -> None:
    theirs = pedpy.compute_classic_density(
        traj_data=recording.trajectories().to_pedpy(), measurement_area=pedpy.MeasurementArea(BOX)
    ).set_index("frame")["density"]
    ours = measure(recording).areas["box"]
    assert ours.density_per_m2.max() > 1
    for time, density in zip(ours.time_s, ours.density_per_m2, strict=True):
        assert density == pytest.approx(theirs[round(time * 2)])


def test_the_part_of_an_area_behind_a_wall_does_not_count(tmp_path: Path) -> None:
    recording = write_run(tmp_path, corridor(), [stander(8.5, 0.5)], until_s=1.0)
    assert measure(recording).areas["edge"].density_per_m2 == pytest.approx(1.0)


def test_speed_is_the_mean_of_those_inside(tmp_path: Path) -> None:
    slow = Person(((0.0, 3.0, 2.0), (10.0, 8.0, 2.0)))
    fast = Person(((0.0, 2.0, 1.5), (5.0, 12.0, 1.5)))
    areas = measure(write_run(tmp_path, corridor(), [slow, fast], until_s=10.0)).areas
    speed = dict(zip(areas["box"].time_s, areas["box"].speed_m_s, strict=True))
    assert speed[1.5] == pytest.approx(2.0)  # only the fast one: at 5 m; the slow one at 3.75 m
    assert speed[2.5] == pytest.approx(0.5)  # only the slow one: at 4.25 m
    assert np.isnan(speed[0.0])
    # Sampled inside once (1.5 s) and seven times (2.5 to 5.5 s).
    assert areas["box"].summary()["mean_speed_m_s"] == pytest.approx((1 * 2.0 + 7 * 0.5) / 8)


def test_an_area_nobody_visits_has_no_speed(tmp_path: Path) -> None:
    summary = measure(write_run(tmp_path, corridor(), [stander(1, 1)], until_s=2.0)).areas["box"].summary()
    assert summary == {
        "mean_density_per_m2": 0.0,
        "max_density_per_m2": 0.0,
        "mean_speed_m_s": None,
        "voronoi_density_per_m2": None,
    }


def test_voronoi_density_agrees_with_pedpy_on_the_whole_run(tmp_path: Path) -> None:
    recording = write_run(tmp_path, corridor(voronoi=True), walkers(n=25), until_s=40.0)
    individual = pedpy.compute_individual_voronoi_polygons(
        traj_data=recording.trajectories().to_pedpy(),
        walkable_area=pedpy.WalkableArea(recording.venue.walkable),
        cut_off=pedpy.Cutoff(radius=1.0, quad_segments=3),
    )
    density, _ = pedpy.compute_voronoi_density(
        individual_voronoi_data=individual, measurement_area=pedpy.MeasurementArea(BOX)
    )
    values = density["density"].to_numpy()
    ours = measure(recording).areas["box"].summary()["voronoi_density_per_m2"]
    assert ours == pytest.approx(values[values > 0].mean(), rel=1e-6)


def test_voronoi_densities_in_rooms_that_do_not_touch(tmp_path: Path) -> None:
    people = [stander(x, y) for x in (1.5, 2.5) for y in (7.0, 8.0)]
    recording = write_run(tmp_path, corridor(voronoi=True, two_rooms=True), people, until_s=2.0)
    areas = measure(recording).areas
    # By symmetry every cell is the same, and a quarter of the box lies in each.
    cell = shapely.intersection(shapely.buffer(Point(1.5, 7.0), 1.0, quad_segs=3), shapely.box(0, 6, 2, 7.5))
    assert areas["annexe_box"].voronoi_density_per_m2 == pytest.approx(1 / cell.area)
    assert areas["box"].voronoi_density_per_m2 is None
