"""Floors from walls: what is enclosed, which gaps are closed, what doors lead to, and places that nothing encloses."""

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate

from crowdsim.errors import ScenarioError
from crowdsim.importing.closing import close_outlines, join
from crowdsim.importing.drawing import Drawing, Frame, Shape
from crowdsim.importing.understand import understand
from crowdsim.importing.walls import WALL_M, enclose

HALL = [(0, 0), (20, 0), (20, 10), (0, 10)]


def drawing(frame=None, **layers):
    shapes = [
        Shape(geometry if not isinstance(geometry, list) else LineString(geometry), layer, f"{layer} {k}")
        for layer, geometries in layers.items()
        for k, geometry in enumerate(geometries)
    ]
    return Drawing(tuple(shapes), "metres", frame=frame or Frame())


def walls_of(corners, *, gap=0.0):
    """Lines around corners, one a side, each shorter by a gap at its end."""
    sides = []
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        line = LineString([a, b])
        sides.append([a, line.interpolate(line.length - gap).coords[0]])
    return sides


def made(source, inside=((5, 5),), gap_m=0.05, **kinds):
    found, kinds = enclose(source, {"walls": "wall", **kinds}, inside, gap_m, "plan")
    assert "wall" not in kinds.values()
    return found, kinds


def of_kind(found, kinds, kind):
    return [shape for shape in found.shapes if kinds[shape.layer] == kind]


def floor_of(found, kinds):
    return shapely.union_all([shape.geometry for shape in of_kind(found, kinds, "walkable")])


def problem_of(source, inside=((5, 5),), gap_m=0.05, **kinds):
    with pytest.raises(ScenarioError) as caught:
        enclose(source, {"walls": "wall", **kinds}, inside, gap_m, "plan")
    (problem,) = caught.value.problems
    return problem


# ---------------------------------------------------------------- joining
@given(gap=st.floats(0.0, 0.2), turn=st.floats(0.0, 360.0), x=st.floats(-100.0, 100.0), y=st.floats(-100.0, 100.0))
def test_a_room_is_closed_exactly_if_its_gaps_are_small(gap, turn, x, y):
    lines = [
        shapely.affinity.translate(rotate(LineString(side), turn, origin=(10, 5)), x, y)
        for side in walls_of(HALL, gap=gap)
    ]
    tolerance = 2e-3  # joints lie on a grid of a millimetre
    faces = join(lines, 0.1).faces()
    if gap < 0.1 - tolerance:
        (face,) = faces
        assert face.area == pytest.approx(200.0, abs=0.2)
    elif gap > 0.1 + tolerance:
        assert not faces


def test_ends_that_just_miss_a_wall_are_led_to_it():
    joined = join([LineString(line) for line in ([(0, 0), (10, 0)], [(10, 0), (10, 8)], [(10, 8), (0, 8)])]
                  + [LineString([(0, -0.5), (0, 8.02)]), LineString([(5, 0.03), (5, 8)])], 0.05)  # fmt: skip
    assert sorted(round(face.area) for face in joined.faces()) == [40, 40]
    assert [line.length for line in joined.bridges] == pytest.approx([0.03], abs=2e-3)


def test_a_tick_across_a_wall_bridges_nothing():
    ticks = [LineString([(k, -0.04), (k, 0.04)]) for k in range(1, 10)]
    joined = join([LineString([(0, 0), (10, 0)]), *ticks], 0.05)
    assert not joined.bridges
    assert not joined.faces()


def test_two_sides_of_a_wall_are_not_joined_to_each_other():
    lines = [LineString([(0, 0), (10, 0)]), LineString([(0, 0.12), (10, 0.12)])]
    assert not join(lines, 0.05).bridges


def test_joining_is_the_same_whatever_the_order():
    generator = np.random.default_rng(3)
    points = generator.uniform(0, 10, (60, 2)).round(1)
    lines = [LineString(pair) for pair in points.reshape(30, 2, 2)]
    one, other = join(lines, 0.3), join(lines[::-1], 0.3)
    assert shapely.union_all(one.edges).normalize().equals_exact(shapely.union_all(other.edges).normalize(), 2e-3)


# ---------------------------------------------------------------- outlines
def test_floors_drawn_side_by_side_become_areas():
    source = drawing(floor=walls_of(HALL, gap=0.03), doors=[[(0, 4), (0, 6)]])
    found = close_outlines(source, {"floor": "walkable", "doors": "door"}, 0.05)
    (floor,) = [shape for shape in found.shapes if shape.layer == "floor"]
    assert floor.geometry.area == pytest.approx(200.0, abs=1.0)
    assert len([shape for shape in found.shapes if shape.layer == "doors"]) == 1
    assert "4 gaps in outlines of layer floor closed" in " ".join(found.mended)


def test_outlines_that_stay_open_are_told_with_their_gap():
    source = drawing(floor=[HALL])  # three sides in one line
    found = close_outlines(source, {"floor": "walkable"}, 0.05)
    assert not found.shapes
    (left,) = found.dropped
    assert "10.00 m apart" in left.why
    assert "--gap" in left.why


def test_closed_lines_of_exits_are_areas():
    ring = LineString([*HALL, HALL[0]])
    features, account = understand(drawing(way=[ring]), {"way": "exit"})
    assert features[0].polygons
    assert account.understood[0].area_m2 == pytest.approx(200)


# ---------------------------------------------------------------- floors within walls
def test_the_floor_is_what_the_walls_enclose():
    pillar, other = [(8, 4), (9, 4), (9, 5), (8, 5)], [(30, 0), (40, 0), (40, 10)]
    source = drawing(walls=[*walls_of(HALL), *walls_of(pillar), *walls_of(other)])
    found, kinds = made(source)
    assert floor_of(found, kinds).equals(Polygon(HALL, [pillar]))
    assert not of_kind(found, kinds, "obstacle")


def test_walls_between_floors_on_both_sides_become_obstacles():
    source = drawing(walls=[*walls_of(HALL), [(10, 0), (10, 7)]])
    found, kinds = made(source)
    obstacles = shapely.union_all([shape.geometry for shape in of_kind(found, kinds, "obstacle")])
    assert floor_of(found, kinds).area == pytest.approx(200)
    assert obstacles.intersection(box(0, 0, 20, 10)).area == pytest.approx(7 * WALL_M, rel=0.02)
    assert obstacles.covers(LineString([(10, 0.1), (10, 6.9)]))


def test_doors_lead_on_to_rooms_and_the_outside():
    partition = [[(10, 0), (10, 4)], [(10, 5), (10, 10)]]
    outer = [[(0, 0), (20, 0)], [(20, 0), (20, 4)], [(20, 6), (20, 10)], [(20, 10), (0, 10)], [(0, 10), (0, 0)]]
    source = drawing(walls=[*outer, *partition], doors=[[(10, 4), (10, 5)], [(20, 4), (20, 6)], [(50, 0), (50, 1)]])
    found, kinds = made(source, doors="door")
    assert floor_of(found, kinds).area == pytest.approx(200, abs=0.1)  # and 2 cm before the way out
    (way_out,) = of_kind(found, kinds, "exit")
    assert way_out.geometry.equals(LineString([(20, 4), (20, 6)]))
    (between,) = of_kind(found, kinds, "door")
    assert between.geometry.equals(LineString([(10, 4), (10, 5)]))
    obstacles = shapely.union_all([shape.geometry for shape in of_kind(found, kinds, "obstacle")])
    assert obstacles.distance(Point(10, 4.5)) > 0.4  # people can go through
    assert found.dropped[-1].count == 1  # the door far away


def test_an_opening_in_a_thick_wall_is_floor_up_to_the_next_room():
    def wall(x0, x1, y0, y1):
        return walls_of([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    rooms = [*walls_of([(0, 0), (20.3, 0), (20.3, 10), (0, 10)]), *wall(10, 10.3, 0, 4), *wall(10, 10.3, 5, 10)]
    threshold = [[(10.3, 4), (10.3, 5)]]
    found, kinds = made(drawing(walls=[*rooms, *threshold], doors=[[(10, 4), (10, 5)]]), doors="door")
    floor = floor_of(found, kinds)
    assert floor.area == pytest.approx(203 - 9 * 0.3)
    obstacles = shapely.union_all([shape.geometry for shape in of_kind(found, kinds, "obstacle")])
    assert floor.difference(obstacles).covers(LineString([(9, 4.5), (11, 4.5)]))


def test_solid_walls_are_not_floor():
    solid = Polygon([(-0.3, -0.3), (20.3, -0.3), (20.3, 10.3), (-0.3, 10.3)], [HALL])
    found, kinds = made(drawing(walls=[solid]))
    assert floor_of(found, kinds).equals(Polygon(HALL))
    assert problem_of(drawing(walls=[solid]), inside=((-0.1, 5),)).found.startswith("no walls around it")


def test_walls_on_floors_that_are_drawn_are_obstacles():
    double = [[(5, 2), (9, 2)], [(5, 2.2), (9, 2.2)], [(5, 2), (5, 2.2)], [(9, 2), (9, 2.2)]]
    source = drawing(walls=[[(10, 0), (10, 7)], *double], floor=[Polygon(HALL)])
    found, kinds = made(source, inside=(), floor="walkable")
    obstacles = shapely.union_all([shape.geometry for shape in of_kind(found, kinds, "obstacle")])
    assert obstacles.covers(box(5, 2, 9, 2.2))  # between the two lines of a wall
    assert obstacles.covers(LineString([(10, 0), (10, 7)]))
    assert floor_of(found, kinds).equals(Polygon(HALL))


# ---------------------------------------------------------------- mistakes
def test_openings_are_told_where_the_file_has_them():
    sides = [[(0, 0), (20, 0)], [(20, 0), (20, 10)], [(20, 10), (0, 10)], [(0, 10), (0, 6)], [(0, 5.2), (0, 0)]]
    source = drawing(walls=sides)
    scaled = Frame(0.001, 1000.0, 2000.0)
    problem = problem_of(Drawing(source.shapes, "mm", frame=scaled), inside=((6000, 7000),))
    assert problem.where == "--inside 6000,7000"
    assert "0.80 m at 1000, 7600" in problem.found
    assert "--gap 1," in problem.allowed
    assert floor_of(*made(source, gap_m=1.0)).area == pytest.approx(200)


def test_a_place_outside_is_told():
    problem = problem_of(drawing(walls=walls_of(HALL)), inside=((50, 50),))
    assert "no walls around it" in problem.found


def test_without_a_place_those_that_could_be_meant_are_told():
    source = drawing(walls=[*walls_of(HALL), *walls_of([(30, 0), (35, 0), (35, 5), (30, 5)])])
    problem = problem_of(source, inside=())
    assert "walls and no walkable area" in problem.found
    assert problem.allowed.index("200 m2 around --inside") < problem.allowed.index("25 m2 around --inside")
    told = problem.allowed.split("--inside ")[1].split(", ")[0]
    x, y = (float(text) for text in told.split(","))
    assert Polygon(HALL).contains(Point(x, y))


def test_a_place_without_walls_is_told():
    with pytest.raises(ScenarioError, match="no layer is of kind wall"):
        enclose(drawing(floor=[Polygon(HALL)]), {"floor": "walkable"}, ((1, 1),), 0.05, "plan")
