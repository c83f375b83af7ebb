"""Building models: rooms, doors, stairs and storeys as a venue, and files that are none."""

from __future__ import annotations

import json
import math
import sys

import pytest
import yaml
from shapely import box

from crowdsim.cli import app
from crowdsim.config import load_scenario
from crowdsim.errors import MissingExtraError, ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.ifc import EXIT, ROOMS, read_ifc
from crowdsim.importing.ifc_meshes import BROKE_OFF, Meshes
from crowdsim.importing.ifc_open import level_name
from crowdsim.importing.mapping import kinds_of_layers
from crowdsim.importing.understand import understand
from crowdsim.scenario.feature import Scenario
from crowdsim.venue.build import build_venue
from importing.buildings import Building, two_storeys

MILLIMETRE = 2e-3
"""Plans are rounded to a millimetre, in both directions."""


def read(path, **reading):
    return read_ifc(path, Reading(**reading), lambda done, total: None)


def of(drawing, layer):
    return [shape for shape in drawing.shapes if shape.layer == layer]


def left(drawing):
    return {(d.what, d.why): d.count for d in drawing.dropped}


def problem_of(path, **reading):
    with pytest.raises(ScenarioError) as caught:
        read(path, **reading)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    return problem


def one_room(**more):
    made = Building(**more)
    storey = made.storey("Ground", 0.0)
    made.room(storey, "Hall", (0, 0, 0), (10, 10, 3))
    return made, storey


# ---------------------------------------------------------------- what is taken
@pytest.mark.parametrize(
    ("schema", "scale", "prefix"), [("IFC2X3", 1.0, None), ("IFC4", 1000.0, "MILLI"), ("IFC4X3", 1.0, None)]
)
def test_rooms_doors_and_stairs_are_found_in_any_schema_and_unit(tmp_path, schema, scale, prefix):
    drawing = read(two_storeys(schema, scale, prefix).write(tmp_path))
    assert drawing.elevations_m == {"ground_floor": 0.0, "level_1_og": 3.0}
    rooms = {shape.name: shape for shape in of(drawing, ROOMS)}
    floors = {shape.name: shape for shape in of(drawing, "IfcSpace")}
    assert set(floors) == {f"{name} floor" for name in rooms}
    expected = {"Hall": box(0, 0, 10, 10), "Office": box(10.2, 0, 16, 10), "Gallery": box(0, 0, 10, 10)}
    for name, area in expected.items():
        assert floors[f"{name} floor"].geometry.symmetric_difference(area).area < MILLIMETRE * area.length
        assert area.buffer(MILLIMETRE).covers(rooms[name].geometry)
    assert rooms["Office"].geometry.area == pytest.approx(58.0 - 2.0, abs=0.01)  # less the table
    assert {name: room.level for name, room in rooms.items()} == {
        "Hall": "ground_floor",
        "Office": "ground_floor",
        "Gallery": "level_1_og",
    }
    (table,) = of(drawing, "IfcFurnishingElement")
    assert table.geometry.bounds == pytest.approx((12, 2, 14, 3), abs=MILLIMETRE)
    (door,) = of(drawing, "IfcDoor")
    assert door.name == "Office door"
    assert sorted(door.geometry.coords)[0] == pytest.approx((10.1, 4.0), abs=MILLIMETRE)
    assert door.geometry.length == pytest.approx(1.0, abs=MILLIMETRE)
    assert door.settings["depth_m"] == pytest.approx(0.22, abs=MILLIMETRE)  # the wall, and a centimetre on both sides
    (out,) = of(drawing, EXIT)
    assert (out.name, out.geometry.length) == ("Main entrance", pytest.approx(2.0, abs=MILLIMETRE))
    (stair,) = of(drawing, "IfcStair")
    assert stair.geometry.coords[0] == pytest.approx((2.0, 1.6), abs=MILLIMETRE)
    assert stair.geometry.coords[-1] == pytest.approx((2.0 + 14 * 0.28, 1.6), abs=MILLIMETRE)
    assert stair.settings["to_level"] == "level_1_og"
    assert stair.settings["width_m"] == pytest.approx(1.2, abs=MILLIMETRE)
    assert stair.settings["riser_m"] == pytest.approx(0.2, abs=MILLIMETRE)
    assert stair.settings["tread_m"] == pytest.approx(0.28, abs=MILLIMETRE)
    assert f"0, 0 is {10 * scale:g}, {20 * scale:g} in the file" in drawing.unit
    assert left(drawing) == {("IfcWall", "they are not on the floor at the height of a body"): 2}


def test_what_was_imported_is_a_venue_in_which_every_room_has_a_way_out(tmp_path, monkeypatch, capsys):
    path = two_storeys().write(tmp_path)
    monkeypatch.setattr("sys.argv", ["crowdsim", "import", str(path), "--out", str(tmp_path / "house"), "--json"])
    with pytest.raises(SystemExit) as stop:
        app.main()
    assert stop.value.code == 0
    assert {entry["kind"] for entry in json.loads(capsys.readouterr().out)["understood"]} == {
        "walkable",
        "zone",
        "obstacle",
        "door",
        "exit",
        "stair",
    }
    scenario = tmp_path / "house" / "scenario.yaml"
    assert yaml.safe_load(scenario.read_text())["levels"] == {
        "ground_floor": {"elevation_m": 0.0},
        "level_1_og": {"elevation_m": 3.0},
    }
    assert "set its height" not in scenario.read_text()
    loaded = load_scenario(tmp_path / "house", ["attendees.visitors.start=Gallery"])
    assert isinstance(loaded, Scenario)
    venue = build_venue(loaded)
    hall, office = (
        next(part for part in getattr(venue.walkable, "geoms", [venue.walkable]) if part.contains(box(*at).centroid))
        for at in ((8, 5, 9, 6), (11, 5, 12, 6))
    )
    assert hall.equals(office)  # the door joins them


def test_a_closed_door_keeps_rooms_apart(tmp_path):
    drawing = read(two_storeys().write(tmp_path))
    kinds, problems = kinds_of_layers(drawing, {}, "model")
    assert not problems
    features, account = understand(drawing, kinds)
    assert not [entry for entry in account.dropped if entry.what not in ("IfcWall",)]
    assert {feature.name for feature in features if feature.kind == "door"} == {"Office_door"}


def test_walls_and_columns_within_rooms_are_obstacles_at_the_height_of_a_body(tmp_path):
    made, storey = one_room()
    made.put(storey, "IfcColumn", "Column", (2, 2, 0), (2.4, 2.4, 3))
    made.put(storey, "IfcWall", "Partition", (5, 0, 0), (5.1, 6, 3))
    made.put(storey, "IfcWall", "Above the heads", (7, 0, 2.2), (7.1, 6, 3))
    made.put(storey, "IfcWall", "Kerb", (8, 0, 0), (8.1, 6, 0.1))
    drawing = read(made.write(tmp_path))
    areas = {shape.name: shape.geometry.bounds for shape in drawing.shapes if shape.layer not in ("IfcSpace", ROOMS)}
    assert areas == {
        "Column": pytest.approx((2, 2, 2.4, 2.4), abs=MILLIMETRE),
        "Partition": pytest.approx((5, 0, 5.1, 6), abs=MILLIMETRE),
    }
    assert left(drawing)["IfcWall", "they are not on the floor at the height of a body"] == 2


def test_a_wall_with_a_door_in_it_leaves_the_doors_width_free_and_a_window_does_not(tmp_path):
    made, storey = one_room()
    wall = made.put(storey, "IfcWall", "Partition", (5, 0, 0), (5.2, 10, 3))
    made.opening(wall, (5, 2, 0), (5.2, 3, 2.1))
    made.opening(wall, (5, 6, 0.9), (5.2, 8, 2.1))
    drawing = read(made.write(tmp_path))
    parts = sorted(shape.geometry.bounds for shape in of(drawing, "IfcWall"))
    assert parts == [
        pytest.approx((5, 0, 5.2, 2), abs=MILLIMETRE),
        pytest.approx((5, 3, 5.2, 10), abs=MILLIMETRE),
    ]
    (way,) = of(drawing, "IfcOpeningElement")
    assert way.geometry.length == pytest.approx(1.0, abs=MILLIMETRE)
    assert left(drawing)["IfcOpeningElement", "they are not for walking through"] == 1


def test_a_tall_column_stands_on_every_storey_that_it_goes_through(tmp_path):
    made, ground = one_room()
    upper = made.storey("Upper", 3.5)
    made.room(upper, "Loft", (0, 0, 3.5), (10, 10, 6))
    made.put(ground, "IfcColumn", "Column", (2, 2, 0), (3, 3, 6))
    assert {shape.level for shape in of(read(made.write(tmp_path)), "IfcColumn")} == {"ground", "upper"}


@pytest.mark.parametrize(("external", "exits"), [(True, 1), (None, 1), (False, 0)])
def test_a_door_with_a_room_on_one_side_is_an_exit_unless_it_is_said_to_be_inside(tmp_path, external, exits):
    made, storey = one_room()
    wall = made.put(storey, "IfcWall", "Outer", (10, 0, 0), (10.3, 10, 3))
    made.door(storey, wall, "Shaft", (10, 4, 0), (10.3, 5, 2.1), external=external)
    made.door(storey, wall, "Cat flap", (10, 7, 0), (10.3, 7.3, 0.4))
    drawing = read(made.write(tmp_path))
    assert len(of(drawing, EXIT)) == exits
    told = left(drawing)
    assert told["IfcDoor", "they are narrower than 0.5 m"] == 1
    assert told.get(("IfcDoor", "a room on one side only, and not said to be external"), 0) == 1 - exits


def test_doors_in_turned_walls_are_as_wide_as_they_are(tmp_path):
    made, storey = one_room()
    made.room(storey, "Other", (0, 10.3, 0), (10, 20, 3))
    turn = math.radians(30)
    for entity in made.model.by_type("IfcSpace"):
        x, y = 0.0, 0.0 if entity.Name == "Hall" else 10.3
        made.place(entity, math.cos(turn) * x - math.sin(turn) * y, math.sin(turn) * x + math.cos(turn) * y, 0.0, turn)
    door = made.put(storey, "IfcDoor", "Door", (0, 0, 0), (0.9, 0.1, 2.1))
    x, y = 4.0, 10.1
    made.place(door, math.cos(turn) * x - math.sin(turn) * y, math.sin(turn) * x + math.cos(turn) * y, 0.0, turn)
    (way,) = of(read(made.write(tmp_path)), "IfcDoor")
    assert way.geometry.length == pytest.approx(0.9, abs=MILLIMETRE)
    assert way.settings["depth_m"] == pytest.approx(0.32, abs=MILLIMETRE)


def test_without_rooms_slabs_are_the_floor(tmp_path):
    made = Building()
    storey = made.storey("Deck", 2.0)
    slab = made.put(storey, "IfcSlab", "Slab", (0, 0, 1.8), (10, 10, 2))
    slab.PredefinedType = "FLOOR"
    roof = made.put(storey, "IfcSlab", "Roof", (0, 0, 5), (10, 10, 5.2))
    roof.PredefinedType = "ROOF"
    made.put(storey, "IfcWall", "Wall", (5, 0, 2), (5.2, 10, 5))
    drawing = read(made.write(tmp_path))
    (floor,) = of(drawing, "IfcSlab")
    assert floor.geometry.area == pytest.approx(100, abs=MILLIMETRE * 40)
    assert len(of(drawing, "IfcWall")) == 1
    assert drawing.elevations_m == {"deck": 2.0}


def test_storeys_are_told_apart_by_where_they_are_or_by_what_is_stated(tmp_path):
    made = Building()
    low, high = made.storey("Low", 0.0, z=0.0), made.storey("High", 4.0, z=0.0)
    made.room(low, "A", (0, 0, 0), (10, 10, 3))
    made.room(high, "B", (0, 0, 4), (10, 10, 7))
    made.put(high, "IfcColumn", "Column", (2, 2, 4), (3, 3, 7))
    drawing = read(made.write(tmp_path))
    assert drawing.elevations_m == {"low": 0.0, "high": 4.0}
    assert [shape.level for shape in of(drawing, "IfcColumn")] == ["high"]


def test_names_of_levels_are_ones_that_a_scenario_takes():
    taken = set()
    for name in ("1. Öbergeschoß", "1. Öbergeschoß", "地下", "", "Level 2 (+3.10)"):
        taken.add(level_name(name, taken))
    assert taken == {"level_1_obergeschoss", "level_1_obergeschoss_2", "level", "level_2", "level_2_3_10"}


# ---------------------------------------------------------------- stairs that are not clear, and other things
def stair_in(made, storey, **measures):
    given = {"foot": (1.0, 1.0, 0.0), "steps": 14, "riser": 0.2, "tread": 0.28, "width": 1.2, **measures}
    made.stair(storey, "Stair", **given)


@pytest.mark.parametrize(
    ("measures", "why"),
    [
        ({"steps": 2}, "fewer than 3 steps"),
        ({"steps": 8}, "they do not lead from one storey's floor to another's"),
        ({"foot": (7.0, 1.0, 0.0)}, "no floor at their upper end"),
        ({"foot": (-1.5, 1.0, 0.0)}, "no floor at their lower end"),
        ({"tread": 0.1, "steps": 14, "width": 3.0}, "they are too steep"),
    ],
)
def test_stairs_that_are_not_clear_are_left_out_with_the_reason(tmp_path, measures, why):
    made, storey = one_room()
    made.room(made.storey("Upper", 3.0), "Loft", (0, 0, 3), (10, 10, 6))
    stair_in(made, storey, **measures)
    drawing = read(made.write(tmp_path))
    assert not of(drawing, "IfcStair")
    assert left(drawing)["IfcStair", why] == 1


def test_a_ramp_leads_up_along_its_slope(tmp_path):
    made, _ = one_room()
    made.room(made.storey("Upper", 0.6), "Stage", (0, 0, 0.6), (10, 10, 3))
    ramp = made.add("IfcRampFlight", "Ramp")
    made.solid(ramp, [(0, 0), (6, 0), (6, 0.6)], 1.5, (0, 0, 0))
    turn = [[1, 0, 0, 1], [0, 0, -1, 4.5], [0, 1, 0, 0], [0, 0, 0, 1]]
    import ifcopenshell.api.geometry  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    ifcopenshell.api.geometry.edit_object_placement(made.model, product=ramp, matrix=np.array(turn, float), is_si=False)
    (way,) = of(read(made.write(tmp_path)), "IfcRamp")
    assert list(way.geometry.coords) == [
        pytest.approx((1, 3.75), abs=MILLIMETRE),
        pytest.approx((7, 3.75), abs=MILLIMETRE),
    ]
    assert way.settings == {"to_level": "upper", "width_m": pytest.approx(1.5, abs=MILLIMETRE)}


def test_everything_else_is_counted_by_class(tmp_path):
    made, storey = one_room()
    made.put(storey, "IfcTransportElement", "Lift", (1, 1, 0), (3, 3, 3))
    made.put(storey, "IfcBeam", "Beam", (0, 0, 2.7), (10, 0.3, 3))
    made.put(storey, "IfcBeam", "Beam", (0, 5, 2.7), (10, 5.3, 3))
    made.put(storey, "IfcSlab", "Slab", (0, 0, -0.2), (10, 10, 0)).PredefinedType = "FLOOR"
    made.add("IfcColumn", "Without shape")
    gross = made.room(storey, "Gross", (-1, -1, 0), (11, 11, 3))
    gross.PredefinedType = "GFA"
    drawing = read(made.write(tmp_path))
    assert left(drawing) == {
        ("IfcBeam", "they are no rooms, walls, furniture, doors or stairs"): 2,
        ("IfcColumn", "they have no shape"): 1,
        ("IfcSlab", "the rooms are the floor"): 1,
        ("IfcSpace", "gross floor areas are no rooms"): 1,
        (
            "IfcTransportElement",
            "lifts and escalators have to be drawn: what they carry and how fast is not in the file",
        ): 1,
    }


def test_the_box_is_in_the_files_coordinates_and_a_unit_told_counts(tmp_path):
    path = two_storeys(scale=1000.0, prefix="MILLI").write(tmp_path)
    drawing = read(path, box=(20100.0, 20000.0, 26000.0, 30000.0))
    assert {shape.name for shape in of(drawing, "IfcSpace")} == {"Office floor"}
    assert {shape.level for shape in drawing.shapes} == {"ground_floor"}
    assert problem_of(path, box=(0.0, 0.0, 1.0, 1.0)).found.startswith("no room (IfcSpace) or floor (IfcSlab)")
    twice = read(path, unit_m=0.002)
    assert {shape.name: round(shape.geometry.area) for shape in of(twice, "IfcSpace")}["Hall floor"] == 400
    assert twice.elevations_m["level_1_og"] == 6.0


# ---------------------------------------------------------------- shapes that break the library off
def test_an_element_that_breaks_the_library_off_is_left_out_and_the_rest_read(tmp_path, monkeypatch):
    path = two_storeys().write(tmp_path)
    (table,) = (shape.where for shape in of(read(path), "IfcFurnishingElement"))
    honest = Meshes.of

    def killed_at_the_table(self, number):
        if f"#{number}" == table and self._child is not None:
            self._child.kill()
            self._child.wait()
        return honest(self, number)

    monkeypatch.setattr(Meshes, "of", killed_at_the_table)
    drawing = read(path)
    assert left(drawing)["IfcFurnishingElement", BROKE_OFF] == 1
    assert {shape.name for shape in of(drawing, "IfcDoor")} == {"Office door"}


def test_shapes_that_cannot_be_computed_are_left_out(tmp_path):
    made, storey = one_room()
    column = made.put(storey, "IfcColumn", "Column", (2, 2, 0), (3, 3, 3))
    solid = column.Representation.Representations[0].Items[0]
    solid.SweptArea.OuterCurve.Points = solid.SweptArea.OuterCurve.Points[:1]
    drawing = read(made.write(tmp_path))
    assert left(drawing)["IfcColumn", "their shapes could not be computed"] == 1


# ---------------------------------------------------------------- what cannot be read
def test_models_without_what_is_needed(tmp_path):
    empty = Building()
    assert problem_of(empty.write(tmp_path)).found == "no storey (IfcBuildingStorey)"
    empty.storey("Ground", 0.0)
    assert problem_of(empty.write(tmp_path)).found.startswith("no room (IfcSpace) or floor (IfcSlab)")
    bare = empty.add("IfcSpace", "Room")
    assert "(1 IfcSpace: they have no shape)" in problem_of(empty.write(tmp_path)).found
    assert bare.Representation is None
    made, _ = one_room(units=False)
    problem = problem_of(made.write(tmp_path))
    assert (problem.found, problem.allowed[:6]) == ("no unit of length (IfcUnitAssignment)", "--unit")
    assert len(read(made.write(tmp_path), unit_m=1.0).shapes) == 2  # the room's floor and its zone


@pytest.mark.parametrize(
    ("change", "found", "allowed"),
    [
        (lambda text: text[: len(text) // 2], "a file that breaks off", "whole"),
        (lambda text: text.replace("IFC4", "IFC9"), "a model that cannot be read", "a building model"),
        (lambda text: "PK\x03\x04" + text, "a packed file", "unpack it"),
        (lambda text: "<?xml version='1.0'?><ifcXML/>", "XML (IFCXML)", "save the model as .ifc"),
        (lambda text: "Hello", "no STEP file", "a building model"),
        (lambda text: "ISO-10303-21;\nEND-ISO-10303-21;", "a model that cannot be read", "a building model"),
    ],
)
def test_files_that_are_no_model(tmp_path, change, found, allowed):
    path = tmp_path / "model.ifc"
    made, _ = one_room()
    path.write_text(change(made.model.to_string()))
    problem = problem_of(path)
    assert found in problem.found
    assert allowed in problem.allowed


def test_the_library_is_named_if_it_is_missing(tmp_path, monkeypatch):
    path = two_storeys().write(tmp_path)
    monkeypatch.setitem(sys.modules, "ifcopenshell", None)
    with pytest.raises(MissingExtraError, match=r"crowdsim\[buildings\]"):
        read(path)
