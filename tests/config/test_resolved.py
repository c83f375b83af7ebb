"""The configuration in a run folder gives the same scenario again."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.hall import add_entrance, make_hall
from crowdsim.config import bundled_scenarios, load_scenario, resolved_yaml
from crowdsim.scenario.arrival import CountRow, CountTable, Poisson, Pulses, RateRow, RateTable
from crowdsim.scenario.criteria import DensityExposureCriterion
from crowdsim.scenario.distributions import Constant, Lognormal, Normal, Uniform
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import venue_text
from crowdsim.scenario.group import AttendeeGroup, LateComers
from crowdsim.scenario.resolved import load_resolved
from crowdsim.scenario.schema import ScenarioConfig


def write(scenario: Scenario, folder) -> None:
    (folder / "config.yaml").write_text(resolved_yaml(scenario), encoding="utf-8")
    (folder / "venue.geojson").write_text(venue_text(scenario.features), encoding="utf-8")


def assert_same(again: Scenario, scenario: Scenario) -> None:
    renamed = dataclasses.replace(scenario.config, scenario=scenario.name, venue="venue.geojson")
    assert again.config == renamed
    assert again.features == scenario.features
    assert (again.name, again.choices) == (scenario.name, scenario.choices)


@pytest.mark.parametrize("name", sorted(bundled_scenarios()))
def test_bundled_scenarios_come_back_with_and_without_hydra(tmp_path, name):
    scenario = load_scenario(name, ["seed=77"])
    write(scenario, tmp_path)
    assert_same(load_scenario(tmp_path / "config.yaml"), scenario)
    assert_same(load_resolved(tmp_path, "config.yaml", "venue.geojson"), scenario)


def test_what_is_written_again_is_the_same_text(tmp_path):
    scenario = load_scenario("campus_open_day")
    write(scenario, tmp_path)
    assert resolved_yaml(load_scenario(tmp_path / "config.yaml")) == resolved_yaml(scenario)


def test_a_run_folders_configuration_takes_overrides(tmp_path):
    write(load_scenario("campus_open_day"), tmp_path)
    config = load_scenario(tmp_path / "config.yaml", ["seed=9", "doors.c_north.open=false"]).config
    assert (config.seed, config.doors["c_north"].open) == (9, False)


def test_a_criterion_left_out_stays_out(tmp_path):
    write(load_scenario("arena_egress", ["~criteria.exit_flow"]), tmp_path)
    assert "exit_flow" not in load_scenario(tmp_path / "config.yaml").config.criteria
    again = load_scenario(tmp_path / "config.yaml", ["criteria=standard"])
    assert "exit_flow" in again.config.criteria


positive = st.floats(1e-6, 1e6)
seconds = st.just(0.0) | positive
words = st.text(min_size=1, max_size=12) | st.sampled_from(
    [
        "${seed}",
        "\\${x}",
        "\\\\${a",
        "???",
        "null",
        "yes",
        "1e-3",
        "0120",
        "15:00",
        "2026-11-23",
        "~",
        " x ",
        "a: b",
        "\x85",
        "#",
    ]
)
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
durations = st.one_of(
    st.builds(Constant, distribution=st.just("constant"), value_s=seconds),
    st.builds(Uniform, distribution=st.just("uniform"), min_s=st.floats(0, 10), max_s=st.floats(10, 1e3)),
    st.builds(Normal, distribution=st.just("normal"), mean_s=seconds, sd_s=seconds),
    st.builds(Lognormal, distribution=st.just("lognormal"), median_s=positive, sigma=st.floats(0, 3)),
)
rows = st.lists(positive, min_size=1, max_size=4, unique=True).map(
    lambda times: tuple(RateRow(from_s=time, rate_per_min=1.0 + time) for time in sorted(times))
)
counts = st.lists(st.integers(1, 10**6), min_size=1, max_size=4).map(
    lambda given: tuple(CountRow(from_s=float(k), count=count) for k, count in enumerate(given))
)
arrivals = st.one_of(
    st.builds(Poisson, kind=st.just("poisson"), rate_per_min=positive, start_s=seconds),
    st.builds(RateTable, kind=st.just("table"), until_s=st.just(2e6), rows=rows, random=st.booleans()),
    st.builds(CountTable, kind=st.just("counts"), until_s=st.just(2e6), rows=counts, random=st.booleans()),
    st.builds(
        Pulses,
        kind=st.just("pulses"),
        over_s=positive,
        at_s=st.just((1.0, 3.5)),
        shares=st.just(()) | st.tuples(positive, seconds),
        delay=st.none() | durations,
    ),
    st.builds(Pulses, kind=st.just("pulses"), over_s=positive, every_s=st.floats(1e3, 1e6), until_s=positive),
)
late_comers = st.builds(LateComers, share=st.floats(1e-3, 1), by=durations)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    guests = AttendeeGroup(start="floor", count=draw(st.integers(1, 200)), pre_movement=draw(durations))
    late = AttendeeGroup(
        start=draw(st.just("gate") | st.builds(dict, gate=positive)),
        count=draw(st.integers(1, 10**7)),
        arrival=draw(arrivals),
        profile={"slow": 1.0},
        no_show=draw(st.floats(0, 0.99)),
        late=draw(st.none() | late_comers),
    )
    criterion = DensityExposureCriterion(
        quantity="density_exposure",
        above_per_m2=draw(positive),
        limit_s=draw(seconds),
        source=draw(words),
        level_of_evidence="literature",
    )
    return {
        "title": draw(words),
        "description": draw(words),
        "seed": draw(st.integers(0, 2**63 - 1)),
        "duration_s": draw(st.floats(1e-3, 6e5)),
        "grid_step_m": draw(st.none() | st.floats(0.05, 0.25)),
        "threads": draw(st.none() | st.integers(1, 1024)),
        "attendees": {"guests": guests, draw(keys.filter(lambda key: key != "guests")): late},
        "criteria": {draw(keys): criterion},
    }


@pytest.fixture(scope="module")
def hall_with_gate(tmp_path_factory):
    folder = make_hall(tmp_path_factory.mktemp("scenario"))
    add_entrance(folder)
    return load_scenario(folder)


@settings(max_examples=40)
@given(changes())
def test_any_configuration_comes_back_the_same(tmp_path_factory, hall_with_gate, changed):
    config: ScenarioConfig = dataclasses.replace(hall_with_gate.config, **changed)
    scenario = dataclasses.replace(hall_with_gate, config=config)
    folder = tmp_path_factory.mktemp("run")
    write(scenario, folder)
    assert_same(load_scenario(folder / "config.yaml"), scenario)
    assert_same(load_resolved(folder, "config.yaml", "venue.geojson"), scenario)
