"""Choosing exits and queues: by what people see, know, are advised and do with others; nobody lost."""

import dataclasses

import numpy as np
import pytest
from desks import Diary, run
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import LEVELS, on, person, way
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim import CrowdModel
from crowdsim.kernels.arrays import TO_SPOT
from crowdsim.model.services import Services
from crowdsim.scenario.intervention import Intervention


def hall(choice, *, narrow=1.0, wide=3.0, count=200, start=(14, 1, 26, 9), count_at_once=True, **config):
    """Return a hall of 40 m with a narrow exit at its left end and a wide one at its right end."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 10)),
        area("start", "zone", rectangle(*start)),
        line("narrow", "exit", (0, 5 - narrow / 2), (0, 5 + narrow / 2)),
        line("wide", "exit", (40, 5 - wide / 2), (40, 5 + wide / 2)),
    ]
    group = {"start": "start", "count": count} | ({"choice": choice} if choice is not None else {})
    return scenario(made, {"all": group}, profiles={"adult": person(1.34)}, **config)


def hidden(choice, *, count=80, in_company=False, **config):
    """Return a room with an exit in its right wall, and one beyond a door in its left wall, out of sight."""
    made = [
        area("room", "walkable", rectangle(0, 0, 20, 10)),
        area("corridor", "walkable", rectangle(-6, 0, -0.4, 30)),
        line("door", "door", (-0.2, 1), (-0.2, 3), depth_m=0.4),
        area("start", "zone", rectangle(8, 4, 18, 9)),
        line("front", "exit", (20, 4), (20, 5.0)),
        line("back", "exit", (-5, 30), (-1, 30)),
    ]
    group = {"start": "start", "count": count, "choice": choice}
    group |= {"parties": [{"people": 3, "share": 1.0}]} if in_company else {}
    return scenario(made, {"all": group}, profiles={"adult": person(1.34)}, **config)


def taken(model):
    """Return how many left by each exit."""
    names = [model.navigation.goals[goal] for goal in model.state.exit_goal]
    return {name: names.count(name) for name in set(names)}


def test_a_crowd_between_two_exits_shares_them_by_their_widths():
    nearest, _ = run(hall(None))
    model, _ = run(hall({}))
    # By hand 1 in 4 by the narrow exit, if the crowd were infinitely large; the last 25 s are the walk of 20 m.
    assert 0.2 < taken(model)["narrow"] / 200 < 0.4
    assert taken(nearest)["narrow"] > 0.45 * 200
    assert model.time_s < 0.8 * nearest.time_s


def test_both_exits_are_done_with_at_about_the_same_time():
    model, _ = run(hall({}, count=300))
    last_s = [np.nanmax(model.state.exit_s[model.state.exit_goal == goal]) for goal in (0, 1)]
    assert abs(last_s[0] - last_s[1]) < 0.25 * max(last_s)


def test_by_distance_the_crowd_does_not_count():
    nearest, _ = run(hall(None, start=(2, 1, 14, 9)))
    model, _ = run(hall({"by": "distance"}, start=(2, 1, 14, 9)))
    assert taken(nearest) == taken(model) == {"narrow": 200}


def test_nobody_turns_who_would_have_to_gain_too_much():
    _, diary = run(hall({"gain_s": 1000.0}, start=(2, 1, 14, 9)))
    assert "rerouted" not in diary.when
    _, diary = run(hall({}, start=(2, 1, 14, 9), narrow=0.8))
    turned = diary.when["rerouted"]
    assert turned


def test_an_exit_out_of_sight_is_taken_by_those_who_are_told_of_the_crowd_only():
    alone, _ = run(hidden({}, count=150))
    assert taken(alone) == {"front": 150}
    told, _ = run(hidden({"guided": 1.0}, count=150))
    assert taken(told)["back"] > 30
    assert told.time_s < 0.9 * alone.time_s
    half, _ = run(hidden({"guided": 0.5}))
    guided = half.knowledge.guided
    by_back = half.state.exit_goal == half.navigation.goals.index("back")
    assert by_back.any()
    assert not by_back[~guided].any()


def test_who_does_not_know_of_an_exit_and_does_not_see_it_leaves_by_another():
    # The back exit is the nearer one for those who start next to the door.
    scene = hidden({"knows": {"front": 1.0}}, count=20)
    features = tuple(area("start", "zone", rectangle(0.5, 4, 4, 9)) if f.name == "start" else f for f in scene.features)
    near = dataclasses.replace(scene, features=features)
    model, _ = run(near)
    assert taken(model) == {"front": 20}


def test_shares_of_those_who_know_an_exit_are_drawn():
    model = CrowdModel(hall({"knows": {"narrow": 0.3}, "sees_m": 0.5}, count=400, start=(1, 1, 39, 9)))
    heads = model.state.records["goal"] == model.navigation.goals.index("narrow")
    x = model.state.records["x"]
    # The nearer one, too, for those who know of none.
    assert heads[x < 19].all()
    share = heads[x > 21].mean()
    assert 0.2 < share < 0.4


def test_people_who_came_through_an_entrance_know_the_exit_beside_it():
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 10)),
        line("in", "entrance", (0, 6), (0, 9)),
        area("show", "zone", rectangle(28, 2, 34, 8)),
        area("wall", "obstacle", rectangle(36, 0, 36.4, 9)),
        line("beside", "exit", (0, 1), (0, 3)),
        line("behind", "exit", (40, 1), (40, 3)),
    ]
    stay = {"goal": "show", "dwell": {"distribution": "constant", "value_s": 5.0}}
    group = {
        "start": "in",
        "count": 10,
        "arrival": {"kind": "constant", "rate_per_min": 60.0},
        "itinerary": [stay, {"exit": "nearest"}],
        "choice": {"knows": {}},
    }
    model, _ = run(scenario(made, {"all": group}, profiles={"adult": person(1.34)}))
    assert taken(model) == {"beside": 10}
    strangers = dict(group, choice={})
    model, _ = run(scenario(made, {"all": strangers}, profiles={"adult": person(1.34)}))
    assert taken(model) == {"behind": 10}


def test_who_follows_others_goes_where_they_go():
    # All know of the right exit only but for a few, who lead the others to the nearer left one.
    def left(follows):
        scene = hall({}, start=(6, 1, 16, 9), count=60)
        attendees = {
            "locals": {"start": "start", "count": 50, "choice": {"by": "distance", "sees_m": 1.0}},
            "visitors": {
                "start": "start",
                "count": 10,
                "pre_movement": {"distribution": "constant", "value_s": 4.0},
                "choice": {"knows": {"wide": 1.0}, "sees_m": 1.0, "follows": follows},
            },
        }
        made = list(scene.features)
        model, _ = run(scenario(made, attendees, profiles={"adult": person(1.34)}))
        visitors = model.population.group == 1
        return int((visitors & (model.state.exit_goal == model.navigation.goals.index("narrow"))).sum())

    assert left(0.0) == 0
    assert left(0.8) >= 8


def test_an_announced_exit_is_known():
    announce = {"at_s": 5.0, "announce": {"say": "leave", "exit": "back"}}
    model, _ = run(hidden({"knows": {"front": 1.0}}, count=40, interventions=[announce]))
    assert taken(model)["back"] > 20


def test_a_closed_exit_is_not_chosen_and_one_that_opens_is():
    closing = [{"at_s": 4.0, "close": "wide"}]
    model, _ = run(hall({}, count=60, interventions=closing))
    assert taken(model).get("wide", 0) < 10
    assert sum(taken(model).values()) == 60
    opening = [{"at_s": 0.5, "close": "wide"}, {"at_s": 10.0, "open": "wide"}]
    model, _ = run(hall({}, count=150, interventions=opening))
    assert taken(model)["wide"] > 20


def test_an_exit_that_nobody_is_meant_to_take_does_not_matter():
    scene = hall({}, count=20)
    group = {"start": "start", "count": 20, "choice": {}, "itinerary": [{"exit": "wide"}]}
    model, _ = run(scenario(list(scene.features), {"all": group}))
    assert taken(model) == {"wide": 20}


def test_exits_that_are_all_taken_away_and_come_again():
    gone = [{"at_s": 3.0, "remove": ["narrow", "wide"]}, {"at_s": 15.0, "add": "wide"}]
    model, _ = run(hall({}, count=30, interventions=gone))
    assert taken(model)["wide"] > 20
    assert model.exited_count == 30


def test_who_turns_has_the_way_to_the_other_exit_for_a_free_walk():
    # One by one, so that nobody is held up: the near exit closes when all are on the way to it.
    closing = [{"at_s": 2.0, "close": "narrow"}]
    model, diary = run(hall({"sees_m": 100.0}, count=6, start=(2, 1, 12, 9), interventions=closing))
    rerouted = sorted(diary.when["rerouted"])
    assert len(rerouted) == 6
    delay_s = model.state.exit_s - model.state.free_walk_s - model.state.waited_s
    assert (delay_s > -0.5).all()
    assert (delay_s < 8.0).all()  # two seconds there and back, and a turn


def test_step_free_people_stay_in_their_refuge():
    scene = hall({}, count=12, refuges=["start"])
    profiles = {"adult": person(1.34), "wheels": person(0.8, step_free=True)}
    made = [f for f in scene.features if f.name not in ("narrow", "wide")]
    made = [dataclasses.replace(f, level="ground") for f in made]
    upper = [area("balcony", "walkable", rectangle(0, 0, 12, 10)), area("up", "zone", rectangle(1, 1, 6, 9))]
    upper += [area("safe", "zone", rectangle(8, 5, 12, 10))]
    made += [dataclasses.replace(f, level="upper") for f in upper]
    made += on("ground", line("out", "exit", (40, 3), (40, 7)))
    made.append(way("stair", "stair", (20, 2), (12, 2)))
    group = {"start": "up", "count": 8, "profile": "wheels", "choice": {}}
    setup = {"profiles": profiles, "levels": LEVELS, "refuges": ["safe"], "duration_s": 60.0}
    model, _ = run(scenario(made, {"all": group}, **setup))
    assert model.refuges.sheltered.sum() == 8
    assert (model.state.records["activity"][model.state.inside] == TO_SPOT).all()


# ---------------------------------------------------------------- queues
def desks(choice, *, count=40):
    """Return a hall with a near desk, and one behind a wall that is as quick."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 20)),
        area("wall", "obstacle", rectangle(0, 9.8, 34, 10.2)),
        line("in", "entrance", (0, 2), (0, 8)),
        line("near", "queue", (20, 5), (14, 5)),
        line("far", "queue", (14, 15), (20, 15)),
        line("out", "exit", (40, 2), (40, 8)),
    ]
    group = {
        "start": "in",
        "count": count,
        "arrival": {"kind": "constant", "rate_per_min": 30.0},
        "itinerary": [{"service": "desk"}, {"exit": "out"}],
        **({"choice": choice} if choice is not None else {}),
    }
    service = {"queues": ["near", "far"], "time": {"distribution": "constant", "value_s": 6.0}}
    config = {"duration_s": 3600.0, "profiles": {"adult": person(1.34)}, "services": {"desk": service}}
    return scenario(made, {"all": group}, **config)


def queued(model):
    """Return at which queue each was served."""
    return [model.services.queues[number].name for number in model.services.queue_of]


def test_a_queue_out_of_sight_is_taken_by_those_who_know_of_it_only():
    assert queued(run(desks({}))[0]).count("far") == 0
    assert queued(run(desks({"by": "distance"}))[0]).count("far") == 0
    everybody, told = queued(run(desks(None))[0]), queued(run(desks({"guided": 1.0}))[0])
    assert everybody.count("far") > 5
    assert told.count("far") > 5


def test_advice_to_some_spreads_the_crowd_and_shortens_all_waits():
    def last_s(share):
        return run(desks({"guided": share}))[0].time_s

    assert last_s(0.5) < 0.85 * last_s(0.0)


def test_a_crowd_seen_on_the_way_turns_people_to_another_queue():
    made = [
        area("hall", "walkable", rectangle(0, 0, 60, 20)),
        line("in", "entrance", (0, 8), (0, 12)),
        line("near", "queue", (44, 5), (40, 5)),
        line("far", "queue", (48, 15), (44, 15)),
        line("out", "exit", (60, 8), (60, 12)),
    ]
    group = {
        "start": "in",
        "count": 40,
        "arrival": {"kind": "constant", "rate_per_min": 60.0},
        "itinerary": [{"service": "desk"}, {"exit": "out"}],
        "choice": {"sees_m": 20.0},
    }
    service = {"queues": ["near", "far"], "time": {"distribution": "constant", "value_s": 8.0}}
    config = {"duration_s": 3600.0, "profiles": {"adult": person(1.34)}, "services": {"desk": service}}
    model, _ = run(scenario(made, {"all": group}, **config))
    assert 12 <= queued(model).count("far") <= 24
    assert model.exited_count == 40


def two_alike(choice, **service):
    """Return a hall with two queues that mirror each other, and a crowd midway between them."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 60, 20)),
        area("start", "zone", rectangle(1, 1, 12, 19)),
        line("one", "queue", (50, 6), (42, 6)),
        line("other", "queue", (50, 14), (42, 14)),
        line("out", "exit", (60, 2), (60, 18)),
    ]
    group = {"start": "start", "count": 60, "itinerary": [{"service": "desk"}, {"exit": "out"}], "choice": choice}
    desk = {"queues": ["one", "other"], "time": {"distribution": "constant", "value_s": 6.0}, **service}
    config = {"duration_s": 2000.0, "profiles": {"adult": person(1.34)}, "services": {"desk": desk}}
    return scenario(made, {"all": group}, **config)


def test_nobody_turns_between_queues_that_are_alike(monkeypatch):
    turned = []
    change_over = Services._change_over
    monkeypatch.setattr(Services, "_change_over", lambda self, *args: turned.append(args) or change_over(self, *args))
    model, _ = run(two_alike({"guided": 1.0}, changing_over=False))
    assert not turned
    assert queued(model).count("one") == 30


def test_a_queue_that_no_way_leads_to_is_not_taken():
    scene = desks({}, count=15)
    made = [f for f in scene.features if f.name != "wall"] + [area("wall", "obstacle", rectangle(0, 9.8, 40, 10.2))]
    made = [line("near", "queue", (38, 5), (34, 5)) if f.name == "near" else f for f in made]
    attendees = {name: vars_of(group) for name, group in scene.config.attendees.items()}
    service = {"queues": ["near", "far"], "time": {"distribution": "constant", "value_s": 6.0}}
    config = {"duration_s": 900.0, "profiles": {"adult": person(1.34)}, "services": {"desk": service}}
    model, _ = run(scenario(made, attendees, **config))
    assert queued(model).count("near") == 15
    assert model.exited_count == 15


def vars_of(group):
    return {
        "start": group.start,
        "count": group.count,
        "arrival": {"kind": "constant", "rate_per_min": 30.0},
        "itinerary": [{"service": "desk"}, {"exit": "out"}],
        "choice": {},
    }


def test_those_in_line_change_over_for_what_they_say_is_worth_it_only():
    def turned(choice):
        scene = two_alike(choice)
        opening = [{"at_s": 0.1, "close": "other"}, {"at_s": 120.0, "open": "other"}]
        config = dataclasses.replace(
            scene.config, interventions=TypeAdapter(tuple[Intervention, ...]).validate_python(opening)
        )
        return queued(run(dataclasses.replace(scene, config=config))[0]).count("other")

    assert turned({"guided": 1.0}) > 5
    assert turned({"guided": 1.0, "gain_s": 1000.0}) == 0


# ---------------------------------------------------------------- what always holds
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from(["distance", "expected_time"]),
        "sees_m": st.floats(1, 60),
        "gain_s": st.floats(0, 30),
        "guided": st.floats(0, 1),
        "follows": st.floats(0, 1),
        "knows": st.dictionaries(st.sampled_from(["front", "back"]), st.floats(0, 1)),
    },
)


@given(CHOICES, st.integers(0, 3), st.sampled_from(["shortest", "quickest"]), st.booleans())
@settings(max_examples=15, deadline=None)
def test_nobody_is_lost_whatever_people_know(choice, seed, routes, in_company):
    scene = hidden(choice, count=50, seed=seed, routes=routes, in_company=in_company)
    model = CrowdModel(scene, observer=Diary())
    while model.running:
        model.step()
        assert model.entered_count == model.exited_count + model.inside_count
    assert model.exited_count == 50


@pytest.mark.parametrize("choice", [{"guided": 0.4, "follows": 0.3}])
def test_runs_are_alike_bit_for_bit_whatever_the_threads(choice):
    def ends(threads):
        model, _ = run(
            dataclasses.replace(scene := hall(choice), config=dataclasses.replace(scene.config, threads=threads))
        )
        return model.state.exit_s.tobytes(), model.state.crowd.x.tobytes()

    assert ends(1) == ends(2)
