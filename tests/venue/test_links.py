"""Ways between levels as geometry."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels import way
from shapely import LineString, Point

from crowdsim.venue.links import make_link


@given(st.floats(0, 2 * math.pi), st.floats(0.5, 6.0), st.floats(2.0, 20.0))
def test_the_middle_is_as_wide_as_the_way_and_up_is_to_its_right(heading, width, length):
    foot, head = (3.0, 4.0), (3.0 + length * math.cos(heading), 4.0 + length * math.sin(heading))
    link = make_link(way("s", "stair", foot, head, width=width), None, 4.0)
    middle = link.middle
    assert middle.length == pytest.approx(width)
    assert middle.distance(Point((foot[0] + head[0]) / 2, (foot[1] + head[1]) / 2)) < 1e-9
    (ax, ay), (bx, by) = middle.coords
    assert (bx - ax) * (head[1] - ay) - (by - ay) * (head[0] - ax) < 0  # right of it
    assert (bx - ax) * (foot[1] - ay) - (by - ay) * (foot[0] - ax) > 0


def test_the_middle_of_a_way_that_turns_is_on_its_longest_piece():
    link = make_link(way("s", "stair", (0, 0), (3, 0), (3, 10), width=2.0), None, 4.0)
    assert link.middle.equals(LineString([(2, 5), (4, 5)]))
