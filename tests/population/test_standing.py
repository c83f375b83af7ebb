"""Where a crowd stands before a stage: how density falls, and how near people stand."""

from dataclasses import replace

import numpy as np
import pytest
from levels import HIGH, on, two_halls, way
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario
from scipy.spatial.distance import pdist
from scipy.stats import linregress

from crowdsim.population import plan_population
from crowdsim.population.standing import NO_PLACE, StandingPlaces, closest_m, most_at_once, shares
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.venue import build_venue

LONGEST_M, WIDE_M = 60.0, 30.0


def field(count, *, legs=None, programme=None, **zone):
    """Return people on a field of 60 m by 30 m before a stage that is as wide as it."""
    made = [
        area("field", "walkable", rectangle(-10, 0, 70, 30)),
        area("floor", "zone", rectangle(0, 0, LONGEST_M, WIDE_M)),
        area("stage", "obstacle", rectangle(-4, 0, 0, 30)),
        line("in", "entrance", (70, 2), (70, 28)),
        line("out", "exit", (70, 10), (70, 20)),
    ]
    arrival = {"kind": "constant", "rate_per_min": 600.0}
    itinerary = legs or [{"event": "show"}, {"exit": "out"}]
    programme = programme or {"show": {"zone": "floor", "until_s": 1000.0}}
    group = {"start": "in", "count": count, "arrival": arrival, "itinerary": itinerary}
    return scenario(made, {"all": group}, programme=programme, zones={"floor": {"towards": "stage", **zone}})


def places(scene):
    venue = build_venue(scene)
    population = plan_population(scene, venue)
    return StandingPlaces("floor", scene.config.zones["floor"], scene, venue, population), population


@pytest.mark.parametrize(("count", "spread_m"), [(600, 10.0), (1500, 20.0)])
def test_density_falls_to_1_over_e_over_the_spread(count, spread_m):
    standing, _ = places(field(count, spread_m=spread_m))
    edges = np.arange(0.0, 2.5 * spread_m, 2.5)
    people, _ = np.histogram(standing.distance_m, edges)
    fit = linregress(edges[:-1] + 1.25, np.log(people / (2.5 * WIDE_M)))
    assert -1 / fit.slope == pytest.approx(spread_m, rel=0.12)


def test_however_many_come_nobody_stands_nearer_than_the_densest_plan_allows():
    standing, _ = places(field(6000, spread_m=15.0))
    assert pdist(standing.points).min() >= closest_m(0.22) - 1e-9
    front = (standing.distance_m < 10.0).sum() / (10.0 * WIDE_M)
    assert 4.2 < front < 4.75  # full: 4.7 people/m2
    assert len(standing.points) == pytest.approx(6600, abs=1)


def test_who_comes_first_stands_in_front_but_not_all_on_the_first_line():
    standing, _ = places(field(1000, spread_m=10.0))
    taken = standing.take(np.arange(200, dtype=np.int32))
    away = standing.distance_m[taken]
    assert away.max() < np.quantile(standing.distance_m, 0.3)
    assert np.ptp(away[:40]) > 0.5
    assert np.unique(taken).size == 200
    rest = standing.take(np.arange(200, 1000, dtype=np.int32))
    assert (rest != NO_PLACE).all()
    assert np.unique(np.concatenate([taken, rest])).size == 1000
    standing.release(taken)
    assert standing.free.sum() == len(standing.points) - 800


def test_who_gets_stuck_takes_the_nearest_free_place_for_the_own_one():
    standing, _ = places(field(300))
    one, other = standing.take(np.arange(2, dtype=np.int32))
    new = standing.exchange(np.array([one]), np.array([[30.0, 15.0]]))
    away = np.hypot(*(standing.points - (30.0, 15.0)).T)
    assert new[0] == np.argmin(away)
    assert standing.free[one]
    assert not standing.free[[other, new[0]]].any()


def test_places_are_made_for_as_many_as_are_there_at_once():
    stay = {"distribution": "constant", "value_s": 30.0}
    short = field(1000, legs=[{"goal": "floor", "dwell": stay}, {"exit": "out"}])
    venue = build_venue(short)
    assert most_at_once("floor", short, venue, plan_population(short, venue)) == pytest.approx(
        300, abs=2
    )  # 10 come a second
    half = field(1000, legs=[{"event": "show", "probability": 0.5}, {"exit": "out"}])
    population = plan_population(half, venue)
    assert most_at_once("floor", half, build_venue(half), population) == population.does[:, 0].sum()
    standing, _ = places(field(1000, capacity=100))
    assert len(standing.points) == pytest.approx(110, abs=1)


def test_the_front_can_be_a_point():
    scene = field(400, spread_m=5.0, towards=[0.0, 0.0])
    standing, _ = places(scene)
    np.testing.assert_allclose(standing.distance_m, np.hypot(*standing.points.T))
    assert (np.diff(standing.distance_m) >= 0).all()


@pytest.mark.parametrize("towards", ["stage", [30.0, 5.0]])
def test_a_front_on_another_level_is_where_that_level_lies(towards):
    upper = [area("floor", "zone", rectangle(22, 1, 30, 9)), line("stage", "measurement_line", (30, 2), (30, 8))]
    stay = {"goal": "floor", "dwell": {"distribution": "constant", "value_s": 50.0}}
    group = {"start": "start", "count": 10, "itinerary": [stay, {"exit": "nearest"}]}
    stairs = way("stair", "stair", (12, 5), (20, 5))
    scene = two_halls(stairs, features=tuple(on(HIGH, *upper)), zones={"floor": {"towards": towards}}, count=10)
    scene = replace(
        scene,
        config=replace(scene.config, attendees=TypeAdapter(dict[str, AttendeeGroup]).validate_python({"all": group})),
    )
    venue = build_venue(scene, unfolded=True)
    standing = StandingPlaces("floor", scene.config.zones["floor"], scene, venue, plan_population(scene, venue))
    (sheet,) = (sheet for sheet in venue.sheets if sheet.name == HIGH)
    x = standing.points[:, 0] - sheet.shift[0]
    assert sheet.shift != (0.0, 0.0)
    np.testing.assert_array_less(22.0, x)
    assert (standing.distance_m >= 30.0 - x - 1e-9).all()
    assert standing.distance_m.min() < 3.0


@pytest.mark.parametrize("needed", [0.0, 1.0, 50.0, 99.5, 100.0, 500.0])
def test_shares_add_up_to_what_is_needed(needed):
    behind = np.linspace(0.0, 900.0, 100)  # as far as that no weight is left in float64
    share = shares(behind, needed)
    assert share.sum() == pytest.approx(min(needed, 100.0), abs=1e-6)
    assert (np.diff(share) <= 0).all()
    assert share.max() <= 1.0
