"""Every hand calculation of a run beside what was simulated."""

from __future__ import annotations

from itertools import chain
from typing import Any

from crowdsim.assess.by_hand_egress import compare_clearing, compare_egress
from crowdsim.assess.by_hand_queues import compare_queues
from crowdsim.assess.judged import Run
from crowdsim.measure import Measures
from crowdsim.record.recording import Recording


def compare_by_hand(measures: Measures, recording: Recording) -> dict[str, Any]:
    """Return `by_hand` of `summary.json`: egress, exits, zones and services; empty if nobody left or was served."""
    run = Run(measures, recording)
    entries = chain(compare_egress(run), compare_clearing(run), compare_queues(run))
    return {"by_hand": [entry.summary() for entry in entries]}
