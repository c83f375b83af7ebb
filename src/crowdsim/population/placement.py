"""Places for people: standing in start zones at time zero, and spots inside zones and entrances."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import MultiPolygon, Polygon

from crowdsim.venue import Area
from crowdsim.venue.build import SMALLEST_PLACE_M2

Float64 = NDArray[np.float64]

BODY_GAP_M = 0.01
"""Least gap between bodies placed at the start, so that nobody starts in contact."""

WALL_MARGIN = 1.01
"""Times the clearance: how far from walls people are placed. Shapely draws the round corners of an eroded area
as chords, up to 0.5 % inside the true arc; this keeps every place beyond it."""

SPACING_TRIALS = 20
"""Halvings in the search for the lattice spacing: finer than a millimetre in any venue."""

SPACINGS_KEPT = 64
"""Spacings kept for further runs of the same scenario (our choice): a number each."""


def standing_room(area: Area, walkable: Area, clearance_m: float) -> Area:
    """Return where in an area the centre of a body can be, slivers left out."""
    room = shapely.intersection(area, shapely.buffer(walkable, -clearance_m * WALL_MARGIN))
    return MultiPolygon(
        [part for part in shapely.get_parts(room) if isinstance(part, Polygon) and part.area >= SMALLEST_PLACE_M2]
    )


def lattice(room: Area, spacing_m: float) -> Float64:
    """Return the points of a hexagonal lattice within an area, (n, 2) [m]."""
    if room.is_empty:
        return np.empty((0, 2))
    min_x, min_y, max_x, max_y = room.bounds
    row_height = spacing_m * math.sqrt(3) / 2
    rows = int((max_y - min_y) / row_height) + 1
    columns = int((max_x - min_x) / spacing_m) + 2
    # Centred between the bounds, so that narrow areas are not missed.
    offset_y = (max_y - min_y - (rows - 1) * row_height) / 2
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    x = min_x + (column + 0.5 * (row % 2)) * spacing_m
    y = min_y + offset_y + row * row_height
    points = np.column_stack([x.ravel(), y.ravel()])
    shapely.prepare(room)
    inside: Float64 = points[shapely.contains_xy(room, points[:, 0], points[:, 1])]
    return inside


def free_places(room: Area, spacing_m: float, radius_m: float, taken: Float64) -> Float64:
    """Return the points of a lattice in an area that are free for bodies of a radius, beside those `taken`."""
    points = lattice(room, spacing_m)
    return points[_clear_of(taken, points, radius_m)]


def _clear_of(taken: Float64, points: Float64, radius_m: float) -> NDArray[np.bool_]:
    """Return whether bodies of a radius at `points` keep their gap to those `taken`."""
    clear = np.ones(len(points), bool)
    if len(points):
        for radius in np.unique(taken[:, 2]):
            others = cKDTree(taken[taken[:, 2] == radius, :2])
            clear &= others.query(points)[0] >= radius_m + radius + BODY_GAP_M
    return clear


def capacity(room: Area, radius_m: float, taken: Float64) -> int:
    """Return how many bodies of a radius can be placed in an area beside those `taken`."""
    return len(free_places(room, 2 * radius_m + BODY_GAP_M, radius_m, taken))


def place(room: Area, n: int, radius_m: float, rng: np.random.Generator, taken: Float64) -> Float64 | None:
    """Return n places within an area, evenly spread with random jitter, or None if there is no room for all.

    Parameters
    ----------
    radius_m : the largest body's radius; places are at least two radii and a gap apart.
    taken : (k, 3) places that are taken already, and the radii of the bodies there [m].
    """
    spacing = _find_spacing(room, n, radius_m, taken) if taken.size else _spacing_of_empty(room, n, radius_m)
    if spacing is None:
        return None
    points = free_places(room, spacing, radius_m, taken)
    points = points[rng.permutation(len(points))[:n]]
    # Jitter by at most half of what the spacing leaves, so that no two can come too close.
    reach = (spacing - (2 * radius_m + BODY_GAP_M)) / 2
    angle = rng.uniform(0, 2 * math.pi, n)
    distance = reach * np.sqrt(rng.random(n))
    moved = points + (distance * np.array([np.cos(angle), np.sin(angle)])).T
    fits = shapely.contains_xy(room, moved[:, 0], moved[:, 1]) & _clear_of(taken, moved, radius_m)
    return np.where(fits[:, None], moved, points)


def _find_spacing(room: Area, n: int, radius_m: float, taken: Float64) -> float | None:
    """Return the widest spacing of a lattice with n free places, or None if there is no room for all [m]."""
    closest = 2 * radius_m + BODY_GAP_M
    low, high = closest, max(closest, math.sqrt(room.area / max(n, 1)) * 2)
    if len(free_places(room, low, radius_m, taken)) < n:
        return None
    for _ in range(SPACING_TRIALS):
        middle = (low + high) / 2
        low, high = (middle, high) if len(free_places(room, middle, radius_m, taken)) >= n else (low, middle)
    return low


@lru_cache(maxsize=SPACINGS_KEPT)
def _spacing_of_empty(room: Area, n: int, radius_m: float) -> float | None:
    """Return the spacing in a room where nobody stands yet: the same in all replications of a scenario."""
    return _find_spacing(room, n, radius_m, np.empty((0, 3)))


def random_spots(room: Area, n: int, rng: np.random.Generator) -> Float64:
    """Return n points drawn evenly from an area, (n, 2) [m]."""
    shapely.prepare(room)
    min_x, min_y, max_x, max_y = room.bounds
    spots = np.empty((0, 2))
    share = max(room.area / ((max_x - min_x) * (max_y - min_y)), 1e-3)
    while len(spots) < n:
        trial = rng.uniform((min_x, min_y), (max_x, max_y), (int(2 * n / share) + 1, 2))
        spots = np.concatenate([spots, trial[shapely.contains_xy(room, trial[:, 0], trial[:, 1])]])
    return spots[:n]
