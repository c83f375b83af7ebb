"""Lines that should meet: loose ends joined over small gaps, and the areas that lines enclose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString, Point, Polygon

from crowdsim.importing.drawing import Drawing, Dropped, Shape
from crowdsim.scenario.feature import GEOMETRIES

GRID_M = 1e-3
"""Ends nearer than this are one: a drawing is never that exact (our choice)."""

GAP_M = 0.05
"""Gaps that are closed unless told otherwise: less than a wall is thick, so that its two sides are not joined (our
choice)."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Lines that meet in their ends only.

    Attributes
    ----------
    edges : the lines cut where they cross, and the bridges.
    bridges : lines over gaps between loose ends, or from one to the line that it just misses.
    loose : the ends that remain loose.
    """

    edges: tuple[LineString, ...]
    bridges: tuple[LineString, ...]
    loose: tuple[Point, ...]

    def faces(self) -> tuple[Polygon, ...]:
        """Return the areas that the lines enclose, none with a line in it that divides it."""
        return tuple(part for part in shapely.get_parts(shapely.polygonize(self.edges)) if isinstance(part, Polygon))


def join(lines: Sequence[Any], gap_m: float) -> Joined:
    """Return lines joined where loose ends are within `gap_m` of each other, nearest first, or of a line [m]."""
    edges = _noded(lines)
    loose = _loose_ends(edges)
    bridges = _bridges(edges, loose, gap_m)
    if bridges:
        edges = _noded([*edges, *bridges])
        loose = _loose_ends(edges)
    return Joined(tuple(edges), tuple(bridges), tuple(point for point, _ in loose))


def close_outlines(drawing: Drawing, kinds: Mapping[str, str], gap_m: float) -> Drawing:
    """Return a drawing in which the lines of a layer of areas, such as floors drawn side by side, became the areas.

    Lines that enclose nothing are left out, and told with the width of the smallest gap that keeps them open.
    """
    kept: list[Shape] = []
    open_lines: dict[tuple[str, str], list[Shape]] = {}
    for shape in drawing.shapes:
        is_open = isinstance(shape.geometry, LineString) and not shape.geometry.is_closed
        if is_open and "LineString" not in GEOMETRIES.get(kinds[shape.layer], ("LineString",)):
            open_lines.setdefault((shape.layer, shape.level), []).append(shape)
        else:
            kept.append(shape)
    mended: list[str] = []
    dropped: list[Dropped] = []
    for (layer, _), shapes in open_lines.items():
        joined = join([shape.geometry for shape in shapes], gap_m)
        faces = joined.faces()
        kept += [replace(shapes[0], geometry=face) for face in faces]
        if faces:
            mended.append(f"lines of layer {layer} joined to {len(faces)} outline{'s' if len(faces) > 1 else ''}")
        mended += told_bridges(joined, f"outlines of layer {layer}")
        if rest := _outside(joined.edges, faces):
            dropped.append(Dropped(rest, f"lines of layer {layer}", _why_open(joined)))
    if not open_lines:
        return drawing
    return replace(
        drawing,
        shapes=tuple(kept),
        mended=(*drawing.mended, *mended),
        dropped=(*drawing.dropped, *dropped),
    )


def told_bridges(joined: Joined, what: str) -> list[str]:
    """Return in words which gaps were closed; nothing if none."""
    if not joined.bridges:
        return []
    widest = max(joined.bridges, key=lambda line: line.length)
    x, y = widest.centroid.coords[0]
    count = len(joined.bridges)
    gaps = f"{count} gap{'s' if count > 1 else ''} in {what}"
    return [f"{gaps} closed, the widest {widest.length:.3f} m at {x:.2f}, {y:.2f}"]


def _why_open(joined: Joined) -> str:
    points = np.array([(point.x, point.y) for point in joined.loose])
    if len(points) < 2:  # noqa: PLR2004
        return "they enclose nothing"
    distances = np.asarray(cKDTree(points).query(points, k=2)[0])[:, 1]
    nearest = int(np.argmin(distances))
    x, y = points[nearest]
    return (
        f"they enclose nothing: ends are open, the nearest {distances[nearest]:.2f} m apart at {x:.2f}, {y:.2f}; "
        "close them in the drawing, or with --gap"
    )


def _outside(edges: Sequence[LineString], faces: Sequence[Polygon]) -> int:
    """Return how many lines bound no face."""
    if not faces:
        return len(edges)
    outlines = shapely.union_all([face.boundary for face in faces]).buffer(GRID_M)
    shapely.prepare(outlines)
    return int(np.count_nonzero(~shapely.covers(outlines, np.array(edges, dtype=object))))


def _noded(lines: Sequence[Any]) -> list[LineString]:
    """Return lines cut where they meet, on a grid of a millimetre."""
    whole = shapely.union_all(np.array(lines, dtype=object), grid_size=GRID_M)
    return [part for part in shapely.get_parts(shapely.line_merge(whole)) if isinstance(part, LineString)]


def _loose_ends(edges: Sequence[LineString]) -> list[tuple[Point, int]]:
    """Return ends that no other line has, each with its line's number."""
    ends = [(line.coords[k], number) for number, line in enumerate(edges) if not line.is_closed for k in (0, -1)]
    counts = Counter(_key(end) for end, _ in ends)
    passed = {_key(xy) for line in edges if line.is_closed for xy in line.coords}
    return [(Point(end), number) for end, number in ends if counts[_key(end)] == 1 and _key(end) not in passed]


def _key(xy: tuple[float, ...]) -> tuple[int, int]:
    return round(xy[0] / GRID_M), round(xy[1] / GRID_M)


def _bridges(edges: Sequence[LineString], loose: Sequence[tuple[Point, int]], gap_m: float) -> list[LineString]:
    """Return lines between loose ends that are near each other, and from the others to a line that is near."""
    if not loose or gap_m <= 0.0:
        return []
    bridges = []
    free = dict(enumerate(loose))
    points = np.array([(point.x, point.y) for point, _ in loose])
    pairs = cKDTree(points).query_pairs(gap_m, output_type="ndarray")
    lengths = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    for k in np.lexsort((pairs[:, 1], pairs[:, 0], lengths)):
        a, b = (int(number) for number in pairs[k])
        short = loose[a][1] == loose[b][1] and edges[loose[a][1]].length <= 2.0 * lengths[k]  # not a line's own ends
        if a in free and b in free and not short:
            bridges.append(LineString([loose[a][0], loose[b][0]]))
            del free[a], free[b]
    tree = shapely.STRtree(edges)
    for point, own in free.values():
        near = [number for number in tree.query(point, predicate="dwithin", distance=gap_m) if number != own]
        if near:
            nearest = min(near, key=lambda number: (edges[number].distance(point), number))
            bridge = LineString([point, edges[nearest].interpolate(edges[nearest].project(point))])
            if edges[own].length > 2.0 * bridge.length:  # else a tick on a line, which would be led back to it
                bridges.append(bridge)
    return [line for line in bridges if line.length > GRID_M]
