"""Fluid bounds against closed forms and against one event after another."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.assess.by_hand_fluid import pass_through, work_off

TIMES = st.lists(st.floats(0, 1000), min_size=1, max_size=40)


def one_after_another(ready: list[float], capacity: float) -> list[float]:
    passed: list[float] = []
    for at in sorted(ready):
        passed.append(max(at, passed[-1] if passed else -math.inf) + 1 / capacity)
    return passed


def served(arrivals: list[float], servers: int, mean_s: float) -> tuple[list[float], list[float]]:
    """Return waits and ends of service: a server takes the next as soon as it is free."""
    free = [0.0] * servers
    waits, ends = [], []
    for at in sorted(arrivals):
        begins = max(at, heapq.heappop(free))
        waits.append(begins - at)
        ends.append(begins + mean_s)
        heapq.heappush(free, ends[-1])
    return waits, ends


@given(st.integers(1, 500), st.floats(0.1, 10))
def test_all_there_at_once_take_their_number_over_the_capacity(people, capacity):
    assert pass_through(np.zeros(people), capacity)[-1] == pytest.approx(people / capacity)


@given(TIMES, st.floats(0.01, 10))
def test_passing_is_that_of_one_after_another(ready, capacity):
    assert pass_through(np.array(ready), capacity) == pytest.approx(one_after_another(ready, capacity))


@given(TIMES, st.floats(0.01, 10), st.floats(1.0, 5.0))
def test_more_capacity_never_lets_anyone_pass_later(ready, capacity, times):
    narrow, wide = (pass_through(np.array(ready), c) for c in (capacity, times * capacity))
    assert (wide <= narrow + 1e-9).all()


# ---------------------------------------------------------------- queues
def test_a_steady_overload_has_the_closed_form():
    """20 a minute come for ten minutes, 15 are served: 50 are left, the last waits 50 / 15 min."""
    arrivals = np.arange(200) * 3.0
    queue = work_off(arrivals, [(0.0, 1)], 4.0)
    assert queue.content[-1] == pytest.approx(200 - 597 / 4)  # n - t / s
    assert queue.wait_s[-1] == pytest.approx(199 * 4.0 - 597.0)
    assert queue.last_s == pytest.approx(800.0)
    assert queue.most_waiting == pytest.approx(200 - 597 / 4 - 1)


@given(TIMES, st.floats(0.5, 30))
def test_one_server_is_that_of_one_event_after_another(arrivals, mean_s):
    queue = work_off(np.array(arrivals), [(0.0, 1)], mean_s)
    waits, ends = served(arrivals, 1, mean_s)
    assert queue.wait_s == pytest.approx(waits, abs=1e-6)
    assert queue.last_s == pytest.approx(ends[-1])


@given(TIMES, st.integers(2, 6), st.floats(0.5, 30))
def test_several_servers_are_never_slower_than_one_event_after_another_and_no_service_quicker(
    arrivals, servers, mean_s
):
    """A fluid is worked off by all servers together: so nobody waits longer, and at most one service less."""
    waits, ends = served(arrivals, servers, mean_s)
    queue = work_off(np.array(arrivals), [(0.0, servers)], mean_s)
    assert (queue.wait_s <= np.array(waits) + 1e-6).all()
    assert (queue.wait_s >= np.array(waits) - mean_s - 1e-6).all()
    assert ends[-1] - mean_s - 1e-6 <= queue.last_s <= ends[-1] + 1e-6


def test_a_break_holds_everyone_up():
    queue = work_off(np.array([0.0, 1.0, 12.0]), [(0.0, 1), (10.0, 0), (30.0, 1)], 10.0)
    assert queue.wait_s.tolist() == [0.0, 29.0, 28.0]  # the second is taken as the break ends, the third after that one
    assert queue.last_s == pytest.approx(50.0)
    assert queue.most_waiting == 2.0  # while nobody serves


def test_who_is_left_when_it_closes_is_never_served():
    queue = work_off(np.zeros(5), [(0.0, 1), (30.0, 0)], 10.0)
    assert queue.wait_s[:3].tolist() == [0.0, 10.0, 20.0]
    assert queue.last_s == math.inf


PLANS = st.lists(st.tuples(st.floats(1, 200), st.integers(0, 4)), max_size=4).map(
    lambda parts: [
        (float(at), n)
        for at, n in zip(np.cumsum([0.0, *(t for t, _ in parts)]), [1, *(n for _, n in parts)], strict=True)
    ]
)


@given(TIMES, PLANS, st.floats(0.5, 30))
def test_what_comes_is_worked_off_or_there(arrivals, plan, mean_s):
    """Content just after each arrival: those come less what was worked off; that is never more than could be."""
    queue = work_off(np.array(arrivals), plan, mean_s)
    content, before = 0.0, 0.0
    for k, at in enumerate(sorted(arrivals)):
        could = sum(
            n / mean_s * max(min(at, end) - max(before, begin), 0.0)
            for (begin, n), end in zip(plan, [*(b for b, _ in plan[1:]), math.inf], strict=True)
        )
        content, before = max(content - could, 0.0) + 1.0, at
        assert queue.content[k] == pytest.approx(content, abs=1e-6)


@given(TIMES, st.integers(1, 5), st.floats(0.5, 30))
def test_one_more_server_never_makes_anyone_wait_longer(arrivals, servers, mean_s):
    few, many = (work_off(np.array(arrivals), [(0.0, n)], mean_s) for n in (servers, servers + 1))
    assert (many.wait_s <= few.wait_s + 1e-6).all()
    assert many.last_s <= few.last_s + 1e-6
    assert many.most_waiting <= few.most_waiting + 1e-6
