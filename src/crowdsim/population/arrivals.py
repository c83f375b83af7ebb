"""Who of a group comes, when, and through which of its starts; every purpose has its own random stream."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsim.population.draw import draw_duration, generator
from crowdsim.scenario.arrival import (
    AtStart,
    ConstantRate,
    CountTable,
    Poisson,
    Pulses,
    RateTable,
    vehicle_times,
)
from crowdsim.scenario.group import AttendeeGroup, start_shares

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

SECONDS_PER_MINUTE = 60.0


def draw_due(name: str, group: AttendeeGroup, seed: int) -> Float64:
    """Return when those of a group who come want to enter [s], ascending: without no-shows, late comers late."""
    due = draw_arrivals(group.arrival, group.count, generator(seed, name, "arrival"))
    if group.no_show:
        due = due[generator(seed, name, "no_show").random(due.size) >= group.no_show]
    if group.late:
        late = generator(seed, name, "late").random(due.size) < group.late.share
        due[late] += draw_duration(group.late.by, int(late.sum()), generator(seed, name, "late", "by"))
        due.sort()
    return due


def draw_starts(name: str, group: AttendeeGroup, n: int, starts: Sequence[str], seed: int) -> Int32:
    """Return where each of a group's n attendees starts, (n,) indices into `starts`."""
    shares = start_shares(group)
    own = np.array([starts.index(start) for start in shares], np.int32)
    if own.size == 1:
        return np.repeat(own, n)
    return generator(seed, name, "start").choice(own, n, p=list(shares.values()))


def draw_arrivals(
    arrival: AtStart | ConstantRate | Poisson | RateTable | CountTable | Pulses,
    count: int | None,
    rng: np.random.Generator,
) -> Float64:
    """Return the times at which attendees want to enter [s], ascending.

    `count` is None only for tables: of counts, for the number counted; of rates, for the table's total, or a Poisson
    draw of that mean.
    """
    match arrival:
        case RateTable():
            return _arrivals_by_rates(arrival, count, rng)
        case CountTable():
            return _arrivals_by_counts(arrival, count, rng)
    n = count or 0
    match arrival:
        case AtStart():
            return np.zeros(n)
        case ConstantRate():
            return arrival.start_s + np.arange(n, dtype=np.float64) * SECONDS_PER_MINUTE / arrival.rate_per_min
        case Poisson():
            return arrival.start_s + np.cumsum(rng.exponential(SECONDS_PER_MINUTE / arrival.rate_per_min, n))
        case Pulses():
            return _arrivals_by_vehicles(arrival, n, rng)


def apportion(total: int, weights: ArrayLike) -> Int64:
    """Return whole parts of a total in proportion to weights, (k,), by largest remainders (Hamilton's method).

    They add up to the total, and each is its exact part rounded down or up; of equal remainders the first are
    rounded up. At least one weight is above zero.
    """
    shares: Float64 = np.asarray(weights, dtype=float)
    exact = total * (shares / shares.sum())
    parts: Int64 = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def _arrivals_by_rates(table: RateTable, count: int | None, rng: np.random.Generator) -> Float64:
    edges = np.array([row.from_s for row in table.rows] + [table.until_s])
    rates = np.array([row.rate_per_min for row in table.rows]) / SECONDS_PER_MINUTE
    expected = np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])  # up to each edge
    total = expected[-1]
    if count is None:
        count = int(rng.poisson(total)) if table.random else round(total)
    # Given their number, the times of a Poisson process are independent draws from its rate.
    quantile = np.sort(rng.random(count)) if table.random else (np.arange(count) + 0.5) / count
    times: Float64 = np.interp(quantile * total, expected, edges)
    return times


def _arrivals_by_counts(table: CountTable, count: int | None, rng: np.random.Generator) -> Float64:
    edges = np.array([row.from_s for row in table.rows] + [table.until_s])
    counts = np.array([row.count for row in table.rows])
    if count is not None:
        counts = apportion(count, counts)
    row = np.repeat(np.arange(counts.size), counts)
    before = np.cumsum(counts) - counts
    place = rng.random(row.size) if table.random else (np.arange(row.size) - before[row] + 0.5) / counts[row]
    times = edges[row] + place * np.diff(edges)[row]
    # Rounding must not move anybody into the next row.
    return np.sort(np.minimum(times, np.nextafter(edges[row + 1], edges[row])))


def _arrivals_by_vehicles(pulses: Pulses, count: int, rng: np.random.Generator) -> Float64:
    opens = np.array(vehicle_times(pulses))
    vehicle = np.repeat(np.arange(opens.size), apportion(count, pulses.shares or np.ones(opens.size)))
    since = rng.random(count) * pulses.over_s
    if pulses.delay:
        opens = opens + draw_duration(pulses.delay, opens.size, rng)
    return np.sort(opens[vehicle] + since)
