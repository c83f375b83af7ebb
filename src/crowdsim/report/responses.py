"""Pictures of sweeps: how figures respond to what was varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from crowdsim.report.style import (
    DENSITY_COLOURS,
    FAINT,
    INK,
    LIMIT,
    SMALL_PT,
    TEXT_PT,
    WALL,
    chart_figure,
    limit_line,
    plain,
    tidy,
)
from crowdsim.report.words import number

PANEL_IN = 2.6
"""Height of a panel [inches]."""

LINES = (("#4477aa", "o", "-"), ("#aa3377", "s", "--"), ("#117744", "^", "-."), ("#aa7700", "D", ":"))
"""Colour, marker and line of series: each tells them apart by itself."""

LIGHT_TEXT_FROM = 0.45
"""Share of the range of a heat map from which numbers on it are white (our choice)."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over the runs of an arm, and its interval; both ends None with one run only."""

    mean: float
    low: float | None = None
    high: float | None = None


SHARE_ROOM = 5
"""Room for markers below 0 and above 100 % [%]."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is drawn: its name with unit, a limit if it has one, and whether it is a share in per cent."""

    label: str
    limit: float | None = None
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a key in order, and what came of each.

    Attributes
    ----------
    name : shown in the legend; empty for a single one.
    x : (n,) the values, or 0, 1, ... for those that are no numbers.
    y : (n,) None where an arm has no value.
    """

    name: str
    x: Sequence[float]
    y: Sequence[Mean | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over one key.

    Attributes
    ----------
    dots : (n, 2) single runs: small ones behind means, large ones where there are none.
    failed : (n,) which of them failed a criterion.
    """

    quantity: Quantity
    series: Sequence[Series]
    dots: NDArray[np.float64]
    failed: NDArray[np.bool_]


def response_figure(title: str, key: str, panels: Sequence[Panel], names: Sequence[str] = ()) -> Figure:
    """Return the response of quantities to a key, one below the other, with the intervals of their means.

    Parameters
    ----------
    names : of the values of a key that are no numbers.
    """
    figure = chart_figure(1.1 + PANEL_IN * len(panels), title)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(grid, panels, strict=True):
        _draw_dots(axes, panel)
        for series, (colour, marker, line) in zip(panel.series, _lines(len(panel.series)), strict=True):
            _draw_series(axes, series, colour, marker, "none" if names else line)
        _finish(axes, panel.quantity)
    grid[-1].set_xlabel(plain(key), fontsize=TEXT_PT)
    if names:
        grid[-1].set_xticks(range(len(names)), [plain(name) for name in names])
        grid[-1].set_xlim(-0.5, len(names) - 0.5)
    if len(panels[0].series) != 1:
        grid[0].legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False, fontsize=TEXT_PT)
    return figure


def _draw_dots(axes: Axes, panel: Panel) -> None:
    alone = not panel.series
    for failed, marker, colour, name in ((False, "o", LINES[0][0], "passed"), (True, "x", LIMIT, "not passed")):
        dots = panel.dots[panel.failed == failed]
        if dots.size and alone:
            axes.plot(*dots.T, marker, ms=6, color=colour, label=name)
        elif dots.size:
            axes.plot(*dots.T, "o", ms=3.5, color=WALL, alpha=0.35, mew=0)


def _draw_series(axes: Axes, series: Series, colour: str, marker: str, line: str) -> None:
    there = [(x, y) for x, y in zip(series.x, series.y, strict=True) if y is not None]
    if not there:
        return
    x = [one for one, _ in there]
    axes.plot(x, [y.mean for _, y in there], ls=line, marker=marker, ms=6, lw=1.8, color=colour, label=series.name)
    for at, y in there:
        if y.low is not None and y.high is not None:
            axes.errorbar(at, y.mean, [[y.mean - y.low], [y.high - y.mean]], color=colour, capsize=4, lw=1.4, ls="none")


def _finish(axes: Axes, quantity: Quantity) -> None:
    if quantity.limit is not None:
        limit_line(axes, quantity.limit, f"limit {number(quantity.limit)}")
    axes.set_ylabel(plain(quantity.label), fontsize=TEXT_PT)
    axes.margins(y=0.12)
    if quantity.is_share:
        axes.set_yticks(range(0, 101, 20))
        axes.set_ylim(-SHARE_ROOM, 100 + SHARE_ROOM)
    tidy(axes)


def heat_figure(
    title: str, keys: tuple[str, str], names: tuple[Sequence[str], Sequence[str]], quantity: Quantity,
    values: NDArray[np.float64],
) -> Figure:  # fmt: skip
    """Return a map of a quantity over two keys, with its values written on it, marked where they exceed the limit.

    Parameters
    ----------
    names : of the values of the first key, across, and of the second, upwards.
    values : (second, first) means; NaN where there is none.
    """
    rows, columns = values.shape
    figure = chart_figure(min(2.2 + 0.6 * rows, 10.0), f"{title}: {quantity.label}")
    axes = figure.add_subplot()
    shown = np.ma.masked_invalid(values)
    low, high = (0.0, 100.0) if quantity.is_share else (float(shown.min()), float(shown.max()))
    image = axes.imshow(shown, origin="lower", aspect="auto", cmap="YlGnBu", vmin=low, vmax=high)
    for row in range(rows):
        for column in range(columns):
            value = values[row, column]
            if not np.isfinite(value):
                continue
            dark = (value - low) / (high - low) > LIGHT_TEXT_FROM if high > low else False
            beyond = quantity.limit is not None and value > quantity.limit
            axes.text(
                column, row, number(float(value)) + (" !" if beyond else ""), ha="center", va="center",
                fontsize=SMALL_PT, color="white" if dark else INK,
                fontweight="bold" if beyond else "normal",
            )  # fmt: skip
    axes.set_xticks(range(columns), [plain(name) for name in names[0]], fontsize=SMALL_PT)
    axes.set_yticks(range(rows), [plain(name) for name in names[1]], fontsize=SMALL_PT)
    axes.set_xlabel(plain(keys[0]), fontsize=TEXT_PT)
    axes.set_ylabel(plain(keys[1]), fontsize=TEXT_PT)
    figure.colorbar(image, ax=axes, pad=0.02)
    if quantity.limit is not None:
        axes.set_title(f"! beyond the limit, {number(quantity.limit)}", loc="left", fontsize=SMALL_PT, color=INK)
    return figure


@dataclass(frozen=True, slots=True)
class Bar:
    """What one key does to a quantity when it alone is changed.

    Attributes
    ----------
    ends : each value that was tried, as text, and the mean that came of it.
    """

    key: str
    ends: Sequence[tuple[str, float]]


def tornado_figure(title: str, quantity: Quantity, base: float, bars: Sequence[Bar]) -> Figure:
    """Return how far a quantity moves from its value as it is when one key at a time is changed, the widest on top."""

    def reach(bar: Bar) -> float:
        values = [base, *(mean for _, mean in bar.ends)]
        return max(values) - min(values)

    ordered = sorted(bars, key=reach)
    figure = chart_figure(1.6 + 0.62 * len(ordered), f"{title}: {quantity.label}")
    axes = figure.add_subplot()
    for row, bar in enumerate(ordered):
        for name, mean in bar.ends:
            colour = DENSITY_COLOURS[5] if mean > base else DENSITY_COLOURS[2]
            axes.barh(row, mean - base, left=base, height=0.5, color=colour, edgecolor=WALL, lw=0.6)
            side = 1 if mean >= base else -1
            axes.annotate(
                plain(name), (mean, row), xytext=(5 * side, 0), textcoords="offset points", va="center",
                ha="left" if side > 0 else "right", fontsize=SMALL_PT, color=INK,
            )  # fmt: skip
    axes.axvline(base, color=INK, lw=1.2)
    axes.annotate(
        f"as it is: {number(base)}", (base, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
        textcoords="offset points", ha="center", fontsize=SMALL_PT, color=INK,
    )  # fmt: skip
    if quantity.limit is not None:
        axes.axvline(quantity.limit, color=LIMIT, ls="-.", lw=1.4, label=f"limit {number(quantity.limit)}")
        axes.legend(loc="lower right", frameon=False, fontsize=SMALL_PT)
    axes.set_yticks(range(len(ordered)), [plain(bar.key) for bar in ordered], fontsize=TEXT_PT)
    axes.set_xlabel(plain(quantity.label), fontsize=TEXT_PT)
    axes.margins(x=0.18)
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_color(FAINT)
    return figure


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a quantity's variance that a key explains: alone, and with all it does together with others.

    Attributes
    ----------
    alone_half, in_all_half : half the width of the interval of each.
    """

    key: str
    alone: float
    alone_half: float
    in_all: float
    in_all_half: float


def shares_figure(title: str, quantity: Quantity, shares: Sequence[Share]) -> Figure:
    """Return how much of a quantity's variance each key explains, the most on top, with intervals."""
    ordered = sorted(shares, key=lambda share: share.in_all)
    figure = chart_figure(1.8 + 0.8 * len(ordered), f"{title}: what moves the {quantity.label}")
    axes = figure.add_subplot()
    for row, share in enumerate(ordered):
        for up, value, half, colour, hatch, name in (
            (0.19, share.alone, share.alone_half, DENSITY_COLOURS[5], "", "alone (first-order index)"),
            (-0.19, share.in_all, share.in_all_half, DENSITY_COLOURS[2], "///", "with the others (total index)"),
        ):
            axes.barh(row + up, value, height=0.36, color=colour, hatch=hatch, edgecolor=WALL, lw=0.6,
                      label=name if row == 0 else "_")  # fmt: skip
            axes.errorbar(value, row + up, xerr=half, color=INK, capsize=4, lw=1.4, ls="none")
    axes.set_yticks(range(len(ordered)), [plain(share.key) for share in ordered], fontsize=TEXT_PT)
    axes.set_xlabel("share of the variance", fontsize=TEXT_PT)
    axes.set_xlim(min(0.0, axes.get_xlim()[0]), max(1.0, axes.get_xlim()[1]))
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, fontsize=TEXT_PT)
    return figure


def _lines(count: int) -> list[tuple[str, str, str]]:
    return [LINES[k % len(LINES)] for k in range(count)]
