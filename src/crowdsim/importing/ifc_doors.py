"""Doors of a building model: ways through the wall between two rooms, exits where there is a room on one side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPoint

from crowdsim.importing.ifc_shapes import Floats
from crowdsim.venue.build import band

REACH_M = 0.6
"""A room begins this far beyond a door's wall at the most: linings and skirtings are thinner (our choice)."""

BEHIND_M = 0.05
"""Floor within this beyond the wall is that of the wall (our choice)."""

SHARE = 0.3
"""Share of the ground within reach that has to be floor for a room to be there (our choice)."""

OVERLAP_M = 0.01
"""How far a door's way goes into the rooms on both sides, so that it joins them (our choice)."""

THINNEST_M = 0.1
"""Depth of a door's way at the least (our choice)."""

NARROWEST_M = 0.5
"""Narrower openings are no doors for people (our choice)."""

MIDDLE = 0.8
"""Share of a door's width, about its middle, in which rooms are looked for: other rooms begin at its ends."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening in a wall.

    Attributes
    ----------
    line : along its middle in the plan, from one side to the other.
    depth_m : the wall's thickness.
    """

    line: LineString
    depth_m: float


def opening_of(corners: Floats, along: Floats, width_m: float | None) -> Opening:
    """Return the opening that triangles fill.

    Parameters
    ----------
    corners : of shape (n, 3, 3).
    along : the direction of its width, about.
    width_m : the door's, if it states one; the opening may be wider.
    """
    points = corners.reshape(-1, 3)[:, :2]
    ring = shapely.get_coordinates(shapely.oriented_envelope(MultiPoint(points)))
    sides = np.diff(ring[:3], axis=0) if len(ring) > 2 else np.array([along])  # noqa: PLR2004
    lengths = np.linalg.norm(sides, axis=1)
    directions = sides[lengths > 0] / lengths[lengths > 0][:, None]
    direction = directions[np.argmax(np.abs(directions @ along))]
    normal = np.array([-direction[1], direction[0]])
    on, off = points @ direction, points @ normal
    half = min(float(np.ptp(on)), width_m or np.inf) / 2
    middle = direction * (on.min() + on.max()) / 2 + normal * (off.min() + off.max()) / 2
    line = LineString([middle - half * direction, middle + half * direction])
    return Opening(line, float(np.ptp(off)))


def way_through(opening: Opening, floor: Any) -> tuple[LineString, float | None] | None:
    """Return the line of a door and its depth; of an exit, its line and None; None without rooms.

    Parameters
    ----------
    floor : what is walkable on the level.
    """
    left, right = (_room(opening, floor, side) for side in (1, -1))
    if left is None and right is None:
        return None
    if left is not None and right is not None:
        depth = max(left + right + 2 * OVERLAP_M, THINNEST_M)
        return _shifted(opening.line, (left - right) / 2), depth
    return _shifted(opening.line, left + OVERLAP_M if left is not None else -(right or 0.0) - OVERLAP_M), None


def _room(opening: Opening, floor: Any, side: int) -> float | None:
    """Return how far from the opening's middle line the floor begins on a side; None if there is no room."""
    line = shapely.affinity.scale(opening.line, MIDDLE, MIDDLE)
    wall = opening.depth_m / 2
    beyond = _strip(line, wall + BEHIND_M, wall + REACH_M, side)
    if shapely.intersection(beyond, floor).area < SHARE * beyond.area:
        return None
    there = shapely.intersection(_strip(line, 0.0, wall + REACH_M, side), floor)
    return float(shapely.distance(there, line))


def _strip(line: LineString, near: float, far: float, side: int) -> Any:
    return band(line, near, far) if side > 0 else band(line, -far, -near)


def _shifted(line: LineString, left_m: float) -> LineString:
    """Return a straight line moved to its left."""
    (x0, y0), (x1, y1) = line.coords
    normal = np.array([y0 - y1, x1 - x0]) / line.length
    return shapely.affinity.translate(line, *(left_m * normal))
