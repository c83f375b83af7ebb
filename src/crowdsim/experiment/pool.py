"""Processes that make replications beside each other, handed back in their order or as they are done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from crowdsim.experiment.worker import Job, Outcome, work


class _Worker:
    """One process and the connection to it."""

    def __init__(self) -> None:
        context = get_context("spawn")  # a fork of a process that has used OpenMP hangs
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None

    def begin(self, job: Job) -> None:
        self.job = job
        self.connection.send(job)

    def finish(self) -> Outcome:
        """Return what the job came to; that the process died is an outcome, too."""
        job, self.job = self.job, None
        if job is None:
            msg = "no job was begun"
            raise RuntimeError(msg)
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            code = self.process.exitcode or 0
            how = f"was killed by signal {-code} (out of memory?)" if code < 0 else f"ended with {code}"
            return Outcome(job.seed, None, f"its process {how}")
        return outcome

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


class Pool:
    """As many processes as replications may run at once; each is started when it is first needed."""

    def __init__(self, jobs: int) -> None:
        self._most = jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Do nothing: processes are started when they are needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes, whatever they are doing."""
        for worker in self._workers:
            worker.end()

    def completed(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield jobs and what they came to, as they are done; those at work when the caller stops asking are ended."""
        at_work: list[Job] = []
        more = True
        try:
            while True:
                for worker in self._idle(at_work) if more else ():
                    job = next(jobs, None)
                    if job is None:
                        more = False
                        break
                    at_work.append(job)
                    worker.begin(job)
                if not at_work:
                    return
                for job, outcome in self._await():
                    at_work.remove(job)
                    yield job, outcome
        finally:
            self._drop(at_work)

    def outcomes(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield what jobs come to, in their order; no more is begun, or kept, once the caller stops asking.

        Jobs are begun ahead of those that are asked for, so that all processes have something to do: what those came
        to is thrown away, so that what is kept does not depend on how many processes there are.
        """
        done: dict[Job, Outcome] = {}
        begun: list[Job] = []
        try:
            while True:
                for worker in self._idle(begun):
                    job = next(jobs, None)
                    if job is None:
                        break
                    begun.append(job)
                    worker.begin(job)
                if not begun:
                    return
                while begun[0] not in done:
                    done |= self._await()
                yield done.pop(begun.pop(0))
        finally:
            self._drop(begun)

    def _idle(self, begun: Sequence[Job]) -> list[_Worker]:
        """Return processes that can begin a job now; what is done and not asked for yet counts as being worked on."""
        room = self._most - len(begun)
        idle = [worker for worker in self._workers if worker.job is None]
        while len(self._workers) < self._most and len(idle) < room:
            self._workers.append(_Worker())
            idle.append(self._workers[-1])
        return idle[: max(room, 0)]

    def _await(self) -> list[tuple[Job, Outcome]]:
        """Wait until at least one process is done; return what was done and what it came to."""
        busy: dict[Connection, _Worker] = {worker.connection: worker for worker in self._workers if worker.job}
        done = []
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]
            job = worker.job
            outcome = worker.finish()
            if job is not None:
                done.append((job, outcome))
            if not worker.process.is_alive():
                worker.end()
                self._workers.remove(worker)
        return done

    def _drop(self, begun: Sequence[Job]) -> None:
        """End the processes that are at work, and remove what they and those ahead have written."""
        for worker in [worker for worker in self._workers if worker.job]:
            worker.end()
            self._workers.remove(worker)
        for job in begun:
            shutil.rmtree(job.out, ignore_errors=True)
