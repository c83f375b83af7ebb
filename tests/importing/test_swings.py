"""Door symbols become the line of the closed door, however they are drawn and turned."""

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given
from shapely import LineString
from shapely.affinity import rotate, scale, translate

from crowdsim.importing.drawing import Drawing, Shape
from crowdsim.importing.swings import draw_closed

WIDTH_M = 0.9


def arc(radius=WIDTH_M, begin=0.0, sweep=90.0, centre=(0.0, 0.0), steps=12):
    angles = [math.radians(begin + sweep * k / steps) for k in range(steps + 1)]
    return LineString([(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles])


LEAF = LineString([(0, 0), (0, WIDTH_M)])
THICK_LEAF = LineString([(0, 0), (0.04, 0), (0.04, WIDTH_M), (0, WIDTH_M), (0, 0)])
IN_ONE = LineString([(0, 0), (0, WIDTH_M), *arc().coords[::-1][1:]])
WALLS = [LineString([(-5, 0), (-0.02, 0)]), LineString([(0.92, 0), (5, 0)])]


def drawing(*shapes):
    made = (Shape(geometry, layer, f"{layer} {k}", symbol=of) for k, (geometry, layer, of) in enumerate(shapes))
    return Drawing(tuple(made), "metres")


def closed(source, **kinds):
    found, kinds = draw_closed(source, {"doors": "door", "walls": "wall", **kinds})
    return [shape for shape in found.shapes if shape.layer.endswith("door symbols")], found, kinds


@pytest.mark.parametrize("leaf", [[LEAF], [THICK_LEAF], []])
@given(turn=st.floats(0.0, 360.0), mirrored=st.booleans())
def test_a_leaf_and_its_arc_are_a_door(leaf, turn, mirrored):
    def placed(geometry):
        turned = rotate(geometry, turn, origin=(0, 0))
        return translate(scale(turned, -1 if mirrored else 1, 1, origin=(0, 0)), 7, 3)

    symbol = [arc(), *leaf] if leaf else [IN_ONE]
    source = drawing(
        *((placed(part), "doors", "") for part in symbol), *((placed(wall), "walls", "") for wall in WALLS)
    )
    doors, found, kinds = closed(source)
    (door,) = doors
    assert kinds[door.layer] == "door"
    expected = placed(LineString([(-0.02, 0), (0.92, 0)]))  # to the corners of the walls
    assert door.geometry.equals_exact(expected, 1e-6)
    assert len(found.shapes) == 1 + len(WALLS)


def test_without_a_leaf_the_wall_tells_where_the_door_closes():
    (door,), *_ = closed(drawing((arc(), "doors", ""), (WALLS[1], "walls", "")))
    assert door.geometry.coords[1] == pytest.approx((0.92, 0.0))
    nothing, found, _ = closed(drawing((arc(), "doors", "")))
    assert not nothing
    assert found.dropped[0].what == "arcs of door layers"


def test_a_door_ajar_is_known_by_its_leaf_only():
    ajar = arc(sweep=20.0)
    leaf = LineString([(0, 0), ajar.coords[-1]])
    (door,), *_ = closed(drawing((ajar, "doors", ""), (leaf, "doors", "")))
    assert door.geometry.equals_exact(LineString([(0, 0), (WIDTH_M, 0)]), 1e-6)
    assert not closed(drawing((ajar, "doors", ""), *((wall, "walls", "") for wall in WALLS)))[0]


def test_two_leaves_are_one_door():
    other = [scale(part, -1, 1, origin=(WIDTH_M, 0)) for part in (arc(), LEAF)]
    (door,), found, _ = closed(drawing(*((part, "doors", "") for part in (arc(), LEAF, *other))))
    assert door.geometry.length == pytest.approx(2 * WIDTH_M)
    assert len(found.shapes) == 1


def test_the_frame_of_a_symbol_goes_with_it():
    frame = LineString([(-0.05, -0.1), (-0.05, 0.1)])
    doors, found, _ = closed(drawing((arc(), "doors", "1"), (LEAF, "doors", "1"), (frame, "doors", "1")))
    assert len(doors) == len(found.shapes) == 1


def test_symbols_on_layers_of_walls_and_exits():
    source = drawing((arc(), "walls", ""), (LEAF, "walls", ""), (WALLS[0], "walls", ""))
    (door,), _, kinds = closed(source)
    assert kinds[door.layer] == "door"
    (way_out,), _, kinds = closed(drawing((arc(), "out", ""), (LEAF, "out", "")), out="exit")
    assert kinds[way_out.layer] == "exit"


@pytest.mark.parametrize(
    "shape",
    [
        arc(radius=6.0),
        arc(radius=0.2),
        arc(sweep=180.0),
        arc(sweep=350.0, steps=40),
        LineString([(0, 0), (1, 0), (2, 0.1), (3, 0), (4, 0)]),
        LineString([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]),
    ],
)
def test_other_curves_are_no_doors(shape):
    source = drawing((shape, "walls", ""), *((wall, "walls", "") for wall in WALLS))
    doors, found, _ = closed(source)
    assert not doors
    assert found.shapes == source.shapes
