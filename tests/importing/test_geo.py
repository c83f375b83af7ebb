"""GeoJSON: whichever coordinates it has, and what its properties say of its shapes."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.geo import read_geojson

HALL = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HERE = (11.57, 48.13)
DEGREE_M = 111_200


def square(x: float, y: float, size: float) -> list:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(coordinates, form="Polygon", **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": form, "coordinates": coordinates}}


def write(folder, *features, **rest):
    path = folder / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **rest, "features": features}), encoding="utf-8")
    return path


def read(path, **reading):
    return read_geojson(path, Reading(**reading), lambda done, total: None)


def problems(path, **reading):
    with pytest.raises(ScenarioError) as caught:
        read(path, **reading)
    return caught.value.problems


def test_degrees_become_metres(tmp_path):
    drawing = read(write(tmp_path, feature([square(*HERE, 0.001)], layer="plaza", name="Markt")))
    (shape,) = drawing.shapes
    assert shape.geometry.bounds[3] == pytest.approx(0.001 * DEGREE_M, abs=1.5)
    assert (shape.layer, shape.name, shape.where) == ("plaza", "Markt", "feature number 1 (line 1)")
    assert "+proj=tmerc" in drawing.unit
    assert drawing.kinds == {}


def test_a_stated_system_and_one_that_the_user_tells(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    grid = square(691_000.5, 5_334_000.5, 20)
    of_file = read(write(tmp_path, feature([grid]), crs=crs))
    assert of_file.shapes[0].geometry.bounds == pytest.approx((0.5, 0.5, 20.5, 20.5))
    of_user = read(write(tmp_path, feature([grid])), crs="EPSG:25832")
    assert of_user.shapes[0].geometry.equals(of_file.shapes[0].geometry)
    crs84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert "+proj=tmerc" in read(write(tmp_path, feature([square(*HERE, 0.001)]), crs=crs84)).unit


def test_a_venue_file_stays_as_it_is_with_all_that_it_says(tmp_path):
    door = feature([[5, 0], [6, 0]], "LineString", kind="door", name="main", width_m=0.9, open=False, level="ground")
    drawing = read(write(tmp_path, feature([HALL], kind="walkable", name="hall"), door))
    hall, main = drawing.shapes
    assert list(hall.geometry.exterior.coords) == [tuple(map(float, point)) for point in HALL]
    assert (main.layer, main.name, main.level, dict(main.settings)) == (
        "door",
        "main",
        "ground",
        {"width_m": 0.9, "open": False},
    )
    assert drawing.kinds == {"walkable": "walkable", "door": "door"}
    assert drawing.unit.startswith("metres")


def test_a_venue_drawn_in_degrees_is_projected(tmp_path):
    drawing = read(write(tmp_path, feature([square(*HERE, 0.001)], kind="walkable", name="hall")))
    assert drawing.shapes[0].geometry.area > 1000


def test_values_that_are_no_degrees_need_a_word(tmp_path):
    path = write(tmp_path, feature([square(691_000, 5_334_000, 20)], layer="a"))
    (problem,) = problems(path)
    assert "--crs" in problem.allowed
    assert read(path, unit_m=0.01).shapes[0].geometry.area == pytest.approx(0.04)


def test_kinds_beside_other_shapes_could_be_metres_or_degrees(tmp_path):
    path = write(tmp_path, feature([HALL], kind="walkable", name="hall"), feature([HALL]))
    (problem,) = problems(path)
    assert "1 shapes with a kind and 1 without" in problem.found
    assert len(read(path, unit_m=1).shapes) == 2


def test_collections_and_parts_are_taken_apart_and_empty_features_counted(tmp_path):
    collection = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 1, 9]}]}
    many = feature([[square(0, 0, 0.1)], [square(1, 1, 0.1)]], "MultiPolygon")
    path = write(
        tmp_path, many, {"type": "Feature", "properties": None, "geometry": collection}, feature([[0, 0]], "MultiPoint")
    )
    nothing = {"type": "Feature", "properties": {}, "geometry": None}
    assert [s.layer for s in read(path).shapes] == ["polygon", "polygon", "point", "point"]
    drawing = read(write(tmp_path, many, nothing))
    assert [(d.count, d.why) for d in drawing.dropped] == [(1, "they have no geometry")]
    assert all(not shape.geometry.has_z for shape in drawing.shapes)


def test_only_what_touches_the_box_is_taken(tmp_path):
    path = write(tmp_path, feature([square(0, 0, 0.01)], name="a"), feature([square(1, 1, 0.01)], name="b"))
    assert [shape.name for shape in read(path, box=(0.5, 0.5, 2, 2)).shapes] == ["b"]


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}',
    ],
)
def test_a_single_feature_or_geometry_is_a_file_too(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    assert len(read(path).shapes) == 1


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ('{"type": "FeatureCollection", "features": [\n{"type": "Feature" 1}]}', "line 2", "syntax error"),
        ('{"type": "FeatureCollection", "features": [', "line 1", "syntax error"),
        ('{"type": "FeatureCollection", "features": []}', "", "no feature with a geometry"),
        ('{"type": "Topology", "arcs": []}', "", "an object of type 'Topology'"),
        ('{"type": "FeatureCollection", "features": [7]}', "feature number 1 (line 1)", "7"),
    ],
)
def test_each_mistake_is_told_with_its_place(tmp_path, text, where, found):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    (problem,) = problems(path)
    assert problem.where == where
    assert found in problem.found


@pytest.mark.parametrize(
    ("item", "rest", "where", "found"),
    [
        (feature("x"), {}, "feature number 1 (line 1)", "geometry"),
        (feature([[0, float("nan")]] * 2, "LineString"), {}, "feature number 1 (line 1)", "finite"),
        (feature([HALL]), {"crs": {"type": "link"}}, "crs", "link"),
        (feature([HALL]), {"crs": {"properties": {"name": "no"}}}, "coordinate system", "no"),
    ],
)
def test_each_mistake_of_a_feature_or_system_is_told(tmp_path, item, rest, where, found):
    (problem,) = problems(write(tmp_path, item, **rest))
    assert problem.where == where
    assert found in problem.found


def test_all_broken_features_are_told_at_once(tmp_path):
    found = problems(write(tmp_path, feature([HALL]), feature("x"), feature([1], "Nothing")))
    assert [problem.where for problem in found] == ["feature number 2 (line 1)", "feature number 3 (line 1)"]


def test_the_text_of_a_large_file_is_never_held_as_a_whole(tmp_path):
    path = tmp_path / "large.geojson"
    one = json.dumps(feature([[[x / 1000, 1] for x in range(20)] + [[0, 0], [0, 1]]], note="x" * 20_000))
    with path.open("w") as file:
        file.write('{"type": "FeatureCollection", "features": [' + ",\n".join([one] * 1500) + "]}")
    tracemalloc.start()
    drawing = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(drawing.shapes) == 1500
    assert peak < path.stat().st_size / 2
