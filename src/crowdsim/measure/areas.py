"""Density and speed in the measurement areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.measure.steps import Step
from crowdsim.record.recording import Recording, import_pedpy

Float64 = NDArray[np.float64]

VORONOI_CUT_OFF_M = 1.0
"""Radius that bounds the Voronoi cells of people with free space around them (PedPy's cut-off)."""


@dataclass(frozen=True, slots=True)
class AreaSeries:
    """What was measured in an area at each sampled time.

    Attributes
    ----------
    time_s : (k,) sampled times [s].
    density_per_m2 : (k,) people inside over the area's walkable size (classic density).
    speed_m_s : (k,) mean speed of those inside; NaN while it is empty.
    voronoi_density_per_m2 : the mean Voronoi density while anyone was inside; None if not asked for.
    """

    time_s: Float64
    density_per_m2: Float64
    speed_m_s: Float64
    voronoi_density_per_m2: float | None

    def summary(self) -> dict[str, float | None]:
        """Return means over the times at which anyone was in the area, and the highest density."""
        used = self.density_per_m2 > 0
        return {
            "mean_density_per_m2": float(self.density_per_m2[used].mean()) if used.any() else 0.0,
            "max_density_per_m2": float(self.density_per_m2.max(initial=0.0)),
            "mean_speed_m_s": float(self.speed_m_s[used].mean()) if used.any() else None,
            "voronoi_density_per_m2": self.voronoi_density_per_m2,
        }


class AreaMeter:
    """Measures the measurement areas, one sampled time after another."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        walkable = recording.venue.walkable
        self._areas = recording.venue.areas
        self._sizes = {name: shapely.intersection(area, walkable).area for name, area in self._areas.items()}
        self._rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in self._areas}
        for area in self._areas.values():
            shapely.prepare(area)

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame = step.frame
        if not frame.id.size:
            return
        for name, area in self._areas.items():
            inside = shapely.contains_xy(area, frame.x, frame.y)
            n = int(inside.sum())
            speed = float(frame.speed[inside].mean()) if n else np.nan
            self._rows[name].append((frame.time_s, n / self._sizes[name], speed))

    def result(self) -> dict[str, AreaSeries]:
        """Return the series of every measurement area, by name."""
        series = {}
        for name, rows in self._rows.items():
            time, density, speed = np.array(rows).reshape(-1, 3).T
            wanted = self._recording.scenario.config.output.voronoi and (density > 0).any()
            voronoi = _mean_voronoi_density(self._recording, name) if wanted else None
            series[name] = AreaSeries(time, density, speed, voronoi)
        return series


def _mean_voronoi_density(recording: Recording, name: str) -> float:
    """Return the mean Voronoi density of an area over the frames with anyone in it, through PedPy."""
    pedpy = import_pedpy()
    trajectories: Any = recording.trajectories().to_pedpy()
    walkable = pedpy.WalkableArea(max(shapely.get_parts(recording.venue.walkable), key=lambda part: part.area))
    area = pedpy.MeasurementArea(recording.venue.areas[name])
    cells = pedpy.compute_individual_voronoi_polygons(
        traj_data=trajectories,
        walkable_area=walkable,
        cut_off=pedpy.Cutoff(radius=VORONOI_CUT_OFF_M, quad_segments=3),
    )
    density, _ = pedpy.compute_voronoi_density(individual_voronoi_data=cells, measurement_area=area)
    values = density["density"].to_numpy()
    return float(values[values > 0].mean())
