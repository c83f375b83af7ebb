"""The page that maps are drawn on: a venue's floor to scale, with a panel of text beside or below it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from shapely import LineString, Polygon, get_parts

from crowdsim.record.recording import Recording
from crowdsim.report.levels import draw_levels
from crowdsim.report.style import (
    CLOSED,
    DPI,
    FLOOR,
    HATCH,
    INK,
    OBSTACLE,
    OPEN,
    OUTSIDE,
    POINTS_PER_IN,
    SMALL_PT,
    TEXT_PT,
    TITLE_PT,
    WALL,
    WIDTH_IN,
    heading,
    wrapped,
)
from crowdsim.venue import Area, Venue

EDGE_IN = 0.15
"""Free margin of the page."""

RIM_IN = 0.35
"""Ground shown around the venue: room for the numbers of exits."""

FOOT_IN = 0.3
"""Ground below that, for the scale bar."""

TALLEST_IN = 7.0
"""The tallest map."""

NARROWEST_IN = 6.5
"""The narrowest page: narrower ones would have no room for a title."""

SCALE_BAR_IN = 1.7
"""The longest scale bar; the next shorter round length is at least two fifths of it."""

SCALE_LABEL_IN = 1.0
"""Room for the scale bar's label and the margins around both."""

WALL_THICKNESS_M = 1.0
"""Gaps in the walkable area narrower than this are drawn as solid wall."""

WALL_PT, DOOR_PT, EXIT_PT = 1.0, 2.5, 4.0


@dataclass(frozen=True, slots=True)
class Page:
    """A figure with a map to scale and an empty panel, whose coordinates are inches from its upper left corner.

    Attributes
    ----------
    panel : y grows downwards, so that lists are written from the top.
    points_per_m : the scale of the map.
    """

    figure: Figure
    map: Axes
    panel: Axes
    points_per_m: float


def map_scale(venue: Venue, width_in: float, tallest_in: float) -> float:
    """Return the largest scale [inches/m] at which a venue's map is no wider and taller than given."""
    min_x, min_y, max_x, max_y = venue.walkable.bounds
    across, up = (width_in - 2 * RIM_IN) / (max_x - min_x), (tallest_in - 2 * RIM_IN - FOOT_IN) / (max_y - min_y)
    return float(min(across, up))


def map_page(
    venue: Venue,
    text: str,
    note: str,
    *,
    panel_in: tuple[float, float],
    below: bool = False,
    enlarged: float = 1.0,
    recording: Recording | None = None,
) -> Page:
    """Return a page with the venue's ground, floor and scale bar.

    Parameters
    ----------
    text, note : the title, and a line in small print below it.
    panel_in : width and height of the panel [inches].
    below : put the panel below the map, not beside it.
    enlarged : how many times as wide the page may be as others.
    """
    min_x, min_y, max_x, max_y = venue.walkable.bounds
    beside = 0.0 if below else panel_in[0] + EDGE_IN
    scale = map_scale(venue, enlarged * WIDTH_IN - 2 * EDGE_IN - beside, enlarged * TALLEST_IN)
    map_w = max((max_x - min_x) * scale + 2 * RIM_IN, SCALE_BAR_IN + SCALE_LABEL_IN)
    map_h = (max_y - min_y) * scale + 2 * RIM_IN + FOOT_IN
    width = max(map_w + beside + 2 * EDGE_IN, panel_in[0] + 2 * EDGE_IN, NARROWEST_IN)
    title = heading(text, width - 2 * EDGE_IN, recording)
    note = wrapped(note, width - 2 * EDGE_IN, SMALL_PT)
    title_in, note_in = (in_ * (text.count("\n") + 1) for in_, text in ((0.23, title), (0.17, note)))
    body = map_h + panel_in[1] + EDGE_IN if below else max(map_h, panel_in[1])
    height = body + title_in + note_in + 3 * EDGE_IN

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    top = height - EDGE_IN
    at = {"x": EDGE_IN / width, "ha": "left", "va": "top"}
    figure.suptitle(title, y=top / height, fontsize=TITLE_PT, fontweight="bold", color=INK, **at)
    figure.text(y=(top - title_in) / height, s=note, fontsize=SMALL_PT, color=WALL, **at)
    top -= title_in + note_in + EDGE_IN / 2
    ground = _inches(figure, EDGE_IN, top - map_h, map_w, map_h)
    middle_x = (min_x + max_x) / 2
    ground.set_xlim(middle_x - map_w / 2 / scale, middle_x + map_w / 2 / scale)
    ground.set_ylim(min_y - (RIM_IN + FOOT_IN) / scale, max_y + RIM_IN / scale)
    ground.set_facecolor(OUTSIDE)
    ground.set_xticks([])
    ground.set_yticks([])
    for spine in ground.spines.values():
        spine.set_visible(False)
    left, panel_top = (EDGE_IN, top - map_h - EDGE_IN) if below else (EDGE_IN + map_w + EDGE_IN, top)
    panel = _inches(figure, left, panel_top - panel_in[1], *panel_in)
    panel.set_xlim(0, panel_in[0])
    panel.set_ylim(panel_in[1], 0)
    panel.set_axis_off()
    draw_ground(ground, venue)
    draw_levels(ground, venue, scale)
    draw_scale_bar(ground, scale)
    return Page(figure, ground, panel, scale * POINTS_PER_IN)


def _inches(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    page_w, page_h = figure.get_size_inches()
    return figure.add_axes((left / page_w, bottom / page_h, width / page_w, height / page_h))


def draw_scale_bar(axes: Axes, scale: float, longest_in: float = SCALE_BAR_IN) -> None:
    """Draw a bar of a round length at the lower left, its first half filled; `scale` in inches/m."""
    length = round_length(longest_in / scale)
    x, y = axes.get_xlim()[0] + 0.15 / scale, axes.get_ylim()[0] + 0.12 / scale
    high = 0.06 / scale
    for k, colour in enumerate((WALL, "white")):
        half = Rectangle((x + k * length / 2, y), length / 2, high, fc=colour, ec=WALL, lw=0.8, zorder=9)
        axes.add_patch(half)
    axes.text(x + length + 0.08 / scale, y + high / 2, f"{length:g} m", va="center", fontsize=TEXT_PT, color=INK)


def round_length(longest_m: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is at most a length."""
    power = 10.0 ** math.floor(math.log10(longest_m) + 1e-9)
    return power * max(factor for factor in (1, 2, 5) if factor * power <= longest_m * (1 + 1e-9))


def area_patch(area: Area, **style: Any) -> PathPatch:
    """Return a patch of polygons with their holes."""
    paths = [
        Path(np.asarray(ring.coords), closed=True)
        for polygon in get_parts(area)
        if isinstance(polygon, Polygon) and not polygon.is_empty
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    path = Path.make_compound_path(*paths) if paths else Path(np.zeros((1, 2)))
    return PathPatch(path, **style)


def draw_ground(axes: Axes, venue: Venue) -> None:
    """Draw the walkable floor, the walls around it, obstacles, doors and exits."""
    axes.add_patch(area_patch(venue.walkable, fc=FLOOR, ec="none", zorder=1))
    obstacles = shapely.union_all([*venue.obstacles.values(), *venue.rails.values()])
    reach = WALL_THICKNESS_M / 2
    filled = shapely.buffer(venue.walkable, reach, join_style="mitre")
    filled = shapely.buffer(filled, -reach, join_style="mitre")
    walls = shapely.difference(filled, shapely.union(venue.walkable, obstacles))
    axes.add_patch(area_patch(walls, fc=WALL, ec="none", zorder=5))
    axes.add_patch(area_patch(venue.walkable, fc="none", ec=WALL, lw=WALL_PT, zorder=5))
    axes.add_patch(area_patch(obstacles, fc=OBSTACLE, ec=HATCH, lw=0.6, hatch="////", zorder=5))
    for door in venue.doors.values():
        _draw_passage(axes, door.line, DOOR_PT, is_open=door.open)
    for exit_ in venue.exits.values():
        if exit_.line is not None:
            _draw_passage(axes, exit_.line, EXIT_PT, is_open=exit_.open)
        else:
            colour, style = (OPEN, "-") if exit_.open else (CLOSED, "--")
            axes.add_patch(area_patch(exit_.area, fc="none", ec=colour, hatch="..", ls=style, lw=1.5, zorder=6))


def _draw_passage(axes: Axes, line: LineString, thickness_pt: float, *, is_open: bool) -> None:
    x, y = line.xy
    if is_open:
        axes.plot(x, y, color=OPEN, lw=thickness_pt, solid_capstyle="butt", zorder=6)
    else:
        axes.plot(x, y, color="white", lw=thickness_pt + 1, solid_capstyle="butt", zorder=6)
        axes.plot(x, y, color=CLOSED, lw=thickness_pt, ls=(0, (1, 0.7)), zorder=6)
