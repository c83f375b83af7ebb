"""Whether those who came together are together: how far apart, who was lost, who was found again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from crowdsim.measure.steps import Step
from crowdsim.record.recording import Recording
from crowdsim.scenario.party import ALONE

APART_M = 8.0
"""Who is farther than this from the middle of the others of the party has been lost: in a crowd one sees the next few
rows only (our choice)."""

AGAIN_M = 3.0
"""Who has been lost is together with the others again when nearer than this (our choice)."""


class PartyMeter:
    """Measures how far those of a party are from the middle of the others inside, one sampled time after another."""

    def __init__(self, recording: Recording) -> None:
        self._party = pc.fill_null(recording.attendees["party"], ALONE).to_numpy()
        self._count = int(self._party.max(initial=ALONE)) + 1
        self._lost = np.zeros(self._party.size, bool)
        self._away_m: list[NDArray[np.float64]] = []
        self._parted = self._reunited = 0

    def take(self, step: Step) -> None:
        """Take in a sampled time."""
        if not self._count:
            return
        frame = step.frame
        here = np.flatnonzero(self._party[frame.id] >= 0)
        if not here.size:
            return
        id, x, y, level = (np.asarray(values)[here] for values in (frame.id, frame.x, frame.y, frame.level))
        party = self._party[id]
        count = np.bincount(party, minlength=self._count)[party]
        others = [(np.bincount(party, axis, self._count)[party] - axis) / np.maximum(count - 1, 1) for axis in (x, y)]
        away_m = np.hypot(x - others[0], y - others[1])
        same_level = np.bincount(party, level, self._count)[party] == level * count
        known = (count > 1) & same_level
        id, away_m = id[known], away_m[known]
        self._away_m.append(away_m.astype(np.float32))
        parts, meets = ~self._lost[id] & (away_m > APART_M), self._lost[id] & (away_m < AGAIN_M)
        self._lost[id[parts]], self._lost[id[meets]] = True, False
        self._parted += int(parts.sum())
        self._reunited += int(meets.sum())

    def result(self) -> dict[str, Any] | None:
        """Return the figures of `summary.json`; None if everybody came alone."""
        if not self._count:
            return None
        away_m = np.concatenate(self._away_m) if self._away_m else np.empty(0)
        return {
            "parties": int(np.unique(self._party[self._party >= 0]).size),
            "people": int((self._party >= 0).sum()),
            "mean_distance_m": float(away_m.mean()) if away_m.size else None,
            "p95_distance_m": float(np.quantile(away_m, 0.95)) if away_m.size else None,
            "lost": self._parted,
            "found": self._reunited,
        }
