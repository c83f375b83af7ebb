"""The navigation grid: which of its nodes a body's centre can be at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.kernels.raster import clear_near, mark_inside
from crowdsim.venue import Area
from crowdsim.venue.venue import Bounds

DEFAULT_STEP_M = 0.25
SMALLEST_STEP_M = 0.05

SAME_SIDE = 0.99 * math.sqrt(2.0)
"""A grid step below sqrt(2) clearances keeps all free nodes of a cell on one side of any wall: two free nodes
on either side of a wall are at least two clearances apart, and a cell's diagonal is sqrt(2) steps."""


ROUNDING_M = 1e-6
"""A node right at the clearance is free, whatever the rounding."""


Window = tuple[slice, slice]
"""A part of a grid: its rows and columns."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A square grid over a venue.

    Attributes
    ----------
    origin_x_m, origin_y_m : position of node (0, 0).
    step_m : distance between nodes.
    free : (rows, columns) bool, whether the centre of a body can be there.
    clearance_m : the least distance of a body's centre to a wall.
    """

    origin_x_m: float
    origin_y_m: float
    step_m: float
    free: NDArray[np.bool_]
    clearance_m: float

    def nodes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions of the grid's columns (x) and rows (y) [m]."""
        rows, columns = self.free.shape
        return (
            self.origin_x_m + self.step_m * np.arange(columns, dtype=np.float64),
            self.origin_y_m + self.step_m * np.arange(rows, dtype=np.float64),
        )

    def free_inside(self, area: Area, margin: int = 0) -> tuple[Window, NDArray[np.bool_]]:
        """Return the part of the grid around an area, and which of its nodes are free and inside the area.

        Parameters
        ----------
        margin : how many nodes more the part has on each side, as far as there are any.
        """
        low = (np.array(area.bounds[1::-1]) - (self.origin_y_m, self.origin_x_m)) / self.step_m
        high = (np.array(area.bounds[:1:-1]) - (self.origin_y_m, self.origin_x_m)) / self.step_m
        first = np.clip(np.floor(low).astype(int) - margin, 0, self.free.shape)
        last = np.clip(np.ceil(high).astype(int) + margin + 1, first, self.free.shape)
        window = (slice(first[0], last[0]), slice(first[1], last[1]))
        inside = np.empty(last - first, np.uint8)
        origin = self.origin_x_m + first[1] * self.step_m, self.origin_y_m + first[0] * self.step_m
        mark_inside(edges_of(area), *origin, self.step_m, inside)
        return window, inside.view(np.bool_) & self.free[window]


def choose_step(narrowest_m: float, clearance_m: float) -> float:
    """Return the coarsest grid step that resolves a passage of the given width [m].

    Two steps must fit into what is left of the passage beside the clearance on both sides.
    """
    left = narrowest_m - 2 * clearance_m
    return max(SMALLEST_STEP_M, min(DEFAULT_STEP_M, SAME_SIDE * clearance_m, left / 2))


def whole_fraction(step_m: float) -> float:
    """Return the next smaller step of which a whole number makes a metre, as the shifts between sheets are whole."""
    return 1 / math.ceil(1 / step_m - ROUNDING_M)


def build_grid(walkable: Area, clearance_m: float, step_m: float, bounds: Bounds | None = None) -> Grid:
    """Lay a grid over a walkable area, with two nodes of margin around it or, if given, around these bounds."""
    min_x, min_y, max_x, max_y = bounds or walkable.bounds
    origin_x, origin_y = min_x - 2 * step_m, min_y - 2 * step_m
    columns = math.ceil((max_x - min_x) / step_m) + 5
    rows = math.ceil((max_y - min_y) / step_m) + 5
    free = np.empty((rows, columns), np.uint8)
    segments = edges_of(walkable)
    mark_inside(segments, origin_x, origin_y, step_m, free)
    clear_near(segments, clearance_m - ROUNDING_M, origin_x, origin_y, step_m, free)
    return Grid(origin_x, origin_y, step_m, free.view(np.bool_), clearance_m)


def edges_of(area: Area) -> NDArray[np.float64]:
    """Return the edges of an area as an (S, 4) array of x1, y1, x2, y2 [m]."""
    edges = []
    for polygon in shapely.get_parts(area):
        for ring in [polygon.exterior, *polygon.interiors]:
            points = shapely.get_coordinates(ring)
            edges.append(np.hstack([points[:-1], points[1:]]))
    segments: NDArray[np.float64] = np.concatenate(edges)
    longer: NDArray[np.float64] = segments[
        np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]) > 0
    ]
    return longer
