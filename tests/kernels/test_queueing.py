"""Where those who queue head for: along a line with corners, and behind others nearer to its end."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT, empty_crowd
from crowdsim.kernels.queueing import (
    AHEAD_M,
    SPACING_M,
    STRAIGHT,
    Line,
    follow_line,
    make_for_aims,
    point_along,
    see_others_before,
)

CORNERED = Line(
    np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]), np.array([0.0, 4.0, 7.0]), first_m=0.5, spacing_m=0.5, railed=False
)


def people_at(*points):
    crowd = empty_crowd(len(points))
    crowd.x, crowd.y = np.array(points, float).T
    crowd.activity = TO_GOAL
    return crowd


@given(st.floats(-1.0, 9.0))
def test_points_of_a_line_are_those_between_its_vertices(along):
    expected = [np.interp(along, CORNERED.arc, CORNERED.vertices[:, axis]) for axis in (0, 1)]
    assert point_along(CORNERED, along) == pytest.approx(expected)


def moved(points, aims, line=CORNERED):
    crowd, aim, along = people_at(*points), np.array(aims, float), np.empty(len(points))
    rows = np.arange(len(points), dtype=np.int32)
    follow_line(crowd, line, rows, aim, along)
    make_for_aims(crowd, line, rows, aim, along)
    return crowd, aim, along


def test_whoever_comes_nearer_heads_for_a_point_ahead_but_never_past_the_own_place():
    crowd, aim, along = moved([(2.0, 0.0), (2.6, 0.0)], [2.0, 2.6])
    assert aim.tolist() == pytest.approx([2.0 - AHEAD_M, 2.6 - AHEAD_M])
    assert along.tolist() == pytest.approx([2.0, 2.6])
    assert crowd.spot_x.tolist() == pytest.approx(aim.tolist())
    _, aim, _ = moved([(0.6, 0.0), (1.1, 0.0)], [0.6, 1.1])
    assert aim.tolist() == pytest.approx([0.5, 1.0])


def test_a_corner_is_turned_by_those_who_have_come_to_it_only():
    _, aim, along = moved([(4.0, 0.8), (4.0, 0.2)], [4.0, 4.0])
    assert aim.tolist() == pytest.approx([4.0, 4.0 - AHEAD_M + 0.2])
    assert along[0] == pytest.approx(4.8)


def test_whoever_has_not_come_to_the_line_walks_on_to_its_end():
    crowd, aim, along = moved([(5.0, 5.0)], [math.inf])
    assert math.isinf(aim[0])
    assert crowd.activity[0] == TO_GOAL
    assert along[0] > 7.0


def test_between_rails_nobody_makes_for_a_point_ahead_of_the_one_before():
    railed = CORNERED._replace(railed=True)
    crowd, _, along = moved([(3.0, 0.0), (2.9, 0.3)], [2.0, 2.0], railed)
    assert crowd.activity.tolist() == [TO_SPOT, TO_SPOT]
    assert crowd.spot_x[1] >= along[0] - 1e-9


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.floats(0.0, 2.0)),
    st.integers(0, 2**16),
)
@settings(max_examples=50)
def test_others_before_are_those_of_a_plain_search(places, seed):
    apart_m = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assume(not np.isclose(apart_m, SPACING_M).any())  # rounding decides
    rng = np.random.default_rng(seed)
    crowd = people_at(*places)
    away = rng.uniform(0.0, 5.0, len(places))
    turn = rng.uniform(0.0, 2.0 * np.pi, len(places))
    toward = np.column_stack([np.cos(turn), np.sin(turn)])
    order = np.argsort(places[:, 0], kind="stable")
    sees = np.empty((len(places), 3), bool)
    rows = np.arange(len(places), dtype=np.int32)
    see_others_before(crowd, rows, away, toward, places[order], away[order], sees)
    for p, (here, way) in enumerate(zip(places, toward, strict=True)):
        near = [
            (way[0] * dy - way[1] * dx >= 0.0, way[0] * dx + way[1] * dy > STRAIGHT * math.hypot(dx, dy))
            for (dx, dy), far_m in zip(places - here, away, strict=True)
            if 0.0 < math.hypot(dx, dy) <= SPACING_M and far_m < away[p]
        ]
        expected = [any(left for left, _ in near), not all(left for left, _ in near), any(ahead for _, ahead in near)]
        assert sees[p].tolist() == expected
