"""How many people were there at the items of a programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.record.recording import Recording
from crowdsim.scenario.event import ARRIVED, LEFT


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many people stayed in the zone of an item of the programme; who is away for a need does not count.

    Attributes
    ----------
    at_start, at_end : when it began, and just before it ended; None if the run ended before.
    most : at once, in between.
    """

    at_start: int | None
    at_end: int | None
    most: int

    def summary(self) -> dict[str, int | None]:
        """Return the figures of `summary.json`."""
        return {"at_start": self.at_start, "at_end": self.at_end, "most": self.most}


def measure_attendance(recording: Recording) -> dict[str, Attendance]:
    """Return how many were at each item of the programme, from the recorded events."""
    programme = recording.scenario.config.programme
    if not programme:
        return {}
    events = recording.events()
    times = events["time"].to_numpy()
    kinds, places = (np.array(events[name].to_pylist(), dtype=object) for name in ("event", "place"))
    change = (kinds == ARRIVED).astype(np.int64) - (kinds == LEFT)
    found = {}
    for name, item in programme.items():
        here = (places == item.zone) & (change != 0)
        found[name] = _attendance(times[here], change[here], item.from_s, item.until_s, recording.simulated_s)
    return found


def _attendance(
    times: NDArray[np.float64], change: NDArray[np.int64], from_s: float, until_s: float, end_s: float
) -> Attendance:
    there = np.concatenate([[0], np.cumsum(change)])
    first, last = np.searchsorted(times, from_s, "right"), np.searchsorted(times, until_s, "left")
    return Attendance(
        at_start=int(there[first]) if end_s >= from_s else None,
        at_end=int(there[last]) if end_s >= until_s else None,
        most=int(there[first : last + 1].max(initial=0)),
    )
