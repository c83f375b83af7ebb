"""What is done during a run, by the clock and by trigger: at the right time, with the right effect, nobody lost."""

import dataclasses

import numpy as np
import pytest
from desks import Diary, desk, run
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import person
from scenes import area, line, rectangle, scenario

from crowdsim import CrowdModel
from crowdsim.model.schedule import value_of
from crowdsim.scenario.condition import read_condition


def two_rooms(interventions=(), *, count=60, dwell_s=None, pre_movement_s=0.0, **config):
    """Return a room with an exit at its left end, a gate in the middle, and a room with an exit at its right end."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 14.8, 10)),
        area("annex", "walkable", rectangle(15.2, 0, 30, 10)),
        line("gate", "door", (15, 3), (15, 7), depth_m=0.4),
        area("start", "zone", rectangle(2, 1, 12, 9)),
        area("beyond", "zone", rectangle(18, 1, 28, 9)),
        line("west", "exit", (0, 2), (0, 8)),
        line("east", "exit", (30, 2), (30, 8)),
    ]
    stay = [] if dwell_s is None else [{"goal": "beyond", "dwell": {"distribution": "constant", "value_s": dwell_s}}]
    people = {
        "start": "start",
        "count": count,
        "pre_movement": {"distribution": "constant", "value_s": pre_movement_s},
        "itinerary": [*stay, {"exit": "east"}],
    }
    return scenario(made, {"people": people}, profiles={"adult": person()}, interventions=list(interventions), **config)


def go(scene, until=None):
    diary = Diary()
    model = CrowdModel(scene, observer=diary)
    while model.running and (until is None or model.time_s < until):
        model.step()
    return model, diary


def places(model, row=slice(None)):
    return model.state.crowd.x[row].tobytes() + model.state.crowd.y[row].tobytes()


# ---------------------------------------------------------------- triggers
@pytest.mark.parametrize(
    ("text", "quantity", "place", "limit"),
    [
        ("density(front of stage) > 4", "density", "front of stage", 4.0),
        (" queue( north )<0.5 ", "queue", "north", 0.5),
        ("count(square) > 12.25", "count", "square", 12.25),
    ],
)
def test_conditions_are_read(text, quantity, place, limit):
    found = read_condition(text)
    assert (found.quantity, found.place, found.limit) == (quantity, place, limit)


@pytest.mark.parametrize(
    "text", ["", "density > 4", "density(a) = 4", "speed(a) > 1", "density(a) > -1", "count() > 1"]
)
def test_what_is_no_condition_is_not(text):
    assert read_condition(text) is None


def test_a_trigger_fires_at_the_first_look_at_which_its_condition_holds():
    scene = two_rooms([{"when": "count(beyond) > 20", "close": "gate"}])
    condition = read_condition("count(beyond) > 20")
    model = CrowdModel(scene)
    first = None
    while model.running and not model.changed:
        model.step()
        on_a_second = abs(model.time_s - round(model.time_s)) < 1e-9
        if first is None and on_a_second and value_of(condition, model) > 20:
            first = model.time_s
    (change,) = model.changed
    assert change.time_s == first == pytest.approx(round(first))
    stuck = int((model.state.crowd.x[model.state.inside] < 15).sum())
    assert 0 < stuck < 40
    while model.running and model.time_s < 120:
        model.step()
    assert model.inside_count == stuck  # everybody else is out, nobody got through the gate


def test_a_condition_must_hold_for_a_while_and_what_is_done_takes_a_while():
    plain = go(two_rooms([{"when": "count(beyond) > 20", "close": "gate"}]), until=60)[0].changed[0].time_s
    slow = go(two_rooms([{"when": "count(beyond) > 20", "for_s": 2.0, "after_s": 1.5, "close": "gate"}]), until=60)[0]
    assert slow.changed[0].time_s == pytest.approx(plain + 3.5)
    never = go(two_rooms([{"when": "count(beyond) > 20", "for_s": 500.0, "close": "gate"}]))[0]
    assert not never.changed


def test_a_repeated_pair_of_triggers_holds_the_crowd_in_a_room_at_a_number():
    pair = [
        {"when": "count(beyond) > 15", "repeat": True, "hold": "gate"},
        {"when": "count(beyond) < 10", "repeat": True, "release": "gate"},
    ]
    condition = read_condition("count(beyond) > 15")

    def most_in(interventions):
        model = CrowdModel(two_rooms(interventions, count=120, dwell_s=5.0))
        most = 0
        while model.running:
            model.step()
            most = max(most, value_of(condition, model))
        assert model.exited_count == 120
        return most, len(model.changed)

    (held, changes), (free, _) = most_in(pair), most_in([])
    assert changes >= 5
    # Those who are through the gate when it is held come in, too: at 2 people/(m s) what passes its 4 m within the
    # second between two looks, and on the walk from there to the zone, 3 m.
    assert held <= 15 + 8 * (1 + 3 / 1.0) < free


def test_density_is_people_over_ground():
    scene = two_rooms(count=40, pre_movement_s=50.0)
    model = CrowdModel(scene)
    assert value_of(read_condition("density(start) > 1"), model) == pytest.approx(40 / 80)
    assert value_of(read_condition("density(beyond) > 1"), model) == 0.0


# ---------------------------------------------------------------- before, and with, an intervention
@pytest.mark.parametrize(
    "what",
    [
        {"close": "gate"},
        {"hold": "gate"},
        {"close": "east"},
        {"width_m": {"gate": 2.0}},
        {"announce": {"say": "leave"}},
        {"move_m": {"table": [1.0, 0.0]}},
        {"remove": "table"},
        {"add": "barrier"},
        {"open": "side"},
    ],
)
def test_the_run_before_an_intervention_is_the_one_without(what):
    """Also where it opens an exit that is narrower than others and beyond what was ground before."""

    def scene(interventions):
        plain = two_rooms(interventions, doors={"gate": {"width_m": 4.0, "open": True}})
        more = [
            area("table", "obstacle", rectangle(20, 4, 21, 5)),
            area("barrier", "obstacle", rectangle(24, 2, 24.2, 8)),
            line("side", "exit", (4, 0), (4.7, 0), open=False),
        ]
        attendees = {"people": {"start": "start", "count": 60, "itinerary": [{"exit": "nearest"}]}}
        return scenario(
            [*plain.features, *more],
            attendees,
            profiles={"adult": person()},
            interventions=interventions,
            doors={"gate": {"width_m": 4.0, "open": True}},
            exits={"west": {"width_m": None, "open": False}, "side": {"width_m": 0.7, "open": False}},
            obstacles={"barrier": {"enabled": False}},
        )

    without, with_it = CrowdModel(scene([])), CrowdModel(scene([{"at_s": 6.0, **what}]))
    while without.time_s < 5.94:
        without.step()
        with_it.step()
        assert places(without) == places(with_it)
    for _ in range(200):
        without.step()
        with_it.step()
    assert places(without) != places(with_it) or with_it.changed[0].fields[0] == 0


# ---------------------------------------------------------------- holding
def test_people_wait_before_a_held_door_and_do_not_go_round():
    scene = two_rooms([{"at_s": 2.0, "hold": "gate"}, {"at_s": 40.0, "release": "gate"}])
    model = CrowdModel(scene)
    while model.time_s < 39.9:
        model.step()
        inside = model.state.inside
        if model.time_s > 2.01:
            crossing = model.state.crowd.x[inside]
            assert not ((crossing > 14.9) & (crossing < 15.1)).any()
    waiting = int((model.state.crowd.x[model.state.inside] < 15).sum())
    assert waiting > 40
    near = np.hypot(model.state.crowd.x[model.state.inside] - 15, model.state.crowd.y[model.state.inside] - 5)
    assert np.median(near) < 5.0  # they stand before it
    while model.running:
        model.step()
    assert model.exited_count == 60


def test_nobody_comes_in_at_an_entrance_that_is_held():
    scene = desk({"time": {"distribution": "constant", "value_s": 1.0}}, count=40, rate=60.0,
                 interventions=[{"at_s": 10.0, "hold": "in"}, {"at_s": 60.0, "release": "in"}])  # fmt: skip
    model, diary = run(scene)
    times = np.array(sorted(diary.when["entered"].values()))
    assert not ((times > 10.01) & (times < 60)).any()
    assert (times < 10).sum() > 3
    assert model.exited_count == 40


# ---------------------------------------------------------------- lanes
def lanes(count=3):
    return [line(f"lane_{k}", "queue", (14, 2 + 3 * k), (8, 2 + 3 * k)) for k in range(count)]


def gate(interventions, *, count=80, rate=60.0, value_s=6.0, lanes_=3, duration_s=36000.0, **settings_):
    service = {"time": {"distribution": "constant", "value_s": value_s}, **settings_}
    names = [f"lane_{k}" for k in range(lanes_)]
    scene = desk(service, count=count, rate=rate, queues=names, features=lanes(lanes_), interventions=interventions,
                 duration_s=duration_s)  # fmt: skip
    return run(scene)


def test_people_of_a_lane_that_closes_change_over_and_nobody_is_served_there_any_more():
    diary_of = {}

    class Places(Diary):
        def event(self, time_s, id, event, place, level, x, y):
            super().event(time_s, id, event, place, level, x, y)
            diary_of.setdefault(event, []).append((time_s, place, id))

    service = {"time": {"distribution": "constant", "value_s": 6.0}}
    scene = desk(service, count=80, rate=60.0, queues=[f"lane_{k}" for k in range(3)], features=lanes(),
                 interventions=[{"at_s": 40.0, "close": "lane_1"}])  # fmt: skip
    model = CrowdModel(scene, observer=Places())
    while model.running:
        model.step()
    assert model.exited_count == 80
    assert model.changed[0].changed_over > 0
    assert not [time for time, place, _ in diary_of["called"] if place == "lane_1" and time > 40.0]
    assert "gave_up" not in diary_of
    assert sorted(id for _, _, id in diary_of["served"]) == list(range(80))


def test_a_lane_that_opens_shortens_the_wait():
    closed = {"at_s": 0.0, "close": ["lane_1", "lane_2"]}
    _, one = gate([closed])
    _, more = gate([closed, {"when": "queue(desk) > 12", "open": ["lane_1", "lane_2"]}])
    alone, helped = one.spans("joined", "called"), more.spans("joined", "called")
    assert helped.mean() < 0.6 * alone.mean()
    assert len(helped) == len(alone) == 80


def test_people_change_over_to_a_shorter_queue_only_where_they_may():
    # Ten are in the line when the other lane opens; who waits in the crowd before both takes the one with room anyway.
    held = [{"at_s": 0.0, "close": "lane_1"}, {"at_s": 60.0, "open": "lane_1"}]
    _, free = gate(held, count=20, lanes_=2)
    _, loyal = gate(held, count=20, lanes_=2, changing_over=False)
    assert free.spans("joined", "called").mean() < 0.95 * loyal.spans("joined", "called").mean()


@pytest.mark.parametrize(
    ("interventions", "service"),
    [
        ([{"at_s": 30.0, "close": ["lane_0", "lane_1"]}, {"at_s": 60.0, "open": "lane_1"}], {}),
        ([{"at_s": 30.0, "close": "lane_0"}], {"out_of_service": {"lane_1": [{"from_s": 20.0, "until_s": 50.0}]}}),
        ([{"at_s": 30.0, "close": "lane_0"}, {"at_s": 60.0, "open": "lane_1"}], {"lanes": 1}),
    ],
)
def test_people_of_a_closed_lane_go_to_another_when_that_opens_later(interventions, service):
    model, diary = gate(interventions, count=20, rate=30.0, value_s=5.0, lanes_=2, duration_s=900.0, **service)
    assert model.exited_count == 20
    assert "gave_up" not in diary.when


def test_a_reserved_lane_is_for_those_it_is_reserved_for():
    served = {}

    class Places(Diary):
        def event(self, time_s, id, event, place, level, x, y):
            super().event(time_s, id, event, place, level, x, y)
            if event == "called":
                served.setdefault(place, []).append(id)

    service = {"time": {"distribution": "constant", "value_s": 6.0}, "reserved": {"lane_1": ["guests"]}}
    scene = desk(service, count=40, rate=60.0, queues=["lane_0", "lane_1"], features=lanes(2))
    everyone = scene.config.attendees["all"]
    both = {"all": everyone, "guests": everyone}
    scene = dataclasses.replace(scene, config=dataclasses.replace(scene.config, attendees=both))
    model = CrowdModel(scene, observer=Places())
    while model.running:
        model.step()
    guests = set(np.flatnonzero(model.population.group == 1).tolist())
    assert set(served["lane_1"]) <= guests
    assert served["lane_1"]
    assert model.exited_count == 80


def test_nobody_uses_a_reserved_lane_because_the_others_close():
    service = {"reserved": {"lane_1": ["guests"]}}
    model, diary = gate([{"at_s": 20.0, "close": "lane_0"}, {"at_s": 200.0, "open": "lane_0"}], count=30, lanes_=2,
                        **service)  # fmt: skip
    called = np.array(list(diary.when["called"].values()))
    assert not ((called > 20.0) & (called < 200.0)).any()
    assert model.exited_count == 30


# ---------------------------------------------------------------- announcements
def test_those_told_to_leave_leave_by_the_exit_they_are_told_after_their_reaction():
    told = {"say": "leave", "exit": "west", "reaction": {"distribution": "uniform", "min_s": 5.0, "max_s": 10.0}}
    scene = two_rooms([{"at_s": 20.0, "announce": told}], pre_movement_s=1000.0)
    model, diary = go(scene)
    west = model.navigation.goals.index("west")
    assert model.exited_count == 60
    assert (model.state.exit_goal == west).all()
    started = np.array([diary.when["rerouted"][row] for row in range(60)])
    assert started.min() >= 25.0
    assert started.max() <= 30.05
    assert model.time_s < 80
    assert np.allclose(model.state.waited_s, started, atol=0.06)  # waited until then, not a thousand seconds


def test_only_those_who_can_hear_and_comply_leave():
    share = {"say": "leave", "reach": 0.8, "compliance": 0.5}
    scene = two_rooms([{"at_s": 5.0, "announce": share}], count=100, pre_movement_s=200.0)
    model, _ = go(scene, until=100)
    assert 22 <= model.exited_count == model.changed[0].told <= 58  # binomial(100, 0.4), four standard deviations
    elsewhere = {"say": "leave", "zones": ["beyond"]}
    model, _ = go(two_rooms([{"at_s": 5.0, "announce": elsewhere}], pre_movement_s=200.0), until=60)
    assert model.exited_count == 0


def test_a_show_that_is_stopped_ends_the_stays():
    scene = two_rooms([{"at_s": 40.0, "announce": {"say": "go_on"}}], dwell_s=1000.0)
    model, diary = go(scene)
    assert model.exited_count == 60
    assert model.time_s < 80
    assert min(diary.when["left"].values()) >= 40.0


def test_whoever_is_being_served_leaves_after_that():
    service = {"time": {"distribution": "constant", "value_s": 30.0}}
    scene = desk(service, count=10, rate=60.0, interventions=[{"at_s": 25.0, "announce": {"say": "leave"}}])
    model, diary = run(scene)
    assert model.exited_count == 10
    assert len(diary.when["served"]) == 1
    assert model.time_s < 80
    left = set(diary.when["gave_up"])
    assert left.isdisjoint(diary.when["served"])


def test_people_told_to_leave_while_all_is_closed_leave_when_something_opens():
    closed = {"at_s": 2.0, "close": ["east", "west"]}
    scene = two_rooms([closed, {"at_s": 5.0, "announce": {"say": "leave"}}, {"at_s": 60.0, "open": "west"}],
                      pre_movement_s=1000.0)  # fmt: skip
    model, diary = go(scene, until=300)
    assert model.exited_count == 60
    assert min(diary.when["exited"].values()) > 60.0
    assert diary.when["started"].keys() == diary.when["entered"].keys()


def test_only_stays_end_when_what_people_stay_for_is_over():
    scene = two_rooms([{"at_s": 5.0, "announce": {"say": "go_on"}}], pre_movement_s=30.0)
    _, diary = go(scene)
    assert min(diary.when["started"].values()) >= 30.0


def test_a_door_that_one_intervention_puts_up_and_another_opens_is_ground():
    hatch = line("hatch", "door", (15, 8), (15, 9.5), depth_m=0.4, open=False)
    plain = two_rooms([])
    scene = scenario(
        [*plain.features, hatch],
        {"people": {"start": "start", "count": 20, "itinerary": [{"exit": "east"}]}},
        profiles={"adult": person()},
        doors={"gate": {"width_m": 4.0, "open": True}, "hatch": {"width_m": 1.5, "enabled": False, "open": False}},
        interventions=[{"when": "count(start) > 1", "add": "hatch"}, {"at_s": 2.0, "open": "hatch", "close": "gate"}],
    )
    model, _ = go(scene, until=120)
    assert model.exited_count == 20


# ---------------------------------------------------------------- everything
NAMES = {"open": ["gate", "west"], "close": ["gate", "west"], "hold": ["gate", "east"], "release": ["gate", "east"]}
WHEN = st.one_of(
    st.floats(0.0, 40.0).map(lambda at_s: {"at_s": at_s}),
    st.integers(0, 40).map(lambda n: {"when": f"count(beyond) > {n}", "repeat": True}),
    st.integers(1, 40).map(lambda n: {"when": f"count(start) < {n}"}),
)
WHAT = st.one_of(
    *[st.sampled_from(names).map(lambda name, verb=verb: {verb: name}) for verb, names in NAMES.items()],
    st.sampled_from([{"announce": {"say": "leave"}}, {"announce": {"say": "go_on", "zones": ["beyond"]}}]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(WHEN, WHAT), max_size=5), st.sampled_from([None, 10.0]))
def test_people_are_conserved_whatever_is_done(done, dwell_s):
    scene = two_rooms([{**when, **what} for when, what in done], count=30, dwell_s=dwell_s, duration_s=120.0)
    diary = Diary()
    model = CrowdModel(scene, observer=diary)
    while model.running:
        model.step()
        assert model.entered_count == model.exited_count + model.inside_count == 30
    assert len(diary.when.get("exited", {})) == model.exited_count
    assert (model.state.waited_s >= -1e-3).all()
