"""Intervals against their definitions, other implementations, and the share of times they hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from crowdsim.experiment.estimates import PAIRED, SINGLE, UNPAIRED, difference, mean_of, share_interval


@pytest.mark.parametrize(("passed", "n"), [(0, 5), (5, 5), (3, 7), (19, 20), (1, 200)])
def test_the_interval_of_a_share_ends_where_the_binomial_tails_are_two_and_a_half_per_cent(passed, n):
    low, high = share_interval(passed, n)
    if passed:
        assert stats.binom.sf(passed - 1, n, low) == pytest.approx(0.025, rel=1e-9)
    else:
        assert low == 0.0
    if passed < n:
        assert stats.binom.cdf(passed, n, high) == pytest.approx(0.025, rel=1e-9)
    else:
        assert high == 1.0


def test_means_and_their_intervals():
    found = mean_of([1.0, 2.0, 4.0])
    expected = stats.ttest_1samp([1.0, 2.0, 4.0], 0).confidence_interval(0.95)
    assert found.mean == pytest.approx(7 / 3)
    assert found.ci95 == pytest.approx((expected.low, expected.high))
    assert mean_of([]).mean is None
    assert mean_of([3.0]).ci95 is None
    assert mean_of([3.0, 3.0]).ci95 == (3.0, 3.0)


def test_pairs_are_taken_at_equal_seeds_only():
    first, second = {1: 10.0, 2: 20.0, 3: 33.0, 9: 999.0}, {3: 34.0, 2: 22.0, 1: 11.5}
    found = difference(first, second)
    expected = stats.ttest_rel([11.5, 22.0, 34.0], [10.0, 20.0, 33.0])
    assert (found.method, found.n) == (PAIRED, 3)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.ci95 == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.relative == pytest.approx(1.5 / 21.0)


def test_arms_of_other_seeds_are_compared_as_independent():
    first, second = {1: 10.0, 2: 20.0, 3: 33.0}, {4: 34.0, 5: 22.0, 6: 11.5, 7: 40.0}
    found = difference(first, second)
    expected = stats.ttest_ind([34.0, 22.0, 11.5, 40.0], [10.0, 20.0, 33.0], equal_var=False)
    assert found.method == UNPAIRED
    assert found.p == pytest.approx(expected.pvalue)
    assert found.ci95 == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_single_runs_have_no_interval():
    found = difference({1: 2.0}, {1: 3.0})
    assert (found.method, found.ci95, found.p, found.change, found.relative) == (SINGLE, None, None, 1.0, 0.5)
    assert difference({1: 0.0}, {1: 3.0}).relative is None


def test_differences_that_do_not_vary_are_certain():
    assert difference({1: 1.0, 2: 2.0}, {1: 1.0, 2: 2.0}).p == 1.0
    assert difference({1: 1.0, 2: 2.0}, {1: 2.0, 2: 3.0}).p == 0.0


def test_common_seeds_make_intervals_shorter_that_hold_as_often():
    """Arms whose runs share most of their chance: the paired interval is the shorter one, and holds 95 % of times."""
    rng, held, shorter = np.random.default_rng(5), 0, 0
    times, n = 400, 8
    for _ in range(times):
        shared = rng.normal(0, 5, n)
        first = dict(enumerate(100 + shared + rng.normal(0, 1, n)))
        second = dict(enumerate(103 + shared + rng.normal(0, 1, n)))
        paired = difference(first, second)
        apart = difference(first, {seed + n: value for seed, value in second.items()})
        held += paired.ci95[0] <= 3 <= paired.ci95[1]
        shorter += paired.ci95[1] - paired.ci95[0] < apart.ci95[1] - apart.ci95[0]
    assert abs(held / times - 0.95) < 3 * math.sqrt(0.95 * 0.05 / times)
    assert shorter == times
