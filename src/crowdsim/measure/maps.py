"""Density, exposure and crowd pressure on a grid over the venue."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from crowdsim.kernels.maps import CUT_OFF, spread_people
from crowdsim.measure.steps import Step
from crowdsim.record.layout import GROUND_LEVEL
from crowdsim.record.recording import Recording
from crowdsim.venue import Area

Float64 = NDArray[np.float64]

EXPOSURE_LEVELS_PER_M2 = (2.0, 3.0, 4.0, 5.0, 7.0)
"""Densities above which exposure is counted."""

MAPPED_LEVEL_PER_M2 = 4.0
"""The exposure map counts above this density: Still's limit for moving crowds."""

PRESSURE_FROM_PER_M2 = 2.0
"""Pressure is measured where at least this density is reached: below, too few people for a variance."""

SUB_CELLS = 4
"""A cell's walkable share is sampled at this many points along each edge."""

WALKABLE_SHARE = 0.25
"""Cells with a smaller walkable share are left out: they belong to the wall."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest value of a quantity, and where and when it was."""

    value: float
    time_s: float
    x: float
    y: float

    def at(self) -> dict[str, float | int]:
        """Return time and place as in `summary.json`."""
        return {"time_s": self.time_s, "level": GROUND_LEVEL, "x": self.x, "y": self.y}


@dataclass(frozen=True, slots=True)
class CrowdMaps:
    """Crowd quantities over a whole run; maps are (rows, columns), row 0 lowest.

    Attributes
    ----------
    x_m, y_m : centres of the columns and rows [m].
    cell_m : edge of a cell [m].
    walkable : whether a cell counts.
    peak_density_per_m2 : the highest density in each cell over time.
    mean_density_per_m2 : the mean over the sampled times at which anyone was inside.
    exposure_person_s : person-seconds spent in each cell above `MAPPED_LEVEL_PER_M2`.
    exposure_by_level : total person-seconds above each level of density.
    density, pressure : the largest values; None if nobody was inside, or nowhere was it dense enough.
    """

    x_m: Float64
    y_m: Float64
    cell_m: float
    walkable: NDArray[np.bool_]
    peak_density_per_m2: Float64
    mean_density_per_m2: Float64
    exposure_person_s: Float64
    exposure_by_level: dict[float, float]
    density: Peak | None
    pressure: Peak | None


class DensityGrid:
    """A grid over a walkable area on which densities are estimated.

    Each person is spread by a Gaussian of standard deviation `sd_m`; the sum is divided by the share of the
    Gaussian that lies on the walkable area, so that densities do not fall off towards walls. Limits: one
    person alone reads 1 / (2 pi sd^2), 0.64 /m2 at 0.5 m; and the Gaussian reaches across thin walls.
    """

    def __init__(self, walkable: Area, cell_m: float, sd_m: float) -> None:
        min_x, min_y, max_x, max_y = walkable.bounds
        margin = math.ceil(CUT_OFF * sd_m / cell_m)
        self.cell_m, self.sd_m = cell_m, sd_m
        self.origin = (min_x - margin * cell_m, min_y - margin * cell_m)
        columns = math.ceil((max_x - min_x) / cell_m) + 2 * margin
        rows = math.ceil((max_y - min_y) / cell_m) + 2 * margin
        share = self._walkable_share(walkable, rows, columns)
        self.walkable = share >= WALKABLE_SHARE
        covered = gaussian_filter(share, sd_m / cell_m, truncate=CUT_OFF, mode="constant")
        self._per_cover = np.divide(1.0, covered, out=np.zeros_like(covered), where=self.walkable)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.walkable.shape
        return rows, columns

    @property
    def centres(self) -> tuple[Float64, Float64]:
        """Centres of the columns (x) and rows (y) [m]."""
        rows, columns = self.shape
        return (
            self.origin[0] + self.cell_m * (np.arange(columns) + 0.5),
            self.origin[1] + self.cell_m * (np.arange(rows) + 0.5),
        )

    def spread(self, x: Float64, y: Float64, weight: Float64) -> Float64:
        """Return (q, rows, columns): the people's weights (m, q) per m2 of walkable area; zero off it."""
        out = np.zeros((weight.shape[1], *self.shape))
        spread_people(x, y, weight, *self.origin, self.cell_m, self.sd_m, out)
        out *= self._per_cover
        return out

    def cells_of(self, x: Float64, y: Float64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows and columns of the cells that points lie in."""
        rows, columns = self.shape
        column = np.clip(((x - self.origin[0]) / self.cell_m).astype(int), 0, columns - 1)
        row = np.clip(((y - self.origin[1]) / self.cell_m).astype(int), 0, rows - 1)
        return row, column

    def _walkable_share(self, walkable: Area, rows: int, columns: int) -> Float64:
        sub = self.cell_m / SUB_CELLS
        x = self.origin[0] + sub * (np.arange(columns * SUB_CELLS) + 0.5)
        y = self.origin[1] + sub * (np.arange(rows * SUB_CELLS) + 0.5)
        shapely.prepare(walkable)
        inside = shapely.contains_xy(walkable, *np.meshgrid(x, y))
        share: Float64 = inside.reshape(rows, SUB_CELLS, columns, SUB_CELLS).mean(axis=(1, 3))
        return share


class MapMeter:
    """Builds the maps of a run, one sampled time after another."""

    def __init__(self, recording: Recording, extra_levels: tuple[float, ...] = ()) -> None:
        config = recording.scenario.config.measure
        self._grid = DensityGrid(recording.venue.walkable, config.cell_m, config.smoothing_m)
        self._interval_s = recording.sample_interval_s
        self._peak = np.zeros(self._grid.shape)
        self._total = np.zeros(self._grid.shape)
        self._exposure = np.zeros(self._grid.shape)
        self._levels = dict.fromkeys(sorted({*EXPOSURE_LEVELS_PER_M2, *extra_levels}), 0.0)
        self._density: Peak | None = None
        self._pressure: Peak | None = None
        self._samples = 0

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame = step.frame
        if not frame.id.size:
            return
        moving = np.isfinite(step.velocity_x)
        vx, vy = np.where(moving, step.velocity_x, 0.0), np.where(moving, step.velocity_y, 0.0)
        weight = np.column_stack([np.ones_like(vx), moving.astype(float), vx, vy, vx**2 + vy**2])
        density, share, sum_x, sum_y, sum_2 = self._grid.spread(frame.x, frame.y, weight)
        np.maximum(self._peak, density, out=self._peak)
        self._total += density
        self._samples += 1
        self._density = self._higher(self._density, density, frame.time_s)
        # Crowd pressure, density times the variance of the velocity vectors: Helbing, Johansson and
        # Al-Abideen (2007), Phys. Rev. E 75, 046109, eq. 5, with our averaging over space and one sample in time.
        dense = (density >= PRESSURE_FROM_PER_M2) & (share > 0)
        if dense.any():
            variance = np.zeros_like(density)
            s = share[dense]
            variance[dense] = sum_2[dense] / s - (sum_x[dense] / s) ** 2 - (sum_y[dense] / s) ** 2
            self._pressure = self._higher(self._pressure, density * np.maximum(variance, 0.0), frame.time_s)
        row, column = self._grid.cells_of(frame.x, frame.y)
        local = density[row, column]
        for level in self._levels:
            self._levels[level] += self._interval_s * int((local > level).sum())
        above = local > MAPPED_LEVEL_PER_M2
        np.add.at(self._exposure, (row[above], column[above]), self._interval_s)

    def result(self) -> CrowdMaps:
        """Return the maps of everything taken in."""
        x, y = self._grid.centres
        return CrowdMaps(
            x_m=x,
            y_m=y,
            cell_m=self._grid.cell_m,
            walkable=self._grid.walkable,
            peak_density_per_m2=self._peak,
            mean_density_per_m2=self._total / max(self._samples, 1),
            exposure_person_s=self._exposure,
            exposure_by_level=dict(self._levels),
            density=self._density,
            pressure=self._pressure,
        )

    def _higher(self, peak: Peak | None, values: Float64, time_s: float) -> Peak | None:
        k = int(values.argmax())
        value = float(values.flat[k])
        if peak and value <= peak.value:
            return peak
        row, column = divmod(k, values.shape[1])
        x, y = self._grid.centres
        return Peak(value, time_s, float(x[column]), float(y[row]))
