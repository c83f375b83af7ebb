"""Levels on a map: their names, and the ways between them."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from shapely import LineString

from crowdsim.report.style import CLOSED, INK, LINK, LINK_LINE, POINTS_PER_IN, TEXT_PT, plain, text_width
from crowdsim.venue import Venue
from crowdsim.venue.links import Link
from crowdsim.venue.sheets import moved

TREAD_PT = 4.0
"""Least spacing of the lines that show the steps of a stair: finer ones would run together."""

TREAD_M = 0.3
"""Their spacing where there is room: a usual tread."""

ARROW_M = 0.35
"""Where the arrow that points up ends, from the ends of the way, as a share of its width."""

NAME_IN = 0.13
"""The name of a level is this far above it."""


def name_of(venue: Venue, level: int) -> str:
    """Return how a level is called on pictures."""
    return f"{venue.levels[level]}, {venue.heights_m[level]:+g} m"


def name_lines(venue: Venue, scale: float) -> list[LineString]:
    """Return lines along the names of levels, for what must not hide them; `scale` in inches/m."""
    if len(venue.levels) == 1:
        return []
    lines = []
    for k, sheet in enumerate(venue.sheets):
        min_x, _, _, max_y = sheet.area.bounds
        y = max_y + (NAME_IN + TEXT_PT / POINTS_PER_IN / 2) / scale
        lines.append(LineString([(min_x, y), (min_x + text_width(name_of(venue, k), TEXT_PT, "bold") / scale, y)]))
    return lines


def draw_levels(axes: Axes, venue: Venue, scale: float) -> None:
    """Draw the ways between levels where they are on the lower one, and write the levels' names above them.

    Parameters
    ----------
    scale : of the map [inches/m].
    """
    if len(venue.levels) == 1:
        return
    for k, sheet in enumerate(venue.sheets):
        min_x, _, _, max_y = sheet.area.bounds
        axes.text(
            min_x, max_y + NAME_IN / scale, plain(name_of(venue, k)), va="bottom",
            fontsize=TEXT_PT, fontweight="bold", color=INK, zorder=9,
        )  # fmt: skip
    for link in venue.links.values():
        for level in (link.lower, link.upper):
            shift = venue.sheets[venue.levels.index(level)].shift
            if link.is_on(level):
                _draw_link(axes, link, shift, scale)
            else:
                axes.plot(*moved(link.area, shift).exterior.xy, color=LINK_LINE, lw=0.8, ls=(0, (2, 2)), zorder=2.5)


def _draw_link(axes: Axes, link: Link, shift: tuple[float, float], scale: float) -> None:
    colour = LINK_LINE if link.open else CLOSED
    area, line = moved(link.area, shift), moved(link.line, shift)
    axes.fill(*area.exterior.xy, fc=LINK, ec=colour, lw=1.2, zorder=2, ls="-" if link.open else "--")
    if link.has_steps:
        spacing = max(TREAD_M, TREAD_PT / POINTS_PER_IN / scale)
        for far in np.arange(spacing, line.length, spacing):
            axes.plot(*_across(line, float(far), link.width_m).xy, color=colour, lw=0.4, zorder=2)
    if link.is_lift:
        corners = area.exterior.coords
        for one, other in ((0, 2), (1, 3)):
            axes.plot(*zip(corners[one], corners[other], strict=True), color=colour, lw=0.6, zorder=2.2)
        return
    ends = min(ARROW_M * link.width_m, line.length / 4)
    up = link.carries_up
    begin, end = (ends, line.length - ends) if up else (line.length - ends, ends)
    points = [line.interpolate(far).coords[0] for far in np.linspace(begin, end, 20)]
    axes.plot(*zip(*points, strict=True), color=colour, lw=1.2, zorder=2.2)
    axes.annotate("", points[-1], points[-2], zorder=2.2, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.2})


def _across(line: LineString, far: float, width_m: float) -> LineString:
    """Return the line across a way, a distance from its beginning."""
    (x0, y0), (x1, y1) = line.interpolate(far).coords[0], line.interpolate(min(far + TREAD_M, line.length)).coords[0]
    if (x0, y0) == (x1, y1):
        (x0, y0) = line.interpolate(line.length - TREAD_M).coords[0]
    length = math.hypot(x1 - x0, y1 - y0)
    nx, ny = -(y1 - y0) / length * width_m / 2, (x1 - x0) / length * width_m / 2
    x, y = line.interpolate(far).coords[0]
    return LineString([(x - nx, y - ny), (x + nx, y + ny)])
