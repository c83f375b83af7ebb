"""What an imported venue runs with before it is edited: people somewhere on its floor, who leave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import shapely
from shapely import MultiPolygon, Polygon

from crowdsim.scenario.feature import Feature
from crowdsim.venue.build import to_area

NAME = "everywhere"

STAND_M = 0.23
"""People stand, and pass, this far from walls and obstacles: a centimetre more than the widest adult's radius."""

SQUARE = 1.5
"""Corners up to square ones are kept when a floor's clear part is widened again, sharper ones are cut off."""

MOST, PEOPLE_PER_M2 = 100, 1.0
"""The scenario to begin with has as many people, and no more than this to a square metre."""

LISTED = 4
"""As many other zones are listed beside the one that people start in."""

STOREY_M = 4.0
"""From level to level where the file does not say it; the scenario asks for the height."""

STARTER = """\
# A scenario for the imported venue: say who comes and what they do (docs/your_own_venue.md), then `crowdsim run` it.
title: {title}
duration_s: 600
{levels}attendees:
  visitors:
    start: {start}
    count: {count}
{arrival}    itinerary: [{{exit: nearest}}]
"""

ARRIVAL = "    arrival: {kind: constant, rate_per_min: 30}\n"
"""Of people who come by an entrance."""


def start_zone(features: Sequence[Feature]) -> Feature | None:
    """Return a zone on the largest connected part of the floor; None if there is a zone or an entrance already.

    Parameters
    ----------
    features : of a venue, with at least one walkable area.
    """
    if any(feature.kind in ("zone", "entrance") for feature in features):
        return None
    levels = sorted({feature.level for feature in features if feature.kind == "walkable"})
    floors = [(_floor(features, level), level) for level in levels]
    parts = [(standing_part(floor) or _largest(floor), level) for floor, level in floors]
    part, level = max(parts, key=lambda found: found[0].area)
    taken = {feature.name for feature in features}
    names = (NAME, *(f"{NAME}_{number}" for number in range(1, len(taken) + 1)))
    name = next(name for name in names if name not in taken)
    rings = tuple(tuple((x, y) for x, y in ring.coords) for ring in (part.exterior, *part.interiors))
    return Feature(name, "zone", polygons=(rings,), level=level)


def standing_part(floor: Polygon | MultiPolygon) -> Polygon | None:
    """Return the largest part of a floor that one can walk through; None if there is room nowhere."""
    clear = shapely.buffer(floor, -STAND_M)
    if clear.is_empty:
        return None
    part = shapely.buffer(_largest(clear), STAND_M, join_style="mitre", mitre_limit=SQUARE)
    return _largest(shapely.intersection(part, floor))


def _largest(area: shapely.Geometry) -> Polygon:
    return max((part for part in shapely.get_parts(area) if isinstance(part, Polygon)), key=shapely.area)


def _floor(features: Sequence[Feature], level: str) -> Polygon | MultiPolygon:
    """Return a level's floor, without its obstacles if they leave any."""
    mine = [feature for feature in features if feature.level == level]
    walkable, obstacles = (
        shapely.union_all([to_area(feature) for feature in mine if feature.kind == kind])
        for kind in ("walkable", "obstacle")
    )
    free = walkable - obstacles
    return free if free.area > 0 else walkable


def starter(features: Sequence[Feature], elevations_m: Mapping[str, float], title: str) -> str:
    """Return the text of a scenario for a venue: people in one of its zones, or at an entrance if it has none.

    Parameters
    ----------
    features : of the venue, with a zone or an entrance.
    elevations_m : of its levels, where the file says so.
    """
    levels = dict.fromkeys(level for f in features for level in (f.level, f.rise.to_level if f.rise else "") if level)
    listed = "".join(
        f"  {level}: {{elevation_m: {elevations_m.get(level, STOREY_M * k):g}}}"
        + ("\n" if level in elevations_m else "   # set its height\n")
        for k, level in enumerate(levels)
    )
    start, others = _places(features)
    more = f", and {len(others) - LISTED} more" if len(others) > LISTED else ""
    note = f"   # or {', '.join(json.dumps(f.name) for f in others[:LISTED])}{more}" if others else ""
    at_first = start.kind == "zone"
    return STARTER.format(
        title=json.dumps(title),
        levels=f"levels:\n{listed}" if levels else "",
        start=json.dumps(start.name) + note,
        count=max(1, int(min(MOST, to_area(start).area * PEOPLE_PER_M2))) if at_first else MOST,
        arrival="" if at_first else ARRIVAL,
    )


def _places(features: Sequence[Feature]) -> tuple[Feature, list[Feature]]:
    """Return the largest zone of those on levels with an exit, if any, or an entrance; and the others that would do."""
    out = {feature.level for feature in features if feature.kind == "exit"}
    zones = [feature for feature in features if feature.kind == "zone"]
    places = [zone for zone in zones if zone.level in out] or zones
    places = places or [feature for feature in features if feature.kind == "entrance"]
    start = max(places, key=lambda place: to_area(place).area if place.polygons else 0.0)
    return start, [place for place in places if place is not start]
