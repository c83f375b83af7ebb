"""Loading scenarios: config groups, overrides, defaults, and where each mistake was made."""

from __future__ import annotations

import dataclasses

import pytest
from hydra import compose, initialize
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from config.hall import add_entrance, make_hall, replace
from crowdsim.config import bundled_scenarios, load_scenario
from crowdsim.config.load import GROUP_DEFAULTS, STANDARD_CHOICES
from crowdsim.config.paths import options
from crowdsim.errors import ScenarioError
from crowdsim.scenario.arrival import CountRow, CountTable, RateRow, RateTable
from crowdsim.scenario.distributions import Constant, Lognormal
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.resolved import GROUPS


@pytest.fixture
def hall(tmp_path):
    return make_hall(tmp_path)


def problems_of(source, *overrides):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(source, overrides)
    return caught.value.problems


def test_every_bundled_scenario_loads():
    assert set(bundled_scenarios()) == {
        "arena_concert",
        "arena_egress",
        "bidirectional_corridor",
        "bottleneck_lab",
        "campus_open_day",
        "exhibition_hall",
        "festival_ingress",
        "hermes_corridor",
        "night_alley",
        "pilgrim_bridge",
        "stadium_quadrant",
        "station_platform",
        "street_festival",
    }
    for name in bundled_scenarios():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert not scenario.config.venue.startswith("/")


def test_a_folder_its_file_and_another_file_in_it_are_sources(hall):
    (hall / "variant.yaml").write_text((hall / "scenario.yaml").read_text().replace("seed: 1 ", "seed: 5 "))
    assert load_scenario(hall) == load_scenario(str(hall / "scenario.yaml"))
    variant = load_scenario(hall / "variant.yaml")
    assert (variant.name, variant.config.seed) == ("hall", 5)


def test_the_working_folder_does_not_matter(hall, monkeypatch):
    there = load_scenario(hall).config
    monkeypatch.chdir(hall)
    here = load_scenario(".")
    assert here.config == there
    assert here.name == "hall"


def test_a_scenario_can_carry_its_name(hall):
    assert load_scenario(hall, ["scenario=spring_fair"]).name == "spring_fair"


def test_every_group_has_its_standard_option():
    assert tuple(STANDARD_CHOICES) == GROUPS
    assert all(option in options(group) for group, option in STANDARD_CHOICES.items())


def test_the_defaults_written_out_for_groups_are_those_of_the_schema():
    fields = {field.name for field in dataclasses.fields(AttendeeGroup)}
    assert set(GROUP_DEFAULTS) == fields - {"start"}


def test_values_in_the_scenario_win_over_the_group_and_keep_its_others(hall):
    replace(hall / "scenario.yaml", "criteria: ", "movement: {time_gap_s: 0.8}\ncriteria: ")
    standard, own = load_scenario(hall, ["movement=collision_free_speed"]), load_scenario(hall)
    assert own.config.movement == dataclasses.replace(standard.config.movement, time_gap_s=0.8)
    assert own.config.criteria["egress_time"].limit_s == 180.0
    assert own.config.criteria["exit_flow"].limit_per_m_s == 1.37


def test_a_group_chosen_on_the_command_line_drops_the_scenarios_values_for_it(hall):
    assert load_scenario(hall, ["criteria=standard"]).config.criteria["egress_time"].limit_s == 480.0


def test_overrides_win_over_all_in_their_order(hall):
    overrides = ["seed=2", "criteria=standard", "criteria.egress_time.limit_s=60", "seed=3"]
    config = load_scenario(hall, overrides).config
    assert (config.seed, config.criteria["egress_time"].limit_s) == (3, 60)


def test_doors_and_exits_can_be_set_though_the_scenario_does_not_name_them(hall):
    overrides = ["doors.main.width_m=1.5", "exits.north.open=false", "exits.south.width_m=1.2"]
    config = load_scenario(hall, overrides).config
    assert (config.doors["main"].width_m, config.doors["main"].open) == (1.5, True)
    assert (config.exits["north"].width_m, config.exits["north"].open) == (1.5, False)
    assert (config.exits["south"].width_m, config.exits["south"].open) == (1.2, True)


def test_doors_in_the_scenario_keep_what_it_does_not_say(hall):
    replace(hall / "scenario.yaml", "criteria: ", "doors: {main: {width_m: 1.1}}\ncriteria: ")
    replace(hall / "venue.geojson", '"depth_m": 0.3', '"depth_m": 0.3, "open": true')
    assert load_scenario(hall).config.doors["main"].width_m == 1.1
    assert load_scenario(hall).config.doors["main"].open


def test_another_venue_can_be_named(hall):
    text = (hall / "venue.geojson").read_text().replace('"main"', '"gate"')
    (hall / "other.geojson").write_text(text)
    scenario = load_scenario(hall, ["venue=other.geojson", "doors.gate.width_m=1.5"])
    assert scenario.config.venue == "other.geojson"
    assert scenario.config.doors["gate"].width_m == 1.5


ANY_KEY = [
    ("grid_step_m=0.2", lambda c: c.grid_step_m == 0.2),
    ("threads=2", lambda c: c.threads == 2),
    ("description='with spaces, and: more'", lambda c: c.description == "with spaces, and: more"),
    ("attendees.guests.profile=slow", lambda c: c.attendees["guests"].profile == "slow"),
    ("attendees.guests.itinerary.0.exit=north", lambda c: c.attendees["guests"].itinerary[0].exit == "north"),
    (
        "attendees.guests.itinerary=[{exit: [north, south]}]",
        lambda c: len(c.attendees["guests"].itinerary[0].exit) == 2,
    ),
    ("attendees.guests.pre_movement.median_s=20", lambda c: c.attendees["guests"].pre_movement.median_s == 20),
    (
        "attendees.guests.pre_movement={distribution: constant, value_s: 3}",
        lambda c: c.attendees["guests"].pre_movement == Constant(distribution="constant", value_s=3.0),
    ),
    ("profiles.adult.source=survey", lambda c: c.profiles["adult"].source == "survey"),
    ("criteria.egress_time.from_s=30", lambda c: c.criteria["egress_time"].from_s == 30),
    ("~criteria.exit_flow", lambda c: "exit_flow" not in c.criteria),
    ("+attendees.late={start: floor, count: 3}", lambda c: c.attendees["late"].count == 3),
    ("++attendees.guests.count=7", lambda c: c.attendees["guests"].count == 7),
    ("duration_s=${attendees.guests.count}", lambda c: c.duration_s == 120),
    ("movement={time_gap_s: 1.5}", lambda c: c.movement.time_gap_s == 1.5 and c.movement.step_s == 0.05),
]


@pytest.mark.parametrize(("override", "holds"), ANY_KEY, ids=[override for override, _ in ANY_KEY])
def test_any_key_can_be_overridden(hall, override, holds):
    assert holds(load_scenario(hall, [override]).config)


def test_a_distribution_can_be_changed_key_by_key(hall):
    key = "attendees.guests.pre_movement"
    config = load_scenario(hall, [f"{key}.value_s=4", f"{key}.distribution=constant"]).config
    assert config.attendees["guests"].pre_movement == Constant(distribution="constant", value_s=4.0)


def test_a_key_of_a_group_just_added_can_be_overridden(hall):
    config = load_scenario(hall, ["+attendees.late={start: floor, count: 3}", "attendees.late.count=4"]).config
    assert config.attendees["late"].count == 4


def test_an_optional_key_of_an_arrival_can_be_overridden():
    overrides = ["attendees.first.arrival={kind: poisson, rate_per_min: 10}", "attendees.first.arrival.start_s=60"]
    assert load_scenario("campus_open_day", overrides).config.attendees["first"].arrival.start_s == 60


def test_arrivals_from_a_file_become_rows(hall):
    add_entrance(hall)
    (hall / "rates.csv").write_text("from_s,rate_per_min\n0,10\n60,20\n")
    overrides = ["attendees.guests.start=gate", "attendees.guests.arrival={kind: table, file: rates.csv, until_s: 200}"]
    rows = (RateRow(from_s=0.0, rate_per_min=10.0), RateRow(from_s=60.0, rate_per_min=20.0))
    arrival = load_scenario(hall, overrides).config.attendees["guests"].arrival
    assert arrival == RateTable(kind="table", until_s=200.0, rows=rows, file=None)


def test_counts_from_a_file_need_no_count(hall):
    add_entrance(hall)
    (hall / "turnstile.csv").write_text("from_s,count\n0,10\n60,20\n")
    arrival = "{kind: counts, file: turnstile.csv, until_s: 120}"
    group = load_scenario(hall, [f"+attendees.more={{start: gate, arrival: {arrival}}}"]).config.attendees["more"]
    rows = (CountRow(from_s=0.0, count=10), CountRow(from_s=60.0, count=20))
    assert group.arrival == CountTable(kind="counts", until_s=120.0, rows=rows)
    assert group.count is None


def test_one_share_of_a_start_can_be_overridden(hall):
    add_entrance(hall)
    replace(hall / "scenario.yaml", "start: floor", "start: {floor: 1}")
    (problem,) = problems_of(hall, "+attendees.guests.start.gate=2")
    assert "no arrival times for entrance 'gate'" in problem.found
    overrides = ["attendees.guests.start.floor=2", "attendees.guests.no_show=0.1"]
    group = load_scenario(hall, overrides).config.attendees["guests"]
    assert group.start == {"floor": 2.0}
    assert group.no_show == 0.1


def test_the_schema_is_frozen_and_free_of_hydra(hall):
    scenario = load_scenario(hall, ["attendees.guests.pre_movement.median_s=20"])

    def visit(value):
        assert not OmegaConf.is_config(value)
        if dataclasses.is_dataclass(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, dataclasses.fields(value)[0].name, None)
            value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
            visit(item)

    visit(scenario.config)
    assert isinstance(scenario.config.attendees["guests"].pre_movement, Lognormal)


def test_hydra_is_left_as_it_was_found(hall, tmp_path):
    before = set(ConfigStore.instance().repo)
    assert not GlobalHydra.instance().is_initialized()
    load_scenario(hall)
    assert not GlobalHydra.instance().is_initialized()
    ConfigStore.instance().store(name="theirs", node={"x": 1})
    with initialize(version_base="1.3", config_path=None):
        load_scenario(hall, ["seed=3"])
        with pytest.raises(ScenarioError):
            load_scenario(hall, ["title=${nothing}"])
        assert compose("theirs").x == 1
    assert set(ConfigStore.instance().repo) == before | {"theirs.yaml"}


# ------------------------------------------------------------------------------------------------ mistakes
def test_problems_of_both_files_and_the_command_line_come_at_once(hall):
    replace(hall / "scenario.yaml", "count: 120", "count: -120")
    replace(hall / "scenario.yaml", "start: floor", "start: flor")
    replace(hall / "scenario.yaml", "duration_s: 300", "duratoin_s: 300")
    replace(hall / "scenario.yaml", "seed: 1 ", "defaults: [{profiles: standrad}]\nseed: 1 ")
    replace(hall / "venue.geojson", '"kind": "obstacle"', '"kind": "obstakle"')
    told = {(p.file, p.found) for p in problems_of(hall, "doors.mian.open=false", "threads=0", "seed=1,2", "a b")}
    assert told == {
        ("scenario.yaml", "-120"),
        ("scenario.yaml", "'flor', no zone or entrance"),
        ("scenario.yaml", "nothing"),
        ("scenario.yaml", "unknown key 'duratoin_s'"),
        ("scenario.yaml", "profiles=standrad"),
        ("venue.geojson", "kind 'obstakle'"),
        ("command line", "unknown key 'doors.mian.open'"),
        ("command line", "0"),
        ("command line", "several values"),
        ("command line", "an override that cannot be read (token recognition error at: ' ')"),
    }


def test_a_value_is_blamed_on_the_place_that_set_it(hall):
    replace(hall / "scenario.yaml", "count: 120", "count: 0")
    (in_file,) = problems_of(hall)
    assert (in_file.file, in_file.where) == ("scenario.yaml", "line 12: attendees.guests.count")
    (overridden,) = problems_of(hall, "attendees.guests.count=-1")
    assert (overridden.file, overridden.where) == ("command line", "'attendees.guests.count=-1'")


def test_a_mistake_that_an_override_mends_is_none(hall):
    replace(hall / "scenario.yaml", "title: A small hall", "title: ${nothing}")
    assert load_scenario(hall, ["title=Mended"]).config.title == "Mended"


def test_hydras_own_settings_are_no_keys_of_a_scenario(hall):
    replace(hall / "scenario.yaml", "criteria: ", "hydra: {run: {dir: elsewhere}}\ncriteria: ")
    (problem,) = problems_of(hall)
    assert problem.where == "line 18: hydra"


def test_resolved_is_true_or_false(hall):
    replace(hall / "scenario.yaml", "criteria: ", "resolved: 3\ncriteria: ")
    (problem,) = problems_of(hall)
    assert (problem.where, problem.found, problem.allowed) == ("line 18: resolved", "3", "true or false")


def test_names_of_features_with_mistakes_are_not_reported_as_missing(hall):
    replace(hall / "venue.geojson", "[4, 1], [18, 1]", '[4, "1"], [18, 1]')
    replace(hall / "venue.geojson", '"name": "main", "depth_m": 0.3', '"name": "main", "depth_m": -0.3')
    told = problems_of(hall, "doors.main.width_m=1.5")
    assert [(p.file, p.where) for p in told] == [
        ("venue.geojson", "feature 'main'"),
        ("venue.geojson", "feature 'floor'"),
    ]


def test_a_broken_venue_file_does_not_hide_the_scenarios_mistakes(hall):
    (hall / "venue.geojson").write_text("{")
    replace(hall / "scenario.yaml", "adult: 0.9", "adlut: 0.9")
    replace(hall / "scenario.yaml", "count: 120", "count: many")
    told = problems_of(hall, "doors.main.width_m=1.5")
    assert [p.file for p in told] == ["venue.geojson", "scenario.yaml"]


def test_a_source_that_cannot_be_used_is_one_problem(tmp_path):
    for source in ("arena_egres", tmp_path, "", "x" * 5000, "\0", tmp_path / "nothing.yaml", __file__):
        assert len(problems_of(source)) == 1
    assert "did you mean 'arena_egress'?" in problems_of("arena_egres")[0].allowed
