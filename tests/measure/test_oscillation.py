"""Oscillations: crowds that orbit at a known frequency, noise that does not, and how often noise is taken for one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scenes import area, rectangle, scenario

from crowdsim.measure import measure
from crowdsim.measure.oscillation import FALSE_ALARM, Oscillation, band_peak
from measure.runs import Person, write_run

SIDE_M = 12.0


def oscillation_of(folder: Path, people: list[Person], until_s: float) -> Oscillation:
    features = [
        area("square", "walkable", rectangle(0, 0, SIDE_M, SIDE_M)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(SIDE_M - 1, SIDE_M - 1, SIDE_M, SIDE_M)),
    ]
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}}, output={"sample_interval_s": 1.0})
    return measure(write_run(folder, setting, people, until_s=until_s)).oscillation


def crowd(rate: float, radius_m: float, spacing_m: float, noise_m: float, seed: int = 1) -> list[Person]:
    """Return people on a lattice who orbit around their places, together, and jitter by themselves."""
    rng = np.random.default_rng(seed)
    times = np.arange(0.0, 141.0)
    people = []
    for x in np.arange(0.7, SIDE_M - 0.6, spacing_m):
        for y in np.arange(0.7, SIDE_M - 0.6, spacing_m):
            px = x + radius_m * np.cos(rate * times) + rng.normal(0, noise_m, times.size)
            py = y + radius_m * np.sin(rate * times) + rng.normal(0, noise_m, times.size)
            people.append(Person(tuple(zip(times.tolist(), px.tolist(), py.tolist(), strict=True))))
    return people


@pytest.mark.parametrize("rate", [0.33, -0.28])
def test_a_crowd_that_orbits_is_found(tmp_path: Path, rate: float) -> None:
    found = oscillation_of(tmp_path, crowd(rate, 0.3, 0.45, 0.03), 140.0)
    assert found.found is True
    assert found.frequency_rad_s == pytest.approx(rate, abs=math.pi / 90)  # frequencies are 2 pi / 90 s apart
    assert found.radius_m == pytest.approx(0.3, rel=0.4)  # off the nearest frequency the peak is up to 36 % lower


def test_a_crowd_that_jitters_is_not(tmp_path: Path) -> None:
    found = oscillation_of(tmp_path, crowd(0.33, 0.0, 0.45, 0.05), 140.0)
    assert found.windows > 0
    assert found.found is False


def test_a_crowd_that_orbits_but_is_not_dense_is_not_looked_at(tmp_path: Path) -> None:
    found = oscillation_of(tmp_path, crowd(0.33, 0.3, 0.7, 0.03), 140.0)
    assert found.windows == 0
    assert found.found is None


def false_alarms(persistence: float, trials: int = 4000, n: int = 90) -> float:
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(trials):
        noise = rng.normal(size=(n + 50, 2)) @ np.array([1, 1j])
        series = np.zeros(n + 50, complex)
        for k in range(1, n + 50):
            series[k] = persistence * series[k - 1] + noise[k]
        alarms += band_peak(series[50:], 1.0)[0] < FALSE_ALARM
    return alarms / trials


def test_white_noise_is_taken_for_an_oscillation_no_more_often_than_stated() -> None:
    # 4,000 trials: a rate of 1 % would give 40 give or take 6.3; three of these are allowed for.
    assert false_alarms(0.0) <= FALSE_ALARM + 3 * math.sqrt(FALSE_ALARM * (1 - FALSE_ALARM) / 4000)


def test_noise_that_persists_is_no_more_often_than_twice_that() -> None:
    # The persistence is estimated, and a window's ends leak into low frequencies: docs/quantities.md states 1.8 %.
    rate = 2 * FALSE_ALARM
    assert false_alarms(0.8) <= rate + 3 * math.sqrt(rate * (1 - rate) / 4000)


def test_a_drift_is_no_oscillation() -> None:
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.01, (90, 2)) @ np.array([1, 1j])
    assert band_peak(np.linspace(0, 1, 90) + noise, 1.0)[0] > FALSE_ALARM
    assert band_peak(np.full(90, 0.5 + 0j), 1.0)[0] == 1.0
