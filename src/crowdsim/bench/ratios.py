"""Ratios of times with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 10_000
"""Bootstrap samples: the ends of the interval then hold to about a hundredth of its width."""

CONFIDENCE = 0.95

SEED = 0
"""Of the bootstrap, so that the same times always give the same interval."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A median ratio and its bootstrap confidence interval; the three are equal if there was one measurement only."""

    median: float
    low: float
    high: float

    def beyond(self, band: float) -> bool:
        """Return whether the ratio exceeds 1 by more than `band` and the interval leaves 1 out."""
        return self.median > 1 + band and self.low > 1


def paired_ratio(above: Sequence[float], below: Sequence[float]) -> Ratio:
    """Return the median of the pairs' ratios; the pairs are resampled.

    Parameters
    ----------
    above, below : (k,) measurements, each pair taken one right after the other.
    """
    ratios = np.asarray(above, dtype=np.float64) / np.asarray(below, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(ratios.size, size=(DRAWS, ratios.size))
    return _ratio(float(np.median(ratios)), np.median(ratios[drawn], axis=1))


def unpaired_ratio(above: Sequence[float], below: Sequence[float]) -> Ratio:
    """Return the ratio of the medians of two samples taken at different times; each is resampled on its own."""
    rng = np.random.default_rng(SEED)
    medians = []
    for sample in (np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)):
        drawn = rng.integers(sample.size, size=(DRAWS, sample.size))
        medians.append((float(np.median(sample)), np.median(sample[drawn], axis=1)))
    (upper, uppers), (lower, lowers) = medians
    return _ratio(upper / lower, uppers / lowers)


def _ratio(median: float, draws: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Ratio:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws, (tail, 1 - tail))
    return Ratio(median, float(low), float(high))
