"""The runs of an optimisation: each is made once, kept in a journal, and found there when it is asked for again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from crowdsim.experiment.optimise.plan import Quest
from crowdsim.experiment.optimise.space import Place
from crowdsim.experiment.sweep.sweep import WORK, Engine, find_run
from crowdsim.experiment.sweep.table import DONE, FAILED, STOPPED_S, Journal, row_of
from crowdsim.experiment.worker import Job, Outcome

Run = tuple[Place, int]
"""A layout, and which of its runs, from 0: the first has the scenario's seed."""


class BudgetSpentError(Exception):
    """No further run may be asked for."""


class Runs:
    """Runs of layouts, made when they are asked for.

    Attributes
    ----------
    asked : how many were asked for, each counted once; others were begun ahead for processes that had nothing to do.
    made, taken_over : how many were made now, and before.
    whole : runs are made to their end, also those that could be stopped: what they come to leads the search. It may
        end, not begin.
    told : called after each.
    """

    def __init__(self, quest: Quest, folder: Path, journal: Journal, engine: Engine) -> None:
        self._quest, self.folder, self._journal, self._engine = quest, folder, journal, engine
        self.whole = True
        self.told: Callable[[], None] | None = None
        self._asked: dict[Run, None] = {}
        self._rows: dict[Run, dict[str, Any]] = {}
        self._arms: dict[Place, int] = {}
        self.made = self.taken_over = 0

    @property
    def asked(self) -> int:
        """How many were asked for."""
        return len(self._asked)

    def get(self, run: Run, ahead: Iterable[Run] = ()) -> dict[str, Any]:
        """Return the row of a run.

        Parameters
        ----------
        ahead : runs that are likely to be asked for next, for other processes to make meanwhile.

        Raises
        ------
        BudgetSpentError
            If as many runs as may be were asked for.
        ScenarioError
            If it lacks a figure that is asked for.
        """
        budget = self._quest.effort.budget_runs
        if run not in self._asked and budget is not None and len(self._asked) >= budget:
            raise BudgetSpentError
        self._asked[run] = None
        if self._find(run) is None:
            self._make(dict.fromkeys([run, *self._first_of(ahead)]))
        row = self._rows[run]
        if row["status"] == DONE:
            self._quest.aims.check_figures(row, self._quest.space.keys)
        return row

    def _first_of(self, ahead: Iterable[Run]) -> Iterator[Run]:
        more = self._quest.effort.jobs - 1
        for run in ahead:
            if more <= 0:
                return
            if self._find(run) is None:
                more -= 1
                yield run

    @property
    def _stop(self) -> bool:
        """Whether runs are stopped as soon as they have failed."""
        return self._quest.stops and not self.whole

    def _find(self, run: Run) -> dict[str, Any] | None:
        """Return the row of a run that was made; one that failed to run before is made again."""
        if run not in self._rows:
            row = find_run(self._journal, self._name(run), stopped_too=self._stop)
            if row is None:
                return None
            self._rows[run] = row | {"arm": self._arm(run[0])}
            self.taken_over += 1
        return self._rows[run]

    def _make(self, runs: Iterable[Run]) -> None:
        jobs = {self._job(run): run for run in runs}
        for job, outcome in self._engine.completed(iter(jobs)):
            self._take(jobs[job], outcome)
            shutil.rmtree(job.out, ignore_errors=True)
            if self.told:
                self.told()

    def _job(self, run: Run) -> Job:
        place, k = run
        seed = self._quest.scenario.config.seed + k
        out = self.folder / WORK / f"{self._arm(place)}_{seed}"
        overrides = self._quest.space.overrides(place)
        return Job(self.folder, seed, out, keep=False, overrides=overrides, stop_when_failed=self._stop)

    def _take(self, run: Run, outcome: Outcome) -> None:
        row = row_of(self._arm(run[0]), self._name(run), self._quest.space.values(run[0]), outcome)
        self._journal.add(row)
        self._rows[run] = row
        self.made += 1

    def _name(self, run: Run) -> str:
        place, k = run
        return self._quest.run_of(place, self._quest.scenario.config.seed + k)

    def _arm(self, place: Place) -> int:
        return self._arms.setdefault(place, len(self._arms))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of all runs that there are of the layouts looked at."""
        return list(self._rows.values())

    @property
    def stopped(self) -> int:
        """How many of them were stopped as they had failed."""
        return sum(row.get(STOPPED_S) is not None for row in self._rows.values())

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Runs that have no result."""
        return [row for row in self._rows.values() if row["status"] == FAILED]
