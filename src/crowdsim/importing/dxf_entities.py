"""What the entities of a DXF drawing are in the plane: lines and areas, symbols taken apart."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import shapely
from ezdxf import path as paths
from ezdxf.lldxf.const import DXFError
from shapely import LineString, Point, Polygon

from crowdsim.importing.drawing import FLATTENED_M, Geometry

ROUNDED = 1e-3
"""Ends of a curve nearer than this are one, as a share of how far chords are from it (our choice)."""

DEEPEST = 16
"""Symbols within symbols are taken apart so many times; a symbol that holds itself would never end (our choice)."""

LINES = {"LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "HELIX"}
AREAS = {"SOLID", "TRACE", "3DFACE"}
HATCHES = {"HATCH", "MPOLYGON"}

LETTERING = "lettering and dimensions"
REASONS = {
    **dict.fromkeys(("TEXT", "MTEXT", "ATTRIB", "ATTDEF", "ARCALIGNEDTEXT", "ACAD_TABLE", "TOLERANCE"), LETTERING),
    **dict.fromkeys(("DIMENSION", "ARC_DIMENSION", "LARGE_RADIAL_DIMENSION"), LETTERING),
    **dict.fromkeys(("LEADER", "MULTILEADER", "MLEADER"), LETTERING),
    **dict.fromkeys(("IMAGE", "WIPEOUT", "OLE2FRAME", "OLEFRAME"), "pictures"),
    **dict.fromkeys(("PDFUNDERLAY", "DWFUNDERLAY", "DGNUNDERLAY", "UNDERLAY"), "files beneath the drawing"),
    **dict.fromkeys(("XLINE", "RAY"), "lines without an end"),
    **dict.fromkeys(("3DSOLID", "BODY", "REGION", "SURFACE", "MESH"), "solids: a plan is needed"),
    **dict.fromkeys(
        ("EXTRUDEDSURFACE", "LOFTEDSURFACE", "REVOLVEDSURFACE", "SWEPTSURFACE"), "solids: a plan is needed"
    ),
    "VIEWPORT": "views of a sheet",
    "ACAD_PROXY_ENTITY": "made by an add-on of another program: explode them there",
}
"""Why entities are left out, by their type."""
OTHERS = "neither lines nor areas"

Left = Counter[tuple[str, str]]
"""What is left out: how many of what, and why."""


class Layers:
    """Which layers of a drawing are seen, and where an entity is."""

    def __init__(self, document: Any) -> None:
        self._hidden = {
            layer.dxf.name.lower(): "their layer is frozen" if layer.is_frozen() else "their layer is off"
            for layer in document.layers
            if layer.is_frozen() or layer.is_off()
        }
        self._names = {layer.dxf.name.lower(): layer.dxf.name for layer in document.layers}

    def of(self, entity: Any, parent: str) -> str:
        """Return an entity's layer; layer 0 within a symbol is the layer that the symbol is on."""
        name = str(_stated(entity, "layer", "0"))
        return parent if parent and name == "0" else self._names.get(name.lower(), name)

    def hiding(self, layer: str) -> str:
        """Return why what is on a layer is not seen, or nothing if it is."""
        return self._hidden.get(layer.lower(), "")


def _stated(entity: Any, key: str, default: Any) -> Any:
    """Return an attribute of an entity; the default if it states none, as entities of unknown types do."""
    return entity.dxf.get(key, default) if entity.is_supported_dxf_attrib(key) else default


def geometries_of(
    entities: Iterable[Any], layers: Layers, unit_m: float, left: Left
) -> Iterator[tuple[Geometry, str, str, str]]:
    """Yield geometries in the file's coordinates, each with its layer, its entity's name and the symbol it is part of.

    Parameters
    ----------
    left : takes in what is left out.
    """
    yield from _geometries(entities, layers, FLATTENED_M / unit_m, left, parent="", symbol="", depth=0)


def _geometries(
    entities: Iterable[Any], layers: Layers, chord: float, left: Left, *, parent: str, symbol: str, depth: int
) -> Iterator[tuple[Geometry, str, str, str]]:
    numbers = itertools.count(1)
    for entity in entities:
        kind = entity.dxftype()
        layer = layers.of(entity, parent)
        hidden = "they are set invisible" if _stated(entity, "invisible", 0) else layers.hiding(layer)
        if hidden:
            left[f"entities of layer {layer}", hidden] += 1
        elif kind == "INSERT":
            handle = entity.dxf.get("handle") or "?"
            number = next(numbers)
            own = f"{symbol}/{number}" if symbol else str(handle)
            for part in _parts(entity, left, depth):
                yield from _geometries(part, layers, chord, left, parent=layer, symbol=own, depth=depth + 1)
        elif kind == "MLINE":
            yield from _geometries(
                entity.virtual_entities(), layers, chord, left, parent=layer, symbol=symbol, depth=depth + 1
            )
        else:
            where = f"entity {entity.dxf.get('handle') or symbol} ({kind})"
            for geometry in _plain(entity, kind, chord, left):
                yield geometry, layer, where, symbol


def _parts(insert: Any, left: Left, depth: int) -> Iterator[Iterable[Any]]:
    """Yield what a symbol is made of, once for each place of a grid of them."""
    block = insert.block()
    if block is None:
        left["symbols", "what they show is not in the file"] += 1
    elif block.block.is_xref or block.block.is_xref_overlay:
        left["other drawings referred to", "they are files of their own: bind them, or import them one by one"] += 1
    elif depth >= DEEPEST:
        left["symbols", f"more than {DEEPEST} within each other"] += 1
    else:
        for single in insert.multi_insert() if insert.mcount > 1 else (insert,):
            try:
                yield list(single.virtual_entities())
            except (DXFError, ValueError, ArithmeticError, TypeError):
                left["symbols", "they cannot be taken apart: explode them in the drawing"] += 1


def _plain(entity: Any, kind: str, chord: float, left: Left) -> Iterator[Geometry]:
    """Yield what a single entity is in the plane."""
    what = f"{kind} entities"
    if kind not in LINES | AREAS | HATCHES or (kind == "POLYLINE" and entity.get_mode().endswith("Mesh")):
        left[what, REASONS.get(kind, OTHERS)] += 1
        return
    try:
        found = list(_hatched(entity, chord) if kind in HATCHES else _drawn(entity, kind, chord))
    except (DXFError, ValueError, ArithmeticError, TypeError, shapely.errors.GEOSException):
        left[what, "their geometry is damaged"] += 1
        return
    if not found:
        left[what, "they have no extent in the plan"] += 1
    yield from found


def _drawn(entity: Any, kind: str, chord: float) -> Iterator[Geometry]:
    points = _flat(paths.make_path(entity), chord)
    if kind in AREAS:
        if len(set(points)) > 2:  # noqa: PLR2004
            area = Polygon(points)
            yield area if area.is_valid else area.convex_hull
    elif len(set(points)) > 1:
        yield LineString(points)


def _hatched(entity: Any, chord: float) -> Iterator[Geometry]:
    """Yield the areas of a hatch: what an odd number of its rings encloses."""
    rings = [_flat(ring, chord) for ring in paths.from_hatch(entity)]
    areas = [shapely.make_valid(Polygon(ring)) for ring in rings if len(set(ring)) > 2]  # noqa: PLR2004
    whole = functools.reduce(shapely.symmetric_difference, areas) if areas else Point()
    yield from (part for part in shapely.get_parts(whole) if isinstance(part, Polygon) and part.area > 0)


def _flat(path: Any, chord: float) -> list[tuple[float, float]]:
    """Return a path's points in the plan, none twice in a row, closed if only rounding keeps it open."""
    points = [(float(point.x), float(point.y)) for point in path.flattening(chord)]
    if not all(abs(value) < float("inf") for point in points for value in point):
        msg = "coordinates that are no finite numbers"
        raise ValueError(msg)
    found = [point for point, _ in itertools.groupby(points)]
    if len(found) > 2 and math.dist(found[0], found[-1]) < ROUNDED * chord:  # noqa: PLR2004
        found[-1] = found[0]
    return found
