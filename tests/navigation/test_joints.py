"""Walking distances that go on from one sheet of the venue to the next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels import HIGH, LEVELS, LOW, RUN_M, on, person, two_halls, way
from scenes import area, rectangle, scenario

from crowdsim.kernels.fields import look_up
from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation import build_navigation
from crowdsim.venue import build_venue

CLEARANCE = 0.18


def navigation_of(scene, *goals):
    venue = build_venue(scene, unfolded=True)
    profiles = list(scene.config.profiles.values())
    used = [profile for name, profile in scene.config.profiles.items() if name in ("adult", "wheels")]
    assert profiles
    return venue, build_navigation(venue, goals or ("out",), CLEARANCE, 3.0, profiles=used)


def distance(venue, navigation, sheet, x, y, goal=0):
    """Return the distance from a place in the plan, on the sheet of a name."""
    shift = next(s.shift for s in venue.sheets if s.name == sheet)
    return look_up(navigation.fields, goal, x + shift[0], y + shift[1])


def stair_at(y, width=2.0, name="stair", **rise):
    return way(name, "stair", (12, y), (12 + RUN_M, y), width=width, **rise)


@given(st.floats(3.0, 7.0), st.floats(1.0, 3.0), st.floats(0.5, 11.0), st.floats(0.5, 9.5))
def test_the_way_over_a_stair_is_as_long_as_on_one_plane(middle, width, x, y):
    """At the speed of the level it is the straight way through the stair, round the corners of its mouth."""
    level = {"adult": person(stairs_up=1.0, stairs_down=1.0)}
    venue, navigation = navigation_of(two_halls(stair_at(middle, width), profiles=level))
    low, high = middle - width / 2 + CLEARANCE, middle + width / 2 - CLEARANCE
    corner = np.clip(y, low, high)  # where the way enters the stair; from there it goes straight on
    expected = np.hypot(12 - x, corner - y) + RUN_M + 12
    found, _, _ = distance(venue, navigation, LOW, x, y)
    assert found == pytest.approx(expected, rel=0.02, abs=0.3)
    on_stair, toward_x, toward_y = distance(venue, navigation, "stair", 15, middle)
    assert on_stair == pytest.approx(RUN_M - 3 + 12, abs=0.1)
    assert (toward_x, toward_y) == pytest.approx((1.0, 0.0), abs=0.03)


def test_distances_agree_on_both_sides_of_a_landing():
    venue, navigation = navigation_of(two_halls(stair_at(5)))
    for x, sheets in ((12.0, (LOW, "stair")), (12 + RUN_M, ("stair", HIGH))):
        for y in (4.4, 5.0, 5.6):
            here, there = (distance(venue, navigation, sheet, x, y)[0] for sheet in sheets)
            assert here == pytest.approx(there, abs=0.02)


def test_stairs_count_for_as_long_as_they_take():
    slow = {"adult": person(stairs_up=0.5, stairs_down=0.5)}
    venue, navigation = navigation_of(two_halls(stair_at(5), profiles=slow))
    foot, head = (distance(venue, navigation, sheet, x, 5)[0] for sheet, x in ((LOW, 12), (HIGH, 12 + RUN_M)))
    assert foot - head == pytest.approx(2 * RUN_M, rel=0.01)
    crawl = {"adult": person(stairs_up=0.05, stairs_down=0.05)}
    venue, navigation = navigation_of(two_halls(stair_at(5), profiles=crawl))
    foot, head = (distance(venue, navigation, sheet, x, 5)[0] for sheet, x in ((LOW, 12), (HIGH, 12 + RUN_M)))
    assert foot - head == pytest.approx(MOST_COST * RUN_M, rel=0.01)


def test_one_way_stairs_lead_one_way():
    ways = [way("up", "escalator", (12, 3), (12 + RUN_M, 3), direction="up"), stair_at(7)]
    venue, navigation = navigation_of(two_halls(*ways, down=True))
    # Above, right at the escalator's head, the way down is over the stair.
    head, _, toward_y = distance(venue, navigation, HIGH, 12 + RUN_M + 0.5, 3)
    assert toward_y > 0.8
    assert head > 4 - 2 + RUN_M + 12
    assert np.isinf(distance(venue, navigation, "up", 16, 3)[0]) or distance(venue, navigation, "up", 16, 3)[0] > head


def test_those_who_take_no_steps_have_a_field_of_their_own():
    ramp = way("ramp", "ramp", (12, 8), (12 + RUN_M, 8))
    scene = two_halls(stair_at(3), ramp, profiles={"wheels": person(step_free=True)})
    venue, navigation = navigation_of(scene)
    assert (navigation.goals, navigation.step_free) == (("out", "out"), (False, True))
    assert navigation.indices(["out"], step_free=True) == [1]
    steps, none = (distance(venue, navigation, LOW, 11, 3, goal)[2] for goal in (0, 1))
    assert abs(steps) < 0.1
    assert none > 0.5


def test_a_goal_at_a_landing_is_as_far_from_the_stair_as_it_is():
    """The zone begins right at the head: on the stair the distance falls to nothing there."""
    zone = on(HIGH, area("stage", "zone", rectangle(12 + RUN_M, 2, 24, 8)))
    venue, navigation = navigation_of(two_halls(stair_at(5), features=tuple(zone)), "stage")
    before = [distance(venue, navigation, "stair", 12 + RUN_M - d, 5)[0] for d in (2.0, 1.0, 0.3)]
    per_metre = (before[0] - before[1]) / 1.0
    assert before[2] / per_metre == pytest.approx(0.3, abs=0.05)
    assert distance(venue, navigation, HIGH, 12 + RUN_M + 1.0, 5)[0] < 0


def test_a_lift_counts_for_its_round():
    landing = on(
        HIGH, area("landing", "walkable", rectangle(6, 7, 12, 9)), area("on", "walkable", rectangle(6, 9, 32, 10))
    )
    venue, navigation = navigation_of(
        two_halls(way("lift", "lift", (12, 8), (14, 8), ride_s=20.0, stop_s=10.0), features=tuple(landing))
    )
    below, above = (distance(venue, navigation, level, 11.5, 8)[0] for level in (LOW, HIGH))
    # To the door, into the half of the cabin away from it, and out again: at most twice 0.5 m and twice 1 m.
    assert 0 < below - above - 1.2 * (10 + 2 * 20) < 2 * 0.5 + 2 * 1.0


def test_levels_without_a_link_are_apart():
    floors = [
        *on(LOW, area("a", "walkable", rectangle(0, 0, 9, 9))),
        *on(HIGH, area("b", "walkable", rectangle(0, 0, 9, 9))),
    ]
    ends = [
        *on(LOW, area("start", "zone", rectangle(1, 1, 3, 3))),
        *on(LOW, area("goal", "zone", rectangle(6, 6, 8, 8))),
    ]
    people = {"start": "start", "count": 1, "itinerary": [{"exit": "nearest"}]}
    scene = scenario([*floors, *ends], {"people": people}, levels=LEVELS)
    venue, navigation = navigation_of(scene, "goal")
    assert np.isfinite(distance(venue, navigation, LOW, 2, 2)[0])
    assert np.isinf(distance(venue, navigation, HIGH, 2, 2)[0])
