"""The egress curve: how the venue fills and empties."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from crowdsim.measure import Egress
from crowdsim.record.recording import Recording
from crowdsim.report.done import mark_done
from crowdsim.report.style import (
    ENTERED,
    EXITED,
    INK,
    INSIDE,
    LIMIT,
    TEXT_PT,
    WALL,
    chart_figure,
    clock,
    tidy,
    time_axis,
)
from crowdsim.scenario.criteria import EgressTimeCriterion

CURVE_POINTS = 2000
"""More than a picture has pixels across."""

LIMIT_SHOWN = 2.0
"""The limit of the egress time is shown if it is at most this many times as late as the run's end."""

MARKED = (("half out", 0.5), ("95 % out", 0.95), ("last out", 1.0))


def egress_figure(recording: Recording, egress: Egress) -> Figure:
    """Return the numbers of attendees entered, inside and exited over time, with the limit of the egress time."""
    figure = chart_figure(6.0, f"{recording.scenario.config.title}: entering and leaving", recording)
    axes = figure.add_subplot()
    end_s = recording.simulated_s
    limits = [
        criterion.from_s + criterion.limit_s
        for criterion in recording.scenario.config.criteria.values()
        if isinstance(criterion, EgressTimeCriterion)
    ]
    limits = [limit for limit in limits if limit <= LIMIT_SHOWN * end_s]
    longest_s = max([end_s, *(1.02 * limit for limit in limits)])
    times = np.linspace(0.0, end_s, CURVE_POINTS)
    entered = np.searchsorted(egress.entry_s, times, side="right")
    exited = np.searchsorted(egress.exit_s, times, side="right")
    inside = f"inside ({egress.inside:,} at the end)" if egress.inside else "inside"
    for name, values, style, colour in (
        ("entered", entered, (0, (5, 2)), ENTERED),
        (inside, entered - exited, (0, (1, 1)), INSIDE),
        ("exited", exited, "-", EXITED),
    ):
        axes.plot(times, values, ls=style, lw=2.6, color=colour, label=name)
    for limit in limits:
        axes.axvline(limit, color=LIMIT, ls="-.", lw=1.6, label=f"limit for the last: {clock(limit, longest_s)}")
    most = max(egress.planned, 1)
    for text, share in MARKED:
        reached = egress.egress_time_s if share == 1.0 else egress.time_by_which_left(share)
        if reached is None:
            continue
        axes.plot([reached, longest_s], [share * most] * 2, color=EXITED, lw=0.8, ls=":", clip_on=False)
        axes.plot(reached, share * most, "o", ms=7, color=EXITED, mec="white", zorder=5)
        axes.annotate(
            f"{text}: {clock(reached, longest_s)}", (1.0, share * most), xycoords=("axes fraction", "data"),
            xytext=(5, 0), textcoords="offset points", va="center", fontsize=TEXT_PT, color=INK,
        )  # fmt: skip
    if not egress.entry_s.size:
        axes.text(0.5, 0.5, "Nobody entered.", transform=axes.transAxes, ha="center", fontsize=TEXT_PT, color=WALL)
    mark_done(axes, recording)
    time_axis(axes, longest_s)
    axes.set_ylim(0, most * 1.05)
    axes.set_ylabel(f"attendees (of {egress.planned:,} planned)", fontsize=TEXT_PT)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    tidy(axes)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False, fontsize=TEXT_PT, handlelength=3)
    return figure
