"""Speed against density in a straight corridor: people fill it evenly and walk off, measured in its middle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from crowdsim.validate.experiments import one_group
from crowdsim.validate.measuring import Float64, Track, watch
from crowdsim.validate.venues import area, between, box, build, exactly, line, profile

SETTLE_S, MEASURE_S = 10.0, 60.0
"""What RiMEA 4 leaves out at the start, and how long it averages [s]."""

LENGTH_M, DENSE_LENGTH_M, DENSE_FROM_PER_M2 = 240.0, 120.0, 2.5
"""Long enough that neither the rear (at most 1.4 m/s x 70 s = 98 m) nor a wave from the front as fast as that
reaches the measuring areas, 120 m away, before the end. In dense crowds both are slower than half of that."""

WIDTH_M = 3.0

AREAS_X_M = (-5.0, 0.0, 5.0)
"""Middles of the three measuring areas of 2 x 2 m, from the corridor's middle."""

AREA_M = 2.0
SPEEDS_M_S = (1.2, 1.4)
RADIUS_M = 0.2
"""The standard adult's mean radius, for everyone: with the usual spread 6 people/m2 would find no place."""


@dataclass(frozen=True)
class Point:
    """Means of one run [1/m2 or 1/m, m/s]."""

    density: float
    speed: float


@cache
def corridor_point(movement: str, seed: int, density_per_m2: float) -> Point:
    """Return density and speed in a corridor 3 m wide that starts at a density [1/m2]."""
    length = LENGTH_M if density_per_m2 < DENSE_FROM_PER_M2 else DENSE_LENGTH_M
    track = _walk_off(movement, seed, round(density_per_m2 * length * WIDTH_M), length, WIDTH_M)
    half, y = AREA_M / 2, WIDTH_M / 2
    middles = [length / 2 + x for x in AREAS_X_M]
    return _mean_in(track, [(x - half, y - half, x + half, y + half) for x in middles], AREA_M**2)


FILE_LENGTH_M, FILE_WIDTH_M = 240.0, 0.6
"""A corridor one person wide: two do not fit beside each other."""

FILE_AREA_M = (110.0, 130.0)


@cache
def single_file_point(movement: str, seed: int, per_m: float) -> Point:
    """Return line density [1/m] and speed in a corridor of 240 x 0.6 m that starts at a line density."""
    count = round(per_m * FILE_LENGTH_M)
    jitter = (1 / per_m - 2 * RADIUS_M) / 2
    rng = np.random.default_rng(seed)
    x = (np.arange(count) + 0.5) / per_m + rng.uniform(-jitter, jitter, count) * 0.5
    places = np.column_stack([x, np.full(count, FILE_WIDTH_M / 2)])
    track = _walk_off(movement, seed, count, FILE_LENGTH_M, FILE_WIDTH_M, places)
    low, high = FILE_AREA_M
    return _mean_in(track, [(low, 0.0, high, FILE_WIDTH_M)], high - low)


def _walk_off(
    movement: str, seed: int, count: int, length_m: float, width_m: float, places: Float64 | None = None
) -> Track:
    outlet = 2.0
    end = length_m + outlet
    features = [
        area("corridor", "walkable", box(0, 0, end, width_m)),
        area("start", "zone", box(0, 0, length_m, width_m)),
        line("out", "exit", (end, 0), (end, width_m)),
    ]
    people = {"adult": profile(between(*SPEEDS_M_S), exactly(RADIUS_M))}
    until = SETTLE_S + MEASURE_S
    scene = build(movement, features, one_group(count), seed, until, profiles=people)
    return watch(scene, places=places)


def _mean_in(track: Track, areas: list[tuple[float, float, float, float]], size: float) -> Point:
    """Return mean density and speed in areas after settling; speeds from displacements between samples."""
    interval = np.diff(track.time_s)[:, None]
    speed = np.diff(track.x, axis=0) / interval
    x, y = track.x[:-1], track.y[:-1]
    late = track.time_s[:-1] >= SETTLE_S
    counts, speeds = [], []
    for x0, y0, x1, y1 in areas:
        with np.errstate(invalid="ignore"):
            inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1) & np.isfinite(speed)
        inside &= late[:, None]
        counts.append(inside.sum() / late.sum())
        speeds.append(speed[inside])
    all_speeds = np.concatenate(speeds)
    return Point(float(np.mean(counts)) / size, float(all_speeds.mean()) if all_speeds.size else float("nan"))


WEIDMANN_FREE_M_S, WEIDMANN_GAMMA_PER_M2, WEIDMANN_MAX_PER_M2 = 1.34, 1.913, 5.4
"""Weidmann (1993), Transporttechnik der Fussgaenger."""


def weidmann_speed(density_per_m2: Float64) -> Float64:
    """Return Weidmann's walking speed at a density [m/s]."""
    exponent = WEIDMANN_GAMMA_PER_M2 * (1 / density_per_m2 - 1 / WEIDMANN_MAX_PER_M2)
    speed: Float64 = np.maximum(WEIDMANN_FREE_M_S * (1 - np.exp(-exponent)), 0.0)
    return speed


ZONED_LENGTH_M, ZONED_WIDTH_M = 60.0, 2.0
ZONED_FROM_M, ZONED_TO_M = 20.0, 40.0


@cache
def zoned_speed(movement: str, seed: int, count: int) -> float:
    """Return the mean speed between x = 20 and 40 m of those who start before, in a corridor of 2 x 60 m [m/s]."""
    features = [
        area("corridor", "walkable", box(0, 0, ZONED_LENGTH_M, ZONED_WIDTH_M)),
        area("start", "zone", box(0, 0, ZONED_LENGTH_M, ZONED_WIDTH_M)),
        line("out", "exit", (ZONED_LENGTH_M, 0), (ZONED_LENGTH_M, ZONED_WIDTH_M)),
    ]
    people = {"adult": profile(between(*SPEEDS_M_S), exactly(RADIUS_M))}
    limit = 600.0
    track = watch(build(movement, features, one_group(count), seed, limit, profiles=people))
    times = track.crossing_s(ZONED_TO_M) - track.crossing_s(ZONED_FROM_M)
    return float((ZONED_TO_M - ZONED_FROM_M) / np.nanmean(times))
