"""Holding a run's figures against its criteria."""

from __future__ import annotations

from typing import Any

from crowdsim.assess.judged import Judged, Run
from crowdsim.assess.leaving import (
    judge_clearing_time,
    judge_density_exposure,
    judge_egress_by_hand,
    judge_egress_time,
)
from crowdsim.assess.passing import judge_exit_flow, judge_line_flow, judge_queue_wait, judge_service_rate
from crowdsim.assess.places import judge_occupancy
from crowdsim.assess.published import changes_of, left_out, set_of
from crowdsim.measure import Measures
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import (
    ClearingTimeCriterion,
    Criterion,
    DensityExposureCriterion,
    EgressByHandCriterion,
    EgressTimeCriterion,
    ExitFlowCriterion,
    LineFlowCriterion,
    OccupancyCriterion,
    QueueWaitCriterion,
    ServiceRateCriterion,
)

PASS, FAIL, UNDECIDED = "pass", "fail", "undecided"


def judge(measures: Measures, recording: Recording) -> dict[str, Any]:
    """Return the `criteria` and `verdict` of `summary.json`.

    The verdict is fail if any criterion failed, else undecided if any could not be decided (or none were
    asked for), else pass; those that do not apply do not count. A criterion on a partial run is decided only where the
    rest could not change it.
    """
    run, config = Run(measures, recording), recording.scenario.config
    judged = [_entry(name, criterion, run) for name, criterion in config.criteria.items()]
    passed = [entry["passed"] for entry in judged if entry["applies"]]
    verdict = FAIL if False in passed else UNDECIDED if None in passed or not passed else PASS
    return {"criteria": judged, "criteria_left_out": left_out(config), "verdict": verdict}


def _entry(name: str, criterion: Criterion, run: Run) -> dict[str, Any]:
    found, config = _judge(criterion, run), run.recording.scenario.config
    return {
        "id": name,
        "set": set_of(config, name),
        "text": criterion.text or found.text,
        "quantity": criterion.quantity,
        "value": found.value,
        "limit": found.limit,
        "unit": found.unit,
        "margin": found.margin,
        "passed": found.passed,
        "applies": found.applies,
        "reason": found.reason,
        "at": found.at,
        "source": criterion.source,
        "section": criterion.section,
        "level_of_evidence": criterion.level_of_evidence,
        "changed": changes_of(config, name, criterion),
    }


def _judge(criterion: Criterion, run: Run) -> Judged:  # noqa: PLR0911 (one for each quantity)
    match criterion:
        case EgressTimeCriterion():
            return judge_egress_time(criterion, run)
        case ClearingTimeCriterion():
            return judge_clearing_time(criterion, run)
        case EgressByHandCriterion():
            return judge_egress_by_hand(criterion, run)
        case DensityExposureCriterion():
            return judge_density_exposure(criterion, run)
        case OccupancyCriterion():
            return judge_occupancy(criterion, run)
        case ExitFlowCriterion():
            return judge_exit_flow(criterion, run)
        case LineFlowCriterion():
            return judge_line_flow(criterion, run)
        case QueueWaitCriterion():
            return judge_queue_wait(criterion, run)
        case ServiceRateCriterion():
            return judge_service_rate(criterion, run)
