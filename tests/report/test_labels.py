import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.report.labels import GAP_PT, Mark, place_badges

LOW, HIGH = np.zeros(2), np.array([500.0, 400.0])
RADIUS = 7.0
NOTHING = np.empty((0, 2))

inside = st.tuples(st.floats(0, 500), st.floats(0, 400))
directions = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


@given(st.lists(st.tuples(inside, directions), max_size=25))
def test_badges_stay_on_the_map_and_off_each_other(places):
    marks = [Mark(anchor, RADIUS, towards) for anchor, towards in places]
    badges = place_badges(marks, NOTHING, LOW, HIGH)
    assert badges.shape == (len(marks), 2)
    assert ((badges >= LOW + RADIUS) & (badges <= HIGH - RADIUS)).all()
    for k, badge in enumerate(badges):
        apart = np.hypot(*(badges[:k] - badge).T)
        assert (apart >= 2 * RADIUS + GAP_PT).all()


def test_a_badge_alone_sits_on_what_it_names():
    assert place_badges([Mark((100.0, 100.0), RADIUS)], NOTHING, LOW, HIGH).tolist() == [[100.0, 100.0]]


def test_a_badge_leaves_a_door_visible_and_goes_to_the_side_wanted():
    door = np.column_stack([np.linspace(90, 110, 6), np.full(6, 100.0)])
    for side in (1.0, -1.0):
        (badge,) = place_badges([Mark((100.0, 100.0), RADIUS, (0.0, side))], door, LOW, HIGH)
        assert np.hypot(*(door - badge).T).min() > RADIUS
        assert np.sign(badge[1] - 100.0) == side


def test_wider_badges_keep_farther_apart():
    marks = [Mark((100.0, 100.0), 7.0), Mark((100.0, 100.0), 12.0)]
    badges = place_badges(marks, NOTHING, LOW, HIGH)
    assert np.hypot(*(badges[0] - badges[1])) >= 19.0 + GAP_PT
