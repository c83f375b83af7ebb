"""Crossings and flows of people whose ways are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import area, hall, line, rectangle, scenario
from shapely import LineString

from crowdsim.measure import Flow, measure
from crowdsim.measure.flows import crossings
from crowdsim.measure.steps import Moves
from crowdsim.scenario.feature import Feature, Scenario
from measure.runs import Person, stander, write_run


def corridor(*more: Feature, **config: object) -> Scenario:
    """Return a corridor 20 m x 4 m with a line across its middle and an exit on its right end."""
    features = [
        area("corridor", "walkable", rectangle(0, 0, 20, 4)),
        area("crowd", "zone", rectangle(0, 0, 2, 4)),
        line("out", "exit", (20, 0), (20, 4)),
        line("middle", "measurement_line", (10, 0), (10, 4)),
        *more,
    ]
    return scenario(features, {"all": {"start": "crowd", "count": 1}}, **config)


def walker(from_s: float, speed: float, y: float = 2.0, start: float = 1.0) -> Person:
    return Person(((from_s, start, y), (from_s + (20 - start) / speed, 20.0, y)), exit="out")


def flows_of(folder: Path, setting: Scenario, people: list[Person], until_s: float = 200.0) -> dict[str, Flow]:
    return measure(write_run(folder, setting, people, until_s=until_s)).flows


def a_flow(times: list[float], *, width_m: float = 2.0, window_s: float = 10.0) -> Flow:
    return Flow("gate", "exit", np.array(times), len(times), 0, width_m, window_s)


# ---------------------------------------------------------------- when
def test_a_line_is_crossed_at_the_known_time(tmp_path: Path) -> None:
    flow = flows_of(tmp_path, corridor(), [walker(0.0, 1.3), walker(3.3, 0.7)])["middle"]
    assert flow.times_s == pytest.approx([9 / 1.3, 3.3 + 9 / 0.7], abs=1e-5)
    assert (flow.kind, flow.width_m) == ("line", 4.0)


def test_an_exit_has_the_exact_times(tmp_path: Path) -> None:
    flow = flows_of(tmp_path, corridor(), [walker(0.0, 1.3), walker(3.3, 0.7)])["out"]
    assert flow.times_s.tolist() == [19 / 1.3, 3.3 + 19 / 0.7]
    assert (flow.kind, flow.count, flow.width_m) == ("exit", 2, 4.0)


def test_a_line_right_before_the_exit_loses_nobody(tmp_path: Path) -> None:
    last = line("last", "measurement_line", (19.95, 0), (19.95, 4))
    flow = flows_of(tmp_path, corridor(last), [walker(0.1 * k, 1.3) for k in range(40)])["last"]
    assert flow.times_s == pytest.approx([0.1 * k + 18.95 / 1.3 for k in range(40)], abs=1e-4)


def test_a_line_right_behind_the_start_loses_nobody(tmp_path: Path) -> None:
    first = line("first", "measurement_line", (1.05, 0), (1.05, 4))
    flow = flows_of(tmp_path, corridor(first), [walker(0.1 * k, 1.3) for k in range(40)])["first"]
    assert flow.times_s == pytest.approx([0.1 * k + 0.05 / 1.3 for k in range(40)], abs=1e-4)


def test_who_is_never_sampled_is_counted(tmp_path: Path) -> None:
    near = line("near", "measurement_line", (19.9, 0), (19.9, 4))
    flows = flows_of(tmp_path, corridor(near), [walker(0.1, 1.0, start=19.8), stander(3, 3)])
    assert flows["near"].times_s == pytest.approx([0.2], abs=1e-5)
    assert flows["near"].count == flows["out"].count == 1


def test_only_who_passes_the_line_itself_counts(tmp_path: Path) -> None:
    short = line("short", "measurement_line", (15, 1), (15, 3))
    people = [walker(0.0, 1.0, y) for y in (0.5, 0.9, 1.1, 2.9, 3.1)]
    assert flows_of(tmp_path, corridor(short), people)["short"].count == 2


def test_passing_slantwise_beside_either_end_does_not_count() -> None:
    # All four ways overlap the line's bounding box; only the second and third meet the line.
    y0, y1 = np.array([0.0, 0.8, 1.2, 1.8]), np.array([1.8, 2.2, 2.6, 3.6])
    moves = Moves(np.full(4, 4.0), y0, np.zeros(4), np.full(4, 6.0), y1, np.ones(4))
    met = (y0 + y1) / 2  # where they pass x = 5
    assert met.tolist() == [0.9, 1.5, 1.9, 2.7]
    times, _ = crossings(LineString([(5, 1), (5, 2.5)]), moves)
    assert times.tolist() == [0.5, 0.5]


def test_those_who_leave_after_the_last_sample_keep_their_own_ways(tmp_path: Path) -> None:
    low = line("low", "measurement_line", (19.5, 0), (19.5, 2))
    high = line("high", "measurement_line", (19.5, 2), (19.5, 4))
    people = [
        Person(((0.0, 1.0, 1.0), (19.25, 20.0, 1.0)), exit="out"),
        Person(((10.0, 19.0, 1.0), (19.3, 19.0, 1.0), (19.4, 20.0, 1.0)), exit="out"),
        Person(((10.0, 19.0, 3.0), (19.2, 19.0, 3.0), (19.4, 20.0, 3.0)), exit="out"),
        Person(((19.1, 19.0, 3.5), (19.2, 20.0, 3.5)), exit="out"),  # never sampled
    ]
    flows = flows_of(tmp_path, corridor(low, high), people, until_s=19.4)
    # Between the last sample, at 19.0 s, and the exit, the way is taken as straight and even.
    assert flows["low"].times_s == pytest.approx([18.5 * 19.25 / 19, 19.2], abs=1e-3)
    assert flows["high"].times_s == pytest.approx([19.15, 19.2], abs=1e-3)


# ---------------------------------------------------------------- which way
def test_there_and_back_counts_both_ways(tmp_path: Path) -> None:
    wanderer = Person(((0.0, 5.0, 2.0), (10.0, 15.0, 2.0), (30.0, 5.0, 2.0)))
    flow = flows_of(tmp_path, corridor(), [wanderer])["middle"]
    assert (flow.count, flow.forward, flow.backward) == (2, 1, 1)
    assert flow.times_s == pytest.approx([5.0, 20.0], abs=1e-5)


def test_forward_is_from_the_lines_left_to_its_right(tmp_path: Path) -> None:
    # The middle line is drawn upward: its left is at smaller x.
    flow = flows_of(tmp_path, corridor(), [walker(0.0, 1.0)])["middle"]
    assert (flow.forward, flow.backward) == (1, 0)


@given(
    way=st.lists(
        st.tuples(st.sampled_from([4.0, 4.5, 5.0, 5.5, 6.0]), st.sampled_from([0.5, 1.0, 1.5])),
        min_size=2,
        max_size=12,
    )
)
def test_crossings_balance_with_the_side_one_is_on(way: list[tuple[float, float]]) -> None:
    # Also for samples exactly on the line, which count as right of it.
    x, y = np.array(way).T
    steps = np.arange(x.size, dtype=float)
    moves = Moves(x[:-1], y[:-1], steps[:-1], x[1:], y[1:], steps[1:])
    _, forward = crossings(LineString([(5, 0), (5, 2)]), moves)
    assert forward.sum() - (~forward).sum() == int(x[-1] >= 5) - int(x[0] >= 5)


def test_a_bent_line_counts_each_passage_once() -> None:
    bent = LineString([(0, 0), (2, 0), (2, 2), (4, 2)])
    y = np.array([0.3, 1.0, 1.7])
    moves = Moves(np.full(3, 1.0), y, np.zeros(3), np.full(3, 3.0), y, np.ones(3))
    times, forward = crossings(bent, moves)
    assert times == pytest.approx([0.5, 0.5, 0.5])
    assert forward.all() or not forward.any()


# ---------------------------------------------------------------- doors
def test_doors_are_measured_while_open(tmp_path: Path) -> None:
    features = [
        area("left", "walkable", rectangle(0, 0, 5, 4)),
        area("right", "walkable", rectangle(5.2, 0, 10, 4)),
        area("crowd", "zone", rectangle(0, 0, 2, 4)),
        line("out", "exit", (10, 1), (10, 3)),
        line("north", "door", (5.1, 2.6), (5.1, 3.8), depth_m=0.3),
        line("south", "door", (5.1, 0.2), (5.1, 1.4), depth_m=0.3),
    ]
    setting = scenario(
        features, {"all": {"start": "crowd", "count": 1}}, doors={"south": {"open": False, "width_m": 1.2}}
    )
    passing = Person(((0.0, 1.0, 3.2), (9.0, 10.0, 3.2)), exit="out")
    flows = flows_of(tmp_path, setting, [passing], until_s=10.0)
    assert set(flows) == {"north", "out"}
    assert flows["north"].times_s == pytest.approx([4.1], abs=1e-5)
    assert flows["north"].width_m == pytest.approx(1.2)


def test_exits_are_told_apart_and_closed_ones_left_out(tmp_path: Path) -> None:
    extra = [line("top", "exit", (4, 4), (6, 4)), line("shut", "exit", (8, 4), (9, 4), open=False)]
    up = Person(((0.0, 5.0, 2.0), (2.0, 5.0, 4.0)), exit="top")
    flows = flows_of(tmp_path, corridor(*extra), [walker(0.0, 1.0), up, walker(1.0, 1.0)])
    assert {name: flow.count for name, flow in flows.items()} == {"middle": 2, "out": 2, "top": 1}


# ---------------------------------------------------------------- how much
def test_a_steady_stream_has_its_flow(tmp_path: Path) -> None:
    setting = corridor(measure={"flow_window_s": 20.0})
    flow = flows_of(tmp_path, setting, [walker(0.5 * k, 1.0, 1 + k % 2) for k in range(200)])["middle"]
    assert flow.mean_per_s == pytest.approx(2.0, rel=1e-3)
    assert flow.peak_per_s == pytest.approx(2.0, rel=0.03)
    assert flow.peak_specific_per_m_s == pytest.approx(flow.peak_per_s / 4.0)


def test_mean_flow_is_gaps_over_time() -> None:
    assert a_flow([2.0, 4.0, 6.0, 12.0]).mean_per_s == pytest.approx(3 / 10)


def test_nobody_is_no_flow_and_one_person_has_no_mean() -> None:
    flow = a_flow([])
    assert (flow.mean_per_s, flow.peak_per_s, flow.peak_specific_per_m_s) == (0.0, 0.0, 0.0)
    assert a_flow([3.0]).mean_per_s == 0.0


def test_the_peak_is_the_fullest_window() -> None:
    flow = a_flow([0.0, 20.0, 21.0, 22.0, 23.0, 29.9, 30.1, 60.0])
    assert flow.peak_per_s == pytest.approx(5 / 10)
    assert flow.peak_specific_per_m_s == pytest.approx(0.25)


def test_a_few_people_in_a_hurry_are_no_high_flow() -> None:
    """The limits are per minute: two people 0.05 s apart within a window of 10 s are 0.2 /s, not 20."""
    assert a_flow([1.0, 1.05]).peak_per_s == pytest.approx(0.2)


# ---------------------------------------------------------------- against PedPy
def test_crossings_agree_with_pedpy(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    people = [
        walker(t, v, y) for t, v, y in zip(rng.uniform(0, 40, 60), rng.uniform(0.6, 1.8, 60),
                                           rng.uniform(0.3, 3.7, 60), strict=True)
    ]  # fmt: skip
    recording = write_run(tmp_path, corridor(), people, until_s=120.0)
    flow = measure(recording).flows["middle"]
    _, crossing = pedpy.compute_n_t(
        traj_data=recording.trajectories().to_pedpy(),
        measurement_line=pedpy.MeasurementLine([(10, 0), (10, 4)]),
    )
    theirs = np.sort(crossing["frame"].to_numpy()) * 0.5
    assert flow.count == theirs.size == 60
    # PedPy gives the sample next to the crossing.
    assert np.abs(flow.times_s - theirs).max() <= 0.5


def test_a_hall_without_lines_has_the_flow_of_its_exit(tmp_path: Path) -> None:
    out = Person(((0.0, 8.0, 5.0), (2.0, 10.0, 5.0)), exit="out")
    assert set(flows_of(tmp_path, hall(10, 10, 1), [out], until_s=3.0)) == {"out"}
