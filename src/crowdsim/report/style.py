"""Colours, sizes and scales that all pictures share."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter
from shapely import Polygon, get_parts

from crowdsim.record.layout import COMPLETE
from crowdsim.record.recording import Recording
from crowdsim.venue import Area, Venue

DPI = 150
WALL = "#33373d"
FLOOR = "#f4f4f1"
OBSTACLE = "#b9bcc2"
ZONE = "#7aa6c2"
OPEN, CLOSED = "#1b7a5a", "#c2410c"
ENTRANCE = "#1d4ed8"
LINE = "#7c3aed"

LOS_LIMITS_PER_M2 = (0.31, 0.43, 0.72, 1.08, 2.17, 4.0, 5.0)
"""Upper limits of the levels of service A to E for walkways (Fruin 1971, from square feet a person); F beyond,
divided at Still's limits for moving (4 /m2) and static crowds (5 /m2)."""

LOS_NAMES = ("A", "B", "C", "D", "E", "F", "F > 4", "F > 5")

LOS_COLOURS = ("#fbfcd2", "#e6eeb0", "#bfe0a8", "#7cc6a9", "#3b9ab0", "#2f6690", "#7b2d6b", "#1a0a1f")
"""Light to dark, so that the order survives printing in grey and every kind of colour blindness."""

EGRESS_COLOURS = {"entered": "#4477aa", "inside": "#aa7700", "exited": "#117744"}


def los_colours() -> tuple[ListedColormap, BoundaryNorm]:
    """Return the level-of-service colours and the limits [1/m2] between them."""
    limits = [0.0, *LOS_LIMITS_PER_M2, 100.0]
    return ListedColormap(LOS_COLOURS), BoundaryNorm(limits, len(LOS_COLOURS))


def los_labels() -> list[str]:
    """Return the legend's texts: class and range in people/m2."""
    limits = [0.0, *LOS_LIMITS_PER_M2]
    labels = [f"{name:5} {low:g} to {high:g}" for name, low, high in zip(LOS_NAMES, limits, limits[1:], strict=False)]
    return [*labels, f"{LOS_NAMES[-1]:5} above {limits[-1]:g}"]


def new_figure(width: float = 10.0, height: float = 7.0) -> Figure:
    """Return an empty figure; sizes in inches."""
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")


def map_figure(venue: Venue) -> tuple[Figure, Axes]:
    """Return a figure whose shape suits the venue, and its map axes, empty but for scale and limits."""
    min_x, min_y, max_x, max_y = venue.walkable.bounds
    wide, tall = max_x - min_x, max_y - min_y
    height = min(max(8.0 * tall / wide, 3.0), 9.5)
    figure = new_figure(11.5, height + 0.8)
    axes = figure.add_subplot()
    margin = 0.04 * max(wide, tall)
    axes.set_xlim(min_x - margin, max_x + margin)
    axes.set_ylim(min_y - 2.2 * margin, max_y + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()
    add_scale_bar(axes, wide)
    return figure, axes


def add_scale_bar(axes: Axes, extent_m: float) -> None:
    """Draw a bar of a round length, about a sixth of the extent, at the lower left."""
    length = round_length(extent_m / 6)
    x, y = axes.get_xlim()[0], axes.get_ylim()[0]
    step = (axes.get_ylim()[1] - y) * 0.012
    x += (axes.get_xlim()[1] - x) * 0.03
    y += step * 2
    for k, colour in enumerate((WALL, "white")):
        axes.fill_between(
            [x + k * length / 2, x + (k + 1) * length / 2],
            y,
            y + step,
            color=colour,
            edgecolor=WALL,
            lw=0.8,
            zorder=9,
        )
    axes.text(x + length / 2, y + 1.6 * step, f"{length:g} m", ha="center", va="bottom", fontsize=10, zorder=9)


def round_length(length_m: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is at most a length."""
    power = 10.0 ** math.floor(math.log10(length_m))
    return power * max(factor for factor in (1, 2, 5) if factor * power <= length_m * (1 + 1e-9))


def area_patch(area: Area, **style: object) -> PathPatch:
    """Return a patch of polygons with their holes."""
    paths = []
    for polygon in get_parts(area):
        if isinstance(polygon, Polygon) and not polygon.is_empty:
            paths += [Path(np.asarray(ring.coords), closed=True) for ring in [polygon.exterior, *polygon.interiors]]
    path = Path.make_compound_path(*paths) if paths else Path(np.zeros((1, 2)))
    return PathPatch(path, **style)


def draw_floor(axes: Axes, venue: Venue, *, fill: bool = True) -> None:
    """Draw the walkable area with its walls, and the obstacles."""
    for area in venue.obstacles.values():
        axes.add_patch(area_patch(area, facecolor=OBSTACLE, edgecolor="none", zorder=1))
    floor = FLOOR if fill else "none"
    axes.add_patch(area_patch(venue.walkable, facecolor=floor, edgecolor=WALL, lw=1.1, zorder=2 if fill else 5))


def title(axes: Axes, text: str, recording: Recording | None = None) -> None:
    """Set a title at the left; a partial run says so in it."""
    if recording and recording.status != COMPLETE:
        text += f"  -  PARTIAL RUN: {recording.status} at {recording.simulated_s:g} s"
    axes.set_title(text, loc="left", fontsize=13, fontweight="bold")


def time_axis(axes: Axes, longest_s: float) -> float:
    """Label the time axis in seconds, minutes or hours, whichever reads best; return the seconds of one unit."""
    for unit, name in ((3600.0, "h"), (60.0, "min")):
        if longest_s > 3 * unit:
            axes.set_xlabel(f"time [{name}]")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            return unit
    axes.set_xlabel("time [s]")
    return 1.0


def readable(axes: Axes) -> None:
    """Give chart axes light grid lines and no box."""
    axes.grid(color="#dddddd", lw=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
