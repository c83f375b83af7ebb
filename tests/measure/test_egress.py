"""Who comes and goes when, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import hall

from crowdsim.measure import Egress, measure
from crowdsim.measure.egress import spread
from measure.runs import Person, stander, write_run


def leaver(entry_s: float, exit_s: float, **times: float) -> Person:
    return Person(((entry_s, 2.0, 5.0), (exit_s, 10.0, 5.0)), exit="out", **times)


def egress_of(folder: Path, people: list[Person], until_s: float = 60.0) -> Egress:
    return measure(write_run(folder, hall(10, 10, 1), people, until_s=until_s)).egress


def everyone_out_at(times: list[float]) -> Egress:
    n = len(times)
    return Egress(n, np.zeros(n), np.sort(times), 0, np.array(times), np.zeros(n))


def test_the_last_one_out_ends_the_egress(tmp_path: Path) -> None:
    egress = egress_of(tmp_path, [leaver(0, 12.25), leaver(3, 41.5), leaver(0, 8)])
    assert egress.egress_time_s == 41.5
    assert egress.exit_s.tolist() == [8.0, 12.25, 41.5]
    assert egress.entry_s.tolist() == [0.0, 0.0, 3.0]
    assert (egress.planned, egress.inside, egress.blocked, egress.everyone_left) == (3, 0, 0, True)


def test_there_is_no_egress_time_while_someone_is_inside(tmp_path: Path) -> None:
    egress = egress_of(tmp_path, [leaver(0, 12.25), stander(5, 5)])
    assert egress.egress_time_s is None
    assert (egress.inside, egress.everyone_left) == (1, False)


def test_there_is_no_egress_time_while_someone_is_still_to_come(tmp_path: Path) -> None:
    egress = egress_of(tmp_path, [leaver(0, 12.25), Person(due_s=90.0)])
    assert egress.egress_time_s is None
    assert (egress.inside, egress.blocked) == (0, 0)


def test_who_was_due_and_found_no_room_is_blocked(tmp_path: Path) -> None:
    egress = egress_of(tmp_path, [leaver(0, 12.25), Person(due_s=30.0), Person(due_s=61.0)])
    assert (egress.planned, egress.blocked) == (3, 1)


def test_travel_time_is_from_entering_to_leaving(tmp_path: Path) -> None:
    egress = egress_of(tmp_path, [leaver(2.0, 22.0), leaver(10.0, 15.0), stander(3, 3)])
    assert sorted(egress.travel_s) == [5.0, 20.0]


def test_delay_is_what_is_neither_walk_nor_wait(tmp_path: Path) -> None:
    people = [leaver(2.0, 22.0, free_walk_s=12.0, waited_s=5.0), leaver(0.0, 8.0, free_walk_s=8.0)]
    assert sorted(egress_of(tmp_path, people).delay_s) == pytest.approx([0.0, 3.0])


@pytest.mark.parametrize("planned", [1, 2, 19, 20, 21, 100, 180, 220, 5000])
def test_shares_of_those_planned_are_whole_people(planned: int) -> None:
    egress = everyone_out_at([float(k) for k in range(1, planned + 1)])
    assert egress.time_by_which_left(0.95) == -(-95 * planned // 100)
    assert egress.time_by_which_left(0.5) == -(-planned // 2)
    assert egress.time_by_which_left(1.0) == egress.egress_time_s


def test_a_share_not_reached_has_no_time() -> None:
    egress = Egress(4, np.zeros(4), np.array([1.0, 2.0]), 0, np.array([1.0, 2.0]), np.zeros(2))
    assert egress.time_by_which_left(0.5) == 2.0
    assert egress.time_by_which_left(0.75) is None


@given(times=st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_half_are_out_before_most_and_most_before_all(times: list[float]) -> None:
    egress = everyone_out_at(times)
    t50, t95, last = egress.time_by_which_left(0.5), egress.time_by_which_left(0.95), egress.egress_time_s
    assert t50 is not None and t95 is not None and last is not None
    assert t50 <= t95 <= last == max(times)


def test_spread_of_known_numbers() -> None:
    assert spread(np.arange(101.0)) == {"mean": 50.0, "p50": 50.0, "p95": 95.0, "max": 100.0}
    assert set(spread(np.empty(0)).values()) == {None}
