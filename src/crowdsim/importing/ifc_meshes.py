"""Triangle meshes of building elements in the plan: footprints, sections, and the way up a stair."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

GRID_M = 1e-3
"""Points nearer than this are one: meshes are made of rounded coordinates (our choice)."""

STRAIGHT_SHARE = 0.6
"""First and last step of a straight flight are at least so far apart, as a share of its length (our choice)."""

END_SHARE = 0.12
"""So much of a stair's height at either end tells where the end is: less than a step of the shortest flights."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """A body's triangles.

    Attributes
    ----------
    points : (n, 3) [m].
    triangles : (m, 3) indices of points.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.intp]

    @property
    def low_m(self) -> float:
        """Height of the lowest point [m]."""
        return float(self.points[:, 2].min())

    @property
    def high_m(self) -> float:
        """Height of the highest point [m]."""
        return float(self.points[:, 2].max())

    def footprint(self) -> Any:
        """Return what it covers, seen from above."""
        corners = self.points[self.triangles][:, :, :2]
        ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        lying = np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) > GRID_M**2
        rings = np.concatenate([corners[lying], corners[lying][:, :1]], axis=1)
        return shapely.union_all(shapely.polygons(rings), grid_size=GRID_M) if lying.any() else Polygon()

    def section(self, height_m: float) -> list[Polygon]:
        """Return the areas in which it is cut at a height."""
        corners = self.points[self.triangles]
        above = corners[:, :, 2] > height_m
        cut = corners[(above.sum(axis=1) % 3) != 0]
        lines = []
        for triangle in cut:
            ends = []
            for k in range(3):
                a, b = triangle[k], triangle[(k + 1) % 3]
                if (a[2] > height_m) != (b[2] > height_m):
                    share = (height_m - a[2]) / (b[2] - a[2])
                    ends.append(tuple(a[:2] + share * (b - a)[:2]))
            if len(ends) == 2 and ends[0] != ends[1]:  # noqa: PLR2004
                lines.append(LineString(ends))
        if not lines:
            return []
        noded = shapely.union_all(lines, grid_size=GRID_M)
        return [
            part
            for part in shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
            if isinstance(part, Polygon)
        ]


@dataclass(frozen=True, slots=True)
class Oblong:
    """The smallest rectangle around an area.

    Attributes
    ----------
    centre : its middle [m].
    along : direction of its longer sides, of length 1.
    length_m, width_m : of its longer and shorter sides.
    """

    centre: NDArray[np.float64]
    along: NDArray[np.float64]
    length_m: float
    width_m: float

    @property
    def across(self) -> NDArray[np.float64]:
        """Direction of its shorter sides, of length 1."""
        return np.array([-self.along[1], self.along[0]])


def oblong(area: Any) -> Oblong | None:
    """Return the smallest rectangle around an area; None around nothing."""
    around = shapely.minimum_rotated_rectangle(area)
    if not isinstance(around, Polygon):
        return None
    a, b, c = (np.array(around.exterior.coords[k]) for k in range(3))
    one, other = b - a, c - b
    longer, shorter = (one, other) if math.hypot(*one) >= math.hypot(*other) else (other, one)
    length = math.hypot(*longer)
    centre = np.array([around.centroid.x, around.centroid.y])
    return Oblong(centre, longer / length, length, math.hypot(*shorter)) if length else None


def climb(mesh: Mesh) -> tuple[tuple[float, float], tuple[float, float], float] | None:
    """Return the lower and upper end of a straight flight of stairs in the plan, and its width [m].

    None if it is not straight: the ends are not at the ends of the rectangle around it.
    """
    around = oblong(mesh.footprint())
    if around is None:
        return None
    height = mesh.high_m - mesh.low_m
    z = mesh.points[:, 2]
    first, last = z <= mesh.low_m + END_SHARE * height, z >= mesh.high_m - END_SHARE * height
    up = mesh.points[last][:, :2].mean(axis=0) - mesh.points[first][:, :2].mean(axis=0)
    for along, length, width in (
        (around.along, around.length_m, around.width_m),
        (around.across, around.width_m, around.length_m),
    ):
        share = float(up @ along)
        if abs(share) > STRAIGHT_SHARE * length and abs(float(up @ np.array([-along[1], along[0]]))) < width / 4:
            half = math.copysign(length / 2, share) * along
            low, high = around.centre - half, around.centre + half
            return (float(low[0]), float(low[1])), (float(high[0]), float(high[1])), width
    return None
