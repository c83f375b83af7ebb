"""Holding a run's figures against its criteria."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from crowdsim.measure import Measures
from crowdsim.record.layout import COMPLETE
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import DensityExposureCriterion, EgressTimeCriterion, ExitFlowCriterion

PASS, FAIL, UNDECIDED = "pass", "fail", "undecided"


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a criterion came to; `passed` is None where it cannot be said, and `reason` says why."""

    text: str
    value: float | None
    limit: float
    unit: str
    passed: bool | None
    reason: str = ""


def judge(measures: Measures, recording: Recording) -> dict[str, Any]:
    """Return the `criteria` and `verdict` of `summary.json`.

    The verdict is fail if any criterion failed, else undecided if any could not be decided (or none were
    asked for), else pass. A criterion on a partial run is decided only where the rest could not change it.
    """
    judged = []
    for name, criterion in recording.scenario.config.criteria.items():
        match criterion:
            case EgressTimeCriterion():
                result = _egress_time(criterion, measures, recording)
            case DensityExposureCriterion():
                result = _density_exposure(criterion, measures, recording)
            case ExitFlowCriterion():
                result = _exit_flow(criterion, measures, recording)
        judged.append(
            {
                "id": name,
                "text": result.text,
                "value": result.value,
                "limit": result.limit,
                "unit": result.unit,
                "passed": result.passed,
                "reason": result.reason,
                "source": criterion.source,
                "level_of_evidence": criterion.level_of_evidence,
            }
        )
    passed = [entry["passed"] for entry in judged]
    verdict = FAIL if False in passed else UNDECIDED if None in passed or not passed else PASS
    return {"criteria": judged, "verdict": verdict}


def _egress_time(criterion: EgressTimeCriterion, measures: Measures, recording: Recording) -> _Judged:
    after = f" after {criterion.from_s:g} s" if criterion.from_s else ""
    text = f"Last attendee out within {criterion.limit_s:g} s{after}"
    last = measures.egress.egress_time_s
    if last is not None:
        value = max(last - criterion.from_s, 0.0)
        return _Judged(text, value, criterion.limit_s, "s", value <= criterion.limit_s)
    if not measures.egress.planned:
        return _Judged(text, None, criterion.limit_s, "s", None, "nobody was to come")
    left = recording.simulated_s - criterion.from_s
    still = measures.egress.planned - measures.egress.exit_s.size
    reason = f"{still} of {measures.egress.planned} had not left when the run ended at {recording.simulated_s:g} s"
    return _Judged(text, None, criterion.limit_s, "s", False if left >= criterion.limit_s else None, reason)


def _density_exposure(criterion: DensityExposureCriterion, measures: Measures, recording: Recording) -> _Judged:
    text = f"Mean time per attendee above {criterion.above_per_m2:g} /m2 at most {criterion.limit_s:g} s"
    entered = measures.egress.entry_s.size
    if not entered:
        return _Judged(text, None, criterion.limit_s, "s", None, "nobody entered")
    exposure = measures.maps.exposure_by_level[criterion.above_per_m2]
    value = exposure / entered
    # Of a partial run it is certain only if the rest, all coming in without meeting a crowd, would not help.
    certain = exposure / (entered if recording.status == COMPLETE else measures.egress.planned)
    if certain > criterion.limit_s:
        return _Judged(text, value, criterion.limit_s, "s", False)
    return _decided_if_over(text, value, criterion.limit_s, "s", measures, recording)


def _exit_flow(criterion: ExitFlowCriterion, measures: Measures, recording: Recording) -> _Judged:
    exits = [flow for flow in measures.flows.values() if flow.kind == "exit"]
    text = f"Flow through every exit at most {criterion.limit_per_m_s:g} /(m s)"
    unit = "1/(m s)"
    if not any(flow.count for flow in exits):
        return _Judged(text, None, criterion.limit_per_m_s, unit, None, "nobody left")
    busiest = max(exits, key=lambda flow: flow.peak_specific_per_m_s)
    value = busiest.peak_specific_per_m_s
    where = f"highest at {busiest.name!r}"
    if value > criterion.limit_per_m_s:
        return _Judged(text, value, criterion.limit_per_m_s, unit, False, where)
    result = _decided_if_over(text, value, criterion.limit_per_m_s, unit, measures, recording)
    return replace(result, reason=result.reason or where)


def _decided_if_over(
    text: str, value: float, limit: float, unit: str, measures: Measures, recording: Recording
) -> _Judged:
    """Return a judgement that is final only if the run is: people still inside can only add to the value."""
    if recording.status != COMPLETE:
        return _Judged(text, value, limit, unit, None, f"the run is partial ({recording.status})")
    if not measures.egress.everyone_left:
        still = measures.egress.planned - measures.egress.exit_s.size
        return _Judged(
            text, value, limit, unit, None, f"{still} of {measures.egress.planned} had not left when the run ended"
        )
    return _Judged(text, value, limit, unit, value <= limit)
