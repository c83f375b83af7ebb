"""Floor plans of an element's triangles: what it stands on, what it is at the height of a body, its steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

Floats = NDArray[np.float64]

GRID_M = 1e-3
"""Plans round to this: a millimetre, far below what is built, and robust."""

LEVEL = 0.9
"""Faces whose normal's vertical part is at least this are near-horizontal: up to 25 degrees (our choice)."""

STEEP, FLAT = 0.7, 1e-4
"""The vertical part of a slope's normal is above the first, 45 degrees, and farther from 1 than the second, 0.8 degrees
(our choice)."""

CUTS_M = (0.5, 1.2)
"""Heights above the floor at which walls and furniture are cut: below most sills and most lintels (our choice)."""

IN_THE_WAY_M = (0.2, 1.8)
"""Level faces between these heights are in people's way, as table tops are: higher than a step, and lower than a head
(our choice)."""

SAME_STEP_M = 0.02
"""Level faces within this height are one step (our choice)."""

SMALLEST_STEP_M2 = 0.05
"""Level faces smaller than this are no steps: a tread of 0.25 m is 0.2 m wide then (our choice)."""

NO_AREA = Polygon()


def footprint(corners: Floats) -> Any:
    """Return the area that an element stands on: its near-horizontal faces that look down, from above.

    Parameters
    ----------
    corners : triangles, of shape (n, 3, 3).
    """
    down = _upward(corners) < -LEVEL
    return projected(corners[down] if down.any() else corners)


def top(corners: Floats) -> Any:
    """Return the area of an element's near-horizontal faces that look up, from above."""
    return projected(corners[_upward(corners) > LEVEL])


def obstacle(corners: Floats, floor_m: float) -> Any:
    """Return the area that an element takes at the height of a body above a floor."""
    low, high = (floor_m + height for height in IN_THE_WAY_M)
    heights = corners[:, :, 2]
    level = (np.abs(_upward(corners)) > LEVEL) & (heights.min(axis=1) > low) & (heights.max(axis=1) < high)
    parts = [section(corners, floor_m + cut) for cut in CUTS_M]
    return shapely.union_all([*parts, projected(corners[level])], grid_size=GRID_M)


def section(corners: Floats, height_m: float) -> Any:
    """Return the area that a closed surface has at a height."""
    above = corners[:, :, 2] > height_m
    crossing = above.any(axis=1) & ~above.all(axis=1)
    triangles, above = corners[crossing], above[crossing]
    if not len(triangles):
        return NO_AREA
    flipped = above.sum(axis=1) == 2  # noqa: PLR2004
    lone = np.argmax(above != flipped[:, None], axis=1)  # the corner that is alone on its side
    rows = np.arange(len(triangles))
    tip, left, right = (triangles[rows, (lone + k) % 3] for k in range(3))
    ends = [tip + (other - tip) * ((height_m - tip[:, 2]) / (other - tip)[:, 2])[:, None] for other in (left, right)]
    segments = np.stack([end[:, :2] for end in ends], axis=1)
    segments[flipped] = segments[flipped, ::-1]  # solid to one side of all
    lines = shapely.set_precision(shapely.linestrings(segments), GRID_M)
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))]))
    inside = [face for face in faces if _winding(segments, face.point_on_surface())]
    return shapely.union_all(inside, grid_size=GRID_M)


def projected(corners: Floats) -> Any:
    """Return the area of triangles seen from above."""
    flat = corners[:, :, :2]
    sides = flat[:, 1:] - flat[:, :1]
    kept = np.abs(sides[:, 0, 0] * sides[:, 1, 1] - sides[:, 0, 1] * sides[:, 1, 0]) > GRID_M**2
    if not kept.any():
        return NO_AREA
    rings = np.concatenate([flat[kept], flat[kept][:, :1]], axis=1)
    parts = shapely.set_precision(shapely.polygons(rings), GRID_M)
    return shapely.simplify(shapely.union_all(parts, grid_size=GRID_M), GRID_M)


def steps(corners: Floats) -> list[tuple[float, Any]]:
    """Return the level faces that look up, from the lowest: height [m] and area."""
    level = corners[_upward(corners) > LEVEL]
    heights = level[:, :, 2].mean(axis=1)
    order = np.argsort(heights)
    groups = np.split(order, np.flatnonzero(np.diff(heights[order]) > SAME_STEP_M) + 1) if len(order) else []
    found = [(float(heights[group].mean()), projected(level[group])) for group in groups]
    return [(height, area) for height, area in found if area.area >= SMALLEST_STEP_M2]


def across(line: LineString, areas: Sequence[Any]) -> float:
    """Return how wide areas are across a line [m]: the median of those beside its straight pieces."""
    widths = []
    for area in areas:
        middle = area.centroid
        start, end = min(pairwise(line.coords), key=lambda ends: LineString(ends).distance(middle))
        direction = np.subtract(end, start) / max(float(np.linalg.norm(np.subtract(end, start))), GRID_M)
        across = shapely.get_coordinates(area) @ np.array([-direction[1], direction[0]])
        widths.append(float(np.ptp(across)))
    return float(np.median(widths))


def sloped(corners: Floats) -> Floats:
    """Return the triangles that look up and are neither level nor steep, of shape (n, 3, 3)."""
    upward = _upward(corners)
    return corners[(upward > STEEP) & (upward < 1 - FLAT)]


def _upward(corners: Floats) -> Floats:
    """Return the vertical part of each triangle's normal, of length 1."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    upward: Floats = normals[:, 2] / np.where(lengths > 0, lengths, 1.0)
    return upward


def _winding(segments: Floats, point: Any) -> int:
    """Return how often segments go round a point: 0 outside."""
    (x0, y0), (x1, y1) = segments[:, 0].T, segments[:, 1].T
    crosses = (y0 > point.y) != (y1 > point.y)
    at = x0[crosses] + (x1 - x0)[crosses] * (point.y - y0[crosses]) / (y1 - y0)[crosses]
    turns = np.where(y1 > y0, 1, -1)[crosses]
    return int(turns[at > point.x].sum())
