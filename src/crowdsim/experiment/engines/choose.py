"""The engine that `hydra/launcher` names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from crowdsim.config.axes import LAUNCHER, LAUNCHER_KEYS
from crowdsim.errors import Problem, suggest
from crowdsim.experiment.engines.cluster import RayEngine
from crowdsim.experiment.engines.slurm import SlurmEngine
from crowdsim.experiment.pool import Pool
from crowdsim.experiment.sweep.sweep import Engine
from crowdsim.experiment.worker import Job, Outcome

COMMAND_LINE = "command line"

ALL = -1
"""As many processes as there are cores, as joblib has it."""

DEFAULT = "joblib"
"""What Hydra's users know as the launcher for the cores of one machine; the processes here are our own."""


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Processes of this machine, one run at a time in each.

    Attributes
    ----------
    n_jobs : processes; None or -1 for as many as this process may use cores.
    """

    n_jobs: int | None = None

    def completed(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Yield jobs and what they came to, as they are done."""
        with Pool(cores() if self.n_jobs in (None, ALL) else self.n_jobs or 1) as pool:
            yield from pool.completed(jobs)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_engine(launcher: str, settings: Mapping[str, Any]) -> tuple[Engine | None, list[Problem]]:
    """Return the engine of a name with its settings; or None, and what is wrong with name or settings."""
    name = launcher or DEFAULT
    if name not in ENGINES:
        return None, [Problem(COMMAND_LINE, LAUNCHER, repr(name), suggest(name, ENGINES))]
    kind = ENGINES[name]
    known = {field.name: field for field in fields(kind)}
    fixed = FIXED.get(name, {})
    problems = []
    for key, value in settings.items():
        where = f"{LAUNCHER_KEYS}{key}"
        if key not in known or key in fixed:
            problems.append(Problem(COMMAND_LINE, where, f"no setting of {name}", suggest(key, known.keys() - fixed)))
            continue
        allowed = _what_is_allowed(str(known[key].type), value)
        if allowed:
            problems.append(Problem(COMMAND_LINE, where, repr(value), allowed))
    return (None if problems else kind(**(dict(settings) | fixed))), problems


def _what_is_allowed(kind: str, value: Any) -> str:
    """Return what a setting of a kind may be if a value is not that; empty if it is."""
    optional = kind.endswith(" | None")
    if value is None and optional:
        return ""
    if kind.startswith("int"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if whole and (value >= 1 or (optional and value == ALL)):
            return ""
        return f"a whole number from 1{f', or {ALL} for all' if optional else ''}"
    if kind.startswith("dict"):
        return "" if isinstance(value, dict) else "a mapping, as in {slurm_partition: short}"
    return "" if isinstance(value, str) else "a text"


ENGINES: dict[str, Any] = {
    "joblib": LocalEngine,
    "basic": LocalEngine,
    "ray": RayEngine,
    "submitit_local": SlurmEngine,
    "submitit_slurm": SlurmEngine,
}
FIXED: dict[str, dict[str, Any]] = {
    "basic": {"n_jobs": 1},
    "submitit_local": {"cluster": "local"},
    "submitit_slurm": {"cluster": "slurm"},
}
