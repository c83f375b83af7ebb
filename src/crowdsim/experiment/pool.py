"""Processes that make replications beside each other, handed back in the order of their seeds."""

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

    def outcomes(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield what jobs come to, in their order; no more is begun, or kept, once the caller stops asking.

        Jobs are begun ahead of those that are asked for, so that all processes have something to do: what those came
        to is thrown away, so that what is kept does not depend on how many processes there are.
        """
        done: dict[int, Outcome] = {}
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
                while begun[0].seed not in done:
                    self._await(done)
                first = begun.pop(0)
                yield done.pop(first.seed)
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

    def _await(self, done: dict[int, Outcome]) -> None:
        """Wait until at least one process is done."""
        busy: dict[Connection, _Worker] = {worker.connection: worker for worker in self._workers if worker.job}
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]
            outcome = worker.finish()
            done[outcome.seed] = outcome
            if not worker.process.is_alive():
                worker.end()
                self._workers.remove(worker)

    def _drop(self, begun: Sequence[Job]) -> None:
        """End the processes that are at work, and remove what they and those ahead have written."""
        for worker in [worker for worker in self._workers if worker.job]:
            worker.end()
            self._workers.remove(worker)
        for job in begun:
            shutil.rmtree(job.out, ignore_errors=True)
