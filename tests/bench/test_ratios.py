"""Ratios and their intervals, on made-up times."""

import numpy as np
import pytest

from crowdsim.bench.ratios import Ratio, paired_ratio, unpaired_ratio


def test_equal_pairs_give_one():
    assert paired_ratio([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == Ratio(1.0, 1.0, 1.0)


def test_pairs_take_out_what_slows_both():
    drift = np.linspace(1.0, 3.0, 9)  # the machine gets slower and slower
    ratio = paired_ratio(1.2 * drift, drift)
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((1.2, 1.2, 1.2))
    assert ratio.beyond(0.10)
    assert not ratio.beyond(0.25)
    apart = unpaired_ratio(1.2 * drift, drift)
    assert apart.low < 1 < apart.median < apart.high
    assert not apart.beyond(0.10)


def test_one_bad_pair_does_not_decide():
    new = [1.0, 1.01, 5.0, 0.99, 1.0, 1.02, 0.98]
    ratio = paired_ratio(new, [1.0] * 7)
    assert ratio.median == 1.0
    assert not ratio.beyond(0.10)


def test_a_median_beyond_the_band_needs_an_interval_that_leaves_out_one():
    ratio = paired_ratio([0.8, 0.9, 1.3, 1.4, 1.3], [1.0] * 5)
    assert ratio.median == 1.3
    assert ratio.low < 1
    assert not ratio.beyond(0.10)


def test_the_interval_is_the_same_every_time_and_covers():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(40):
        times = rng.lognormal(np.log(1.1), 0.05, (2, 15))
        ratio = paired_ratio(times[0] * 1.1, times[1])
        assert ratio == paired_ratio(times[0] * 1.1, times[1])
        covered += ratio.low <= 1.1 <= ratio.high
    assert covered >= 34  # of 40, nominally 38


def test_faster_is_not_slower():
    assert not paired_ratio([0.5] * 5, [1.0] * 5).beyond(0.0)


def test_samples_of_different_sizes_can_be_compared():
    ratio = unpaired_ratio([2.0, 2.1, 2.2], [1.0, 1.0, 1.1, 0.9, 1.0])
    assert ratio.median == pytest.approx(2.1)
    assert ratio.beyond(0.10)
