"""DXF drawings: what is read, in which unit, what is left out, and files that are none."""

import io
import math

import ezdxf
import pytest
from ezdxf import units
from shapely import LineString, Point, Polygon

from crowdsim.errors import ScenarioError
from crowdsim.importing import dxf
from crowdsim.importing.drawing import FLATTENED_M, Reading
from crowdsim.importing.dxf import read_dxf


def document(unit=units.M, version="R2010"):
    made = ezdxf.new(version)
    made.units = unit
    return made


def read(folder, made, reading=None, name="plan.dxf", progress=lambda done, total: None):
    path = folder / name
    made.saveas(path)
    return read_dxf(path, reading or Reading(), progress)


def complaint(folder, content, reading=None):
    path = folder / "plan.dxf"
    path.write_bytes(content) if isinstance(content, bytes) else content.saveas(path)
    with pytest.raises(ScenarioError) as caught:
        read_dxf(path, reading or Reading(), lambda done, total: None)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    return f"{problem.found}; allowed: {problem.allowed}"


def by_layer(drawing):
    return {shape.layer: shape for shape in drawing.shapes}


# ---------------------------------------------------------------- units and coordinates
@pytest.mark.parametrize(
    ("unit", "length"), [(units.MM, 12000), (units.CM, 1200), (units.M, 12), (units.FT, 12 / 0.3048)]
)
def test_lengths_come_by_the_unit_of_the_file(tmp_path, unit, length):
    made = document(unit)
    made.modelspace().add_line((0, 0), (length, 0))
    (shape,) = read(tmp_path, made).shapes
    assert shape.geometry.length == pytest.approx(12.0, rel=1e-9)


def test_without_a_unit_the_sizes_that_it_could_have_are_told(tmp_path):
    made = document(0)
    made.modelspace().add_line((0, 0), (2400, 1000))
    told = complaint(tmp_path, made)
    assert "24.0 x 10.0 m with --unit cm" in told
    assert "2.4 x 1.0 m with --unit mm" in told
    assert read(tmp_path, made, Reading(unit_m=0.01)).shapes[0].geometry.length == pytest.approx(26.0)


@pytest.mark.parametrize(("unit", "length"), [(units.MM, 20), (units.M, 24000)])
def test_a_size_that_no_venue_has_is_refused_with_others(tmp_path, unit, length):
    made = document(unit)
    made.modelspace().add_line((0, 0), (length, 0))
    told = complaint(tmp_path, made)
    assert f"{'0.02' if unit == units.MM else '24,000'} m long" in told
    assert "with --unit" in told


def test_survey_coordinates_are_shifted_to_whole_metres_and_told(tmp_path):
    made = document(units.MM)
    made.modelspace().add_line((691_000_100.5, 5_334_000_200.0), (691_010_100.5, 5_334_000_200.0))
    drawing = read(tmp_path, made)
    assert drawing.shapes[0].geometry.coords[0] == pytest.approx((0.1005, 0.2), abs=1e-6)
    assert "691000000, 5334000000 of the file is the origin" in drawing.unit
    assert drawing.frame.to_file(0.1005, 0.2) == pytest.approx((691_000_100.5, 5_334_000_200.0))


def test_only_the_box_is_taken(tmp_path):
    made = document()
    made.modelspace().add_line((0, 0), (10, 0))
    made.modelspace().add_line((100, 0), (110, 0))
    (shape,) = read(tmp_path, made, Reading(box=(90, -5, 120, 5))).shapes
    assert shape.geometry.coords[0] == (100, 0)
    assert "in the box" in complaint(tmp_path, made, Reading(box=(40, 40, 50, 50)))


# ---------------------------------------------------------------- entities
def test_curves_are_near_their_chords(tmp_path):
    made = document(units.MM)
    space = made.modelspace()
    space.add_circle((0, 0), 5000, dxfattribs={"layer": "circle"})
    space.add_arc((0, 0), 3000, 0, 90, dxfattribs={"layer": "arc"})
    space.add_lwpolyline([(0, 0, 1.0), (8000, 0, 0)], format="xyb", dxfattribs={"layer": "bulge"})
    shapes = by_layer(read(tmp_path, made))
    circle, arc, bulge = (shapes[layer].geometry for layer in ("circle", "arc", "bulge"))
    assert circle.is_closed
    assert Polygon(circle).area == pytest.approx(math.pi * 25, rel=2 * FLATTENED_M / 5)
    for line, radius, centre in ((circle, 5, (0, 0)), (arc, 3, (0, 0)), (bulge, 4, (4, 0))):
        middle = Point(centre)
        distances = [line.interpolate(share / 400, normalized=True).distance(middle) for share in range(401)]
        assert max(distances) <= radius + FLATTENED_M
        assert min(distances) >= radius - FLATTENED_M - 1e-6
    assert arc.coords[0] == pytest.approx((3, 0))
    assert arc.coords[-1] == pytest.approx((0, 3))


def test_hatches_are_areas_with_holes(tmp_path):
    made = document()
    hatch = made.modelspace().add_hatch(dxfattribs={"layer": "floor"})
    hatch.paths.add_polyline_path([(0, 0), (10, 0), (10, 10), (0, 10)], is_closed=True)
    hatch.paths.add_polyline_path([(2, 2), (4, 2), (4, 4), (2, 4)], is_closed=True)
    (shape,) = read(tmp_path, made).shapes
    assert isinstance(shape.geometry, Polygon)
    assert shape.geometry.area == pytest.approx(96)


def test_solids_with_their_crossed_corners_are_areas(tmp_path):
    made = document()
    made.modelspace().add_solid([(0, 0), (4, 0), (0, 3), (4, 3)])
    (shape,) = read(tmp_path, made).shapes
    assert shape.geometry.area == pytest.approx(12)


def test_symbols_are_taken_apart_where_they_stand(tmp_path):
    made = document()
    leaf = made.blocks.new("LEAF")
    leaf.add_line((0, 0), (1, 0))
    leaf.add_line((0, 0), (0, 1), dxfattribs={"layer": "frame"})
    outer = made.blocks.new("DOOR")
    outer.add_blockref("LEAF", (1, 0))
    space = made.modelspace()
    space.add_blockref("DOOR", (10, 20), dxfattribs={"layer": "doors", "xscale": -2.0, "yscale": 2.0, "rotation": 90})
    space.add_blockref("LEAF", (50, 0), dxfattribs={"layer": "row", "column_count": 3, "column_spacing": 5})
    shapes = read(tmp_path, made).shapes
    (turned,) = [shape for shape in shapes if shape.layer == "doors"]  # layer 0 within is that of the whole
    assert turned.geometry.equals_exact(LineString([(10, 18), (10, 16)]), 1e-9)
    frames = [shape for shape in shapes if shape.layer == "frame"]
    assert len(frames) == 4
    row = sorted(shape.geometry.coords[0][0] for shape in shapes if shape.layer == "row")
    assert row == pytest.approx([50, 55, 60])
    symbols = {shape.symbol for shape in shapes}
    assert len(symbols) == 4 or len(symbols) == 2  # a grid of symbols may count as one
    assert turned.symbol
    assert "" not in symbols


def test_a_symbol_that_holds_itself_comes_to_an_end(tmp_path):
    made = document()
    block = made.blocks.new("LOOP")
    block.add_line((0, 0), (1, 0))
    block.add_blockref("LOOP", (5, 0))
    made.modelspace().add_blockref("LOOP", (0, 0))
    try:
        drawing = read(tmp_path, made)
    except ScenarioError as error:  # the library may refuse such a file as a whole
        assert len(error.problems) == 1
    else:
        assert len(drawing.shapes) <= 20


def test_what_is_not_seen_or_no_plan_is_left_out_and_counted(tmp_path):
    made = document()
    made.layers.add("hidden").off()
    made.layers.add("cold").freeze()
    space = made.modelspace()
    space.add_line((0, 0), (10, 0))
    space.add_line((0, 0), (10, 0), dxfattribs={"layer": "hidden"})
    space.add_line((0, 0), (10, 0), dxfattribs={"layer": "cold"})
    space.add_line((0, 0), (10, 0), dxfattribs={"invisible": 1})
    space.add_line((5, 5, 0), (5, 5, 3))
    space.add_text("Foyer")
    space.add_xline((0, 0), (1, 0))
    space.add_blockref("nowhere", (0, 0))
    drawing = read(tmp_path, made)
    assert len(drawing.shapes) == 1
    left = {(entry.what, entry.why): entry.count for entry in drawing.dropped}
    assert left[("entities of layer hidden", "their layer is off")] == 1
    assert left[("entities of layer cold", "their layer is frozen")] == 1
    assert left[("entities of layer 0", "they are set invisible")] == 1
    assert left[("LINE entities", "they have no extent in the plan")] == 1
    assert left[("TEXT entities", "lettering and dimensions")] == 1
    assert left[("XLINE entities", "lines without an end")] == 1


def test_entities_of_unknown_types_are_left_out(tmp_path):
    made = document()
    made.modelspace().add_line((0, 0), (10, 0))
    made.modelspace().add_line((0, 5), (10, 5))
    text = text_of(made)
    begin = text.rindex("\nLINE\n")
    (tmp_path / "plan.dxf").write_text(f"{text[:begin]}\nACME_WALL\n{text[begin + 6 :]}")
    drawing = read_dxf(tmp_path / "plan.dxf", Reading(), lambda done, total: None)
    assert len(drawing.shapes) == 1
    assert [(entry.what, entry.why) for entry in drawing.dropped] == [("ACME_WALL entities", "neither lines nor areas")]


def test_layers_with_the_name_of_a_kind_are_of_it(tmp_path):
    made = document()
    made.modelspace().add_line((0, 0), (10, 0), dxfattribs={"layer": "Exit"})
    made.modelspace().add_line((0, 0), (10, 0), dxfattribs={"layer": "A-EXIT"})
    assert read(tmp_path, made).kinds == {"Exit": "exit"}


def test_paper_space_is_no_plan(tmp_path):
    made = document()
    made.paperspace().add_line((0, 0), (10, 0))
    assert "no lines and areas in model space" in complaint(tmp_path, made)


# ---------------------------------------------------------------- large, binary and broken files
@pytest.mark.parametrize("version", ["R12", "R2000", "R2018"])
def test_a_large_file_read_piece_by_piece_is_the_same(tmp_path, monkeypatch, version):
    made = document(version=version)
    made.layers.add("hidden").off()
    block = made.blocks.new("CHAIR")
    block.add_circle((0, 0), 0.3)
    space = made.modelspace()
    for k in range(300):
        space.add_line((k, 0), (k, 5), dxfattribs={"layer": "hidden" if k % 10 == 0 else "A"})
        space.add_polyline2d([(k, 6), (k + 0.5, 6), (k + 0.5, 7)], dxfattribs={"layer": "B"})
        space.add_blockref("CHAIR", (k, 10), dxfattribs={"layer": "C"})
    whole = read(tmp_path, made, Reading(unit_m=1.0))
    calls = []
    monkeypatch.setattr(dxf, "WHOLE_BYTES", 1000)
    monkeypatch.setattr(dxf, "PIECE_BYTES", 2000)
    pieces = read(tmp_path, made, Reading(unit_m=1.0), progress=lambda done, total: calls.append((done, total)))
    assert [shape.geometry for shape in pieces.shapes] == [shape.geometry for shape in whole.shapes]
    assert [shape.layer for shape in pieces.shapes] == [shape.layer for shape in whole.shapes]
    assert pieces.dropped == whole.dropped
    assert len(calls) > 3
    assert calls == sorted(calls)
    assert all(done <= total for done, total in calls)


def test_binary_files_are_read(tmp_path):
    made = document()
    made.modelspace().add_line((0, 0), (10, 0))
    made.saveas(tmp_path / "plan.dxf", fmt="bin")
    (shape,) = read_dxf(tmp_path / "plan.dxf", Reading(), lambda done, total: None).shapes
    assert shape.geometry.length == pytest.approx(10)


def text_of(made):
    stream = io.StringIO()
    made.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"AC1032\0\0\0\0\0\0" + bytes(500),
            "a DWG drawing (AC1032); allowed: a DXF drawing: open it in a CAD",
        ),
        (bytes(range(256)) * 20, "no text: encrypted or damaged"),
        (b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(range(200)), "a drawing that cannot be read"),
        (b"  0\nLINE\n", "no drawing: there is no SECTION"),
        (b"hello", "no drawing: there is no SECTION"),
        (b"  0\nSECTION\n  2\nENTITIES\n  x\nLINE\n  0\nENDSEC\n  0\nEOF\n", "a drawing that cannot be read"),
    ],
)
def test_files_that_are_no_drawing(tmp_path, content, told):
    assert told in complaint(tmp_path, content)


def test_a_file_cut_off_is_told_wherever_it_is_cut(tmp_path):
    made = document()
    for k in range(20):
        made.modelspace().add_line((k, 0), (k, 5))
    text = text_of(made)
    for share in (0.2, 0.5, 0.9, 0.99):
        assert "cut off: the EOF that ends it is missing" in complaint(
            tmp_path, text[: int(share * len(text))].encode()
        )


def test_what_stands_after_the_end_is_no_reason_to_refuse(tmp_path):
    made = document()
    made.modelspace().add_line((0, 0), (10, 0))
    (tmp_path / "plan.dxf").write_text(text_of(made) + "\n\nmade by nobody\n")
    assert len(read_dxf(tmp_path / "plan.dxf", Reading(), lambda done, total: None).shapes) == 1
