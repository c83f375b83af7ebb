"""Crowd pressure of crowds for which it is known, and of random ones by a slow implementation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scenes import area, rectangle, scenario

from crowdsim.measure import measure
from crowdsim.measure.pressure import CrowdPressure
from measure.runs import Person, write_run

SPACING_M = 0.5
HALF_M = 12.0
SINGLE = 1e-6  # maps are in single precision


def pressure_of(folder: Path, people: list[Person], until_s: float, **config: float) -> CrowdPressure:
    features = [
        area("ground", "walkable", rectangle(-HALF_M, -HALF_M, HALF_M, HALF_M)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(HALF_M - 1, HALF_M - 1, HALF_M, HALF_M)),
    ]
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure={"pressure_window_s": 4.0, **config})
    return measure(write_run(folder, setting, people, until_s=until_s)).pressure


def near(pressure: CrowdPressure, values: np.ndarray, most_m: float) -> np.ndarray:
    """Return a map's values no farther than this from the origin."""
    x, y = np.meshgrid(pressure.x_m, pressure.y_m)
    return np.asarray(values[np.hypot(x, y) < most_m])


def lattice(speed_even: float, speed_odd: float) -> list[Person]:
    """Return rows of people, four per m2, around the origin, that walk along x for six seconds."""
    people = []
    for row, y in enumerate(np.arange(-7.75, 8.0, SPACING_M)):
        speed = (speed_even, speed_odd)[row % 2]
        xs = np.arange(-9.75, 10.0, SPACING_M)
        people += [Person(((0.0, x - 3 * speed, y), (6.0, x + 3 * speed, y))) for x in xs]
    return people


def test_a_lattice_that_moves_as_one_has_none(tmp_path: Path) -> None:
    pressure = pressure_of(tmp_path, lattice(0.5, 0.5), 6.0)
    values = near(pressure, pressure.pressure.value, 2.0)
    assert values == pytest.approx(0.0, abs=1e-9)
    assert near(pressure, pressure.fluctuation.value, 2.0) == pytest.approx(0.0, abs=1e-9)


def test_two_opposite_lattices_have_a_pressure_and_do_not_fluctuate(tmp_path: Path) -> None:
    # Velocities of +0.5 and -0.5 m/s in equal parts have the variance 0.25: pressure = 4 * 0.25. Nothing changes. The
    # rows of a stream lie 1 m apart: its share is half to 2 exp(-pi^2 R^2 / 1 m2) = 1e-4, and that squared is missing.
    pressure = pressure_of(tmp_path, lattice(0.5, -0.5), 6.0)
    assert near(pressure, pressure.pressure.value, 2.0) == pytest.approx(1.0, rel=SINGLE)
    assert near(pressure, pressure.fluctuation.value, 2.0) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("radius_m", [0.7, 1.0, 1.6])
def test_a_rotating_disc_has_density_times_the_squared_speed_at_the_radius(tmp_path: Path, radius_m: float) -> None:
    # v = omega r all around: the variance under exp(-(r / R)^2) is omega^2 R^2, twice that of r along an axis. A
    # displacement is the chord of an arc, and chords turn as the radii do: theirs is 2 sin(omega T / 2) / T for omega.
    # What is left: a lattice's sum is not the integral, for R = 0.7 m by 80 exp(-2 pi^2 sd^2 / spacing^2) = 3e-7; and
    # places are in single precision, 5e-7 m at 8 m, in displacements of 0.06 m and more.
    omega, step, disc_m = 0.125, 0.5, 8.0
    people = []
    for x in np.arange(-7.75, 8.0, SPACING_M):
        for y in np.arange(-7.75, 8.0, SPACING_M):
            if math.hypot(x, y) < disc_m:
                times = np.arange(0.0, 6.5, step)
                angle = math.atan2(y, x) + omega * times
                way = zip(times, math.hypot(x, y) * np.cos(angle), math.hypot(x, y) * np.sin(angle), strict=True)
                people.append(Person(tuple((float(t), float(a), float(b)) for t, a, b in way)))
    pressure = pressure_of(tmp_path, people, 6.0, pressure_radius_m=radius_m)
    chord = 2 * math.sin(omega * step / 2) / step
    expected = 4.0 * chord**2 * radius_m**2
    off_edge = min(3.0, disc_m - SPACING_M - 4 * radius_m)  # 5.7 standard deviations and more
    assert near(pressure, pressure.pressure.value, off_edge) == pytest.approx(expected, rel=2e-6)
    assert near(pressure, pressure.fluctuation.value, off_edge) == pytest.approx(0.0, abs=1e-9)


def test_a_crowd_that_sways_as_one_fluctuates(tmp_path: Path) -> None:
    # All have the velocity 0.5 cos(w t): its variance over whole periods is 0.125. Sampled by displacements over half a
    # second that is less by sinc(w / 4)^2.
    period, step = 4.0, 0.125
    w = 2 * math.pi / period
    times = np.arange(0.0, 12.0 + step, step)
    people = [
        Person(tuple((float(t), float(x + 0.5 / w * math.sin(w * t)), float(y)) for t in times))
        for x in np.arange(-6.75, 7.0, SPACING_M)
        for y in np.arange(-6.75, 7.0, SPACING_M)
    ]
    pressure = pressure_of(tmp_path, people, 12.0)
    expected = 4.0 * 0.125 * (math.sin(w / 4) / (w / 4)) ** 2
    assert near(pressure, pressure.pressure.value, 2.0) == pytest.approx(expected, rel=2e-6)
    assert near(pressure, pressure.fluctuation.value, 2.0) == pytest.approx(expected, rel=2e-6)


def test_random_velocities_agree_with_a_slow_implementation(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    people = []
    for _ in range(400):
        x, y = rng.uniform(-4, 4, 2)
        corners = [(0.0, float(x), float(y))]
        for t in range(1, 5):
            corners.append((float(t), *(np.array(corners[-1][1:]) + rng.normal(0, 0.4, 2)).tolist()))
        people.append(Person(tuple(corners)))
    pressure = pressure_of(tmp_path, people, 4.0)
    x, y = np.meshgrid(pressure.x_m, pressure.y_m)
    density, weights, velocities, means = [], [], [], []
    for t in np.arange(0.0, 4.0, 0.5):
        place = np.array([p.at(t) for p in people])
        weight = np.exp(-((place[:, 0] - x[..., None]) ** 2) - (place[:, 1] - y[..., None]) ** 2)
        density.append(weight.sum(axis=-1) / math.pi)
        if t:
            velocity = (place - np.array([p.at(t - 0.5) for p in people])) / 0.5
            weights.append(weight)
            velocities.append(velocity)
            means.append(weight @ velocity / weight.sum(axis=-1)[..., None])
    every, weight = np.concatenate(velocities), np.concatenate(weights, axis=-1)
    mean = weight @ every / weight.sum(axis=-1)[..., None]
    variance = weight @ (every**2).sum(axis=1) / weight.sum(axis=-1) - (mean**2).sum(axis=-1)
    between = np.array(means).var(axis=0).sum(axis=-1)
    dense = np.isfinite(pressure.pressure.value)
    assert dense.sum() > 200
    assert (dense == (np.mean(density, axis=0) >= 2.0)).all()
    # Places are in single precision, 2e-7 m at 4 m: 1e-6 of the velocities' variance.
    for value, spread in ((pressure.pressure.value, variance), (pressure.fluctuation.value, between)):
        assert value[dense] == pytest.approx((np.mean(density, axis=0) * spread)[dense], rel=5e-6)
