"""What a run of two levels writes, and what is measured of it."""

import numpy as np
import pytest
import shapely
from levels import HIGH, LOW, RUN_M, on, person, two_halls, way
from scenes import line

from crowdsim.simulate import run

STAIR = way("stair", "stair", (12, 5), (12 + RUN_M, 5))
FAR = 12 + RUN_M
LINES = (
    *on(LOW, line("before_foot", "measurement_line", (11.5, 0), (11.5, 10))),
    *on(LOW, line("on_stair", "measurement_line", (16, 4), (16, 6))),
    *on(HIGH, line("after_head", "measurement_line", (FAR + 0.3, 0), (FAR + 0.3, 10))),
)


@pytest.fixture(scope="module", params=[False, True], ids=["up", "down"])
def result(request, tmp_path_factory):
    scene = two_halls(STAIR, count=40, down=request.param, features=LINES, profiles={"adult": person(1.3)})
    return run(scene, tmp_path_factory.mktemp("runs") / "levels"), request.param


def test_trajectories_are_in_the_plan_of_the_level(result):
    table = result[0].trajectories().table()
    level, x, y = (table[name].to_numpy() for name in ("level", "x", "y"))
    assert set(level) == {0, 1}
    assert (x[level == 0] <= FAR + 0.01).all()  # people on the stair are on the lower level
    assert (x[level == 1] >= FAR - 0.01).all()
    assert ((y > 0) & (y < 10)).all()


def test_everyone_crosses_every_line_on_the_way(result):
    """One way more often than the other by their number: in a jam some step back."""
    flows, down = result[0].summary["flows"], result[1]
    for name in ("before_foot", "on_stair", "after_head"):
        net = flows[name]["forward"] - flows[name]["backward"]
        assert net == (-40 if down else 40)
    assert flows["out"]["count"] == 40


def test_a_stair_counts_those_up_forward_and_those_down_backward(result):
    """Half-way, where a line across it counts the same."""
    flows, down = result[0].summary["flows"], result[1]
    stair, line_ = flows["stair"], flows["on_stair"]
    assert (stair["kind"], stair["width_m"]) == ("stair", pytest.approx(2.0))
    assert stair["forward"] - stair["backward"] == (-40 if down else 40)
    assert (stair["forward"], stair["backward"]) == (line_["forward"], line_["backward"])
    assert stair["mean_per_s"] == line_["mean_per_s"]


def test_density_is_told_with_its_level(result):
    at = result[0].summary["density"]["at"]
    assert at["level"] in (0, 1)
    inside = shapely.box(0, 0, FAR, 10) if at["level"] == 0 else shapely.box(FAR, 0, FAR + 14, 10)
    assert shapely.buffer(inside, 0.5).contains(shapely.Point(at["x"], at["y"]))


def test_nobody_is_faster_than_people_walk(result):
    """Not even where the level changes: displacement and flow go on over the seam."""
    recording = result[0].recording
    before = {}
    for frame in recording.frames():
        shift = recording.shift_m[frame.level]
        for id, x, y in zip(frame.id.tolist(), frame.x - shift[:, 0], frame.y - shift[:, 1], strict=True):
            if id in before:
                assert np.hypot(x - before[id][0], y - before[id][1]) <= 1.3 * recording.sample_interval_s + 0.02
            before[id] = (x, y)


def test_everyone_lies_on_the_floor_of_the_recordings_venue(result):
    recording = result[0].recording
    walkable = shapely.buffer(recording.venue.walkable, 0.01)
    for frame in recording.frames():
        assert shapely.contains_xy(walkable, frame.x, frame.y).all()


def test_pedpy_gets_levels_beside_each_other(result):
    recording = result[0].recording
    data = recording.trajectories().to_pedpy().data
    assert shapely.contains_xy(shapely.buffer(recording.venue.walkable, 0.01), data.x, data.y).all()
    assert data.y.max() - data.y.min() > 12


def test_the_run_can_be_repeated_from_its_folder(result, tmp_path):
    from crowdsim import load_scenario  # noqa: PLC0415

    again = run(load_scenario(result[0].folder / "config.yaml"), tmp_path / "again")
    first, second = (each.trajectories().table() for each in (result[0], again))
    assert first.equals(second)


def test_pictures_are_drawn(result):
    names = {path.name for path in (result[0].folder / "plots").iterdir()}
    assert {"plan.png", "density.png", "exposure.png", "egress.png", "flows.png"} <= names
