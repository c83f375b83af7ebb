"""Holding a run's figures against its criteria."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crowdsim.assess.editions import rule_editions
from crowdsim.assess.findings import Finding, find
from crowdsim.assess.judged import Judged, Run
from crowdsim.assess.leaving import (
    judge_clearing_time,
    judge_density_exposure,
    judge_egress_by_hand,
    judge_egress_time,
)
from crowdsim.assess.passing import (
    judge_exit_flow,
    judge_line_flow,
    judge_queue_overflow,
    judge_queue_wait,
    judge_service_rate,
    judge_stair_flow,
)
from crowdsim.assess.places import (
    judge_density,
    judge_level_of_service,
    judge_occupancy,
    judge_oscillation,
    judge_pressure,
    judge_time_above,
)
from crowdsim.assess.published import changes_of, left_out, set_of
from crowdsim.assess.validity import validity_of
from crowdsim.measure import Measures
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import Criterion

JUDGES: dict[str, Callable[[Any, Run], Judged]] = {
    "egress_time": judge_egress_time,
    "clearing_time": judge_clearing_time,
    "egress_by_hand": judge_egress_by_hand,
    "density": judge_density,
    "occupancy": judge_occupancy,
    "density_exposure": judge_density_exposure,
    "time_above": judge_time_above,
    "level_of_service": judge_level_of_service,
    "exit_flow": judge_exit_flow,
    "line_flow": judge_line_flow,
    "stair_flow": judge_stair_flow,
    "pressure": judge_pressure,
    "oscillation": judge_oscillation,
    "queue_wait": judge_queue_wait,
    "queue_overflow": judge_queue_overflow,
    "service_rate": judge_service_rate,
}
"""How each quantity is judged."""

PASS, FAIL, UNDECIDED = "pass", "fail", "undecided"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a run came to.

    Attributes
    ----------
    summary : the `criteria`, `findings` and `verdict` of `summary.json`.
    findings : the findings with what their pictures are drawn of.
    """

    summary: dict[str, Any]
    findings: list[Finding]


def judge(measures: Measures, recording: Recording) -> dict[str, Any]:
    """Return the `criteria`, `findings` and `verdict` of `summary.json`.

    The verdict is fail if any criterion failed, else undecided if any could not be decided (or none were
    asked for), else pass; those that do not apply do not count. A criterion on a partial run is decided only where the
    rest could not change it.
    """
    return assess(measures, recording).summary


def assess(measures: Measures, recording: Recording, overrides: Sequence[str] | None = None) -> Assessment:
    """Return the same as `judge`, and the findings with what their pictures are drawn of.

    Parameters
    ----------
    overrides : how the scenario was changed to make the run; None if that is not known.
    """
    run, config = Run(measures, recording, overrides), recording.scenario.config
    judged = [_entry(name, criterion, run) for name, criterion in config.criteria.items()]
    passed = [entry["passed"] for entry in judged if entry["applies"]]
    verdict = FAIL if False in passed else UNDECIDED if None in passed or not passed else PASS
    findings = find(judged, run)
    more = {
        "findings": [finding.entry for finding in findings],
        "criteria_left_out": left_out(config),
        "rule_editions": rule_editions(config),
    }
    summary = {"criteria": judged, **{key: found for key, found in more.items() if found}, "verdict": verdict}
    return Assessment(summary, findings)


def _entry(name: str, criterion: Criterion, run: Run) -> dict[str, Any]:
    found, config = JUDGES[criterion.quantity](criterion, run), run.recording.scenario.config
    changed, validity = changes_of(config, name, criterion), validity_of(criterion, found, run)
    return {
        "id": name,
        "set": set_of(config, name),
        # A set's words are of its own numbers: they do not hold for others.
        "text": found.text if changed or not criterion.text else criterion.text,
        "quantity": criterion.quantity,
        "value": found.value,
        "limit": found.limit,
        "unit": found.unit,
        "margin": found.margin,
        "passed": found.passed,
        "applies": found.applies,
        "reason": found.reason,
        "at": found.at,
        "validity": validity.judgement,
        "validity_reason": validity.reason,
        "source": criterion.source,
        "section": criterion.section,
        "level_of_evidence": criterion.level_of_evidence,
        "changed": changed,
    }
