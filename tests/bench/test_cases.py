"""The cases: what they hold, that everyone stays accounted for, and that threads change nothing."""

import json

import numpy as np
import pytest
import shapely

from crowdsim import CrowdModel, load_scenario
from crowdsim.bench.cases import CASES, write_case, write_warm_up
from crowdsim.bench.measuring import digest, measure, positions
from crowdsim.bench.workload import Workload
from crowdsim.venue import build_venue


def load(folder, case, n, **settings):
    work = Workload(case, n, **settings)
    write_case(work, folder)
    return load_scenario(folder, work.overrides())


def quiet(text):
    pass


@pytest.mark.parametrize("case", CASES)
def test_threads_change_no_bit(tmp_path, case):
    one, two = (measure(load(tmp_path / str(k), case, 600, threads=k), 5, quiet) for k in (1, 2))
    assert (one["threads"], two["threads"]) == (1, 2)
    assert one["sha256"] == two["sha256"]
    assert one["agent_steps"] == two["agent_steps"] == 5 * 600
    assert one["steps_made"] == 5


def test_another_seed_gives_other_positions(tmp_path):
    first, second = (measure(load(tmp_path / str(k), "open", 100, seed=k), 1, quiet) for k in (1, 2))
    assert first["sha256"] != second["sha256"]


def test_everyone_in_the_city_stays_accounted_for(tmp_path):
    model = CrowdModel(load(tmp_path, "city", 300))
    walkable = model.venue.walkable
    shapely.prepare(walkable)
    for _ in range(400):
        model.step()
        assert model.entered_count == 300 == model.exited_count + model.inside_count
    ids, places = positions(model)
    assert ids.size == model.inside_count < 300
    assert shapely.contains_xy(walkable, *places.T).all()


def test_the_city_has_fifty_goals_and_all_are_somebodys(tmp_path):
    scenario = load(tmp_path, "city", 88_000)
    legs = [leg for group in scenario.config.attendees.values() for leg in group.itinerary]
    zones = {leg.goal for leg in legs if hasattr(leg, "goal")}
    exits = {name for leg in legs if hasattr(leg, "exit") for name in leg.exit}
    assert (len(zones), len(exits)) == (30, 20)
    assert sum(group.count for group in scenario.config.attendees.values()) == 88_000
    venue = build_venue(scenario)
    streets = venue.zones["everywhere"]
    assert len(streets.interiors) == 100
    assert 88_000 / streets.area == pytest.approx(0.5)
    assert venue.exits["west_0"].width_m == pytest.approx(12.0, abs=0.1)
    assert len(set(map(len, (group.itinerary for group in scenario.config.attendees.values())))) == 3


@pytest.mark.parametrize(("case", "density", "width"), [("open", 1.0, 20.0), ("bottleneck", 2.0, 2.0)])
def test_rooms_are_as_described(tmp_path, case, density, width):
    venue = build_venue(load(tmp_path, case, 400))
    room = venue.walkable.difference(venue.exits["out"].area)
    assert 400 / room.area == pytest.approx(density)
    assert venue.exits["out"].width_m == pytest.approx(width)


def test_a_case_ends_when_everyone_has_left(tmp_path):
    measured = measure(load(tmp_path, "open", 100), 2000, quiet)
    assert measured["steps_made"] < 2000
    assert measured["attendees"] == {"planned": 100, "entered": 100, "exited": 100, "inside": 0}
    assert measured["sha256"] == digest(np.empty(0, np.int64), np.empty((0, 2)))


def test_the_warm_up_calls_what_the_cases_call(tmp_path):
    write_warm_up(Workload(), tmp_path)
    scenario = load_scenario(tmp_path, Workload().overrides())
    assert len(scenario.named("exit")) == 2
    values = json.loads((tmp_path / "venue.geojson").read_text())
    assert {feature["properties"]["kind"] for feature in values["features"]} == {"walkable", "zone", "exit"}
