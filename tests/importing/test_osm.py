"""OpenStreetMap extracts: what is walkable, what stands on it, and what is left out and told."""

from __future__ import annotations

import sys

import osmium
import pytest
import shapely

from crowdsim.errors import MissingExtraError, ScenarioError
from crowdsim.importing import osm
from crowdsim.importing.drawing import Drawing, Reading
from crowdsim.importing.osm import read_osm
from crowdsim.importing.osm_shapes import slug
from crowdsim.importing.osm_tags import KINDS, WIDTHS_M, Left, Taken, judge_area, judge_line, length_m
from importing.maps import METRES, Map

HALL = (0.0, 0.0, 200.0, 100.0)


def read(path, box=None) -> Drawing:
    return read_osm(path, Reading(box=box), lambda done, total: None)


def on(drawing: Drawing, layer: str):
    return shapely.union_all([shape.geometry for shape in drawing.shapes if shape.layer == layer])


def dropped(drawing: Drawing, word: str) -> int:
    return sum(item.count for item in drawing.dropped if word in item.what)


def degrees(x0, y0, x1, y1):
    return (*METRES.transform(x0, y0), *METRES.transform(x1, y1))


def test_a_street_is_as_wide_as_stated_else_as_the_table_says(tmp_path):
    town = Map()
    town.way((10, 50), (110, 50), highway="residential", width="7.5")
    town.way((10, 80), (110, 80), highway="footway")
    drawing = read(town.write(tmp_path, HALL))
    caps = {width: 3.1 * (width / 2) ** 2 for width in (7.5, 2.5)}
    assert on(drawing, "street").area == pytest.approx(100 * 7.5 + caps[7.5], rel=0.01)
    assert on(drawing, "footway").area == pytest.approx(100 * WIDTHS_M["footway"] + caps[2.5], rel=0.01)
    assert drawing.kinds == {"street": "walkable", "footway": "walkable"}


def test_coordinates_are_metres_from_the_south_west_corner(tmp_path):
    town = Map()
    town.area(20, 30, 60, 70, place="square")
    drawing = read(town.write(tmp_path, HALL))
    assert on(drawing, "square").bounds == pytest.approx((20, 30, 60, 70), abs=1.2)
    assert on(drawing, "square").area == pytest.approx(1600, rel=1e-3)
    assert "+proj=tmerc" in drawing.unit


def test_squares_with_holes_and_parks_are_walkable_and_buildings_on_them_are_not(tmp_path):
    town = Map()
    outer, inner = town.area(0, 0, 100, 100), town.area(40, 40, 60, 60)
    town.multipolygon(outer, inner, highway="pedestrian")
    town.area(110, 0, 150, 40, leisure="park")
    town.area(10, 10, 20, 20, building="yes")
    town.area(160, 60, 170, 70, building="yes")
    drawing = read(town.write(tmp_path, HALL))
    assert on(drawing, "square").area == pytest.approx(10_000 - 400, rel=2e-3)
    assert on(drawing, "park").area == pytest.approx(1600, rel=2e-3)
    assert on(drawing, "building").area == pytest.approx(100, rel=1e-2)
    assert dropped(drawing, "parts of kind building") == 1


def test_a_passage_leads_through_its_building(tmp_path):
    town = Map()
    town.way((10, 50), (30, 50), highway="footway")
    town.way((30, 50), (50, 50), highway="footway", tunnel="building_passage")
    town.way((50, 50), (80, 50), highway="footway")
    town.area(30, 40, 50, 60, building="yes")
    drawing = read(town.write(tmp_path, HALL))
    free = shapely.difference(on(drawing, "footway"), on(drawing, "building"))
    assert free.geom_type == "Polygon"
    assert free.area == pytest.approx(on(drawing, "footway").area)


def test_a_gate_opens_its_wall_and_a_locked_one_is_closed(tmp_path):
    town = Map()
    town.area(0, 0, 100, 80, place="square")
    town.way((0, 40), (30, 40), (60, 40), (100, 40), barrier="wall", width="0.4")
    town.node((30, 40), barrier="gate", width="1.8")
    town.node((60, 40), barrier="gate", locked="yes")
    town.node((50, 20), barrier="bollard")
    town.node((90, 70), barrier="gate")
    drawing = read(town.write(tmp_path, HALL))
    gates = [shape for shape in drawing.shapes if shape.layer == "gate"]
    assert [gate.geometry.length for gate in gates] == pytest.approx([1.8, 2.0], abs=0.01)
    assert [gate.settings["open"] for gate in gates] == [True, False]
    assert all(gate.settings["depth_m"] > 0.4 for gate in gates)
    assert on(drawing, "barrier").covers(gates[0].geometry.centroid)
    assert on(drawing, "barrier").area == pytest.approx(100 * 0.4, rel=0.02)
    assert dropped(drawing, "gates") == 1
    assert drawing.kinds["gate"] == "door"


def test_ways_that_cross_the_box_have_an_exit_each_named_by_the_street(tmp_path):
    town = Map()
    town.way((-50, 50), (250, 50), highway="residential", width="6", name="Königsstraße")
    town.way((100, -50), (100, 90), highway="footway", width="3")
    drawing = read(town.write(tmp_path), box=degrees(*HALL))
    exits = {shape.name: shape.geometry for shape in drawing.shapes if shape.layer == "exit"}
    assert sorted(exits) == ["exit_1", "konigsstrasse_1", "konigsstrasse_2"]
    assert exits["konigsstrasse_1"].length == pytest.approx(6, abs=0.1)
    assert exits["exit_1"].length == pytest.approx(3, abs=0.1)
    ground = shapely.union_all([on(drawing, "street"), on(drawing, "footway")])
    assert all(shapely.buffer(ground, 0.01).covers(line) for line in exits.values())
    assert ground.bounds[2] - ground.bounds[0] == pytest.approx(200, abs=0.5)


def test_a_way_whose_points_are_missing_goes_straight_on_to_the_edge(tmp_path):
    town = Map()
    town.way((20, 50), (150, 50), (250, 50), highway="residential", name="Ring")
    town.missing.add((250, 50))
    drawing = read(town.write(tmp_path, HALL))
    assert [shape.name for shape in drawing.shapes if shape.layer == "exit"] == ["ring_1"]
    assert on(drawing, "street").bounds[2] > 199
    assert dropped(drawing, "beyond the edge") == 1


def test_only_the_box_is_taken(tmp_path):
    town = Map()
    town.area(10, 10, 50, 50, place="square")
    town.area(1000, 1000, 1100, 1100, place="square")
    town.area(1000, 1000, 1010, 1010, building="roof")
    drawing = read(town.write(tmp_path), box=degrees(0, 0, 100, 100))
    assert on(drawing, "square").area == pytest.approx(1600, rel=2e-3)
    assert drawing.dropped == ()


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway", "layer": "1", "bridge": "yes"},
        {"highway": "footway", "tunnel": "yes"},
        {"highway": "steps", "indoor": "yes"},
        {"highway": "motorway"},
        {"highway": "primary"},
        {"highway": "secondary", "sidewalk": "no"},
        {"highway": "cycleway"},
        {"highway": "footway", "access": "private"},
        {"highway": "residential", "foot": "no"},
        {"barrier": "kerb"},
    ],
)
def test_what_is_left_out_is_counted(tmp_path, tags):
    town = Map()
    town.area(0, 0, 100, 80, place="square")
    town.way((10, 10), (20, 10), **tags)
    (left,) = read(town.write(tmp_path, HALL)).dropped
    assert left.count == 1
    assert left.why


@pytest.mark.parametrize(
    ("tags", "layer", "width_m"),
    [
        ({"highway": "footway"}, "footway", 2.5),
        ({"highway": "footway", "footway": "crossing"}, "footway", 4.0),
        ({"highway": "cycleway", "foot": "designated"}, "footway", 2.0),
        ({"highway": "footway", "access": "no", "foot": "yes"}, "footway", 2.5),
        ({"highway": "living_street"}, "street", 4.75),
        ({"highway": "residential", "sidewalk": "both"}, "street", 5.55 + 5.0),
        ({"highway": "secondary_link", "sidewalk": "left"}, "road", 6.5 + 2.5),
        ({"highway": "primary", "foot": "yes"}, "road", 6.5),
        ({"highway": "steps", "width": "3 m"}, "steps", 3.0),
        ({"barrier": "hedge"}, "barrier", 1.0),
        ({"railway": "platform"}, "platform", 2.5),
    ],
)
def test_lines_that_are_taken(tags, layer, width_m):
    assert judge_line(tags) == Taken(layer, pytest.approx(width_m))
    assert layer in KINDS


def test_areas_are_judged_by_what_people_may_do_there():
    assert judge_area({"amenity": "marketplace"}) == Taken("square")
    assert judge_area({"leisure": "park"}) == Taken("park")
    assert isinstance(judge_area({"leisure": "park", "access": "private"}), Left)
    assert isinstance(judge_area({"leisure": "garden"}), Left)
    assert isinstance(judge_area({"building": "yes", "building:min_level": "2"}), Left)
    assert judge_area({"landuse": "grass"}) is None


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("3", 3),
        ("3.5 m", 3.5),
        ("2,5", 2.5),
        ("10 ft", 3.048),
        ("6'6\"", 1.9812),
        ("wide", None),
        ("3;4", None),
        ("0", None),
    ],
)
def test_widths_as_mappers_write_them(text, metres):
    assert length_m(text) == (None if metres is None else pytest.approx(metres))


def test_names_become_ones_that_exits_can_have():
    assert slug("Königsstraße 2") == "konigsstrasse_2"
    assert slug("42nd Street") == "exit_42nd_street"
    assert slug("улица Ленина") == ""


def test_pbf_says_the_same_as_xml_and_large_files_use_the_disk(tmp_path, monkeypatch):
    town = Map()
    town.area(10, 10, 50, 50, place="square", name="Markt")
    town.way((0, 30), (190, 30), highway="residential")
    xml = town.write(tmp_path, HALL)
    pbf = tmp_path / "map.osm.pbf"
    with osmium.SimpleWriter(str(pbf), header=osmium.io.Reader(str(xml)).header()) as writer:
        for item in osmium.FileProcessor(str(xml)):
            writer.add(item)
    of_xml = read(xml)
    monkeypatch.setattr(osm, "ON_DISK_BYTES", 1)
    of_pbf = read(pbf)
    assert [shape.geometry.wkt for shape in of_pbf.shapes] == [shape.geometry.wkt for shape in of_xml.shapes]


def test_progress_ends_at_its_total(tmp_path):
    town = Map()
    town.area(10, 10, 50, 50, place="square")
    told: list[tuple[int, int]] = []
    read_osm(town.write(tmp_path), Reading(), lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_map_without_ways_is_a_problem(tmp_path):
    town = Map()
    town.area(10, 10, 50, 50, building="yes")
    with pytest.raises(ScenarioError, match="nothing that people can walk on"):
        read(town.write(tmp_path))


@pytest.mark.parametrize("box", [(1, 2, 0, 3), (0, 0, 500, 1), (0, 50, 1, 95)])
def test_a_box_that_is_none_is_a_problem(tmp_path, box):
    town = Map()
    town.area(10, 10, 50, 50, place="square")
    with pytest.raises(ScenarioError, match=r"west,south,east,north"):
        read(town.write(tmp_path), box=box)


def test_without_osmium_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(MissingExtraError, match=r"crowdsim\[maps\]"):
        read(tmp_path / "map.osm")
