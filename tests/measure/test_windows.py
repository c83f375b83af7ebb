"""Means over windows: known crowds, and a slow implementation that shares nothing with the measured one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scenes import area, rectangle, scenario

from crowdsim.measure import Windows, measure
from crowdsim.scenario.feature import Scenario
from measure.runs import Person, stander, write_run

SIDE_M = 10.0
ONE_PERSON = 1 / (2 * math.pi * 0.5**2)


SINGLE = 1e-6  # maps are in single precision


def room(**config: object) -> Scenario:
    features = [
        area("room", "walkable", rectangle(0, 0, SIDE_M, SIDE_M)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(SIDE_M - 1, SIDE_M - 1, SIDE_M, SIDE_M)),
    ]
    return scenario(features, {"all": {"start": "crowd", "count": 1}}, measure=config)


def windows_of(folder: Path, people: list[Person], until_s: float, **config: object) -> Windows:
    return measure(write_run(folder, room(**config), people, until_s=until_s)).windows


def cell(x: float, y: float, values: np.ndarray) -> float:
    """Return a map's value at a place: cells of 0.5 m, and the grid begins five of them outside the room."""
    return float(values[int((y + 2.5) / 0.5), int((x + 2.5) / 0.5)])


def test_a_visit_of_half_a_window_counts_half(tmp_path: Path) -> None:
    group = [Person(((40.0, 5.25, 5.25), (70.0, 5.25, 5.25)), exit="out")] * 8
    windows = windows_of(tmp_path, group, 300.0)
    assert windows.density.worst is not None
    assert windows.density.worst.value == pytest.approx(8 * ONE_PERSON / 2, rel=SINGLE)
    assert (windows.density.worst.x, windows.density.worst.y) == pytest.approx((5.25, 5.25))
    assert windows.density.worst.time_s in (
        15.0,
        30.0,
    )  # the windows, each a quarter of a minute on, that hold it whole
    assert cell(5.25, 5.25, windows.density.begins_s) == windows.density.worst.time_s
    assert windows.slowest.worst is not None
    assert windows.slowest.worst.value == 0.0
    assert windows.least_flow.worst is None


def test_a_run_shorter_than_a_window_is_one(tmp_path: Path) -> None:
    windows = windows_of(tmp_path, [stander(5.25, 5.25)] * 8, 20.3)
    assert windows.density.worst is not None
    assert windows.density.worst.value == pytest.approx(8 * ONE_PERSON, rel=SINGLE)
    assert windows.density.worst.time_s == 0.0


def test_the_end_of_a_run_is_looked_at(tmp_path: Path) -> None:
    windows = windows_of(tmp_path, [stander(2, 2), *[stander(5.25, 5.25, from_s=90.0)] * 4], 100.0)
    # The last window is 45 to 100 s: four people for ten seconds.
    assert cell(5.25, 5.25, windows.density.value) == pytest.approx(4 * ONE_PERSON * 10 / 55, rel=SINGLE)


def test_nobody_for_a_long_time_empties_the_window(tmp_path: Path) -> None:
    first = Person(((0.0, 5.25, 5.25), (60.0, 5.25, 5.25)), exit="out")
    again = Person(((1000.0, 5.25, 5.25), (1030.0, 5.25, 5.25)), exit="out")
    windows = windows_of(tmp_path, [first, again, again, again], 1200.0)
    assert cell(5.25, 5.25, windows.density.value) == pytest.approx(3 * ONE_PERSON / 2, rel=SINGLE)


def test_against_each_other_there_is_no_net_flow_but_speed(tmp_path: Path) -> None:
    rows = [0.25 + 0.5 * k for k in range(20)]
    right = [Person(((0.0, x - 10.0, y), (20.0, x + 10.0, y))) for x in np.arange(-10, 20, 0.5) for y in rows[::2]]
    left = [Person(((0.0, x + 10.0, y), (20.0, x - 10.0, y))) for x in np.arange(-10, 20, 0.5) for y in rows[1::2]]
    wide = [
        area("room", "walkable", rectangle(-30, 0, 40, SIDE_M)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(39, 9, 40, 10)),
    ]
    setting = scenario(wide, {"all": {"start": "crowd", "count": 1}}, measure={"window_s": 4.0})
    both = measure(write_run(tmp_path / "both", setting, right + left, until_s=4.5)).windows
    one = measure(write_run(tmp_path / "one", setting, right, until_s=4.5)).windows

    def middle(values: np.ndarray) -> float:
        return float(values[values.shape[0] // 2, values.shape[1] // 2])

    assert middle(both.density.value) == pytest.approx(4.0, rel=0.02)
    assert middle(both.slowest.value) == pytest.approx(1.0, rel=0.01)
    assert middle(both.specific_flow.value) < 0.3  # of 2 each way: rows under the Gaussian do not quite cancel
    assert middle(one.specific_flow.value) == pytest.approx(2.0, rel=0.05)


def slow_windows(people: list[Person], until_s: float, window_s: float) -> dict[str, float]:
    """Return the worst means at a place, straight from the paths: sums over samples in each window by itself."""
    x0, y0, interval = 5.25, 5.25, 0.5
    times = np.arange(0.0, until_s, interval)
    rows = []
    for t in times:
        density = flow_x = flow_y = known = 0.0
        for p in people:
            if not p.entry_s <= t < p.exit_s:
                continue
            x, y = p.at(t)
            weight = math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 0.5) / (math.pi / 2)
            density += weight
            if t - interval >= p.entry_s:
                vx, vy = ((a - b) / interval for a, b in zip(p.at(t), p.at(t - interval), strict=True))
                flow_x, flow_y = flow_x + weight * vx, flow_y + weight * vy
                known += weight
        share = density / known if known else 0.0
        rows.append((density, flow_x * share, flow_y * share, density if known else 0.0))
    table = np.array(rows) * interval
    best = {"density": 0.0, "flow": 0.0}
    for begin in np.arange(0.0, until_s - window_s + 1e-9, window_s / 4):
        inside = (times >= begin - 1e-9) & (times < begin + window_s - 1e-9)
        density, flow_x, flow_y, seen = table[inside].sum(axis=0) / window_s
        flow = math.hypot(flow_x, flow_y) * density / seen
        best = {"density": max(best["density"], density), "flow": max(best["flow"], flow)}
    return best


def test_random_walks_agree_with_a_slow_implementation(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    people = []
    for _ in range(25):
        corners = [(float(t), *rng.uniform(3.0, 7.0, 2).tolist()) for t in range(0, 41, 5)]
        people.append(Person(tuple(corners)))
    windows = windows_of(tmp_path, people, 40.0, window_s=8.0)
    expected = slow_windows(people, 40.0, 8.0)
    assert cell(5.25, 5.25, windows.density.value) == pytest.approx(expected["density"], rel=5e-6)
    assert cell(5.25, 5.25, windows.specific_flow.value) == pytest.approx(expected["flow"], rel=5e-6)
