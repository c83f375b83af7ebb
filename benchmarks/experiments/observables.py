"""What is measured, on experiment and simulation alike; all with PedPy, but for the lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pedpy
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

FRAME_STEP = 5
"""Frames before and after over which a speed is taken: at 16 frames/s over 0.6 s, most of a step's swaying."""

NEAR_LINE_M = 0.5
"""Places farther from a line than this are left out of the search for crossings, for speed: people walk at most
0.2 m from frame to frame."""

LANE_M = 0.225
"""People are in one lane if they are this close across the walking direction: three halves of a body radius of
0.15 m (von Kruechten 2019, thesis, University of Cologne; also in PedPy's documentation)."""

SHUFFLES = 20
"""Random exchanges of the directions per frame, for the order that chance alone gives."""


@dataclass(frozen=True)
class Series:
    """Density and speed in an area, frame by frame.

    Attributes
    ----------
    frame : (k,) [-].
    density_per_m2 : (k,) people inside over the area (classic density).
    speed_m_s : (k,) mean speed of those inside; NaN while it is empty (PedPy writes 0 there).
    """

    frame: NDArray[np.int64]
    density_per_m2: Float64
    speed_m_s: Float64

    def between(self, first: float, last: float) -> Series:
        """Return the frames from `first` to `last`."""
        keep = (self.frame >= first) & (self.frame <= last)
        return Series(self.frame[keep], self.density_per_m2[keep], self.speed_m_s[keep])

    def density(self) -> float:
        """Return the mean density [1/m2], empty frames included."""
        return float(self.density_per_m2.mean()) if self.frame.size else 0.0

    def speed(self, *, empty_as_zero: bool = False) -> float:
        """Return the mean over frames of the mean speed [m/s]; 0 if the area stayed empty.

        Parameters
        ----------
        empty_as_zero : count frames with nobody inside as 0 m/s, as the mean of PedPy's series does.
        """
        speed = np.nan_to_num(self.speed_m_s) if empty_as_zero else self.speed_m_s[np.isfinite(self.speed_m_s)]
        return float(speed.mean()) if speed.size else 0.0


def area_series(trajectories: pedpy.TrajectoryData, area: pedpy.MeasurementArea) -> Series:
    """Measure density and speed in an area."""
    density = pedpy.compute_classic_density(traj_data=trajectories, measurement_area=area)
    each = pedpy.compute_individual_speed(
        traj_data=trajectories,
        frame_step=FRAME_STEP,
        # At a path's ends over the frames there are, so that nobody inside is without a speed.
        speed_calculation=pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    speed = pedpy.compute_mean_speed_per_frame(traj_data=trajectories, individual_speed=each, measurement_area=area)
    both = density.merge(speed, on="frame")
    frames, value, mean = (both[name].to_numpy() for name in ("frame", "density", "speed"))
    return Series(frames, value, np.where(value > 0, mean, np.nan))


def crossings(trajectories: pedpy.TrajectoryData, line: pedpy.MeasurementLine) -> dict[int, int]:
    """Return the frame in which each person first crosses a line, in order."""
    min_x, min_y, max_x, max_y = line.line.bounds
    data = trajectories.data
    near = data[
        data["x"].between(min_x - NEAR_LINE_M, max_x + NEAR_LINE_M)
        & data["y"].between(min_y - NEAR_LINE_M, max_y + NEAR_LINE_M)
    ]
    if near.empty:
        return {}
    close = pedpy.TrajectoryData(data=near[["id", "frame", "x", "y"]], frame_rate=trajectories.frame_rate)
    _, found = pedpy.compute_n_t(traj_data=close, measurement_line=line)
    ordered = found.sort_values(["frame", "id"])
    return dict(zip(ordered["id"].tolist(), ordered["frame"].tolist(), strict=True))


def steady_frames(crossed: Float64, people: int, last_frame: float, steady: tuple[float, float]) -> tuple[float, float]:
    """Return the frames between two quantiles of the people's crossings of a line.

    Whoever never crosses counts as crossing in the last frame, so that a jam belongs to the steady state.
    """
    everyone = np.sort(np.concatenate([crossed, np.full(max(people - crossed.size, 0), last_frame)]))
    first, last = np.quantile(everyone, steady)
    return float(first), float(last)


def flow_between(crossed: Float64, first: float, last: float, frame_rate: float) -> float:
    """Return crossings from `first` to `last`, both included, over the time between [1/s]."""
    count = np.count_nonzero((crossed >= first) & (crossed <= last))
    return float(count * frame_rate / (last - first)) if last > first else 0.0


def flow_of_percentiles(crossed: Float64, people: int, last_frame: float, frame_rate: float) -> float:
    """Return the flow between the 10th and the 90th percentile person [1/s]: gaps over time.

    Whoever never crosses counts as never: the flow is then that of the others up to the last frame.
    """
    ordered = np.sort(crossed)
    low, high = int(0.1 * people), int(0.9 * people)
    if ordered.size <= low + 1:
        return 0.0
    if ordered.size > high:
        return float((high - low) * frame_rate / (ordered[high] - ordered[low]))
    return float((ordered.size - 1 - low) * frame_rate / (last_frame - ordered[low]))


def lane_order(y: Float64, eastbound: NDArray[np.bool_], lane_m: float = LANE_M) -> float:
    """Return the order parameter of lanes along x, 1 if nobody shares a lane with people coming towards them.

    The mean over people of ((same - opposite) / (same + opposite))^2, counted among those within `lane_m` across,
    oneself included: Rex and Loewen (2007), Phys. Rev. E 75, 051402, for colloids; Nowak and Schadschneider (2012),
    Phys. Rev. E 85, 066128, for people; in continuous space von Kruechten (2019).
    """
    near = np.abs(y[:, None] - y[None, :]) <= lane_m
    same = eastbound[:, None] == eastbound[None, :]
    alike, opposite = (near & same).sum(axis=1), (near & ~same).sum(axis=1)
    return float(np.mean(((alike - opposite) / (alike + opposite)) ** 2))


def lane_order_by_chance(y: Float64, eastbound: NDArray[np.bool_], rng: np.random.Generator) -> float:
    """Return the mean order parameter of the same places with directions dealt out at random."""
    return float(np.mean([lane_order(y, rng.permutation(eastbound)) for _ in range(SHUFFLES)]))


def reduced(order: float, by_chance: float) -> float:
    """Return the order beyond chance: 0 for random directions, 1 for perfect lanes (Nowak and Schadschneider)."""
    return (order - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
