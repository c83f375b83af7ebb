"""A criterion's quantity over the run, with its limit and when it was beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crowdsim.measure.flows import Flow

Float64 = NDArray[np.float64]
Spells = tuple[tuple[float, float], ...]

SAME_TIME_S = 1e-6
"""Whiles that are this near to each other are one [s]."""

CHART_POINTS = 600
"""Times at which a flow is read besides those of its crossings: as many as a picture has pixels to show them."""


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured over time.

    Attributes
    ----------
    title : what it is of, and how it was measured.
    label : the quantity with its unit, for the axis.
    time_s, value : (k,) ascending times [s], and the value from each on; of `points` at each.
    limit, limit_text : a level that the value should not exceed, and what it is called; None if there is none.
    deadline_s, deadline_text : a time by which something should have come true; None likewise.
    beyond : when the criterion was beyond its limit, from and to [s].
    form : how values are joined.
    """

    title: str
    label: str
    time_s: Float64
    value: Float64
    limit: float | None = None
    limit_text: str = ""
    deadline_s: float | None = None
    deadline_text: str = ""
    beyond: Spells = ()
    form: Literal["line", "steps", "points"] = "line"


def joined(spells: list[tuple[float, float]]) -> Spells:
    """Return whiles in order, those that overlap or touch as one."""
    found: list[tuple[float, float]] = []
    for begin_s, end_s in sorted(spells):
        if found and begin_s <= found[-1][1] + SAME_TIME_S:
            found[-1] = (found[-1][0], max(found[-1][1], end_s))
        else:
            found.append((begin_s, end_s))
    return tuple(found)


def spells_above(time_s: Float64, value: Float64, limit: float, end_s: float) -> Spells:
    """Return when values that each hold until the next time, the last one until `end_s`, were above a limit."""
    until_s = np.append(time_s[1:], end_s)[: time_s.size]
    above = np.flatnonzero(value > limit)
    return joined([(float(time_s[k]), float(until_s[k])) for k in above])


def within(time_s: Float64, spells: Spells) -> NDArray[np.bool_]:
    """Return which times lie in any of the whiles, whose ends do not belong to them."""
    inside = np.zeros(time_s.shape, bool)
    for begin_s, end_s in spells:
        inside |= (time_s >= begin_s) & (time_s < end_s)
    return inside


def inside_over_time(entry_s: Float64, exit_s: Float64) -> tuple[Float64, Float64]:
    """Return when the number of those inside changed [s], and what it was from then on."""
    times = np.concatenate([[0.0], entry_s, exit_s])
    change = np.concatenate([[0.0], np.ones(entry_s.size), -np.ones(exit_s.size)])
    order = np.lexsort((-change, times))
    return times[order], np.cumsum(change[order])


def flow_over_time(flow: Flow, end_s: float) -> tuple[Float64, Float64]:
    """Return when windows of a flow begin [s], and the flow over width in each [1/(m s)]; the highest is its peak.

    They begin at every crossing and at regular times; a window ends before its last moment, as that of the peak does.
    """
    begins = np.union1d(flow.times_s, np.linspace(-flow.window_s, max(end_s - flow.window_s, 0.0), CHART_POINTS))
    first, last = (np.searchsorted(flow.times_s, times, "left") for times in (begins, begins + flow.window_s))
    per_m_s: Float64 = (last - first) / flow.window_s / (flow.width_m or np.inf)
    return begins, per_m_s
