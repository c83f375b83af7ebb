"""What `crowdsim bench` measures: the engine alone, or in turns with a peer or with another revision."""

from __future__ import annotations

import importlib.metadata
import platform
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numba

from crowdsim.bench.cases import write_case, write_warm_up
from crowdsim.bench.peers import PEERS, write_job
from crowdsim.bench.process import OWN_SOURCES, MeasuringProcess
from crowdsim.bench.ratios import Ratio, paired_ratio
from crowdsim.bench.workload import Workload
from crowdsim.errors import SimulationError

NS, MEGA = 1e9, 1e6

Watch = Callable[[int, str], None]
"""Told how many measurements are done, and what is being done."""

Measured = dict[str, Any]

CPU_FILE = Path("/proc/cpuinfo")


def measure_alone(work: Workload, repeats: int, watch: Watch) -> Measured:
    """Measure a workload a number of times; return the result as plain values."""
    with _Bench(work, watch) as bench:
        return describe(work, bench.in_turns([bench.ours()], repeats)[0])


def measure_with_peer(work: Workload, peer: str, version: str, repeats: int, watch: Watch) -> Measured:
    """Measure a workload in turns with a peer; return the result with the peer's figures added."""
    with _Bench(work, watch) as bench:
        ours, theirs = bench.in_turns([bench.ours(), bench.peer(peer)], repeats)
    rates = [[m["agent_steps"] / m["wall_s"] for m in side] for side in (ours, theirs)]
    return describe(work, ours) | {
        "peer": peer,
        "peer_version": version,
        "peer_agent_steps": theirs[0]["agent_steps"],
        "peer_wall_s_each": [m["wall_s"] for m in theirs],
        "peer_agent_steps_per_s": statistics.median(rates[1]),
        "peer_peak_rss_mb": _mega(max_of(theirs, "peak_rss_bytes")),
        **ratio_keys(paired_ratio(*rates)),
        "notes": list(PEERS[peer].notes),
    }


def measure_two(work: Workload, sources: Path, repeats: int, watch: Watch) -> tuple[Measured, Measured, Ratio]:
    """Measure a workload in turns on our sources and on others; return both results, and the ratio of times.

    Parameters
    ----------
    sources : the folder that holds the other crowdsim package.

    Returns
    -------
    Our result, the other's, and the ratio of the times an attendee-step takes, ours over the other's.
    """
    with _Bench(work, watch) as bench:
        other = bench.ours(sources)  # first: it is the one that may not be able to
        ours, theirs = bench.in_turns([bench.ours(), other], repeats)
    times = [[m["wall_s"] / m["agent_steps"] for m in side] for side in (ours, theirs)]
    return describe(work, ours), describe(work, theirs), paired_ratio(*times)


class _Bench(ExitStack):
    """A folder with the case's files, and the processes that measure it; all are gone at the end."""

    def __init__(self, work: Workload, watch: Watch) -> None:
        super().__init__()
        self._work, self._watch, self._done = work, watch, 0
        self._folder = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="crowdsim-bench-")))
        write_case(work, self._folder / "case")
        write_warm_up(work, self._folder / "warm_up")

    def ours(self, sources: Path = OWN_SOURCES) -> MeasuringProcess:
        """Return a process that measures the engine in `sources`."""
        job = {
            "engine": "crowdsim",
            "case": str(self._folder / "case"),
            "warm_up": str(self._folder / "warm_up"),
            "overrides": self._work.overrides(),
            "steps": self._work.steps,
        }
        environment = {}
        if self._work.threads:  # more than there are cores, too: results must not depend on it
            environment["NUMBA_NUM_THREADS"] = str(self._work.threads)
        if sources != OWN_SOURCES:  # compiled code of a folder that will be gone
            environment["NUMBA_CACHE_DIR"] = str(self._folder / "kernels")
        return self._started(job, sources, environment)

    def peer(self, name: str) -> MeasuringProcess:
        """Return a process that measures a peer."""
        return self._started(write_job(self._work, name, self._folder / "case"), OWN_SOURCES, {})

    def _started(self, job: Mapping[str, Any], sources: Path, environment: Mapping[str, str]) -> MeasuringProcess:
        process = MeasuringProcess(job, lambda text: self._watch(self._done, text), sources, environment)
        return self.enter_context(process)

    def in_turns(self, processes: Sequence[MeasuringProcess], repeats: int) -> list[list[Measured]]:
        """Measure a number of times with each process; who goes first changes from turn to turn."""
        results: list[list[Measured]] = [[] for _ in processes]
        for turn in range(repeats):
            order = range(len(processes))
            for k in order if turn % 2 == 0 else reversed(order):
                results[k].append(processes[k].measure())
                self._done += 1
        return results


def describe(work: Workload, measured: Sequence[Measured]) -> Measured:
    """Return the result of a workload's repeats: times are medians over the repeats.

    Raises
    ------
    SimulationError
        If the repeats ended with different positions: then they did not do the same.
    """
    first = measured[0]
    if len({m["sha256"] for m in measured}) > 1:
        msg = "the repeats of the same case ended with different positions: the engine is not deterministic"
        raise SimulationError(msg)
    walls = [m["wall_s"] for m in measured]
    wall, agent_steps, made = statistics.median(walls), first["agent_steps"], first["steps_made"]
    growth = first["rss_growth_bytes"]
    return {
        "case": work.case,
        "n": work.n,
        "movement": work.movement,
        "dt_s": first["dt_s"],
        "steps": work.steps,
        "steps_made": made,
        "threads": first["threads"],
        "seed": work.seed,
        "repeats": len(measured),
        "wall_s": wall,
        "wall_s_min": min(walls),
        "wall_s_max": max(walls),
        "wall_s_each": walls,
        "agent_steps": agent_steps,
        "agent_steps_per_s": agent_steps / wall,
        "ns_per_agent_step": wall / agent_steps * NS,
        "realtime_factor": made * first["dt_s"] / wall,
        "peak_rss_mb": _mega(max_of(measured, "peak_rss_bytes")),
        "state_bytes_per_attendee": first["state_bytes"] / work.n,
        "bytes_per_attendee": None if growth is None else growth / work.n,
        "attendees": first["attendees"],
        "sha256": first["sha256"],
        "crowdsim_version": importlib.metadata.version("crowdsim"),
        "python": platform.python_version(),
        "numba": numba.__version__,
        "cpu": cpu_name(),
    }


def ratio_keys(ratio: Ratio) -> Measured:
    """Return a ratio as plain values."""
    return {"ratio": ratio.median, "ratio_interval": [ratio.low, ratio.high]}


def max_of(measured: Sequence[Measured], key: str) -> int | None:
    """Return the highest of a figure that some systems do not tell."""
    return max((m[key] for m in measured if m[key] is not None), default=None)


def _mega(number: int | None) -> float | None:
    return None if number is None else number / MEGA


def cpu_name() -> str:
    """Return the processor's name, as far as the system tells."""
    try:
        lines = CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
