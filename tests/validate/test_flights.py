"""Venues with stairs and lifts for test cases: what is measured in them is what the set speeds and rides give."""

import itertools
import math

import numpy as np
import pytest

from crowdsim.validate import flights, stairs, storeys
from crowdsim.validate.case import Trial
from crowdsim.validate.venues import DEFAULT_MOVEMENT, exactly, profile

ONE = Trial(DEFAULT_MOVEMENT, (1,))


@pytest.mark.parametrize("up", [True, False])
def test_a_lone_walker_keeps_the_standard_share_of_the_speed(up):
    seen, due = flights.walked_m_s(DEFAULT_MOVEMENT, 1, 10.0, up=up)
    assert due == pytest.approx(1.34 * (0.455 if up else 0.518) / math.cos(flights.SLOPE), rel=1e-3)
    assert seen == pytest.approx(due, rel=0.01)  # a step's way at either end


def test_everyone_passes_the_stair_rightwards_and_in_the_plan():
    person = profile(exactly(1.2))
    for up in (True, False):
        track = flights.over_a_stair(
            DEFAULT_MOVEMENT, 2, up=up, run_m=6.0, width_m=2.0, count=20, room=(8.0, 6.0), person=person
        )
        assert np.isfinite(track.exit_s).all()
        assert track.conserved
        times = [track.crossing_s(x) for x in (8.0, 11.0, 14.0)]
        assert all((later > earlier).all() for earlier, later in itertools.pairwise(times))


def test_a_stair_has_a_slower_speed_than_a_corridor_and_a_model_that_ignores_it_would_fail():
    person = profile(exactly(1.2))
    slow = flights.over_a_stair(
        DEFAULT_MOVEMENT, 1, up=True, run_m=10.0, width_m=2.0, count=1, room=(3.0, 2.0), person=person, every_s=0.05
    )
    seconds = slow.crossing_s(13.0)[0] - slow.crossing_s(3.0)[0]
    assert seconds == pytest.approx(10.0 / (1.2 * 0.455), rel=0.01)


def test_a_lift_takes_no_more_people_than_it_may():
    outcome = storeys.lift(ONE)
    assert outcome.verdict == "pass", outcome.note
    assert max(outcome.measured[1].values) <= flights.LIFT_TAKES


def test_the_farther_the_way_round_the_more_take_the_stairs():
    shares = [row.mean for row in storeys.stair_or_round(ONE).measured]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_a_crowd_is_faster_down_than_up_and_a_stair_carries_less_than_a_corridor():
    for run in (stairs.down_and_up, stairs.carries_less, stairs.by_factor):
        outcome = run(ONE)
        assert outcome.verdict == "pass", outcome.note
        assert outcome.figure.startswith(b"\x89PNG")
