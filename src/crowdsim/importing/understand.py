"""From shapes and the kinds of their layers to the features of a venue, with an account of what became of what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import LineString, Polygon

from crowdsim.importing.drawing import Drawing, Dropped, Shape
from crowdsim.importing.mapping import IGNORE
from crowdsim.scenario.feature import GEOMETRIES, POLYGON, Feature, Ring
from crowdsim.scenario.geojson import OVERRIDABLE, TWO_ENDS
from crowdsim.scenario.itinerary import NEAREST
from crowdsim.scenario.properties import SETTINGS, read_settings

SAME_M = 1e-3
"""Shapes of a kind that differ by less than this are the same one, drawn twice."""

SMALLEST_M2, SHORTEST_M = 0.01, 0.05
"""Smaller areas and shorter lines are slips of the pen: nobody is that small."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of a layer: how many features of which kind, and their area [m2] or length [m]."""

    layer: str
    kind: str
    count: int
    area_m2: float
    length_m: float


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a drawing.

    Attributes
    ----------
    unit : what a unit of the file's coordinates is, in words.
    understood : layer by layer.
    dropped : what was left out, by the reader or here.
    mended : what was put right, in words.
    added : what the file does not have, in words.
    """

    unit: str
    understood: tuple[Understood, ...]
    dropped: tuple[Dropped, ...]
    mended: tuple[str, ...]
    added: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "unit": self.unit,
            "understood": [
                {"layer": u.layer, "kind": u.kind, "count": u.count, "area_m2": u.area_m2, "length_m": u.length_m}
                for u in self.understood
            ],
            "dropped": [{"count": d.count, "what": d.what, "why": d.why} for d in self.dropped],
            "mended": list(self.mended),
            "added": list(self.added),
        }


def understand(drawing: Drawing, kinds: Mapping[str, str]) -> tuple[tuple[Feature, ...], Account]:
    """Return the features that a drawing's shapes make, and the account of it.

    Areas that cross themselves are made valid, shapes drawn twice kept once, shapes that a kind cannot have left out.

    Parameters
    ----------
    kinds : of each layer; see `crowdsim.importing.mapping`.
    """
    features: list[Feature] = []
    left: Counter[tuple[str, str]] = Counter()
    mended: Counter[str] = Counter()
    seen: dict[tuple[str, str], list[shapely.Geometry]] = {}
    taken: set[str] = set()
    made: dict[tuple[str, str], list[Feature]] = {}
    for shape in drawing.shapes:
        kind = kinds[shape.layer]
        if kind == IGNORE:
            left[f"shapes of layer {shape.layer}", "told to ignore them"] += 1
            continue
        geometry, why = _fitting(shape, kind, mended)
        if geometry is None:
            left[f"{kind} shapes of layer {shape.layer}", why] += 1
            continue
        same = seen.setdefault((kind, shape.level), [])
        key = shapely.set_precision(geometry, SAME_M).normalize()
        if any(key.equals(other) for other in same if other.bounds == key.bounds):
            left[f"{kind} shapes of layer {shape.layer}", "the same was drawn before"] += 1
            continue
        settings, why = _settings(shape, kind, geometry)
        if why:
            left[f"{kind} shapes of layer {shape.layer}", why] += 1
            continue
        same.append(key)
        feature = _feature(shape, kind, geometry, settings, taken)
        features.append(feature)
        made.setdefault((shape.layer, kind), []).append(feature)
    understood = tuple(_sum_up(layer, kind, mine) for (layer, kind), mine in made.items())
    dropped = (*drawing.dropped, *(Dropped(count, what, why) for (what, why), count in left.items()))
    texts = (*drawing.mended, *(f"{count} {text}" for text, count in mended.items()))
    return tuple(features), Account(drawing.unit, understood, dropped, texts)


def _fitting(shape: Shape, kind: str, mended: Counter[str]) -> tuple[shapely.Geometry | None, str]:
    """Return the geometry that a kind can have, valid; or None and why not."""
    geometry, allowed = shape.geometry, GEOMETRIES[kind]
    if isinstance(geometry, LineString) and geometry.is_closed and POLYGON[0] in allowed:
        geometry = Polygon(geometry.coords)
    if geometry.geom_type not in allowed:
        return None, f"a {geometry.geom_type}; a {kind} is a {' or '.join(allowed)}"
    if isinstance(geometry, LineString):
        if geometry.length < SHORTEST_M:
            return None, f"shorter than {SHORTEST_M:g} m"
        if kind in TWO_ENDS and len(geometry.coords) > 2:  # noqa: PLR2004
            mended[f"{kind} lines with bends made straight from end to end"] += 1
            geometry = LineString([geometry.coords[0], geometry.coords[-1]])
        return geometry, ""
    if not geometry.is_valid:
        mended[f"{kind} areas that crossed themselves made valid"] += 1
        parts = [part for part in shapely.get_parts(shapely.make_valid(geometry)) if part.geom_type in POLYGON]
        geometry = shapely.union_all(parts)
    if geometry.area < SMALLEST_M2:
        return None, f"smaller than {SMALLEST_M2:g} m2"
    if geometry.geom_type not in allowed:
        return None, "in several pieces once it does not cross itself"
    return geometry, ""


def _settings(shape: Shape, kind: str, geometry: shapely.Geometry) -> tuple[dict[str, Any], str]:
    """Return what the file states of a feature besides its shape, and what is missing or wrong, if anything."""
    known = {key: value for key, value in shape.settings.items() if key in SETTINGS.get(kind, ())}
    level = {"level": shape.level} if shape.level else {}
    settings, mistakes = read_settings(known | level, kind, is_line=isinstance(geometry, LineString))
    if mistakes:
        found, allowed = mistakes[0].args
        return {}, f"{found}; needed {allowed}"
    return settings, ""


def _feature(shape: Shape, kind: str, geometry: shapely.Geometry, settings: dict[str, Any], taken: set[str]) -> Feature:
    name = _own_name(shape, kind, taken)
    taken.add(name)
    if isinstance(geometry, LineString):
        line: Ring = tuple((x, y) for x, y, *_ in geometry.coords)
        return Feature(name, kind, line=line, **settings)  # type: ignore[arg-type]
    polygons = tuple(
        tuple(tuple((x, y) for x, y, *_ in ring.coords) for ring in (part.exterior, *part.interiors))
        for part in shapely.get_parts(geometry)
    )
    return Feature(name, kind, polygons=polygons, **settings)  # type: ignore[arg-type]


def _own_name(shape: Shape, kind: str, taken: set[str]) -> str:
    """Return a name that no other feature has, near the one in the file, that overrides can spell if they need to."""
    name = " ".join(part for part in "".join(c if c.isprintable() else " " for c in shape.name).split()) or kind
    if kind in OVERRIDABLE or not shape.name:
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or kind
        name = name if re.match(r"[A-Za-z_]", name) else f"{kind}_{name}"
    if name == NEAREST:
        name = f"{kind}_{name}"
    if name not in taken and shape.name:
        return name
    number = 1
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _sum_up(layer: str, kind: str, features: list[Feature]) -> Understood:
    area = sum(Polygon(rings[0], rings[1:]).area for feature in features for rings in feature.polygons)
    length = sum(LineString(feature.line).length for feature in features if feature.line)
    return Understood(layer, kind, len(features), area, length)
