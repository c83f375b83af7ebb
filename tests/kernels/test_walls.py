import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from crowdsim.kernels.walls import closest_on_wall, find_walls, is_hidden, stay_clear
from crowdsim.navigation.walls import list_walls

CLEARANCE = 0.2
# A room with a thin partition, a wedge and a pillar: what steps can go wrong at.
ROOM = Polygon(
    [(0, 0), (6, 0), (6, 4), (0, 4)],
    [
        [(2, 0.5), (2.02, 0.5), (2.02, 3.0), (2, 3.0)],
        [(3.5, 1), (5, 1.6), (3.5, 1.5)],
        [(4.5, 3), (4.6, 2.9), (4.7, 3), (4.6, 3.1)],
    ],
)
WALLS = list_walls(ROOM, CLEARANCE, 3.0)
FREE = ROOM.buffer(-CLEARANCE)

points = st.tuples(st.floats(0, 6), st.floats(0, 4))


@given(points, st.floats(0, 2 * math.pi), st.floats(0, 0.19))
def test_a_step_from_a_clear_place_ends_in_a_clear_place_and_crosses_no_wall(start, angle, length):
    assume(FREE.contains(Point(start)))
    x, y = start
    new_x, new_y = stay_clear(WALLS, x, y, x + length * math.cos(angle), y + length * math.sin(angle))
    assert ROOM.contains(Point(new_x, new_y))
    assert ROOM.boundary.distance(Point(new_x, new_y)) >= CLEARANCE - 1e-6
    assert not LineString([start, (new_x, new_y)]).intersects(ROOM.boundary)


@given(points, st.floats(0, 2 * math.pi), st.floats(0.1, 1.0))
def test_hidden_means_a_wall_lies_between(one, angle, length):
    other = (one[0] + length * math.cos(angle), one[1] + length * math.sin(angle))
    assume(FREE.contains(Point(one)) and FREE.contains(Point(other)))
    between = LineString([one, other])
    first, last = find_walls(WALLS, *one)
    assert is_hidden(WALLS, first, last, *one, *other) == between.crosses(ROOM.boundary)


@given(points)
def test_listed_walls_hold_the_nearest_one_within_reach(point):
    distance = ROOM.boundary.distance(Point(point))
    assume(0 < distance < 1.0)
    first, last = find_walls(WALLS, *point)
    offsets = [closest_on_wall(WALLS, WALLS.near[k], *point)[:2] for k in range(first, last)]
    assert np.isclose(min(math.hypot(*offset) for offset in offsets), distance)


def test_sliding_along_a_wall_keeps_the_way_along_it():
    x, y = stay_clear(WALLS, 1.0, CLEARANCE, 1.1, CLEARANCE - 0.1)
    assert np.isclose(x, 1.1)
    assert np.isclose(y, CLEARANCE)


def test_far_from_walls_nothing_is_listed():
    wide = list_walls(box(0, 0, 20, 20), CLEARANCE, 3.0)
    first, last = find_walls(wide, 10, 10)
    assert first == last
