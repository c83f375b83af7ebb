"""Drawing what differs between attendees, from seeded generators."""

from __future__ import annotations

import math
import zlib

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from crowdsim.scenario.arrival import AtStart, ConstantRate, Poisson, RateTable
from crowdsim.scenario.distributions import (
    AnyDuration,
    Constant,
    Empirical,
    Exponential,
    Lognormal,
    Normal,
    TruncatedNormal,
    Uniform,
)

Float64 = NDArray[np.float64]

SECONDS_PER_MINUTE = 60.0


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Return a generator of its own for a purpose, so that changing one group leaves the others' draws alone."""
    words = [zlib.crc32(word.encode()) for word in purpose]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def draw_duration(duration: AnyDuration, n: int, rng: np.random.Generator) -> Float64:
    """Return n durations [s]."""
    match duration:
        case Constant():
            return np.full(n, duration.value_s)
        case Uniform():
            return rng.uniform(duration.min_s, duration.max_s, n)
        case Normal():
            return _normal_within(duration.mean_s, duration.sd_s, 0.0, np.inf, n, rng)
        case Lognormal():
            drawn: Float64 = duration.median_s * np.exp(duration.sigma * rng.standard_normal(n))
            return drawn
        case Exponential():
            return rng.exponential(duration.mean_s, n)
        case Empirical():
            return rng.choice(np.array(duration.values_s), n)


def mean_duration(duration: AnyDuration) -> float:
    """Return about how long a duration is on average [s]: of a normal one without its cut-off."""
    match duration:
        case Constant():
            return duration.value_s
        case Uniform():
            return (duration.min_s + duration.max_s) / 2
        case Normal() | Exponential():
            return duration.mean_s
        case Lognormal():
            return duration.median_s * math.exp(duration.sigma**2 / 2)
        case Empirical():
            return float(np.mean(duration.values_s))


def draw_truncated(distribution: TruncatedNormal, n: int, rng: np.random.Generator) -> Float64:
    """Return n values of a normal distribution cut off at its bounds."""
    d = distribution
    return _normal_within(d.mean, d.sd, d.min, d.max, n, rng)


def _normal_within(mean: float, sd: float, low: float, high: float, n: int, rng: np.random.Generator) -> Float64:
    """Return n draws of a normal distribution cut off at `low` and `high`, by inverting its distribution."""
    u = rng.random(n)
    if sd == 0 or low == high:
        return np.full(n, mean)
    first, last = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    return np.clip(mean + sd * ndtri(first + u * (last - first)), low, high)


def draw_arrivals(
    arrival: AtStart | ConstantRate | Poisson | RateTable, count: int | None, rng: np.random.Generator
) -> Float64:
    """Return the times at which attendees want to enter [s], ascending.

    `count` is None only for rate tables; it is then the table's total, or a Poisson draw of that mean.
    """
    if isinstance(arrival, RateTable):
        return _arrivals_from_table(arrival, count, rng)
    n = count or 0
    match arrival:
        case AtStart():
            return np.zeros(n)
        case ConstantRate():
            return arrival.start_s + np.arange(n, dtype=np.float64) * SECONDS_PER_MINUTE / arrival.rate_per_min
        case Poisson():
            return arrival.start_s + np.cumsum(rng.exponential(SECONDS_PER_MINUTE / arrival.rate_per_min, n))


def table_total(table: RateTable) -> float:
    """Return how many attendees a rate table brings, unscaled."""
    return float(_cumulative(table)[1][-1])


def _cumulative(table: RateTable) -> tuple[Float64, Float64]:
    """Return the edges of the table's rows [s] and the number of attendees expected up to each."""
    edges = np.array([row.from_s for row in table.rows] + [table.until_s])
    rates = np.array([row.rate_per_min for row in table.rows]) / SECONDS_PER_MINUTE
    return edges, np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])


def _arrivals_from_table(table: RateTable, count: int | None, rng: np.random.Generator) -> Float64:
    edges, expected = _cumulative(table)
    total = expected[-1]
    if count is None:
        count = int(rng.poisson(total)) if table.random else round(total)
    # Given their number, the times of a Poisson process are independent draws from its rate.
    quantile = np.sort(rng.random(count)) if table.random else (np.arange(count) + 0.5) / count
    times: Float64 = np.interp(quantile * total, expected, edges)
    return times
