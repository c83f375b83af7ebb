"""How the venue fills and empties, and how long people take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Egress:
    """Entering and leaving over a run.

    Attributes
    ----------
    planned : how many were to come.
    entry_s, exit_s : when people came in and went out, ascending [s].
    blocked : how many were due but found no room to come in until the end.
    travel_s, delay_s : (exited,) time from entering to leaving, and what of it is neither the walk at free
        speed nor waiting by choice (pre-movement, stays) [s].
    """

    planned: int
    entry_s: Float64
    exit_s: Float64
    blocked: int
    travel_s: Float64
    delay_s: Float64

    @property
    def inside(self) -> int:
        """How many were still inside at the end."""
        return self.entry_s.size - self.exit_s.size

    @property
    def everyone_left(self) -> bool:
        """Whether everyone planned came and went."""
        return self.exit_s.size == self.planned

    @property
    def egress_time_s(self) -> float | None:
        """When the last attendee left; None while anyone is inside or still to come."""
        return float(self.exit_s[-1]) if self.everyone_left and self.planned else None

    def time_by_which_left(self, share: float) -> float | None:
        """Return when that share of those planned had left [s]; None if it was not reached."""
        needed = int(np.ceil(share * self.planned))
        return float(self.exit_s[needed - 1]) if 0 < needed <= self.exit_s.size else None


def measure_egress(recording: Recording) -> Egress:
    """Return who came and went when, from the recorded attendees."""
    columns = ("due_s", "entry_s", "exit_s", "free_walk_s", "waited_s")
    due, entry, exit_, walk, waited = (recording.attendees[name].to_numpy().astype(float) for name in columns)
    out = np.isfinite(exit_)
    travel = exit_[out] - entry[out]
    return Egress(
        planned=due.size,
        entry_s=np.sort(entry[np.isfinite(entry)]),
        exit_s=np.sort(exit_[out]),
        blocked=int((np.isnan(entry) & (due <= recording.simulated_s)).sum()),
        travel_s=travel,
        delay_s=travel - walk[out] - waited[out],
    )


def spread(values: Float64) -> dict[str, float | None]:
    """Return mean, median, 95th percentile and maximum; None each if there are no values."""
    if not values.size:
        return {"mean": None, "p50": None, "p95": None, "max": None}
    p50, p95 = np.percentile(values, [50, 95])
    return {"mean": float(values.mean()), "p50": float(p50), "p95": float(p95), "max": float(values.max())}
