"""Contact forces and compression of people, for movement models whose bodies touch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from crowdsim.measure.maps import Peak
from crowdsim.measure.steps import Step
from crowdsim.record.layout import POSITION_RESOLUTION_M
from crowdsim.record.recording import Recording
from crowdsim.scenario.movement import SocialForce

INJURY_N_PER_M = 1600.0
"""Radial forces over circumference from which on Helbing, Farkas and Vicsek (2000), Nature 407:487, count people as
injured; an assumption of the model, not a medical limit."""

NO_BODIES = "bodies do not press each other in this movement model; only social_force has contact forces"
"""Why there are none."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What bodies that touch do to each other: k times their overlap, eq. 2 of the paper, from recorded positions.

    Walls, the social repulsion and sliding friction are left out. At sampled times only.

    Attributes
    ----------
    overlap : of two bodies at most [m], when and where; None if nobody ever touched.
    force : the highest sum of a person's contact forces, regardless of direction [N]; likewise.
    compression : that over the circumference of the body [N/m]; likewise.
    crushed_person_s : person-seconds above `INJURY_N_PER_M`.
    error_n : standard error of the force of one contact, by the rounding of recorded positions [N].
    """

    overlap: Peak | None
    force: Peak | None
    compression: Peak | None
    crushed_person_s: float
    error_n: float

    def summary(self, recording: Recording) -> dict[str, Any]:
        """Return the figures of `summary.json`."""
        peaks = {"max_overlap_m": self.overlap, "max_force_n": self.force, "max_compression_n_per_m": self.compression}
        return {
            **{key: peak.value if peak else 0.0 for key, peak in peaks.items()},
            "at": self.compression.at(recording) if self.compression else None,
            "person_s_above_1600_n_per_m": self.crushed_person_s,
            "error_n": self.error_n,
        }


class ContactMeter:
    """Measures contact, one sampled time after another."""

    def __init__(self, recording: Recording) -> None:
        movement = recording.scenario.config.movement
        self._stiffness = movement.stiffness_kg_s2 if isinstance(movement, SocialForce) else None
        self._radius = recording.attendees["body_radius"].to_numpy().astype(float)
        self._interval_s, self._end_s = recording.sample_interval_s, recording.simulated_s
        self._peaks: list[Peak | None] = [None, None, None]
        self._crushed_s = 0.0

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        frame = step.frame
        if self._stiffness is None or not frame.id.size:
            return
        radius, place = self._radius[frame.id], np.column_stack([frame.x, frame.y])
        first, second = cKDTree(place).query_pairs(2 * radius.max(), output_type="ndarray").T
        overlap = radius[first] + radius[second] - np.hypot(*(place[first] - place[second]).T)
        touch = overlap > 0
        first, second, overlap = first[touch], second[touch], overlap[touch]
        if not overlap.size:
            return
        both = np.concatenate([first, second])
        force = np.bincount(both, np.tile(self._stiffness * overlap, 2), frame.id.size)
        compression = force / (2 * math.pi * radius)
        deepest = np.zeros(frame.id.size)
        np.maximum.at(deepest, both, np.tile(overlap, 2))
        for k, values in enumerate((deepest, force, compression)):
            who, peak = int(values.argmax()), self._peaks[k]
            if peak is None or values[who] > peak.value:
                self._peaks[k] = Peak(float(values[who]), frame.time_s, float(frame.x[who]), float(frame.y[who]))
        lasts_s = min(self._interval_s, max(self._end_s - frame.time_s, 0.0))
        self._crushed_s += lasts_s * int((compression > INJURY_N_PER_M).sum())

    def result(self) -> Contact | None:
        """Return what was found; None if bodies do not press each other in the run's movement model."""
        if self._stiffness is None:
            return None
        # Rounding moves a coordinate by a uniform error of the standard deviation resolution / sqrt(12); two people.
        error_m = POSITION_RESOLUTION_M / math.sqrt(12) * math.sqrt(2)
        overlap, force, compression = self._peaks
        return Contact(overlap, force, compression, self._crushed_s, self._stiffness * error_m)
