"""Means, shares and differences over replications, with their 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, stdtr, stdtrit

LEVEL = 0.95
"""Level of all intervals: the usual one."""

PAIRED, UNPAIRED, SINGLE = "paired", "unpaired", "single"
"""How a difference was taken."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over replications.

    Attributes
    ----------
    n : how many had a value.
    mean, sd : None without values, or, for `sd`, with one only.
    ci95 : Student's interval of the mean; None with fewer than two values.
    """

    n: int
    mean: float | None
    sd: float | None
    ci95: Interval | None


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of independent values with Student's interval (Student 1908, Biometrika 6:1)."""
    n = len(values)
    if n == 0:
        return Mean(0, None, None, None)
    mean = float(np.mean(values))
    if n == 1:
        return Mean(1, mean, None, None)
    sd = float(np.std(values, ddof=1))
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * sd / math.sqrt(n)
    return Mean(n, mean, sd, (mean - half, mean + half))


def share_interval(passed: int, n: int) -> Interval:
    """Return the exact interval of a probability (Clopper and Pearson 1934, Biometrika 26:404); n at least 1."""
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(passed, n - passed + 1, tail)) if passed else 0.0
    high = float(betaincinv(passed + 1, n - passed, 1 - tail)) if passed < n else 1.0
    return low, high


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure differs between two arms.

    Attributes
    ----------
    first, second : means of the two arms.
    change : of the mean, second less first; over the seeds that both have where it is paired.
    ci95 : its interval; None for single runs.
    p : two-sided p-value of no difference; None for single runs.
    method : `paired`, `unpaired` or `single`.
    n : pairs, or values of the smaller arm.
    """

    first: float
    second: float
    change: float
    ci95: Interval | None
    p: float | None
    method: str
    n: int

    @property
    def relative(self) -> float | None:
        """The change as a share of the first arm's mean; None if that is zero."""
        return self.change / abs(self.first) if self.first else None


def difference(first: dict[int, float], second: dict[int, float]) -> Difference:
    """Return how a figure differs between two arms, by seed, each with at least one value.

    With two seeds or more in common the differences at equal seeds are taken (common random numbers), with Student's
    interval: few pairs are usual here, for which the bootstrap's intervals are too short (Efron and Tibshirani 1993,
    An introduction to the bootstrap, ch. 12 to 14), and a mean of differences is near enough to normal. Without,
    Welch's interval of two independent means (Welch 1947, Biometrika 34:28).
    """
    common = sorted(set(first) & set(second))
    if len(common) > 1:
        one, two = (np.array([arm[seed] for seed in common]) for arm in (first, second))
        gap = mean_of([float(d) for d in two - one])
        p = _p_of(gap.mean or 0.0, (gap.sd or 0.0) / math.sqrt(gap.n), gap.n - 1)
        return Difference(float(one.mean()), float(two.mean()), gap.mean or 0.0, gap.ci95, p, PAIRED, gap.n)
    a, b = mean_of(list(first.values())), mean_of(list(second.values()))
    mean_a, mean_b = a.mean or 0.0, b.mean or 0.0
    n = min(a.n, b.n)
    if a.sd is None or b.sd is None:
        return Difference(mean_a, mean_b, mean_b - mean_a, None, None, SINGLE, n)
    part_a, part_b = a.sd**2 / a.n, b.sd**2 / b.n
    error = math.sqrt(part_a + part_b)
    freedom = (part_a + part_b) ** 2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1)) if error else float(n)
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * error
    change = mean_b - mean_a
    return Difference(
        mean_a, mean_b, change, (change - half, change + half), _p_of(change, error, freedom), UNPAIRED, n
    )


def _p_of(change: float, error: float, freedom: float) -> float:
    """Return the two-sided p-value of a t statistic; differences that never vary are certain."""
    if error == 0.0:
        return 1.0 if change == 0.0 else 0.0
    return float(2 * stdtr(freedom, -abs(change) / error))
