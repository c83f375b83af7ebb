"""Venue files: GeoJSON in metres to features and back."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.feature import GEOMETRIES, KINDS, LINE, Feature, Ring
from crowdsim.scenario.yaml_file import read_text

DOOR_DEPTH_M = 0.3
"""Thickness of the wall that a door goes through where the file does not say: inner walls are thinner (assumption)."""

SETTINGS = {"door": ("width_m", "depth_m", "open"), "exit": ("width_m", "open")}
"""Properties besides kind and name that a feature of a kind can have."""

RING_POINTS = 4
"""GeoJSON, RFC 7946 section 3.1.6: a ring has four or more positions, the first and last the same."""

TWO_ENDS = ("door", "exit", "entrance")
"""Kinds whose lines are straight, from one end of the opening to the other."""


class _Bad(Exception):
    """What is wrong with a feature: found, allowed."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)
        self.found, self.allowed = found, allowed


def read_features(path: Path) -> tuple[tuple[Feature, ...], list[Problem]]:
    """Read a venue file; returns the features that could be read and everything wrong with the others."""
    name = path.name
    text = read_text(path)
    if isinstance(text, Problem):
        return (), [text]
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return (), [Problem(name, where, f"a JSON syntax error ({error.msg})", "valid JSON")]
    except (_Bad, RecursionError, ValueError) as error:
        found = error.found if isinstance(error, _Bad) else f"a value that JSON cannot hold ({error})"
        return (), [Problem(name, "", found, "finite numbers")]
    if (
        not isinstance(data, dict)
        or data.get("type") != "FeatureCollection"
        or not _is_list(data.get("features"))
    ):
        found = repr(data.get("type")) if isinstance(data, dict) else f"a {type(data).__name__}"
        return (), [Problem(name, "", found, "a GeoJSON FeatureCollection with a list of features")]
    features, problems = [], []
    for number, item in enumerate(data["features"], start=1):
        try:
            features.append(_read_feature(item))
        except _Bad as bad:
            problems.append(Problem(name, _label(number, item), bad.found, bad.allowed))
    for repeated, times in Counter(_names(data["features"])).items():
        if times > 1:
            problems.append(
                Problem(
                    name,
                    f"feature {repeated!r}",
                    f"{times} features of this name",
                    "a name of its own for each",
                )
            )
    if not any(feature.kind == "walkable" for feature in features) and not problems:
        problems.append(Problem(name, "", "no walkable area", "at least one feature of kind 'walkable'"))
    return tuple(features), problems


def venue_text(features: Iterable[Feature]) -> str:
    """Return the text of a venue file holding the given features, one a line."""
    lines = [json.dumps(_as_geojson(feature)) for feature in features]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _as_geojson(feature: Feature) -> dict[str, Any]:
    properties: dict[str, Any] = {"kind": feature.kind, "name": feature.name}
    for key in SETTINGS.get(feature.kind, ()):
        value = getattr(feature, key)
        if value is not None:
            properties[key] = value
    if feature.line:
        geometry: dict[str, Any] = {"type": "LineString", "coordinates": feature.line}
    elif len(feature.polygons) == 1:
        geometry = {"type": "Polygon", "coordinates": feature.polygons[0]}
    else:
        geometry = {"type": "MultiPolygon", "coordinates": feature.polygons}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _refuse_constant(text: str) -> None:
    raise _Bad(text, "finite numbers")


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _names(items: list[Any]) -> list[str]:
    properties = [item.get("properties") for item in items if isinstance(item, dict)]
    return [p["name"] for p in properties if isinstance(p, dict) and isinstance(p.get("name"), str)]


def _label(number: int, item: Any) -> str:
    names = _names([item])
    return f"feature {names[0]!r}" if names else f"feature number {number}"


def _read_feature(item: Any) -> Feature:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        raise _Bad(_short(item), "a GeoJSON Feature")
    properties = item.get("properties")
    if not isinstance(properties, dict):
        raise _Bad(f"properties {_short(properties)}", "properties with 'kind' and 'name'")
    kind, name = properties.get("kind"), properties.get("name")
    if not isinstance(kind, str) or kind not in KINDS:
        allowed = suggest(kind, KINDS) if isinstance(kind, str) else f"one of: {', '.join(KINDS)}"
        raise _Bad("no kind" if kind is None else f"kind {kind!r}", allowed)
    if not isinstance(name, str) or not name.strip():
        raise _Bad("no name" if name is None else f"name {_short(name)}", "a name that is a text")
    if any(character in name for character in ".=,[]{}()~+'\"\\:") or name != name.strip():
        raise _Bad(f"name {name!r}", "letters, digits, spaces, _ and - (overrides must be able to spell it)")
    polygons, line = _read_geometry(item.get("geometry"), kind)
    return Feature(name, kind, polygons, line, **_read_settings(properties, kind, bool(line)))  # type: ignore[arg-type]


def _read_settings(properties: dict[str, Any], kind: str, is_line: bool) -> dict[str, Any]:
    allowed = SETTINGS.get(kind, ())
    for key in properties:
        if key in ("kind", "name", *allowed):
            continue
        known = ("kind", "name", "width_m", "depth_m", "open")
        if key in known and (kind in SETTINGS or key == "open"):
            raise _Bad(
                f"property {key!r}",
                f"for a feature of kind {kind!r}: {', '.join(('kind', 'name', *allowed))}",
            )
        close = get_close_matches(key, ("kind", "name", *allowed), n=1, cutoff=0.75)
        if close:
            raise _Bad(f"property {key!r}", f"did you mean {close[0]!r}?")
    settings: dict[str, Any] = {"depth_m": DOOR_DEPTH_M} if kind == "door" else {}
    for key in allowed:
        value = properties.get(key)
        if value is None:
            continue
        if key == "open":
            if not isinstance(value, bool):
                raise _Bad(f"open {_short(value)}", "true or false")
        elif not _is_number(value) or value <= 0:
            raise _Bad(f"{key} {_short(value)}", "a length above 0 in metres")
        elif key == "width_m" and not is_line:
            raise _Bad(
                "width_m on an area",
                "no width_m: the width of an exit drawn as an area follows from the drawing",
            )
        settings[key] = value if key == "open" else float(value)
    return settings


def _read_geometry(geometry: Any, kind: str) -> tuple[tuple[tuple[Ring, ...], ...], Ring]:
    form = geometry.get("type") if isinstance(geometry, dict) else None
    if form not in GEOMETRIES[kind]:
        found = f"geometry {form!r}" if form else "no geometry"
        raise _Bad(found, f"for kind {kind!r}: {' or '.join(GEOMETRIES[kind])}")
    coordinates = geometry.get("coordinates")
    if form in LINE:
        line = _read_points(coordinates)
        distinct = len(set(line))
        if kind in TWO_ENDS and (len(line) != 2 or distinct != 2):  # noqa: PLR2004
            raise _Bad(
                f"a line of {distinct} different points",
                f"two points: a {kind} goes straight from end to end",
            )
        if distinct < 2:  # noqa: PLR2004
            raise _Bad(f"a line of {distinct} different points", "at least two")
        return (), line
    if not _is_list(coordinates) or not coordinates:
        raise _Bad(f"coordinates {_short(coordinates)}", "a list of rings")
    polygons = coordinates if form == "MultiPolygon" else [coordinates]
    return tuple(_read_rings(rings) for rings in polygons), ()


def _read_rings(rings: Any) -> tuple[Ring, ...]:
    if not _is_list(rings) or not rings:
        raise _Bad(f"rings {_short(rings)}", "a list of rings, the outer one first")
    read = tuple(_read_points(ring) for ring in rings)
    for ring in read:
        if len(ring) < RING_POINTS or ring[0] != ring[-1]:
            found = f"a ring of {len(ring)} points" + (
                "" if ring and ring[0] == ring[-1] else " that is not closed"
            )
            raise _Bad(found, "at least four points, the last the same as the first")
    return read


def _read_points(points: Any) -> Ring:
    if not _is_list(points):
        raise _Bad(f"coordinates {_short(points)}", "a list of [x, y] points in metres")
    read = []
    for point in points:
        if not _is_list(point) or len(point) not in (2, 3) or not all(_is_number(value) for value in point):
            raise _Bad(f"point {_short(point)}", "[x, y] in metres, finite numbers")
        read.append((float(point[0]), float(point[1])))
    return tuple(read)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _short(value: Any) -> str:
    text = json.dumps(value, default=repr)
    limit = 60
    return text if len(text) <= limit else text[: limit - 3] + "..."
