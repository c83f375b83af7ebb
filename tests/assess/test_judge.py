"""Verdicts on runs whose figures are known by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measure.runs import Person, stander, write_run
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim.assess import judge
from crowdsim.measure import measure
from crowdsim.record.layout import COMPLETE, FAILED, INTERRUPTED
from crowdsim.scenario.criteria import Criterion
from crowdsim.scenario.feature import Scenario

KEYS = {"id", "text", "value", "limit", "unit", "passed", "source", "level_of_evidence"}
CRITERIA = TypeAdapter(dict[str, Criterion])
SOURCE = {"source": "made up for this test", "level_of_evidence": "assumption"}

EGRESS = {"quantity": "egress_time", "limit_s": 20.0, **SOURCE}
EXPOSURE = {"quantity": "density_exposure", "above_per_m2": 4.0, "limit_s": 5.0, **SOURCE}
FLOW = {"quantity": "exit_flow", "limit_per_m_s": 1.0, **SOURCE}


def setting(**criteria: dict[str, Any]) -> Scenario:
    """Return a hall with an exit of 1 m (`narrow`) and one of 2 m (`wide`), judged by these criteria only."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("crowd", "zone", rectangle(0, 0, 10, 10)),
        line("narrow", "exit", (10, 2), (10, 3)),
        line("wide", "exit", (10, 6), (10, 8)),
    ]
    built = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure={"flow_window_s": 10.0})
    return replace(built, config=replace(built.config, criteria=CRITERIA.validate_python(criteria)))


def leaver(exit_s: float, exit: str = "wide", entry_s: float = 0.0) -> Person:
    y = 7.0 if exit == "wide" else 2.5
    return Person(((entry_s, 10.0 - min(exit_s - entry_s, 9.0), y), (exit_s, 10.0, y)), exit=exit)


def crowd(until_s: float | None) -> list[Person]:
    """Return seven people on one spot, 4.46 /m2, until they all leave."""
    way = ((0.0, 5.25, 5.25),) if until_s is None else ((0.0, 5.25, 5.25), (until_s, 5.25, 5.25))
    return [Person(way, exit="wide" if until_s else None) for _ in range(7)]


def judged(
    folder: Path, people: list[Person], until_s: float, *, status: str = COMPLETE, **criteria: dict[str, Any]
) -> dict[str, Any]:
    recording = write_run(folder, setting(**criteria), people, until_s=until_s, status=status)
    verdict = judge(measure(recording), recording)
    assert json.loads(json.dumps(verdict, allow_nan=False)) == verdict
    return verdict


def outcome(folder: Path, people: list[Person], until_s: float, **more: Any) -> tuple[Any, Any, str]:
    result = judged(folder, people, until_s, **more)
    (criterion,) = result["criteria"]
    return criterion["passed"], criterion["value"], result["verdict"]


# ---------------------------------------------------------------- egress time
@pytest.mark.parametrize(("last", "passed"), [(19.0, True), (20.0, True), (20.5, False)])
def test_egress_is_judged_by_the_last_one_out(tmp_path: Path, last: float, passed: bool) -> None:
    people = [leaver(5.0), leaver(last)]
    assert outcome(tmp_path, people, 60.0, egress=EGRESS) == (passed, last, "pass" if passed else "fail")


def test_egress_counts_from_its_own_beginning(tmp_path: Path) -> None:
    late = {**EGRESS, "from_s": 100.0}
    assert outcome(tmp_path, [leaver(115.0, entry_s=90.0)], 130.0, egress=late) == (True, 15.0, "pass")


@pytest.mark.parametrize("status", [COMPLETE, INTERRUPTED, FAILED])
def test_someone_inside_after_the_limit_fails_whatever_ended_the_run(tmp_path: Path, status: str) -> None:
    people = [leaver(5.0), stander(3, 3)]
    assert outcome(tmp_path, people, 20.0, status=status, egress=EGRESS) == (False, None, "fail")


@pytest.mark.parametrize("status", [COMPLETE, INTERRUPTED, FAILED])
def test_a_run_too_short_to_tell_is_undecided(tmp_path: Path, status: str) -> None:
    result = judged(tmp_path, [leaver(5.0), stander(3, 3)], 19.5, status=status, egress=EGRESS)
    assert result["verdict"] == "undecided"
    assert result["criteria"][0]["passed"] is None
    assert "1 of 2 had not left when the run ended at 19.5 s" in result["criteria"][0]["reason"]


def test_who_never_came_in_has_not_left(tmp_path: Path) -> None:
    assert outcome(tmp_path, [leaver(5.0), Person(due_s=1.0)], 60.0, egress=EGRESS) == (False, None, "fail")


# ---------------------------------------------------------------- density exposure
@pytest.mark.parametrize(("until_s", "passed"), [(5.0, True), (5.5, False)])
def test_exposure_is_the_mean_over_those_who_entered(tmp_path: Path, until_s: float, passed: bool) -> None:
    expected = (passed, pytest.approx(until_s), "pass" if passed else "fail")
    assert outcome(tmp_path, crowd(until_s), 20.0, exposure=EXPOSURE) == expected


def test_those_who_met_no_crowd_count_in_the_mean(tmp_path: Path) -> None:
    people = [*crowd(8.0), leaver(4.0, "narrow"), leaver(9.0, "narrow")]
    passed, value, _ = outcome(tmp_path, people, 30.0, exposure=EXPOSURE)
    assert value == pytest.approx(7 * 8.0 / 9)
    assert passed is False


def test_a_partial_run_over_the_limit_has_failed_beyond_doubt(tmp_path: Path) -> None:
    passed, _, verdict = outcome(tmp_path, crowd(None), 8.0, status=INTERRUPTED, exposure=EXPOSURE)
    assert (passed, verdict) == (False, "fail")


def test_a_partial_run_over_the_limit_may_still_be_thinned_out_by_those_to_come(tmp_path: Path) -> None:
    people = [*crowd(None), *(Person(due_s=50.0) for _ in range(7))]
    passed, value, verdict = outcome(tmp_path, people, 8.0, status=INTERRUPTED, exposure=EXPOSURE)
    assert value == pytest.approx(8.0)
    assert (passed, verdict) == (None, "undecided")


def test_a_complete_run_over_the_limit_has_failed_whoever_did_not_come(tmp_path: Path) -> None:
    people = [*crowd(None), *(Person(due_s=50.0) for _ in range(7))]
    assert outcome(tmp_path, people, 8.0, exposure=EXPOSURE)[::2] == (False, "fail")


@pytest.mark.parametrize("status", [COMPLETE, INTERRUPTED])
def test_below_the_limit_with_people_still_inside_is_undecided(tmp_path: Path, status: str) -> None:
    result = judged(tmp_path, crowd(None), 3.0, status=status, exposure=EXPOSURE)
    assert result["verdict"] == "undecided"
    assert result["criteria"][0]["value"] == pytest.approx(3.0)
    assert result["criteria"][0]["reason"]


def test_nobody_entered_is_undecided(tmp_path: Path) -> None:
    assert outcome(tmp_path, [Person(due_s=9.0)], 3.0, exposure=EXPOSURE) == (None, None, "undecided")


# ---------------------------------------------------------------- exit flow
def test_the_exit_with_the_highest_specific_flow_is_judged_and_named(tmp_path: Path) -> None:
    # Wide: 1.6 /s over 2 m, so 0.8 /(m s); narrow: 1.25 /s over 1 m, and above the limit of 1.
    wide = [leaver(2.0 + 0.625 * k) for k in range(40)]
    people = [*wide, *(leaver(2.0 + 0.8 * k, "narrow") for k in range(30))]
    result = judged(tmp_path, people, 40.0, flow=FLOW)
    (criterion,) = result["criteria"]
    assert criterion["value"] == pytest.approx(1.3)  # thirteen people within ten seconds
    assert (criterion["passed"], result["verdict"]) == (False, "fail")
    assert "'narrow'" in criterion["reason"]
    assert criterion["unit"] == "1/(m s)"


def test_a_low_flow_passes_and_names_the_exit(tmp_path: Path) -> None:
    result = judged(tmp_path, [leaver(2.0 + 2.0 * k) for k in range(20)], 60.0, flow=FLOW)
    assert result["verdict"] == "pass"
    assert "'wide'" in result["criteria"][0]["reason"]


def test_a_high_flow_has_failed_even_in_a_partial_run(tmp_path: Path) -> None:
    people = [*(leaver(2.0 + 0.5 * k, "narrow") for k in range(30)), stander(3, 3)]
    assert outcome(tmp_path, people, 20.0, status=FAILED, flow=FLOW)[::2] == (False, "fail")


def test_a_low_flow_in_a_partial_run_is_undecided(tmp_path: Path) -> None:
    people = [*(leaver(2.0 + 2.0 * k, "narrow") for k in range(5)), stander(3, 3)]
    assert outcome(tmp_path, people, 20.0, status=FAILED, flow=FLOW)[::2] == (None, "undecided")


def test_no_flow_at_all_is_undecided(tmp_path: Path) -> None:
    assert outcome(tmp_path, [stander(3, 3)], 5.0, flow=FLOW) == (None, None, "undecided")


# ---------------------------------------------------------------- the verdict
def test_a_failed_criterion_outweighs_an_undecided_one(tmp_path: Path) -> None:
    result = judged(tmp_path, crowd(None), 8.0, egress=EGRESS, exposure=EXPOSURE)
    assert [c["passed"] for c in result["criteria"]] == [None, False]
    assert result["verdict"] == "fail"


def test_an_undecided_criterion_outweighs_a_passed_one(tmp_path: Path) -> None:
    people = [leaver(5.0), leaver(9.0), Person(due_s=12.0)]
    result = judged(tmp_path, people, 15.0, egress=EGRESS, exposure={**EXPOSURE, "limit_s": 100.0})
    assert result["verdict"] == "undecided"


def test_all_passed_is_a_pass(tmp_path: Path) -> None:
    people = [leaver(5.0), leaver(9.0)]
    result = judged(tmp_path, people, 15.0, egress=EGRESS, exposure=EXPOSURE, flow=FLOW)
    assert [c["passed"] for c in result["criteria"]] == [True, True, True]
    assert result["verdict"] == "pass"


def test_no_criteria_is_no_pass(tmp_path: Path) -> None:
    assert judged(tmp_path, [leaver(5.0)], 15.0) == {"criteria": [], "verdict": "undecided"}


def test_a_criterion_has_the_promised_keys_and_says_what_is_asked(tmp_path: Path) -> None:
    result = judged(tmp_path, [leaver(5.0)], 15.0, egress=EGRESS, exposure=EXPOSURE, flow=FLOW)
    for criterion in result["criteria"]:
        assert set(criterion) >= KEYS
        assert criterion["source"] == SOURCE["source"]
        assert criterion["level_of_evidence"] == "assumption"
    texts = {criterion["id"]: criterion["text"] for criterion in result["criteria"]}
    assert texts == {
        "egress": "Last attendee out within 20 s",
        "exposure": "Mean time per attendee above 4 /m2 at most 5 s",
        "flow": "Flow through every exit at most 1 /(m s)",
    }
