"""The lines and areas of an SVG element: curves into straight pieces, subpaths into areas with holes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Polygon

from crowdsim.importing.drawing import Geometry
from crowdsim.importing.svg_transform import BadElementError, Floats, length_of, library

SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon")

LENGTHS = {
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
}
"""Attributes that are lengths."""

PATH_DATA = re.compile(r"[MZLHVCSQTAmzlhvcsqtae0-9\s,.+-]*", re.IGNORECASE)
POINTS = re.compile(r"[0-9e\s,.+-]*", re.IGNORECASE)
MOST_DATA = 10_000_000
"""Characters of one path: its pieces take about 40 times as much memory (our choice)."""

FEWEST_PIECES, MOST_PIECES = 4, 4096
"""Straight pieces of a curve, whatever its size (our choice)."""

SHORTEST_RING = 3
"""Different points of the smallest area."""


def outline(
    tag: str, attributes: Mapping[str, str], viewport: tuple[float, float], matrix: Floats, tolerance: float
) -> list[tuple[Floats, bool]]:
    """Return the subpaths of a shape: points of shape (n, 2) in the drawing's user units, and whether it is closed.

    Parameters
    ----------
    viewport : what 100 % are, along and down.
    matrix : from the shape's coordinates to the drawing's.
    tolerance : how far straight pieces may be off a curve, in the drawing's user units.

    Raises
    ------
    BadElementError
        If the shape is not written as SVG asks for, or its coordinates are no finite numbers.
    """
    path = _path(tag, attributes, viewport)
    scale = float(np.linalg.norm(matrix[:2, :2], 2))
    subpaths = []
    for points, closed in _subpaths(path, tolerance / scale if scale else math.inf):
        with np.errstate(over="ignore", invalid="ignore"):
            moved = points @ matrix[:2, :2].T + matrix[:2, 2]
        if not np.isfinite(moved).all():
            raise BadElementError("coordinates that are no finite numbers", "finite numbers")
        subpaths.append((moved, closed))
    return subpaths


def geometries(subpaths: Sequence[tuple[Floats, bool]], *, filled: bool, rule: str) -> Iterator[Geometry]:
    """Yield areas where closed subpaths are filled, and lines; what has no size is left out.

    Parameters
    ----------
    rule : `evenodd` or `nonzero` (SVG 1.1, section 11.3).
    """
    rings = []
    for points, closed in subpaths:
        kept = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
        is_ring = len(kept) > 1 and (closed or (kept[0] == kept[-1]).all())
        if is_ring and (kept[0] != kept[-1]).any():
            kept = np.vstack([kept, kept[:1]])
        if is_ring and filled and len(kept) > SHORTEST_RING:
            rings.append(kept)
        elif len(kept) > 1:
            yield LineString(kept)
    areas = [ring for ring in map(Polygon, rings) if ring.area > 0]
    if len(areas) == 1:
        yield areas[0]
    elif areas:
        yield from _filled(areas, rule)


def _path(tag: str, attributes: Mapping[str, str], viewport: tuple[float, float]) -> Any:
    svg = library()
    if tag == "path":
        data = attributes.get("d", "")
        if len(data) > MOST_DATA:
            raise BadElementError(f"a path of {len(data):,} characters", f"at most {MOST_DATA:,}: break it apart")
        path = svg.Path()
        if data.strip() in ("", "none"):
            return path
        try:
            if not PATH_DATA.fullmatch(data) or data.strip()[0] not in "Mm":
                raise ValueError
            path.parse(data)
        except (ValueError, AttributeError, IndexError, TypeError) as error:
            allowed = "a path's commands, as M 0 0 L 10 0 L 10 5 Z, with finite numbers"
            raise BadElementError(f"path data {data[:60]!r}", allowed) from error
        return path
    if tag in ("polyline", "polygon"):
        points = attributes.get("points", "")
        if len(points) > MOST_DATA or not POINTS.fullmatch(points):
            raise BadElementError(f"points {points[:60]!r}", "pairs of finite numbers")
        return svg.Path((svg.Polyline if tag == "polyline" else svg.Polygon)({"points": points}))
    diagonal = math.hypot(*viewport) / math.sqrt(2)  # SVG 1.1, section 7.10
    wholes = {"x": viewport[0], "y": viewport[1]}
    given = {
        name: length_of(attributes[name], wholes.get(_axis(name), diagonal), name)
        for name in LENGTHS[tag]
        if name in attributes and attributes[name].strip() != "auto"
    }
    form = {"rect": svg.Rect, "circle": svg.Circle, "ellipse": svg.Ellipse, "line": svg.SimpleLine}[tag]
    sizes = {"rect": ("width", "height"), "circle": ("r",), "ellipse": ("rx", "ry"), "line": ()}[tag]
    if any(given.get(name, 0.0) <= 0 for name in sizes):
        return svg.Path()
    return svg.Path(form(given))


def _axis(name: str) -> str:
    if name in ("width", "x1", "x2", "cx", "rx"):
        return "x"
    return "y" if name in ("height", "y1", "y2", "cy", "ry") else name


def _subpaths(path: Any, tolerance: float) -> Iterator[tuple[Floats, bool]]:
    svg = library()
    points: list[Any] = []
    for segment in path:
        if isinstance(segment, svg.Move):
            if points:
                yield np.array(points, dtype=float), False
            points = [(segment.end.x, segment.end.y)]
        elif isinstance(segment, svg.Close):
            if points:
                yield np.array(points, dtype=float), True
            points = [(segment.end.x, segment.end.y)] if segment.end is not None else []
        elif isinstance(segment, svg.Line):
            points.append((segment.end.x, segment.end.y))
        else:
            points += segment.npoint(np.linspace(0.0, 1.0, _pieces(segment, tolerance) + 1))[1:].tolist()
    if points:
        yield np.array(points, dtype=float), False


def _pieces(segment: Any, tolerance: float) -> int:
    """Return how many straight pieces a curve needs.

    Of an arc by its rise, r (1 - cos(angle / 2)); of a Bezier curve of degree d with second differences of at most m by
    sqrt(d (d - 1) m / (8 tolerance)) (Wang 1984, as in Sederberg, Computer Aided Geometric Design, 2012, section 10.6).
    """
    svg = library()
    if isinstance(segment, svg.Arc):
        radius = max(segment.rx, segment.ry)
        if not tolerance < radius:
            return FEWEST_PIECES
        needed = abs(segment.sweep) / (2 * math.acos(1 - tolerance / radius))
    else:
        cubic = isinstance(segment, svg.CubicBezier)
        controls = (segment.control1, segment.control2) if cubic else (segment.control,)
        points = np.array([(p.x, p.y) for p in (segment.start, *controls, segment.end)], dtype=float)
        bend = np.linalg.norm(np.diff(points, n=2, axis=0), axis=1).max()
        degree = len(points) - 1
        needed = math.sqrt(degree * (degree - 1) * bend / (8 * tolerance))
    return int(min(max(math.ceil(needed), FEWEST_PIECES), MOST_PIECES)) if math.isfinite(needed) else FEWEST_PIECES


def _filled(areas: Sequence[Polygon], rule: str) -> Iterator[Polygon]:
    """Yield what is filled of several rings: where a point is within an odd number of them, or they do not cancel."""
    turns = np.array([1 if area.exterior.is_ccw else -1 for area in areas])
    edges = shapely.union_all([area.exterior for area in areas])
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(edges)]))
    if not len(faces):
        return
    valid = np.array([area if area.is_valid else shapely.make_valid(area) for area in areas], dtype=object)
    inside, of = shapely.STRtree(valid).query(shapely.point_on_surface(faces), predicate="within")
    if rule == "evenodd":
        count = np.bincount(inside, minlength=len(faces)) % 2
    else:
        count = np.bincount(inside, weights=turns[of], minlength=len(faces))
    whole = shapely.union_all(faces[count != 0])
    yield from (part for part in shapely.get_parts(whole) if isinstance(part, Polygon) and part.area > 0)
