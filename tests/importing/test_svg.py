"""SVG floor plans: what is drawn where, on which layer, what is left out, and files that are no pictures."""

import gzip
import math

import pytest
from shapely import LineString, Point, Polygon

from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import FLATTENED_M, Reading
from crowdsim.importing.svg import read_svg

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" width="210mm" height="297mm" viewBox="0 0 100 50">'
)
FRAME = '<rect class="frame" x="0" y="0" width="100" height="50"/>'


def read(folder, body, unit_m=1.0, **reading):
    path = folder / "plan.svg"
    path.write_text(f"{HEAD}{FRAME}{body}</svg>")
    return read_svg(path, Reading(unit_m=unit_m, **reading), lambda done, total: None)


def shapes_of(folder, body, **settings):
    return [shape for shape in read(folder, body, **settings).shapes if shape.layer != "frame"]


def only(folder, body, **settings):
    (shape,) = shapes_of(folder, body, **settings)
    return shape


def complaint(folder, content, unit_m=1.0):
    path = folder / "plan.svg"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ScenarioError) as caught:
        read_svg(path, Reading(unit_m=unit_m), lambda done, total: None)
    (problem,) = caught.value.problems
    return str(problem)


# ---------------------------------------------------------------- places and units
def test_y_grows_upwards_from_the_lower_left_corner(tmp_path):
    shape = only(tmp_path, '<line x1="10" y1="50" x2="10" y2="40"/>', unit_m=0.5)
    assert list(shape.geometry.coords) == [(5.0, 0.0), (5.0, 5.0)]
    drawing = read(tmp_path, "", unit_m=0.5)
    assert drawing.frame.to_metres(10, 40) == (5.0, 5.0)
    assert drawing.frame.to_file(5.0, 5.0) == (10, 40)


def test_the_unit_must_be_told_and_sizes_help_to_choose_it(tmp_path):
    told = complaint(tmp_path, f"{HEAD}{FRAME}</svg>", unit_m=None)
    assert "no unit, for a picture 100 x 50 units large" in told
    assert "100.0 x 50.0 m with --unit m" in told
    assert "0.1 m long" in complaint(tmp_path, f"{HEAD}{FRAME}</svg>", unit_m=0.001)


def test_only_the_box_is_taken(tmp_path):
    drawing = read(tmp_path, '<line x1="10" y1="10" x2="20" y2="10"/>', box=(5, 5, 30, 30))
    assert [shape.geometry.length for shape in drawing.shapes] == [10.0]


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("translate(5 2)", [(6, 5), (7, 5)]),
        ("scale(2)", [(2, 6), (4, 6)]),
        ("rotate(90)", [(-3, 1), (-3, 2)]),
        ("translate(10,0) scale(2 1)", [(12, 3), (14, 3)]),
        ("matrix(1 0 0 1 1 1)", [(2, 4), (3, 4)]),
    ],
)
def test_transforms_of_groups_and_shapes_add_up(tmp_path, transform, expected):
    line = '<line x1="1" y1="3" x2="2" y2="3"/>'
    for body in (f'<g transform="{transform}">{line}</g>', line.replace("/>", f' transform="{transform}"/>')):
        drawing = read(tmp_path, body)
        (shape,) = [shape for shape in drawing.shapes if shape.layer != "frame"]
        seen = [drawing.frame.to_file(x, y) for x, y in shape.geometry.coords]
        assert seen == [pytest.approx(place) for place in expected]


# ---------------------------------------------------------------- shapes
def test_curves_are_near_their_chords(tmp_path):
    for body, radius in (
        ('<circle cx="50" cy="25" r="20"/>', 20.0),
        ('<path d="M 70 25 A 20 20 0 0 1 30 25"/>', 20.0),
        ('<ellipse cx="50" cy="25" rx="10" ry="10"/>', 10.0),
    ):
        line = only(tmp_path, body).geometry
        distances = [line.interpolate(k / 500, normalized=True).distance(Point(50, 25)) for k in range(501)]
        assert max(distances) <= radius + 1e-6, body
        assert min(distances) >= radius - FLATTENED_M - 1e-6, body
    bent = only(tmp_path, '<path d="M 0 0 C 0 20 20 20 20 0"/>').geometry
    assert bent.length == pytest.approx(40.0, rel=0.01)  # by quadrature: 40.0


def test_several_closed_parts_that_are_filled_are_areas_with_holes(tmp_path):
    path = '<path d="M 0 0 H 10 V 10 H 0 Z M 2 2 H 4 V 4 H 2 Z" {}/>'
    area = only(tmp_path, path.format("")).geometry
    assert isinstance(area, Polygon)
    assert area.area == pytest.approx(96.0)
    lines = shapes_of(tmp_path, path.format('style="fill: none"'))
    assert [shape.geometry.is_closed for shape in lines] == [True, True]
    assert all(isinstance(shape.geometry, LineString) for shape in lines)


def test_polygons_are_closed_and_polylines_are_not(tmp_path):
    points = 'points="0,0 10,0 10,10"'
    assert only(tmp_path, f"<polygon {points}/>").geometry.is_closed
    assert not only(tmp_path, f"<polyline {points}/>").geometry.is_closed
    assert only(tmp_path, '<rect x="1" y="2" width="3" height="4"/>').geometry.length == pytest.approx(14.0)


# ---------------------------------------------------------------- layers, names, symbols
def test_layers_are_those_of_the_program_else_classes_else_groups(tmp_path):
    line = '<line x1="1" y1="1" x2="2" y2="1"{}/>'
    layer = '<g inkscape:groupmode="layer" inkscape:label="Walls" id="layer1">{}</g>'
    assert only(tmp_path, layer.format(f'<g id="north" class="x">{line.format("")}</g>')).layer == "Walls"
    assert only(tmp_path, f'<g class="Wall External"><g id="a">{line.format("")}</g></g>').layer == "Wall External"
    assert only(tmp_path, f'<g id="doors"><g>{line.format("")}</g></g>').layer == "doors"
    assert only(tmp_path, line.format("")).layer == "line"
    assert only(tmp_path, line.format(' id="north_door"')).name == "north_door"
    assert only(tmp_path, line.format(' id="path-1234"')).name == ""


def test_symbols_are_drawn_where_they_are_used(tmp_path):
    body = (
        '<use xlink:href="#leaf" x="10" y="5" class="door"/>'
        '<defs><g id="leaf"><line x1="0" y1="0" x2="1" y2="0"/></g></defs>'
        '<symbol id="double"><use href="#leaf"/><use href="#leaf" x="3"/></symbol>'
        '<use href="#double" transform="translate(20 5) rotate(90)" class="door"/>'
        '<use href="#nothing"/>'
    )
    drawing = read(tmp_path, body)
    doors = [shape for shape in drawing.shapes if shape.layer == "door"]
    starts = sorted(drawing.frame.to_file(*shape.geometry.coords[0]) for shape in doors)
    assert starts == [pytest.approx(place) for place in ((10, 5), (20, 5), (20, 8))]
    assert len({shape.symbol for shape in doors}) == 2
    assert [entry.why for entry in drawing.dropped] == ["what they show is not stored in the file's defs or symbols"]


def test_a_symbol_that_holds_itself_comes_to_an_end(tmp_path):
    drawing = read(tmp_path, '<defs><g id="a"><use href="#a"/></g></defs><use href="#a"/>')
    assert [entry.what for entry in drawing.dropped] == ["symbols"]


def test_what_is_not_seen_or_no_plan_is_left_out_and_counted(tmp_path):
    line = '<line x1="1" y1="1" x2="2" y2="1"/>'
    body = (
        f'<g style="display:none">{line}</g><g visibility="hidden">{line}</g><clipPath id="c">{line}</clipPath>'
        '<text>Foyer</text><image href="photo.png"/><path d="M 3 3"/><path d="M 1 nonsense L 2"/>'
        f'<g transform="matrix(1 2)">{line}</g><title>Plan</title>'
    )
    drawing = read(tmp_path, body)
    left = {(entry.what, entry.why) for entry in drawing.dropped}
    assert {("g elements", "they are hidden"), ("text elements", "lettering")} <= left
    assert ("image elements", "pictures in the picture") in left
    assert ("clipPath elements", "looks") in left
    assert all(math.isfinite(value) for shape in drawing.shapes for value in shape.geometry.bounds)


# ---------------------------------------------------------------- broken files
@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<html><body>Not found</body></html>", "a file whose outermost element is <html>"),
        ("hello", "line 1, column 1: found no XML (syntax error)"),
        (f"{HEAD}<g>", "no XML (no element found)"),
        (f"{HEAD}<g></svg>", "no XML (mismatched tag)"),
        (gzip.compress(b"<svg/>"), "found a packed file; allowed: the picture unpacked"),
        (f"{HEAD}</svg>", "no lines and areas"),
        ('<!DOCTYPE svg [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><svg/>', "an entity 'b' that stands for others"),
        (
            '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
            "an entity 'a' that stands for another",
        ),
        (f'{HEAD}<line x1="1" y1="1" x2="1e30" y2="1"/></svg>', "their geometry is damaged"),
    ],
)
def test_files_that_are_no_pictures(tmp_path, content, told):
    assert told in complaint(tmp_path, content)


def test_entities_that_stand_for_addresses_are_read(tmp_path):
    head = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;">'
    (tmp_path / "plan.svg").write_text(f'{head}<rect width="20" height="10"/></svg>')
    (shape,) = read_svg(tmp_path / "plan.svg", Reading(unit_m=1.0), lambda done, total: None).shapes
    assert shape.geometry.length == pytest.approx(60.0)


def test_progress_is_told(tmp_path):
    calls = []
    (tmp_path / "plan.svg").write_text(f"{HEAD}{FRAME * 40_000}</svg>")
    read_svg(tmp_path / "plan.svg", Reading(unit_m=1.0), lambda done, total: calls.append((done, total)))
    assert calls[-1][0] == calls[-1][1] == (tmp_path / "plan.svg").stat().st_size
    assert len(calls) > 1
