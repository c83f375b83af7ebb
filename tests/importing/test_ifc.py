"""Building models: rooms, doors, walls and stairs of the storeys, and files that are no models."""

import math

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.unit
import numpy as np
import pytest
import shapely
from ifcopenshell.util.shape_builder import ShapeBuilder
from shapely import LineString, Polygon, box

from crowdsim import load_scenario
from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.ifc import read_ifc
from crowdsim.importing.ifc_meshes import Mesh, climb, oblong
from importing.test_command import call


class House:
    """A model of two storeys in millimetres, built piece by piece; measures in metres."""

    def __init__(self, *, units=True):
        self.file = ifcopenshell.file(schema="IFC4")
        project = ifcopenshell.api.root.create_entity(self.file, ifc_class="IfcProject", name="House")
        if units:
            length = ifcopenshell.api.unit.add_si_unit(self.file, unit_type="LENGTHUNIT", prefix="MILLI")
            ifcopenshell.api.unit.assign_unit(self.file, units=[length])
        model = ifcopenshell.api.context.add_context(self.file, context_type="Model")
        self.body = ifcopenshell.api.context.add_context(
            self.file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
        )
        self.building = ifcopenshell.api.root.create_entity(self.file, ifc_class="IfcBuilding")
        ifcopenshell.api.aggregate.assign_object(self.file, products=[self.building], relating_object=project)
        self.storeys = {}

    def storey(self, name, elevation):
        made = ifcopenshell.api.root.create_entity(self.file, ifc_class="IfcBuildingStorey", name=name)
        self._place(made, 0, 0, elevation)
        ifcopenshell.api.aggregate.assign_object(self.file, products=[made], relating_object=self.building)
        self.storeys[name] = (made, elevation)

    def body_of(self, kind, name, storey, x0, y0, x1, y1, height=2.5, above=0.0, profile=None):
        """Add an element that stands on a rectangle, or on another profile in x and z that is drawn along y."""
        made = ifcopenshell.api.root.create_entity(self.file, ifc_class=kind, name=name)
        builder = ShapeBuilder(self.file)
        if profile is None:
            outline = builder.polyline(
                [(0, 0), (1e3 * (x1 - x0), 0), (1e3 * (x1 - x0), 1e3 * (y1 - y0)), (0, 1e3 * (y1 - y0))], closed=True
            )
            solid = builder.extrude(builder.profile(outline), 1e3 * height)
        else:
            outline = builder.polyline([(1e3 * x, 1e3 * z) for x, z in profile], closed=True)
            solid = builder.extrude(
                builder.profile(outline),
                1e3 * (y1 - y0),
                position_x_axis=(1, 0, 0),
                position_z_axis=(0, -1, 0),
                position=(0, 1e3 * (y1 - y0), 0),
            )
        shape = builder.get_representation(self.body, [solid])
        ifcopenshell.api.geometry.assign_representation(self.file, product=made, representation=shape)
        entity, elevation = self.storeys[storey]
        self._place(made, x0, y0, elevation + above)
        if kind == "IfcSpace":
            made.LongName = name
            ifcopenshell.api.aggregate.assign_object(self.file, products=[made], relating_object=entity)
        elif kind not in ("IfcOpeningElement", "IfcStairFlight"):
            ifcopenshell.api.spatial.assign_container(self.file, products=[made], relating_structure=entity)
        return made

    def _place(self, entity, x, y, z):
        matrix = np.eye(4)
        matrix[:3, 3] = x, y, z
        ifcopenshell.api.geometry.edit_object_placement(self.file, product=entity, matrix=matrix, is_si=True)

    def hole(self, wall, storey, *rectangle, height=2.0, above=0.0):
        made = self.body_of("IfcOpeningElement", "", storey, *rectangle, height=height, above=above)
        ifcopenshell.api.feature.add_feature(self.file, feature=made, element=wall)
        return made

    def door(self, wall, name, storey, *rectangle):
        hole = self.hole(wall, storey, *rectangle)
        made = self.body_of("IfcDoor", name, storey, *rectangle, height=2.0)
        ifcopenshell.api.feature.add_filling(self.file, opening=hole, element=made)

    def write(self, folder):
        path = folder / "house.ifc"
        self.file.write(str(path))
        return path


def two_rooms(**settings):
    """Two rooms of 6 x 5 m and a wall between with a door and a hole; a door out of the left one."""
    house = House(**settings)
    house.storey("Ground floor", 0.0)
    house.body_of("IfcSpace", "Hall", "Ground floor", 100, 200, 106, 205)
    house.body_of("IfcSpace", "Foyer", "Ground floor", 106.2, 200, 112.2, 205)
    between = house.body_of("IfcWall", "", "Ground floor", 106, 200, 106.2, 205)
    outer = house.body_of("IfcWall", "", "Ground floor", 99.7, 200, 100, 205)
    house.door(between, "Inner door", "Ground floor", 106, 201, 106.2, 202)
    house.hole(between, "Ground floor", 106, 203, 106.2, 204.2)
    house.hole(between, "Ground floor", 106, 202.2, 106.2, 202.8, height=0.5, above=1.5)  # a hatch
    house.door(outer, "Front door", "Ground floor", 99.7, 202, 100, 203.5)
    house.body_of("IfcColumn", "", "Ground floor", 103, 202, 103.4, 202.4)
    house.body_of("IfcFurniture", "Table", "Ground floor", 101, 201, 102, 202, height=0.8)
    return house


STEPS = [(0, 0), *((0.3 * (k // 2 + (k % 2)), 0.15 * (k // 2 + 1)) for k in range(40)), (6.0, 0)]


def read(folder, house, **reading):
    return read_ifc(house.write(folder), Reading(**reading), lambda done, total: None)


def on_layer(drawing, layer):
    return [shape for shape in drawing.shapes if shape.layer == layer]


def test_rooms_and_the_ways_between_them(tmp_path):
    drawing = read(tmp_path, two_rooms())
    rooms = {shape.name: shape.geometry for shape in on_layer(drawing, "IfcSpace")}
    assert rooms["Hall"].equals(box(0, 0, 6, 5))
    assert rooms["Foyer"].area == pytest.approx(30.0)
    (inner,) = on_layer(drawing, "IfcDoor")
    assert inner.name == "Inner door"
    assert inner.geometry.hausdorff_distance(LineString([(6.1, 1), (6.1, 2)])) < 2e-3
    assert inner.settings["depth_m"] == pytest.approx(0.3)
    (passage,) = on_layer(drawing, "opening")
    assert passage.geometry.length == pytest.approx(1.2)
    (way_out,) = on_layer(drawing, "way out")
    assert way_out.name == "Front door"
    assert way_out.geometry.length == pytest.approx(1.5)
    assert rooms["Hall"].covers(way_out.geometry)
    (column,) = on_layer(drawing, "IfcColumn")
    assert column.geometry.symmetric_difference(box(3, 2, 3.4, 2.4)).area < 1e-3  # on a grid of a millimetre
    assert not on_layer(drawing, "IfcWall")  # they are beside the rooms, not on them
    assert drawing.elevations_m == {}
    assert all(shape.level == "" for shape in drawing.shapes)
    assert "100, 200 of the model is the origin" in drawing.unit
    assert ("IfcFurnishingElement elements", 1) in {(entry.what, entry.count) for entry in drawing.dropped}


def test_walls_on_slabs_are_cut_with_their_doors(tmp_path):
    house = House()
    house.storey("A", 3.0)
    house.body_of("IfcSlab", "", "A", 0, 0, 10, 5, height=0.2, above=-0.2)
    wall = house.body_of("IfcWall", "", "A", 5, 0, 5.2, 5)
    house.door(wall, "", "A", 5, 2, 5.2, 3)
    drawing = read(tmp_path, house)
    walls = shapely.union_all([shape.geometry for shape in on_layer(drawing, "IfcWall")])
    assert walls.area == pytest.approx(0.2 * 4, rel=0.01)
    assert walls.distance(shapely.Point(5.1, 2.5)) == pytest.approx(0.5, abs=0.01)


def test_storeys_are_levels_and_straight_stairs_lead_from_one_to_the_other(tmp_path, monkeypatch, capsys):
    house = House()
    house.storey("Upper", 3.0)
    house.storey("Ground", 0.0)
    house.body_of("IfcSpace", "Lobby", "Ground", 0, 0, 10, 6)
    house.body_of("IfcSpace", "Gallery", "Upper", 15.8, 0, 26, 6)
    stair = house.body_of("IfcStair", "Main stair", "Ground", 10, 2, 16, 4, profile=STEPS)
    stair.Representation = None
    flight = house.body_of("IfcStairFlight", "", "Ground", 10, 2, 16, 4, profile=STEPS)
    flight.RiserHeight, flight.TreadLength = 150.0, 300.0
    ifcopenshell.api.aggregate.assign_object(house.file, products=[flight], relating_object=stair)
    drawing = read(tmp_path, house)
    assert drawing.elevations_m == {"ground": 0.0, "upper": 3.0}
    (way,) = on_layer(drawing, "IfcStair")
    assert (way.level, way.settings["to_level"]) == ("ground", "upper")
    assert way.settings["width_m"] == pytest.approx(2.0)
    assert (way.settings["riser_m"], way.settings["tread_m"]) == (pytest.approx(0.15), pytest.approx(0.3))
    assert [place[0] for place in way.geometry.coords] == [pytest.approx(10.0, abs=0.01), pytest.approx(16.0, abs=0.01)]
    assert call(monkeypatch, tmp_path / "house.ifc", "--out", tmp_path / "house", "--quiet") == 0
    added = [
        "added.start={kind: zone, level: upper, polygon: [[18, 1], [25, 1], [25, 5], [18, 5]]}",
        "added.out={kind: exit, level: ground, line: [[0, 2], [0, 4]]}",
        "attendees.visitors.count=20",
    ]
    scenario = load_scenario(tmp_path / "house", added)
    assert {name: level.elevation_m for name, level in scenario.config.levels.items()} == {"ground": 0.0, "upper": 3.0}


def test_only_the_box_is_taken(tmp_path):
    drawing = read(tmp_path, two_rooms(), box=(110, 201, 111, 202))
    assert [shape.name for shape in drawing.shapes] == ["Foyer"]


def mesh_of(points, triangles):
    return Mesh(np.array(points, float), np.array(triangles))


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.2, 2.5, 4.0])
def test_a_flight_is_climbed_from_its_lower_end(turn):
    cos, sin = math.cos(turn), math.sin(turn)
    flat = [(x, y, z) for x, z in ((0, 0), (4, 2)) for y in (0, 1.5)]
    ramp = mesh_of([(cos * x - sin * y, sin * x + cos * y, z) for x, y, z in flat], [(0, 1, 2), (1, 2, 3)])
    low, high, width = climb(ramp)
    assert width == pytest.approx(1.5, abs=2e-3)  # points lie on a grid of a millimetre
    assert low == pytest.approx((-sin * 0.75, cos * 0.75), abs=2e-3)
    assert high == pytest.approx((4 * cos - sin * 0.75, 4 * sin + cos * 0.75), abs=2e-3)


def test_a_stair_that_turns_back_is_not_straight():
    points = [(0, 0, 0), (4, 0, 1), (4, 2.2, 1.2), (0, 2.2, 2), (0, 1, 0), (4, 1, 1), (4, 1.2, 1.2), (0, 1.2, 2)]
    assert climb(mesh_of(points, [(0, 1, 4), (1, 4, 5), (2, 3, 6), (3, 6, 7)])) is None


def test_the_rectangle_around_an_area():
    around = oblong(Polygon([(0, 0), (4, 3), (3.4, 3.8), (-0.6, 0.8)]))
    assert (around.length_m, around.width_m) == (pytest.approx(5.0), pytest.approx(1.0))
    assert abs(around.along @ np.array([0.8, 0.6])) == pytest.approx(1.0)
    assert oblong(LineString([(0, 0), (1, 1)])) is None


# ---------------------------------------------------------------- broken files
def complaint(folder, content):
    path = folder / "house.ifc"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ScenarioError) as caught:
        read_ifc(path, Reading(), lambda done, total: None)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04" + bytes(100), "a packed file; allowed: the .ifc file in it"),
        ("<?xml version='1.0'?><ifcXML/>", "an XML file"),
        ("hello", "no STEP file: ISO-10303-21 is missing"),
        ("ISO-10303-21;\nHEADER;\n", "a model cut off"),
        ("ISO-10303-21;\nHEADER;\nnonsense\nEND-ISO-10303-21;", "a model that cannot be read"),
    ],
)
def test_files_that_are_no_models(tmp_path, content, told):
    assert told in complaint(tmp_path, content)


def test_a_model_cut_off_is_told_wherever_it_is_cut(tmp_path):
    text = two_rooms().write(tmp_path).read_text()
    for share in (0.3, 0.9, 0.995):
        assert "a model cut off" in complaint(tmp_path, text[: int(share * len(text))])


def test_models_without_units_storeys_or_floors(tmp_path):
    bare = House(units=False)
    assert "no unit of length" in complaint(tmp_path, bare.file.to_string())
    assert "no storey (IfcBuildingStorey)" in complaint(tmp_path, bare.file.to_string())
    empty = House()
    empty.storey("A", 0.0)
    assert "no storey with rooms or floor slabs" in complaint(tmp_path, empty.file.to_string())
