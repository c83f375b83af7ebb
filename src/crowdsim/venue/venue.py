"""The venue as geometry: what the features of a scenario amount to once doors and exits are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from shapely import LineString, MultiPolygon, Polygon

from crowdsim.scenario.schema import NEAREST, Leave, Visit

Area: TypeAlias = Polygon | MultiPolygon


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
