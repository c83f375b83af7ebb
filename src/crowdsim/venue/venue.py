"""The venue as geometry: what the features of a scenario amount to once doors and exits are set."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import shapely
from shapely import LineString, MultiPolygon, Polygon

from crowdsim.scenario.itinerary import NEAREST, Attend, Leg, Use, Visit
from crowdsim.scenario.steward import Steward
from crowdsim.venue.links import Link

Area: TypeAlias = Polygon | MultiPolygon

JOINING_M = 0.75
"""Whoever gets so near to the end of a queue's line joins it: an arm's length (assumption)."""

LEAST_JOINING_M = 0.3
"""So near to the end everybody joins, wherever walls are: a body's radius and a margin (our choice)."""

ON_LINE_M = 1e-6
"""An exit's area whose middle is nearer to its line than this lies on both sides of it."""


@dataclass(frozen=True, slots=True)
class Door:
    """A door: the straight line across its clear width.

    Attributes
    ----------
    line : across the opening, `width_m` long.
    open : whether people can pass.
    one_way_line : the line if people pass one way only: from its right to its left; None if they pass both ways.
    """

    name: str
    line: LineString
    width_m: float
    open: bool
    one_way_line: LineString | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit: whoever reaches `area` has left the venue.

    Attributes
    ----------
    line : the line that is crossed on leaving, or None for an exit drawn as an area.
    area : beyond the line; part of the walkable area, so that people can step over the line.
    width_m : clear width: of the line, or of the area's edge that people can cross.
    """

    name: str
    line: LineString | None
    area: Area
    width_m: float
    open: bool

    def way_out(self, heading_x: float, heading_y: float) -> tuple[float, float] | None:
        """Return the unit vector across the line, on the side that somebody heads for; None without a line."""
        if self.line is None:
            return None
        (x1, y1), (x2, y2) = self.line.coords
        length = math.hypot(x2 - x1, y2 - y1)
        x, y = (y2 - y1) / length, (x1 - x2) / length
        side = x * (self.area.centroid.x - x1) + y * (self.area.centroid.y - y1)
        if abs(side) < ON_LINE_M:  # walkable on both sides
            side = x * heading_x + y * heading_y
        return (x, y) if side >= 0 else (-x, -y)


Shift = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""Least x and y, greatest x and y [m]."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of the venue that has a place of its own in the venue's plane: a level, or a way between two.

    Attributes
    ----------
    level : index of the level; of a way between levels, of the lower one.
    shift : from the plan's coordinates to those of the venue's plane [m].
    area : where people can be, in the venue's plane, without what is beyond seams.
    link : the way between levels; None for a level.
    bounds : in the plan, of the area and what is beyond seams; of an unfolded venue.
    """

    name: str
    level: int
    shift: Shift
    area: Area
    link: Link | None = None
    bounds: Bounds = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Seam:
    """A line at which people step from one sheet onto another.

    Attributes
    ----------
    line : what is beyond lies to its left; in the venue's plane.
    beyond : the part of the other sheet that is drawn beyond the line, too.
    leaves, leads : indices of the sheets on this side and beyond.
    shift : from what is beyond the line to its place on the other sheet [m].
    link : the way between levels that begins or ends here.
    onto : whether those who cross the line step onto the link, or off it.
    up : whether they are on their way up.
    """

    line: LineString
    beyond: Area
    leaves: int
    leads: int
    shift: Shift
    link: Link
    onto: bool
    up: bool

    def lets_pass(self, *, step_free: bool) -> bool:
        """Return whether people can cross the line, those who take no steps if so asked."""
        if self.onto and not self.link.open:
            return False  # those on it walk on, and off
        return (self.link.carries_up if self.up else self.link.carries_down) and not (step_free and self.link.has_steps)


@dataclass(frozen=True, slots=True)
class Venue:
    """Where people can be and what is where; all lengths in metres.

    A venue of several levels lies in one plane, level beside level. Ways between levels are drawn where they are in
    the plan of the lower level; in an unfolded venue, which people move in, each is a sheet of its own.

    Attributes
    ----------
    walkable : where the centre and body of a person may be, doors and exits as set, obstacles cut out.
    levels : names of the levels, from the lowest; a single empty name for a venue without levels.
    heights_m : of the levels.
    sheets : the levels, and in an unfolded venue after them the ways between levels.
    seams : of an unfolded venue: in pairs, onto a link and off it at the same place.
    links : the ways between levels, by name.
    queues : lines of people waiting, from the head back to where they join, by name.
    counters : lines along which servers stand.
    services : names of the queues of each service.
    kept_clear : names of the zones in which nobody is to stand.
    events : the zone in which each item of the programme takes place.
    zones, entrances : named areas, clipped to the walkable area.
    lines, areas : measurement lines and measurement areas.
    obstacles : as drawn, for plans.
    rails : of queues drawn as areas, by the queue's name.
    """

    walkable: Area
    zones: dict[str, Area]
    entrances: dict[str, Area]
    exits: dict[str, Exit]
    doors: dict[str, Door]
    lines: dict[str, LineString]
    areas: dict[str, Polygon]
    obstacles: dict[str, Area]
    levels: tuple[str, ...]
    heights_m: tuple[float, ...]
    sheets: tuple[Sheet, ...]
    seams: tuple[Seam, ...]
    links: dict[str, Link]
    queues: dict[str, LineString] = field(default_factory=dict)
    counters: dict[str, LineString] = field(default_factory=dict)
    rails: dict[str, MultiPolygon] = field(default_factory=dict)
    services: dict[str, tuple[str, ...]] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    kept_clear: tuple[str, ...] = ()

    @property
    def open_exits(self) -> dict[str, Exit]:
        """The exits that are open, by name."""
        return {name: exit_ for name, exit_ in self.exits.items() if exit_.open}


def leg_goals(leg: Leg, venue: Venue) -> tuple[str, ...]:
    """Return the goals that a leg of an itinerary may end at: a zone, the queues of a service, or the open exits.

    If none of the exits that a leg names is open, those are all open ones.
    """
    if isinstance(leg, Visit | Attend):
        return (leg.goal if isinstance(leg, Visit) else venue.events[leg.event],)
    if isinstance(leg, Use):
        services = (leg.service,) if isinstance(leg.service, str) else leg.service
        return tuple(queue for service in services for queue in venue.services[service])
    named = () if leg.exit == NEAREST else (leg.exit,) if isinstance(leg.exit, str) else leg.exit
    return tuple(name for name in named if name in venue.open_exits) or tuple(venue.open_exits)


def steward_place(venue: Venue, steward: Steward) -> tuple[float, float]:
    """Return where a steward stands in the venue's plane [m]: at the point stated, or in the middle of the zone."""
    if not isinstance(steward.at, str):
        x, y = steward.at
        return x, y
    zone = venue.zones[steward.at]
    middle = zone.centroid if zone.contains(zone.centroid) else zone.representative_point()
    return middle.x, middle.y


def joining_area(venue: Venue, queue: str) -> Area:
    """Return where people join a queue: around the end of its line, as far as nothing stands between.

    So no farther than a wall or barrier is, if that is not very near: behind it they would not get to the line.
    """
    end = shapely.Point(venue.queues[queue].coords[-1])
    near_m = min(JOINING_M, max(end.distance(venue.walkable.boundary), LEAST_JOINING_M))
    near = shapely.get_parts(shapely.intersection(shapely.buffer(end, near_m), venue.walkable))
    area: Area = min(near, key=lambda part: part.distance(end), default=Polygon())
    return area
