"""Where the time of a step goes, and how far that is from what the machine can do.

    python -m benchmarks.breakdown --sizes 1000 100000 1000000

Prints the time of each part of the default model's step in the open case, on one thread, the whole step on one and on
all threads, and the machine's memory bandwidth (a triad) and arithmetic speed (multiply-adds on sixteen numbers).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from rich.console import Console
from rich.table import Table

import crowdsim
from crowdsim import CrowdModel
from crowdsim.bench.cases import write_case
from crowdsim.bench.workload import Workload
from crowdsim.kernels.arrays import BLOCK
from crowdsim.kernels.cells import blocks_of
from crowdsim.kernels.collision_free_speed import turn_block
from crowdsim.kernels.following import measure_gaps, walk_on
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.lanes import LANES, fused, spread, total
from crowdsim.kernels.walking import find_ways, note_arrivals

REPEATS = 11
STEPS = 15
TRIAD_FLOATS = 20_000_000
"""160 MB for each of three arrays: far more than any cache holds."""

CHAINS = 10_000_000
"""Rounds of eight independent multiply-adds."""


GAPS = 3
"""Passes up to the measuring of gaps; the next one measures them itself."""


@kernel
def make_passes(crowd: Any, cells: Any, fields: Any, walls: Any, law: Any, step: float, passes: int) -> None:
    """Make the first passes of a step for everyone: ways; repulsions; gaps; walking, which measures gaps itself."""
    for block in range(blocks_of(cells)):
        first = block * BLOCK
        last = min(first + BLOCK, cells.order.size)
        if passes > 0:
            find_ways(crowd, cells, fields, walls, first, last)
        if passes > 1:
            turn_block(crowd, cells, walls, law, step, first, last)
        if passes == GAPS:
            measure_gaps(crowd, cells, walls, law.bodies, step, first, last)
        if passes > GAPS:
            walk_on(crowd, cells, walls, law.bodies, step, first, last)
            note_arrivals(crowd, cells, first, last)


@numba.njit(parallel=True)
def triad(a: Any, b: Any, c: Any) -> None:
    """Add arrays: 24 bytes a number over the memory bus."""
    for i in numba.prange(a.size):
        a[i] = b[i] + 3.0 * c[i]


@numba.njit
def chains(rounds: int, start: np.float32) -> np.float32:
    """Make eight independent chains of multiply-adds."""
    x = spread(start)
    a, b, c, d, e, f, g, h = x, x + x, x * x, x - x, x, x + x, x * x, x - x
    for _ in range(rounds):
        a = fused(a, x, x)
        b = fused(b, x, x)
        c = fused(c, x, x)
        d = fused(d, x, x)
        e = fused(e, x, x)
        f = fused(f, x, x)
        g = fused(g, x, x)
        h = fused(h, x, x)
    return total(a + b + c + d + e + f + g + h)


def time_of(function: Callable[[], Any]) -> float:
    """Return the time of a call [s]."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def median_time(function: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the median time of a call [s]."""
    return float(np.median([time_of(function) for _ in range(repeats)]))


def open_model(n: int) -> CrowdModel:
    """Return the open case after a second: by then people have found their distances."""
    with tempfile.TemporaryDirectory() as folder:
        work = Workload(case="open", n=n)
        write_case(work, Path(folder))
        model = CrowdModel(crowdsim.load_scenario(folder, work.overrides()))
    for _ in range(20):
        model.step()
    return model


def parts_of(model: CrowdModel) -> dict[str, float]:
    """Return the time of each part of a step, least of several, and of the whole, median [ns an attendee]."""
    state, stepper = model.state, model.stepper
    numba.set_num_threads(1)
    cells = state.sorted_cells()
    arguments = (cells, model.navigation.fields, model.navigation.walls, stepper._law, model.step_s)
    crowd = state.crowd.copy()
    before = crowd.copy()
    nano = 1e9 / state.present.size
    names = ("look up ways", "add up repulsions", "measure gaps", "walk")
    taken: dict[int, list[float]] = {passes: [] for passes in range(len(names) + 1)}
    for _ in range(REPEATS):  # in turns, so that all see the same minutes of the machine
        taken[0].append(time_of(state.sorted_cells))
        for passes in range(1, len(names) + 1):
            crowd[:] = before
            taken[passes].append(time_of(lambda p=passes: make_passes(crowd, *arguments, p)))
    least = [min(times) * nano for times in taken.values()]
    found = {"sort": least[0]} | dict(zip(names, np.diff([0.0, *least[1:]]).tolist(), strict=True))
    for threads in sorted({1, int(numba.config.NUMBA_NUM_THREADS)}):
        stepper.threads = threads
        steps = median_time(model.step, STEPS)
        found[f"whole step, {threads} thread{'s' * (threads > 1)}"] = steps * 1e9 / state.present.size
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    sizes = parser.parse_args().sizes
    open_model(1_000).step()
    columns = [parts_of(open_model(n)) for n in sizes]
    table = Table("ns an attendee-step", *(f"{n:,}" for n in sizes))
    for name in columns[0]:
        table.add_row(name, *(f"{column[name]:.0f}" for column in columns))
    console = Console()
    console.print(table)

    numba.set_num_threads(int(numba.config.NUMBA_NUM_THREADS))
    a, b, c = (np.ones(TRIAD_FLOATS) for _ in range(3))
    triad(a, b, c)
    console.print(f"triad, all threads: {24 * TRIAD_FLOATS / median_time(lambda: triad(a, b, c)) / 1e9:.1f} GB/s")
    chains(1, np.float32(0.5))
    flops = 8 * 2 * LANES * CHAINS / median_time(lambda: chains(CHAINS, np.float32(0.5)), 3)
    console.print(f"multiply-adds, one thread: {flops / 1e9:.0f} Gflop/s")


if __name__ == "__main__":
    main()
