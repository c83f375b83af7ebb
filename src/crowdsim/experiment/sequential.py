"""When enough replications have been made: Wald's sequential test on whether a criterion is met often enough.

A criterion is met if a *required share* of all runs that the scenario can take pass it. That share cannot be told from
shares next to it with a finite number of runs, so there is an *indifference zone* around it: at a share above the zone
the criterion should pass, below it fail, and within it either verdict is right.

After every replication the likelihoods of the results so far under the two ends of the zone, `good` and `bad`, are
compared (Wald 1945, Sequential tests of statistical hypotheses, Ann. Math. Stat. 16:117):

    L = (good / bad)^passed * ((1 - good) / (1 - bad))^not_passed

If L reaches 1 / error_pass, the criterion passes; if it falls to error_fail, it fails. Wald's own limits,
(1 - error_fail) / error_pass and its counterpart, keep to the errors nearly; these, a little wider, keep to them
exactly, however often one looks and wherever one stops (Ville's inequality: a likelihood ratio has mean 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crowdsim.assess import FAIL, PASS, UNDECIDED

REQUIRED_SHARE = 0.95
"""Share of runs that must pass: as IMO's MSC.1/Circ.1533 (2016) takes the 95th percentile of many runs."""

BAD_FACTOR, GOOD_FACTOR = 2.0, 5.0
"""The zone reaches from twice to a fifth of the share of runs that may fail, 90 % to 99 % if 95 % are required (our
choice: 32 runs that all pass settle a pass; a narrower zone, from 95 % on, would take 73)."""

ERROR = 0.05
"""Rates of wrong verdicts unless others are asked for: the usual ones."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A sequential test of one criterion.

    Attributes
    ----------
    required_share : share of runs that must pass.
    error_pass : how often a share at or below `bad` may get a pass.
    error_fail : how often a share at or above `good` may get a fail.
    """

    required_share: float = REQUIRED_SHARE
    error_pass: float = ERROR
    error_fail: float = ERROR

    @property
    def bad(self) -> float:
        """Lower end of the indifference zone."""
        return 1 - BAD_FACTOR * (1 - self.required_share)

    @property
    def good(self) -> float:
        """Upper end of the indifference zone."""
        return 1 - (1 - self.required_share) / GOOD_FACTOR

    def each_of(self, criteria: int) -> Rule:
        """Return the rule for each of several criteria such that the errors hold for the verdict on all.

        All must pass for the whole to pass, so a whole that should not pass holds a criterion that should not: the
        error of a wrong pass needs no correction (intersection-union test: Berger 1982, Technometrics 24:295). One
        that fails is enough for a fail: that error is divided among the criteria (Bonferroni).
        """
        return replace(self, error_fail=self.error_fail / max(criteria, 1))

    def log_ratio(self, passed: int, not_passed: int) -> float:
        """Return the logarithm of the likelihood ratio of good to bad."""
        return passed * math.log(self.good / self.bad) + not_passed * math.log((1 - self.good) / (1 - self.bad))

    def towards_pass(self, tally: Tally) -> float:
        """Return how far a criterion is towards a pass: 1 and above is one."""
        return self.log_ratio(tally.passed, tally.failed + tally.undecided) / -math.log(self.error_pass)

    def towards_fail(self, tally: Tally) -> float:
        """Return how far a criterion is towards a fail: 1 and above is one."""
        return self.log_ratio(tally.passed + tally.undecided, tally.failed) / math.log(self.error_fail)

    def decide(self, tally: Tally) -> str | None:
        """Return the verdict on a criterion; None while it is open.

        A run in which the criterion was undecided never counts as passed, nor as failed. Where such runs are so many
        that a pass is out, and the others do not look like a fail either, the verdict is `undecided`: more runs of the
        same kind would not help.
        """
        if self.towards_pass(tally) >= 1:
            return PASS
        if self.towards_fail(tally) >= 1:
            return FAIL
        pass_is_out = self.log_ratio(tally.passed, tally.failed + tally.undecided) <= math.log(self.error_fail)
        fail_is_near = self.towards_fail(tally) > 0
        return UNDECIDED if pass_is_out and not fail_is_near else None


@dataclass(frozen=True, slots=True)
class Tally:
    """In how many replications a criterion was passed, failed, or could not be decided."""

    passed: int = 0
    failed: int = 0
    undecided: int = 0

    def with_result(self, passed: bool | None) -> Tally:
        """Return the tally with one more replication."""
        return Tally(self.passed + (passed is True), self.failed + (passed is False), self.undecided + (passed is None))

    @property
    def replications(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.undecided


class CriteriaTests:
    """The tests of several criteria, one replication after another; a verdict once reached stays."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._taken = 0
        self.tallies: dict[str, Tally] = {}
        self.verdicts: dict[str, str] = {}

    @property
    def rule(self) -> Rule:
        """The rule for each criterion."""
        return self._rule.each_of(len(self.tallies))

    def take(self, results: Iterable[tuple[str, bool | None]]) -> None:
        """Take in the next replication: what each criterion came to."""
        found = dict(results)
        for name in found:
            self.tallies.setdefault(name, Tally(undecided=self._taken))  # not judged before: as undecided
        self._taken += 1
        for name, tally in self.tallies.items():
            self.tallies[name] = tally.with_result(found.get(name))
        for name, tally in self.tallies.items():
            verdict = None if name in self.verdicts else self.rule.decide(tally)
            if verdict:
                self.verdicts[name] = verdict

    @property
    def verdict(self) -> str:
        """The verdict so far: fail if a criterion failed, pass if all passed, else undecided."""
        verdicts = [self.verdicts.get(name, UNDECIDED) for name in self.tallies]
        return FAIL if FAIL in verdicts else UNDECIDED if UNDECIDED in verdicts or not verdicts else PASS

    @property
    def settled(self) -> bool:
        """Whether more replications could not change the verdict."""
        return FAIL in self.verdicts.values() or len(self.verdicts) == len(self.tallies)

    @property
    def progress(self) -> float:
        """How far the verdict is, 0 to 1: towards a pass of all, or a fail of one, whichever is further."""
        open_ = [tally for name, tally in self.tallies.items() if name not in self.verdicts]
        if self.settled or not open_:
            return 1.0
        to_pass = min(self.rule.towards_pass(tally) for tally in open_)
        to_fail = max(self.rule.towards_fail(tally) for tally in open_)
        return min(max(to_pass, to_fail, 0.0), 1.0)


def fewest_to_pass(rule: Rule) -> int:
    """Return how many runs in a row must pass for a pass."""
    return math.ceil(-math.log(rule.error_pass) / math.log(rule.good / rule.bad))
