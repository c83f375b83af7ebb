"""The time series of a finding: its quantity over the run, the limit, and when it was beyond it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from crowdsim.assess import Finding
from crowdsim.assess.clock import clock
from crowdsim.assess.series import Series
from crowdsim.record.recording import Recording
from crowdsim.report.done import mark_done
from crowdsim.report.style import (
    DPI,
    EXITED,
    INK,
    LIMIT,
    SMALL_PT,
    TEXT_PT,
    plain,
    tidy,
    time_axis,
    wrapped,
)

WIDE_IN, TALL_IN = 5.6, 3.5

LIMIT_SHOWN = 2.5
"""The limit is within the chart if it is at most this many times the highest value; else its text says where."""

THICK_PT, THIN_PT = 1.5, 0.8
"""Thickness of a line, and of one that goes up and down so often that a thicker one would run together."""

MANY = 350
"""Turns up or down that are many: one for every other dot of the picture's width."""

LEGEND_PT = 14.0
"""Height of a row of the legend."""

SHADE = 0.13
"""Opacity of the time beyond the limit, which is hatched as well."""


def finding_series(finding: Finding, recording: Recording, number: int) -> Figure | None:
    """Return the time series of a finding; None if it has none."""
    series = finding.subject.series
    if series is None or not series.time_s.size:
        return None
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.05)
    end_s = recording.simulated_s
    figure = Figure(figsize=(WIDE_IN, TALL_IN), dpi=DPI, layout=layout, facecolor="white")
    axes = figure.add_subplot()
    title = wrapped(f"{number}. {series.title}", 0.9 * WIDE_IN, TEXT_PT, "bold")
    rows = 1 + (series.deadline_s is not None or series.form == "points")
    axes.set_title(plain(title), loc="left", fontsize=TEXT_PT, fontweight="bold", color=INK, pad=8 + LEGEND_PT * rows)
    longest_s = max(end_s, series.deadline_s or 0.0) if (series.deadline_s or 0.0) < 2 * end_s else end_s
    _draw_values(axes, series, end_s)
    _draw_limit(axes, series)
    if series.deadline_s is not None and series.deadline_s <= longest_s:
        axes.axvline(series.deadline_s, color=LIMIT, ls="-.", lw=1.6, label=plain(series.deadline_text))
    for k, (begin_s, until_s) in enumerate(series.beyond):
        label = None if k else f"beyond the limit, {sum(b - a for a, b in series.beyond):,.0f} s in all"
        axes.axvspan(begin_s, until_s, fc=LIMIT, alpha=SHADE, lw=0, zorder=0.5)
        axes.axvspan(begin_s, until_s, fc="none", ec=LIMIT, hatch="////", lw=0, alpha=0.5, zorder=0.6, label=label)
    if finding.scene:
        axes.axvline(finding.scene.time_s, color=INK, lw=0.9, ls=":", zorder=1.6)
        axes.plot(
            finding.scene.time_s,
            0.0,
            marker="^",
            ms=8,
            color=INK,
            clip_on=False,
            ls="none",
            transform=axes.get_xaxis_transform(),
            label=f"the map: {clock(finding.scene.time_s)}",
        )
    mark_done(axes, recording)
    time_axis(axes, longest_s)
    axes.set_ylabel(plain(series.label), fontsize=TEXT_PT)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=series.label == "people"))
    if series.label == "people":
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    tidy(axes)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.99),
        ncols=2,
        frameon=False,
        fontsize=SMALL_PT,
        handlelength=1.8,
        columnspacing=1.2,
        borderpad=0.2,
    )
    return figure


def _draw_values(axes: Axes, series: Series, end_s: float) -> None:
    time_s, value = series.time_s, series.value
    top = float(np.max(value, initial=0.0))
    if series.limit is not None and series.limit <= LIMIT_SHOWN * top:
        top = max(top, series.limit)
    axes.set_ylim(0, 1.12 * top if top else 1.0)
    if series.form == "points":
        late = value > (np.inf if series.limit is None else series.limit)
        for these, marker, word in ((~late, "o", "each person called"), (late, "^", "longer than the limit")):
            if these.any():
                colour = LIMIT if marker == "^" else EXITED
                axes.plot(time_s[these], value[these], marker, ms=3, color=colour, alpha=0.6, label=word)
        return
    turns = np.count_nonzero(np.diff(np.sign(np.diff(value))))
    thickness = THICK_PT if turns < MANY else THIN_PT
    if series.form == "steps":
        axes.step(np.append(time_s, end_s), np.append(value, value[-1]), where="post", color=EXITED, lw=thickness)
        return
    axes.plot(time_s, value, color=EXITED, lw=thickness)


def _draw_limit(axes: Axes, series: Series) -> None:
    if series.limit is None:
        return
    if series.limit <= axes.get_ylim()[1]:
        axes.axhline(series.limit, color=LIMIT, ls=(0, (5, 2)), lw=1.6, zorder=2.5)
        axes.annotate(
            plain(series.limit_text),
            (1.0, series.limit),
            xycoords=("axes fraction", "data"),
            xytext=(-3, 3),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=SMALL_PT,
            color=LIMIT,
            zorder=6,
            bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85},
        )
        return
    axes.text(
        0.99,
        0.97,
        plain(f"{series.limit_text}, beyond the scale"),
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=SMALL_PT,
        color=LIMIT,
    )
