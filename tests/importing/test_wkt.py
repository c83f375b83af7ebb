"""Well-known text: one geometry after another, and what is wrong with which."""

from __future__ import annotations

import pytest

from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.wkt import read_wkt

SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))"


def read(folder, text, **reading):
    path = folder / "plan.wkt"
    path.write_text(text, encoding="utf-8")
    return read_wkt(path, Reading(**reading), lambda done, total: None)


def test_polygons_are_walkable_with_their_holes(tmp_path):
    drawing = read(tmp_path, SQUARE)
    (shape,) = drawing.shapes
    assert shape.geometry.area == 96
    assert (shape.layer, shape.where) == ("walkable", "line 1")
    assert drawing.kinds == {"walkable": "walkable"}
    assert drawing.unit.startswith("metres")


def test_geometries_one_a_line_over_lines_and_in_collections(tmp_path):
    text = (
        "\n" + SQUARE + "\nGEOMETRYCOLLECTION (POINT (1 1),\n MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0))))\n\n"
        "LINESTRING Z (0 0 5, 1 1 5)\nPOLYGON EMPTY\n"
    )
    drawing = read(tmp_path, text)
    assert [(s.layer, s.where) for s in drawing.shapes] == [
        ("walkable", "line 2"),
        ("point", "line 3"),
        ("walkable", "line 3"),
        ("line", "line 6"),
    ]
    assert drawing.shapes[-1].geometry.wkt == "LINESTRING (0 0, 1 1)"
    assert [(d.count, d.why) for d in drawing.dropped] == [(1, "they are empty")]


def test_the_coordinate_system_is_that_of_the_srid_or_the_users(tmp_path):
    text = "SRID=25832;POLYGON ((691000.5 5334000.5, 691010.5 5334000.5, 691010.5 5334010.5, 691000.5 5334000.5))"
    drawing = read(tmp_path, text)
    assert drawing.shapes[0].geometry.bounds == pytest.approx((0.5, 0.5, 10.5, 10.5))
    assert "EPSG:25832" in drawing.unit
    degrees = "POLYGON ((11.57 48.13, 11.571 48.13, 11.571 48.131, 11.57 48.13))"
    assert read(tmp_path, degrees, crs="EPSG:4326").shapes[0].geometry.bounds[3] == pytest.approx(112, abs=1)
    assert read(tmp_path, SQUARE, unit_m=0.01).shapes[0].geometry.area == pytest.approx(0.0096)


def test_only_what_touches_the_box_is_taken(tmp_path):
    assert len(read(tmp_path, "POINT (1 1) POINT (9 9)", box=(0, 0, 5, 5)).shapes) == 1


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (SQUARE + "\nPOLYGON ((0 0, 1 x))", "line 2", "Expected number but encountered word"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0)", "line 1", "no well-known text"),
        ("hello", "line 1", "Unknown type: 'HELLO'"),
        (SQUARE + "\n\nCIRCLE (0 0)", "line 3", "Unknown type: 'CIRCLE'"),
        ("SRID=25832;POINT (1 1)\nSRID=4326;POINT (1 1)", "SRID", "several: EPSG:25832, EPSG:4326"),
        ("POINT (nan 1)", "line 1", ""),
        ("POINT EMPTY", "", "no geometry"),
        ("   \n", "", "no geometry"),
    ],
)
def test_broken_text_is_told_with_line_and_reason(tmp_path, text, where, found):
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert found in problem.found
