"""Density and speed in the measurement areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.measure.inside import Inside
from crowdsim.measure.steps import Step
from crowdsim.measure.voronoi import VoronoiMeter
from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AreaSeries:
    """What was measured in an area at each sampled time.

    Attributes
    ----------
    time_s : (k,) sampled times [s].
    density_per_m2 : (k,) people inside over the area's walkable size (classic density).
    speed_m_s : (k,) mean speed of those inside, of displacements since the sample before; NaN while it is empty, and
        while nobody inside was there at the sample before, as in the first one.
    voronoi_density_per_m2 : the mean Voronoi density while anyone was inside; None if not asked for, or if
        nobody came.
    """

    time_s: Float64
    density_per_m2: Float64
    speed_m_s: Float64
    voronoi_density_per_m2: float | None

    def summary(self) -> dict[str, float | None]:
        """Return means over the times at which anyone was in the area (of whom the speed is known), highest density."""
        used, known = self.density_per_m2 > 0, np.isfinite(self.speed_m_s)
        return {
            "mean_density_per_m2": float(self.density_per_m2[used].mean()) if used.any() else 0.0,
            "max_density_per_m2": float(self.density_per_m2.max(initial=0.0)),
            "mean_speed_m_s": float(self.speed_m_s[known].mean()) if known.any() else None,
            "voronoi_density_per_m2": self.voronoi_density_per_m2,
        }


class AreaMeter:
    """Measures the measurement areas, one sampled time after another."""

    def __init__(self, recording: Recording) -> None:
        walkable = recording.venue.walkable
        self._areas = recording.venue.areas
        self._sizes = {name: shapely.intersection(area, walkable).area for name, area in self._areas.items()}
        self._rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in self._areas}
        wanted = self._areas if recording.scenario.config.output.voronoi else {}
        self._voronoi = {name: VoronoiMeter(recording, area) for name, area in wanted.items()}
        self._inside = {name: Inside(area) for name, area in self._areas.items()}

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame = step.frame
        if not self._areas or not frame.id.size:
            return
        speed = np.hypot(step.velocity_x, step.velocity_y)
        known = np.isfinite(speed)
        for name, area in self._inside.items():
            here = area.find(frame.x, frame.y)
            n = here.size
            told = speed[here[known[here]]]
            mean = float(told.mean()) if told.size else np.nan
            self._rows[name].append((frame.time_s, n / self._sizes[name] if n else 0.0, mean))
        for meter in self._voronoi.values():
            meter.take(frame)

    def result(self) -> dict[str, AreaSeries]:
        """Return the series of every measurement area, by name."""
        series = {}
        for name, rows in self._rows.items():
            time, density, speed = np.array(rows).reshape(-1, 3).T
            voronoi = self._voronoi[name].mean_density_per_m2() if name in self._voronoi else None
            series[name] = AreaSeries(time, density, speed, voronoi)
        return series
