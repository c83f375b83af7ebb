"""One-way doors that cannot be are told, with what would be right."""

import json

import pytest

from config.hall import make_hall, replace
from crowdsim import ScenarioError, load_scenario


def complaints(folder, *overrides):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, list(overrides))
    return str(caught.value)


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("doors.main.one_way=foyr", "'foyr', which the venue does not have; allowed: did you mean 'foyer'?"),
        ("doors.main.one_way=[20.15, 9]", "doors.main.one_way: found (20.15, 9), which is on the line of door 'main'"),
        ("doors.main.one_way=main", "found door 'main', which is not on one side of the line of door 'main'"),
        ("doors.main.one_way=[1]", "found 1 numbers; allowed: x and y, two numbers in metres"),
        ("doors.main.one_way=3", "found 3; allowed: the name of a feature, or x and y in metres"),
        ("exits.north.one_way=hall", "unknown key 'exits.north.one_way'"),
        ("interventions=[{at_s: 1, one_way: {north: hall}}]", "found exit 'north'; allowed: for one_way: only main"),
        ("interventions=[{at_s: 1, one_way: {main: hal}}]", "found 'hal', which the venue does not have"),
        ("interventions=[{at_s: 1, one_way: {main: [20.15, 0]}}]", "interventions.0.one_way.main: found (20.15, 0)"),
        ("interventions=[{at_s: 1, both_ways: man}]", "found 'man', which the venue does not have"),
        (
            "interventions=[{at_s: 1, both_ways: main, one_way: {main: hall}}]",
            "found 'main' under one_way and both_ways",
        ),
    ],
)
def test_what_cannot_be_one_way_is_told(tmp_path, override, complaint):
    assert complaint in complaints(make_hall(tmp_path), override)


def test_a_feature_on_both_sides_is_none_to_go_to(tmp_path):
    folder = make_hall(tmp_path)
    zone = "added={wide: {kind: zone, polygon: [[18, 5], [24, 5], [24, 7], [18, 7]]}}"
    told = complaints(folder, f"+{zone}", "doors.main.one_way=wide")
    assert "found zone 'wide', which is not on one side of the line of door 'main'" in told
    assert "or [x, y] of a point there" in told


@pytest.mark.parametrize("change", ["remove: stand", "move_m: {stand: [-6, 0]}"])
def test_a_feature_that_an_intervention_takes_elsewhere_is_none_to_go_to(tmp_path, change):
    """Else the door would turn round with it, or let people pass both ways."""
    stand = "+added={stand: {kind: obstacle, polygon: [[24, 5], [25, 5], [25, 6], [24, 6]]}}"
    later = f"interventions=[{{at_s: 5, {change}}}, {{at_s: 9, one_way: {{main: stand}}}}]"
    told = complaints(make_hall(tmp_path), stand, "doors.main.one_way=stand", later)
    assert told.count("found 'stand', which an intervention removes or moves; allowed: a feature that stays") == 2


def test_a_start_from_which_the_only_way_is_against_a_door_is_told_with_the_door(tmp_path):
    told = complaints(make_hall(tmp_path), "doors.main.one_way=hall")
    assert (
        "attendees 'guests': found no way from 'floor' to 'north' or 'south' but against the one-way door 'main'"
        in told
    )
    assert "another way there" in told


@pytest.mark.parametrize("value", ["foyer", [24.0, 6.0]])
def test_a_venue_file_can_say_it_and_the_scenario_can_say_otherwise(tmp_path, value):
    folder = make_hall(tmp_path)
    replace(folder / "venue.geojson", '"depth_m": 0.3}', f'"depth_m": 0.3, "one_way": {json.dumps(value)}}}')
    drawn = load_scenario(folder).config.doors["main"].one_way
    assert drawn == (tuple(value) if isinstance(value, list) else value)
    assert load_scenario(folder, ["doors.main.one_way=null"]).config.doors["main"].one_way is None
    assert load_scenario(folder, ["doors.main.one_way=north"]).config.doors["main"].one_way == "north"


@pytest.mark.parametrize("value", ["[1]", '["a", 2]', "true", "7", '""'])
def test_what_a_venue_file_cannot_say_is_told(tmp_path, value):
    folder = make_hall(tmp_path)
    replace(folder / "venue.geojson", '"depth_m": 0.3}', f'"depth_m": 0.3, "one_way": {value}}}')
    told = complaints(folder)
    assert "feature 'main': found one_way " in told
    assert "allowed: the name of a feature, or [x, y] of a point" in told
