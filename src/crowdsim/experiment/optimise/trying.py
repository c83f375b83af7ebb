"""Trying a layout: runs of it until it is settled whether it passes often enough, or a few to see whether it may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from statistics import fmean
from typing import Any

from crowdsim.assess import PASS, UNDECIDED
from crowdsim.experiment.optimise.plan import Quest
from crowdsim.experiment.optimise.runs import Run, Runs
from crowdsim.experiment.optimise.space import Place
from crowdsim.experiment.sequential import Rule, Tally

FEW = 3
"""Runs of a layout that is only looked at (our choice): one that passes three is worth a test; of those that pass seven
in ten runs, a third gets so far."""

BEGUN_AHEAD = 2
"""Runs of the layouts next in line that are begun ahead: what a hopeless one takes to fail."""

FRESH = 1_000_000
"""Seeds of every confirmation begin so much after those of the one before: no two share any."""


@dataclass
class Trial:
    """What is known of a layout from its runs, in the order of their seeds.

    Attributes
    ----------
    first : its first seed, counted from the scenario's.
    verdict : of the sequential test, once it is settled, or of the confirmation if that is no pass; None before, or
        if it was only looked at.
    beyond : how far the worst run was beyond a limit, relative to it; 0 if none was.
    """

    place: Place
    first: int = 0
    tally: Tally = field(default_factory=Tally)
    verdict: str | None = None
    beyond: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def may_pass(self) -> bool:
        """Whether all of its runs did so far, and there are some."""
        return bool(self.rows) and self.tally.passed == self.tally.replications

    def mean(self, figure: str) -> float | None:
        """Return the mean of a figure over its runs; None if one has no value."""
        values = [row[figure] for row in self.rows if row.get(figure) is not None]
        return fmean(values) if values and len(values) == len(self.rows) else None


class Tries:
    """All layouts that were tried, and confirmed.

    Layouts are tried with common random numbers. Whoever tries many and takes the best takes what had good luck, too:
    so one that passes is tested anew with fresh seeds, the j-th time with the error of a pass divided by j (j + 1).
    These add up to no more than the error that is allowed, however many it takes.
    """

    def __init__(self, quest: Quest, runs: Runs) -> None:
        self._quest, self._runs = quest, runs
        self.trials: dict[Place, Trial] = {}
        self.confirmations: dict[Place, Trial] = {}

    def settle(self, place: Place, next_in_line: Sequence[Place] = ()) -> Trial:
        """Make runs of a layout until the sequential test is settled, or there are as many as may be.

        Parameters
        ----------
        next_in_line : layouts that come next if this one fails.

        Raises
        ------
        BudgetSpentError
            If it is not settled when the budget is spent.
        """
        return self._settle(self.trials.setdefault(place, Trial(place)), self._quest.rule, next_in_line)

    def is_confirmed(self, place: Place) -> bool:
        """Test a layout that passed anew with fresh seeds, once, and return whether it passes."""
        count = len(self.confirmations)
        trial = self.confirmations.setdefault(place, Trial(place, FRESH * (count + 1)))
        j = 1 + list(self.confirmations).index(place)
        rule = replace(self._quest.rule, error_pass=self._quest.rule.error_pass / (j * (j + 1)))
        if self._settle(trial, rule, ()).verdict != PASS:
            self.trials[place].verdict = trial.verdict
        return trial.verdict == PASS

    def passes(self, place: Place, next_in_line: Sequence[Place] = ()) -> bool:
        """Return whether a layout passes, and is confirmed if it does."""
        return self.settle(place, next_in_line).verdict == PASS and self.is_confirmed(place)

    def _settle(self, trial: Trial, rule: Rule, next_in_line: Sequence[Place]) -> Trial:
        while trial.verdict is None:
            if trial.tally.replications >= self._quest.effort.replications:
                trial.verdict = UNDECIDED
                break
            self._run_on(trial, self._ahead(trial, next_in_line))
            trial.verdict = rule.decide(trial.tally)
        return trial

    def look_at(self, place: Place, others: Sequence[Place] = ()) -> Trial:
        """Make a few runs of a layout, no more once one does not pass.

        Parameters
        ----------
        others : layouts that are looked at next, whatever comes of this one.
        """
        trial = self.trials.setdefault(place, Trial(place))
        few = min(FEW, self._quest.effort.replications)
        while trial.tally.replications < few and trial.tally.passed == trial.tally.replications:
            k = len(trial.rows)
            self._run_on(trial, chain(((one, 0) for one in others), ((place, n) for n in range(k + 1, few))))
        return trial

    def _run_on(self, trial: Trial, ahead: Iterator[Run]) -> None:
        row = self._runs.get((trial.place, trial.first + len(trial.rows)), ahead)
        holds = self._quest.aims.holds(row)
        trial.rows.append(row)
        trial.tally = trial.tally.with_result(holds)
        if holds is not True:
            trial.beyond = max(trial.beyond, self._quest.aims.beyond(row))

    def _ahead(self, trial: Trial, next_in_line: Sequence[Place]) -> Iterator[Run]:
        """Yield runs likely to be asked for next: its own if it passed so far, else those of the next in line, too."""
        k, most = len(trial.rows), self._quest.effort.replications
        own = most if trial.may_pass else min(k + BEGUN_AHEAD, most)
        yield from ((trial.place, trial.first + n) for n in range(k + 1, own))
        yield from ((place, n) for place in next_in_line for n in range(min(BEGUN_AHEAD, most)))
