"""Whether levels and the ways between them fit together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import shapely

from crowdsim.scenario.feature import Scenario
from crowdsim.venue.build import band, make_links, to_area
from crowdsim.venue.links import Link
from crowdsim.venue.venue import Area

Found = tuple[str, str, str]

LANDING_M = 0.3
"""Depth of floor that there must be at the ends of a way between levels: a foot's length."""

LANDING_SHARE = 0.5
"""Share of that floor that must be there: a level may end askew."""

STEEPEST = {"stair": 1.2, "ramp": 0.35, "escalator": 0.75}
"""Rise over run at most: steeper stairs are ladders (50 degrees), steeper ramps are not walked (19), and escalators
have 35 degrees at most by EN 115-1. The first two are our choice, to catch wrong units."""

BODY_M2 = 0.13
"""What a person takes of a cabin at the least: a disc of radius 0.2 m. Lifts are built for 0.2 m2 (EN 81-20)."""

OVERLAP_M2 = 0.05
"""Ways between levels that share less than this touch each other only."""


def find_level_problems(scenario: Scenario) -> Iterator[Found]:
    """Yield levels without floor, and ways between levels that are too steep, lead nowhere or run into each other.

    The features' polygons must be valid.
    """
    floors = {level: _floor(scenario, level) for level in scenario.config.levels}
    for level, floor in floors.items():
        if floor.is_empty:
            yield f"level {level!r}", "no walkable area", "at least one feature of kind 'walkable' on it"
    links = make_links(scenario)
    for link in links.values():
        label = f"{link.feature.kind} {link.name!r}"
        area = link.area
        if not area.is_valid or not link.line.is_simple:
            yield (
                label,
                "a line that crosses itself, or bends too sharply for its width",
                "one that can be walked along",
            )
            continue
        yield from _cabin(label, link) if link.is_lift else _steepness(label, link)
        ends = (("lower", link.foot, link.lower), ("upper", link.foot if link.is_lift else link.head, link.upper))
        for which, line, level in ends:
            landing = shapely.difference(band(line, 0.0, LANDING_M), area)
            there = shapely.intersection(landing, floors[level]).area
            if there < LANDING_SHARE * LANDING_M * link.width_m:
                x, y = line.interpolate(0.5, normalized=True).coords[0]
                where = "before its door" if link.is_lift else f"at its {which} end"
                drawn = "its line is drawn from the door to the back" if link.is_lift else "lines are drawn from below"
                yield (
                    label,
                    f"no floor of level {level!r} {where}, at ({x:.2f}, {y:.2f})",
                    f"a walkable area of {level!r} that begins there; {drawn}",
                )
    for one, other in combinations(links.values(), 2):
        shared = {one.lower, one.upper} & {other.lower, other.upper}
        both = shapely.intersection(one.area, other.area)
        if shared and both.area > OVERLAP_M2 and one.lower == other.lower:
            at = both.representative_point()
            yield (
                f"{one.feature.kind} {one.name!r}",
                f"{both.area:.2f} m2 of it are on {other.feature.kind} {other.name!r} too, at ({at.x:.2f}, {at.y:.2f})",
                "ways from the same level beside each other",
            )


def _floor(scenario: Scenario, level: str) -> Area:
    drawn = shapely.union_all([to_area(f) for f in scenario.named("walkable").values() if f.level == level])
    cut = shapely.union_all([to_area(f) for f in scenario.named("obstacle").values() if f.level == level])
    floor: Area = shapely.difference(drawn, cut)
    return floor


def _cabin(label: str, link: Link) -> Iterator[Found]:
    rise, size = link.feature.rise, link.area.area
    if rise and rise.capacity * BODY_M2 > size:
        allowed = f"at most {int(size / BODY_M2)}: each takes {BODY_M2:g} m2 at the least"
        yield label, f"a capacity of {rise.capacity} in a cabin of {size:.2f} m2", allowed


def _steepness(label: str, link: Link) -> Iterator[Found]:
    slope, kind = link.rise_m / link.line.length, link.feature.kind
    if slope > STEEPEST[kind]:
        yield (
            label,
            f"{link.rise_m:g} m up on {link.line.length:.2f} m",
            f"at least {link.rise_m / STEEPEST[kind]:.2f} m long in the plan; are the levels' elevation_m in metres?",
        )
    rise = link.feature.rise
    if rise and rise.riser_m and rise.tread_m:
        needed = link.rise_m / rise.riser_m * rise.tread_m
        if needed > link.line.length + rise.tread_m:
            yield (
                label,
                f"{link.rise_m / rise.riser_m:.0f} steps of riser_m {rise.riser_m:g} and tread_m {rise.tread_m:g} on "
                f"{link.line.length:.2f} m",
                f"at least {needed:.2f} m, or other steps",
            )
