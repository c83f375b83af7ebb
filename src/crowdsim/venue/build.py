"""Scenario -> Venue: cut doors, exits and obstacles into the walkable area."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from crowdsim.kernels.arrays import WALK_ON_M
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.scenario.venue_settings import PASSAGES, Doorway, Passage
from crowdsim.venue.directions import BOTH, LEFT, side_of
from crowdsim.venue.links import Link, make_link
from crowdsim.venue.serpentine import fold_queue
from crowdsim.venue.sheets import drawn_on, footprint, joined, moved, stack, unfold
from crowdsim.venue.venue import Area, Door, Exit, Sheet, Shift, Venue

EXIT_DEPTH_M = WALK_ON_M + 0.5
"""How far the walkable area goes on beyond an exit line: a body's length farther than people walk on."""

PROBE_M = 0.5
"""How far beside an exit line its two sides are looked at to tell inside from outside."""

ENTRANCE_DEPTH_M = 1.0
"""How deep the strip behind an entrance line is in which people appear."""

SMALLEST_PLACE_M2 = 0.02
"""Patches for a body's centre that are smaller than this, as slivers between obstacles are, do not count."""

LEVELS_APART_M = 6.0
"""Levels lie at least this far apart in the venue's plane: nobody sees from one to another."""

SMEARED = 6.5
"""Standard deviations of the widest Gaussian that levels lie apart: it is cut off before (`CUT_OFF` in `kernels.maps`,
five, and up to 1.5 cells of at most one)."""

SNAP_M = 1e-6
"""Edges closer than this count as one: far below any drawing's precision, far above float64's."""


def build_venue(scenario: Scenario, *, unfolded: bool = False, shifts: Sequence[Shift] | None = None) -> Venue:
    """Build the geometry of a scenario's venue, with its doors and exits as configured.

    The features' polygons must be valid (`crowdsim.venue.checks.find_problems` says whether they are).

    Parameters
    ----------
    unfolded : give each way between levels a sheet of its own, with seams, as people move in it.
    shifts : where the sheets of an unfolded venue are to lie; None finds places for them.
    """
    levels = tuple(sorted(scenario.config.levels, key=lambda name: scenario.config.levels[name].elevation_m)) or ("",)
    links = make_links(scenario)
    floors = [_build_floor(scenario, level, links) for level in levels]
    on = [
        [drawn_on(link, level) for link in links.values() if link.open and level in (link.lower, link.upper)]
        for level in levels
    ]
    if unfolded:
        sheets, seams, walkable = unfold([floor.walkable for floor in floors], levels, links, shifts)
    else:
        grounds = [
            _polygons(shapely.set_precision(shapely.union_all([floor.walkable, *mine]), SNAP_M))
            if mine
            else floor.walkable
            for floor, mine in zip(floors, on, strict=True)
        ]
        shifts = stack([ground.bounds for ground in grounds], _apart(scenario))
        seams = ()
        sheets = tuple(
            Sheet(level, k, shift, moved(ground, shift))
            for k, (level, shift, ground) in enumerate(zip(levels, shifts, grounds, strict=True))
        )
        walkable = joined([sheet.area for sheet in sheets])
    heights = tuple(scenario.config.levels[level].elevation_m if level else 0.0 for level in levels)
    placed = _placed(floors, sheets)
    return Venue(
        walkable,
        **placed,
        levels=levels,
        heights_m=heights,
        sheets=sheets,
        seams=seams,
        links=links,
        services={name: service.queues for name, service in scenario.config.services.items()},
        events={name: item.zone for name, item in scenario.config.programme.items()},
        kept_clear=tuple(name for name, zone in scenario.config.zones.items() if zone.enabled and zone.keep_clear),
    )


@dataclass(frozen=True, slots=True)
class _Floor:
    """What is on a level, in the plan's coordinates; named as in `Venue`."""

    walkable: Area
    zones: dict[str, Area]
    entrances: dict[str, Area]
    exits: dict[str, Exit]
    doors: dict[str, Door]
    lines: dict[str, LineString]
    areas: dict[str, Polygon]
    obstacles: dict[str, Area]
    queues: dict[str, LineString]
    counters: dict[str, LineString]
    rails: dict[str, MultiPolygon]


def _build_floor(scenario: Scenario, level: str, links: dict[str, Link]) -> _Floor:
    def named(kind: str) -> dict[str, Feature]:
        return {name: feature for name, feature in scenario.named(kind).items() if feature.level == level}

    there = {feature.name: feature for feature in scenario.placed()}
    doors = {n: _door(f, scenario.config.doors.get(n), there) for n, f in named("door").items()}
    folded = {n: fold_queue(f) for n, f in named("queue").items() if f.polygons}
    rails = {name: serpentine.rails for name, serpentine in folded.items()}
    obstacles = {n: to_area(f) for n, f in named("obstacle").items()}
    ground = shapely.union_all([to_area(f) for f in named("walkable").values()])
    ground = shapely.difference(ground, shapely.union_all([*obstacles.values(), *rails.values()]))

    passages, blocks = [], []
    for name, feature in named("door").items():
        door = doors[name]
        passage = band(door.line, -feature.depth_m / 2, feature.depth_m / 2)
        if door.open:
            passages.append(passage)
        drawn = LineString(feature.line)
        if not door.open or drawn.length > door.width_m:
            frame = band(drawn, -feature.depth_m / 2, feature.depth_m / 2)
            blocks.append(shapely.difference(frame, passage) if door.open else frame)
    ground = shapely.union_all([ground, *passages])
    ground = shapely.difference(ground, shapely.union_all(blocks))
    for link in links.values():
        if level in (link.lower, link.upper):
            ground = shapely.difference(ground, footprint(link, level))

    exits = {n: _exit(f, scenario.config.exits.get(n), ground) for n, f in named("exit").items()}
    stubs = [e.area for e in exits.values() if e.open and e.line is not None]
    walkable = _polygons(shapely.set_precision(shapely.union_all([ground, *stubs]), SNAP_M))
    return _Floor(
        walkable=walkable,
        zones={n: _clip(to_area(f), walkable) for n, f in named("zone").items()},
        entrances={n: _entrance(f, ground) for n, f in named("entrance").items()},
        exits=exits,
        doors=doors,
        lines={n: LineString(f.line) for n, f in named("measurement_line").items()},
        areas={n: _polygon(f) for n, f in named("measurement_area").items()},
        obstacles=obstacles,
        queues={n: folded[n].line if n in folded else LineString(f.line) for n, f in named("queue").items()},
        counters={n: LineString(f.line) for n, f in named("counter").items()},
        rails=rails,
    )


def make_links(scenario: Scenario) -> dict[str, Link]:
    """Return the ways between levels, by name."""
    config = scenario.config
    links = {}
    for key, kind in PASSAGES.items():
        for name, feature in scenario.named(kind).items():
            if feature.rise:
                low, high = (config.levels[level].elevation_m for level in (feature.level, feature.rise.to_level))
                links[name] = make_link(feature, getattr(config, key).get(name), high - low)
    return links


def _apart(scenario: Scenario) -> float:
    """Return how far apart levels lie in the venue's plane [m]: no quantity is smeared from one to another."""
    measure = scenario.config.measure
    widest = max(measure.smoothing_m, measure.pressure_radius_m / math.sqrt(2))  # exp(-(r / R)^2) has R / sqrt(2)
    return max(LEVELS_APART_M, SMEARED * widest)


def _placed(floors: list[_Floor], sheets: tuple[Sheet, ...]) -> dict[str, Any]:
    """Return what is on the floors in the venue's plane."""
    placed: dict[str, dict[str, Any]] = {}
    for floor, sheet in zip(floors, sheets[: len(floors)], strict=True):
        for field in dataclasses.fields(floor):
            if field.name != "walkable":
                things = placed.setdefault(field.name, {})
                things |= {name: moved(thing, sheet.shift) for name, thing in getattr(floor, field.name).items()}
    return placed


def to_area(feature: Feature) -> Area:
    """Return a feature's polygons as one shapely geometry."""
    polygons = [Polygon(rings[0], rings[1:]) for rings in feature.polygons]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def band(line: LineString, right_m: float, left_m: float) -> Polygon:
    """Return the rectangle along a straight line from `right_m` to `left_m`, left of its direction positive."""
    start, end = _ends(line)
    normal = _left_normal(start, end)
    corners = [
        start + right_m * normal,
        end + right_m * normal,
        end + left_m * normal,
        start + left_m * normal,
    ]
    return Polygon(corners)


def _door(feature: Feature, setting: Doorway | None, features: dict[str, Feature]) -> Door:
    width = (setting and setting.width_m) or feature.line_width_m
    is_open = setting.open if setting else feature.open
    side = side_of(feature, setting.one_way if setting else feature.one_way, features)
    line = _rescaled(LineString(feature.line), width)
    one_way_line = None if side == BOTH else line if side == LEFT else line.reverse()
    return Door(feature.name, line, width, is_open, one_way_line)


def _exit(feature: Feature, setting: Passage | None, ground: Area) -> Exit:
    is_open = setting.open if setting else feature.open
    if feature.line:
        width = (setting and setting.width_m) or feature.line_width_m
        line = _rescaled(LineString(feature.line), width)
        return Exit(feature.name, line, _beyond(line, ground), width, is_open)
    area = _clip(to_area(feature), ground)
    edge = area.boundary.intersection(shapely.buffer(ground, -SNAP_M)).length
    return Exit(feature.name, None, area, edge, is_open)


def _beyond(line: LineString, ground: Area) -> Polygon:
    """Return the area just beyond an exit line, on the side with less walkable area.

    A line with walkable area on both sides gets a thin band around itself.
    """
    probe = PROBE_M
    share = [
        shapely.intersection(band(line, min(0.0, side), max(0.0, side)), ground).area / (line.length * probe)
        for side in (probe, -probe)
    ]
    mostly = 0.5
    if min(share) > mostly:
        return band(line, -probe / 2, probe / 2)
    return band(line, 0.0, EXIT_DEPTH_M) if share[0] < share[1] else band(line, -EXIT_DEPTH_M, 0.0)


def _entrance(feature: Feature, ground: Area) -> Area:
    if not feature.line:
        return _clip(to_area(feature), ground)
    strips = [
        _clip(band(LineString(feature.line), min(0.0, side), max(0.0, side)), ground)
        for side in (ENTRANCE_DEPTH_M, -ENTRANCE_DEPTH_M)
    ]
    return max(strips, key=lambda strip: strip.area)


def _polygon(feature: Feature) -> Polygon:
    rings = feature.polygons[0]
    return Polygon(rings[0], rings[1:])


def _clip(area: Area, ground: Area) -> Area:
    return _polygons(shapely.intersection(area, ground))


def _polygons(geometry: shapely.Geometry) -> Area:
    """Return the polygons of a geometry, leaving out points and lines that cutting can produce."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon) and not part.is_empty]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _rescaled(line: LineString, width_m: float) -> LineString:
    start, end = _ends(line)
    middle = (start + end) / 2
    along = (end - start) / np.linalg.norm(end - start)
    return LineString([middle - along * width_m / 2, middle + along * width_m / 2])


def _ends(line: LineString) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(line.coords[0]), np.asarray(line.coords[-1])


def _left_normal(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    dx, dy = (end - start) / np.linalg.norm(end - start)
    return np.array([-dy, dx])
