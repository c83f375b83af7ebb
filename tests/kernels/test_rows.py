"""Who has arrived, and who is left: against sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.kernels.arrays import BLOCK, LEAVING, TO_GOAL, TO_SPOT, empty_crowd
from crowdsim.kernels.rows import leave_out, list_held_up, take_reached


@given(st.sets(st.integers(0, 200)), st.data())
def test_all_but_the_gone_are_left(rows, data):
    gone = data.draw(st.sets(st.sampled_from(sorted(rows)))) if rows else set()
    left = np.full(len(rows) - len(gone), -1, np.int32)
    leave_out(np.array(sorted(rows), np.int32), np.array(sorted(gone), np.int32), left)
    assert left.tolist() == sorted(rows - gone)


@given(st.sets(st.integers(0, 3 * BLOCK + 9)), st.sets(st.integers(0, 3 * BLOCK + 9)), st.integers(0, 99))
def test_whoever_has_arrived_is_listed_once_at_a_goal_or_beyond_an_exit(arrived, leaving, seed):
    n, people = 3 * BLOCK + 10, 3 * BLOCK
    order = np.random.default_rng(seed).permutation(n).astype(np.int32)
    crowd = empty_crowd(n)
    crowd.reached[list(arrived)] = 1
    crowd.activity = TO_GOAL
    crowd.activity[list(leaving)] = LEAVING
    blocks = np.array([crowd.reached[order[k : k + BLOCK]].any() for k in range(0, n, BLOCK)], np.uint8)
    found = np.empty(people, np.int32)
    at_goals, beyond = take_reached(crowd, order, blocks, people, found)
    listed = arrived & set(range(people))
    assert sorted(found[:at_goals].tolist()) == sorted(listed - leaving)
    assert sorted(found[people - beyond :].tolist()) == sorted(listed & leaving)
    assert not crowd.reached.any()
    assert take_reached(crowd, order, blocks, people, found) == (0, 0)


def test_the_held_up_are_those_who_walk_below_a_tenth_of_their_free_speed():
    crowd = empty_crowd(5)
    crowd.free_speed = 1.0
    crowd.activity = [TO_GOAL, TO_GOAL, TO_SPOT, TO_GOAL, TO_GOAL]
    crowd.progress = [0.09, 0.11, 0.0, 0.0, 0.05]
    found = np.empty(4, np.int32)
    assert list_held_up(crowd, np.array([0, 1, 2, 4], np.int32), found) == 2
    assert found[:2].tolist() == [0, 4]
