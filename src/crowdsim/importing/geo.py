"""GeoJSON in any coordinate system, of any size that its shapes fit into memory."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from shapely import LineString, Point, Polygon

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Progress, Reading, Shape
from crowdsim.importing.json_stream import JsonStream, JsonSyntaxError
from crowdsim.importing.opened import read_chunks
from crowdsim.importing.projection import WGS84, Bounds, Projection, local_projection, plane
from crowdsim.scenario.feature import KINDS
from crowdsim.scenario.properties import SETTINGS, short

ALLOWED = "a GeoJSON file"

SMALLEST_M = 1.0
"""A venue file narrower than this is none in metres: people do not fit into it (our choice)."""

LAYER_KEYS = ("layer", "Layer", "type", "class")
"""Properties that may say what a feature is: QGIS and CAD exports write `Layer`, others the rest."""

MOST_PROBLEMS = 20
"""Mistakes told of one file: the rest is most often the same again (our choice)."""

HOW_TO_TELL = "--crs with the coordinate system (as EPSG:25832), or --unit m for metres of a plan"

FROM_URN = re.compile(r"urn:ogc:def:crs:EPSG:[^:]*:(\d+)")

LONGITUDES, LATITUDES = 180.0, 90.0


def read_geojson(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read a GeoJSON file: longitude and latitude (RFC 7946) unless the file or the user says otherwise.

    A venue file in metres is known by its features' `kind` and stays as it is.

    Raises
    ------
    ScenarioError
        With everything wrong with the file.
    MissingExtraError
        If coordinates have to be projected and pyproj is missing.
    """
    found = _Found(str(path), reading.box)
    stream = JsonStream(read_chunks(path, ALLOWED, progress))
    try:
        for number, (line, item) in enumerate(stream.items("features"), start=1):
            found.take(item, f"feature number {number} (line {line})")
    except JsonSyntaxError as mistake:
        found.problems.append(
            Problem(str(path), f"line {mistake.line}", f"a JSON syntax error ({mistake.reason})", "valid JSON")
        )
    else:
        if stream.rest.get("type") != "FeatureCollection":
            found.take_single(stream.rest)
    if found.problems:
        raise ScenarioError(found.problems)
    if not found.shapes:
        within = " in the box" if reading.box else ""
        raise ScenarioError([Problem(str(path), "", f"no feature with a geometry{within}", ALLOWED)])
    geometries = np.array([shape.geometry for shape in found.shapes], dtype=object)
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    projection = _projection(str(path), reading, stream.rest.get("crs"), found, (west, south, east, north))
    moved = projection.apply(geometries)
    shapes = [dataclasses.replace(shape, geometry=new) for shape, new in zip(found.shapes, moved, strict=True)]
    layers = {shape.layer for shape in shapes}
    kinds = {layer: layer for layer in KINDS if layer in layers}
    dropped = tuple(Dropped(count, what, why) for (what, why), count in found.left.items())
    return Drawing(tuple(shapes), projection.words, kinds, dropped)


class _Found:
    """What has been read of a file, in its own coordinates."""

    def __init__(self, file: str, box: Bounds | None) -> None:
        self.shapes: list[Shape] = []
        self.problems: list[Problem] = []
        self.left: Counter[tuple[str, str]] = Counter()
        self.of_a_kind = 0
        self.others = 0
        self._file = file
        self._box = box

    def take(self, item: Any, where: str) -> None:
        """Take in a feature."""
        if not isinstance(item, dict) or item.get("type") != "Feature":
            self._report(where, short(item), "a GeoJSON Feature")
            return
        properties = item.get("properties")
        self._take(item.get("geometry"), properties if isinstance(properties, dict) else {}, where)

    def take_single(self, top: dict[str, Any]) -> None:
        """Take in a file that is one feature or one geometry."""
        if top.get("type") == "Feature":
            self.take(top, "the feature")
        elif "coordinates" in top or "geometries" in top:
            self._take(top, {}, "the geometry")
        else:
            self._report("", f"an object of type {short(top.get('type'))}", "a GeoJSON FeatureCollection")

    def _take(self, geometry: Any, properties: Mapping[str, Any], where: str) -> None:
        if geometry is None:
            self.left["features", "they have no geometry"] += 1
            return
        try:
            parts = list(_parts(geometry))
        except (TypeError, ValueError, LookupError, AttributeError, RecursionError, shapely.errors.ShapelyError):
            self._report(where, f"geometry {short(geometry)}", "a GeoJSON geometry with coordinates [x, y]")
            return
        if any(not all(math.isfinite(value) for value in part.bounds) for part in parts):
            self._report(where, "coordinates that are no finite numbers", "[x, y], finite numbers")
            return
        if self._box:
            edge = shapely.box(*self._box)
            parts = [part for part in parts if part.intersects(edge)]
        kind = properties.get("kind")
        self.of_a_kind += len(parts) if kind in KINDS else 0
        self.others += 0 if kind in KINDS else len(parts)
        settings = {key: properties[key] for key in SETTINGS.get(str(kind), ()) if properties.get(key) is not None}
        name, level = (_text(properties.get(key)) for key in ("name", "level"))
        for part in parts:
            layer = _layer(properties, part)
            self.shapes.append(Shape(shapely.force_2d(part), layer, where, name, level, settings=settings))

    def _report(self, where: str, found: str, allowed: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self._file, where, found, allowed))


def _parts(geometry: Any) -> Iterator[Point | LineString | Polygon]:
    """Yield the points, lines and polygons of a geometry; empty ones are none."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _parts(part)
        return
    with np.errstate(invalid="ignore"):  # numbers that are not finite are told of later
        whole = shapely.geometry.shape(geometry)
    for part in shapely.get_parts(whole):
        if not part.is_empty:
            yield part


def _layer(properties: Mapping[str, Any], part: Any) -> str:
    for key in ("kind", *LAYER_KEYS):
        if text := _text(properties.get(key)):
            return text
    return str(part.geom_type).lower()


def _text(value: Any) -> str:
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _projection(file: str, reading: Reading, stated: Any, found: _Found, bounds: Bounds) -> Projection:
    """Return how a file's coordinates become metres, by what the user, the file and its features say."""
    if reading.unit_m is not None:
        return plane(reading.unit_m, f"{reading.unit_m:g} m, as told")
    if reading.crs is not None:
        return local_projection(reading.crs, bounds, file)
    if stated is not None:
        return local_projection(_stated_crs(stated, file), bounds, file)
    west, south, east, north = bounds
    degrees = max(-west, east) <= LONGITUDES and max(-south, north) <= LATITUDES
    if found.of_a_kind and max(east - west, north - south) >= SMALLEST_M:
        if found.others and degrees:
            some = f"{found.of_a_kind} shapes with a kind and {found.others} without, in metres or degrees"
            raise ScenarioError([Problem(file, "coordinates", some, HOW_TO_TELL)])
        return plane(1.0, "metres, as in a venue file: its features have kinds")
    if not degrees:
        far = f"values from {west:g}, {south:g} to {east:g}, {north:g}, which are no degrees, and no coordinate system"
        raise ScenarioError([Problem(file, "coordinates", far, HOW_TO_TELL)])
    return local_projection(WGS84, bounds, file)


def _stated_crs(stated: Any, file: str) -> str:
    """Return the coordinate system that a file's member `crs` names (GeoJSON of 2008, section 3)."""
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") or properties.get("code") if isinstance(properties, dict) else None
    if isinstance(name, int) and not isinstance(name, bool):
        return f"EPSG:{name}"
    if not isinstance(name, str):
        raise ScenarioError([Problem(file, "crs", short(stated), f"a named coordinate system, or {HOW_TO_TELL}")])
    match = FROM_URN.fullmatch(name)
    return f"EPSG:{match[1]}" if match else name
