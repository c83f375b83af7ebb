"""Flow over time at exits, doors, measurement lines and ways between levels, and how many used each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from crowdsim.measure import Flow
from crowdsim.measure.flows import EXIT, STAIR
from crowdsim.record.recording import Recording
from crowdsim.report.style import (
    FAINT,
    FLOW,
    INK,
    LIMIT,
    SMALL_PT,
    TEXT_PT,
    WALL,
    chart_figure,
    plain,
    tidy,
    time_axis,
)
from crowdsim.scenario.criteria import ExitFlowCriterion, StairFlowCriterion

Float64 = NDArray[np.float64]

CURVE_POINTS = 600
"""As many as a picture has pixels to show them."""

MOST_CURVES = 12
"""Up to this many have a curve each; more are strips of colour, one below the other."""

MOST_STRIPS = 40
"""The busiest are shown if there are more."""

LIMIT_SHOWN = 2.5
"""The limit line is within the chart if it is at most this many times the highest flow; else its text says where."""

LIMITED: dict[str, type[ExitFlowCriterion | StairFlowCriterion]] = {
    EXIT: ExitFlowCriterion,
    STAIR: StairFlowCriterion,
}
"""Criteria that limit the flow per width, by the kind that they are about."""

STRIP_COLOURS = "Blues"

NAME_LENGTH = 26
"""Longer names are cut short."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """What is drawn of one exit, door or line; `limit_per_s` is None where none is set."""

    flow: Flow
    curve_per_s: Float64
    limit_per_s: float | None


def flow_figure(recording: Recording, flows: Sequence[Flow], what: str, closed: Sequence[str] = ()) -> Figure:
    """Return the flow over time at each exit (or door, or line), and beside it how many passed.

    The limit of the flow criterion times the width is a line at each exit and stair.

    Parameters
    ----------
    what : what they are, for the title.
    closed : names of those that were closed, for the note.
    """
    times = np.linspace(0.0, recording.simulated_s, CURVE_POINTS)
    limits = {kind: specific_limit(recording, kind) for kind in LIMITED}
    panels = [
        _Panel(flow, flow_curve(flow, times), limit * flow.width_m if (limit := limits.get(flow.kind)) else None)
        for flow in sorted(flows, key=lambda flow: -flow.count)[:MOST_STRIPS]
    ]
    strips = len(panels) > MOST_CURVES
    rows = max(len(panels), 1)
    figure = chart_figure(
        1.7 + (0.24 if strips else 0.85) * rows, f"{recording.scenario.config.title}: flow at {what}", recording
    )
    (_draw_strips if strips else _draw_curves)(figure, panels, times)
    figure.supxlabel(plain(_note(recording, flows, panels, closed)), fontsize=SMALL_PT, color=WALL, x=0.01, ha="left")
    return figure


def flow_curve(flow: Flow, times_s: Float64) -> Float64:
    """Return the flow at given times, averaged over the flow's window around each [1/s]."""
    half = flow.window_s / 2
    after = np.searchsorted(flow.times_s, times_s + half, side="right")
    before = np.searchsorted(flow.times_s, times_s - half, side="left")
    curve: Float64 = (after - before) / flow.window_s
    return curve


def specific_limit(recording: Recording, kind: str) -> float | None:
    """Return the strictest limit of the flow per width of exits or stairs [1/(m s)]; None if there is none."""
    criteria = recording.scenario.config.criteria.values()
    return min((c.limit_per_m_s for c in criteria if isinstance(c, LIMITED[kind])), default=None)


def _note(recording: Recording, flows: Sequence[Flow], panels: Sequence[_Panel], closed: Sequence[str]) -> str:
    parts = [f"Flow: mean over {recording.scenario.config.measure.flow_window_s:g} s."]
    for kind in dict.fromkeys(panel.flow.kind for panel in panels if panel.limit_per_s):
        limit = specific_limit(recording, kind)
        parts.append(f"Limit of {kind}s: {limit:g} people per metre and second, times the width.")
    if len(flows) > len(panels):
        parts.append(f"Shown: the {len(panels)} busiest of {len(flows)}.")
    if closed:
        parts.append(f"Closed: {_short(', '.join(closed), 4 * NAME_LENGTH)}.")
    return "  ".join(parts)


def _short(name: str, length: int = NAME_LENGTH) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"


def _unit(panels: Sequence[_Panel]) -> str:
    """Return what is counted: through doors and over lines the same person may pass several times."""
    return "people" if all(panel.flow.kind == EXIT for panel in panels) else "passages"


def _draw_curves(figure: Figure, panels: Sequence[_Panel], times: Float64) -> None:
    """Draw a curve and a bar for each, one below the other on the same scale."""
    grid = figure.subplots(max(len(panels), 1), 2, sharex="col", squeeze=False, width_ratios=(4, 1))
    unit = _unit(panels)
    if not panels:
        grid[0][0].text(0.5, 0.5, "None are open.", transform=grid[0][0].transAxes, ha="center", color=WALL)
    top = max([panel.curve_per_s.max() for panel in panels] + [0.1])
    limits = [panel.limit_per_s for panel in panels if panel.limit_per_s]
    within = [limit for limit in limits if limit <= LIMIT_SHOWN * top]
    room = 1.1 if len(within) == len(limits) else 1.4  # for the text about limits beyond the scale
    shown_to = room * max([top, *within])
    most = max([panel.flow.count for panel in panels] + [1])
    for (chart, bar), panel in zip(grid, panels, strict=False):
        chart.fill_between(times, panel.curve_per_s, color=FLOW, lw=0)
        if panel.limit_per_s and panel.limit_per_s <= shown_to:
            chart.axhline(panel.limit_per_s, color=LIMIT, ls=(0, (4, 2)), lw=1.5)
        elif panel.limit_per_s:
            chart.text(
                0.995, 0.96, f"limit {panel.limit_per_s:.1f}/s, beyond the scale", transform=chart.transAxes,
                ha="right", va="top", fontsize=SMALL_PT, color=LIMIT,
            )  # fmt: skip
        chart.set_ylim(0, shown_to)
        chart.yaxis.set_major_locator(MaxNLocator(3))
        chart.set_ylabel(
            plain(f"{_short(panel.flow.name, 18)}\n{panel.flow.width_m:.2f} m"), rotation=0,
            labelpad=10, ha="right", va="center",
            fontsize=SMALL_PT, color=INK,
        )  # fmt: skip
        tidy(chart)
        _draw_bar(bar, panel, most)
    grid[0][0].set_title(f"{unit}/s", loc="left", fontsize=TEXT_PT, color=INK)
    grid[0][1].set_title(unit, loc="left", fontsize=TEXT_PT, color=INK)
    time_axis(grid[-1][0], float(times[-1]))
    for _, bar in grid:
        bar.set_axis_off()


def _draw_bar(axes: Axes, panel: _Panel, most: int) -> None:
    axes.barh(0.0, panel.flow.count, height=0.5, color=FLOW)
    axes.set_xlim(0, 1.5 * most)
    axes.set_ylim(-1.2, 0.8)
    axes.text(panel.flow.count + 0.03 * most, 0.0, f"{panel.flow.count:,}", va="center", fontsize=SMALL_PT, color=INK)
    if not panel.flow.count:
        return
    peak = f"peak {panel.flow.peak_specific_per_m_s:.2f}/(m s)"
    axes.text(0.0, -0.75, peak, va="center", fontsize=SMALL_PT, color=WALL)


def _draw_strips(figure: Figure, panels: Sequence[_Panel], times: Float64) -> None:
    """Draw a strip of colour and a bar for each, in red where the flow is above the limit."""
    chart, bars = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
    unit = _unit(panels)
    curves = np.array([panel.curve_per_s for panel in panels])
    limits = np.array([panel.limit_per_s or np.inf for panel in panels])
    scale = Normalize(0.0, max(float(curves.max()), 0.1))
    edges_s = (0.0, float(times[-1]), len(panels) - 0.5, -0.5)
    chart.imshow(curves, aspect="auto", extent=edges_s, cmap=STRIP_COLOURS, norm=scale, interpolation="nearest")
    over = np.where(curves > limits[:, None], 1.0, np.nan)
    if np.isfinite(over).any():
        chart.imshow(over, aspect="auto", extent=edges_s, cmap="Reds_r", vmin=1, vmax=2, interpolation="nearest")
    names = [plain(f"{_short(panel.flow.name)}  {panel.flow.width_m:.2f} m") for panel in panels]
    rows = np.arange(len(panels))
    chart.set_yticks(rows, names, fontsize=SMALL_PT)
    chart.set_yticks(rows[:-1] + 0.5, minor=True)
    chart.grid(which="minor", axis="y", color="white", lw=1.5)
    chart.tick_params(which="both", length=0, labelsize=SMALL_PT)
    counts = [panel.flow.count for panel in panels]
    bars.barh(rows, counts, color=FLOW, height=0.7)
    for row, count in zip(rows, counts, strict=True):
        bars.text(count + 0.03 * max([*counts, 1]), row, f"{count:,}", va="center", fontsize=SMALL_PT, color=INK)
    bars.set_xlim(0, 1.4 * max([*counts, 1]))
    bars.set_axis_off()
    bars.set_title(unit, loc="left", fontsize=TEXT_PT, color=INK)
    over_text = "; red where above the limit" if np.isfinite(over).any() else ""
    chart.set_title(f"{unit}/s{over_text}", loc="left", fontsize=TEXT_PT, color=INK)
    short = min(1.0, 8 / len(panels))
    bar = figure.colorbar(ScalarMappable(scale, STRIP_COLOURS), ax=[chart, bars], shrink=short, pad=0.01, aspect=25)
    bar.ax.tick_params(labelsize=SMALL_PT)
    bar.outline.set_edgecolor(FAINT)
    time_axis(chart, float(times[-1]))
