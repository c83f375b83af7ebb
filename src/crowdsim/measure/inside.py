"""Who is inside an area."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.venue import Area

Float64 = NDArray[np.float64]


class Inside:
    """Tells who is inside an area; nobody on its edge is.

    Most are far from an area, and many areas are rectangles: bounds alone tell then.
    """

    def __init__(self, area: Area) -> None:
        self._area, self._bounds = area, area.bounds
        self._is_box = bool(shapely.equals(area, shapely.box(*area.bounds)))
        shapely.prepare(area)

    def find(self, x: Float64, y: Float64) -> NDArray[np.intp]:
        """Return which of those at (m,) places are inside, (k,) ascending."""
        min_x, min_y, max_x, max_y = self._bounds
        near = np.flatnonzero((x > min_x) & (x < max_x) & (y > min_y) & (y < max_y))
        if self._is_box or not near.size:
            return near
        found: NDArray[np.intp] = near[shapely.contains_xy(self._area, x[near], y[near])]
        return found
