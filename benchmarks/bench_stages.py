"""How long each stage takes: `pytest benchmarks`; add `--benchmark-disable` for a smoke test."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scenes import area, hall, line, rectangle, scenario
from shapely import MultiPolygon, box

from crowdsim.model import CrowdModel
from crowdsim.model.warm_up import load_kernels
from crowdsim.navigation.fields import NODE_BYTES, Solver, build_fields, build_lattice
from crowdsim.navigation.grid import build_grid
from crowdsim.record import Recorder
from crowdsim.venue import build_venue

PAUSE_S = 0.05
"""Between two samples: long enough for encoding and writing 100,000 rows, and less than ten steps of them take."""


def open_case(count: int) -> CrowdModel:
    """One person a square metre, all heading for an exit that is the whole right wall."""
    side = count**0.5
    features = [
        area("room", "walkable", rectangle(0, 0, side, side)),
        area("crowd", "zone", rectangle(0, 0, side, side)),
        line("out", "exit", (side, 0), (side, side)),
    ]
    return CrowdModel(scenario(features, {"all": {"start": "crowd", "count": count}}, duration_s=3600.0))


def note(benchmark, count):
    """Add to the result what the median comes to for each attendee."""
    if benchmark.stats:
        benchmark.extra_info["ns_per_attendee_step"] = benchmark.stats["median"] / count * 1e9


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_model_step(benchmark, count):
    """The whole model step: decisions, navigation, movement, leaving; recording off."""
    model = open_case(count)
    load_kernels(model.setup.config.movement)
    benchmark.pedantic(model.step, rounds=20, iterations=1, warmup_rounds=2)
    note(benchmark, count)


def test_neighbour_sort(benchmark):
    """Sorting 10,000 attendees by cell."""
    model = open_case(10_000)
    benchmark(model.state.sorted_cells)
    note(benchmark, 10_000)


@pytest.mark.parametrize("side_m", [100, 300])
def test_distance_field(benchmark, side_m):
    """Computing one goal's field anew in an open hall: on 160,000 and 1.44 million nodes."""
    venue = build_venue(hall(side_m, side_m, 1, door=2.0))
    grid = build_grid(venue.walkable, 0.18, 0.25)
    solver = Solver(grid, build_lattice(grid))
    packed = np.empty((solver.lattice.up.size, NODE_BYTES), np.uint8)
    benchmark(solver.solve, venue.exits["out"].area, packed)
    if benchmark.stats:
        benchmark.extra_info["ns_per_node"] = benchmark.stats["median"] / grid.free.sum() * 1e9


def test_city_fields(benchmark):
    """Building four goals' fields at once over a square kilometre of city blocks, of which a third is street."""
    pitch, street = 1000 * 1.2 / 12.2, 1000 * 0.2 / 12.2
    corners = [(street + c * pitch, street + r * pitch) for r in range(10) for c in range(10)]
    blocks = [box(x, y, x + pitch - street, y + pitch - street) for x, y in corners]
    grid = build_grid(box(0, 0, 1000, 1000).difference(MultiPolygon(blocks)), 0.18, 0.25)
    goals = [box(k * pitch, k * pitch, k * pitch + street, k * pitch + street) for k in (1, 3, 5, 9)]
    benchmark.pedantic(build_fields, (grid, goals, 2), rounds=3, warmup_rounds=1)
    if benchmark.stats:
        benchmark.extra_info["s_per_100_goals"] = benchmark.stats["median"] / len(goals) * 100


def test_choice_of_exit(benchmark):
    """Setting off to the nearest exit, as attendees do at decisions."""
    model = open_case(1_000)
    rows, exits = model.state.inside, model.navigation.indices(["out"])
    benchmark(model.decisions.walk_to, rows, exits)
    note(benchmark, rows.size)


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_recorder(benchmark, tmp_path, count):
    """Taking in one sample, as the simulating thread does it; it waits where the disk or the encoding is slower."""
    model = open_case(count)
    with Recorder(tmp_path, 0.5) as recorder:
        benchmark.pedantic(recorder.sample, (model,), rounds=20, warmup_rounds=2, setup=lambda: time.sleep(PAUSE_S))
    note(benchmark, count)


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_recorder_to_disk(benchmark, tmp_path, count):
    """Recording one sample until it is on the disk: opening and closing the files included."""
    model = open_case(count)

    def record():
        with Recorder(tmp_path, 0.5) as recorder:
            recorder.sample(model)

    benchmark.pedantic(record, rounds=10, warmup_rounds=1)
    note(benchmark, count)
