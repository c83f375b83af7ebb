"""Sobol' indices of a sweep beside a brute-force estimate that shares nothing with it: the table of docs/sweeps.md.

`python -m benchmarks.sobol_indices` takes a room that 60 people leave by one exit, and varies the exit's width, the
time gap and the median pre-movement time. `--samples 8 --strata 4 --inner 4 --outer 8` is for trying.

Brute force, with the same seed for all runs: a key's first-order index is the variance of the figure's mean over all
else, in strata of the key, over the whole variance, less what the means' own scatter adds. Its total index is the mean
of the variance that is left when all else is held.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.pool
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crowdsim.experiment.engines.choose import cores

ROOM = Path(__file__).parents[1] / "tests/experiment/room"
KEYS = {
    "exits.out.width_m": (0.8, 2.4),
    "movement.time_gap_s": (0.5, 1.5),
    "attendees.guests.pre_movement.median_s": (4.0, 16.0),
}
FIXED = ("duration_s=300", "output.plots=false", "threads=1")
LOW, HIGH = np.array(list(KEYS.values())).T
Four = tuple[float, float, float, float]
"""First-order index, half its interval; total index, half its interval."""

RESAMPLES = 2000
"""Bootstrap samples for the intervals."""


def egress_s(point: NDArray[np.float64]) -> float:
    """Return when the last one of a run is out [s]: the model alone, nothing recorded or measured."""
    from crowdsim import CrowdModel, load_scenario  # noqa: PLC0415

    model = CrowdModel(
        load_scenario(str(ROOM), [*FIXED, *(f"{k}={x!r}" for k, x in zip(KEYS, point.tolist(), strict=True))])
    )
    while model.running:
        model.step()
    return float(model.state.exit_s.max())


def interval(values: list[float]) -> float:
    """Return half the width of the middle 95 % of bootstrapped values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(high - low) / 2


def first_order(y: NDArray[np.float64], variance: float) -> float:
    """Return the index from figures in (strata, runs): the means' variance, less that of the runs over their number."""
    return float((y.mean(axis=1).var(ddof=1) - y.var(axis=1, ddof=1).mean() / y.shape[1]) / variance)


def by_brute_force(
    pool: multiprocessing.pool.Pool, strata: int, inner: int, outer: int, held: int
) -> tuple[dict[str, Four], int]:
    """Return first-order and total index of each key with half their intervals, and the number of runs."""
    rng = np.random.default_rng(2026)
    firsts, totals = [], []
    for k in range(len(KEYS)):
        points = rng.random((strata, inner, len(KEYS)))
        points[:, :, k] = ((np.arange(strata) + rng.random(strata)) / strata)[:, None]
        firsts.append(points)
        points = np.repeat(rng.random((outer, 1, len(KEYS))), held, axis=1)
        points[:, :, k] = rng.random((outer, held))
        totals.append(points)
    every = np.concatenate([p.reshape(-1, len(KEYS)) for p in (*firsts, *totals)])
    y = np.array(pool.map(egress_s, LOW + every * (HIGH - LOW), chunksize=8))
    parts = np.split(y, np.cumsum([p.shape[0] * p.shape[1] for p in (*firsts, *totals)])[:-1])
    variance = float(np.concatenate(parts[: len(KEYS)]).var(ddof=1))
    found = {}
    for k, key in enumerate(KEYS):
        one, rest = parts[k].reshape(strata, inner), parts[len(KEYS) + k].reshape(outer, held)
        left = rest.var(axis=1, ddof=1) / variance
        first_half = interval([first_order(one[:, rng.integers(0, inner, inner)], variance) for _ in range(RESAMPLES)])
        total_half = interval([float(left[rng.integers(0, outer, outer)].mean()) for _ in range(RESAMPLES)])
        found[key] = (first_order(one, variance), first_half, float(left.mean()), total_half)
    return found, y.size


def by_sweep(folder: Path, samples: int, processes: int) -> dict[str, Four]:
    """Return the same of `crowdsim sweep --design saltelli`."""
    varied = [f"{key}=interval({low},{high})" for key, (low, high) in KEYS.items()]
    asked = ["--design", "saltelli", "--samples", str(samples), "--figure", "egress_time_s", "--out", str(folder)]
    command = [sys.executable, "-m", "crowdsim", "sweep", str(ROOM), *FIXED, *varied, *asked, "--force"]
    subprocess.run([*command, f"hydra.launcher.n_jobs={processes}"], check=True)
    told = json.loads((folder / "indices.json").read_text(encoding="utf-8"))["egress_time_s"]
    return {one["key"]: (one["first"], one["first_half"], one["total"], one["total_half"]) for one in told}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=256, help="of the sweep's design")
    parser.add_argument("--strata", type=int, default=32)
    parser.add_argument("--inner", type=int, default=16, help="runs a stratum")
    parser.add_argument("--outer", type=int, default=120, help="points at which all but one key are held")
    parser.add_argument("--held", type=int, default=4, help="runs at each of them")
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--out", type=Path, default=Path("outputs/sobol_indices"), help="the sweep folder")
    wanted = parser.parse_args()
    began = time.perf_counter()
    swept = by_sweep(wanted.out, wanted.samples, wanted.processes)
    between = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(wanted.processes) as pool:
        found, runs = by_brute_force(pool, wanted.strata, wanted.inner, wanted.outer, wanted.held)
    print("| key | first order, sweep | first order, brute force | total, sweep | total, brute force |")
    print("| --- | --- | --- | --- | --- |")
    for key in KEYS:
        (s1, h1, st, ht), (b1, g1, bt, gt) = swept[key], found[key]
        print(f"| `{key}` | {s1:.2f} ± {h1:.2f} | {b1:.2f} ± {g1:.2f} | {st:.2f} ± {ht:.2f} | {bt:.2f} ± {gt:.2f} |")
    print(f"sweep: {wanted.samples * (len(KEYS) + 2)} runs, {between - began:.0f} s;", end=" ")
    print(f"brute force: {runs} runs, {time.perf_counter() - between:.0f} s")


if __name__ == "__main__":
    main()
