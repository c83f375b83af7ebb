"""The venue: walkable area, doors, exits, zones and lines as checked geometry in metres."""

from crowdsim.venue.build import build_venue
from crowdsim.venue.venue import Area, Door, Exit, Seam, Sheet, Venue, joining_area, leg_goals, steward_place

__all__ = [
    "Area",
    "Door",
    "Exit",
    "Seam",
    "Sheet",
    "Venue",
    "build_venue",
    "joining_area",
    "leg_goals",
    "steward_place",
]
