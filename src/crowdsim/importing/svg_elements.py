"""What the elements of an SVG picture are: lines and areas with layers, symbols put in their places."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import shapely
import svgelements
from shapely import LineString, Polygon
from svgelements import Matrix, Path

from crowdsim.importing.drawing import Geometry

SHAPES: dict[str, Any] = {
    "rect": svgelements.Rect,
    "circle": svgelements.Circle,
    "ellipse": svgelements.Ellipse,
    "line": svgelements.SimpleLine,
    "polyline": svgelements.Polyline,
    "polygon": svgelements.Polygon,
}

GROUPS = {"svg", "g", "a", "switch"}
STORED = {"defs", "symbol"}
"""What is drawn where a `use` says."""

NOT_DRAWN = {
    **dict.fromkeys(("text", "flowRoot", "foreignObject"), "lettering"),
    "image": "pictures in the picture",
    **dict.fromkeys(("clipPath", "mask", "pattern", "marker", "filter", "linearGradient", "radialGradient"), "looks"),
}
"""Elements that are left out with what is in them, and why."""

SILENT = {"title", "desc", "metadata", "style", "namedview", "script", "filter", "linearGradient", "radialGradient"}
"""Elements that draw nothing: not worth telling."""

AUTOMATIC = re.compile(
    r"(path|rect|circle|ellipse|line|poly\w*|g|use|svg|layer|shape|object|text|image)?[-_]?\d*(-\d+)*"
)
"""Names that programs give by themselves."""

DEEPEST = 16
"""Symbols within symbols are taken apart so many times; a symbol that holds itself would never end (our choice)."""

HALVINGS = 10
"""A curve is cut into at most 2^10 chords (our choice)."""

FARTHEST = 1e9
"""Coordinates beyond are damaged: no unit makes a venue of them (our choice)."""

INKSCAPE = "http://www.inkscape.org/namespaces/inkscape "
LINK = "http://www.w3.org/1999/xlink href"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line or area in the picture's coordinates, y downwards."""

    geometry: Geometry
    layer: str
    where: str
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class _Context:
    """Where in the tree of a picture an element is.

    Attributes
    ----------
    layer : the nearest group that a drawing program calls a layer.
    of_class, group : the nearest class, and the nearest group's name.
    skipped : whether what is here is left out.
    """

    matrix: Any
    layer: str = ""
    of_class: str = ""
    group: str = ""
    symbol: str = ""
    skipped: bool = False
    stored: str = ""


Element = tuple[str, dict[str, str], int]


class Picture:
    """Takes in the elements of a picture one by one, and keeps what is drawn.

    Parameters
    ----------
    chord : how far chords may be from a curve, in the picture's unit.
    left : takes in what is left out.
    """

    def __init__(self, chord: float, left: Counter[tuple[str, str]]) -> None:
        self.drawn: list[Drawn] = []
        self._chord = chord
        self._left = left
        self._stack: list[_Context] = []
        self._stored: dict[str, list[Element | None]] = {}
        self._recording: list[tuple[int, list[Element | None]]] = []
        self._uses: list[tuple[str, _Context, int]] = []

    def begin(self, tag: str, attributes: dict[str, str], line: int) -> None:
        """Take in the beginning of an element."""
        above = self._stack[-1] if self._stack else _Context(Matrix())
        here = self._inside(tag, attributes, above)
        stores = bool(above.stored) or tag in STORED
        if stores and attributes.get("id") and not above.skipped:
            recorded: list[Element | None] = []
            self._stored[attributes["id"]] = recorded
            self._recording.append((len(self._stack), recorded))
        for _, recorded in self._recording:
            recorded.append((tag, attributes, line))
        self._stack.append(replace(here, stored="stored" if stores else ""))
        if not stores and not here.skipped:
            self._draw(tag, attributes, line, here)

    def end(self) -> None:
        """Take in the end of the element that began last."""
        for _, recorded in self._recording:
            recorded.append(None)
        self._stack.pop()
        while self._recording and self._recording[-1][0] >= len(self._stack):
            self._recording.pop()

    def place_symbols(self) -> None:
        """Draw what is stored in all places where it is used; to be called at the end of the picture."""
        numbers = itertools.count(1)
        for _ in range(DEEPEST):
            uses, self._uses = self._uses, []
            for name, context, line in uses:
                self._place(name, replace(context, symbol=context.symbol or f"use {next(numbers)}"), line)
        if self._uses:
            self._left["symbols", f"more than {DEEPEST} within each other"] += len(self._uses)

    def _place(self, name: str, context: _Context, line: int) -> None:
        elements = self._stored.get(name)
        if elements is None:
            self._left["symbols", "what they show is not stored in the file's defs or symbols"] += 1
            return
        stack = [context]
        for element in elements:
            if element is None:
                stack.pop()
                continue
            tag, attributes, _ = element
            here = self._inside("g" if tag == "symbol" else tag, attributes, stack[-1])
            stack.append(here)
            if not here.skipped:
                self._draw(tag, attributes, line, here)

    def _inside(self, tag: str, attributes: dict[str, str], above: _Context) -> _Context:
        """Return the context of what is inside an element."""
        if above.skipped:
            return above
        style = dict(part.split(":", 1) for part in attributes.get("style", "").split(";") if ":" in part)
        style = {key.strip(): value.strip() for key, value in style.items()}
        shown = style.get("display", attributes.get("display")) != "none"
        seen = style.get("visibility", attributes.get("visibility")) not in ("hidden", "collapse")
        if tag in NOT_DRAWN or tag in SILENT or not shown or not seen:
            if tag not in SILENT and not above.stored:
                what = f"{tag} elements"
                self._left[what, NOT_DRAWN.get(tag, "they are hidden")] += 1
            return replace(above, skipped=True)
        matrix = above.matrix
        try:
            if "transform" in attributes:
                matrix = Matrix(attributes["transform"]) * matrix
            if tag == "use" or (tag == "svg" and self._stack):
                matrix = Matrix.translate(_number(attributes.get("x")), _number(attributes.get("y"))) * matrix
        except (ValueError, TypeError, ArithmeticError, IndexError):
            self._left[f"{tag} elements", "their transform is damaged"] += 1
            return replace(above, skipped=True)
        label = attributes.get(f"{INKSCAPE}label", "")
        is_group = tag in GROUPS
        is_layer = is_group and attributes.get(f"{INKSCAPE}groupmode") == "layer"
        return replace(
            above,
            matrix=matrix,
            layer=(label or attributes.get("id", "")) if is_layer else above.layer,
            of_class=attributes.get("class", "") or above.of_class,
            group=(label or attributes.get("id", "") or above.group) if is_group and self._stack else above.group,
        )

    def _draw(self, tag: str, attributes: dict[str, str], line: int, here: _Context) -> None:
        """Keep what an element draws."""
        if tag == "use":
            name = attributes.get("href", attributes.get(LINK, ""))
            self._uses.append((name.removeprefix("#"), here, line))
            return
        if tag != "path" and tag not in SHAPES:
            return
        try:
            shape = Path(attributes.get("d", "")) if tag == "path" else Path(SHAPES[tag](_own(attributes)))
            geometries = list(_geometries(shape * here.matrix, self._chord, is_filled=_is_filled(attributes)))
        except (ValueError, TypeError, ArithmeticError, IndexError, shapely.errors.GEOSException):
            self._left[f"{tag} elements", "their geometry is damaged"] += 1
            return
        if not geometries:
            self._left[f"{tag} elements", "they have no extent"] += 1
        layer = here.layer or here.of_class or here.group or tag
        own = attributes.get(f"{INKSCAPE}label", "") or attributes.get("id", "")
        name = "" if AUTOMATIC.fullmatch(own) else own
        for geometry in geometries:
            self.drawn.append(Drawn(geometry, layer, f"line {line} ({tag})", name, here.symbol))


def _own(attributes: dict[str, str]) -> dict[str, str]:
    """Return what makes a shape, without its transform and looks."""
    return {key: value for key, value in attributes.items() if key not in ("transform", "style", "class")}


def _is_filled(attributes: dict[str, str]) -> bool:
    style = attributes.get("style", "").replace(" ", "")
    return "fill:none" not in style and attributes.get("fill") != "none"


def _geometries(path: Any, chord: float, *, is_filled: bool) -> Iterator[Geometry]:
    """Yield the lines of a path; several closed ones that are filled make areas, with holes where they overlap."""
    lines = [line for part in path.as_subpaths() if len(line := _flat(abs(Path(part)), chord)) > 1]
    rings = [line for line in lines if line[0] == line[-1] and len(line) > 3]  # noqa: PLR2004
    if is_filled and len(rings) > 1:
        areas = [shapely.make_valid(Polygon(ring)) for ring in rings]
        whole = functools.reduce(shapely.symmetric_difference, areas)
        yield from (part for part in shapely.get_parts(whole) if isinstance(part, Polygon) and part.area > 0)
        lines = [line for line in lines if line not in rings]
    yield from (LineString(line) for line in lines)


def _flat(path: Any, chord: float) -> list[tuple[float, float]]:
    """Return a path's points, curves cut into chords, none twice in a row."""
    points: list[tuple[float, float]] = []
    for segment in path:
        if segment.end is None:
            continue
        if isinstance(segment, (svgelements.Move, svgelements.Line, svgelements.Close)):
            points.append(_place_of(segment.end))
        else:
            points += _chords(segment, 0.0, 1.0, chord, HALVINGS)
    if not all(math.isfinite(value) and abs(value) < FARTHEST for point in points for value in point):
        msg = "coordinates that are no finite numbers"
        raise ValueError(msg)
    return [point for point, _ in itertools.groupby(points)]


def _chords(curve: Any, begin: float, end: float, chord: float, halvings: int) -> list[tuple[float, float]]:
    """Return the ends of chords of a part of a curve, cut in halves until they are near it."""
    a, b = _place_of(curve.point(begin)), _place_of(curve.point(end))
    line = shapely.LineString([a, b])
    inner = [shapely.Point(_place_of(curve.point(begin + share * (end - begin)))) for share in (0.25, 0.5, 0.75)]
    if halvings == 0 or all(line.distance(point) <= chord for point in inner):
        return [b]
    middle = (begin + end) / 2
    first = _chords(curve, begin, middle, chord, halvings - 1)
    return first + _chords(curve, middle, end, chord, halvings - 1)


def _place_of(point: Any) -> tuple[float, float]:
    return float(point.x), float(point.y)


def _number(text: str | None) -> float:
    match = re.match(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text or "")
    return float(match[0]) if match else 0.0
