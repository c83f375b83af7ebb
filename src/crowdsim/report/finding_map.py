"""The map of a finding: its place at the worst time, with the people, how dense it was and what is around."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from crowdsim.assess import Finding
from crowdsim.assess.clock import clock
from crowdsim.assess.scene import Scene
from crowdsim.assess.varied import closed_at
from crowdsim.record.recording import Recording
from crowdsim.report.density import EMPTY_PER_M2
from crowdsim.report.ground import area_patch, draw_ground, draw_scale_bar
from crowdsim.report.levels import draw_levels
from crowdsim.report.style import (
    CLOSED,
    COUNTER,
    DENSITY_CLASSES,
    DENSITY_COLOURS,
    DENSITY_STEPS_PER_M2,
    DPI,
    INK,
    LIMIT,
    OPEN,
    OUTSIDE,
    POINTS_PER_IN,
    QUEUE,
    SMALL_PT,
    TEXT_PT,
    WALL,
    density_colours,
    plain,
    text_width,
    wrapped,
)

WIDE_IN = 5.6
"""Width of the picture: two go beside each other on a page."""

EDGE_IN, KEY_IN = 0.1, 0.62
"""Free margin, and height of the key to the colours."""

TALLEST_IN, LOWEST_IN = 5.0, 1.6
"""The tallest and the lowest map; a longer and narrower place is shown with more around it."""

LINE_IN = 0.17
"""Height of a line of small print."""

BODY_M, LEAST_PT = 0.4, 1.6
"""Breadth of a person [m], and the smallest dot for one."""

MOST_LABELS = 8
"""So many features are named at most, those nearest to the place."""

SCALE_BAR_IN = 1.1
"""The longest scale bar."""


def finding_map(finding: Finding, recording: Recording, number: int) -> Figure | None:
    """Return the map of a finding; None if it has no worst time that can be shown."""
    scene = finding.scene
    if scene is None:
        return None
    title = wrapped(f"{number}. {finding.entry['title']}", WIDE_IN - 2 * EDGE_IN, TEXT_PT, "bold")
    note = wrapped(_note(finding, scene), WIDE_IN - 2 * EDGE_IN, SMALL_PT)
    head_in = LINE_IN * (1.15 * (title.count("\n") + 1) + note.count("\n") + 1) + 1.5 * EDGE_IN
    x0, y0, x1, y1 = scene.box
    wide_in = WIDE_IN - 2 * EDGE_IN
    tall_in = min(max(wide_in * (y1 - y0) / (x1 - x0), LOWEST_IN), TALLEST_IN)
    scale = min(wide_in / (x1 - x0), tall_in / (y1 - y0))
    height = head_in + tall_in + KEY_IN + EDGE_IN
    figure = Figure(figsize=(WIDE_IN, height), dpi=DPI, facecolor="white")
    figure.text(
        EDGE_IN / WIDE_IN, 1 - EDGE_IN / height, plain(title), va="top", fontsize=TEXT_PT, fontweight="bold", color=INK
    )
    below = EDGE_IN + 1.15 * LINE_IN * (title.count("\n") + 1)
    figure.text(EDGE_IN / WIDE_IN, 1 - below / height, plain(note), va="top", fontsize=SMALL_PT, color=WALL)
    axes = figure.add_axes((EDGE_IN / WIDE_IN, KEY_IN / height, wide_in / WIDE_IN, tall_in / height))
    axes.set_facecolor(OUTSIDE)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(WALL)
    draw_ground(axes, recording.venue)
    draw_levels(axes, recording.venue, scale)
    _draw_queues(axes, recording)
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    axes.set_xlim(middle[0] - wide_in / scale / 2, middle[0] + wide_in / scale / 2)
    axes.set_ylim(middle[1] - tall_in / scale / 2, middle[1] + tall_in / scale / 2)
    _draw_crowd(axes, scene, recording, scale)
    if finding.subject.place:
        shape = area_patch(finding.subject.place.shape, fc="none", ec=LIMIT, lw=1.8, ls=(0, (4, 1.6)), zorder=8)
        shape.set_path_effects([withStroke(linewidth=3.8, foreground="white")])
        axes.add_patch(shape)
    _draw_labels(axes, finding, scene, recording, scale)
    draw_scale_bar(axes, scale, SCALE_BAR_IN)
    _draw_key(figure, height)
    return figure


def _note(finding: Finding, scene: Scene) -> str:
    mean = f"; colours: mean of {scene.over_s:.0f} s about it" if scene.over_s else ""
    place = finding.subject.place
    dashed = f". Dashed: {place.words}, {finding.entry['place']['ground_m2']:,.0f} m²" if place else ""
    return f"After {clock(scene.time_s)}: each dot a person{mean}{dashed}"


def _draw_crowd(axes: Axes, scene: Scene, recording: Recording, scale: float) -> None:
    colours, steps = density_colours()
    shown = np.where(scene.density > EMPTY_PER_M2, scene.density, np.nan)
    view = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(
        shown,
        origin="lower",
        extent=scene.extent,
        interpolation="nearest",
        aspect="auto",
        zorder=3,
        cmap=colours,
        norm=steps,
    )
    image.set_clip_path(area_patch(recording.venue.walkable, transform=axes.transData))
    axes.set_xlim(view[0])
    axes.set_ylim(view[1])
    size = max(BODY_M * scale * POINTS_PER_IN, LEAST_PT)
    axes.add_collection(
        EllipseCollection(
            size,
            size,
            0.0,
            units="points",
            offsets=np.column_stack([scene.x, scene.y]),
            transOffset=axes.transData,
            fc="white",
            ec=INK,
            lw=min(0.6, size / 5),
            zorder=4,
        )
    )


def _draw_queues(axes: Axes, recording: Recording) -> None:
    for line in recording.venue.queues.values():
        axes.plot(*line.xy, color=QUEUE, lw=1.6, zorder=3.5)
        axes.plot(*line.coords[0], "s", color=QUEUE, ms=4, zorder=3.5)
    for line in recording.venue.counters.values():
        axes.plot(*line.xy, color=COUNTER, lw=3.5, zorder=3.5, solid_capstyle="butt")


def _features(recording: Recording, scene: Scene, finding: Finding) -> list[tuple[str, BaseGeometry]]:
    """Return the features in the picture with what they are called there, the nearest to the place first."""
    venue = recording.venue
    box = shapely.box(*scene.box)
    closed = closed_at(recording, scene.time_s)
    shapes: dict[str, BaseGeometry] = {name: exit_.line or exit_.area for name, exit_ in venue.exits.items()}
    shapes |= {name: door.line for name, door in venue.doors.items()}
    for name, link in venue.links.items():
        shift_x, shift_y = venue.sheets[venue.levels.index(link.lower)].shift
        shapes[name] = shapely.affinity.translate(link.area, shift_x, shift_y)
    shapes |= {name: shapely.Point(line.coords[0]) for name, line in venue.queues.items()}
    place = finding.subject.place
    spot = shapely.Point(place.x, place.y) if place else box.centroid
    there = [(name, shape) for name, shape in shapes.items() if shape.intersects(box)]
    there.sort(key=lambda one: one[1].distance(spot))
    return [(f"{name}, closed" if name in closed else name, shape) for name, shape in there[:MOST_LABELS]]


def _draw_labels(axes: Axes, finding: Finding, scene: Scene, recording: Recording, scale: float) -> None:
    """Name the features, each on the side towards the map's middle; those that would cover another one are left out."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    middle = np.array([(left + right) / 2, (low + high) / 2])
    taken: list[shapely.Polygon] = []
    for text, shape in _features(recording, scene, finding):
        spot = shapely.intersection(shape, shapely.box(left, low, right, high)).centroid
        if spot.is_empty:
            continue
        wide, tall = (text_width(text, SMALL_PT) + 0.1) / scale, LINE_IN / scale
        inward = middle - (spot.x, spot.y)
        for way in (inward, -inward, inward[::-1], -inward[::-1]):
            unit = way / (np.hypot(*way) or 1.0)
            x = spot.x + unit[0] * (wide / 2 + 0.12 / scale)
            y = spot.y + unit[1] * (tall / 2 + 0.12 / scale)
            x = min(max(x, left + wide / 2), right - wide / 2)
            y = min(max(y, low + tall / 2), high - tall / 2)
            box = shapely.box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                colour = CLOSED if text.endswith(", closed") else OPEN
                axes.text(
                    x,
                    y,
                    plain(text),
                    ha="center",
                    va="center",
                    fontsize=SMALL_PT,
                    color=INK,
                    zorder=10,
                    bbox={"fc": "white", "ec": colour, "lw": 0.8, "pad": 1.6, "alpha": 0.93},
                )
                break


def _draw_key(figure: Figure, height: float) -> None:
    """Draw the classes of density in a row, with where each begins."""
    key = figure.add_axes((EDGE_IN / WIDE_IN, 0.0, 1 - 2 * EDGE_IN / WIDE_IN, KEY_IN / height))
    key.set_xlim(0, WIDE_IN - 2 * EDGE_IN)
    key.set_ylim(0, KEY_IN)
    key.set_axis_off()
    text = "people/m²"
    key.text(0, 0.39, text, va="center", fontsize=SMALL_PT, color=INK)
    left = text_width(text, SMALL_PT) + 0.1
    step = (WIDE_IN - 2 * EDGE_IN - left - 0.15) / len(DENSITY_COLOURS)
    edges = [left + k * step for k in range(len(DENSITY_COLOURS) + 1)]
    for (x, after), colour, letter, begins in zip(
        pairwise(edges), DENSITY_COLOURS, DENSITY_CLASSES, DENSITY_STEPS_PER_M2, strict=True
    ):
        key.add_patch(Rectangle((x, 0.28), after - x, 0.22, fc=colour, ec="white", lw=0.8))
        key.text(
            (x + after) / 2,
            0.385,
            letter,
            ha="center",
            va="center",
            fontsize=SMALL_PT,
            fontweight="bold",
            color="white" if begins >= DENSITY_STEPS_PER_M2[4] else INK,
        )
        key.text(x, 0.16, f"{begins:g}", ha="center", va="center", fontsize=SMALL_PT, color=INK)
