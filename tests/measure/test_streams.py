"""Streams that meet, places that fill up, people who stop and go: crowds for which it is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, rectangle, scenario

from crowdsim.kernels.streams import SECTORS, add_ways, shares_of
from crowdsim.measure import Measures, measure
from measure.runs import Person, write_run

HALF_M = 25.0


def measured(folder: Path, people: list[Person], until_s: float = 10.0, window_s: float = 10.0) -> Measures:
    features = [
        area("ground", "walkable", rectangle(-HALF_M, -HALF_M, HALF_M, HALF_M)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(HALF_M - 1, HALF_M - 1, HALF_M, HALF_M)),
    ]
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure={"window_s": window_s})
    return measure(write_run(folder, setting, people, until_s=until_s))


def middle(values: np.ndarray) -> float:
    return float(values[values.shape[0] // 2, values.shape[1] // 2])


def stream(angle: float, gap_m: float) -> list[Person]:
    """Return people who walk at 1 m/s through the origin, in files 0.25 m apart and 3 m wide, for ten seconds."""
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    begins = [back * along + s * across for s in np.arange(-1.5, 1.6, 0.25) for back in np.arange(-14.0, 6.0, gap_m)]
    return [Person(((0.0, *begin.tolist()), (10.0, *(begin + 10.0 * along).tolist()))) for begin in begins]


@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0, -2.9])
def test_one_stream_is_one_way(tmp_path: Path, angle: float) -> None:
    streams = measured(tmp_path, stream(angle, 1.0)).streams
    assert middle(streams.counterflow.value) == middle(streams.crossing.value) == 0.0


@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_a_third_against_the_stream(tmp_path: Path, angle: float) -> None:
    # One person a metre the one way, one every two metres the other: half as many.
    streams = measured(tmp_path, stream(angle, 1.0) + stream(angle + math.pi, 2.0)).streams
    assert middle(streams.counterflow.value) == pytest.approx(1 / 3, abs=0.03)
    assert middle(streams.crossing.value) == 0.0


def test_a_third_across_the_stream(tmp_path: Path) -> None:
    streams = measured(tmp_path, stream(0.2, 1.0) + stream(0.2 + math.pi / 2, 2.0)).streams
    assert middle(streams.crossing.value) == pytest.approx(1 / 3, abs=0.03)
    assert middle(streams.counterflow.value) == 0.0


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60))
def test_shares_agree_with_looking_at_every_direction(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    vx, vy = rng.normal(0, 1, (2, n)) + rng.normal(0, 2, (2, 1))
    walked = np.zeros((1, SECTORS))
    add_ways(np.zeros(n, np.int64), vx, vy, 0.5, walked)
    against, across, total = shares_of(walked[0])
    way, sector = 0.5 * np.hypot(vx, vy), np.rint(np.degrees(np.arctan2(vy, vx)) / 30) % 12

    def within(middle: int) -> float:
        apart = np.abs((sector - middle + 6) % 12 - 6)
        return float(way[apart <= 1].sum())

    most = max(within(k) for k in range(12))
    possible = []  # two quarter turns can have the very same people in them
    for k in (k for k in range(12) if within(k) == pytest.approx(most, rel=1e-12)):
        back = within((k + 6) % 12)
        possible.append((back / (most + back), (within((k + 3) % 12) + within((k + 9) % 12)) / way.sum()))
    assert total == pytest.approx(way.sum())
    assert any((against, across) == pytest.approx(shares) for shares in possible)


def test_a_crowd_that_gathers_fills_the_place(tmp_path: Path) -> None:
    # v = -a r at 4 /m2: minus the divergence of the flow is 2 a times the density, which grows as exp(2 a t).
    a = 0.01
    times = np.arange(0.0, 5.5, 0.5)
    people = [
        Person(tuple((float(t), x * math.exp(-a * t), y * math.exp(-a * t)) for t in times))
        for x in np.arange(-6.75, 7.0, 0.5)
        for y in np.arange(-6.75, 7.0, 0.5)
    ]
    filling = measured(tmp_path, people, 5.0, window_s=5.0).windows.filling
    # The first half second's velocities, a tenth of the window's, are unknown.
    mean = 4.0 * np.mean(np.exp(2 * a * np.arange(0.0, 5.0, 0.5))) * 2 * a * 0.9
    half = filling.value.shape[1] // 2
    assert np.nanmean(filling.value[half - 4 : half + 4, half - 4 : half + 4]) == pytest.approx(mean, rel=0.03)


def test_people_who_stop_and_go_in_a_jam(tmp_path: Path) -> None:
    # All walk for two seconds and stand for three, four times.
    corners = [(5.0 * k + dt, x) for k in range(4) for dt, x in ((0.0, 1.0 * k), (2.0, 1.0 * (k + 1)))]
    people = [
        Person(tuple((t, x0 + x, y0) for t, x in [*corners, (20.0, 4.0)]))
        for x0 in np.arange(-4, 4, 0.5)
        for y0 in np.arange(-4, 4, 0.5)
    ]
    jam = measured(tmp_path / "jam", people, 20.0).streams
    loose = measured(tmp_path / "loose", people[::16], 20.0).streams
    assert jam.stops.sum() == pytest.approx(4 * len(people), rel=0.15)  # those at the edge are not in the jam
    assert jam.stops_per_person_min == pytest.approx(12.0, rel=0.02)
    assert loose.stops.sum() == 0 and loose.stops_per_person_min is None


def test_a_crowd_that_walks_on_does_not_stop(tmp_path: Path) -> None:
    people = [Person(((0.0, x - 8, y), (20.0, x, y))) for x in np.arange(-4, 4, 0.5) for y in np.arange(-4, 4, 0.5)]
    streams = measured(tmp_path, people, 20.0).streams
    assert streams.jam_person_s > 0
    assert streams.stops_per_person_min == 0.0
