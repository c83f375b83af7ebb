"""Stewards: who is told, how many do so, where they go, and that nobody is lost or stuck."""

import numpy as np
import pytest
from config.hall import make_hall
from desks import run
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import person
from scenes import area, line, rectangle, scenario
from scipy.stats import binom

from crowdsim import CrowdModel, load_scenario
from crowdsim import run as simulate
from crowdsim.population.draw import generator
from crowdsim.venue.checks import find_problems


def hall(stewards, *, count=200, near=1.2, wall=(), group=None, **config):
    """Return a hall of 40 m: everybody starts at its left, nearer to the exit there than to the one at its right."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 10)),
        area("start", "zone", rectangle(10, 1, 18, 9)),
        line("near", "exit", (0, 5 - near / 2), (0, 5 + near / 2)),
        line("far", "exit", (40, 3), (40, 7)),
        *wall,
    ]
    people = {"start": "start", "count": count, **(group or {})}
    return scenario(made, {"all": people}, stewards=stewards, profiles={"adult": person(1.34)}, **config)


def taken(model):
    names = [model.navigation.goals[goal] for goal in model.state.exit_goal]
    return {name: names.count(name) for name in set(names)}


class Events:
    def __init__(self):
        self.of = {}

    def event(self, time_s, id, event, place, level, x, y):
        self.of.setdefault(event, []).append((time_s, id, place, x, y))


def told(scene):
    events = Events()
    model = CrowdModel(scene, observer=events)
    while model.running:
        model.step()
    return model, events.of


def test_without_stewards_all_take_the_nearest_and_with_one_those_who_obey_take_the_other():
    alone, _ = run(hall({}))
    assert taken(alone) == {"near": 200}
    model, events = told(hall({"steward": {"at": [14.0, 5.0], "exit": "far", "reach_m": 20.0}}, count=40))
    assert taken(model) == {"far": 40}
    assert {id for _, id, *_ in events["rerouted"]} == {id for _, id, *_ in events["followed"]} == set(range(40))
    assert len(events["told"]) == 40  # once each
    assert model.exited_count == 40


@pytest.mark.parametrize("share", [0.25, 0.7])
def test_as_many_follow_as_comply(share):
    steward = {"at": [14.0, 5.0], "exit": "far", "reach_m": 30.0, "compliance": share}
    model, events = told(hall({"steward": steward}, count=60, duration_s=2.0))
    low, high = binom.interval(0.999, 60, share)
    assert len(events["told"]) == 60
    assert low <= len(events["followed"]) <= high
    far = model.navigation.goals.index("far")
    assert int((model.state.records["goal"][model.state.inside] == far).sum()) == len(events["followed"])


def test_only_those_within_reach_in_sight_at_the_time_and_of_the_groups_are_told():
    _, events = told(hall({"steward": {"at": [5.0, 5.0], "exit": "far", "reach_m": 4.0}}))
    assert events["told"]
    assert all(np.hypot(x - 5.0, y - 5.0) <= 4.0 for *_, x, y in events["told"])
    wall = [area("wall", "obstacle", rectangle(-1, 9, 19, 9.4))]
    _, events = told(hall({"steward": {"at": [14.0, 9.8], "exit": "far", "reach_m": 8.0}}, wall=wall))
    assert "told" not in events
    _, events = told(hall({"steward": {"at": [14.0, 8.6], "exit": "far", "reach_m": 8.0}}, wall=wall))
    assert events["told"]
    late = {"at": [14.0, 5.0], "exit": "far", "reach_m": 30.0, "from_s": 5.0, "until_s": 8.0}
    _, events = told(hall({"steward": late}))
    assert {time_s for time_s, *_ in events["told"]} <= {5.0, 6.0, 7.0}
    _, events = told(hall({"steward": late | {"groups": ["all"]}}))
    assert events["told"]


def test_the_quickest_exit_shares_out_a_crowd_before_a_narrow_one():
    """200 people at 1.3 /(m s) through 1.2 m take 128 s; half of them sent 26 m on to the wide one are out before."""
    nearest, _ = run(hall({}))
    model, events = told(hall({"steward": {"at": [14.0, 5.0], "reach_m": 15.0}}))
    assert 40 < taken(model)["far"] < 160
    assert model.time_s < 0.75 * nearest.time_s
    assert 0 < len(events["rerouted"]) < len(events["followed"]) == 200


def test_who_is_held_up_on_the_way_goes_by_the_own_mind_again():
    """A steward who sends people back through a dense crowd does not lock them in it."""
    steward = {"at": [2.0, 5.0], "exit": "far", "reach_m": 3.0}
    model, _ = run(hall({"steward": steward}, count=300, near=1.0, duration_s=900.0))
    assert model.exited_count == 300


def test_a_closed_exit_and_one_without_a_way_send_nobody_astray():
    model, _ = run(hall({"steward": {"at": [14.0, 5.0], "exit": "far", "reach_m": 30.0}}, count=20,
                        exits={"far": {"open": False}}))  # fmt: skip
    assert taken(model) == {"near": 20}
    wall = [area("wall", "obstacle", rectangle(25, -1, 25.4, 11))]
    model, _ = run(hall({"steward": {"at": [14.0, 5.0], "exit": "far", "reach_m": 30.0}}, count=20, wall=wall))
    assert taken(model) == {"near": 20}


def test_parties_stay_together():
    group = {"parties": [{"people": 4, "share": 1}]}
    steward = {"at": [14.0, 5.0], "exit": "far", "reach_m": 30.0, "compliance": 0.5}
    model, _ = run(hall({"steward": steward}, count=40, group=group))
    assert set(taken(model)) == {"near", "far"}
    party = model.population.party
    for number in np.unique(party):
        assert len(set(model.state.exit_goal[party == number])) == 1


@settings(max_examples=10, deadline=None)
@given(
    places=st.lists(st.tuples(st.floats(1, 39), st.floats(1, 9)), min_size=1, max_size=3),
    exit_=st.sampled_from(["quickest", "far", "near", ["near", "far"]]),
    compliance=st.floats(0.0, 1.0),
    choice=st.sampled_from([None, {}, {"guided": 0.5}]),
    seed=st.integers(0, 99),
)
def test_nobody_is_lost(places, exit_, compliance, choice, seed):
    stewards = {f"s{k}": {"at": [x, y], "exit": exit_, "compliance": compliance} for k, (x, y) in enumerate(places)}
    group = {"choice": choice} if choice is not None else {}
    model, _ = run(hall(stewards, count=60, group=group, seed=seed, duration_s=900.0))
    assert model.exited_count == model.entered_count == 60


def test_the_same_seed_gives_the_same_run_for_any_number_of_threads():
    places = []
    for threads in (1, 2):
        scene = hall({"steward": {"at": [14.0, 5.0], "compliance": 0.6}}, count=60, threads=threads)
        model, _ = run(scene, until=15.0)
        places.append((model.state.records["x"].copy(), model.state.records["y"].copy()))
    np.testing.assert_array_equal(places[0], places[1])


def test_the_summary_counts_who_was_told_and_who_followed(tmp_path):
    posted = "stewards={post: {at: floor, reach_m: 30, compliance: 0.5}}"
    scene = load_scenario(make_hall(tmp_path), [posted, "output.plots=false"])
    result = simulate(scene, tmp_path / "run")
    counts = result.summary["stewards"]["post"]
    people = result.summary["attendees"]["planned"]
    obey = generator(scene.config.seed, "steward", "post").random(people) < 0.5
    assert counts == {"told": people, "followed": int(obey.sum())}


def test_a_steward_in_a_wall_is_told():
    (problem,) = find_problems(hall({"steward": {"at": [14.0, 12.5]}}))
    assert problem.where == "stewards.steward.at"
    assert problem.found == "(14, 12.5), 2.50 m from where people can walk"
