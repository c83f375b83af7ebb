"""The list beside a plan: a section for each kind of thing, with its symbol and its numbered names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from crowdsim.report.style import CLOSED, INK, SMALL_PT, WALL, plain, shortened, text_width

ROW_IN = 0.21
NAME_IN = 0.32
"""Where the names begin, right of the numbers."""

BADGE_PT, LONG_BADGE_PT = 7.0, 12.0
"""Radius of a number's badge, and the same for numbers from `FIRST_LONG_NUMBER` on, which are wider."""

FIRST_LONG_NUMBER = 100

GAP_IN = 0.2
"""Least gap between name and detail, and between columns."""

WIDEST_IN = 3.1
"""The widest column: longer names are cut short."""


@dataclass(frozen=True, slots=True)
class Row:
    """A numbered line of the list.

    Attributes
    ----------
    detail : width, size or number of people, at the right of the column.
    """

    name: str
    detail: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of thing and what there is of it.

    Attributes
    ----------
    colour : of its numbers.
    sample : how it looks on the plan: arguments of a line or, if `is_area`, of a rectangle.
    """

    title: str
    colour: str
    sample: dict[str, Any]
    rows: tuple[Row, ...] = field(default=())
    is_area: bool = False


class Key:
    """The list, set in columns of the width that its texts need.

    Attributes
    ----------
    size_in : width and height [inches].
    """

    def __init__(self, sections: Sequence[Section], columns: int) -> None:
        self._lines = _numbered(sections)
        self._column_in = column_width(sections)
        self._columns = columns
        self._deep = -(-len(self._lines) // columns)
        self.size_in = (columns * (self._column_in + GAP_IN) - GAP_IN, max(self._deep, 1) * ROW_IN)

    def draw(self, axes: Axes) -> None:
        """Draw the list on axes whose coordinates are inches from the upper left corner."""
        for k, (number, section, row) in enumerate(self._lines):
            left = (k // self._deep) * (self._column_in + GAP_IN)
            middle = (k % self._deep + 0.5) * ROW_IN
            if row is None:
                _draw_heading(axes, section, left, middle)
            else:
                self._draw_row(axes, number, section, row, left, middle)

    def _draw_row(self, axes: Axes, number: int, section: Section, row: Row, left: float, middle: float) -> None:
        draw_badge(axes, (left + 0.13, middle), number, section.colour, closed=row.closed)
        room = self._column_in - NAME_IN - GAP_IN - text_width(row.detail, SMALL_PT)
        style: dict[str, Any] = {"va": "center_baseline", "fontsize": SMALL_PT}
        axes.text(left + NAME_IN, middle, plain(shortened(row.name, room, SMALL_PT)), color=INK, **style)
        colour = CLOSED if row.closed else WALL
        axes.text(left + self._column_in, middle, row.detail, ha="right", color=colour, **style)


def column_width(sections: Sequence[Section]) -> float:
    """Return the width of a column [inches] that shows every row in full, or the widest allowed."""
    rows = chain.from_iterable(section.rows for section in sections)
    widths = [NAME_IN + text_width(row.name, SMALL_PT) + GAP_IN + text_width(row.detail, SMALL_PT) for row in rows]
    titles = [NAME_IN + text_width(section.title, SMALL_PT, "bold") for section in sections]
    return min(max([*widths, *titles, 1.0]), WIDEST_IN)


def draw_badge(axes: Axes, place: Sequence[float], number: int, colour: str, *, closed: bool) -> None:
    """Draw a number on a disc of the colour, or on a square of the warning one for what is closed.

    Numbers too long for that have a wider badge.
    """
    x, y = place
    shape, fill = ("s", CLOSED) if closed else ("o", colour)
    box: dict[str, Any] | None = None
    if number < FIRST_LONG_NUMBER:
        axes.plot(x, y, shape, ms=2 * BADGE_PT, color=fill, mec="white", mew=0.8, zorder=8)
    else:
        box = {"boxstyle": "square,pad=0.2" if closed else "round,pad=0.2", "fc": fill, "ec": "white", "lw": 0.8}
    axes.text(
        *(x, y, str(number)), ha="center", va="center_baseline", color="white", zorder=8.5,
        fontsize=SMALL_PT, fontweight="bold", bbox=box,
    )  # fmt: skip


def _numbered(sections: Sequence[Section]) -> list[tuple[int, Section, Row | None]]:
    """Return the lines of the list: headings, which have no row, and rows with their numbers."""
    lines: list[tuple[int, Section, Row | None]] = []
    number = 0
    for section in sections:
        lines.append((0, section, None))
        for row in section.rows:
            number += 1
            lines.append((number, section, row))
    return lines


def _draw_heading(axes: Axes, section: Section, left: float, middle: float) -> None:
    if section.is_area:
        axes.add_patch(Rectangle((left + 0.02, middle - 0.06), 0.22, 0.12, **section.sample))
    else:
        axes.plot([left + 0.02, left + 0.24], [middle, middle], solid_capstyle="butt", **section.sample)
    axes.text(
        left + NAME_IN, middle, section.title, va="center_baseline", fontsize=SMALL_PT, fontweight="bold", color=INK
    )
