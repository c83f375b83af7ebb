"""Charts over time: who came and left, and the flow at exits and lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from crowdsim.measure import Egress, Flow
from crowdsim.record.recording import Recording
from crowdsim.report.style import EGRESS_COLOURS, WALL, new_figure, readable, time_axis, title
from crowdsim.scenario.schema import ExitFlowCriterion

CHART_POINTS = 400
"""Points in a flow curve: more than a picture's pixels can show."""

PANELS_ACROSS = 4
"""Small charts side by side."""

SHOWN_AT_MOST = 24
"""Exits or lines with a chart of their own; the busiest are shown."""


def egress_figure(recording: Recording, egress: Egress) -> Figure:
    """Return the numbers of attendees entered, inside and exited over time."""
    figure = new_figure(10, 6)
    axes = figure.add_subplot()
    unit = time_axis(axes, recording.simulated_s)
    times = np.linspace(0, recording.simulated_s, CHART_POINTS * 2)
    entered = np.searchsorted(egress.entry_s, times, side="right")
    exited = np.searchsorted(egress.exit_s, times, side="right")
    styles = {"entered": "--", "inside": ":", "exited": "-"}
    for name, values in (("entered", entered), ("inside", entered - exited), ("exited", exited)):
        axes.plot(times / unit, values, styles[name], lw=2.4, color=EGRESS_COLOURS[name], label=name)
    for label, time_s, share in (
        ("half out", egress.time_by_which_left(0.5), 0.5),
        ("95 % out", egress.time_by_which_left(0.95), 0.95),
        ("last out", egress.egress_time_s, 1.0),
    ):
        if time_s is None:
            continue
        axes.plot(time_s / unit, share * egress.planned, "o", ms=7, color=EGRESS_COLOURS["exited"])
        axes.annotate(
            f"{label}: {time_s:.0f} s",
            (time_s / unit, share * egress.planned),
            xytext=(-8, 8),
            textcoords="offset points",
            ha="right",
            fontsize=11,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
        )
    axes.set_ylabel("attendees")
    axes.set_ylim(0, max(egress.planned, 1) * 1.12)
    axes.set_xlim(0, max(recording.simulated_s, 1) / unit)
    axes.legend(frameon=False, fontsize=11, loc="center right")
    readable(axes)
    title(axes, f"{recording.scenario.config.title}: entering and leaving", recording)
    return figure


def flow_figure(recording: Recording, flows: Sequence[Flow], what: str) -> Figure:
    """Return the flow over time at each exit (or door, or line), the busiest first, on the same scale.

    The dotted line is the limit of the flow criterion times the width, at exits.
    """
    shown = sorted(flows, key=lambda flow: -flow.count)[:SHOWN_AT_MOST]
    across = min(PANELS_ACROSS, max(len(shown), 1))
    down = math.ceil(len(shown) / across) or 1
    figure = new_figure(max(2.9 * across, 6.5), 2.2 * down + 1.2)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    limits = [c.limit_per_m_s for c in recording.scenario.config.criteria.values() if isinstance(c, ExitFlowCriterion)]
    unit = time_axis(grid[-1][0], recording.simulated_s)
    for axes in grid.flat[len(shown) :]:
        axes.set_axis_off()
    for axes, flow in zip(grid.flat, shown, strict=False):
        times = np.linspace(0, recording.simulated_s, CHART_POINTS)
        axes.fill_between(times / unit, flow_curve(flow, times), color=EGRESS_COLOURS["exited"], alpha=0.75, lw=0)
        if flow.kind == "exit" and limits:
            axes.axhline(limits[0] * flow.width_m, color="#b91c1c", ls=":", lw=1.6)
        axes.set_title(f"{flow.name}  ({flow.width_m:.2f} m)", fontsize=10.5, loc="left", color=WALL)
        axes.annotate(
            f"{flow.count:,} people\npeak {flow.peak_specific_per_m_s:.2f} /(m s)",
            (0.97, 0.95),
            xycoords="axes fraction",
            ha="right",
            va="top",
            fontsize=9.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
        )
        readable(axes)
    top = max([flow_curve(flow, flow.times_s).max(initial=0) for flow in shown] + [0.1])
    if what == "exits" and limits:
        top = max([top] + [limits[0] * flow.width_m for flow in shown])
    grid[0][0].set_ylim(0, 1.55 * top)  # room for the text above the curves
    for axes in grid[-1]:
        time_axis(axes, recording.simulated_s)
    for row in grid:
        row[0].set_ylabel("people/s")
    more = f" (the {len(shown)} busiest of {len(flows)})" if len(flows) > len(shown) else ""
    window = shown[0].window_s if shown else 0
    note = f"mean over {window:g} s" + ("; dotted: limit times width" if limits and what == "exits" else "")
    partial = "" if recording.status == "complete" else f"  -  PARTIAL RUN: {recording.status}"
    text = f"{recording.scenario.config.title}: flow at {what}{more}{partial}"
    figure.suptitle(text, x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.supxlabel(note, fontsize=10, color=WALL)
    return figure


def flow_curve(flow: Flow, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the flow at given times, averaged over the window around each [1/s]."""
    half = flow.window_s / 2
    after = np.searchsorted(flow.times_s, times_s + half, side="right")
    before = np.searchsorted(flow.times_s, times_s - half, side="left")
    curve: NDArray[np.float64] = (after - before) / flow.window_s
    return curve
