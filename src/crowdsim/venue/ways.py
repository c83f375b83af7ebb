"""Whether all attendees can walk their itineraries: a way wide enough for a body, over the levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import shapely
from shapely import LineString, Point

from crowdsim.scenario.bodies import clearance, profile_shares
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import start_shares
from crowdsim.venue.build import SMALLEST_PLACE_M2, band, build_venue
from crowdsim.venue.sheets import moved
from crowdsim.venue.venue import Area, Venue, joining_area
from crowdsim.venue.walks import Goals, walks_of

Found = tuple[str, str, str]

SLIT_M, BESIDE_M = 0.001, 0.01
"""The lines of one-way doors part the ground by so much on either side; what is so near is beside them (our choice)."""

FEW = 4
"""As many goals to choose from are named; more would hide what is wrong."""


def find_missing_ways(scenario: Scenario) -> Iterator[Found]:
    """Yield the legs of itineraries that cannot be walked, in the order of the groups' names."""
    venue = build_venue(scenario, unfolded=True)
    one_way = {name: door.one_way_line for name, door in venue.doors.items() if door.one_way_line and door.open}
    ground = shapely.buffer(venue.walkable, -clearance(scenario))
    if one_way:
        ground = shapely.difference(ground, shapely.buffer(shapely.union_all(list(one_way.values())), SLIT_M))
    parts = list(shapely.get_parts(ground))
    shapely.prepare(parts)

    def parts_at(area: Area) -> set[int]:
        return {k for k, part in enumerate(parts) if shapely.intersection(part, area).area >= SMALLEST_PLACE_M2}

    at = {name: parts_at(area) for name, area in (venue.zones | venue.entrances).items()}
    at |= {name: parts_at(joining_area(venue, name)) for name in venue.queues}
    at |= {name: parts_at(exit_.area) for name, exit_ in venue.open_exits.items()}
    seen: set[Found] = set()
    for step_free in (False, True):
        across = {name: _across(line, parts) for name, line in one_way.items()}
        onward = _across_seams(venue, parts, step_free=step_free)
        for before, beyond in across.values():
            for k in before:
                onward[k] |= beyond
        for name, group in scenario.config.attendees.items():
            kinds = profile_shares(group, scenario.config.mixes)
            if any(scenario.config.profiles[kind].step_free == step_free for kind in kinds):
                refuges = scenario.config.refuges if step_free else ()
                for start in start_shares(group):
                    walks = [(here, (*goals, *refuges)) for here, goals in walks_of(group, venue, [start])]
                    places = _places(venue, parts)
                    seen |= set(_stuck(name, start, walks, at, onward, places, across, step_free=step_free))
    yield from sorted(seen)


def _stuck(
    name: str,
    start: str,
    walks: Sequence[tuple[list[Goals], Goals]],
    at: dict[str, set[int]],
    onward: list[set[int]],
    places: list[str],
    across: dict[str, tuple[set[int], set[int]]],
    *,
    step_free: bool,
) -> Iterator[Found]:
    """Yield what keeps a group from walking its itinerary, if anything does.

    Parameters
    ----------
    across : of each one-way door, the parts before it and those beyond.
    """
    if not at[start]:
        yield f"start {start!r}", "no place wide enough for a body", "an area clear of walls"
        return
    way = "way without steps" if step_free else "way"
    for come_from, choice in walks:
        here, now = set().union(*(at[place] for places in come_from for place in places)), come_from[0][0]
        there = set().union(*(at[goal] for goal in choice))
        stranded = {part for part in here if not (_reached(part, onward) & there)}
        names = " or ".join(repr(goal) for goal in choice) if len(choice) <= FEW else f"any of {len(choice)} goals"
        against = _against(stranded, there, onward, across) if stranded else []
        if against:
            where = f" from the part of {now!r} {places[min(stranded)]}" if stranded != here else f" from {now!r}"
            doors = f"door{'s' if len(against) > 1 else ''} {' or '.join(repr(door) for door in against)}"
            yield (
                f"attendees {name!r}",
                f"no {way}{where} to {names} but against the one-way {doors}",
                "another way there, or null for one_way of the door",
            )
            return
        if stranded == here:
            allowed = "a connected walkable area at least as wide as a body; is a door closed or missing?"
            if step_free:
                allowed = (
                    "a ramp or a lift on the way for profiles that are step_free, or a zone listed under 'refuges'"
                )
            yield f"attendees {name!r}", f"no {way} from {now!r} to {names}", allowed
            return
        # Whoever starts in several separate parts must find a goal in each of them.
        if stranded:
            yield (
                f"attendees {name!r}",
                f"no {way} to {names} from the part of {now!r} {places[min(stranded)]}",
                "every part of a start or zone connected with the next goal",
            )
            return


def _reached(part: int, onward: list[set[int]]) -> set[int]:
    """Return the parts that can be reached from one, itself included."""
    reached, new = {part}, {part}
    while new:
        new = set().union(*(onward[k] for k in new)) - reached
        reached |= new
    return reached


def _against(
    stranded: set[int], there: set[int], onward: list[set[int]], across: dict[str, tuple[set[int], set[int]]]
) -> list[str]:
    """Return the one-way doors, passed the other way, by any of which alone all who are stranded would find a way.

    If no single one would do, all of them, if they do together.
    """

    def lead(doors: list[str]) -> bool:
        both = [set(to) for to in onward]
        for door in doors:
            before, beyond = across[door]
            for k in beyond:
                both[k] |= before
        return all(_reached(part, both) & there for part in stranded)

    single = [door for door in across if lead([door])]
    return single or [door for door in across if lead([*across])]


def _across(line: LineString, parts: Sequence[Area]) -> tuple[set[int], set[int]]:
    """Return the parts before a line that people cross from its right to its left, and those beyond."""
    before, beyond = (
        {k for k, part in enumerate(parts) if part.intersects(band(line, *depth))}
        for depth in ((-BESIDE_M, -SLIT_M), (SLIT_M, BESIDE_M))
    )
    return before, beyond


def _across_seams(venue: Venue, parts: Sequence[Area], *, step_free: bool) -> list[set[int]]:
    """Return for each part those that people get onto from it over a seam, or in a lift."""
    onward: list[set[int]] = [set() for _ in parts]

    def join(here: Point, there: Point) -> None:
        to = {k for k, part in enumerate(parts) if part.intersects(there)}
        for k, part in enumerate(parts):
            if part.intersects(here):
                onward[k].update(to)

    for seam in venue.seams:
        if seam.lets_pass(step_free=step_free):
            middle = seam.line.interpolate(0.5, normalized=True)
            join(middle, moved(middle, seam.shift))
    for one, other in pairwise(venue.sheets):
        if one.link and one.link is other.link:  # the cabin of a lift on both levels
            join(one.area.centroid, other.area.centroid)
            join(other.area.centroid, one.area.centroid)
    return onward


def _places(venue: Venue, parts: Sequence[Area]) -> list[str]:
    """Return for each part where it is, in words."""
    texts = []
    for part in parts:
        where = part.representative_point()
        sheet = min(venue.sheets, key=lambda sheet: sheet.area.distance(where))
        text = f"near ({where.x - sheet.shift[0]:.1f}, {where.y - sheet.shift[1]:.1f})"
        texts.append(f"{text} on level {venue.levels[sheet.level]!r}" if len(venue.levels) > 1 else text)
    return texts
