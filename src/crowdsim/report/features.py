"""The features of a venue file as they are drawn: what an import made, or where the mistakes are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from shapely import LineString

from crowdsim.errors import Problem
from crowdsim.report.ground import area_patch
from crowdsim.report.style import (
    DPI,
    FLOOR,
    HATCH,
    INK,
    LIMIT,
    LINK_LINE,
    MEASURED,
    OBSTACLE,
    OPEN,
    OUTSIDE,
    SMALL_PT,
    TEXT_PT,
    TITLE_PT,
    WALL,
    WIDTH_IN,
    ZONE,
    plain,
    wrapped,
)
from crowdsim.scenario.feature import LINKS, Feature
from crowdsim.venue.build import to_area

TEXT_IN, LEFT_IN = 4.1, 0.5
"""Width of the list of mistakes, and room for the numbers left of the maps."""

MAP_WIDTH_IN, MAP_IN = WIDTH_IN - TEXT_IN - LEFT_IN - 0.2, 6.0
"""Width and greatest height of a level's map."""

HEAD_IN, BETWEEN_IN = 0.8, 0.6
"""Height of the title, and between maps."""

LINE_IN, PARAGRAPH_IN = 0.16, 0.1
"""Height of a line of the list, and between mistakes."""

RIM, SMALLEST_ROOM_M = 0.06, 0.5
"""Room around a level's features, over their size, and at the least."""

LOOKS = {
    "walkable": {"fc": FLOOR, "ec": WALL, "lw": 1.0, "zorder": 1},
    "obstacle": {"fc": OBSTACLE, "ec": HATCH, "hatch": "////", "lw": 0.6, "zorder": 3},
    "zone": {"fc": ZONE, "ec": ZONE, "alpha": 0.25, "zorder": 2},
}
"""How areas are drawn; others as outlines."""


def on_the_plan(features: Sequence[Feature], problems: Sequence[Problem]) -> bool:
    """Return whether there is anything to mark: a mistake of a feature that could be read."""
    return any(_feature_of(problem, features) for problem in problems)


def draw_mistakes(features: Sequence[Feature], problems: Sequence[Problem], path: Path) -> None:
    """Draw the features of a venue that could be read, level by level, and what is wrong; write it as a PNG file."""
    count = f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}"
    texts = [f"{number}  {problem}" for number, problem in enumerate(problems, 1)]
    figure, maps = _sheet(features, f"{count}, nothing can be run", LIMIT, texts)
    for number, problem in enumerate(problems, 1):
        feature = _feature_of(problem, features)
        if feature is not None:
            _mark(maps[feature.level], feature, number)
    figure.savefig(path, dpi=DPI, format="png")


def draw_features(features: Sequence[Feature], title: str, notes: Sequence[str], path: Path) -> None:
    """Draw the features of a venue file, level by level, with notes beside; write it as a PNG file."""
    figure, _ = _sheet(features, title, INK, notes)
    figure.savefig(path, dpi=DPI, format="png")


def _sheet(
    features: Sequence[Feature], title: str, colour: str, notes: Sequence[str]
) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure of features with notes beside, and the map of each level."""
    levels = list(dict.fromkeys(feature.level for feature in features))[::-1]  # files begin at the bottom
    boxes = {level: _box([feature for feature in features if feature.level == level]) for level in levels}
    heights = [min(MAP_IN, MAP_WIDTH_IN * (y1 - y0) / (x1 - x0)) for x0, y0, x1, y1 in boxes.values()]
    texts = [wrapped(note, TEXT_IN - 0.2, SMALL_PT) for note in notes]
    listed = sum(text.count("\n") + 1 for text in texts) * LINE_IN + PARAGRAPH_IN * len(texts)
    height = max(sum(heights) + BETWEEN_IN * len(levels), listed) + HEAD_IN
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="white")
    style: dict[str, Any] = {"ha": "left", "fontsize": TITLE_PT, "color": colour, "fontweight": "bold"}
    figure.text(LEFT_IN / WIDTH_IN, 1 - HEAD_IN / 2 / height, plain(title), **style)
    low, maps = height - HEAD_IN, {}
    for level, tall in zip(levels, heights, strict=True):
        low -= tall
        axes = figure.add_axes((LEFT_IN / WIDTH_IN, low / height, MAP_WIDTH_IN / WIDTH_IN, tall / height))
        _draw_level(axes, [feature for feature in features if feature.level == level], level, boxes[level])
        maps[level] = axes
        low -= BETWEEN_IN
    top = 1 - HEAD_IN / height
    y = top
    for text in texts:
        figure.text(1 - TEXT_IN / WIDTH_IN, y, plain(text), va="top", fontsize=SMALL_PT, color=INK)
        y -= (LINE_IN * (text.count("\n") + 1) + PARAGRAPH_IN) / height
    return figure, maps


def _feature_of(problem: Problem, features: Sequence[Feature]) -> Feature | None:
    """Return the feature that a problem is about, by its name in quotes."""
    named = [feature for feature in features if repr(feature.name) in problem.where]
    named += [feature for feature in features if repr(feature.name) in problem.found]
    return named[0] if named else None


def _box(features: Sequence[Feature]) -> tuple[float, float, float, float]:
    """Return the bounds of features with room around them [m]."""
    shapes = [to_area(feature) if feature.polygons else LineString(feature.line) for feature in features]
    x0, y0, x1, y1 = shapely.total_bounds(shapes).tolist()
    room = max(RIM * max(x1 - x0, y1 - y0), SMALLEST_ROOM_M)
    return x0 - room, y0 - room, x1 + room, y1 + room


def _draw_level(axes: Axes, features: Sequence[Feature], level: str, box: tuple[float, float, float, float]) -> None:
    axes.set_facecolor(OUTSIDE)
    for feature in features:
        if feature.polygons:
            look = LOOKS.get(feature.kind, {"fc": "none", "ec": MEASURED, "lw": 1.2, "zorder": 4})
            axes.add_patch(area_patch(to_area(feature), **look))
        else:
            colour = LINK_LINE if feature.kind in LINKS else MEASURED if "measure" in feature.kind else OPEN
            axes.plot(*zip(*feature.line, strict=True), color=colour, lw=2.5, zorder=5)
    axes.set_xlim(box[0], box[2])
    axes.set_ylim(box[1], box[3])
    axes.set_aspect("equal", adjustable="box", anchor="NW")
    axes.tick_params(labelsize=SMALL_PT)
    if level:
        axes.set_title(plain(level), loc="left", fontsize=TEXT_PT, fontweight="bold", color=INK)


def _mark(axes: Axes, feature: Feature, number: int) -> None:
    """Ring a feature and number it."""
    place = LineString(feature.line).interpolate(0.5, normalized=True) if feature.line else _inside(feature)
    axes.plot(place.x, place.y, "o", ms=17, mfc="white", mec=LIMIT, mew=2.0, zorder=8)
    axes.text(
        place.x, place.y, str(number), ha="center", va="center_baseline", color=LIMIT, fontsize=SMALL_PT,
        fontweight="bold", zorder=9,
    )  # fmt: skip


def _inside(feature: Feature) -> shapely.Point:
    area = to_area(feature)
    return area.representative_point() if area.is_valid and area.area else area.centroid
