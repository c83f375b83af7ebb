"""Fluid bounds: what comes when, against what can pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

ROUNDING = 1e-9
"""Work that is done as a service closes is done before, and what is due then after, whatever the rounding; waits and
people that are less than this share of all are none."""


def pass_through(ready_s: Float64, capacity_per_s: float) -> Float64:
    """Return when each of a stream has passed something that lets one through every 1 / capacity, (n,) ascending [s].

    Each passes as soon as it is there and the one before has passed: with all there at time zero the last of n at
    n / capacity. Cumulative arrivals against capacity, as in Newell (1982), Applications of queueing theory, ch. 1.

    Parameters
    ----------
    ready_s : (n,) when each could be there [s].
    """
    k = np.arange(ready_s.size)
    passed: Float64 = (k + 1) / capacity_per_s + np.maximum.accumulate(np.sort(ready_s) - k / capacity_per_s)
    return passed


@dataclass(frozen=True, slots=True)
class FluidQueue:
    """A queue that servers work off steadily, each customer the mean time of one server.

    Attributes
    ----------
    arrivals_s : (n,) when people join, ascending [s].
    content : (n,) people there just after each joins, those being served included; the one at a server counts as what
        is left of the service.
    wait_s : (n,) until a server takes each; infinite if none ever does.
    most_waiting : most people there at a time beyond those whom the servers take.
    last_s : when the last has been served [s]; infinite if some never are.
    """

    arrivals_s: Float64
    content: Float64
    wait_s: Float64
    most_waiting: float
    last_s: float


def work_off(arrivals_s: Float64, plan: Sequence[tuple[float, int]], mean_s: float) -> FluidQueue:
    """Return what becomes of those who join, first come first served.

    Time is counted in work that could be done: the service rate may change, and be nought.

    Parameters
    ----------
    arrivals_s : (n,) when people join [s].
    plan : from when on [s] there are how many servers; the first entry is at or before the first arrival.
    mean_s : how long a server takes for one [s].
    """
    arrivals = np.sort(arrivals_s)
    if not arrivals.size:
        return FluidQueue(arrivals, arrivals, arrivals, 0.0, 0.0)
    times, servers = np.array([at for at, _ in plan]), np.array([count for _, count in plan])
    rate = servers / mean_s
    work = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(times))])
    joined = _worked(arrivals, times, rate, work)
    k = np.arange(arrivals.size, dtype=float)
    done = (k + 1) + np.maximum.accumulate(joined - k)
    content = done - joined
    here = servers[np.searchsorted(times, arrivals, "right") - 1]
    here = np.where(here > 0, here, servers.max())  # who joins while nobody serves waits for all of them
    wait_s = _when(joined + np.maximum(content - here, 0.0), times, rate, work, "right") - arrivals
    wait_s[wait_s < ROUNDING * arrivals[-1]] = 0.0
    # Between arrivals the content falls; those beyond the servers are most at an arrival, or as servers leave.
    before = np.searchsorted(arrivals, times, "right")
    left = np.where(before > 0, done[np.maximum(before - 1, 0)] - work, 0.0)
    most = max((content - servers[np.searchsorted(times, arrivals, "right") - 1]).max(), (left - servers).max(), 0.0)
    most = most if most > ROUNDING * done[-1] else 0.0
    last_s = float(_when(done[-1:], times, rate, work, "left")[0])
    return FluidQueue(arrivals, content, wait_s, float(most), last_s)


def _worked(at_s: Float64, times: Float64, rate: Float64, work: Float64) -> Float64:
    """Return how much work could be done by then."""
    k = np.searchsorted(times, at_s, "right") - 1
    done: Float64 = work[k] + rate[k] * (at_s - times[k])
    return done


def _when(done: Float64, times: Float64, rate: Float64, work: Float64, side: str) -> Float64:
    """Return the last (`right`) or the first (`left`) time by which just so much work could be done; infinite if never.

    They differ where the rate is nought: a service that is due then begins after the break, one that ends then, before.
    """
    late = side == "right"
    k = np.maximum(np.searchsorted(work, done + (ROUNDING if late else -ROUNDING), "right" if late else "left") - 1, 0)
    over = np.maximum(done - work[k], 0.0)
    when: Float64 = np.full(done.size, np.inf)
    serving = rate[k] > 0
    when[serving] = times[k[serving]] + over[serving] / rate[k[serving]]
    return when
