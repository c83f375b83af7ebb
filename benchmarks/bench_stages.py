"""How long each stage takes: `pytest benchmarks`; add `--benchmark-disable` for a smoke test."""

from __future__ import annotations

import pytest
from scenes import area, hall, line, rectangle, scenario

from crowdsim.model import CrowdModel
from crowdsim.model.warm_up import load_kernels
from crowdsim.navigation.fields import direction_field, distance_field
from crowdsim.navigation.grid import build_grid
from crowdsim.record import Recorder
from crowdsim.venue import build_venue


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


def test_distance_field(benchmark):
    """One goal's field on a grid of 160,000 nodes."""
    venue = build_venue(hall(100, 100, 1, door=2.0))
    grid = build_grid(venue.walkable, 0.18, 0.25)
    benchmark(lambda: direction_field(distance_field(grid, venue.exits["out"].area), grid.step_m))
    if benchmark.stats:
        benchmark.extra_info["ns_per_node"] = benchmark.stats["median"] / grid.free.size * 1e9


def test_choice_of_exit(benchmark):
    """Setting off to the nearest exit, as attendees do at decisions."""
    model = open_case(1_000)
    rows, exits = model.state.inside, model.navigation.indices(["out"])
    benchmark(model.decisions.walk_to, rows, exits)
    note(benchmark, rows.size)


def test_recorder(benchmark, tmp_path):
    """Taking in one sample of 10,000 attendees, written to disk now and then."""
    model = open_case(10_000)
    with Recorder(tmp_path, 0.5) as recorder:
        benchmark(recorder.sample, model)
    note(benchmark, 10_000)
