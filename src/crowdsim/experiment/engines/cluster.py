"""Runs on a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crowdsim.errors import MissingExtraError
from crowdsim.experiment.engines.remote import make_runs, texts_of
from crowdsim.experiment.worker import ONE_THREAD, Job, Outcome

AHEAD = 2
"""Runs handed to the cluster for each of its cores: one to be worked on and one to follow."""

RETRIES = 5
"""How often a run is begun again whose process or machine was lost (our choice: preempted machines come in rows)."""


@dataclass(frozen=True, slots=True)
class RayEngine:
    """A Ray cluster: the one that runs at an address, or one of this machine's cores.

    Attributes
    ----------
    address : of the cluster, as `ray.init` takes it, such as `auto`; None for this machine's cores.
    n_jobs : cores to use; None or -1 for all of the cluster.
    """

    address: str | None = None
    n_jobs: int | None = None

    def completed(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield jobs and what they came to, as they are done; runs of lost machines are made elsewhere.

        Raises
        ------
        MissingExtraError
            If Ray is not installed.
        """
        ray = _ray()
        begins = not ray.is_initialized()
        if begins:
            one_thread = {"env_vars": dict.fromkeys(ONE_THREAD, "1")}
            count = None if self.address or self.n_jobs in (None, -1) else self.n_jobs
            ray.init(address=self.address, num_cpus=count, runtime_env=one_thread, log_to_driver=False,
                     include_dashboard=False, logging_level="error")  # fmt: skip
        at_work: dict[Any, Job] = {}
        try:
            make = ray.remote(num_cpus=1, max_retries=RETRIES)(make_runs)
            texts, more = None, True
            while True:
                while more and len(at_work) < AHEAD * self._cores(ray):
                    job = next(jobs, None)
                    if job is None:
                        more = False
                        break
                    texts = texts or ray.put(texts_of(job.config))
                    at_work[make.remote(texts, [job])] = job
                if not at_work:
                    return
                for done in ray.wait(list(at_work), num_returns=1)[0]:
                    job = at_work.pop(done)
                    yield job, _outcome(ray, done, job)
        finally:
            for running in at_work:
                ray.cancel(running, force=True)
            if begins:
                ray.shutdown()

    def _cores(self, ray: Any) -> int:
        there = int(ray.cluster_resources().get("CPU", 1))
        return there if self.n_jobs in (None, -1) else min(self.n_jobs or 1, there)


def _outcome(ray: Any, done: Any, job: Job) -> Outcome:
    try:
        (outcome,) = ray.get(done)
    except ray.exceptions.RayError as error:
        return Outcome(job.seed, None, f"{type(error).__name__}: {str(error).splitlines()[0]}")
    made: Outcome = outcome
    return made


def _ray() -> Any:
    try:
        import ray  # noqa: PLC0415
    except ImportError as error:
        msg = "hydra/launcher=ray needs Ray: pip install 'crowdsim[ray]'"
        raise MissingExtraError(msg) from error
    return ray
