"""Those who left: when they could have been out, and what they lost on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.record.recording import Recording

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leavers:
    """Everyone who left, by id.

    Attributes
    ----------
    id, exit : (n,) who, and by which exit.
    entry_s, exit_s : (n,) when they came in and were out [s].
    walk_s : (n,) of walking freely [s].
    waited_s : (n,) what they spent on purpose or could not help but by waiting: pre-movement, stays, services [s].
    """

    id: NDArray[np.int64]
    exit: NDArray[np.object_]
    entry_s: Float64
    exit_s: Float64
    walk_s: Float64
    waited_s: Float64

    @property
    def ready_s(self) -> Float64:
        """When they could have been at the exit had nobody been in their way [s]."""
        return self.entry_s + self.walk_s + self.waited_s

    @property
    def lost_s(self) -> Float64:
        """How much later they were out than that [s]."""
        return self.exit_s - self.ready_s


def leavers_of(recording: Recording) -> Leavers:
    """Return those who left."""
    attendees = recording.attendees
    times = [attendees[name].to_numpy().astype(float) for name in ("entry_s", "exit_s", "free_walk_s", "waited_s")]
    left = np.isfinite(times[1])
    exits = np.array(attendees["exit"].cast("string").to_pylist(), dtype=object)
    return Leavers(attendees["id"].to_numpy()[left], exits[left], *(time_s[left] for time_s in times))
