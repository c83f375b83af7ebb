"""Levels in a scenario's two files: overriding them, and what is wrong with names and heights."""

import json

import pytest

from crowdsim import ScenarioError, load_scenario
from crowdsim.config import resolved_yaml
from crowdsim.scenario.geojson import venue_text

BOX = [[0, 0], [12, 0], [12, 10], [0, 10], [0, 0]]
FAR = [[x + 20, y] for x, y in BOX]


def feature(kind, name, coordinates, form="Polygon", **properties):
    geometry = {"type": form, "coordinates": [coordinates] if form == "Polygon" else coordinates}
    return {"type": "Feature", "properties": {"kind": kind, "name": name, **properties}, "geometry": geometry}


def stair(**properties):
    return {"level": "low", "to_level": "high", "width_m": 2.0, **properties}


FEATURES = {
    "floor": feature("walkable", "floor", BOX, level="low"),
    "roof": feature("walkable", "roof", FAR, level="high"),
    "stair": feature("stair", "stair", [[12, 5], [20, 5]], "LineString", **stair()),
    "start": feature("zone", "start", [[1, 1], [11, 1], [11, 9], [1, 9], [1, 1]], level="low"),
    "out": feature("exit", "out", [[32, 0], [32, 10]], "LineString", level="high"),
}
SCENARIO = """
title: two levels
duration_s: 300
levels:
  high: {elevation_m: 4.0}
  low: {elevation_m: 0.0}
attendees:
  people: {start: start, count: 20}
"""


def load(folder, *overrides, text=SCENARIO, **changes):
    features = [feature for feature in (FEATURES | changes).values() if feature]
    (folder / "scenario.yaml").write_text(text)
    (folder / "venue.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return load_scenario(folder, overrides)


def complaints(folder, *overrides, **changes):
    with pytest.raises(ScenarioError) as caught:
        load(folder, *overrides, **changes)
    return [f"{p.file}: {p.where}: {p.found}; {p.allowed}" for p in caught.value.problems]


def test_ways_between_levels_are_set_like_doors(tmp_path):
    config = load(tmp_path, "stairs.stair.width_m=1.5", "levels.high.elevation_m=3.5").config
    assert (config.stairs["stair"].width_m, config.stairs["stair"].open) == (1.5, True)
    assert config.levels["high"].elevation_m == 3.5


def test_a_closed_stair_is_no_way(tmp_path):
    assert any("no way from 'start'" in text for text in complaints(tmp_path, "stairs.stair.open=false"))


@pytest.mark.parametrize(
    ("properties", "complaint"),
    [
        ({"to_level": None}, "no to_level; for a stair: the name of the level at its upper end"),
        ({"width_m": None}, "no width_m; for a stair: a length above 0 in metres"),
        ({"level": 2}, "level 2; the name of a level, as under 'levels'"),
        ({"riser_m": 0.17}, "riser_m alone; both riser_m and tread_m, or neither"),
        ({"capacity": 8}, "property 'capacity'; for a feature of kind 'stair': kind, name, level, to_level"),
        ({"levle": "low"}, "property 'levle'; did you mean 'level'?"),
    ],
)
def test_mistakes_in_a_stair(tmp_path, properties, complaint):
    bad = feature("stair", "stair", [[12, 5], [20, 5]], "LineString", **(stair() | properties))
    assert any(complaint in text for text in complaints(tmp_path, stair=bad))


@pytest.mark.parametrize(
    ("kind", "properties", "complaint"),
    [
        ("escalator", {}, "no direction; for an escalator: 'up' or 'down'"),
        ("escalator", {"direction": "north"}, "direction 'north'; 'up' or 'down'"),
        ("escalator", {"direction": "up", "speed_m_s": 0}, "speed_m_s 0; a speed above 0 in m/s"),
        ("lift", {"ride_s": 20}, "no capacity; for a lift: how many people it takes"),
        ("lift", {"capacity": 8}, "no ride_s; for a lift: a time above 0 in seconds"),
        ("lift", {"capacity": 7.5, "ride_s": 20}, "capacity 7.5; how many people it takes, a whole number"),
    ],
)
def test_mistakes_in_escalators_and_lifts(tmp_path, kind, properties, complaint):
    bad = feature(kind, "way", [[12, 8], [20, 8]], "LineString", **(stair() | properties))
    assert any(complaint in text for text in complaints(tmp_path, way=bad))


def test_a_level_that_is_not_there_is_told_with_the_nearest_name(tmp_path):
    bad = feature("zone", "start", [[1, 1], [11, 1], [11, 9], [1, 9], [1, 1]], level="lwo")
    (text,) = complaints(tmp_path, start=bad)
    assert "level 'lwo' of zone 'start', which is not listed; did you mean 'low'?" in text


def test_a_feature_without_a_level_where_there_are_some_is_told(tmp_path):
    bad = feature("zone", "start", [[1, 1], [11, 1], [11, 9], [1, 9], [1, 1]])
    (text,) = complaints(tmp_path, start=bad)
    assert "no level for zone 'start'; a property 'level' for each: high, low" in text


def test_levels_that_are_not_listed_are_told_once(tmp_path):
    text = SCENARIO.replace("levels:\n  high: {elevation_m: 4.0}\n  low: {elevation_m: 0.0}\n", "")
    found = complaints(tmp_path, text=text)
    assert len(found) == 2
    assert "level 'low' of walkable 'floor', zone 'start', stair 'stair', which is not listed" in found[0]
    assert "entries such as 'ground: {elevation_m: 0}' under 'levels'" in found[1]


def test_a_stair_that_leads_down_is_told(tmp_path):
    (text,) = complaints(tmp_path, "levels.high.elevation_m=-4")
    assert "stair 'stair' from level 'low' (0 m) to 'high' (-4 m); a to_level above its level" in text


# ---------------------------------------------------------------- features placed by the scenario
BARRIER = feature("obstacle", "barrier", [[5, 4], [6, 4], [6, 6], [5, 6], [5, 4]], level="low")


def names(scenario):
    return {feature.name for feature in scenario.placed()}


def test_features_are_left_out_moved_and_added_by_overrides(tmp_path):
    scenario = load(tmp_path, "obstacles.barrier.enabled=false", barrier=BARRIER)
    assert "barrier" in {feature.name for feature in scenario.features}
    assert "barrier" not in names(scenario)
    moved = load(tmp_path, "obstacles.barrier.move_m=[1.5,-2]", barrier=BARRIER).named("obstacle")["barrier"]
    assert moved.polygons[0][0][0] == (6.5, 2.0)
    more = "added.kiosk={kind: obstacle, level: low, polygon: [[2, 2], [3, 2], [3, 3]]}"
    kiosk = load(tmp_path, more).named("obstacle")["kiosk"]
    assert kiosk.polygons[0][0] == ((2.0, 2.0), (3.0, 2.0), (3.0, 3.0), (2.0, 2.0))


def test_a_run_folder_repeats_what_was_placed(tmp_path):
    """The venue file there has what was added, and the configuration moves what was moved: once."""
    overrides = ["obstacles.barrier.move_m=[1,0]", "added.gate={kind: door, level: low, line: [[5, 0], [6, 0]]}"]
    scenario = load(tmp_path, *overrides, barrier=BARRIER)
    again = tmp_path / "again"
    again.mkdir()
    (again / "config.yaml").write_text(resolved_yaml(scenario))
    (again / "venue.geojson").write_text(venue_text(scenario.features))
    assert load_scenario(again / "config.yaml").placed() == scenario.placed()


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("obstacles.barier.enabled=false", "did you mean 'obstacles.barrier"),
        ("obstacles.barrier.enable=false", "did you mean 'obstacles.barrier.enabled'?"),
        ("obstacles.barrier.move_m=[1]", "1 numbers; x and y, two numbers in metres"),
        ("exits.out.enabled=false", "no open exit in the venue"),
        ("zones.start.enabled=false", "'start', which is not enabled"),
        ("added.barrier={kind: obstacle, level: low, polygon: [[0,0],[1,0],[1,1]]}", "which the venue file has too"),
        ("added.b={kind: obstacle, level: low}", "neither polygon nor line; one of the two"),
        ("added.b={kind: obstacl, level: low, polygon: [[0,0],[1,0],[1,1]]}", "did you mean 'obstacle'?"),
        ("interventions=[{at_s: 5, close: outt}]", "'outt', which the venue does not have; did you mean 'out'?"),
        ("interventions=[{at_s: 5, close: barrier}]", "obstacle 'barrier'; for close: "),
        ("interventions=[{at_s: 5, remove: start}]", "zone 'start'; for remove: "),
        ("interventions=[{at_s: 5}]", "nothing to do; at least one of open, close, add, remove"),
        ("interventions=[{at_s: 5, open: out, close: out}]", "'out' under open and close"),
        ("interventions=[{at_s: -5, open: out}]", "a number at least 0 (seconds)"),
        ("interventions=[{at_s: 5, width_m: {stair: 3}}]", "for width_m: "),
        ("interventions=[{at_s: 5, shut: out}]", "unknown key 'shut'"),
    ],
)
def test_mistakes_in_placing(tmp_path, override, complaint):
    found = complaints(tmp_path, override, barrier=BARRIER)
    assert any(complaint in text for text in found), found
