"""A drawing's layers side by side, to see which is what before anything is made of them."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import shapely
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from shapely import Point

from crowdsim.importing.drawing import Drawing, Shape
from crowdsim.report.style import DPI, FAINT, INK, SMALL_PT, TEXT_PT, TITLE_PT, WIDTH_IN, plain

ACROSS, MOST = 3, 24
"""Maps in a row, and in all: those with the most shapes."""

HEAD_IN, CAPTION_IN, ROOM_IN = 0.5, 0.35, 0.4
"""Heights of the title and of a map's caption, and room for the numbers at its sides."""

LONGEST = 26
"""Letters of a layer's name that fit above a map; of longer ones the end is shown, which tells layers apart."""

TALLEST = 1.3
"""Height of a map over its width, at the most."""

RIM = 0.03
"""Room around the drawing, over its size."""


def draw_layers(drawing: Drawing, title: str, path: Path) -> None:
    """Draw each layer of a drawing in its place, coordinates as in the file, the rest faint; write it as a PNG file."""
    counts = Counter(shape.layer for shape in drawing.shapes)
    shown = [layer for layer, _ in counts.most_common(MOST)]
    placed: dict[str, list[list[tuple[float, float]]]] = {layer: [] for layer in counts}
    for shape in drawing.shapes:
        placed[shape.layer] += [[drawing.frame.to_file(x, y) for x, y in line] for line in _lines(shape)]
    x0, y0, x1, y1 = shapely.total_bounds([shape.geometry for shape in drawing.shapes]).tolist()
    (x0, y0), (x1, y1) = (
        drawing.frame.to_file(x0, y0),
        drawing.frame.to_file(x1, y1),
    )
    room = RIM * max(x1 - x0, abs(y1 - y0))
    rows, columns = math.ceil(len(shown) / ACROSS), min(ACROSS, len(shown))
    width = WIDTH_IN / columns - ROOM_IN
    tall = width * min(TALLEST, (abs(y1 - y0) + 2 * room) / (x1 - x0 + 2 * room))
    height = HEAD_IN + rows * (tall + CAPTION_IN + ROOM_IN)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI, facecolor="white")
    style: dict[str, Any] = {"fontsize": TITLE_PT, "fontweight": "bold", "color": INK}
    figure.text(ROOM_IN / WIDTH_IN, 1 - HEAD_IN / 2 / height, plain(title), **style)
    everything = [line for some in placed.values() for line in some]
    for k, layer in enumerate(shown):
        row, column = divmod(k, columns)
        left = ROOM_IN + column * (width + ROOM_IN)
        low = height - HEAD_IN - (row + 1) * (tall + CAPTION_IN) - row * ROOM_IN
        axes = figure.add_axes((left / WIDTH_IN, low / height, width / WIDTH_IN * 0.97, tall / height))
        axes.add_collection(LineCollection(everything, colors=FAINT, linewidths=0.5))
        axes.add_collection(LineCollection(placed[layer], colors=INK, linewidths=0.9))
        axes.set_xlim(x0 - room, x1 + room)
        axes.set_ylim(y0 - room * drawing.frame.up, y1 + room * drawing.frame.up)
        axes.set_aspect("equal", adjustable="box", anchor="SW")
        axes.tick_params(labelsize=SMALL_PT - 2)
        count = counts[layer]
        name = layer if len(layer) <= LONGEST else f"…{layer[1 - LONGEST :]}"
        caption = f"{plain(name)}: {count:,} shape{'s' if count > 1 else ''}"
        axes.set_title(caption, loc="left", fontsize=TEXT_PT - 1, color=INK)
    figure.savefig(path, dpi=DPI, format="png")


def _lines(shape: Shape) -> list[list[tuple[float, float]]]:
    """Return what is drawn of a shape: lines of points; a point as a line of no length."""
    if isinstance(shape.geometry, Point):
        return [[(shape.geometry.x, shape.geometry.y)] * 2]
    outline = shape.geometry.boundary if shape.geometry.geom_type == "Polygon" else shape.geometry
    return [[(x, y) for x, y, *_ in part.coords] for part in shapely.get_parts(outline)]
