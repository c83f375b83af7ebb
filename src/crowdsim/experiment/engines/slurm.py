"""Runs as jobs of a Slurm cluster, through submitit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from crowdsim.errors import MissingExtraError
from crowdsim.experiment.engines.remote import Texts, make_runs, texts_of
from crowdsim.experiment.worker import Job, Outcome

LOGS = "slurm"
"""Folder beside the runs in which submitit keeps what it sends and gets; compute nodes must see it."""

ASK_EVERY_S = 0.5
"""How often it is asked what is done (our choice)."""

RETRIES = 2
"""How often a task is sent again that was killed or whose node was lost (our choice)."""


@dataclass(frozen=True, slots=True)
class SlurmEngine:
    """Tasks of a Slurm cluster, several runs in each; or processes of this machine, to try the same.

    Attributes
    ----------
    cluster : `slurm` or `local`.
    n_jobs : tasks at a time.
    runs_per_task : runs of one task, one after the other.
    timeout_min : of a task.
    mem_gb : of a task.
    slurm : further parameters as submitit takes them: `{slurm_partition: short, slurm_account: events}`.
    """

    cluster: str = "slurm"
    n_jobs: int = 16
    runs_per_task: int = 20
    timeout_min: int = 120
    mem_gb: int = 4
    slurm: dict[str, Any] | None = None

    def completed(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield jobs and what they came to, as the tasks are done that they belong to.

        Raises
        ------
        MissingExtraError
            If submitit is not installed.
        """
        submitit = _submitit()
        first = next(jobs, None)
        if first is None:
            return
        executor = submitit.AutoExecutor(folder=first.config / LOGS, cluster=self.cluster)
        executor.update_parameters(
            timeout_min=self.timeout_min, cpus_per_task=1, mem_gb=self.mem_gb, name="crowdsim", **(self.slurm or {})
        )
        texts = texts_of(first.config)
        at_work: dict[Any, tuple[list[Job], int]] = {}
        waiting = _chain(first, jobs)
        try:
            while True:
                while len(at_work) < self.n_jobs and (runs := list(islice(waiting, self.runs_per_task))):
                    at_work[_send(executor, texts, runs)] = runs, RETRIES
                if not at_work:
                    return
                done = [task for task in at_work if task.done()]
                for task in done:
                    runs, tries = at_work.pop(task)
                    outcomes = _outcomes(task, runs)
                    if outcomes is None and tries:
                        at_work[_send(executor, texts, runs)] = runs, tries - 1
                        continue
                    lost = [Outcome(job.seed, None, f"its task {task.job_id} was lost") for job in runs]
                    yield from zip(runs, outcomes or lost, strict=True)
                if not done:
                    time.sleep(ASK_EVERY_S)
        finally:
            for task in at_work:
                task.cancel(check=False)


def _chain(first: Job, others: Iterator[Job]) -> Iterator[Job]:
    yield first
    yield from others


def _send(executor: Any, texts: Texts, runs: list[Job]) -> Any:
    return executor.submit(make_runs, texts, runs)


def _outcomes(task: Any, runs: list[Job]) -> list[Outcome] | None:
    """Return what the runs of a task came to; None if it ended without a result."""
    try:
        outcomes: list[Outcome] = task.result()
    except Exception:  # whatever submitit makes of a killed task
        return None
    return outcomes if len(outcomes) == len(runs) else None


def _submitit() -> Any:
    try:
        import submitit  # noqa: PLC0415
    except ImportError as error:
        msg = "hydra/launcher=submitit_slurm needs submitit: pip install 'crowdsim[slurm]'"
        raise MissingExtraError(msg) from error
    return submitit
