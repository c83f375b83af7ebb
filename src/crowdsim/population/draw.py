"""Drawing what differs between attendees, from seeded generators."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from crowdsim.scenario.bodies import profile_shares
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
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.schema import ScenarioConfig

Float64 = NDArray[np.float64]


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


def draw_profiles(
    name: str, group: AttendeeGroup, n: int, profiles: Sequence[str], config: ScenarioConfig
) -> NDArray[np.int64]:
    """Return the profile of each of a group's n attendees, as an index into `profiles`."""
    share = profile_shares(group, config.mixes)
    drawn: NDArray[np.int64] = generator(config.seed, name, "profile").choice(
        [profiles.index(profile) for profile in share], size=n, p=list(share.values())
    )
    return drawn


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
