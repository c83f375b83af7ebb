"""A process that makes one replication after another.

Only light imports here: the number of Numba's threads must be set before Numba is loaded.
"""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crowdsim.scenario.feature import Scenario

ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that keep a process to one thread: replications run beside each other instead."""

KEPT = 4
"""Scenarios that a process keeps read (our choice): it mostly makes many replications of one."""


@dataclass(frozen=True, slots=True)
class Job:
    """A replication to make.

    Attributes
    ----------
    config : folder with the configuration and venue.
    seed : of this replication.
    out : its run folder.
    keep : keep the whole run folder, not the summary only.
    overrides : what else is set.
    stop_when_failed : stop as soon as a criterion has failed for certain.
    """

    config: Path
    seed: int
    out: Path
    keep: bool
    overrides: tuple[str, ...] = ()
    stop_when_failed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replication came to: its summary, or why there is none."""

    seed: int
    summary: dict[str, Any] | None
    error: str = ""


def work(jobs: Connection) -> None:
    """Make the replications that come over a connection, and send back what they came to, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    while True:
        try:
            job: Job = jobs.recv()
        except EOFError:
            return
        jobs.send(replicate(job))


def replicate(job: Job) -> Outcome:
    """Make one replication; of a run that failed, the folder is kept."""
    from dataclasses import replace  # noqa: PLC0415

    from crowdsim.record.layout import SUMMARY  # noqa: PLC0415
    from crowdsim.simulate import run  # noqa: PLC0415

    try:
        base = _kept_scenario(job.config, job.overrides)
        scenario = replace(base, config=replace(base.config, seed=job.seed))
        summary = run(scenario, job.out, force=True, stop_when_failed=job.stop_when_failed).summary
    except Exception as error:
        return Outcome(job.seed, None, f"{type(error).__name__}: {error}")
    if not job.keep:
        for path in job.out.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != SUMMARY:
                path.unlink()
    return Outcome(job.seed, summary)


def scenario_of(folder: Path, overrides: tuple[str, ...]) -> Scenario:
    """Read the configuration and venue of a folder and set what else is set; in one thread, without pictures."""
    from dataclasses import replace  # noqa: PLC0415

    from crowdsim.config import load_scenario  # noqa: PLC0415
    from crowdsim.record.layout import CONFIG, VENUE  # noqa: PLC0415
    from crowdsim.scenario.resolved import load_resolved  # noqa: PLC0415

    if not overrides:
        return load_resolved(folder, CONFIG, VENUE)
    scenario = load_scenario(folder / CONFIG, overrides)
    config = replace(scenario.config, threads=1, output=replace(scenario.config.output, plots=False))
    return replace(scenario, config=config)


_kept_scenario = lru_cache(maxsize=KEPT)(scenario_of)
