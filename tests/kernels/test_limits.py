"""Velocities within the limits that others set: kept, and leading on where the way wanted does."""

import math

import numba
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from crowdsim.kernels.arrays import OPEN, Walls
from crowdsim.kernels.lanes import LANES
from crowdsim.kernels.limits import LIMIT, NO_LIMIT, PRESSING, UNIT_X, UNIT_Y
from crowdsim.kernels.sliding import FOUND_X, FOUND_Y, WANTED_X, WANTED_Y, slide_along

SLIDES = 8
STEP_S = 0.05
ROUNDING = 1e-4  # velocities and limits are compared in single precision, sweep by sweep

NO_WALLS = Walls(
    *(np.zeros(0) for _ in range(4)), np.zeros(2, np.int32), np.zeros(0, np.int32), np.zeros(1, np.uint8),
    0.0, 0.0, 1.0, 1, 1, 0.18,
)  # fmt: skip


def limits_of(others):
    """Return room for limits, filled for others at angles from the x axis that may be approached so fast."""
    limits = np.zeros((4, 3 * LANES), np.float32)
    limits[[LIMIT, PRESSING]] = NO_LIMIT
    for n, (angle, most) in enumerate(others):
        limits[[UNIT_X, UNIT_Y, LIMIT, PRESSING], n] = math.cos(angle), math.sin(angle), most, most
    return limits


@numba.njit
def found(limits, count, tries, ways):
    slide_along(NO_WALLS, OPEN, 0.0, 0.0, STEP_S, SLIDES, limits, PRESSING, count, tries, ways)


def slid(limits, count, *wanted):
    """Return what is left of velocities that are tried at once."""
    tries = np.zeros((4, LANES), np.float32)
    tries[[WANTED_X, WANTED_Y], : len(wanted)] = np.transpose(wanted)
    found(limits, count, tries, len(wanted))
    return tries[[FOUND_X, FOUND_Y], : len(wanted)].T.astype(float)


# Who wedges in the one ahead (at -52 degrees) before a gate has three others close behind, none of them touching.
WEDGED_IN = [(math.radians(-52.5), 0.0), (math.radians(95.5), 0.0516), (math.radians(156.6), 0.054),
             (math.radians(238.3), 0.055)]  # fmt: skip


@given(
    others=st.lists(st.tuples(st.floats(-math.pi, math.pi), st.floats(0.0, 1.5)), max_size=2 * LANES),
    angle=st.floats(-math.pi, math.pi),
    speed=st.floats(0.1, 2.0),
)
@example(others=WEDGED_IN, angle=math.radians(127.5), speed=1.5)
def test_a_way_among_others_keeps_their_limits_and_leads_on_where_the_one_wanted_does(others, angle, speed):
    limits = limits_of(others)
    wanted = np.array([speed * math.cos(angle), speed * math.sin(angle)])
    ((x, y),) = slid(limits, len(others), wanted)
    units = np.array([[math.cos(a), math.sin(a)] for a, _ in others]).reshape(-1, 2)
    most = np.array([limit for _, limit in others])
    assert (units @ [x, y] <= most + ROUNDING).all()
    approach = units @ wanted
    share = min([1.0, *(most[approach > most] / approach[approach > most])])
    if share > ROUNDING:
        assert wanted @ [x, y] > 0.0


def test_who_wedges_in_somebody_steps_back_as_far_as_those_behind_let_it():
    wanted = 1.5 * math.cos(math.radians(127.5)), 1.5 * math.sin(math.radians(127.5))
    ((x, y),) = slid(limits_of(WEDGED_IN), 4, wanted)
    assert math.hypot(x, y) > 0.05


@given(
    others=st.lists(st.tuples(st.floats(-math.pi, math.pi), st.floats(0.0, 1.5)), max_size=2 * LANES),
    angles=st.lists(st.floats(-math.pi, math.pi), min_size=2, max_size=3),
)
def test_ways_tried_at_once_come_to_what_each_comes_to_alone(others, angles):
    limits = limits_of(others)
    wanted = [(1.4 * math.cos(angle), 1.4 * math.sin(angle)) for angle in angles]
    at_once = slid(limits, len(others), *wanted)
    alone = np.concatenate([slid(limits, len(others), one) for one in wanted])
    # Those that have settled are slid on with the others: by rounding, in single precision.
    assert np.abs(at_once - alone).max() < ROUNDING
