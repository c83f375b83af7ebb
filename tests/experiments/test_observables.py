"""The experiments' observables on paths whose density, speed, flow and lanes are known by hand."""

import numpy as np
import pandas as pd
import pedpy
import pytest

from benchmarks.experiments import observables
from benchmarks.experiments.simulated import to_frames

FRAME_RATE = 16.0
AREA = pedpy.MeasurementArea([(0, -2), (0, 0), (1.8, 0), (1.8, -2)])
LINE = pedpy.MeasurementLine([(0, 0), (1.8, 0)])


def walkers(starts_m, speed_m_s, seconds):
    """People walking towards -y from the starts given, in the middle of the corridor."""
    frames = np.arange(int(seconds * FRAME_RATE))
    parts = [
        pd.DataFrame({"id": k, "frame": frames, "x": 0.9, "y": start - speed_m_s * frames / FRAME_RATE})
        for k, start in enumerate(starts_m)
    ]
    return pedpy.TrajectoryData(data=pd.concat(parts, ignore_index=True), frame_rate=FRAME_RATE)


def test_a_file_of_people_a_metre_apart():
    """1 m apart at 1 m/s: two in the 2 m of the area, one a second over the line."""
    row = walkers(np.arange(40) + 0.51, 1.0, 40)
    steady = observables.area_series(row, AREA).between(5 * FRAME_RATE, 35 * FRAME_RATE)
    assert steady.density() == pytest.approx(2 / 3.6)
    assert steady.speed() == pytest.approx(1.0)
    crossed = np.array(list(observables.crossings(row, LINE).values()), float)
    assert crossed.size == 40
    flow = observables.flow_between(crossed, *observables.steady_frames(crossed, 40, np.inf, (0.2, 0.9)), FRAME_RATE)
    assert flow == pytest.approx(1.0, rel=0.04)  # 28 people between two crossings that count themselves
    assert observables.flow_of_percentiles(crossed, 40, np.inf, FRAME_RATE) == pytest.approx(1.0)


def test_empty_frames_count_for_the_density_and_not_for_the_speed():
    """One person is in the area for 2 of 10 s."""
    series = observables.area_series(walkers([2.0], 1.0, 10), AREA)
    share = np.isfinite(series.speed_m_s).mean()
    assert share == pytest.approx(0.2, abs=0.01)
    assert series.density() == pytest.approx(share / 3.6)
    assert series.speed() == pytest.approx(1.0)
    assert series.speed(empty_as_zero=True) == pytest.approx(share)


def test_nobody_there_is_no_density_and_no_speed():
    series = observables.area_series(walkers([50.0], 1.0, 10), AREA)
    assert (series.density(), series.speed()) == (0.0, 0.0)
    assert observables.crossings(walkers([50.0], 1.0, 10), LINE) == {}


def test_whoever_never_crosses_belongs_to_the_steady_state():
    crossed = np.arange(50.0)
    assert observables.steady_frames(crossed, 100, 1000.0, (0.2, 0.9)) == pytest.approx((19.8, 1000.0))
    assert observables.flow_between(crossed, 19.8, 1000.0, 1.0) == pytest.approx(30 / 980.2)
    # Of 100 people the 11th to the 50th came through, then nobody until the end: 39 gaps over 990 frames.
    assert observables.flow_of_percentiles(crossed, 100, 1000.0, 1.0) == pytest.approx(39 / 990)
    assert observables.flow_of_percentiles(crossed[:5], 100, 1000.0, 1.0) == 0.0


def test_the_percentile_flow_is_gaps_over_time():
    """75 people, one every half second: from the 8th to the 68th, 60 gaps over 30 s."""
    assert observables.flow_of_percentiles(np.arange(75) * 8.0, 75, np.inf, FRAME_RATE) == pytest.approx(2.0)


def test_lanes_by_hand():
    east = np.array([True, True, False, False])
    assert observables.lane_order(np.array([1.0, 1.1, 3.0, 3.1]), east) == 1.0
    assert observables.lane_order(np.array([1.0, 1.0, 1.0, 1.0]), east) == 0.0
    # Two of one way and one of the other abreast: (1/3)^2 for all; the fourth alone: 1.
    assert observables.lane_order(np.array([1.0, 1.0, 1.0, 3.0]), east) == pytest.approx((3 / 9 + 1) / 4)


def test_lanes_beyond_chance():
    rng = np.random.default_rng(3)
    y = rng.uniform(0, 4, 60)
    halves, mixed = y < 2, rng.random(60) < 0.5
    for eastbound, low, high in ((halves, 0.8, 1.0), (mixed, -0.2, 0.2)):
        by_chance = observables.lane_order_by_chance(y, eastbound, rng)
        assert low < observables.reduced(observables.lane_order(y, eastbound), by_chance) <= high
    assert observables.reduced(1.0, 1.0) == 0.0


def test_steps_become_frames():
    """Steps of 0.05 s at 16 frames/s: on a straight way at constant speed nothing is lost in between."""
    steps = np.tile(np.arange(3, 104), 2)
    ids = np.repeat(np.array([4, 9], np.int32), 101)
    shuffled = np.random.default_rng(1).permutation(ids.size)
    frames = to_frames(ids[shuffled], steps[shuffled], (0.1 * steps)[shuffled], -0.1 * steps[shuffled], 0.8)
    first = frames[frames["id"] == 4]
    assert first["frame"].tolist() == list(range(3, 83))  # step 3 is frame 2.4, step 103 frame 82.4
    np.testing.assert_allclose(frames["x"], frames["frame"] / 8)
    np.testing.assert_allclose(frames["y"], -frames["x"])
    assert frames["id"].unique().tolist() == [4, 9]
