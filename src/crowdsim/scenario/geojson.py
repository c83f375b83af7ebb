"""Venue files: GeoJSON in metres to features and back."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.feature import GEOMETRIES, KINDS, LINE, LINKS, Feature, Ring
from crowdsim.scenario.itinerary import NEAREST
from crowdsim.scenario.properties import NAME_ALLOWED, FeatureError, is_number, read_settings, short, written
from crowdsim.scenario.value import KEY
from crowdsim.scenario.yaml_file import read_text

Polygons = tuple[tuple[Ring, ...], ...]

A_VENUE = "a GeoJSON FeatureCollection, coordinates in metres"

RING_POINTS = 4
"""GeoJSON, RFC 7946 section 3.1.6: a ring has four or more positions, the first and last the same."""

SMALLEST_M = 1.0
"""Venues are larger; a smaller one is in degrees, of which one is up to 111 km."""

TWO_ENDS = ("door", "exit", "entrance", "counter")
"""Kinds whose lines are straight, from one end of the opening to the other."""

OVERRIDABLE = ("door", "exit", *LINKS)
"""Kinds that overrides name."""


@dataclass(frozen=True, slots=True)
class VenueFile:
    """A venue file's content.

    Attributes
    ----------
    features : those that could be read.
    broken : names of the others, as far as they have names.
    problems : everything wrong with the file.
    """

    features: tuple[Feature, ...] = ()
    broken: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the file's list of features could be read at all."""
        return bool(self.features or self.broken)


def read_features(path: Path) -> VenueFile:
    """Read a venue file: the features that could be read and everything wrong with the others."""
    name = path.name
    text = read_text(path)
    if isinstance(text, Problem):
        return VenueFile(problems=(text,))
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return VenueFile(problems=(Problem(name, where, f"a JSON syntax error ({error.msg})", "valid JSON"),))
    except (RecursionError, ValueError) as error:
        found = "brackets nested too deep" if isinstance(error, RecursionError) else "a number with thousands of digits"
        return VenueFile(problems=(Problem(name, "", found, A_VENUE),))
    items = data.get("features") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection" or not isinstance(items, list):
        return VenueFile(problems=(Problem(name, "", short(data), A_VENUE),))
    features: list[Feature] = []
    problems: list[Problem] = []
    for number, item in enumerate(items, start=1):
        feature, mistakes = _read_feature(item)
        problems += [Problem(name, _label(number, item), *mistake.args) for mistake in mistakes]
        if feature:
            features.append(feature)
    for repeated, times in Counter(_names(items)).items():
        if times > 1:
            where, found = f"feature {repeated!r}", f"{times} features of this name"
            problems.append(Problem(name, where, found, "a name of its own for each"))
    if not any(feature.kind == "walkable" for feature in features) and not problems:
        problems.append(Problem(name, "", "no walkable area", "at least one feature of kind 'walkable'"))
    if in_degrees := _in_degrees(data.get("crs"), features):
        problems.insert(
            0, Problem(name, "", in_degrees, f"metres: `crowdsim import {name} --out DIR` makes them of it")
        )
    broken = frozenset(_names(items)) - {feature.name for feature in features}
    return VenueFile(tuple(features), broken, tuple(problems))


def _in_degrees(crs: Any, features: Iterable[Feature]) -> str:
    """Return what tells that a file's coordinates are longitude and latitude; empty if nothing does."""
    named = crs.get("properties") if isinstance(crs, dict) else None
    system = str(named.get("name", "")) if isinstance(named, dict) else ""
    if re.search(r"CRS84|EPSG:+4326$", system):
        return f"coordinates in degrees, by its member crs ({system})"
    points = [
        point
        for f in features
        for ring in (f.line, *(ring for rings in f.polygons for ring in rings))
        for point in ring
    ]
    if not points:
        return ""
    (west, east), (south, north) = ((min(values), max(values)) for values in zip(*points, strict=True))
    on_earth = west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0  # noqa: PLR2004 - degrees
    if on_earth and max(east - west, north - south) < SMALLEST_M:
        return f"coordinates from {west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}: longitude and latitude"
    return ""


def with_added(
    venue: VenueFile, added: Any, place: Callable[[tuple[str | int, ...]], tuple[str, str]]
) -> tuple[VenueFile, list[Problem]]:
    """Return a venue file with the features that a scenario adds, and everything wrong with those.

    Parameters
    ----------
    added : `kind`, `polygon` or `line`, and properties as in the file, by name.
    place : tells the file and the place in it where a key path was set.
    """
    features, problems = list(venue.features), []
    taken = {feature.name for feature in features} | venue.broken
    for name, given in added.items() if isinstance(added, dict) else ():
        if not isinstance(given, dict):
            continue  # validation reports it
        where = place(("added", name))
        if name in taken:
            problems.append(Problem(*where, f"a feature {name!r}, which the venue file has too", "another name"))
        properties = {key: value for key, value in given.items() if key not in ("polygon", "line")}
        forms = [key for key in ("polygon", "line") if key in given]
        if len(forms) != 1:
            problems.append(Problem(*where, " and ".join(forms) or "neither polygon nor line", "one of the two"))
            continue
        points = given[forms[0]]
        if forms[0] == "polygon" and isinstance(points, list) and points and points[0] != points[-1]:
            points = [*points, points[0]]
        geometry = (
            {"type": "Polygon", "coordinates": [points]}
            if forms[0] == "polygon"
            else {"type": "LineString", "coordinates": points}
        )
        item = {"type": "Feature", "properties": {**properties, "name": name}, "geometry": geometry}
        feature, mistakes = _read_feature(item)
        problems += [Problem(*where, *mistake.args) for mistake in mistakes]
        features += [feature] if feature else []
    return replace(venue, features=tuple(features)), problems


def venue_text(features: Iterable[Feature]) -> str:
    """Return the text of a venue file holding the given features, one a line."""
    lines = [json.dumps(_as_geojson(feature)) for feature in features]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _as_geojson(feature: Feature) -> dict[str, Any]:
    if feature.line:
        geometry: dict[str, Any] = {"type": "LineString", "coordinates": feature.line}
    elif len(feature.polygons) == 1:
        geometry = {"type": "Polygon", "coordinates": feature.polygons[0]}
    else:
        geometry = {"type": "MultiPolygon", "coordinates": feature.polygons}
    return {"type": "Feature", "properties": written(feature), "geometry": geometry}


def _names(items: list[Any]) -> list[str]:
    properties = [item.get("properties") for item in items if isinstance(item, dict)]
    return [p["name"] for p in properties if isinstance(p, dict) and isinstance(p.get("name"), str)]


def _label(number: int, item: Any) -> str:
    names = _names([item])
    return f"feature {names[0]!r}" if names else f"feature number {number}"


def _read_feature(item: Any) -> tuple[Feature | None, list[FeatureError]]:
    """Return the feature, or None and everything wrong with it."""
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict) or item.get("type") != "Feature":
        return None, [FeatureError(short(item), "a GeoJSON Feature with the properties 'kind' and 'name'")]
    mistakes: list[FeatureError] = []
    kind: Any = properties.get("kind")
    name: Any = properties.get("name")
    if kind not in KINDS:
        allowed = suggest(kind, KINDS) if isinstance(kind, str) else f"one of: {', '.join(KINDS)}"
        mistakes.append(FeatureError("no kind" if kind is None else f"kind {short(kind)}", allowed))
    mistakes += _check_name(name, kind)
    if kind not in KINDS:
        return None, mistakes
    polygons: Polygons = ()
    line: Ring = ()
    try:
        polygons, line = _read_geometry(item.get("geometry"), kind)
    except FeatureError as bad:
        mistakes.append(bad)
    settings, wrong = read_settings(properties, kind, is_line=not polygons)
    mistakes += wrong
    return (None if mistakes else Feature(name, kind, polygons, line, **settings)), mistakes


def _check_name(name: Any, kind: Any) -> Iterator[FeatureError]:
    if not isinstance(name, str) or not name:
        yield FeatureError("no name" if name is None else f"name {short(name)}", "a name that is a text")
    elif kind in OVERRIDABLE and not re.fullmatch(KEY, name):
        yield FeatureError(
            f"name {name!r}",
            f"for a {kind}, which overrides name: {NAME_ALLOWED}",
        )
    elif kind == "exit" and name == NEAREST:
        yield FeatureError(f"name {name!r}", f"another name: an itinerary means the nearest exit by {NEAREST!r}")
    elif name != name.strip() or not name.isprintable():
        yield FeatureError(f"name {name!r}", "printable text without spaces at its ends")


def _read_geometry(geometry: Any, kind: str) -> tuple[Polygons, Ring]:
    form = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(form, str) and form.startswith("Multi") and isinstance(coordinates, list) and len(coordinates) == 1:
        form, coordinates = form.removeprefix("Multi"), coordinates[0]  # as geographic information systems write them
    if form not in GEOMETRIES[kind]:
        found = f"geometry {form!r}" if form else "no geometry"
        raise FeatureError(found, f"for kind {kind!r}: {' or '.join(GEOMETRIES[kind])}")
    if form in LINE:
        line = _read_points(coordinates)
        distinct = len(set(line))
        if kind in TWO_ENDS and (len(line) != 2 or distinct != 2):  # noqa: PLR2004
            raise FeatureError(
                f"a line of {distinct} different points",
                f"two points: a {kind} goes straight from end to end",
            )
        if distinct < 2:  # noqa: PLR2004
            raise FeatureError(f"a line of {distinct} different points", "at least two")
        return (), line
    if not isinstance(coordinates, list) or not coordinates:
        raise FeatureError(f"coordinates {short(coordinates)}", "a list of rings")
    polygons = coordinates if form == "MultiPolygon" else [coordinates]
    return tuple(_read_rings(rings) for rings in polygons), ()


def _read_rings(rings: Any) -> tuple[Ring, ...]:
    if not isinstance(rings, list) or not rings:
        raise FeatureError(f"rings {short(rings)}", "a list of rings, the outer one first")
    read = tuple(_read_points(ring) for ring in rings)
    for ring in read:
        if len(ring) < RING_POINTS or ring[0] != ring[-1]:
            found = f"a ring of {len(ring)} points" + ("" if not ring or ring[0] == ring[-1] else " that is not closed")
            raise FeatureError(found, "at least four points, the last the same as the first")
    return read


def _read_points(points: Any) -> Ring:
    if not isinstance(points, list):
        raise FeatureError(f"coordinates {short(points)}", "a list of [x, y] points in metres")
    read = []
    for point in points:
        if not isinstance(point, list) or len(point) not in (2, 3) or not all(is_number(value) for value in point):
            raise FeatureError(f"point {short(point)}", "[x, y] in metres, finite numbers")
        read.append((float(point[0]), float(point[1])))
    return tuple(read)
