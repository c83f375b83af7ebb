"""Measures against figures known by hand, and against PedPy on the same data."""

import json
from collections import Counter

import numpy as np
import pedpy
import pytest
from scenes import area, line, rectangle, scenario
from shapely import LineString, Polygon, box

from crowdsim.measure import measure
from crowdsim.measure.flows import Flow, crossings
from crowdsim.measure.maps import DensityGrid, MapMeter
from crowdsim.measure.steps import Moves, Step, walk
from crowdsim.record.recording import Frame
from crowdsim.simulate import run


def lattice(density, width, depth):
    spacing = density**-0.5
    x, y = np.meshgrid(np.arange(spacing / 2, width, spacing), np.arange(spacing / 2, depth, spacing))
    return x.ravel(), y.ravel()


@pytest.mark.parametrize("density", [1.0, 4.0])
def test_a_uniform_crowd_has_its_density_up_to_the_walls(density):
    x, y = lattice(density, 20, 12)
    grid = DensityGrid(box(0, 0, 20, 12), cell_m=0.5, sd_m=1.0)
    (found,) = grid.spread(x, y, np.ones((x.size, 1)))
    assert found[grid.walkable] == pytest.approx(density, rel=0.03)


def test_spreading_conserves_people_away_from_walls():
    grid = DensityGrid(box(0, 0, 30, 30), cell_m=0.25, sd_m=0.5)
    (found,) = grid.spread(np.array([15.1, 13.3]), np.array([14.9, 16.2]), np.ones((2, 1)))
    # 1.1 % of a Gaussian lies beyond its cut-off at three standard deviations.
    assert found.sum() * 0.25**2 == pytest.approx(2.0, rel=0.015)


class Still:
    """A recording of a hall, as far as the map meter looks at it."""

    def __init__(self, smoothing=0.5):
        features = [area("hall", "walkable", rectangle(0, 0, 20, 20)), area("z", "zone", rectangle(0, 0, 20, 20))]
        features.append(line("out", "exit", (20, 9), (20, 11)))
        settings = {"smoothing_m": smoothing, "cell_m": 0.5, "flow_window_s": 60.0}
        self.scenario = scenario(features, {"a": {"start": "z", "count": 1}}, measure=settings)
        self.sample_interval_s = 0.5

        class Venue:
            walkable = box(0, 0, 20, 20)

        self.venue = Venue()


NO_MOVES = Moves(*[np.empty(0)] * 6)


def maps_of(x, y, vx, vy, smoothing=0.5):
    meter = MapMeter(Still(smoothing))
    frame = Frame(1.0, np.arange(x.size), x, y, np.hypot(vx, vy))
    meter.take(Step(frame, vx, vy, NO_MOVES))
    return meter.result()


def test_exposure_counts_person_seconds_above_each_density():
    x, y = lattice(4.5, 20, 20)
    maps = maps_of(x, y, np.zeros_like(x), np.zeros_like(x), smoothing=1.0)
    assert maps.exposure_by_level[4.0] == pytest.approx(0.5 * x.size, rel=0.02)
    assert maps.exposure_by_level[5.0] == 0
    assert maps.exposure_person_s.sum() == maps.exposure_by_level[4.0]


def test_pressure_is_density_times_the_variance_of_velocity_vectors():
    """Two streams against each other: means cancel, so the variance is v squared, not zero."""
    x, y = lattice(4.0, 20, 20)
    direction = np.where(np.arange(x.size) % 2, 1.0, -1.0)
    maps = maps_of(x, y, 0.5 * direction, np.zeros_like(x), smoothing=1.0)
    assert maps.pressure.value == pytest.approx(4.0 * 0.25, rel=0.1)
    together = maps_of(x, y, np.full_like(x, 0.5), np.zeros_like(x), smoothing=1.0)
    assert together.pressure.value == pytest.approx(0.0, abs=1e-9)


def test_a_crossing_is_counted_once_with_its_time_and_direction():
    door = LineString([(0, 0), (0, 2)])
    xs = [(-1.0, -0.2), (-0.2, 0.0), (0.0, 0.6), (0.6, -0.6)]
    found = []
    for k, (x0, x1) in enumerate(xs):
        moves = Moves(*(np.array([v]) for v in (x0, 1.0, float(k), x1, 1.0, float(k + 1))))
        times, right = crossings(door, moves)
        found += list(zip(times.tolist(), right.tolist(), strict=True))
    # From left of the line (x < 0 is left of its upward direction) to the right at 2 s, back at 3.5 s.
    assert found == [(2.0, True), (3.5, False)]


def test_moves_beside_a_line_do_not_cross_it():
    moves = Moves(*(np.array([v]) for v in (-1.0, 2.5, 0.0, 1.0, 2.5, 1.0)))
    assert crossings(LineString([(0, 0), (0, 2)]), moves)[0].size == 0


def test_flow_figures_of_evenly_spaced_crossings():
    flow = Flow("line", "line", np.arange(0.0, 120.0, 0.5), 240, 0, 2.0, 60.0)
    assert flow.mean_per_s == pytest.approx(2.0)
    assert flow.peak_per_s == pytest.approx(2.0, rel=0.01)
    assert flow.peak_specific_per_m_s == pytest.approx(1.0, rel=0.01)
    short = Flow("line", "line", np.arange(0.0, 10.0, 0.5), 20, 0, 2.0, 60.0)
    assert short.peak_per_s == short.mean_per_s == pytest.approx(2.0)


def test_a_run_conserves_people_everywhere(hall_run):
    people = hall_run.summary["attendees"]
    assert people == {"planned": 150, "entered": 150, "exited": 150, "inside": 0, "blocked": 0}
    assert hall_run.summary["flows"]["out"]["count"] == 150
    events = Counter(hall_run.recording.events()["event"].to_pylist())
    assert events == {"entered": 150, "started": 150, "exited": 150}


def test_every_way_is_followed_from_entering_to_the_exit(hall_run):
    length = np.zeros(150)
    last = {}
    for step in walk(hall_run.recording):
        moves = step.moves
        assert np.isfinite(np.array(moves)).all()
        assert (moves.t1 >= moves.t0).all()
        length[: moves.x0.size] += np.hypot(moves.x1 - moves.x0, moves.y1 - moves.y0)
        last.update(zip(step.frame.id.tolist(), step.frame.x.tolist(), strict=True))
    ends = hall_run.recording.events().to_pandas().query("event == 'exited'")
    assert (ends["x"] > 11.9).all()


def test_an_egress_curve_agrees_with_the_events(hall_run):
    exits = hall_run.recording.events().to_pandas().query("event == 'exited'")["time"].sort_values().to_numpy()
    summary = hall_run.summary
    assert summary["egress_time_s"] == exits[-1]
    assert summary["t50_s"] == exits[74]
    assert summary["t95_s"] == exits[142]
    assert summary["travel_time_s"]["max"] == pytest.approx(exits[-1])
    assert summary["delay_s"]["mean"] > 0


@pytest.fixture(scope="module")
def measured_corridor(tmp_path_factory):
    features = [
        area("corridor", "walkable", rectangle(0, 0, 20, 3)),
        area("crowd", "zone", rectangle(0, 0, 7, 3)),
        area("box", "measurement_area", rectangle(10, 0, 13, 3)),
        line("middle", "measurement_line", (12, 3), (12, 0)),
        line("door", "door", (15, 0), (15, 3), width_m=1.2, depth_m=0.2),
        line("out", "exit", (20, 0), (20, 3)),
    ]
    output = {"sample_interval_s": 0.2, "plots": False, "voronoi": True}
    scene = scenario(features, {"a": {"start": "crowd", "count": 60}}, output=output)
    return run(scene, tmp_path_factory.mktemp("runs") / "corridor")


def test_flows_and_classic_density_agree_with_pedpy(measured_corridor):
    recording = measured_corridor.recording
    trajectories = measured_corridor.trajectories().to_pedpy()
    measures = measure(recording)
    crossing = pedpy.compute_n_t(
        traj_data=trajectories, measurement_line=pedpy.MeasurementLine([(12, 3), (12, 0)])
    )[0]
    assert measures.flows["middle"].count == crossing["cumulative_pedestrians"].max() == 60
    assert measures.flows["middle"].backward in (0, 60)
    assert measures.flows["door"].count >= 60
    area_ = pedpy.MeasurementArea(Polygon(rectangle(10, 0, 13, 3)))
    density = pedpy.compute_classic_density(traj_data=trajectories, measurement_area=area_)
    ours = measures.areas["box"]
    theirs = density["density"].to_numpy()[np.rint(ours.time_s / 0.2).astype(int)]
    assert np.allclose(ours.density_per_m2, theirs)


def test_voronoi_density_is_there_when_asked_for(measured_corridor):
    figures = measured_corridor.summary["areas"]["box"]
    assert figures["voronoi_density_per_m2"] == pytest.approx(figures["mean_density_per_m2"], rel=0.35)


def test_the_summary_is_plain_json(hall_run):
    text = (hall_run.folder / "summary.json").read_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name)) == hall_run.summary
    expected = {
        "crowdsim_version", "scenario", "seed", "movement", "config_sha256", "attendees", "duration_s",
        "egress_time_s", "t50_s", "t95_s", "travel_time_s", "delay_s", "density", "exposure_person_s",
        "pressure", "flows", "queues", "criteria", "verdict", "performance",
    }  # fmt: skip
    assert expected <= set(hall_run.summary)
    assert set(hall_run.summary["exposure_person_s"]) == {"2", "3", "4", "5", "7"}
