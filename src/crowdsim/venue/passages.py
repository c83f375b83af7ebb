"""The narrowest passages of a venue: where its ground would fall apart if people were wider."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from crowdsim.venue.venue import Area, Venue

WIDTHS_M = (0.5, 5.0)
"""Widths between which passages are looked for: narrower ones let nobody through, wider ones are no passages."""

STEP_M = 0.25
"""Widths are first looked at in steps of this, then halved."""

HALVINGS = 5
"""So often, to within 1 cm. GEOS simplifies what it widens by a hundredth: widths are right within 2 %."""

ROOM_M2 = 4.0
"""Ground on either side of a passage at the least: smaller nooks lead nowhere."""

SAME_PLACE_M = 1.0
"""A passage nearer than this to the line of a door, an exit or a way between levels is that one."""


@dataclass(frozen=True, slots=True)
class Neck:
    """A narrow passage.

    Attributes
    ----------
    width_m : its clear width.
    x, y : its middle, in the venue's plane [m].
    """

    width_m: float
    x: float
    y: float


def find_passages(venue: Venue, most: int = 10) -> list[Neck]:
    """Return the narrowest passages that are no doors or exits, the narrowest first.

    Parameters
    ----------
    most : no more are returned.
    """
    lines = [door.line for door in venue.doors.values()]
    lines += [exit_.line for exit_ in venue.exits.values() if exit_.line is not None]
    known = shapely.union_all(lines)
    beyond = [exit_.area for exit_ in venue.open_exits.values() if exit_.line is not None]
    ground = shapely.difference(venue.walkable, shapely.union_all(beyond))
    widths = np.arange(WIDTHS_M[0], WIDTHS_M[1] + STEP_M, STEP_M)
    apart: list[Neck] = []
    for low, high in pairwise([0.0, *widths.tolist()]):  # wider ones are found later: enough are enough
        rooms = _rooms(ground, low)
        found = [neck for room in rooms for neck in _splits(room, low, high)]
        for neck in sorted(found, key=lambda neck: neck.width_m):
            here = shapely.Point(neck.x, neck.y)
            is_known = not known.is_empty and known.distance(here) < SAME_PLACE_M
            if not is_known and all(np.hypot(neck.x - n.x, neck.y - n.y) > max(n.width_m, SAME_PLACE_M) for n in apart):
                apart.append(neck)
        if len(apart) >= most:
            break
    return apart[:most]


def _rooms(ground: Area, width_m: float) -> list[Polygon]:
    """Return the parts of the ground in which somebody of a width can move about, as places for the centre."""
    parts = shapely.get_parts(shapely.buffer(ground, -width_m / 2))
    least = (ROOM_M2**0.5 - width_m) ** 2 if width_m < ROOM_M2**0.5 else 0.0
    return [part for part in parts if part.area > least]


def _splits(room: Polygon, low: float, high: float) -> list[Neck]:
    """Return where a room for those of one width falls apart for those of another."""
    ground = shapely.buffer(room, low / 2)  # what they reach: for the wider as good as all of the ground
    after = _rooms(ground, high)
    if len(after) < 2:  # noqa: PLR2004
        return []
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        parts = _rooms(ground, middle)
        if len(parts) > 1:
            high, after = middle, parts
        else:
            low = middle
    return [_between(one, MultiPolygon([part for part in after if part is not one]), high) for one in after[1:]]


def _between(one: Polygon, others: Area, width_m: float) -> Neck:
    line: LineString = shapely.shortest_line(one, others)
    middle = line.interpolate(0.5, normalized=True)
    return Neck(width_m, middle.x, middle.y)
