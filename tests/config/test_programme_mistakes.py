"""What is wrong with programmes, open itineraries, needs and zones is told, all at once, with what would be right."""

import json
from pathlib import Path

import pytest

from crowdsim import CrowdModel, ScenarioError, load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "programme.md"
RECTANGLES = {
    ("walkable", "ground"): (0, 0, 60, 40),
    ("obstacle", "stage"): (56, 12, 58, 28),
    ("zone", "floor"): (26, 4, 56, 36),
    ("zone", "foyer"): (4, 30, 16, 38),
}
LINES = {
    ("entrance", "gate"): ((0, 10), (0, 20)),
    ("exit", "out"): ((0, 2), (0, 8)),
    ("queue", "bar_line"): ((20, 38), (20, 32)),
    ("queue", "east_line"): ((20, 2), (20, 8)),
    ("queue", "west_line"): ((24, 2), (24, 8)),
}


def feature(kind, name, geometry, coordinates):
    properties = {"kind": kind, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": {"type": geometry, "coordinates": coordinates}}


@pytest.fixture
def folder(tmp_path):
    features = [
        feature(kind, name, "Polygon", [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]])
        for (kind, name), (x0, y0, x1, y1) in RECTANGLES.items()
    ] + [feature(kind, name, "LineString", points) for (kind, name), points in LINES.items()]
    (tmp_path / "venue.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    example = PAGE.read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "scenario.yaml").write_text(f"title: t\nduration_s: 7200\n{example}")
    return tmp_path


LEG = "attendees.guests.itinerary"
STAY = "{goal: foyer, dwell: {distribution: constant, value_s: 5}"


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        (f"{LEG}.0.event=suport", "found event 'suport'; allowed: did you mean 'support'?"),
        (f"{LEG}.1.probability=1.5", "found 1.5; allowed: a number at most 1"),
        (f"{LEG}.1.probability=-0.1", "found -0.1; allowed: a number at least 0"),
        (f"{LEG}.1.one_of.0.weight=0", "found 0; allowed: a number above 0"),
        (f"{LEG}.1.one_of.0.goal=flor", "found 'flor', no zone; allowed: did you mean 'floor'?"),
        (f"{LEG}.1.one_of=[{{service: bar}}]", "found one_of with a single leg; allowed: two legs or more"),
        (f"{LEG}.1.one_of=[{{service: bar}}, {{service: [east, wst]}}]", "found service 'wst'; allowed: did you mean"),
        (f"{LEG}.1.one_of=[{{service: bar, probability: 0.5}}, {STAY}}}]", "found a probability within one_of"),
        (f"{LEG}.0={{event: support, weight: 2}}", "found a weight beside one_of"),
        (f"{LEG}.0={{service: [east, east]}}", "found the same service twice; allowed: each service once"),
        (f"{LEG}=[{{exit: out}}, {STAY}}}, {{exit: out}}]", "an itinerary with no exit at its end, or one before"),
        (f"{LEG}.3={{exit: nearest, probability: 0.5}}", "found an exit at the end with a probability"),
        (f"{LEG}=[{{exit: nearest}}]", "found needs, and no stay in which they could come up"),
        ("attendees.guests.needs.toilet.service=wst", "found service 'wst'; allowed: did you mean 'west'?"),
        ("attendees.guests.needs.toilet.every={distribution: constant}", "key 'value_s' is required"),
        ("programme.support.zone=flor", "found 'flor', no zone; allowed: did you mean 'floor'?"),
        ("programme.headliner.until_s=100", "found until_s 100; allowed: above from_s (1500 s)"),
        ("zones.floor.towards=stge", "found 'stge', which the venue does not have; allowed: did you mean 'stage'?"),
        ("zones.floor.towards=[1, 2, 3]", "found 3 numbers; allowed: x and y, two numbers in metres"),
        ("zones.floor.towards=7", "the name of a feature, or x and y in metres"),
        ("zones.floor.spread_m=0", "found 0; allowed: a number above 0 (metres)"),
        ("zones.floor.capacity=0", "found 0; allowed: a whole number above 0"),
        ("zones.floor.capcity=9", "did you mean 'zones.floor.capacity'?"),
        ("obstacles.stage.enabled=false", "found 'stage', which is not enabled; allowed: a feature that is there"),
    ],
)
def test_mistakes_are_told(folder, override, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, [override])
    assert complaint in str(caught.value)


def test_all_mistakes_are_told_at_once(folder):
    mistakes = [f"{LEG}.0.event=suport", f"{LEG}.1.probability=2", "programme.support.zone=flor"]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, [*mistakes, "zones.floor.towards=stge"])
    assert len(caught.value.problems) == 4


def test_a_service_for_a_need_that_cannot_be_reached_is_told(folder):
    walls = {
        "kind": "obstacle",
        "polygon": [[18, 0], [26, 0], [26, 10], [25, 10], [25, 1], [19, 1], [19, 10], [18, 10]],
    }
    lid = {"kind": "obstacle", "polygon": [[18, 10], [26, 10], [26, 11], [18, 11]]}
    override = f"added={json.dumps({'walls': walls, 'lid': lid})}".replace('"', "")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, [override])
    assert "no way" in str(caught.value)
    assert "east_line" in str(caught.value)


def test_the_page_can_be_run(folder):
    scenario = load_scenario(folder, ["attendees.guests.count=40"])
    model = CrowdModel(scenario)
    while model.running and model.time_s < 30.0:
        model.step()
    assert model.entered_count > 0
    assert scenario.config.zones["floor"].capacity == 1500
