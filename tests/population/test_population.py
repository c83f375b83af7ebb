import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import area, hall, line, rectangle, scenario
from scipy.spatial.distance import pdist
from scipy.stats import kstest, lognorm
from shapely import box

from crowdsim.errors import ScenarioError
from crowdsim.population import plan_population
from crowdsim.population.draw import draw_duration, draw_truncated, generator
from crowdsim.population.placement import capacity, place
from crowdsim.scenario.distributions import Lognormal, Normal, TruncatedNormal, Uniform
from crowdsim.venue import build_venue

NOBODY = np.empty((0, 3))


@given(st.integers(1, 400), st.integers(0, 100))
def test_placed_people_stand_apart_and_inside(n, seed):
    room = box(0, 0, 15, 10)
    places = place(room, n, 0.2, np.random.default_rng(seed), NOBODY)
    assert places is not None
    assert len(places) == n
    assert (places >= 0).all()
    assert (places <= (15, 10)).all()
    if n > 1:
        assert pdist(places).min() >= 0.4


def test_a_full_room_is_filled_to_its_capacity_and_no_further():
    room = box(0, 0, 6, 5)
    most = capacity(room, 0.2, NOBODY)
    assert 4 < most / room.area < 7.3  # discs of 0.2 m pack at 7.2 /m2 at most (hexagonal lattice)
    rng = np.random.default_rng(1)
    assert place(room, most, 0.2, rng, NOBODY) is not None
    assert place(room, most + 1, 0.2, rng, NOBODY) is None


def test_second_comers_keep_clear_of_the_first():
    room, rng = box(0, 0, 8, 8), np.random.default_rng(2)
    first = place(room, 60, 0.2, rng, NOBODY)
    second = place(room, 60, 0.2, rng, np.column_stack([first, np.full(60, 0.2)]))
    assert pdist(np.concatenate([first, second])).min() >= 0.4


def test_free_speeds_follow_the_profile():
    values = draw_truncated(TruncatedNormal(mean=1.34, sd=0.26, min=0.5, max=2.2), 5000, generator(1, "a"))
    assert values.min() >= 0.5
    assert values.max() <= 2.2
    assert values.mean() == pytest.approx(1.34, abs=0.02)
    assert values.std() == pytest.approx(0.26, abs=0.02)


def test_durations_follow_their_distributions():
    rng = generator(3, "durations")
    uniform = draw_duration(Uniform(distribution="uniform", min_s=10.0, max_s=100.0), 2000, rng)
    assert kstest(uniform, "uniform", args=(10, 90)).pvalue > 0.01
    log = draw_duration(Lognormal(distribution="lognormal", median_s=60.0, sigma=0.5), 2000, rng)
    assert kstest(log, lognorm(0.5, scale=60).cdf).pvalue > 0.01
    normal = draw_duration(Normal(distribution="normal", mean_s=1.0, sd_s=5.0), 2000, rng)
    assert normal.min() >= 0


def test_one_group_does_not_change_another():
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 10)),
        area("left", "zone", rectangle(0, 0, 8, 10)),
        area("right", "zone", rectangle(12, 0, 20, 10)),
        line("out", "exit", (20, 4), (20, 6)),
    ]

    def plan(right: int):
        groups = {"l": {"start": "left", "count": 20}, "r": {"start": "right", "count": right}}
        scene = scenario(features, groups)
        return plan_population(scene, build_venue(scene))

    few, many = plan(5), plan(50)
    for name in ("free_speed", "radius", "x", "y"):
        assert np.array_equal(getattr(few, name)[:20], getattr(many, name)[:20])


def test_a_zone_too_small_says_how_many_fit():
    scene = hall(5, 4, 500)
    with pytest.raises(ScenarioError, match=r"500 attendees to start on 20\.0 m2.*at most"):
        plan_population(scene, build_venue(scene))
