"""Areas to be kept clear: who stands there walks out, who walks goes round or straight across, nobody is lost."""

import dataclasses

import numpy as np
import pytest
from levels import person
from scenes import area, line, rectangle, scenario

from crowdsim import CrowdModel
from crowdsim.navigation import build_navigation
from crowdsim.navigation.fields import read_field
from crowdsim.venue import build_venue

LOW_X, HIGH_X = 18.0, 22.0
"""Where the lane is: 4 m wide, across the hall."""

COST = 6.0


def hall(interventions=(), *, count=600, low_y=0.0, stay_s=150.0, zones=None, **config):
    """Return a hall with a crowd that stands all over it, a lane across it, and an exit in its right wall."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 20)),
        area("crowd", "zone", rectangle(0.5, 0.5, 39.5, 19.5)),
        area("far", "zone", rectangle(36, 8, 38, 12)),
        area("lane", "zone", rectangle(LOW_X, low_y, HIGH_X, 20)),
        line("out", "exit", (40, 8), (40, 12)),
    ]
    people = {
        "start": "crowd",
        "count": count,
        "pre_movement": {"distribution": "constant", "value_s": stay_s},
        "itinerary": [{"exit": "out"}],
    }
    settings = {"zones": zones or {}, "profiles": {"adult": person()}, "interventions": list(interventions), **config}
    return scenario(made, {"people": people}, **settings)


def in_lane(model):
    x = model.state.crowd.x[model.state.inside]
    return int(((x > LOW_X) & (x < HIGH_X)).sum())


def after_s(model, time_s):
    while model.time_s < time_s - 1e-9:
        model.step()
    return model


def places(model):
    return model.state.crowd.x.tobytes() + model.state.crowd.y.tobytes()


@pytest.mark.parametrize("count", [600, 2000])  # 0.8 and 2.6 people to a square metre
def test_those_who_stand_there_walk_out_and_without_it_they_stay(count):
    plain, clear = CrowdModel(hall(count=count)), CrowdModel(hall([{"at_s": 5.0, "keep_clear": "lane"}], count=count))
    after_s(clear, 5.0)
    there = in_lane(clear)
    assert there > 0.8 * count * 4 / 40
    x = clear.state.crowd.x.copy()
    while clear.time_s < 35:
        clear.step()
        now = clear.state.crowd.x
        assert np.abs(now - x).max() <= 1.2 * clear.step_s + 1e-6  # nobody jumps
        x = now.copy()
    assert in_lane(clear) == 0
    assert in_lane(after_s(plain, 35.0)) == there
    assert clear.inside_count == count


def test_until_then_the_run_is_the_one_without_it():
    one, other = CrowdModel(hall(count=100)), CrowdModel(hall([{"at_s": 5.0, "keep_clear": "lane"}], count=100))
    for model in (one, other):
        after_s(model, 4.9)
    assert places(one) == places(other)
    (before,) = {model.navigation.fields.nodes.tobytes() for model in (one, other)}
    assert after_s(other, 6.0).navigation.fields.nodes.tobytes() != before


def test_everybody_gets_out_in_the_end_and_may_stand_there_again():
    done = [{"at_s": 2.0, "keep_clear": "lane"}, {"at_s": 10.0, "clear_no_longer": "lane"}]
    model = CrowdModel(hall(done, count=300, stay_s=20.0))
    before = model.navigation.fields.nodes.copy()
    after_s(model, 12.0)
    assert np.array_equal(model.navigation.fields.nodes, before)
    while model.running:
        model.step()
    assert model.exited_count == 300


def test_another_change_of_the_venue_moves_nobody_again():
    done = [{"at_s": 2.0, "keep_clear": "lane"}, {"at_s": 30.0, "close": "out"}]
    model = after_s(CrowdModel(hall(done, count=300, exits={"out": {"width_m": 4.0}})), 29.0)
    inside, records = model.state.inside.copy(), model.state.records
    before = records["spot_x"][inside].copy(), records["spot_y"][inside].copy()
    after_s(model, 40.0)
    assert len(model.changed) == 2
    assert np.array_equal(before[0], records["spot_x"][inside])
    assert np.array_equal(before[1], records["spot_y"][inside])


def test_where_there_is_no_room_beside_people_stay_where_they_are_and_leave_when_they_are_to():
    """Two zones that fill the hall together, one kept clear after the other."""
    done = [{"at_s": 2.0, "keep_clear": "left"}, {"at_s": 5.0, "keep_clear": "right"}]
    scene = hall(done, count=40, stay_s=20.0)
    halves = [area("left", "zone", rectangle(0, 0, 25, 20)), area("right", "zone", rectangle(20, 0, 40, 20))]
    model = after_s(CrowdModel(dataclasses.replace(scene, features=(*scene.features, *halves))), 18.0)
    assert model.inside_count == 40
    while model.running:
        model.step()
    assert model.exited_count == 40


def test_who_walks_goes_round_it_if_that_is_not_much_longer_else_straight_across():
    """From (10, 10) to the far zone, past a lane from y = 14 on, or across one from wall to wall."""
    shortest = {}
    for low_y in (14.0, 4.0, 0.0):
        scene = hall(low_y=low_y, zones={"lane": {"keep_clear": True}})
        nav = build_navigation(build_venue(scene, unfolded=True), ["far"], 0.18, 3.0, 0.2)
        distance, toward_x, toward_y = read_field(nav.fields, 0)
        node = round((10 - nav.grid.origin_y_m) / 0.2), round((10 - nav.grid.origin_x_m) / 0.2)
        shortest[low_y] = distance[node], toward_x[node], toward_y[node]
    assert shortest[14.0][0] == pytest.approx(26.0, abs=0.1)  # not in the way
    assert shortest[0.0][0] == pytest.approx(22.0 + 4 * COST, rel=0.01)  # straight across
    assert shortest[0.0][1] == pytest.approx(1.0, abs=0.01)
    round_m = np.hypot(8, 6) + 4 + np.hypot(14, 4)  # to (18, 4), along to (22, 4), and to the zone's corner (36, 8)
    assert shortest[4.0][0] == pytest.approx(round_m, rel=0.01)
    assert shortest[4.0][2] == pytest.approx(-0.6, abs=0.05)


def test_no_place_beside_a_wall_at_its_edge_draws_people_in():
    """Distances to the far zone fall along every row of nodes up to it: there is no dip that people would stay in."""
    nav = build_navigation(
        build_venue(hall(zones={"lane": {"keep_clear": True}}), unfolded=True), ["far"], 0.18, 3.0, 0.25
    )
    distance, _, _ = read_field(nav.fields, 0)
    columns = slice(*(round((x - nav.grid.origin_x_m) / 0.25) for x in (15.0, 25.0)))
    rows = np.flatnonzero(np.isfinite(distance[:, columns]).all(axis=1))
    rows = rows[(rows * 0.25 + nav.grid.origin_y_m > 0) & (rows * 0.25 + nav.grid.origin_y_m < 20)]
    assert rows.size > 70
    assert (np.diff(distance[rows, columns], axis=1) < 0).all()


def test_a_zone_can_be_kept_clear_from_the_start():
    model = after_s(CrowdModel(hall(zones={"lane": {"keep_clear": True}}, count=400)), 15.0)
    assert in_lane(model) == 0


def test_who_comes_to_stay_in_it_stands_beside_it():
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 20)),
        area("start", "zone", rectangle(1, 5, 6, 15)),
        area("lane", "zone", rectangle(LOW_X, 0, HIGH_X, 20)),
        line("out", "exit", (40, 8), (40, 12)),
    ]
    stay = {"goal": "lane", "dwell": {"distribution": "constant", "value_s": 60.0}}
    people = {"people": {"start": "start", "count": 30, "itinerary": [stay, {"exit": "out"}]}}
    clear = {"lane": {"keep_clear": True}}
    model = after_s(CrowdModel(scenario(made, people, zones=clear, profiles={"adult": person()})), 60.0)
    assert in_lane(model) == 0
    x = model.state.crowd.x[model.state.inside]
    assert (np.minimum(np.abs(x - LOW_X), np.abs(x - HIGH_X)) < 5).all()
    while model.running:
        model.step()
    assert model.exited_count == 30


def test_any_number_of_threads_gives_the_same_run():
    ends = []
    for threads in (1, 2):
        scene = hall([{"when": "count(lane) > 20", "keep_clear": "lane"}], count=400)
        config = dataclasses.replace(scene.config, threads=threads)
        ends.append(places(after_s(CrowdModel(dataclasses.replace(scene, config=config)), 12.0)))
    assert ends[0] == ends[1]
