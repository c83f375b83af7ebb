"""Collective oscillation of dense crowds: a peak in the spectrum of their mean velocity, after Gu et al. (2025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import Moment
from crowdsim.record.recording import Recording, frame_numbers

Float64 = NDArray[np.float64]
Complex = NDArray[np.complex128]

FROM_PER_M2 = 4.0
"""Crowds oscillate from this density on, give or take 0.5 (Gu et al. 2025, Nature 638:112,
doi:10.1038/s41586-024-08514-6)."""

BAND_RAD_S = (0.25, 0.40)
"""Angular frequencies looked at: around the period of about 18 s, 0.35 rad/s, in a square of 50 by 20 m (same source).
The frequency falls with the size of the place; wider ones may oscillate below the band."""

WINDOW_S = 90.0
"""Length of a window: five periods of 18 s (our choice)."""

SAMPLED_S = 1.0
"""Mean velocities are taken at this interval: eighteen times a period (our choice)."""

PATCH_M = 4.0
"""Edge of the squares that velocities are averaged over: 64 people at the least density (our choice)."""

FALSE_ALARM = 0.01
"""Probability at most that noise anywhere in a run counts as an oscillation."""

LEAST_SHARE = 0.5
"""A square with a smaller walkable part is left out: it may hold too few people for a mean."""


@dataclass(frozen=True, slots=True)
class Oscillation:
    """The most significant oscillation of a run.

    Attributes
    ----------
    windows : how many windows of squares dense enough all the time were looked at; they overlap by half.
    p_value : probability at most that noise of the same persistence has such a peak in any of them; 1 without any.
    frequency_rad_s, radius_m : of the strongest; positive turns left. NaN if nothing moved in any.
    begins_s, x, y : when its window begins, and the middle of its square in the plane of the recording's venue.
    """

    windows: int
    p_value: float
    frequency_rad_s: float
    radius_m: float
    begins_s: float
    x: float
    y: float

    @property
    def found(self) -> bool | None:
        """Whether it is significant; None if no place was dense enough for long enough to tell."""
        return self.p_value < FALSE_ALARM if self.windows else None

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        looked = {"found": self.found, "windows": self.windows, "p_value": self.p_value if self.windows else None}
        if not np.isfinite(self.frequency_rad_s):
            return {**looked, "frequency_rad_s": None, "radius_m": None, "at": None}
        level, x, y = recording.in_plan(self.x, self.y)
        return {
            **looked,
            "frequency_rad_s": self.frequency_rad_s,
            "radius_m": self.radius_m,
            "at": {"time_s": self.begins_s, "level": level, "x": x, "y": y},
        }


def band_peak(velocity: Complex, interval_s: float) -> tuple[float, float, float]:
    """Return how probable a peak in the band is for noise, its angular frequency [rad/s] and amplitude [m/s].

    The rotary periodogram of the velocities without their linear trend is divided by the spectrum of noise with the
    same persistence from one sample to the next (AR(1); Torrence and Compo 1998, Bull. Am. Meteorol. Soc. 79:61,
    eq. 16).
    The share g of the highest of the K frequencies in the band in the sum of all m is then exceeded with the
    probability K (1 - g)^(m - 1) at most (Fisher 1929, Proc. R. Soc. A 125:54).

    Parameters
    ----------
    velocity : (n,) mean velocities, x + i y [m/s].
    interval_s : between them.
    """
    n = velocity.size
    steps = np.arange(n) - (n - 1) / 2
    rest = velocity - velocity.mean()
    rest = rest - steps * (rest @ steps) / (steps @ steps)
    power = np.abs(rest) ** 2
    if power.sum() == 0.0:
        return 1.0, np.nan, 0.0
    persistence = np.clip((rest[1:] * rest[:-1].conj()).real.sum() / power.sum(), 0.0, 1.0)
    turn = 2 * np.pi * np.fft.fftfreq(n)[1:]  # a sample; 0 is the mean
    spectrum = np.fft.fft(rest)[1:]
    whitened = np.abs(spectrum) ** 2 * (1 + persistence**2 - 2 * persistence * np.cos(turn))
    rate = turn / interval_s
    band = np.flatnonzero((np.abs(rate) >= BAND_RAD_S[0]) & (np.abs(rate) <= BAND_RAD_S[1]))
    best = int(band[whitened[band].argmax()])
    share = whitened[best] / whitened.sum()
    p_value = min(band.size * (1 - share) ** (whitened.size - 1), 1.0)
    return float(p_value), float(rate[best]), float(np.abs(spectrum[best]) / n)


class OscillationMeter:
    """Looks for oscillations, one sampled time after another; keeps a window of mean velocities."""

    def __init__(self, recording: Recording, grid: DensityGrid) -> None:
        self._interval_s = recording.sample_interval_s
        self._stride = max(round(SAMPLED_S / self._interval_s), 1)
        self._step_s = self._stride * self._interval_s
        side = max(round(PATCH_M / grid.cell_m), 1)
        rows, columns = (-(-size // side) for size in grid.shape)
        row, column = np.divmod(np.arange(grid.cover.size), grid.shape[1])
        self._patch = (row // side) * columns + column // side
        self._side_m, self._origin, self._columns = side * grid.cell_m, grid.origin, columns
        self._area = np.bincount(self._patch, grid.walkable.ravel(), rows * columns) * grid.cell_m**2
        self._usable = self._area >= LEAST_SHARE * self._side_m**2
        self._length = round(WINDOW_S / self._step_s)
        self._velocity = np.zeros((self._length, rows * columns), np.complex64)
        self._count = np.zeros((self._length, rows * columns), np.int32)
        self._last = -1  # number of the sample taken last
        self._windows, self._best = 0, (np.inf, np.nan, np.nan, 0.0, np.nan, np.nan)

    def take(self, moment: Moment) -> None:
        """Take in a sampled time."""
        number, regular = frame_numbers(np.array([moment.step.frame.time_s]), self._interval_s)
        if not regular[0] or number[0] % self._stride:
            return
        now = int(number[0]) // self._stride
        for empty in range(max(self._last + 1, now - self._length), now):  # nobody was inside
            self._put(empty, np.zeros_like(self._velocity[0]), np.zeros_like(self._count[0]))
        known = np.isfinite(moment.step.velocity_x)
        patch = self._patch[moment.cell[known]]
        count = np.bincount(patch, minlength=self._area.size)
        x, y = (np.bincount(patch, v[known], self._area.size) for v in (moment.step.velocity_x, moment.step.velocity_y))
        self._put(now, ((x + 1j * y) / np.maximum(count, 1)).astype(np.complex64), count.astype(np.int32))

    def result(self) -> Oscillation:
        """Return the most significant oscillation of everything taken in."""
        p_value, *rest = self._best
        return Oscillation(self._windows, min(p_value * self._windows, 1.0) if np.isfinite(p_value) else 1.0, *rest)

    def _put(self, number: int, velocity: NDArray[np.complex64], count: NDArray[np.int32]) -> None:
        self._velocity[number % self._length], self._count[number % self._length] = velocity, count
        self._last = number
        # The first sample has no velocities: windows begin with the second.
        if number >= self._length and (number - self._length) % (self._length // 2) == 0:
            self._look((number + 1 - self._length) * self._step_s)

    def _look(self, begins_s: float) -> None:
        dense = self._usable & (self._count.min(axis=0) > 0)
        dense &= self._count.mean(axis=0) >= FROM_PER_M2 * np.maximum(self._area, 1e-9)
        order = (self._last + 1 + np.arange(self._length)) % self._length
        for patch in np.flatnonzero(dense).tolist():
            p_value, rate, amplitude = band_peak(self._velocity[order, patch].astype(np.complex128), self._step_s)
            self._windows += 1
            if p_value < self._best[0] and amplitude > 0:
                row, column = divmod(patch, self._columns)
                x, y = (o + self._side_m * (k + 0.5) for o, k in zip(self._origin, (column, row), strict=True))
                self._best = (p_value, rate, amplitude / abs(rate), begins_s, x, y)
