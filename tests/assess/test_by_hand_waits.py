"""Mean waits by formula against known values and against simulated queues."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from crowdsim.assess.by_hand_queues import comes_at_random
from crowdsim.assess.by_hand_waits import erlang_c, mean_wait_s, squared_variation
from crowdsim.population.draw import draw_duration
from crowdsim.scenario.distributions import Duration

EXPONENTIAL = TypeAdapter(Duration).validate_python({"distribution": "exponential", "mean_s": 10.0})
CONSTANT = TypeAdapter(Duration).validate_python({"distribution": "constant", "value_s": 10.0})
LOGNORMAL = TypeAdapter(Duration).validate_python({"distribution": "lognormal", "median_s": 8.0, "sigma": 0.5})


@pytest.mark.parametrize(
    ("servers", "offered", "waits"),
    # One server waits with probability load; two: 2 load^2 / (1 + load). The others by the sum in Erlang's formula.
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (2, 1.6, 2 * 0.64 / 1.8), (3, 2.1, None), (10, 8.0, None)],
)
def test_erlang_c_has_its_known_values(servers, offered, waits):
    top = offered**servers / math.factorial(servers) * servers / (servers - offered)
    by_sum = top / (sum(offered**k / math.factorial(k) for k in range(servers)) + top)
    assert erlang_c(servers, offered) == pytest.approx(by_sum if waits is None else waits)
    assert erlang_c(servers, offered) == pytest.approx(by_sum)


def test_the_tables_probability_for_ten_servers_and_eight_erlangs():
    """0.409: Erlang C tables for 8 erlangs and 10 servers."""
    assert erlang_c(10, 8.0) == pytest.approx(0.409, abs=5e-4)


def test_one_exponential_server_waits_load_over_what_is_left():
    assert mean_wait_s(1, 0.07, EXPONENTIAL) == pytest.approx(0.7 / (0.1 - 0.07))


def test_constant_times_halve_the_wait():
    assert mean_wait_s(1, 0.07, CONSTANT) == pytest.approx(mean_wait_s(1, 0.07, EXPONENTIAL) / 2)


def test_one_server_has_pollaczek_khinchine():
    mean_s = 8.0 * math.exp(0.125)
    second = mean_s**2 * (1 + math.expm1(0.25))
    assert mean_wait_s(1, 0.07, LOGNORMAL) == pytest.approx(0.07 * second / (2 * (1 - 0.07 * mean_s)))


def test_no_queue_settles_at_full_load():
    assert mean_wait_s(2, 0.2, EXPONENTIAL) == math.inf


@given(st.integers(1, 20), st.floats(0.01, 0.099))
def test_one_more_server_waits_less(servers, each):
    assert mean_wait_s(servers + 1, servers * each, EXPONENTIAL) < mean_wait_s(servers, servers * each, EXPONENTIAL)


@pytest.mark.parametrize(
    "values",
    [
        {"distribution": "uniform", "min_s": 2.0, "max_s": 12.0},
        {"distribution": "lognormal", "median_s": 8.0, "sigma": 0.5},
        {"distribution": "exponential", "mean_s": 7.0},
        {"distribution": "normal", "mean_s": 20.0, "sd_s": 3.0},
        {"distribution": "empirical", "values_s": [1.0, 2.0, 6.0]},
    ],
    ids=lambda values: values["distribution"],
)
def test_the_variation_is_that_of_what_is_drawn(values):
    duration = TypeAdapter(Duration).validate_python(values)
    drawn = draw_duration(duration, 400_000, np.random.default_rng(1))
    assert squared_variation(duration) == pytest.approx(drawn.var() / drawn.mean() ** 2, rel=0.02)


def test_poisson_arrivals_pass_for_random_and_timetables_and_surges_do_not():
    rng = np.random.default_rng(3)
    assert comes_at_random(np.cumsum(rng.exponential(5.0, 400)))
    assert not comes_at_random(np.arange(400) * 5.0)
    assert not comes_at_random(np.concatenate([rng.uniform(0, 100, 300), rng.uniform(100, 2000, 300)]).astype(float))
    assert not comes_at_random(np.array([1.0, 2.0, 5.0]))
