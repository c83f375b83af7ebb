"""The venue that people can walk in, from the lines and areas of a map in metres."""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon

from crowdsim.importing.drawing import Shape
from crowdsim.importing.osm_tags import KINDS, Left

Floats = NDArray[np.float64]

GRID_M = 1e-3
"""Overlay of areas rounds to this: a millimetre, far below a map's precision, and robust."""

SMOOTHED_M = 0.03
"""Outlines may move by this to have fewer corners: below a map's precision of about a metre (our choice)."""

CORNER_SEGMENTS = 3
"""Segments of a quarter of a circle where a way bends or ends (our choice)."""

SMALLEST_M2 = 0.5
"""Parts smaller than this are none that a person could stand in comfortably (our choice)."""

NARROWEST_M = 0.8
"""Exits and gates narrower than this are left out: two bodies do not fit (our choice)."""

THROUGH_M = 0.6
"""A passage is cut this far beyond the walls of its building, which do not end where the passage does (our choice)."""

FARTHEST_M = 60.0
"""Ways whose next point is missing are drawn straight on to the edge of the data if it is nearer (our choice)."""

GATE_DEPTH_M = 0.2
"""How much deeper than its barrier an opening is cut (our choice)."""

BREAKS_OFF = Left("points of ways beyond the edge", "they are not in the file: such ways go straight on to the edge")
NOWHERE = "they do not touch what can be walked on"


@dataclass(frozen=True, slots=True)
class MapLine:
    """A line of a map [m], with its layer, width [m] and the street's name.

    Attributes
    ----------
    passage : whether it leads through a building.
    cut : whether its start and its end are where the data end and not the way.
    """

    geometry: LineString
    layer: str
    width_m: float
    name: str = ""
    passage: bool = False
    cut: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class MapGate:
    """An opening in a barrier: where it is, a point farther along the barrier, its width and the barrier's [m]."""

    geometry: LineString
    width_m: float
    depth_m: float
    open: bool
    where: str


@dataclass(slots=True)
class MapData:
    """What was taken of a map, and what was left out.

    Attributes
    ----------
    discs : points with their diameters [m].
    edge : the part of the ground that the data are of.
    """

    edge: Polygon
    lines: list[MapLine] = field(default_factory=list)
    areas: list[tuple[Any, str]] = field(default_factory=list)
    discs: list[tuple[Point, float]] = field(default_factory=list)
    gates: list[MapGate] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)


def make_shapes(data: MapData) -> list[Shape]:
    """Return the shapes of a venue: what is walkable, obstacles on it, gates in barriers and exits at the edge.

    What was left out on the way is added to the data's counts.
    """
    cut = [any(line.cut) and KINDS[line.layer] == "walkable" for line in data.lines]
    data.lines = [_to_edge(line, data.edge) if is_cut else line for line, is_cut in zip(data.lines, cut, strict=True)]
    data.left[BREAKS_OFF] += sum(cut)
    strips = [_strip(line) for line in data.lines]
    grounds = _grounds(data, strips)
    everywhere = shapely.union_all(list(grounds.values()), grid_size=GRID_M)
    obstacles = _obstacles(data, strips)
    free = shapely.difference(everywhere, shapely.union_all(list(obstacles.values())), grid_size=GRID_M)
    exits = list(_exits(data, strips, free))
    shapes = [
        shape
        for layer, ground in grounds.items()
        for shape in _parts(layer, shapely.intersection(ground, data.edge, grid_size=GRID_M))
    ]
    for layer, area in obstacles.items():
        parts = list(_parts(layer, shapely.intersection(area, data.edge, grid_size=GRID_M)))
        on = shapely.intersects([part.geometry for part in parts], everywhere) if parts else ()
        shapes += [part for part, touches in zip(parts, on, strict=True) if touches]
        data.left[Left(f"parts of kind {layer}", NOWHERE)] += len(parts) - int(np.sum(on))
    shapes += _gates(data, everywhere)
    shapes += exits
    return shapes


def _strip(line: MapLine) -> Polygon:
    """Return the strip of a line; ways end round, so that where they meet there is no gap."""
    half = line.width_m / 2
    if line.layer == "barrier":
        return shapely.buffer(line.geometry, half, cap_style="square", join_style="mitre")
    return shapely.buffer(line.geometry, half, quad_segs=CORNER_SEGMENTS)


def _to_edge(line: MapLine, edge: Polygon) -> MapLine:
    """Return a way whose points are missing beyond the edge of the data, drawn straight on across it."""
    points = shapely.get_coordinates(line.geometry)
    start, end = line.cut
    before = [_beyond(points[0], points[1], edge, line.width_m)] if start else []
    after = [_beyond(points[-1], points[-2], edge, line.width_m)] if end else []
    return dataclasses.replace(line, geometry=LineString(np.vstack([*before, points, *after])))


def _beyond(end: Floats, before: Floats, edge: Polygon, more_m: float) -> Floats:
    """Return a point straight on from a line's end beyond the edge; the end itself if the edge is far."""
    along = (end - before) / max(math.dist(end, before), GRID_M)
    ray = LineString([end, end + FARTHEST_M * along])
    reach = shapely.intersection(ray, edge).length
    return end + (reach + more_m) * along if reach < FARTHEST_M - GRID_M else end


def _grounds(data: MapData, strips: Sequence[Polygon]) -> dict[str, Any]:
    """Return what can be walked on, by layer, not cut at the edge."""
    grounds = {}
    for layer in (layer for layer, kind in KINDS.items() if kind == "walkable"):
        areas = [area for area, of in data.areas if of == layer]
        areas += [strip for strip, line in zip(strips, data.lines, strict=True) if line.layer == layer]
        if areas:
            grounds[layer] = shapely.simplify(shapely.union_all(areas, grid_size=GRID_M), SMOOTHED_M)
    return grounds


def _obstacles(data: MapData, strips: Sequence[Polygon]) -> dict[str, Any]:
    """Return obstacles by layer: passages lead through buildings, and ways and piers over water."""
    obstacles = {}
    passages = [
        shapely.buffer(strip, THROUGH_M, join_style="mitre")
        for line, strip in zip(data.lines, strips, strict=True)
        if line.passage
    ]
    dry = [strip for line, strip in zip(data.lines, strips, strict=True) if line.layer != "barrier"]
    dry += [area for area, layer in data.areas if layer in ("pier", "square", "platform")]
    through = {"building": passages, "water": dry}
    for layer in (layer for layer, kind in KINDS.items() if kind == "obstacle"):
        areas = [area for area, of in data.areas if of == layer]
        areas += [strip for line, strip in zip(data.lines, strips, strict=True) if line.layer == layer]
        if layer == "barrier":
            areas += [shapely.buffer(point, size / 2, quad_segs=2) for point, size in data.discs]
        if areas:
            area = shapely.union_all(areas, grid_size=GRID_M)
            obstacles[layer] = shapely.difference(area, shapely.union_all(through.get(layer, [])), grid_size=GRID_M)
    return obstacles


def _exits(data: MapData, strips: Sequence[Polygon], free: Any) -> Iterator[Shape]:
    """Yield an exit across each way that crosses the edge of the data."""
    names: Counter[str] = Counter()
    taken: list[LineString] = []
    for piece, name in _crossings(data, strips, free):
        if any(shapely.distance(piece, other) < GRID_M for other in taken):
            continue
        taken.append(piece)
        key = slug(name) or "exit"
        names[key] += 1
        yield Shape(piece, "exit", f"the edge of the map at {name or 'a way without a name'}", f"{key}_{names[key]}")


def _crossings(data: MapData, strips: Sequence[Polygon], free: Any) -> Iterator[tuple[LineString, str]]:
    """Yield where ways cross the edge of the data: pieces of the edge, widest first, with the names of the ways."""
    corners = shapely.get_coordinates(data.edge.exterior)
    lines = np.array([line.geometry for line in data.lines], dtype=object)
    found = []
    for start, end in pairwise(corners):
        side = LineString([start, end])
        across = [
            (strip, line)
            for strip, line, crosses in zip(strips, data.lines, shapely.crosses(lines, side), strict=True)
            if crosses and KINDS[line.layer] == "walkable"
        ]
        if across:
            pieces = shapely.intersection(side, shapely.union_all([strip for strip, _ in across], grid_size=GRID_M))
            for piece in shapely.get_parts(shapely.intersection(pieces, free)):
                names = [
                    (bool(line.name), line.width_m, line.name)
                    for strip, line in across
                    if shapely.intersection(piece, strip).length > GRID_M
                ]
                if names and piece.length >= NARROWEST_M:
                    ends = shapely.get_coordinates(piece)[[0, -1]]
                    found.append((LineString(ends), max(names)[2]))
    yield from sorted(found, key=lambda item: -item[0].length)


def _gates(data: MapData, everywhere: Any) -> Iterator[Shape]:
    """Yield doors along the barriers that gates are in, where the ground is drawn."""
    number = 0
    for gate in data.gates:
        at, to = shapely.get_coordinates(gate.geometry)
        half = (to - at) / max(math.dist(at, to), GRID_M) * gate.width_m / 2
        pieces = shapely.get_parts(shapely.intersection(LineString([at - half, at + half]), everywhere))
        piece = max(pieces, key=lambda part: part.length, default=LineString())
        if piece.length < min(NARROWEST_M, gate.width_m - GRID_M):
            data.left[Left("gates", NOWHERE)] += 1
            continue
        number += 1
        settings = {"depth_m": round(gate.depth_m + GATE_DEPTH_M, 3), "open": gate.open}
        yield Shape(piece, "gate", gate.where, f"gate_{number}", settings=settings)


def _parts(layer: str, area: Any) -> Iterator[Shape]:
    parts: Iterable[Any] = (part for part in shapely.get_parts(area) if isinstance(part, Polygon))
    for k, part in enumerate((part for part in parts if _counts(layer, part)), start=1):
        yield Shape(part, layer, f"{layer} {k}")


def _counts(layer: str, part: Polygon) -> bool:
    return part.area >= SMALLEST_M2 or layer == "barrier"


def slug(name: str) -> str:
    """Return a name as one of a venue's exit can be: `Kaerntner Str. 2` becomes `kaerntner_str_2`."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"exit_{key}" if key[:1].isdigit() else key
