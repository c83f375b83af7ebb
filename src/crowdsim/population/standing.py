"""Where people stand in a zone with a front, such as a stage: the nearer to it, the denser."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

from crowdsim.population.draw import generator
from crowdsim.population.placement import BODY_GAP_M, lattice, standing_room
from crowdsim.scenario.bodies import clearance, largest_radius
from crowdsim.scenario.feature import KINDS, Scenario
from crowdsim.scenario.venue_settings import Zone
from crowdsim.venue import Venue
from crowdsim.venue.build import to_area
from crowdsim.venue.capacity import HOLDINGS
from crowdsim.venue.sheets import moved

Float64 = NDArray[np.float64]

NO_PLACE = -1


def closest_m(radius_m: float) -> float:
    """Return how near to each other people stand at the closest [m]: bodies have room, and no plan allows more.

    On a hexagonal lattice of this spacing there are as many people to a square metre as the densest of `HOLDINGS`.
    """
    most_per_m2 = max(holding.per_m2 for holding in HOLDINGS)
    return max(2 * radius_m + BODY_GAP_M, math.sqrt(2 / (math.sqrt(3) * most_per_m2)))


class StandingPlaces:
    """The places of a zone with a front, and which are taken.

    Parameters
    ----------
    zone, setting : the zone's name, and what the scenario says of it.
    n : how many attendees are planned.

    Attributes
    ----------
    points : (p, 2) places, the nearest to the front first [m].
    distance_m : (p,) from the front.
    weight : (p,) how much people like each.
    free : (p,) which are not taken.
    """

    def __init__(self, zone: str, setting: Zone, scenario: Scenario, venue: Venue, n: int) -> None:
        room = standing_room(venue.zones[zone], venue.walkable, clearance(scenario))
        points = lattice(room, closest_m(largest_radius(scenario)))
        away = shapely.distance(shapely.points(points), _front(zone, setting, scenario, venue))
        order = np.argsort(away, kind="stable")
        self.points, self.distance_m = points[order], away[order]
        self.weight = np.exp(-(self.distance_m - self.distance_m.min(initial=np.inf)) / setting.spread_m)
        self.free = np.ones(len(points), bool)
        self._taste = generator(scenario.config.seed, zone, "standing").random(n)

    def take(self, rows: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return for each of `rows` the place that it takes among the free ones; `NO_PLACE` if none is left.

        Each is drawn by its weight, from a number that is the attendee's own.
        """
        places = np.full(rows.size, NO_PLACE)
        left = np.arange(rows.size)
        while left.size and self.free.any():
            up_to = np.cumsum(np.where(self.free, self.weight, 0.0))
            wanted = np.searchsorted(up_to, self._taste[rows[left]] * up_to[-1], side="right")
            wanted, first = np.unique(np.minimum(wanted, np.flatnonzero(self.free)[-1]), return_index=True)
            places[left[first]] = wanted
            self.free[wanted] = False
            left = np.delete(left, first)
        return places

    def release(self, places: NDArray[np.int64]) -> None:
        """Let places be free again."""
        self.free[places[places != NO_PLACE]] = True


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
