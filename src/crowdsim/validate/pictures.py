"""The pictures of the validation page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from crowdsim.report.style import DPI, ENTRANCE, FAINT, FLOW, INK, LIMIT, OPEN, SMALL_PT, TEXT_PT, WALL, tidy
from crowdsim.validate.case import Quantity
from crowdsim.validate.measuring import Float64, Track
from crowdsim.validate.venues import Points

SIZE_IN = (7.2, 3.4)
RUN, REFERENCE, ALLOWED = FLOW, WALL, "#dcefe6"
SERIES = (FLOW, OPEN, "#aa7700", ENTRANCE, "#7c3aed", LIMIT)
ROW_IN = 0.42
"""Height of a row of dots [inches]."""


class Curve(NamedTuple):
    """A curve: values over x, with half the width of their intervals where there is one."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    half: Sequence[float] = ()
    reference: bool = False


def _figure(height_in: float = SIZE_IN[1]) -> tuple[Figure, Axes]:
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
    figure = Figure(figsize=(SIZE_IN[0], height_in), dpi=DPI, layout=layout, facecolor="white")
    axes = figure.add_subplot()
    tidy(axes)
    return figure, axes


def _legend(axes: Axes) -> None:
    """Put the legend above the axes, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False, fontsize=SMALL_PT)


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def dots(rows: Sequence[Quantity], label: str, low: float = math.nan, high: float = math.nan) -> bytes:
    """Draw quantities of one unit: a dot a seed, a bar for the mean's interval, the allowed range shaded.

    Parameters
    ----------
    label : of the axis, with the unit.
    low, high : the allowed range; NaN where there is no bound.
    """
    figure, axes = _figure(1.1 + ROW_IN * len(rows))
    finite = [v for row in rows for v in row.values if math.isfinite(v)]
    ends = [v for v in (*finite, low, high) if math.isfinite(v)] or [0.0, 1.0]
    pad = 0.08 * (max(ends) - min(ends) or abs(max(ends)) or 1.0)
    left, right = min(ends) - pad, max(ends) + pad
    if math.isfinite(low) or math.isfinite(high):
        axes.axvspan(
            low if math.isfinite(low) else left, high if math.isfinite(high) else right, color=ALLOWED, lw=0, zorder=0
        )
        for bound in (low, high):
            if math.isfinite(bound):
                axes.axvline(bound, color=LIMIT, ls="-.", lw=1.4, zorder=1)
    for k, row in enumerate(rows):
        at = len(rows) - 1 - k
        if row.ci95:
            axes.plot(row.ci95, [at, at], color=INK, lw=5, alpha=0.25, solid_capstyle="butt", zorder=2)
        axes.plot(row.values, [at] * len(row.values), "o", ms=6, color=RUN, mec="white", mew=0.7, zorder=3)
        if row.mean is None:
            axes.text(left, at, "  not reached in every run", va="center", fontsize=SMALL_PT, color=LIMIT)
        else:
            axes.plot(row.mean, at, "|", ms=16, mew=2.2, color=INK, zorder=4)
    axes.set_yticks(range(len(rows)), [row.name for row in reversed(rows)])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(left, right)
    axes.set_xlabel(label, fontsize=TEXT_PT)
    axes.grid(axis="y", visible=False)
    return _png(figure)


def curves(lines: Sequence[Curve], x_label: str, y_label: str, y_range: tuple[float, float] | None = None) -> bytes:
    """Draw curves with error bars; references dashed and grey; `y_range` is an allowed range."""
    figure, axes = _figure()
    if y_range:
        axes.axhspan(*y_range, color=ALLOWED, lw=0, zorder=0)
    own = iter(SERIES)
    for curve in lines:
        if curve.reference:
            axes.plot(curve.x, curve.y, ls=(0, (5, 2)), lw=1.8, color=REFERENCE, label=curve.label)
        else:
            half = curve.half if len(curve.half) else None
            axes.errorbar(
                curve.x, curve.y, yerr=half, fmt="o-", ms=5, lw=1.8, capsize=3, color=next(own), label=curve.label
            )
    axes.set_xlabel(x_label, fontsize=TEXT_PT)
    axes.set_ylabel(y_label, fontsize=TEXT_PT)
    axes.set_ylim(bottom=0)
    _legend(axes)
    return _png(figure)


def by_parameter(label: str, xs: Sequence[float], rows: Sequence[Quantity]) -> Curve:
    """Return the curve of quantities over a parameter, with the half widths of their intervals."""
    means = [math.nan if row.mean is None else row.mean for row in rows]
    half = [(row.ci95[1] - row.ci95[0]) / 2 if row.ci95 else 0.0 for row in rows]
    return Curve(label, xs, means, half)


def distribution(samples: dict[str, Float64], x_label: str, bounds: dict[str, tuple[float, float]]) -> bytes:
    """Draw the share of people below each value, a curve a kind, with the kind's bounds as dotted lines."""
    figure, axes = _figure()
    for (name, sample), colour in zip(samples.items(), SERIES, strict=False):
        x = np.sort(sample)
        axes.step(x, (np.arange(x.size) + 1) / x.size, where="post", lw=1.9, color=colour, label=name)
        for bound in bounds.get(name, ()):
            axes.axvline(bound, color=colour, ls=":", lw=1.3)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(x_label, fontsize=TEXT_PT)
    axes.set_ylabel("share of people", fontsize=TEXT_PT)
    _legend(axes)
    return _png(figure)


def paths(track: Track, walls: Sequence[Points], marked: Sequence[Points] = ()) -> bytes:
    """Draw where everyone walked; `marked` areas are shaded."""
    figure, axes = _figure(SIZE_IN[1] + 0.8)
    for ring in marked:
        axes.fill(*zip(*ring, strict=True), color="#fbe9e7", lw=0)
    for ring in walls:
        axes.plot(*zip(*(*ring, ring[0]), strict=True), color=WALL, lw=1.8)
    axes.plot(track.x, track.y, color=RUN, lw=0.8, alpha=0.6)
    axes.set_aspect("equal")
    axes.set_xlabel("x [m]", fontsize=TEXT_PT)
    axes.set_ylabel("y [m]", fontsize=TEXT_PT)
    axes.grid(color=FAINT, lw=0.5)
    return _png(figure)
