"""The venue as geometry: what the features of a scenario amount to once doors and exits are set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from shapely import LineString, MultiPolygon, Polygon

from crowdsim.scenario.schema import NEAREST, Leave, Visit

Area: TypeAlias = Polygon | MultiPolygon

ON_LINE_M = 1e-6
"""An exit's area whose middle is nearer to its line than this lies on both sides of it."""


@dataclass(frozen=True, slots=True)
class Door:
    """A door: the straight line across its clear width.

    Attributes
    ----------
    line : across the opening, `width_m` long.
    open : whether people can pass.
    """

    name: str
    line: LineString
    width_m: float
    open: bool


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


@dataclass(frozen=True, slots=True)
class Venue:
    """Where people can be and what is where; all lengths in metres.

    Attributes
    ----------
    walkable : where the centre and body of a person may be, doors and exits as set, obstacles cut out.
    zones, entrances : named areas, clipped to the walkable area.
    lines, areas : measurement lines and measurement areas.
    obstacles : as drawn, for plans.
    """

    walkable: Area
    zones: dict[str, Area]
    entrances: dict[str, Area]
    exits: dict[str, Exit]
    doors: dict[str, Door]
    lines: dict[str, LineString]
    areas: dict[str, Polygon]
    obstacles: dict[str, Area]

    @property
    def open_exits(self) -> dict[str, Exit]:
        """The exits that are open, by name."""
        return {name: exit_ for name, exit_ in self.exits.items() if exit_.open}


def leg_goals(leg: Visit | Leave, venue: Venue) -> tuple[str, ...]:
    """Return the goals that a leg of an itinerary may end at: a zone, or the exits to choose from."""
    if isinstance(leg, Visit):
        return (leg.goal,)
    if leg.exit == NEAREST:
        return tuple(venue.open_exits)
    return (leg.exit,) if isinstance(leg.exit, str) else leg.exit
