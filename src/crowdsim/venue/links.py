"""Ways between levels: stairs, ramps, escalators and lifts, as geometry, and how fast people are on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely import LineString, Polygon

from crowdsim.kernels.marching import MOST_COST
from crowdsim.scenario.feature import UP, Feature
from crowdsim.scenario.profile import Profile
from crowdsim.scenario.venue_settings import Passage

RISER_M, TREAD_M = 0.178, 0.279
"""The stair that speeds are stated for: 7 by 11 inches, the SFPE Handbook's usual one."""

TOBLER = 3.5
"""Decline of the walking speed with the slope, exp(-3.5 |slope + 0.05|): Tobler (1993), Three presentations on
geographical analysis and modeling; over its value on the level, and 1 at most."""

TOBLER_FASTEST = 0.05
"""Slope downwards on which people walk fastest; the same source."""


@dataclass(frozen=True, slots=True)
class Link:
    """A stair, ramp, escalator or lift.

    Attributes
    ----------
    lower, upper : the levels that it links.
    line : its middle line in the plan, from the lower end.
    width_m : clear width.
    rise_m : difference of the levels' heights.
    feature : as drawn.
    """

    feature: Feature
    lower: str
    upper: str
    line: LineString
    width_m: float
    rise_m: float
    open: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.feature.name

    @property
    def area(self) -> Polygon:
        """The walkable area in the plan."""
        return shapely.buffer(self.line, self.width_m / 2, cap_style="flat", join_style="mitre")

    @property
    def foot(self) -> LineString:
        """The line across the lower end; what is beyond lies to its left."""
        (x0, y0), (x1, y1) = self.line.coords[:2]
        return _across(x0, y0, x0 - x1, y0 - y1, self.width_m)

    @property
    def head(self) -> LineString:
        """The line across the upper end; what is beyond lies to its left."""
        (x0, y0), (x1, y1) = self.line.coords[-2:]
        return _across(x1, y1, x1 - x0, y1 - y0, self.width_m)

    @property
    def middle(self) -> LineString:
        """The line across the middle of the longest straight piece; up is to its right."""
        (x0, y0), (x1, y1) = max(pairwise(self.line.coords), key=lambda piece: math.dist(*piece))
        return _across((x0 + x1) / 2, (y0 + y1) / 2, x0 - x1, y0 - y1, self.width_m)

    @property
    def is_lift(self) -> bool:
        """Whether it is a lift: a cabin, its line drawn from the middle of the door to the back."""
        return self.feature.kind == "lift"

    def is_on(self, level: str) -> bool:
        """Return whether people on it are on a level: the lower one; in a lift on either."""
        return level == self.lower or (self.is_lift and level == self.upper)

    @property
    def has_steps(self) -> bool:
        """Whether those who go step-free cannot take it."""
        return self.feature.kind in ("stair", "escalator")

    @property
    def carries_up(self) -> bool:
        """Whether people can take it up."""
        return self.feature.kind != "escalator" or self._direction == UP

    @property
    def carries_down(self) -> bool:
        """Whether people can take it down."""
        return self.feature.kind != "escalator" or self._direction != UP

    @property
    def belt_m_s(self) -> float | None:
        """Of an escalator, the horizontal speed of its steps; people stand on them. None for others."""
        rise = self.feature.rise
        if self.feature.kind != "escalator" or rise is None:
            return None
        length = float(self.line.length)
        return rise.speed_m_s * length / math.hypot(length, self.rise_m)

    def pace(self, profile: Profile, *, up: bool) -> float:
        """Return the horizontal free speed of somebody of a profile on it as a share of that on the level.

        On stairs the profile's, times what the SFPE Handbook gives for the steps' measures, sqrt(tread / riser) along
        the slope, over the same for a usual stair (our combination). On ramps Tobler's.
        """
        if self.is_lift:
            return 1.0
        if self.feature.kind == "ramp":
            slope = self.rise_m / self.line.length * (1 if up else -1)
            return min(math.exp(-TOBLER * (abs(slope + TOBLER_FASTEST) - TOBLER_FASTEST)), 1.0)
        rise = self.feature.rise
        steepness = 1.0
        if rise and rise.riser_m and rise.tread_m:
            steepness = _horizontal(rise.riser_m, rise.tread_m) / _horizontal(RISER_M, TREAD_M)
        return min((profile.stairs_up if up else profile.stairs_down) * steepness, 1.0)

    @property
    def _direction(self) -> str:
        return self.feature.rise.direction if self.feature.rise else UP


def step_cost(link: Link, profiles: Sequence[Profile]) -> float:
    """Return how many times as long as on the level people take for a metre in the plan: mean of profiles and ways.

    Routes are chosen by that: for everyone the same, up and down the same.
    """
    paces = []
    for profile in profiles:
        if link.belt_m_s is not None:
            paces.append(link.belt_m_s / profile.free_speed_m_s.mean)
        else:
            paces += [link.pace(profile, up=True), link.pace(profile, up=False)]
    return min(len(paces) / sum(paces), MOST_COST)


def ride_m(link: Link, profiles: Sequence[Profile]) -> float:
    """Return how long a way a lift's ride counts for [m]: half a round trip's wait and the ride, walked meanwhile."""
    rise = link.feature.rise
    if rise is None or not link.is_lift:
        return 0.0
    mean = sum(profile.free_speed_m_s.mean for profile in profiles) / len(profiles)
    return mean * (rise.stop_s + 2 * rise.ride_s)


def make_link(feature: Feature, setting: Passage | None, rise_m: float) -> Link:
    """Return a feature's way between levels with its passage as configured."""
    width = (setting and setting.width_m) or feature.line_width_m
    upper = feature.rise.to_level if feature.rise else ""
    is_open = setting.open if setting else feature.open
    return Link(feature, feature.level, upper, LineString(feature.line), width, rise_m, is_open)


def _horizontal(riser_m: float, tread_m: float) -> float:
    """Return what the speed's horizontal part on a stair is proportional to: sqrt(T / R) along the slope."""
    return math.sqrt(tread_m / riser_m) * tread_m / math.hypot(tread_m, riser_m)


def _across(x: float, y: float, out_x: float, out_y: float, width: float) -> LineString:
    """Return the line of a width through a point across a direction, which points to its left."""
    half = width / 2 / math.hypot(out_x, out_y)
    return LineString([(x - out_y * half, y + out_x * half), (x + out_y * half, y - out_x * half)])
