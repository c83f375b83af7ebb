"""Where people stand in a zone with a front, such as a stage: the nearer to it, the denser."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

from crowdsim.population.at_start import usual_radius
from crowdsim.population.draw import generator
from crowdsim.population.placement import BODY_GAP_M, lattice, standing_room
from crowdsim.population.plan import Population
from crowdsim.scenario.bodies import clearance
from crowdsim.scenario.feature import KINDS, Scenario
from crowdsim.scenario.itinerary import Attend, Visit
from crowdsim.scenario.venue_settings import Zone
from crowdsim.venue import Venue, leg_goals
from crowdsim.venue.build import to_area
from crowdsim.venue.capacity import HOLDINGS
from crowdsim.venue.sheets import moved

Float64 = NDArray[np.float64]

NO_PLACE = -1

FOREMOST = 0.05
"""Share of the places: so many of the free ones are the foremost, of which each takes one by chance (our choice)."""

SPARE = 1.1
"""Times as many places as are needed by plan: people come later than planned, as ways take time (our choice)."""

HALVINGS = 60
"""In the search for a factor: as far as float64 tells it."""


def closest_m(radius_m: float) -> float:
    """Return how near to each other people stand at the closest [m]: bodies have room, and no plan allows more.

    On a hexagonal lattice of this spacing there are as many people to a square metre as the densest of `HOLDINGS`.
    """
    most_per_m2 = max(holding.per_m2 for holding in HOLDINGS)
    return max(2 * radius_m + BODY_GAP_M, math.sqrt(2 / (math.sqrt(3) * most_per_m2)))


class StandingPlaces:
    """The places of a zone with a front, and which are taken.

    As many places as are needed at once are drawn from a lattice: the density falls to 1/e over `spread_m` from the
    front, where the lattice is not full. The crowd grows from the front: who comes takes one of the foremost of the
    free places.

    Parameters
    ----------
    zone, setting : the zone's name, and what the scenario says of it.
    population : everyone planned.

    Attributes
    ----------
    points : (p, 2) places, the nearest to the front first [m].
    distance_m : (p,) from the front.
    free : (p,) which are not taken.
    """

    def __init__(self, zone: str, setting: Zone, scenario: Scenario, venue: Venue, population: Population) -> None:
        room = standing_room(venue.zones[zone], venue.walkable, clearance(scenario))
        points = lattice(room, closest_m(_usual_radius(scenario, population)))
        away = shapely.distance(shapely.points(points), _front(zone, setting, scenario, venue))
        rng = generator(scenario.config.seed, zone, "standing")
        self._taste = rng.random(len(population))
        at_once = min(most_at_once(zone, scenario, venue, population), setting.capacity or len(population))
        share = shares((away - away.min(initial=np.inf)) / setting.spread_m, math.ceil(SPARE * at_once))
        # Systematic sampling, in random order: exactly as many as are needed.
        mixed = rng.permutation(len(points))
        drawn = mixed[np.diff(np.floor(np.cumsum(share[mixed]) + rng.random()), prepend=0.0) > 0]
        order = drawn[np.argsort(away[drawn], kind="stable")]
        self.points, self.distance_m = points[order], away[order]
        self.free = np.ones(order.size, bool)
        self._foremost = max(int(FOREMOST * order.size), 1)

    def take(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the place that each of `rows` takes; `NO_PLACE` if none is left."""
        places = np.full(rows.size, NO_PLACE)
        for k, row in enumerate(rows.tolist()):
            foremost = np.flatnonzero(self.free)[: self._foremost]
            if foremost.size:
                places[k] = foremost[int(self._taste[row] * foremost.size)]
                self.free[places[k]] = False
        return places

    def exchange(self, places: NDArray[np.int64], here: Float64) -> NDArray[np.int64]:
        """Let those at `here` (n, 2) [m] give up their `places` for the nearest free ones; return these."""
        new = places.copy()
        for k, old in enumerate(places.tolist()):
            if self.free.any():
                new[k] = np.argmin(np.where(self.free, np.hypot(*(self.points - here[k]).T), np.inf))
                self.free[old], self.free[new[k]] = True, False
        return new

    def release(self, places: NDArray[np.int64]) -> None:
        """Let places be free again."""
        self.free[places[places != NO_PLACE]] = True


def _usual_radius(scenario: Scenario, population: Population) -> float:
    """Return the largest body radius of the profiles that most attendees have [m]."""
    counts = np.bincount(population.profile, minlength=len(population.profiles)).tolist()
    bodies: Counter[float] = Counter()
    for name, count in zip(population.profiles, counts, strict=True):
        bodies[scenario.config.profiles[name].body_radius_m.max] += count
    return usual_radius(bodies)


def shares(behind: Float64, needed: float) -> Float64:
    """Return the probability of each place to be drawn: `c exp(-behind)`, at most 1, with the `c` for `needed`."""
    if needed >= behind.size or needed <= 0:
        return np.full(behind.size, float(needed > 0))
    low, high = math.log(needed / behind.size), float(behind.max())  # of log c: too little, and as good as all
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if np.exp(np.minimum(middle - behind, 0.0)).sum() < needed else (low, middle)
    found: Float64 = np.exp(np.minimum(high - behind, 0.0))
    return found


def most_at_once(zone: str, scenario: Scenario, venue: Venue, population: Population) -> int:
    """Return how many people are in a zone at once at the most, as if walking and waiting took no time."""
    came, left = [], []
    for g, options in enumerate(population.itineraries):
        mine = population.group == g
        now = population.due_s[mine] + population.pre_movement_s[mine]
        for k, option in enumerate(options):
            if not isinstance(option.leg, Visit | Attend):
                continue
            does, since = population.does[mine, k], now
            if isinstance(option.leg, Attend):
                now = np.maximum(now, scenario.config.programme[option.leg.event].until_s)
            now = np.where(does, now + population.dwell_s[mine, k], since)
            if leg_goals(option.leg, venue) == (zone,):
                came.append(since[does])
                left.append(now[does])
    if not came:
        return 0
    times = np.concatenate([*came, *left])
    change = np.repeat([1, -1], times.size // 2)
    return int(np.cumsum(change[np.lexsort((change, times))]).max(initial=0))


def _front(zone: str, setting: Zone, scenario: Scenario, venue: Venue) -> shapely.Geometry:
    """Return what the crowd of a zone faces, in the venue's plane."""
    features = scenario.named(*KINDS)
    (level,) = (k for k, name in enumerate(venue.levels) if name == features[zone].level)
    if isinstance(setting.towards, str):
        feature = features[setting.towards]
        front = to_area(feature) if feature.polygons else LineString(feature.line)
    else:
        front = Point(setting.towards)
    return moved(front, venue.sheets[level].shift)
