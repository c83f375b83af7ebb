"""The sequential test against exact probabilities, and its rates of wrong verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.operating_characteristic import characteristic
from crowdsim.assess import FAIL, PASS, UNDECIDED
from crowdsim.experiment.sequential import CriteriaTests, Rule, Tally, fewest_to_pass

RULE = Rule()


def exact(share: float, rule: Rule, most: int) -> dict[str, float]:
    """Return the probability of each verdict, summed over all ways of results: counts of passes and failures."""
    alive, ended = {(0, 0): 1.0}, {PASS: 0.0, FAIL: 0.0}
    for _ in range(most):
        after: dict[tuple[int, int], float] = {}
        for (passed, failed), weight in alive.items():
            for result, chance in (((passed + 1, failed), share), ((passed, failed + 1), 1 - share)):
                verdict = rule.decide(Tally(*result))
                if verdict in ended:
                    ended[verdict] += weight * chance
                else:
                    after[result] = after.get(result, 0.0) + weight * chance
        alive = after
    return ended | {UNDECIDED: sum(alive.values())}


@pytest.mark.parametrize("required", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("errors", [(0.05, 0.05), (0.01, 0.1)])
def test_wrong_verdicts_are_as_rare_as_stated(required, errors):
    rule = Rule(required, *errors)
    for share in (rule.bad, rule.bad - 0.02):
        assert exact(share, rule, 400)[PASS] <= errors[0]
    for share in (rule.good, (1 + rule.good) / 2):
        assert exact(share, rule, 400)[FAIL] <= errors[1]


def test_the_limits_are_not_much_too_wide():
    """Wrong verdicts come nearly as often as is allowed at the ends of the zone: no replication is wasted."""
    assert exact(RULE.bad, RULE, 2000)[PASS] > 0.8 * RULE.error_pass
    assert exact(RULE.good, RULE, 2000)[FAIL] > 0.4 * RULE.error_fail  # each fail makes a leap past the limit


@pytest.mark.parametrize("share", [0.8, 0.9, 0.96, 0.99])
def test_streams_of_results_come_to_verdicts_as_often_as_computed(share):
    streams = 500
    drawn, probability = characteristic(share, streams), exact(share, RULE, 200)
    for verdict in (PASS, FAIL, UNDECIDED):
        count = round(drawn[verdict] * streams)
        # Twelve comparisons, each wrong once in 10,000 by chance alone; the seeds are fixed.
        assert stats.binomtest(count, streams, min(probability[verdict], 1.0)).pvalue > 1e-4


def test_verdicts_of_several_criteria_are_wrong_as_rarely_as_of_one():
    """Independent criteria: a fail of any when all are good, and a pass of all when one is bad."""
    each = RULE.each_of(4)
    assert 1 - (1 - exact(RULE.good, each, 400)[FAIL]) ** 4 <= RULE.error_fail
    assert exact(RULE.bad, each, 400)[PASS] <= RULE.error_pass
    assert each.error_pass == RULE.error_pass


def test_how_many_runs_must_pass():
    assert fewest_to_pass(RULE) == 32  # ln 20 / ln(0.99 / 0.90) = 31.4
    n = fewest_to_pass(RULE)
    assert RULE.decide(Tally(n - 1)) is None
    assert RULE.decide(Tally(n)) == PASS
    assert RULE.decide(Tally(0, 1)) is None
    assert RULE.decide(Tally(0, 2)) == FAIL
    assert math.isclose(RULE.bad, 0.90)
    assert math.isclose(RULE.good, 0.99)


@given(st.lists(st.sampled_from([True, False, None]), max_size=120), st.integers(0, 10**6))
def test_undecided_runs_never_help_a_pass_nor_make_a_fail(results, salt):
    def verdict_of(stream):
        tests = CriteriaTests(RULE)
        for passed in stream:
            tests.take([("one", passed)])
            if tests.settled:
                break
        return tests.verdict

    as_failed = verdict_of([bool(passed) for passed in results])
    as_passed = verdict_of([passed is not False for passed in results])
    verdict = verdict_of(results)
    assert not (verdict == PASS and as_failed != PASS)
    assert not (verdict == FAIL and as_passed != FAIL)


def test_a_criterion_that_cannot_be_measured_is_undecided_soon():
    tests = CriteriaTests(RULE)
    for _ in range(2):
        assert not tests.settled or not tests.tallies
        tests.take([("one", None)])
    assert tests.settled
    assert tests.verdict == UNDECIDED


def test_failures_between_undecided_runs_come_to_a_fail():
    tests = CriteriaTests(RULE)
    for passed in (False, None, False):
        assert not tests.verdicts
        tests.take([("one", passed)])
    assert tests.verdict == FAIL


def test_one_failed_criterion_settles_the_verdict_and_an_open_one_does_not():
    tests = CriteriaTests(RULE)
    for _ in range(4):
        tests.take([("good", True), ("bad", False)])
    assert tests.settled
    assert tests.verdict == FAIL
    assert "good" not in tests.verdicts


def test_a_criterion_that_comes_late_was_undecided_before():
    tests = CriteriaTests(RULE)
    tests.take([])
    tests.take([("one", True)])
    assert tests.tallies["one"] == Tally(passed=1, undecided=1)
