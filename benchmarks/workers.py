"""Spreading simulations over processes, one thread each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

THREADS = "NUMBA_NUM_THREADS"


@contextmanager
def workers(processes: int) -> Iterator[Callable[[Callable[[Job], Answer], list[Job]], list[Answer]]]:
    """Give a `map` that spreads jobs over processes; with one process it works in this one.

    Results do not depend on the number of processes: a run's seed alone decides.
    """
    if processes == 1:
        yield lambda function, jobs: [function(job) for job in jobs]
        return
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"  # read by each new process when it imports numba
    try:
        pool: Any = multiprocessing.get_context("spawn").Pool(processes)
        with pool:
            yield lambda function, jobs: pool.map(function, jobs, chunksize=1)
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before
