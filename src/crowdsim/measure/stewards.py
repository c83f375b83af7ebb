"""How many people each steward told which exit to take, and how many did so."""

from __future__ import annotations

import pyarrow.compute as pc

from crowdsim.record.recording import Recording
from crowdsim.scenario.event import FOLLOWED, TOLD


def count_told(recording: Recording) -> dict[str, dict[str, int]]:
    """Return for each steward the number of people `told`, and of those who `followed`, from the recorded events."""
    events = recording.events()

    def count(event: str, steward: str) -> int:
        both = pc.and_(pc.equal(events["event"], event), pc.equal(events["place"], steward))
        return int(pc.sum(both).as_py() or 0)

    return {
        name: {"told": count(TOLD, name), "followed": count(FOLLOWED, name)}
        for name in recording.scenario.config.stewards
    }
