"""What is wrong with services is told, all at once, with what would be right."""

import json

import pytest

from crowdsim import ScenarioError, load_scenario


def feature(kind, name, geometry, *points):
    coordinates = [[list(point) for point in points]] if geometry == "Polygon" else [list(point) for point in points]
    properties = {"kind": kind, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": {"type": geometry, "coordinates": coordinates}}


@pytest.fixture
def folder(tmp_path):
    features = [
        feature("walkable", "hall", "Polygon", (0, 0), (20, 0), (20, 10), (0, 10), (0, 0)),
        feature("zone", "floor", "Polygon", (1, 1), (8, 1), (8, 9), (1, 9), (1, 1)),
        feature("exit", "out", "LineString", (20, 4), (20, 6)),
        feature("queue", "line", "LineString", (15, 3), (10, 3)),
        feature("queue", "other", "LineString", (15, 7), (10, 7)),
        feature("counter", "front", "LineString", (16, 2), (16, 4)),
    ]
    (tmp_path / "venue.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (tmp_path / "scenario.yaml").write_text(
        "title: t\nduration_s: 60\nattendees:\n"
        "  all: {start: floor, count: 5, itinerary: [{service: bar}, {exit: out}]}\n"
        "services:\n  bar: {queues: line, time: {distribution: constant, value_s: 5}}\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("services.bar.queues=lin", "found 'lin', no queue; allowed: did you mean 'line'?"),
        ("services.bar.counter=fron", "found 'fron', no counter; allowed: did you mean 'front'?"),
        ("services.bar.servers=3", "found 3 servers and no counter; allowed: a counter along which they stand"),
        ("services.bar.servers=0", "a whole number above 0"),
        ("services.bar.spacing_m=0.1", "found 0.1; allowed: a number"),
        ("services.bar.queues=[line,line]", "found the same queue twice"),
        ("services.bar.open=[{from_s: 10, until_s: 5}]", "found until_s 5; allowed: above from_s (10 s)"),
        ("services.bar.open=[{from_s: 10}, {from_s: 20}]", "found from_s 20; allowed: hours in order"),
        (
            "services.bar.out_of_service={other: [{from_s: 1}]}",
            "found out_of_service 'other'; allowed: one of its queues",
        ),
        ("services.bar.time={distribution: exponential}", "key 'mean_s' is required"),
        ("services.bar.time={distribution: empirical, values_s: []}", "values_s"),
        ("+services.two={queues: line, time: {distribution: constant, value_s: 5}}", "of service 'bar' too"),
        ("queues.line.enabled=false", "queue 'line', which is not enabled"),
        ("queues.line.move_m=[20, 0]", "5.00 m outside"),
        ("attendees.all.itinerary.0.service=bear", "found service 'bear'; allowed: did you mean 'bar'?"),
    ],
)
def test_mistakes_are_told(folder, override, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, [override])
    assert complaint in str(caught.value)


def test_what_is_right_is_taken(folder):
    scenario = load_scenario(folder, ["services.bar.queues=[line,other]", "queues.other.move_m=[0, 1]"])
    assert scenario.config.services["bar"].queues == ("line", "other")
    assert scenario.named("queue")["other"].line[0] == (15, 8)
