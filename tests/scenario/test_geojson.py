"""Reading venue files: what a feature may be, and that every mistake in it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.scenario.feature import DOWN, GEOMETRIES, KINDS, LINKS, UP
from crowdsim.scenario.geojson import VenueFile, read_features, venue_text
from crowdsim.scenario.properties import DOOR_DEPTH_M

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]


def feature(kind: Any, name: Any, coordinates: Any, form: str = "Polygon", **properties: Any) -> dict[str, Any]:
    geometry = {"type": form, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"kind": kind, "name": name, **properties}, "geometry": geometry}


def door(name: Any = "door", points: Any = ((5, 0), (6, 0)), **properties: Any) -> dict[str, Any]:
    return feature("door", name, points, "LineString", **properties)


HALL = feature("walkable", "hall", [SQUARE])


def read(folder: Path, *features: Any) -> VenueFile:
    path = folder / "venue.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return read_features(path)


def test_a_door_has_its_width_from_its_line_and_the_standard_depth(tmp_path):
    venue = read(tmp_path, HALL, door())
    assert venue.problems == ()
    read_door = venue.features[1]
    assert (read_door.line_width_m, read_door.depth_m, read_door.open) == (1.0, DOOR_DEPTH_M, True)


def test_stated_width_depth_and_state_win(tmp_path):
    read_door = read(tmp_path, HALL, door(width_m=0.8, depth_m=0.5, open=False)).features[1]
    assert (read_door.line_width_m, read_door.depth_m, read_door.open) == (0.8, 0.5, False)


def test_heights_and_what_drawing_programs_add_are_passed_over(tmp_path):
    ring = [[x, y, 12.5] for x, y in SQUARE]
    hall = feature("walkable", "hall", [ring], fid=3, layer="plan", depth_m=None, width_m=None, open=None)
    venue = read(tmp_path, hall)
    assert venue.problems == ()
    assert venue.features[0].polygons == (((tuple((float(x), float(y)) for x, y in SQUARE)),),)


def test_several_polygons_with_holes_are_one_feature(tmp_path):
    hole = [[2, 2], [4, 2], [4, 4], [2, 2]]
    other = [[20, 0], [30, 0], [30, 10], [20, 0]]
    venue = read(tmp_path, feature("walkable", "halls", [[SQUARE, hole], [other]], "MultiPolygon"))
    assert venue.problems == ()
    assert [len(rings) for rings in venue.features[0].polygons] == [2, 1]


def queue(**properties):
    return feature("queue", "q", [SQUARE], **properties)


@pytest.mark.parametrize(
    ("bad", "found", "allowed"),
    [
        (door(kind_="x"), "property 'kind_'", "did you mean 'kind'?"),
        (door(width=1.0), "property 'width'", "did you mean 'width_m'?"),
        (door(width_m=-1), "width_m -1", "a length above 0 in metres"),
        (door(width_m="1"), "width_m '1'", "a length above 0 in metres"),
        (door(width_m=True), "width_m True", "a length above 0 in metres"),
        (door(depth_m=0), "depth_m 0", "a length above 0 in metres"),
        (door(open="no"), "open 'no'", "true or false"),
        (door(points=[[5, 0], [5, 0]]), "a line of 1 different points", "two points"),
        (door(points=[[5, 0], [6, 0], [7, 0]]), "a line of 3 different points", "two points"),
        (door(points=[[5, 0], [6]]), "point [6]", "[x, y] in metres"),
        (door(points=[[5, 0], [6, "0"]]), "point [6, '0']", "finite numbers"),
        (door(points=[[5, 0], [6, None]]), "point [6, None]", "finite numbers"),
        (door(points=None), "coordinates None", "a list of [x, y] points"),
        (door(name="north door"), "name 'north door'", "letters a to z, digits, _ and -"),
        (door(name="a.b"), "name 'a.b'", "letters a to z, digits, _ and -"),
        (door(name=None), "no name", "a name"),
        (door(name=7), "name 7", "a name"),
        (feature("dor", "d", [SQUARE]), "kind 'dor'", "did you mean 'door'?"),
        (feature(["door"], "d", [SQUARE]), "kind ['door']", "one of: walkable"),
        (feature(None, "d", [SQUARE]), "no kind", "one of: walkable"),
        (feature("door", "d", [SQUARE]), "geometry 'Polygon'", "for kind 'door': LineString"),
        (feature("zone", "z", [[0, 0], [1, 1]], "LineString"), "geometry 'LineString'", "Polygon"),
        (feature("zone", "z", [SQUARE], width_m=2), "property 'width_m'", "for a feature of kind 'zone': kind, name"),
        (feature("zone", "z", [SQUARE[:-1]]), "a ring of 4 points that is not closed", "the last the same"),
        (feature("zone", "z", [[[0, 0], [1, 1], [0, 0]]]), "a ring of 3 points", "at least four points"),
        (feature("zone", "z", []), "coordinates []", "a list of rings"),
        (feature("zone", "z", [[]]), "a ring of 0 points", "at least four points"),
        (feature("zone", " z", [SQUARE]), "name ' z'", "without spaces at its ends"),
        (feature("zone", "z\n", [SQUARE]), "name 'z\\n'", "printable text"),
        (feature("exit", "nearest", [SQUARE]), "name 'nearest'", "another name"),
        (feature("exit", "out", [SQUARE], width_m=2.0), "width_m on an area", "follows from its drawing"),
        (queue(head=[1]), "head [1]", "[x, y] in metres, at the corner of the area where people are served"),
        (queue(tail="left"), "tail 'left'", "[x, y] in metres, at the corner of the area where people join"),
        (queue(lane_width_m=0), "lane_width_m 0", "a length above 0 in metres"),
        (queue(lane_with_m=1), "property 'lane_with_m'", "did you mean 'lane_width_m'?"),
        (feature("queue", "q", [[0, 0], [1, 1]], "LineString", head=[0, 0]), "head on a line", "drawn from its head"),
        (feature("zone", "z", [SQUARE], head=[0, 0]), "property 'head'", "for a feature of kind 'zone': kind, name"),
        (feature("measurement_line", "m", [[0, 0], [0, 0]], "LineString"), "a line of 1 different points", "two"),
        ({"type": "Feature", "properties": {"kind": "zone", "name": "z"}, "geometry": None}, "no geometry", "Polygon"),
        ({"type": "Feature", "properties": None}, "{'properties': None, 'type': 'Feature'}", "a GeoJSON Feature"),
        ("zone", "'zone'", "a GeoJSON Feature"),
    ],
)
def test_a_bad_feature_is_told_and_left_out(tmp_path, bad, found, allowed):
    venue = read(tmp_path, HALL, bad)
    assert [f.name for f in venue.features] == ["hall"]
    assert len(venue.problems) == 1
    assert venue.problems[0].file == "venue.geojson"
    assert venue.problems[0].found == found
    assert allowed in venue.problems[0].allowed


def test_every_mistake_in_every_feature_is_told(tmp_path):
    venue = read(tmp_path, HALL, door("a", [[5, 0], [5, 0]], width_m=-1, opne=True), door("b c", open=3))
    assert [p.where for p in venue.problems] == ["feature 'a'"] * 3 + ["feature 'b c'"] * 2
    assert venue.broken == {"a", "b c"}


def test_names_must_differ_over_all_kinds_but_case_matters(tmp_path):
    zone = feature("zone", "hall", [SQUARE])
    venue = read(tmp_path, HALL, zone, feature("zone", "Hall", [SQUARE]), door("d"), door("d"), door("d"))
    assert [(p.where, p.found) for p in venue.problems] == [
        ("feature 'hall'", "2 features of this name"),
        ("feature 'd'", "3 features of this name"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ('{"type": "FeatureCollection",\n "features": [1,]}', "line 2, column 17", "a JSON syntax error"),
        ("", "line 1, column 1", "a JSON syntax error"),
        ("[]", "", "[]"),
        ('{"type": "Feature"}', "", "{'type': 'Feature'}"),
        ('{"type": "FeatureCollection", "features": {}}', "", "{'features': {}, 'type': 'FeatureCollection'}"),
        ('{"type": "FeatureCollection", "features": []}', "", "no walkable area"),
        ("[" * 100_000, "", "nested too deep"),
        ("[1" + "0" * 5000 + "]", "", "thousands of digits"),
    ],
)
def test_a_file_that_is_no_venue_is_one_problem(tmp_path, text, where, found):
    path = tmp_path / "venue.geojson"
    path.write_text(text, encoding="utf-8")
    venue = read_features(path)
    assert venue.features == ()
    assert len(venue.problems) == 1
    assert venue.problems[0].where == where
    assert found in venue.problems[0].found


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_coordinates_must_be_finite(tmp_path, number):
    path = tmp_path / "venue.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": [HALL]})
    path.write_text(text.replace("[10, 0]", f"[{number}, 0]"), encoding="utf-8")
    (problem,) = read_features(path).problems
    assert problem.where == "feature 'hall'"
    assert problem.allowed == "[x, y] in metres, finite numbers"


coordinate = st.floats(-1e4, 1e4)
points = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=6, unique=True)


@st.composite
def features(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=5))
    made = [HALL]
    for number, kind in enumerate(kinds):
        form = draw(st.sampled_from(GEOMETRIES[kind]))
        if form == "LineString":
            coordinates: Any = draw(points)[:2]
        else:
            ring = draw(points)
            coordinates = [[*ring, ring[0]]] if form == "Polygon" else [[[*ring, ring[0]]]]
        level = {"level": draw(st.sampled_from(["low", "high"]))} if draw(st.booleans()) else {}
        made.append(
            feature(
                kind, f"{kind}_{number}", coordinates, form, **level, **draw(way_settings(kind, form != "LineString"))
            )
        )
    return made


@st.composite
def way_settings(draw: st.DrawFn, kind: str, is_area: bool) -> dict[str, Any]:
    """Return the properties that ways between levels need, and some of the others; or those of a queue to be folded."""
    some = st.floats(0.1, 30)
    needed = {"to_level": st.just("top"), "width_m": some}
    needed |= {"escalator": {"direction": st.sampled_from([UP, DOWN])}}.get(kind, {})
    needed |= {"lift": {"capacity": st.integers(1, 30), "ride_s": some}}.get(kind, {})
    more = {
        "stair": {"riser_m": some, "tread_m": some},
        "escalator": {"speed_m_s": some},
        "lift": {"stop_s": some},
        "ramp": {"open": st.booleans()},
    }
    if kind == "queue" and is_area:
        corner = st.lists(coordinate, min_size=2, max_size=2)
        optional = {"head": corner, "tail": corner, "lane_width_m": some}
        return draw(st.fixed_dictionaries({}, optional=optional))
    if kind not in LINKS:
        return {}
    return draw(st.fixed_dictionaries(needed | (more[kind] if draw(st.booleans()) else {})))


@given(features())
def test_features_written_read_back_the_same(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("venue")
    venue = read(folder, *made)
    assert venue.problems == ()
    (folder / "again.geojson").write_text(venue_text(venue.features), encoding="utf-8")
    assert read_features(folder / "again.geojson").features == venue.features


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([*KINDS, "Feature", "Polygon"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "geometry", "coordinates", "kind", "name", "open"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.lists(anything, max_size=3))
def test_whatever_stands_in_a_venue_file_is_read_or_told(tmp_path_factory, made):
    venue = read(tmp_path_factory.mktemp("venue"), *made)
    assert venue.problems, "no walkable area was ever drawn"
    assert all(problem.found and problem.allowed for problem in venue.problems)


def test_geometries_of_one_part_are_read_as_that_part(tmp_path):
    ring = [[0, 0], [20, 0], [20, 10], [0, 10], [0, 0]]
    items = [
        feature("walkable", "hall", [[ring]], "MultiPolygon"),
        feature("exit", "out", [[[20, 4], [20, 6]]], "MultiLineString"),
        feature("measurement_area", "middle", [[ring]], "MultiPolygon"),
    ]
    venue = read(tmp_path, *items)
    assert not venue.problems
    assert venue.features[1].line == ((20.0, 4.0), (20.0, 6.0))
    two = read(tmp_path, items[0], feature("exit", "out", [[[20, 4], [20, 6]], [[0, 4], [0, 6]]], "MultiLineString"))
    assert "MultiLineString" in two.problems[0].found


@pytest.mark.parametrize("crs", [None, "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"])
def test_degrees_are_told(tmp_path, crs):
    ring = [[11.5, 48.1], [11.5003, 48.1], [11.5003, 48.1002], [11.5, 48.1002], [11.5, 48.1]]
    data = {"type": "FeatureCollection", "features": [feature("walkable", "hall", [ring])]}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": crs}}
    (tmp_path / "venue.geojson").write_text(json.dumps(data))
    (problem,) = read_features(tmp_path / "venue.geojson").problems
    assert "degrees" in problem.found or "longitude and latitude" in problem.found
    assert "crowdsim import venue.geojson" in problem.allowed
