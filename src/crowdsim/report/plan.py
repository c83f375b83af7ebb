"""The venue plan: what is where, how wide, and how many start there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from shapely import LineString

from crowdsim.report.style import (
    CLOSED,
    DPI,
    ENTRANCE,
    LINE,
    OBSTACLE,
    OPEN,
    WALL,
    ZONE,
    area_patch,
    draw_floor,
    map_figure,
    title,
)
from crowdsim.scenario.feature import Scenario
from crowdsim.venue import Area, Venue, build_venue

ROWS_PER_COLUMN = 34
"""Entries in a column of the list beside the plan."""


def draw_plan(scenario: Scenario, path: Path) -> None:
    """Draw a scenario's venue plan and write it as a picture."""
    plan_figure(scenario, build_venue(scenario)).savefig(path, dpi=DPI)


def plan_figure(scenario: Scenario, venue: Venue) -> Figure:
    """Return the venue plan: numbered features, listed beside it with their names, widths and counts."""
    figure, axes = map_figure(venue)
    draw_floor(axes, venue)
    starting = _starting(scenario)
    for area in venue.zones.values():
        axes.add_patch(area_patch(area, facecolor=ZONE, alpha=0.3, edgecolor=ZONE, lw=0.8, zorder=3))
    for area in venue.entrances.values():
        axes.add_patch(area_patch(area, facecolor=ENTRANCE, alpha=0.35, edgecolor=ENTRANCE, lw=1.0, zorder=3))
    for area in venue.areas.values():
        axes.add_patch(area_patch(area, facecolor="none", edgecolor=LINE, ls="--", lw=1.3, zorder=4))
    for line in venue.lines.values():
        axes.plot(*line.xy, color=LINE, ls="--", lw=1.6, zorder=4)
    for door in venue.doors.values():
        _draw_passage(axes, door.line, door.open)
    for exit_ in venue.exits.values():
        _draw_passage(axes, exit_.line, exit_.open)
        if exit_.line is None:
            colour = OPEN if exit_.open else CLOSED
            axes.add_patch(area_patch(exit_.area, facecolor=colour, alpha=0.4, edgecolor=colour, zorder=3))
    entries = list(_entries(venue, starting))
    for number, (anchor, colour, _) in enumerate(entries, start=1):
        axes.text(
            *anchor,
            str(number),
            ha="center",
            va="center",
            fontsize=8 if len(entries) > ROWS_PER_COLUMN else 9,
            fontweight="bold",
            color="white",
            zorder=8,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": colour, "edgecolor": "white", "lw": 0.8},
        )
    _list_beside(axes, [text for _, _, text in entries])
    handles = [
        Patch(facecolor=ZONE, alpha=0.5, label="zone"),
        Patch(facecolor=ENTRANCE, alpha=0.5, label="entrance"),
        Line2D([], [], color=OPEN, lw=4, label="open door or exit"),
        Line2D([], [], color=CLOSED, lw=4, ls=(0, (1, 0.6)), label="closed"),
        Line2D([], [], color=LINE, lw=1.6, ls="--", label="measured"),
        Patch(facecolor=OBSTACLE, label="obstacle"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=10)
    title(axes, f"{scenario.config.title}  ({venue.walkable.area:,.0f} m2 walkable)")
    return figure


def _starting(scenario: Scenario) -> dict[str, int]:
    counts: dict[str, int] = {}
    for group in scenario.config.attendees.values():
        counts[group.start] = counts.get(group.start, 0) + (group.count or 0)
    return counts


def _draw_passage(axes: Axes, line: LineString | None, is_open: bool) -> None:
    if line is None:
        return
    style = {"color": OPEN} if is_open else {"color": CLOSED, "ls": (0, (1, 0.6))}
    axes.plot(*line.xy, lw=4, solid_capstyle="butt", zorder=6, **style)


def _entries(venue: Venue, starting: dict[str, int]) -> Iterator[tuple[tuple[float, float], str, str]]:
    """Yield anchor, colour and text of everything that is numbered on the plan."""
    for name, exit_ in venue.exits.items():
        state = "" if exit_.open else ", closed"
        yield (
            _beside(exit_.line, exit_.area, venue),
            OPEN if exit_.open else CLOSED,
            f"exit {name}: {exit_.width_m:.2f} m{state}",
        )
    for name, door in venue.doors.items():
        state = "" if door.open else ", closed"
        middle = door.line.interpolate(0.5, normalized=True)
        yield (middle.x, middle.y), OPEN if door.open else CLOSED, f"door {name}: {door.width_m:.2f} m{state}"
    for name, area in venue.entrances.items():
        people = f", {starting[name]:,} people" if starting.get(name) else ""
        yield _centre(area), ENTRANCE, f"entrance {name}{people}"
    for name, area in venue.zones.items():
        people = f", {starting[name]:,} people" if starting.get(name) else ""
        yield _centre(area), "#3d6f8e", f"zone {name}: {area.area:,.0f} m2{people}"
    for name, line in venue.lines.items():
        middle = line.interpolate(0.5, normalized=True)
        yield (middle.x, middle.y), LINE, f"line {name}: {line.length:.2f} m"
    for name, area in venue.areas.items():
        yield _centre(area), LINE, f"area {name}: {area.area:,.1f} m2"


def _centre(area: Area) -> tuple[float, float]:
    inside = area.centroid if shapely.intersects(area, area.centroid) else area.representative_point()
    return inside.x, inside.y


def _beside(line: LineString | None, area: Area, venue: Venue) -> tuple[float, float]:
    """Return a place just outside an exit, for its number."""
    if line is None:
        return _centre(area)
    middle, beyond = line.interpolate(0.5, normalized=True), area.centroid
    dx, dy = beyond.x - middle.x, beyond.y - middle.y
    min_x, min_y, max_x, max_y = venue.walkable.bounds
    push = 0.02 * max(max_x - min_x, max_y - min_y) / (math.hypot(dx, dy) or 1.0)
    return middle.x + push * dx, middle.y + push * dy


def _list_beside(axes: Axes, texts: list[str]) -> None:
    columns = math.ceil(len(texts) / ROWS_PER_COLUMN) or 1
    numbered = [f"{number:2d}  {text}" for number, text in enumerate(texts, start=1)]
    size = 9.5 if columns == 1 else 8.5
    handles = [Line2D([], [], ls="none") for _ in numbered]
    legend = axes.legend(
        handles,
        numbered,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        ncols=columns,
        handlelength=0,
        handletextpad=0,
        borderaxespad=0.5,
        columnspacing=1.0,
        fontsize=size,
        frameon=False,
        labelcolor=WALL,
    )
    legend.set_zorder(9)
