"""Drawings in SVG: what is drawn where, what it is called, and what cannot be read."""

from __future__ import annotations

import gzip
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from crowdsim.errors import MissingExtraError, ScenarioError
from crowdsim.importing.drawing import FLATTENED_M, Reading
from crowdsim.importing.svg import read_svg
from crowdsim.importing.svg_style import Styled, StyleSheet

NAMES = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
)
HALL = '<rect id="hall" width="20" height="10"/>'

EXACT = 1e-9
"""Transforms of numbers of that size are rounded to less."""


def svg(content, root='viewBox="0 0 100 50"'):
    return f"<svg {NAMES} {root}>\n{content}\n</svg>"


def read(folder, content, root='viewBox="0 0 100 50"', name="plan.svg", **reading):
    path = folder / name
    path.write_text(svg(content, root), encoding="utf-8")
    return read_svg(path, Reading(**{"unit_m": 1.0, **reading}), lambda done, total: None)


def only(drawing):
    (shape,) = drawing.shapes
    return shape


def refused(folder, content, **more):
    with pytest.raises(ScenarioError) as caught:
        read(folder, content, **more)
    return caught.value.problems


# ---------------------------------------------------------------- shapes
@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ('<rect x="10" y="10" width="20" height="5"/>', box(10, 35, 30, 40)),
        ('<polygon points="0,0 10,0 10,10"/>', Polygon([(0, 50), (10, 50), (10, 40)])),
        ('<path d="M0 0h10v10h-10z"/>', box(0, 40, 10, 50)),
        ('<path d="m0 0 10 0 0 10"/>', LineString([(0, 50), (10, 50), (10, 40)])),
        ('<line x2="50%" y2="10"/>', LineString([(0, 50), (50, 40)])),
        ('<polyline points="0 0 5 5 9,9"/>', LineString([(0, 50), (5, 45), (9, 41)])),
        ('<rect width="4" height="4" fill="none"/>', LineString([(0, 50), (4, 50), (4, 46), (0, 46), (0, 50)])),
        ('<polyline points="0 0 4 0 4 4 0 0"/>', Polygon([(0, 50), (4, 50), (4, 46)])),
    ],
)
def test_elements_become_areas_and_lines_with_north_up(tmp_path, element, expected):
    geometry = only(read(tmp_path, element)).geometry
    assert geometry.geom_type == expected.geom_type
    assert geometry.equals_exact(expected, EXACT, normalize=True)


@given(radius=st.floats(2.0, 200.0), unit=st.sampled_from([0.01, 0.1, 1.0]))
def test_curves_are_as_near_as_they_are_said_to_be(tmp_path_factory, radius, unit):
    folder = tmp_path_factory.mktemp("round")
    r = radius / unit
    circle = only(read(folder, f'<circle r="{r}"/>', unit_m=unit)).geometry
    assert math.pi * (radius - FLATTENED_M) ** 2 <= circle.area <= math.pi * radius**2
    curve = f"M{-r} 0C{-r} {r} {r} {r} {r} 0"
    line = only(read(folder, f'<path fill="none" d="{curve}"/>', unit_m=unit)).geometry
    middle = (0.0, (50 - 0.75 * r) * unit)  # a cubic curve's middle is at (P0 + 3 P1 + 3 P2 + P3) / 8
    assert line.distance(Polygon([middle, middle, middle])) <= FLATTENED_M


@pytest.mark.parametrize(
    ("rule", "second", "area"),
    [
        ("evenodd", "M2 2h2v2h-2z", 96),  # a hole, whichever way it turns
        ("evenodd", "M2 2v2h2v-2z", 96),
        ("nonzero", "M2 2v2h2v-2z", 96),  # a hole, as it turns the other way
        ("nonzero", "M2 2h2v2h-2z", 100),
        ("nonzero", "M20 0h2v2h-2z", 104),
        ("nonzero", "M5 0h10v10h-10z", 150),
        ("evenodd", "M5 0h10v10h-10z", 100),
    ],
)
def test_subpaths_are_holes_by_the_rule_of_filling(tmp_path, rule, second, area):
    drawing = read(tmp_path, f'<path fill-rule="{rule}" d="M0 0h10v10h-10z {second}"/>')
    assert sum(shape.geometry.area for shape in drawing.shapes) == pytest.approx(area)


def test_transforms_follow_one_another_and_nested_drawings_have_their_own_view(tmp_path):
    moved = read(tmp_path, '<g transform="translate(10 5)"><rect transform="scale(2)" width="3" height="4"/></g>')
    assert only(moved).geometry.bounds == pytest.approx((10, 37, 16, 45))
    nested = '<svg x="10" y="10" width="20" height="20" viewBox="0 0 10 10"><rect width="10" height="5"/></svg>'
    assert only(read(tmp_path, nested)).geometry.bounds == pytest.approx((10, 30, 30, 40))
    turned = '<rect transform="rotate(90)" width="10" height="4"/>'
    assert only(read(tmp_path, turned)).geometry.bounds == pytest.approx((-4, 40, 0, 50))


def test_symbols_are_placed_wherever_they_are_used_and_each_place_is_told_apart(tmp_path):
    drawing = read(
        tmp_path,
        """<g id="furniture"><use xlink:href="#chair" x="10" y="10"/>
        <use href="#chair" transform="translate(20 10) scale(2)"><title>Throne</title></use></g>
        <defs><symbol id="chair" viewBox="0 0 1 1" width="2" height="2">
        <rect width="1" height="1"/><path d="M0 0h1"/></symbol></defs>
        <use href="#missing"/><use href="others.svg#table"/><use href="#chair" x="50"/>""",
    )
    assert {shape.layer for shape in drawing.shapes} == {"furniture", "chair"}
    places = {shape.symbol for shape in drawing.shapes}
    assert len(places) == 3
    assert all(place.startswith("#chair at line ") for place in places)
    areas = {shape.name: shape.geometry for shape in drawing.shapes if shape.geometry.area and shape.layer != "chair"}
    assert areas[""].bounds == pytest.approx((10, 38, 12, 40))
    assert areas["Throne"].bounds == pytest.approx((20, 36, 24, 40))
    assert {(d.count, d.why) for d in drawing.dropped} == {
        (1, "they are not in the file"),
        (1, "they are in another file"),
    }


@pytest.mark.parametrize(
    "of", ['<g id="a"><use href="#a"/>{0}</g>', '<g id="a"><use href="#b"/>{0}</g><g id="b"><use href="#a"/></g>']
)
def test_symbols_that_hold_themselves_come_to_an_end(tmp_path, of):
    drawing = read(tmp_path, of.format(HALL))
    assert ("symbols", "they hold themselves") in {(d.what, d.why) for d in drawing.dropped}


def test_symbols_that_stand_for_billions_of_shapes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("crowdsim.importing.svg_walk.MOST_SHAPES", 1000)
    tens = "".join(f'<g id="g{k}">' + f'<use href="#g{k + 1}"/>' * 10 + "</g>" for k in range(9))
    (problem,) = refused(tmp_path, f'<defs>{tens}<g id="g9">{HALL}</g></defs><use href="#g0"/>')
    assert "more than 1,000 shapes" in problem.found


# ---------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("content", "layer"),
    [
        ('<g inkscape:groupmode="layer" inkscape:label="Walls" id="layer1"><g id="north">{}</g></g>', "Walls"),
        ('<g id="Floor"><g id="north"><g id="g123">{}</g></g></g>', "north"),
        ('<g id="Floor_x20_plan">{}</g>', "Floor plan"),
        ('<g id="g1" data-name="Doors">{}</g>', "Doors"),
        ('<g class="Space Bedroom">{}</g>', "Space Bedroom"),
        ('<g id="Layer_1" class="st0">{}</g>', "fill black"),
        ("<g>{}</g>", "fill black"),
    ],
)
def test_layers_are_what_somebody_named(tmp_path, content, layer):
    other = '<g id="other"><line x2="3"/></g>'
    drawing = read(tmp_path, content.format('<rect width="20" height="10"/>') + other)
    assert [shape.layer for shape in drawing.shapes] == [layer, "other"]


@pytest.mark.parametrize(
    ("attributes", "layer", "name"),
    [
        ('class="st4" id="path123"', "st4", ""),
        ('id="room-12"', "room", "room-12"),
        ('id="path9" inkscape:label="Main hall"', "Main", "Main hall"),
        ('style="fill:#ff0000;stroke:none" id="rect_7"', "fill #ff0000", ""),
        ('style="fill:none;stroke:blue" id="a8098c1a-f86e-11da-bd1a-00112444be1e"', "stroke blue", ""),
    ],
)
def test_shapes_without_a_group_go_by_class_id_or_paint(tmp_path, attributes, layer, name):
    shape = only(read(tmp_path, f'<rect width="20" height="10" {attributes}/>'))
    assert (shape.layer, shape.name) == (layer, name)


def test_a_single_group_of_everything_counts_as_none(tmp_path):
    drawing = read(tmp_path, f'<g id="Plan">{HALL}<line class="wall" x2="5"/></g>')
    assert [shape.layer for shape in drawing.shapes] == ["hall", "wall"]


def test_titles_name_shapes_and_lines_are_told(tmp_path):
    shape = only(read(tmp_path, '\n<rect width="20" height="10" id="r_1"><title> Main\n hall </title></rect>'))
    assert (shape.name, shape.where) == ("Main hall", "line 3")


# ---------------------------------------------------------------- styles, what is left out
def test_style_sheets_say_what_is_filled_and_what_is_hidden(tmp_path):
    drawing = read(
        tmp_path,
        """<style>/* by the program */ .a, rect.b {fill: none} .hidden{display:none} g.walls path {fill:none}
        #shown{visibility:visible} g > rect {display:none}</style>
        <rect class="a" width="5" height="5"/><rect class="b" width="6" height="5"/><rect width="7" height="5"/>
        <g class="walls"><g><path d="M0 0h8v5z"/></g></g><g class="hidden"><rect width="9" height="5"/></g>
        <g visibility="hidden"><rect id="shown" width="10" height="5"/><rect width="11" height="5"/></g>""",
    )
    widths = {round(shape.geometry.bounds[2]): shape.geometry.geom_type for shape in drawing.shapes}
    assert widths == {5: "LineString", 6: "LineString", 7: "Polygon", 8: "LineString", 10: "Polygon"}
    assert {(d.count, d.what) for d in drawing.dropped} == {(2, "shapes"), (1, "rules of style")}


def test_more_particular_rules_and_the_elements_own_style_count_more():
    sheet = StyleSheet("#x{fill:red} .c{fill:green} path{fill:blue}")
    element = Styled("path", "x", frozenset({"c"}))
    assert sheet.style(element, {"fill": "black"}, {})["fill"] == "red"
    assert sheet.style(element, {"style": "fill:white"}, {})["fill"] == "white"
    assert sheet.style(Styled("path", "", frozenset({"c"})), {}, {})["fill"] == "green"
    assert sheet.style(Styled("g", "", frozenset()), {}, {"fill": "grey", "display": "none"}) == {"fill": "grey"}


def test_what_is_no_shape_is_counted_with_the_reason(tmp_path):
    drawing = read(
        tmp_path,
        f"""{HALL}<text x="3">Hall <tspan>1</tspan></text><foreignObject><div>Hall</div></foreignObject>
        <image href="photo.png" width="5" height="5"/><rect width="0" height="5"/><path d=""/>
        <defs><clipPath id="c"><rect width="1" height="1"/></clipPath><marker id="m"><path d="M0 0h9"/></marker>
        <rect width="3" height="3"/></defs><rect clip-path="url(#c)" width="3" height="3"/>
        <metadata><x xmlns="urn:x"><rect/></x></metadata><symbol id="unused"><rect width="2" height="2"/></symbol>""",
    )
    assert [round(shape.geometry.area) for shape in drawing.shapes] == [200, 9]
    assert {d.what: d.count for d in drawing.dropped} == {
        "texts": 2,
        "pictures within the drawing": 1,
        "shapes": 2,
        "elements marker": 1,
        "clip paths and masks": 1,
    }


# ---------------------------------------------------------------- units, the part to take
def test_without_a_unit_the_sizes_that_units_make_are_told(tmp_path):
    content = '<rect width="2400" height="1230"/>'
    page = 'width="240mm" height="123mm" viewBox="0 0 2400 1230"'
    (problem,) = refused(tmp_path, content, root=page, unit_m=None)
    assert "2400 x 1230 units (its page is 240mm wide, which is paper)" in problem.found
    assert "--unit cm makes it 24.0 m x 12.3 m" in problem.allowed
    assert "--unit 0.01 (the page at 1:100) makes it 24.0 m x 12.3 m" in problem.allowed
    assert "--unit m makes" in problem.allowed


def test_a_drawing_whose_size_is_in_metres_has_a_scale(tmp_path):
    drawing = read(tmp_path, HALL, root='width="50m" height="25m" viewBox="0 0 100 50"', unit_m=None)
    assert only(drawing).geometry.area == pytest.approx(50)
    assert drawing.unit.startswith("0.5 m (the drawing's width is 50m)")


@pytest.mark.parametrize(("unit_m", "size"), [(0.01, "0.2 m x 0.1 m"), (2000.0, "4e+04 m x 2e+04 m")])
def test_sizes_that_no_venue_has_are_refused(tmp_path, unit_m, size):
    (problem,) = refused(tmp_path, HALL, unit_m=unit_m)
    assert size in problem.found
    assert "--unit m makes it 20.0 m x 10.0 m" in problem.allowed


def test_a_shape_far_off_is_told(tmp_path):
    (problem,) = refused(tmp_path, HALL * 3 + '\n<line x1="30000" x2="30001"/>')
    assert "the shape farthest from the others is at line 3" in problem.found


def test_the_box_is_in_the_files_coordinates(tmp_path):
    content = '<rect width="10" height="10"/><rect y="30" width="10" height="10"/>'
    assert only(read(tmp_path, content, box=(0.0, 25.0, 100.0, 50.0))).geometry.bounds == (0, 10, 10, 20)
    (problem,) = refused(tmp_path, content, box=(50.0, 0.0, 60.0, 10.0))
    assert problem.found == "no shape that can be seen in the box"


def test_without_a_page_the_shapes_corner_is_the_origin(tmp_path):
    drawing = read(tmp_path, '<rect x="7" y="8" width="10" height="4"/>', root="")
    assert only(drawing).geometry.bounds == (0, 0, 10, 4)


# ---------------------------------------------------------------- what cannot be read
@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("Walls and doors", "line 1", "no XML (syntax error)"),
        ("<svg xmlns='http://www.w3.org/2000/svg'>\n<rect", "line 2", "no XML (unclosed token)"),
        ("<!DOCTYPE html><html><body><svg/></body></html>", "line 1", "a web page (HTML)"),
        ("<kml/>", "line 1", "XML of another kind, element kml"),
        ("<svg>\n<x:rect/></svg>", "line 2", "no XML (unbound prefix)"),
        ("<svg>" + "<g>" * 2000, "line 1", "elements nested more than 1000 deep"),
        ('<!DOCTYPE svg [<!ENTITY a "ha">\n<!ENTITY b "&a;&a;">]><svg>&b;</svg>', "line 1", "an entity declared"),
        ('<!DOCTYPE svg [\n<!ENTITY x SYSTEM "file:///etc/hostname">]><svg>&x;</svg>', "line 2", "an entity declared"),
        ('<!DOCTYPE svg [\n<!ENTITY % x "y">]><svg/>', "line 2", "an entity declared"),
    ],
)
def test_files_that_are_no_svg_or_could_do_harm(tmp_path, text, where, found):
    path = tmp_path / "plan.svg"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_svg(path, Reading(), lambda done, total: None)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert found in problem.found
    assert problem.allowed.startswith("a drawing in SVG")


def test_a_document_type_alone_does_no_harm(tmp_path):
    path = tmp_path / "plan.svg"
    kind = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    path.write_text(kind + svg(HALL))
    assert only(read_svg(path, Reading(unit_m=1.0), lambda done, total: None)).geometry.area == 200


@pytest.mark.parametrize(
    ("element", "found"),
    [
        ('<rect width="NaN" height="5"/>', "width 'NaN'"),
        ('<rect width="2em" height="5"/>', "width '2em'"),
        ('<path d="M NaN 0 L 5 5"/>', "path data"),
        ('<path d="M 0 0 L 5"/>', "path data"),
        ('<path d="0 0 L 5 5"/>', "path data"),
        ('<path d="M 0 0 L 1e400 5"/>', "no finite numbers"),
        ('<polygon points="0,0 5,undefined 9,9"/>', "points"),
        ('<g transform="scale(1e300)"><rect transform="scale(1e300)" width="5" height="5"/></g>', "no finite numbers"),
        ('<rect transform="translate(a)" width="5" height="5"/>', "transform 'translate(a)'"),
        ('<rect transform="matrix(1 2 3)" width="5" height="5"/>', "transform 'matrix(1 2 3)'"),
        ('<rect transform="turn(5)" width="5" height="5"/>', "transform 'turn(5)'"),
        ('<svg viewBox="0 0 x 5"><rect width="5" height="5"/></svg>', "viewBox '0 0 x 5'"),
        ('<svg viewBox="0 0 -1 5"><rect width="5" height="5"/></svg>', "viewBox '0 0 -1 5'"),
    ],
)
def test_mistakes_are_told_with_their_lines(tmp_path, element, found):
    (problem,) = refused(tmp_path, f"{HALL}\n{element}")
    assert problem.where.startswith("line 3, ")
    assert found in problem.found
    assert problem.allowed


def test_mistakes_are_told_all_at_once_but_not_by_the_thousand(tmp_path):
    assert len(refused(tmp_path, HALL + '<rect width="a" height="1"/>' * 3)) == 3
    assert len(refused(tmp_path, HALL + '<rect width="a" height="1"/>' * 300)) == 20


@pytest.mark.parametrize("content", ["", "<text>Hall</text>", '<g display="none"><rect width="9" height="9"/></g>'])
def test_a_drawing_without_shapes(tmp_path, content):
    (problem,) = refused(tmp_path, content)
    assert problem.found.startswith("no shape that can be seen")


def test_packed_drawings_are_unpacked(tmp_path):
    path = tmp_path / "plan.svgz"
    packed = gzip.compress(svg(HALL).encode())
    path.write_bytes(packed)
    assert only(read_svg(path, Reading(unit_m=1.0), lambda done, total: None)).geometry.area == 200
    path.write_bytes(packed[:-20])
    with pytest.raises(ScenarioError, match="a packed file that cannot be unpacked"):
        read_svg(path, Reading(unit_m=1.0), lambda done, total: None)


def test_files_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("crowdsim.importing.svg_xml.MOST_BYTES", 1 << 21)
    path = tmp_path / "plan.svgz"
    path.write_bytes(gzip.compress(svg(HALL + " " * (1 << 22)).encode()))
    with pytest.raises(ScenarioError, match="more than 2 MiB of drawing"):
        read_svg(path, Reading(unit_m=1.0), lambda done, total: None)


def test_progress_goes_from_the_start_to_the_end(tmp_path):
    path = tmp_path / "plan.svg"
    path.write_text(svg(HALL))
    seen = []
    read_svg(path, Reading(unit_m=1.0), lambda done, total: seen.append(done / total))
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_the_library_is_named_if_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "svgelements", None)
    with pytest.raises(MissingExtraError, match=r"crowdsim\[drawings\]"):
        read(tmp_path, HALL)
