"""Whether a venue can be simulated: geometry, reachability and room, checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import shapely
from shapely import LineString
from shapely.validation import explain_validity

from crowdsim.errors import Problem
from crowdsim.scenario.bodies import clearance, highest_free_speed, largest_radius
from crowdsim.scenario.feature import LINKS, Feature, Scenario
from crowdsim.venue.build import build_venue, to_area
from crowdsim.venue.directions import find_unclear
from crowdsim.venue.keep_clear import find_queues_within, find_without_room
from crowdsim.venue.level_checks import find_level_problems
from crowdsim.venue.links import Link
from crowdsim.venue.serpentine import RAIL_M, FoldError, fold_queue, opening, server_places
from crowdsim.venue.sheets import moved
from crowdsim.venue.venue import Area, Venue
from crowdsim.venue.ways import find_missing_ways

TOLERANCE_M = 0.01
"""Drawings are rarely exact: features may stick out of the walkable area by this much."""

SMALLEST_VENUE_M2 = 1.0
"""A smaller walkable area is no venue: the coordinates are likely degrees or kilometres, not metres."""

PASSAGE_SPARE_M = 0.06
"""What a passage must leave beside the widest body, so that people do not scrape along (assumption)."""

SMALLEST_AREA_M2 = 0.25
"""A smaller zone, entrance or exit has no room for one person."""


def find_problems(scenario: Scenario) -> list[Problem]:
    """Return everything that keeps a scenario's venue from being simulated.

    First the features one by one; if their polygons are valid, how they fit together: nothing outside the
    walkable area, passages wide enough, and a way from every start through all goals of its attendees.
    """
    file = scenario.config.venue
    problems = [Problem(file, *problem) for problem in _invalid(scenario)]
    if problems:
        return problems
    problems = [Problem(file, *problem) for problem in find_level_problems(scenario)]
    if problems:
        return problems
    venue = build_venue(scenario)
    if venue.walkable.is_empty or venue.walkable.area < SMALLEST_VENUE_M2:
        found = f"{venue.walkable.area:.3g} m2 of walkable area after cutting out obstacles"
        return [Problem(file, "walkable", found, f"at least {SMALLEST_VENUE_M2:g} m2, coordinates in metres")]
    problems += [Problem(file, *problem) for problem in _misplaced(scenario, venue)]
    problems += [Problem(file, *problem) for problem in _too_narrow(scenario, venue)]
    problems += [Problem(file, *problem) for problem in _too_wide(scenario, venue)]
    problems += [Problem("scenario.yaml", *problem) for problem in _off_ground(scenario, venue)]
    problems += [Problem("scenario.yaml", *problem) for problem in _behind_rails(scenario, venue)]
    problems += [Problem("scenario.yaml", *problem) for problem in _too_coarse(scenario, venue)]
    problems += [Problem("scenario.yaml", *problem) for problem in find_unclear(scenario)]
    problems += [Problem("scenario.yaml", *problem) for problem in find_queues_within(scenario)]
    problems += [Problem("scenario.yaml", *problem) for problem in find_without_room(scenario, venue)]
    if not problems:
        problems += [Problem(file, *problem) for problem in find_missing_ways(scenario)]
    return problems


Found = tuple[str, str, str]


def _label(feature: Feature) -> str:
    return f"{feature.kind} {feature.name!r}"


def _invalid(scenario: Scenario) -> Iterator[Found]:
    for feature in scenario.placed():
        for rings in feature.polygons:
            polygon = shapely.Polygon(rings[0], rings[1:])
            if not polygon.is_valid:
                reason = explain_validity(polygon)
                yield (
                    _label(feature),
                    f"an invalid polygon ({reason})",
                    "edges that neither cross nor touch themselves",
                )
            elif polygon.area == 0:
                yield _label(feature), "a polygon without area", "an area in m2"
            elif feature.kind == "queue":
                yield from _unfolded(scenario, feature)


def _unfolded(scenario: Scenario, feature: Feature) -> Iterator[Found]:
    """Yield why no serpentine can be made of a queue drawn as an area."""
    try:
        serpentine = fold_queue(feature)
    except FoldError as error:
        yield (_label(feature), *error.args)
        return
    needed = 2 * largest_radius(scenario) + PASSAGE_SPARE_M
    if serpentine.clear_width_m < needed:
        yield (
            _label(feature),
            f"lanes {serpentine.lane_width_m:.2f} m wide, {serpentine.clear_width_m:.2f} m clear of their rails",
            f"a lane_width_m of at least {needed + RAIL_M:.2f}: the widest body ({needed - PASSAGE_SPARE_M:.2f} m), "
            f"{PASSAGE_SPARE_M:g} m to spare and a rail",
        )


def _misplaced(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield the features that are not on the walkable area."""
    grounds = {
        sheet.name: _ground(scenario, sheet.name, moved(sheet.area, (-sheet.shift[0], -sheet.shift[1])))
        for sheet in venue.sheets
    }
    for feature in scenario.placed():
        if feature.kind in ("walkable", "door", *LINKS):
            continue
        ground = grounds[feature.level]
        shape = to_area(feature) if feature.polygons else LineString(feature.line)
        if feature.kind == "obstacle":
            if not ground.intersects(shape):
                yield (
                    _label(feature),
                    "an obstacle outside the walkable area",
                    "one that covers some of it, or none",
                )
            continue
        if not ground.covers(shape):
            yield _label(feature), _outside(shape, ground), "inside the walkable area"
            continue
        areas = venue.zones | venue.entrances | {n: e.area for n, e in venue.exits.items() if e.line is None}
        clipped = areas.get(feature.name)
        if clipped is not None and clipped.area < SMALLEST_AREA_M2:
            yield (
                _label(feature),
                f"{clipped.area:.2g} m2 of it free to walk on",
                f"at least {SMALLEST_AREA_M2:g} m2 clear of obstacles and walls",
            )
    for name, door in venue.doors.items():
        if door.open and not shapely.buffer(door.line, scenario.named("door")[name].depth_m).intersects(venue.walkable):
            yield f"door {name!r}", "a door away from any walkable area", "a line across an opening in a wall"
    for name, feature in scenario.named("exit").items():
        floor = _ground(scenario, feature.level, shapely.Polygon())  # without what is beyond exits
        if feature.line and not floor.intersects(LineString(feature.line)):
            away = floor.distance(LineString(feature.line))
            yield f"exit {name!r}", f"an exit {away:.2f} m from any walkable area", "a line on the edge of one"


def _ground(scenario: Scenario, level: str, walkable: Area) -> Area:
    """Return where features of a level may be, in its plan."""
    drawn = [to_area(f) for f in scenario.named("walkable").values() if f.level == level]
    ground: Area = shapely.buffer(shapely.union_all([*drawn, walkable]), TOLERANCE_M)
    shapely.prepare(ground)
    return ground


def _outside(shape: shapely.Geometry, ground: Area) -> str:
    outside = shapely.difference(shape, ground)
    is_line = outside.geom_type == "LineString"
    at = outside.interpolate(0.5, normalized=True) if is_line else outside.representative_point()
    much = f"{outside.area:.2f} m2" if outside.area else f"{outside.length:.2f} m"
    return f"{much} outside, at ({at.x:.2f}, {at.y:.2f})"


def _too_narrow(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    doors = {f"door {n!r}": d for n, d in venue.doors.items()}
    exits = {f"exit {n!r}": e for n, e in venue.exits.items()}
    links = {_label(link.feature): link for link in venue.links.values()}
    for label, passage in (doors | exits | links).items():
        steps = isinstance(passage, Link) and passage.has_steps
        needed = 2 * largest_radius(scenario, on_steps=steps) + PASSAGE_SPARE_M
        if passage.open and passage.width_m < needed:
            yield (
                label,
                f"a width of {passage.width_m:.2f} m",
                f"at least {needed:.2f} m: the widest body ({needed - PASSAGE_SPARE_M:.2f} m) and "
                f"{PASSAGE_SPARE_M:g} m to spare",
            )


def _too_wide(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield doors and exits said to be wider than drawn where there is no room for that.

    Flows would be divided by a width that nobody can use.
    """
    doors = {("door", n): d.line for n, d in venue.doors.items() if d.open}
    exits = {("exit", n): e.line for n, e in venue.open_exits.items() if e.line is not None}
    beyond = shapely.union_all([e.area for e in venue.open_exits.values() if e.line is not None])
    inside = shapely.buffer(shapely.difference(venue.walkable, beyond), TOLERANCE_M)
    drawn = scenario.named("door", "exit")
    for (kind, name), line in (doors | exits).items():
        if line.length <= LineString(drawn[name].line).length + TOLERANCE_M:
            continue
        in_the_open = shapely.buffer(beyond, -TOLERANCE_M).intersects(line)  # ground on both sides of an exit
        there = shapely.intersection(line, venue.walkable if in_the_open else inside).length
        if there < line.length - 3 * TOLERANCE_M:
            yield (
                f"{kind} {name!r}",
                f"a width of {line.length:.2f} m, {line.length - there:.2f} m of it beside the walkable area",
                f"at most {there:.2f} m",
            )


def _off_ground(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield stewards who stand where nobody can."""
    for name, steward in scenario.config.stewards.items():
        if not isinstance(steward.at, str) and not venue.walkable.covers(shapely.Point(steward.at)):
            away_m = venue.walkable.distance(shapely.Point(steward.at))
            found = f"({steward.at[0]:g}, {steward.at[1]:g}), {away_m:.2f} m from where people can walk"
            yield f"stewards.{name}.at", found, "a point on the walkable area"


def _behind_rails(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield counters whose servers people cannot walk straight up to from the head of a queue between rails."""
    for name, service in scenario.config.services.items():
        for queue in service.queues:
            if service.counter is None or queue not in venue.rails:
                continue
            x, y = opening(venue.queues[queue])
            ways = [
                LineString([(x, y), place]) for place in server_places(venue.counters[service.counter], service.servers)
            ]
            hidden = sum(way.intersects(venue.rails[queue]) for way in ways)
            if hidden:
                yield (
                    f"services.{name}.counter",
                    f"{hidden} of {service.servers} servers behind the rails of {queue!r}, seen from its opening "
                    f"at ({x:.2f}, {y:.2f})",
                    "a counter in sight of the opening at the queue's head, at the end of a lane",
                )


def _too_coarse(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield steps in time and space at which walls could not be trusted."""
    margin, fastest = clearance(scenario), highest_free_speed(scenario)
    if scenario.config.movement.step_s * fastest >= margin:
        yield (
            "movement.step_s",
            f"{scenario.config.movement.step_s:g} s, in which the fastest walk {fastest:g} m/s",
            f"below {margin / fastest:.3f} s, so that no step is longer than a body's radius ({margin:g} m)",
        )
    limit = math.sqrt(2.0) * margin
    if scenario.config.grid_step_m and scenario.config.grid_step_m >= limit:
        yield (
            "grid_step_m",
            f"{scenario.config.grid_step_m:g} m",
            f"below {limit:.3f} m, sqrt(2) times the smallest body's radius, so that no wall slips through the grid",
        )
    if scenario.config.grid_step_m and any(link.open for link in venue.links.values()):
        steps = 1 / scenario.config.grid_step_m
        if abs(steps - round(steps)) > TOLERANCE_M:
            yield (
                "grid_step_m",
                f"{scenario.config.grid_step_m:g} m",
                f"a whole fraction of a metre where levels are linked, such as {1 / math.ceil(steps):g} m",
            )
