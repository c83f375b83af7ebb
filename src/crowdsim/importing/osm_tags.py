"""What an object of OpenStreetMap is to people on foot, by its tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Tags: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """An object that is taken: the layer it goes to, and for lines how wide it is [m]."""

    layer: str
    width_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """An object that is left out: what it is and why."""

    what: str
    why: str


KINDS = {
    "footway": "walkable",
    "steps": "walkable",
    "street": "walkable",
    "road": "walkable",
    "square": "walkable",
    "platform": "walkable",
    "pier": "walkable",
    "park": "walkable",
    "building": "obstacle",
    "barrier": "obstacle",
    "water": "obstacle",
    "gate": "door",
    "exit": "exit",
}
"""Layers, and the kind of venue feature that each is."""

KEYS = (
    "highway",
    "railway",
    "public_transport",
    "place",
    "amenity",
    "leisure",
    "man_made",
    "building",
    "barrier",
    "entrance",
    "natural",
)
"""Keys of the tags that say what an object is; objects without any of them are passed over."""

WIDTHS_M = {
    "footway": 2.5,
    "crossing": 4.0,
    "path": 1.5,
    "steps": 2.0,
    "cycleway": 2.0,
    "bridleway": 2.0,
    "pedestrian": 5.0,
    "living_street": 4.75,
    "residential": 5.55,
    "unclassified": 5.55,
    "service": 3.0,
    "track": 3.0,
    "tertiary": 6.35,
    "secondary": 6.5,
    "primary": 6.5,
    "platform": 2.5,
    "pier": 2.0,
}
"""Widths where the map states none. RASt 06 (FGSV, 2006): pavements 2.5 m (section 6.1.6.1); streets in which a car
meets a car 4.75 m, a lorry a car 5.55 m, a lorry a lorry 6.35 m, a bus a bus 6.5 m (figure 17). R-FGUE 2001: zebra
crossings 4 m. ERA 2010: cycle paths one way 2 m. Service ways and tracks: 3 m, access for fire engines by the German
model guideline (MRFlFw, 2007). Paths, steps, bridleways, pedestrian streets, platforms and piers: assumptions."""

PAVEMENT_M = 2.5
"""What a pavement that a road's tags tell of adds to its width: as `footway` above."""

THICKNESSES_M = {
    "wall": 0.3,
    "city_wall": 1.0,
    "retaining_wall": 0.3,
    "fence": 0.1,
    "railing": 0.1,
    "guard_rail": 0.3,
    "jersey_barrier": 0.6,
    "hedge": 1.0,
}
"""Thicknesses of barriers where the map states none (assumptions; a concrete step barrier is 0.6 m at its foot)."""

DISCS_M = {"bollard": 0.2, "block": 0.8}
"""Diameters of barriers that are points (assumptions)."""

GATES_M = {
    "gate": 2.0,
    "entrance": 2.0,
    "wicket_gate": 1.0,
    "kissing_gate": 0.8,
    "turnstile": 0.6,
    "full-height_turnstile": 0.6,
    "lift_gate": 3.0,
    "swing_gate": 3.0,
    "sliding_gate": 3.0,
}
"""Clear widths of openings in barriers where the map states none (assumptions; those for vehicles as `service`)."""

FOOTWAYS = ("footway", "path", "pedestrian", "cycleway", "bridleway")
STREETS = ("living_street", "residential", "unclassified", "service", "track")
ROADS = ("tertiary", "secondary", "primary")
SQUARES = ("pedestrian", "footway", "path", "living_street", "service", "residential", "steps")
GREENS = ("park", "pitch", "playground", "common", "recreation_ground")

ALLOWED = ("yes", "designated", "permissive", "official", "customers", "destination")
FORBIDDEN = ("no", "private", "use_sidepath")
PAVED = {"both": 2, "yes": 2, "left": 1, "right": 1}
"""How many pavements the value of the tag `sidewalk` tells of."""

OTHER_LEVEL = Left(
    "ways, areas and barriers on bridges, in tunnels, indoors or on other levels", "heights are not on the map"
)

LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(m|ft|')?(?:\s*(\d+(?:\.\d+)?)\s*(?:''|\"))?")
FOOT_M, INCH_M = 0.3048, 0.0254
LEAST_M, MOST_M = 0.05, 200.0
"""Lengths outside of these are no widths (our choice)."""


def length_m(text: str) -> float | None:
    """Return a length as the map's tags state it [m]: `3`, `3.5 m`, `12 ft`, `6'6"`; None if it is none."""
    match = LENGTH.fullmatch(text.strip().replace(",", "."))
    if match is None:
        return None
    feet = match[2] in ("ft", "'")
    if match[3] and not feet:
        return None
    metres = float(match[1]) * (FOOT_M if feet else 1.0) + float(match[3] or 0) * INCH_M
    return metres if LEAST_M <= metres <= MOST_M else None


def stated_width_m(tags: Tags) -> float | None:
    """Return the width that tags state [m]."""
    for key in ("width", "est_width"):
        if key in tags and (width := length_m(tags[key])):
            return width
    return None


def judge_line(tags: Tags) -> Taken | Left | None:
    """Return what a line of the map is to people on foot; None if nothing."""
    verdict: Taken | Left | None = None
    barrier = tags.get("barrier", "")
    if _is_platform(tags):
        verdict = _wide("platform", "platform", tags)
    elif "highway" in tags:
        verdict = _judge_way(tags["highway"].removesuffix("_link"), tags)
    elif tags.get("man_made") == "pier":
        verdict = _wide("pier", "pier", tags)
    elif barrier in THICKNESSES_M:
        verdict = Taken("barrier", stated_width_m(tags) or THICKNESSES_M[barrier])
    elif barrier:
        verdict = Left(f"barriers of kind {barrier}", "people step over them or pass between")
    return OTHER_LEVEL if isinstance(verdict, Taken) and _elsewhere(tags) else verdict


def judge_area(tags: Tags) -> Taken | Left | None:
    """Return what an area of the map is to people on foot; None if nothing."""
    highway = tags.get("highway", "")
    layer = ""
    if tags.get("building", "no") != "no":
        return _judge_building(tags)
    if tags.get("natural") == "water" or tags.get("amenity") == "fountain":
        layer = "water"
    elif tags.get("barrier") in THICKNESSES_M:
        layer = "barrier"
    elif _is_platform(tags):
        layer = "platform"
    elif tags.get("place") == "square" or highway in SQUARES or tags.get("amenity") == "marketplace":
        layer = "square"
    elif tags.get("man_made") == "pier":
        layer = "pier"
    elif tags.get("leisure") in GREENS:
        layer = "park"
    if not layer:
        return _nothing(tags)
    if _elsewhere(tags):
        return OTHER_LEVEL
    if KINDS[layer] == "walkable" and not _may_walk(tags, otherwise=True):
        return Left("areas", "people on foot may not go there (tags access and foot)")
    return Taken(layer)


def is_area(tags: Tags) -> bool:
    """Return whether a closed way is the area that it bounds.

    By the map's conventions highways, barriers and piers are lines unless `area=yes`; all else here is an area unless
    `area=no`.
    """
    if tags.get("area") in ("yes", "no"):
        return tags["area"] == "yes"
    if tags.get("building", "no") != "no":
        return True
    if tags.get("highway") == "platform":
        return True
    return not any(key in tags for key in ("highway", "barrier")) and tags.get("man_made") != "pier"


def is_passage(tags: Tags) -> bool:
    """Return whether a way leads through a building at ground level."""
    return tags.get("tunnel") == "building_passage"


def _judge_way(highway: str, tags: Tags) -> Taken | Left:
    if highway not in (*FOOTWAYS, *STREETS, *ROADS, "steps"):
        return Left(f"ways of kind {highway}", "people do not walk there")
    if tags.get("motorroad") == "yes" or not _may_walk(tags, otherwise=highway not in ("cycleway", "bridleway")):
        return Left(f"ways of kind {highway}", "people on foot may not go there (tags access and foot)")
    pavements = _pavements(tags)
    if highway in ROADS and not pavements and tags.get("foot") not in ALLOWED:
        return Left(f"roads of kind {highway}", "no word of pavements or people on foot (tags sidewalk and foot)")
    if highway == "footway" and tags.get("footway") == "crossing":
        highway = "crossing"
    layer = "street" if highway in STREETS else "road" if highway in ROADS else "footway"
    return _wide("steps" if highway == "steps" else layer, highway, tags, pavements * PAVEMENT_M)


def _judge_building(tags: Tags) -> Taken | Left | None:
    if tags["building"] in ("roof", "carport", "bridge"):
        return Left("roofs and bridges mapped as buildings", "people walk below them")
    if _elsewhere(tags) or any(tags.get(key, "0") != "0" for key in ("min_height", "building:min_level")):
        return Left("buildings above or below the ground", "people walk below or above them")
    return Taken("building")


def _nothing(tags: Tags) -> Left | None:
    for key in ("highway", "leisure"):
        if key in tags:
            return Left(f"areas of kind {key}={tags[key]}", "not said to be open to people on foot")
    return None


def _wide(layer: str, kind: str, tags: Tags, more_m: float = 0.0) -> Taken:
    return Taken(layer, (stated_width_m(tags) or WIDTHS_M[kind]) + more_m)


def _pavements(tags: Tags) -> int:
    sides = sum(tags.get(f"sidewalk:{side}") == "yes" for side in ("left", "right"))
    return PAVED.get(tags.get("sidewalk", ""), 0) or PAVED.get(tags.get("sidewalk:both", ""), 0) or sides


def _is_platform(tags: Tags) -> bool:
    return "platform" in (tags.get("public_transport"), tags.get("railway"), tags.get("highway"))


def _may_walk(tags: Tags, *, otherwise: bool) -> bool:
    """Return whether people on foot may go there: by the tag foot, else access, else as given."""
    for key in ("foot", "access"):
        value = tags.get(key)
        if value in ALLOWED:
            return key == "foot" or otherwise
        if value in FORBIDDEN:
            return False
    return otherwise


def _elsewhere(tags: Tags) -> bool:
    """Return whether an object is on no level that the map's ground is."""
    return (
        any(tags.get(key, "0") != "0" for key in ("layer", "level"))
        or tags.get("bridge", "no") != "no"
        or tags.get("tunnel", "no") not in ("no", "building_passage")
        or tags.get("indoor", "no") != "no"
        or tags.get("location") == "underground"
    )
