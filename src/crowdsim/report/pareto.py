"""A picture of layouts: what they cost against what has to hold, those that pass and those that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from crowdsim.report.responses import LINES, Quantity
from crowdsim.report.style import FAINT, INK, LIMIT, TEXT_PT, WALL, chart_figure, limit_line, plain, tidy
from crowdsim.report.words import number

HEIGHT_IN = 5.0

ANSWER, PASSES, LOOKED_AT, FAILS, BY_HAND = (
    "answer",
    "passes",
    "passed a few runs",
    "does not pass",
    "ruled out by hand",
)

LOOKS: dict[str, dict[str, Any]] = {
    BY_HAND: {"marker": "v", "ms": 4, "mfc": FAINT, "mec": WALL, "mew": 0.6},
    FAILS: {"marker": "x", "ms": 7, "mec": LIMIT, "mew": 1.6},
    LOOKED_AT: {"marker": "o", "ms": 7, "mfc": "white", "mec": LINES[0][0], "mew": 1.4},
    PASSES: {"marker": "o", "ms": 7, "mfc": LINES[0][0], "mec": "white", "mew": 0.6},
    ANSWER: {"marker": "*", "ms": 17, "mfc": "#ffd24d", "mec": INK, "mew": 1.0},
}
"""How each kind is drawn, those below first: told apart by their shapes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: what it costs, what came of it, and which of the kinds above it is."""

    x: float
    y: float
    kind: str


def pareto_figure(
    title: str, across: Quantity, upwards: Quantity, layouts: Sequence[Layout], *, counted: bool = False
) -> Figure:
    """Return layouts by what is to be small across and upwards; limits are lines.

    Parameters
    ----------
    counted : many have the same values: how many is written beside them.
    """
    figure = chart_figure(HEIGHT_IN, title)
    axes = figure.add_subplot()
    for kind, look in LOOKS.items():
        mine = [layout for layout in layouts if layout.kind == kind]
        if mine:
            axes.plot([one.x for one in mine], [one.y for one in mine], ls="none", label=kind, **look)
        for (x, y), n in Counter((one.x, one.y) for one in mine if counted).items():
            if n > 1:
                axes.annotate(f"×{n}", (x, y), (0, 7), textcoords="offset points", ha="center", fontsize=TEXT_PT)
    if upwards.limit is not None:
        limit_line(axes, upwards.limit, f"limit {number(upwards.limit)}")
    axes.set_xlabel(plain(across.label), fontsize=TEXT_PT)
    axes.set_ylabel(plain(upwards.label), fontsize=TEXT_PT)
    axes.margins(0.08)
    tidy(axes)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=5, frameon=False, fontsize=TEXT_PT)
    return figure
