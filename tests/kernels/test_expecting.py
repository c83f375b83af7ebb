"""What people expect of exits: when they are through, where they are out first, and what they see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.ops import unary_union

from crowdsim.kernels.arrays import empty_crowd
from crowdsim.kernels.expecting import Prospects, choose_exits, expect_departures, see_goals
from crowdsim.navigation.fields import build_fields
from crowdsim.navigation.grid import build_grid


def departures(arrive_s, headway_s):
    expect_departures(np.array(arrive_s, float), headway_s, through_s := np.empty(len(arrive_s)))
    return through_s


def choose(walk_s, wait_s, own=-1, *, known=True, watched=True, gain_s=0.0, headway_s=1.0):
    """Let people choose one after the other; the exits' figures as rows of (r, g)."""
    walk_s, wait_s = np.array(walk_s, float), np.array(wait_s, float)
    r, g = walk_s.shape
    chosen = np.empty(r, np.int64)
    prospects = Prospects(
        walk_s, wait_s, np.broadcast_to(known, (r, g)).copy(), np.full((r, g), watched), np.ones((r, g))
    )
    own = np.broadcast_to(np.array(own, np.int64), (r,)).copy()
    choose_exits(prospects, np.full(g, headway_s), own, np.full(r, gain_s), np.zeros(r), np.zeros((g, 100)), chosen)
    return chosen.tolist()


def test_in_a_queue_one_leaves_every_headway_from_the_first_arrival_on():
    assert departures([3.0, 3.1, 3.2, 3.3], 2.0).tolist() == [3.0, 5.0, 7.0, 9.0]


def test_who_comes_when_the_queue_is_gone_does_not_wait():
    assert departures([1.0, 1.5, 60.0], 4.0).tolist() == [1.0, 5.0, 60.0]


@given(st.lists(st.floats(0, 1e3), max_size=30), st.floats(0.01, 10))
@settings(max_examples=100, deadline=None)
def test_nobody_is_through_before_arriving_nor_sooner_than_a_headway_after_the_one_before(arrive_s, headway_s):
    arrive_s = sorted(arrive_s)
    through_s = departures(arrive_s, headway_s)
    assert (through_s >= arrive_s).all()
    assert (np.diff(through_s) >= headway_s * (1 - 1e-9)).all()
    busy = headway_s * len(arrive_s) + max(arrive_s, default=0.0)
    assert through_s.max(initial=0.0) <= busy * (1 + 1e-9)


def test_the_walk_counts_or_the_wait_whichever_takes_longer():
    assert choose([[10.0, 20.0]], [[0.0, 0.0]]) == [0]
    assert choose([[10.0, 20.0]], [[25.0, 0.0]]) == [1]
    assert choose([[10.0, 20.0]], [[15.0, 18.0]]) == [0]


def test_of_exits_as_good_the_nearer_is_taken():
    assert choose([[20.0, 10.0]], [[30.0, 30.0]]) == [1]


def test_nobody_turns_for_less_than_must_be_gained():
    assert choose([[30.0, 21.0]], [[0.0, 0.0]], own=0, gain_s=10.0) == [0]
    assert choose([[30.0, 19.0]], [[0.0, 0.0]], own=0, gain_s=10.0) == [1]


def test_an_own_exit_without_a_way_is_left():
    assert choose([[np.inf, 90.0]], [[0.0, 0.0]], own=0, gain_s=10.0) == [1]
    assert choose([[np.inf, np.inf]], [[0.0, 0.0]], own=0) == [-1]


def test_who_knows_of_no_exit_takes_the_nearest():
    assert choose([[30.0, 20.0]], [[0.0, 90.0]], known=False) == [1]
    assert choose([[30.0, 20.0]], [[0.0, 90.0]], known=[True, False]) == [0]


def test_those_who_choose_at_once_count_who_turned_before_them():
    # Ten people as far from either exit, nobody there: they share them.
    chosen = choose([[5.0, 5.0]] * 10, [[0.0, 0.0]] * 10, headway_s=2.0)
    assert sorted(chosen) == [0] * 5 + [1] * 5


def test_those_who_would_be_there_later_do_not_count():
    walk_s = [[50.0, 90.0]] * 10 + [[5.0, 90.0]]
    chosen = choose(walk_s, [[0.0, 0.0]] * 11, headway_s=20.0)
    assert chosen[-1] == 0
    assert sum(chosen[:-1]) > 0


def seen(ground, goal, edge, at, sees_m=30.0):
    grid = build_grid(ground, 0.2, 0.2)
    fields = build_fields(grid, [goal])
    crowd = empty_crowd(1)
    crowd["x"], crowd["y"] = at
    sees = np.empty((1, 1), bool)
    row, goals = np.zeros(1, np.int32), np.zeros(1, np.int32)
    see_goals(crowd, fields, row, goals, np.array([edge], float), np.array([0, 1]), np.array([sees_m]), sees)
    return bool(sees[0, 0])


@pytest.mark.parametrize(
    ("at", "expected"),
    [((2.0, 5.0), True), ((2.0, 1.0), False), ((11.0, 1.0), True), ((2.0, 8.9), True)],
)
def test_walls_hide_exits(at, expected):
    # A wall from the bottom up to 4 m hides the exit at the lower right from those who stand low to its left.
    ground = unary_union([box(0, 0, 20, 10)]) - box(9.8, 0, 10.2, 4)
    assert seen(ground, box(19, 4, 20, 6) if at[1] > 4 else box(19, 0, 20, 2), exit_edge(at), at) is expected


def exit_edge(at):
    return (20, 4, 20, 6) if at[1] > 4 else (20, 0, 20, 2)


def test_nobody_sees_farther_than_told():
    ground = box(0, 0, 20, 10)
    assert seen(ground, box(19, 4, 20, 6), (20, 4, 20, 6), (5.0, 5.0), sees_m=15.1)
    assert not seen(ground, box(19, 4, 20, 6), (20, 4, 20, 6), (5.0, 5.0), sees_m=14.9)
