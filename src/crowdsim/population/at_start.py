"""Places for those who stand in zones at time zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.errors import Problem, ScenarioError
from crowdsim.population.arrivals import draw_due, draw_starts
from crowdsim.population.draw import draw_profiles, generator
from crowdsim.population.parties import draw_parties, firsts
from crowdsim.population.placement import capacity, place, standing_room
from crowdsim.scenario.arrival import AtStart
from crowdsim.scenario.bodies import clearance, used_profiles
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import start_shares
from crowdsim.scenario.party import ALONE
from crowdsim.venue import Venue, build_venue

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

Bodies = Mapping[float, int]
"""How many people have each body radius [m], the largest that there can be of their profiles."""

STRIP_M = 2.0
"""The attendees of a group are numbered strip by strip of the venue, of this width: so those who start next to each
other are next to each other in memory, too."""


def usual_radius(bodies: Bodies) -> float:
    """Return the radius [m] that most people have, of two the larger one.

    So much room is kept for everybody who is not wider; those who are wider get more.
    """
    return max(bodies, key=lambda radius: (bodies[radius], radius))


def place_at_start(
    scenario: Scenario,
    venue: Venue,
    starts: Sequence[str],
    start: Int32,
    group: Int32,
    party: Int32,
    radius: Float64,
) -> tuple[Float64, Float64]:
    """Return a place for everyone who stands in a start zone at time zero, NaN for the others [m].

    Groups are mixed; the rows of a group and zone are in order of place, those wider than usual on their own.

    Parameters
    ----------
    start, group, party : (n,) as in `Population`.
    radius : (n,) the largest body radius that there can be of the attendee's profile [m].

    Raises
    ------
    ScenarioError
        If start zones cannot hold their attendees.
    """
    x, y = np.full(start.size, np.nan), np.full(start.size, np.nan)
    rows_of = {zone: np.flatnonzero(start == s) for s, zone in enumerate(starts) if zone in venue.zones}
    bodies = {zone: Counter(radius[rows].tolist()) for zone, rows in rows_of.items()}
    places, problems = _places(scenario, venue, bodies)
    if problems:
        raise ScenarioError(problems)
    kept = radius.copy()
    for zone, rows in rows_of.items():
        if rows.size:
            kept[rows] = np.maximum(radius[rows], usual_radius(bodies[zone]))
            for room, found in places[zone].items():
                mine = rows[kept[rows] == room]
                x[mine], y[mine] = found.T
    with np.errstate(invalid="ignore"):
        strip = np.floor(y / STRIP_M)
        turns = np.isin(group, group[party != ALONE]) & (strip % 2 == 1)  # to and fro, so that no party is torn apart
        order = np.lexsort((np.where(turns, -x, x), strip, kept, start, group))
    rows = np.lexsort((kept, start, group))
    placed = np.isfinite(x)
    order, rows = order[placed[order]], rows[placed[rows]]
    x[rows], y[rows] = x[order], y[order]
    return x, y


def find_crowded_starts(scenario: Scenario) -> list[Problem]:
    """Return the start zones that cannot hold those who are to stand in them at time zero."""
    config, profiles = scenario.config, used_profiles(scenario)
    venue, seed = build_venue(scenario, unfolded=True), config.seed
    bodies: dict[str, Counter[float]] = {}
    for name, group in config.attendees.items():
        zones = tuple(start_shares(group))
        if isinstance(group.arrival, AtStart):
            n = draw_due(name, group, seed).size
            chosen = draw_starts(name, group, n, zones, seed)[firsts(draw_parties(name, n, group.parties, seed))]
            profile = draw_profiles(name, group, n, profiles, config)
            radius = np.array([config.profiles[p].body_radius_m.max for p in profiles])[profile]
            for z, zone in enumerate(zones):
                bodies.setdefault(zone, Counter()).update(radius[chosen == z].tolist())
    return _places(scenario, venue, bodies)[1]


def _places(
    scenario: Scenario, venue: Venue, bodies: Mapping[str, Bodies]
) -> tuple[dict[str, dict[float, Float64]], list[Problem]]:
    """Return places in each zone, by the radius that they have room for, and the zones that are too small.

    The widest are placed first, each width spread over the zone; those who are not wider than usual last.
    """
    margin = clearance(scenario)
    places: dict[str, dict[float, Float64]] = {}
    taken = np.empty((0, 3))
    problems = []
    for zone, of_zone in bodies.items():
        room = standing_room(venue.zones[zone], venue.walkable, margin)
        rng = generator(scenario.config.seed, zone, "place")
        places[zone] = {}
        usual = usual_radius(of_zone) if of_zone else 0.0
        kept = Counter[float]()
        for radius, count in of_zone.items():
            kept[max(radius, usual)] += count
        wider = 0
        for radius, count in sorted(kept.items(), reverse=True):
            found = place(room, count, radius, rng, taken)
            if found is None:
                beside = f" beside {wider} wider ones" if wider else ""
                allowed = (
                    f"at most {capacity(room, radius, taken)}: as many bodies {2 * radius:g} m wide have room "
                    f"there{beside}; enlarge the zone or lower the count"
                )
                area = venue.zones[zone].area
                asked = f"{count} attendees to start on {area:.1f} m2"
                problems.append(Problem(scenario.config.venue, f"zone {zone!r}", asked, allowed))
                break
            wider += count
            places[zone][radius] = found
            taken = np.concatenate([taken, np.column_stack([found, np.full(count, radius)])])
    return places, problems
