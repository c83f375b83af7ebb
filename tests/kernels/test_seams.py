"""Stepping over seams, and images of those near them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.kernels.arrays import LEAVING, TO_GOAL, TO_SPOT, empty_crowd
from crowdsim.kernels.seams import Seams, cross_seams, mirror_people
from crowdsim.navigation.walls import list_by_cell

REACH = 3.0
ANY = 1000


def seam(ax, ay, bx, by, shift=(100.0, 50.0), pace=0.5, belt=0.0, room=ANY, shut=0):
    ends = np.array([[ax, ay, bx, by]], float)
    start, near, origin, columns, rows = list_by_cell(ends, REACH, 2.0)
    return Seams(
        *(np.array([value], float) for value in (ax, ay, bx, by, *shift)),
        leads=np.array([7], np.int32),
        pace=np.array([[pace]]),
        belt=np.array([belt]),
        room=np.array([room], np.int32),
        shut=np.array([shut], np.uint8),
        start=start,
        near=near,
        origin_x=origin[0],
        origin_y=origin[1],
        size=2.0,
        columns=columns,
        rows=rows,
    )


def crowd_at(*places, activity=TO_GOAL):
    crowd = empty_crowd(len(places))
    crowd.x, crowd.y = np.array(places, float).T
    crowd.spot_x, crowd.spot_y, crowd.activity = crowd.x + 1, crowd.y, activity
    crowd.free_speed = 1.3
    return crowd


def cross(crowd, line):
    n = len(crowd)
    sheet = np.zeros(n, np.int32)
    rows, profile, speed = np.arange(n, dtype=np.int32), np.zeros(n, np.int32), np.full(n, 1.4)
    return cross_seams(crowd, rows, line, profile, speed, sheet, 0.5), sheet


def mirror(crowd, line, room=10):
    images = empty_crowd(room)
    count = mirror_people(crowd, np.arange(len(crowd), dtype=np.int32), line, REACH, images)
    return count, images


def test_beyond_is_to_the_left():
    """The line goes up along x = 0: what is beyond has x < 0."""
    crowd = crowd_at((-0.1, 1.0), (0.1, 1.0), (-0.1, 2.1), (-0.1, -0.1), (-0.6, 1.0))
    count, sheet = cross(crowd, seam(0, 0, 0, 2))
    assert count == 1
    assert sheet.tolist() == [7, 0, 0, 0, 0]
    assert (crowd.x[0], crowd.y[0]) == pytest.approx((99.9, 51.0))
    assert crowd.free_speed.tolist() == pytest.approx([0.7, 1.3, 1.3, 1.3, 1.3])


def test_an_escalator_gives_its_own_speed():
    crowd = crowd_at((-0.1, 1.0))
    cross(crowd, seam(0, 0, 0, 2, belt=0.4))
    assert crowd.free_speed[0] == 0.4


@given(st.floats(0, 6.28), st.floats(0.02, 0.4), st.floats(0.05, 0.95))
def test_those_who_may_not_cross_are_put_back_just_before_the_line(angle, beyond, along):
    out = np.array([-np.sin(angle), np.cos(angle)])
    way = np.array([np.cos(angle), np.sin(angle)])
    start, end = np.array([5.0, 3.0]), np.array([5.0, 3.0]) + 2 * way
    place = start + 2 * along * way + beyond * out
    for line in (seam(*start, *end, pace=0.0), seam(*start, *end, room=0)):
        crowd = crowd_at(tuple(place))
        count, sheet = cross(crowd, line)
        assert (count, sheet[0]) == (0, 0)
        assert crowd.x[0], crowd.y[0] == pytest.approx(tuple(start + 2 * along * way), abs=1e-5)
        assert (np.array([crowd.x[0], crowd.y[0]]) - start) @ out < 0


def test_no_more_cross_than_there_is_room_for():
    crowd = crowd_at((-0.1, 0.5), (-0.1, 1.0), (-0.1, 1.5))
    count, sheet = cross(crowd, seam(0, 0, 0, 2, room=2))
    assert count == 2
    assert sheet.tolist() == [7, 7, 0]


def test_whoever_stands_goes_back_to_the_own_place():
    """The place is moved along with those pushed over a line; it is no place for those who walk out of the venue."""
    standing, leaving = crowd_at((-0.1, 1.0), activity=TO_SPOT), crowd_at((-0.1, 1.0), activity=LEAVING)
    for crowd, spot in ((standing, (100.9, 51.0)), (leaving, (0.9, 1.0))):
        cross(crowd, seam(0, 0, 0, 2))
        assert (crowd.spot_x[0], crowd.spot_y[0]) == pytest.approx(spot)


def test_images_are_of_those_in_front_of_a_line_and_near():
    crowd = crowd_at((1.0, 1.0), (2.9, 1.0), (3.1, 1.0), (-0.1, 1.0), (1.0, 4.5), (2.0, 4.5), (40.0, 30.0))
    crowd.speed[:] = np.arange(7)
    count, images = mirror(crowd, seam(0, 0, 0, 2))
    assert count == 3
    assert images.x[:3].tolist() == pytest.approx([101.0, 102.9, 101.0])
    assert images.y[:3].tolist() == pytest.approx([51.0, 51.0, 54.5])
    assert images.speed[:3].tolist() == [0, 1, 4]


def test_nobody_is_seen_through_a_shut_door_and_room_is_never_exceeded():
    crowd = crowd_at((1.0, 1.0), (1.5, 1.0))
    assert mirror(crowd, seam(0, 0, 0, 2, shut=1))[0] == 0
    count, images = mirror(crowd, seam(0, 0, 0, 2), room=1)
    assert (count, images.x[0]) == (2, 101.0)
