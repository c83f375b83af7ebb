"""How many people an area holds at the densities that standards set for standing people."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsim.venue.venue import Venue


@dataclass(frozen=True, slots=True)
class Holding:
    """A density that an area is planned for."""

    per_m2: float
    what: str
    source: str


HOLDINGS = (
    Holding(2.0, "open-air events", "HSG195 (1999) para. 87: 0.5 m2 a person; MVStaettV (2005) par. 1: 2 per m2"),
    Holding(1 / 0.3, "standing at bars", "Approved Document B, table D1: 0.3 m2 a person"),
    Holding(4.7, "standing at sports grounds", "Guide to Safety at Sports Grounds: 47 per 10 m2, at most"),
)
"""The densities that capacities are told for: upper limits, not what is comfortable."""


def capacities(venue: Venue) -> dict[str, tuple[float, tuple[int, ...]]]:
    """Return the walkable area of each zone [m2], and how many people it holds at each of `HOLDINGS`."""
    return {
        name: (area.area, tuple(int(area.area * holding.per_m2 + ROUNDING) for holding in HOLDINGS))
        for name, area in venue.zones.items()
    }


ROUNDING = 1e-6
"""An area that holds a whole number of people holds it, whatever the rounding of its size."""
