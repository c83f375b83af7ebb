"""Voronoi densities in the measurement areas, through PedPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from crowdsim.record.recording import Frame, Recording, frame_numbers, import_pedpy
from crowdsim.venue import Area

CUT_OFF_M = 1.0
"""Radius that bounds the Voronoi cells of people with free space around them (PedPy's cut-off)."""

SEGMENTS_PER_QUARTER = 3
"""Straight pieces that a quarter of the cut-off's circle is drawn with."""

NEIGHBOURHOOD_M = 3 * CUT_OFF_M
"""Who is farther from an area has no part in it: cells reach one cut-off, their neighbours two more."""


class VoronoiMeter:
    """Gathers who is in or near an area, one sampled time after another."""

    def __init__(self, recording: Recording, area: Polygon) -> None:
        self._pedpy = import_pedpy()
        self._interval_s = recording.sample_interval_s
        self._area = area
        self._ground = _part_around(area, recording.venue.walkable)
        self._bounds = shapely.buffer(area, NEIGHBOURHOOD_M).bounds
        self._rows: list[NDArray[np.float64]] = []
        shapely.prepare(self._ground)

    def take(self, frame: Frame) -> None:
        """Take in a sampled time."""
        number, regular = frame_numbers(np.array([frame.time_s]), self._interval_s)
        min_x, min_y, max_x, max_y = self._bounds
        near = (frame.x >= min_x) & (frame.x <= max_x) & (frame.y >= min_y) & (frame.y <= max_y)
        if not (regular[0] and near.any()):
            return
        id, x, y = frame.id[near], frame.x[near], frame.y[near]
        here = shapely.contains_xy(self._ground, x, y)
        rows = np.column_stack([np.full(x.size, number[0]), id, x, y])
        self._rows.append(rows[here])

    def mean_density_per_m2(self) -> float | None:
        """Return the mean Voronoi density while anyone's cell was in the area; None if nobody's ever was."""
        rows = np.concatenate([*self._rows, np.empty((0, 4))])
        if not rows.size:
            return None
        pedpy: Any = self._pedpy
        trajectories = pedpy.TrajectoryData(data=_as_frame(rows), frame_rate=1.0 / self._interval_s)
        cells = pedpy.compute_individual_voronoi_polygons(
            traj_data=trajectories,
            walkable_area=pedpy.WalkableArea(self._ground),
            cut_off=pedpy.Cutoff(radius=CUT_OFF_M, quad_segments=SEGMENTS_PER_QUARTER),
        )
        density, _ = pedpy.compute_voronoi_density(
            individual_voronoi_data=cells, measurement_area=pedpy.MeasurementArea(self._area)
        )
        values = density["density"].to_numpy()
        return float(values[values > 0].mean()) if (values > 0).any() else None


def _part_around(area: Polygon, walkable: Area) -> Polygon:
    """Return the connected part of the walkable area that most of an area lies on."""
    parts = shapely.get_parts(walkable)
    best: Polygon = parts[int(shapely.area(shapely.intersection(parts, area)).argmax())]
    return best


def _as_frame(rows: NDArray[np.float64]) -> Any:
    import pandas as pd  # noqa: PLC0415  (comes with PedPy; nothing else needs it)

    data = pd.DataFrame(rows, columns=["frame", "id", "x", "y"])
    return data.astype({"frame": int, "id": int})
