"""The mean wait in a queue that has settled, by formula: M/M/c, and M/G/c by Allen and Cunneen."""

from __future__ import annotations

import math

import numpy as np

from crowdsim.population.draw import mean_duration
from crowdsim.scenario.distributions import AnyDuration, Constant, Empirical, Exponential, Lognormal, Normal, Uniform


def erlang_c(servers: int, offered: float) -> float:
    """Return the probability that somebody has to wait in an M/M/c queue (Erlang 1917), by the recursion of Erlang B.

    Parameters
    ----------
    offered : arrival rate times mean service time; below `servers`.
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    load = offered / servers
    return blocked / (1.0 - load * (1.0 - blocked))


def mean_wait_s(servers: int, arrivals_per_s: float, service: AnyDuration) -> float:
    """Return the mean wait before service, not counting it [s]; infinite from a load of 1 on.

    For exponential times M/M/c: C / (c mu - lambda). Else times (1 + Cs2) / 2, Cs2 the squared coefficient of variation
    of service times: exact for one server (Pollaczek-Khinchine), an approximation for more (Allen 1990, Probability,
    statistics, and queueing theory, 2nd ed., formula of Allen and Cunneen, for Poisson arrivals).
    """
    mean_s = mean_duration(service)
    offered = arrivals_per_s * mean_s
    if offered >= servers:
        return math.inf
    settled_s = erlang_c(servers, offered) / (servers / mean_s - arrivals_per_s)
    return settled_s * (1.0 + squared_variation(service)) / 2.0


def squared_variation(duration: AnyDuration) -> float:
    """Return variance over squared mean of a duration; of a normal one without its cut-off."""
    match duration:
        case Constant():
            return 0.0
        case Exponential():
            return 1.0
        case Lognormal():
            return math.expm1(duration.sigma**2)
        case Uniform():
            variance = (duration.max_s - duration.min_s) ** 2 / 12.0
        case Normal():
            variance = duration.sd_s**2
        case Empirical():
            variance = float(np.var(duration.values_s))
    mean_s = mean_duration(duration)
    return variance / mean_s**2 if mean_s else 0.0


def relaxation_s(servers: int, arrivals_per_s: float, mean_s: float) -> float:
    """Return how long a queue takes to forget how it began, about, for a load below 1 [s].

    Of M/M/1, 1 / (mu (1 - sqrt(load))^2) (Morse 1958, Queues, inventories and maintenance), with all servers as one.
    """
    return mean_s / servers / (1.0 - math.sqrt(arrivals_per_s * mean_s / servers)) ** 2
