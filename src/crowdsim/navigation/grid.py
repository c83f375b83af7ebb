"""The navigation grid: which of its nodes a body's centre can be at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from shapely import STRtree

from crowdsim.venue import Area

DEFAULT_STEP_M = 0.25
SMALLEST_STEP_M = 0.05

SAME_SIDE = 0.99 * math.sqrt(2.0)
"""A grid step below sqrt(2) clearances keeps all free nodes of a cell on one side of any wall: two free nodes
on either side of a wall are at least two clearances apart, and a cell's diagonal is sqrt(2) steps."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A square grid over a venue.

    Attributes
    ----------
    origin_x_m, origin_y_m : position of node (0, 0).
    step_m : distance between nodes.
    wall_distance_m : (rows, columns) float32, distance to the nearest wall, 0 outside the walkable area;
        exact within two steps of the clearance, within one step elsewhere.
    free : (rows, columns) bool, whether the centre of a body can be there.
    clearance_m : the least distance of a body's centre to a wall.
    """

    origin_x_m: float
    origin_y_m: float
    step_m: float
    wall_distance_m: NDArray[np.float32]
    free: NDArray[np.bool_]
    clearance_m: float

    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions of the grid's columns (x) and rows (y) [m]."""
        rows, columns = self.free.shape
        return (
            self.origin_x_m + self.step_m * np.arange(columns, dtype=np.float64),
            self.origin_y_m + self.step_m * np.arange(rows, dtype=np.float64),
        )


def choose_step(narrowest_m: float, clearance_m: float) -> float:
    """Return the coarsest grid step that resolves a passage of the given width [m].

    Two steps must fit into what is left of the passage beside the clearance on both sides.
    """
    left = narrowest_m - 2 * clearance_m
    return max(SMALLEST_STEP_M, min(DEFAULT_STEP_M, SAME_SIDE * clearance_m, left / 2))


def build_grid(walkable: Area, clearance_m: float, step_m: float) -> Grid:
    """Lay a grid over a walkable area, with two nodes of margin around it."""
    min_x, min_y, max_x, max_y = walkable.bounds
    origin_x, origin_y = min_x - 2 * step_m, min_y - 2 * step_m
    columns = math.ceil((max_x - min_x) / step_m) + 5
    rows = math.ceil((max_y - min_y) / step_m) + 5
    x, y = np.meshgrid(origin_x + step_m * np.arange(columns), origin_y + step_m * np.arange(rows))
    shapely.prepare(walkable)
    inside = shapely.contains_xy(walkable, x, y)
    segments = wall_segments(walkable)

    # Roughly everywhere, from the nodes next to a wall; exactly where it matters.
    at_wall = ~inside
    wall_x, wall_y = _points_along(segments, step_m / 2)
    at_wall[np.rint((wall_y - origin_y) / step_m).astype(int), np.rint((wall_x - origin_x) / step_m).astype(int)] = 1
    distance = (distance_transform_edt(~at_wall) * step_m).astype(np.float32)
    near = inside & (distance < clearance_m + 2 * step_m)
    distance[near] = _distance_to(segments, x[near], y[near])
    distance[~inside] = 0
    return Grid(origin_x, origin_y, step_m, distance, distance >= clearance_m, clearance_m)


def wall_segments(walkable: Area) -> NDArray[np.float64]:
    """Return the edges of a walkable area as an (S, 4) array of x1, y1, x2, y2 [m]."""
    edges = []
    for polygon in shapely.get_parts(walkable):
        for ring in [polygon.exterior, *polygon.interiors]:
            points = shapely.get_coordinates(ring)
            edges.append(np.hstack([points[:-1], points[1:]]))
    segments: NDArray[np.float64] = np.concatenate(edges)
    longer: NDArray[np.float64] = segments[
        np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]) > 0
    ]
    return longer


def _points_along(segments: NDArray[np.float64], spacing_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points on the segments, at most `spacing_m` apart."""
    points = shapely.get_coordinates(shapely.segmentize(shapely.linestrings(segments.reshape(-1, 2, 2)), spacing_m))
    return points[:, 0], points[:, 1]


def _distance_to(segments: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    tree = STRtree(shapely.linestrings(segments.reshape(-1, 2, 2)))
    points = shapely.points(x, y)
    found, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    result = np.empty(len(points))
    result[found[0]] = distance
    return result
