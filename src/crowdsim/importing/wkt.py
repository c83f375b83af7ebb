"""Well-known text: geometries as PostGIS, QGIS and JuPedSim write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Progress, Reading, Shape
from crowdsim.importing.opened import read_chunks
from crowdsim.importing.projection import local_projection, plane

ALLOWED = "geometries in well-known text, as POLYGON ((0 0, 10 0, 10 5, 0 0))"

LAYERS = {"Polygon": "walkable", "LineString": "line", "LinearRing": "line", "Point": "point"}
"""Layers by geometry: of well-known text only polygons say what they are."""

MARK = re.compile(r"[()]|\bEMPTY\b", re.IGNORECASE)
SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)


def read_wkt(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read geometries in WKT or EWKT, one after another: polygons are walkable, with their holes.

    Coordinates are those of the SRID, else metres.

    Raises
    ------
    ScenarioError
        With everything wrong with the file.
    MissingExtraError
        If coordinates have to be projected and pyproj is missing.
    """
    text = "".join(read_chunks(path, ALLOWED, progress))
    problems: list[Problem] = []
    parts: list[tuple[Any, str]] = []
    systems: set[str] = set()
    empty = 0
    for line, piece in _pieces(text):
        system = SRID.match(piece)
        systems.add(f"EPSG:{system[1]}" if system and system[1] != "0" else "")
        try:
            geometry = shapely.from_wkt(piece[system.end() :] if system else piece)
        except shapely.errors.GEOSException as error:
            problems.append(Problem(str(path), f"line {line}", f"no well-known text ({_reason(error)})", ALLOWED))
            continue
        found = [part for part in flat(geometry) if not part.is_empty]
        finite = [part for part in found if np.isfinite(shapely.get_coordinates(part)).all()]
        if len(finite) < len(found):
            problems.append(Problem(str(path), f"line {line}", "coordinates that are no finite numbers", ALLOWED))
        empty += not found
        if reading.box:
            finite = [part for part in finite if part.intersects(shapely.box(*reading.box))]
        parts += [(shapely.force_2d(part), f"line {line}") for part in finite]
    if len(systems) > 1 and reading.crs is None:
        named = ", ".join(sorted(name or "none" for name in systems))
        problems.append(Problem(str(path), "SRID", f"several: {named}", "one for the whole file, or --crs"))
    if not parts and not problems:
        problems.append(Problem(str(path), "", f"no geometry{' in the box' if reading.box else ''}", ALLOWED))
    if problems:
        raise ScenarioError(problems)
    geometries = np.array([part for part, _ in parts], dtype=object)
    system_name = reading.crs or systems.pop()
    if reading.unit_m is not None:
        projection = plane(reading.unit_m, f"{reading.unit_m:g} m, as told")
    elif system_name:
        west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
        projection = local_projection(system_name, (west, south, east, north), str(path))
    else:
        projection = plane(1.0, "metres: the file names no coordinate system (SRID)")
    shapes = tuple(
        Shape(new, LAYERS[new.geom_type], where)
        for new, (_, where) in zip(projection.apply(geometries), parts, strict=True)
    )
    kinds = {"walkable": "walkable"} if any(shape.layer == "walkable" for shape in shapes) else {}
    dropped = (Dropped(empty, "geometries", "they are empty"),) if empty else ()
    return Drawing(shapes, projection.words, kinds, dropped)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text of each geometry, from its name to its last bracket, with the line where it begins."""
    depth = begin = 0
    line, counted = 1, 0
    for mark in MARK.finditer(text):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth <= 0:
            start = begin + len(text[begin : mark.end()]) - len(text[begin : mark.end()].lstrip())
            line, counted = line + text.count("\n", counted, start), start
            yield line, text[start : mark.end()]
            begin, depth = mark.end(), 0
    if rest := text[begin:].strip(" \t\r\n;"):
        start = text.index(rest, begin)
        yield line + text.count("\n", counted, start), rest


def flat(geometry: Any) -> Iterator[Any]:
    """Yield the points, lines and polygons of a geometry, of collections within collections too."""
    if geometry.geom_type.startswith(("Multi", "GeometryCollection")):
        for part in shapely.get_parts(geometry):
            yield from flat(part)
    else:
        yield geometry


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0].removeprefix("ParseException: ")
