"""Running a sweep: what is missing is simulated, what was finished before is taken over."""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar

from crowdsim.errors import Problem, RunFolderError, ScenarioError, suggest
from crowdsim.experiment.estimates import mean_of
from crowdsim.experiment.sweep.plan import LEAST_RUNS, UNTIL, Plan
from crowdsim.experiment.sweep.table import (
    DONE,
    FAILED,
    JOURNAL,
    RESULTS,
    STOPPED_S,
    Journal,
    row_of,
    stopped_name,
    write_document,
    write_results,
)
from crowdsim.experiment.worker import Job, Outcome
from crowdsim.record.layout import CONFIG, SUMMARY, VENUE

SWEEP, OPTIMISE, WORK, KEPT, BROKEN, PLOTS = "sweep.json", "optimise.json", "work", "runs", "failed", "plots"
FILES = (SWEEP, OPTIMISE, JOURNAL, RESULTS, CONFIG, VENUE, SUMMARY)
"""What such a folder may hold; a run's summary would be in the way, too."""

COMPLETE, RUNNING, INTERRUPTED = "complete", "running", "interrupted"

WRITE_EVERY_S = 5.0
"""The table is written no more often than this while runs are made (our choice), nor for more than a twentieth of the
time."""
WRITING_SHARE = 0.05


class Engine(Protocol):
    """Where runs are made."""

    def completed(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield jobs and what they came to, as they are done."""


class Watcher(Protocol):
    """Whoever wants to see how a sweep goes."""

    def show(self, sweep: Sweep) -> None:
        """Take in that it begins, and that one more run is there."""

    def failed(self, row: dict[str, Any]) -> None:
        """Take in that a run failed."""


@dataclass
class Sweep:
    """A sweep as far as it is.

    Attributes
    ----------
    taken_over : how many runs were finished before.
    made : how many runs were made since, those that failed included.
    runs : how many there are in all; at most so many while the number of replications is open.
    """

    plan: Plan
    folder: Path
    journal: Journal
    status: str = RUNNING
    taken_over: int = 0
    made: int = 0
    wall_s: float = 0.0
    _of_point: dict[int, list[dict[str, Any] | None]] = field(default_factory=dict)
    _enough: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._number_of = {point.overrides: point.number for point in self.plan.points}
        self._place_of = {seed: k for k, seed in enumerate(self.plan.seeds)}
        for point in self.plan.points:
            self._of_point[point.number] = [self._finished(point.number, seed) for seed in self.plan.seeds]
        self.taken_over = len(self.rows())

    def _name(self, number: int, seed: int) -> str:
        return self.plan.run_of(self.plan.points[number], seed)

    def _finished(self, number: int, seed: int) -> dict[str, Any] | None:
        row = find_run(self.journal, self._name(number, seed), stopped_too=self.plan.wish.stop_when_failed)
        if row is None:
            return None
        # The same run may have been another arm's of an earlier plan, in which other keys were varied besides.
        return row | {"arm": number, **self.plan.points[number].values}

    def missing(self, *, keep: bool) -> Iterator[Job]:
        """Yield the runs to make, arm by arm; of an arm whose intervals are narrow enough, no more."""
        for point in self.plan.points:
            for k, seed in enumerate(self.plan.seeds):
                if self.replications_of(point.number) is not None:
                    break
                if self._of_point[point.number][k] is None:
                    name = f"{point.number}_{seed}"
                    out = self.folder / (KEPT if keep else WORK) / name
                    yield Job(self.folder, seed, out, keep, point.overrides, self.plan.wish.stop_when_failed)

    def take(self, job: Job, outcome: Outcome) -> dict[str, Any]:
        """Take in what a run came to, and return its row."""
        number = self._number_of[job.overrides]
        row = row_of(number, self._name(number, job.seed), self.plan.points[number].values, outcome)
        if row["status"] == DONE:
            self._find_figures(row)
        self.journal.add(row)
        self.made += 1
        self._of_point[number][self._place_of[job.seed]] = row
        return row

    def _find_figures(self, row: dict[str, Any]) -> None:
        known = [key for key, value in row.items() if value is None or isinstance(value, (int, float))]
        unknown = [figure for figure in self.plan.until if figure not in known]
        if unknown:
            raise ScenarioError(
                Problem("command line", UNTIL, repr(figure), suggest(figure, known)) for figure in unknown
            )

    def replications_of(self, number: int) -> int | None:
        """Return after how many runs an arm's intervals are narrow enough; None while they are not, or none is asked.

        Runs count in the order of their seeds, so that it does not matter which was done first.
        """
        until = self.plan.until
        if until and number not in self._enough:
            rows = self._of_point[number]
            there = next((k for k, row in enumerate(rows) if row is None), len(rows))
            for n in range(LEAST_RUNS, there + 1):
                if all(_half_width(rows[:n], figure) <= width for figure, width in until.items()):
                    self._enough[number] = n
                    break
        return self._enough.get(number)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of all runs that are there and count, by arm and seed."""
        found = []
        for number, rows in self._of_point.items():
            n = self.replications_of(number)
            found += [row for row in rows[:n] if row is not None]
        return found

    @property
    def runs(self) -> int:
        """How many runs there are in all: at most so many while the number of replications is open."""
        return sum(self.replications_of(number) or len(self.plan.seeds) for number in self._of_point)

    @property
    def there(self) -> int:
        """How many of them are there."""
        return min(self.taken_over + self.made, self.runs)  # some were begun ahead that an arm then did not need

    def document(self) -> dict[str, Any]:
        """Return the content of `sweep.json`."""
        rows, plan = self.rows(), self.plan
        failed = [row for row in rows if row["status"] == FAILED]
        of_arm: dict[int, int] = defaultdict(int)
        for row in rows:
            of_arm[row["arm"]] += row["status"] == DONE
        return {
            "crowdsim_version": version("crowdsim"),
            "scenario": plan.scenario.name,
            "title": plan.scenario.config.title,
            "base_sha256": plan.base_sha256,
            "status": self.status,
            "design": plan.wish.design,
            "samples": plan.wish.samples,
            "until": plan.until,
            "stop_when_failed": plan.wish.stop_when_failed,
            "keys": list(plan.keys),
            "seeds": list(plan.seeds),
            "runs": self.runs,
            "done": len(rows) - len(failed),
            "stopped": sum(row.get(STOPPED_S) is not None for row in rows),
            "taken_over": self.taken_over,
            "failed": [{key: row[key] for key in ("arm", "seed", "run", "error")} for row in failed],
            "arms": [
                {"arm": p.number, "overrides": list(p.overrides), "values": p.values, "done": of_arm[p.number]}
                for p in plan.points
            ],
            "performance": {"made": self.made, "wall_s": self.wall_s},
        }


def _half_width(rows: list[dict[str, Any] | None], figure: str) -> float:
    """Return half the width of the interval of a figure's mean; infinite where it cannot be told."""
    values = [row[figure] for row in rows if row and row.get(figure) is not None]
    interval = mean_of(values).ci95
    return (interval[1] - interval[0]) / 2 if interval else float("inf")


def find_run(journal: Journal, run: str, *, stopped_too: bool) -> dict[str, Any] | None:
    """Return the row of a run that was finished; of one that was stopped only if that is asked for."""
    names = (run, stopped_name(run)) if stopped_too else (run,)
    rows = (journal.rows.get(name) for name in names)
    return next((row for row in rows if row is not None and row["status"] == DONE), None)


def open_folder(folder: Path, plan: Plan, *, force: bool, document: str = SWEEP) -> Journal:
    """Make a folder for runs of many variants, or take up the one that is there, and return its journal.

    Parameters
    ----------
    document : the file in it that tells whose folder it is: a sweep's, or an optimisation's.

    Raises
    ------
    RunFolderError
        If the folder cannot be written, is being written by another process, or holds something else: a run, or a
        sweep of another scenario or version, unless `force` is set.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [name for name in FILES if (folder / name).exists()]
        same = document in held and _base_of(folder / document) == plan.base_sha256
        if held and not same and not force:
            kind = "a sweep" if document == SWEEP else "an optimisation"
            other = f"{kind} of another scenario, or of another version"
            what = other if document in held else f"another run ({held[0]})"
            msg = f"{folder} holds {what}; name another folder with --out, or replace it with --force"
            raise RunFolderError(msg)
        journal_path = folder / JOURNAL
        journal = Journal(journal_path, anew=force)
        if force:
            for name in held:
                if name != JOURNAL:
                    (folder / name).unlink()
            for name in (KEPT, BROKEN, PLOTS):
                shutil.rmtree(folder / name, ignore_errors=True)
        shutil.rmtree(folder / WORK, ignore_errors=True)  # of a process that was killed
        for name, text in zip((CONFIG, VENUE), plan.texts, strict=True):
            (folder / name).write_text(text, encoding="utf-8")
    except RunFolderError:
        raise
    except BlockingIOError as error:
        msg = f"{folder} is being written by another sweep"
        raise RunFolderError(msg) from error
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error
    return journal


def _base_of(path: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        found: str = json.loads(path.read_text(encoding="utf-8"))["base_sha256"]
        return found
    return None


def run_sweep(
    plan: Plan, folder: Path, engine: Engine, *, force: bool = False, keep: bool = False, watcher: Watcher | None = None
) -> Sweep:
    """Make the runs of a sweep that are missing; all that is there is in the folder, whatever happens.

    Parameters
    ----------
    force : throw away what the folder holds.
    keep : keep the run folders, not the rows only.

    Raises
    ------
    RunFolderError
        If the folder cannot be written or holds something else.
    KeyboardInterrupt
        If interrupted; what was computed is written first.
    """
    journal = open_folder(folder, plan, force=force)
    sweep = Sweep(plan, folder, journal)
    with written(sweep, journal, _write):
        _run(sweep, engine, keep=keep, watcher=watcher)
        sweep.status = COMPLETE
    return sweep


class Written(Protocol):
    """Work in a folder: how far it is, and how long it took."""

    folder: Path
    status: str
    wall_s: float


Work = TypeVar("Work", bound=Written)


@contextmanager
def written(work: Work, journal: Journal, write: Callable[[Work], None]) -> Iterator[None]:
    """Write what there is of some work as it begins and, whatever happens, as it ends; what is not done is interrupted.

    Raises
    ------
    RunFolderError
        If the folder cannot be written.
    """
    began = time.perf_counter()
    try:
        write(work)
        yield
    except RunFolderError:
        raise
    except OSError as error:
        msg = f"{work.folder}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error
    finally:
        if work.status == RUNNING:
            work.status = INTERRUPTED
        work.wall_s = time.perf_counter() - began
        with suppress(OSError):  # the disk is full, which is being told already
            write(work)
            shutil.rmtree(work.folder / WORK, ignore_errors=True)
        journal.close()


def _run(sweep: Sweep, engine: Engine, *, keep: bool, watcher: Watcher | None) -> None:
    began = written = time.perf_counter()
    cost_s = 0.0
    if watcher:
        watcher.show(sweep)
    for job, outcome in engine.completed(sweep.missing(keep=keep)):
        row = sweep.take(job, outcome)
        _put_away(sweep.folder, job, row)
        now = time.perf_counter()
        sweep.wall_s = now - began
        if watcher:
            if row["status"] == FAILED:
                watcher.failed(row)
            watcher.show(sweep)
        if now - written > max(WRITE_EVERY_S, cost_s / WRITING_SHARE):
            _write(sweep)
            written = time.perf_counter()
            cost_s = written - now


def _put_away(folder: Path, job: Job, row: dict[str, Any]) -> None:
    """Remove what a run has left, but of one that failed keep it to be looked at."""
    if row["status"] == FAILED:
        if job.out.is_dir():
            (folder / BROKEN).mkdir(exist_ok=True)
            shutil.rmtree(folder / BROKEN / row["run"], ignore_errors=True)
            job.out.rename(folder / BROKEN / row["run"])
    elif not job.keep:
        shutil.rmtree(job.out, ignore_errors=True)


def _write(sweep: Sweep) -> None:
    write_results(sweep.folder / RESULTS, sweep.rows(), sweep.plan.keys)
    write_document(sweep.folder / SWEEP, sweep.document())
