"""Programmes and open itineraries: who stays until when, who does what, what needs and full zones lead to."""

from itertools import pairwise

import numpy as np
import pytest
from desks import EVEN, Diary
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, line, movement, rectangle, scenario
from scipy.stats import binomtest, kstest

from crowdsim import CrowdModel
from crowdsim.model.services import BEING_SERVED, WAITING
from crowdsim.population import plan_population
from crowdsim.scenario.event import ARRIVED, CALLED, EXITED, GAVE_UP, LEFT, SERVED
from crowdsim.venue import build_venue

NEVER_BY_CHANCE = 1e-4
OUT = {"exit": "out"}


def lasting(seconds):
    return {"distribution": "constant", "value_s": float(seconds)}


def between(low, high):
    return {"distribution": "uniform", "min_s": float(low), "max_s": float(high)}


def ground(itinerary, *, count=20, rate=60.0, needs=None, features=(), **config):
    """Return a ground of 40 m by 20 m with people coming in at its left end, and an exit at its right end.

    There are a floor and a foyer to stay in, and toilets east and west with a line each.
    """
    made = [
        area("ground", "walkable", rectangle(0, 0, 40, 20)),
        area("floor", "zone", rectangle(14, 2, 26, 18)),
        area("foyer", "zone", rectangle(4, 14, 10, 19)),
        line("in", "entrance", (0, 2), (0, 12)),
        line("out", "exit", (40, 5), (40, 15)),
        line("line_east", "queue", (36, 2), (30, 2)),
        line("line_west", "queue", (4, 2), (10, 2)),
        *features,
    ]
    group = {
        "start": "in",
        "count": count,
        "arrival": {"kind": "constant", "rate_per_min": rate},
        "itinerary": itinerary,
        "needs": needs or {},
    }
    config = {
        "duration_s": 3600.0,
        "profiles": {"adult": EVEN},
        "movement": movement("collision_free_speed", step_s=0.1),
        "services": {"east": toilet("line_east"), "west": toilet("line_west")},
        **config,
    }
    return scenario(made, {"all": group}, **config)


def toilet(queue, **settings):
    return {"queues": [queue], "time": lasting(5), "patience": lasting(120), **settings}


class Log(Diary):
    """What happened to each, in order."""

    def __init__(self):
        super().__init__()
        self.of = {}

    def event(self, time_s, id, event, place, level, x, y):
        super().event(time_s, id, event, place, level, x, y)
        self.of.setdefault(id, []).append((round(time_s, 3), event, place))

    def times(self, event, place):
        return np.array([t for told in self.of.values() for t, what, where in told if (what, where) == (event, place)])


def run(scene, until=np.inf):
    log = Log()
    model = CrowdModel(scene, observer=log)
    while model.running and model.time_s < until:
        model.step()
    return model, log


def plan(scene):
    return plan_population(scene, build_venue(scene))


# ---------------------------------------------------------------- events
CONCERT = {"concert": {"zone": "floor", "from_s": 30.0, "until_s": 100.0}}


def test_who_comes_in_time_stays_until_the_end_and_who_comes_late_goes_on():
    model, log = run(ground([{"event": "concert"}, OUT], count=150, programme=CONCERT))
    assert model.exited_count == 150
    arrived, left = log.when[ARRIVED], log.when[LEFT]
    for id, time_s in arrived.items():
        assert left[id] == pytest.approx(max(time_s, 100.0), abs=1e-6)
    entered = np.array([log.when["entered"][id] for id in range(150)])
    came = np.array(sorted(arrived))
    assert entered[came].max() < 100.0
    assert set(np.flatnonzero(entered >= 100.0)).isdisjoint(came)  # nobody walks to what is over
    assert came.size > 80


def test_people_linger_as_long_as_is_drawn():
    scene = ground([{"event": "concert", "linger": between(0, 60)}, OUT], count=60, programme=CONCERT)
    model, log = run(scene)
    stayed_on = np.array([log.when[LEFT][id] for id in range(60)]) - 100.0
    np.testing.assert_allclose(stayed_on, model.population.dwell_s[:, 0], atol=0.11)
    assert kstest(stayed_on, "uniform", args=(0, 60)).pvalue > NEVER_BY_CHANCE


def test_delay_is_neither_the_walk_nor_the_stay():
    model, _ = run(ground([{"event": "concert"}, OUT], count=3, rate=6.0, programme=CONCERT))
    delay = model.state.exit_s - model.state.entry_s - model.state.free_walk_s - model.state.waited_s
    assert (np.abs(delay) < 8.0).all()  # the walk within the zone to the own place


# ---------------------------------------------------------------- chances
def test_shares_of_those_who_do_it_are_the_probabilities():
    alternatives = [
        {"goal": "foyer", "dwell": lasting(5), "weight": 2.0},
        {"event": "concert"},
        {"service": "east", "weight": 1.0},
    ]
    legs = [{"service": "west", "probability": 0.4}, {"one_of": alternatives, "probability": 0.5}, OUT]
    does = plan(ground(legs, count=4000, rate=6000.0, programme=CONCERT)).does
    for column, share in enumerate((0.4, 0.25, 0.125, 0.125, 1.0)):
        assert binomtest(int(does[:, column].sum()), 4000, share).pvalue > NEVER_BY_CHANCE
    assert (does[:, 1:4].sum(axis=1) <= 1).all()
    assert abs(np.corrcoef(does[:, 0], does[:, 1:4].any(axis=1))[0, 1]) < 0.07  # drawn by themselves


def test_changing_one_chance_leaves_what_else_is_drawn_alone():
    def legs(probability):
        stay = {"goal": "foyer", "dwell": between(5, 50)}
        return [{"service": ["east", "west"], "probability": probability}, stay, OUT]

    one, other = (plan(ground(legs(p), count=200, rate=600.0)) for p in (0.2, 0.8))
    np.testing.assert_array_equal(one.dwell_s, other.dwell_s)
    np.testing.assert_array_equal(one.spot, other.spot)
    assert (one.does <= other.does).all()  # more do it: the same ones, and others


@pytest.mark.parametrize(("probability", "served"), [(0.0, 0), (1.0, 12)])
def test_a_leg_is_done_or_left_out(probability, served):
    model, log = run(ground([{"service": "east", "probability": probability}, OUT], count=12))
    assert len(log.when.get(SERVED, {})) == served
    assert model.exited_count == 12


def test_some_may_leave_before_the_end():
    legs = [{"exit": "out", "probability": 0.5}, {"goal": "foyer", "dwell": lasting(60)}, OUT]
    model, log = run(ground(legs, count=40))
    early = model.population.does[:, 0]
    assert 5 < early.sum() < 35
    assert set(log.when[ARRIVED]) == set(np.flatnonzero(~early))
    assert model.exited_count == 40


def test_of_several_services_people_choose_where_they_are_served_first():
    slow = {"east": toilet("line_east", time=lasting(10)), "west": toilet("line_west", time=lasting(5))}
    legs = [{"goal": "floor", "dwell": between(0, 1)}, {"service": ["east", "west"]}, OUT]
    _, log = run(ground(legs, count=60, rate=20.0, services=slow))
    east, west = (log.times(SERVED, f"line_{side}").size for side in ("east", "west"))
    assert east + west == 60
    assert 1.3 < west / east < 4.0  # one serves twice as many as the other
    assert log.spans("joined", CALLED).max() < 60.0  # to east alone as many again would come as it serves


def test_people_take_as_long_as_the_service_takes_that_they_chose():
    both = {"east": toilet("line_east", time=lasting(9)), "west": toilet("line_west", time=lasting(3))}
    _, log = run(ground([{"service": ["east", "west"]}, OUT], count=30, rate=120.0, services=both))
    for id, told in log.of.items():
        (place,) = (where for _, what, where in told if what == SERVED)
        took_s = log.when[SERVED][id] - log.when[CALLED][id]
        assert took_s >= {"line_east": 9.0, "line_west": 3.0}[place] - 0.11
        assert took_s < {"line_east": 11.0, "line_west": 5.0}[place]


# ---------------------------------------------------------------- needs
TOILET = {"toilet": {"service": ["east", "west"], "every": lasting(100)}}
SHOW = {"show": {"zone": "floor", "until_s": 450.0}}


def test_needs_are_seen_to_and_people_come_back_for_the_rest_of_the_stay():
    model, log = run(ground([{"event": "show"}, OUT], count=6, rate=12.0, needs=TOILET, programme=SHOW))
    assert model.exited_count == 6
    for id, told in log.of.items():
        *left, last = (t for t, what, _ in told if what == LEFT)
        seen_to = [t for t, what, _ in told if what == SERVED]
        assert len(left) == len(seen_to) == 3
        np.testing.assert_allclose(left, [5.0 * id + 100.0, *np.array(seen_to[:-1]) + 100.0], atol=0.11)
        assert last == pytest.approx(450.0, abs=0.11)
        kinds = [what for _, what, _ in told if what in (LEFT, ARRIVED)]
        assert kinds == [ARRIVED, LEFT] * (len(kinds) // 2)


def test_who_comes_from_a_need_after_the_end_goes_on_at_once():
    slow = {"east": toilet("line_east", time=lasting(60))}
    needs = {"toilet": {"service": "east", "every": lasting(60)}}
    concert = {"concert": {"zone": "floor", "until_s": 90.0}}
    model, log = run(
        ground(
            [{"event": "concert"}, OUT],
            count=1,
            needs=needs,
            programme=concert,
            services=slow | {"west": toilet("line_west")},
        )
    )
    assert [what for _, what, _ in log.of[0] if what in (ARRIVED, LEFT, SERVED, EXITED)] == [
        ARRIVED,
        LEFT,
        SERVED,
        EXITED,
    ]
    delay = model.state.exit_s - model.state.entry_s - model.state.free_walk_s - model.state.waited_s
    assert abs(delay[0]) < 12.0  # nothing is counted twice


def test_needs_of_different_kinds_have_their_own_times():
    needs = {
        "toilet": {"service": "east", "every": between(50, 150)},
        "thirst": {"service": "west", "every": {"distribution": "exponential", "mean_s": 150.0}},
    }
    model, log = run(ground([{"event": "show"}, OUT], count=25, needs=needs, programme=SHOW))
    assert model.exited_count == 25
    east, west = (log.times(CALLED, f"line_{side}").size for side in ("east", "west"))
    assert 25 * 2 < east < 25 * 8
    assert 25 < west < 25 * 6


# ---------------------------------------------------------------- zones that take so many
def test_a_full_zone_turns_people_away_and_lets_others_in_when_some_leave():
    legs = [{"goal": "foyer", "dwell": lasting(40)}, {"goal": "floor", "dwell": lasting(1)}, OUT]
    scene = ground(legs, count=60, zones={"foyer": {"capacity": 10}})
    log = Log()
    model = CrowdModel(scene, observer=log)
    foyer, most = model.navigation.goals.index("foyer"), 0
    while model.running:
        model.step()
        there = (model.state.records["goal"][model.state.inside] == foyer).sum()
        most = max(most, int(there))
    assert most == 10
    turned_away = log.times(GAVE_UP, "foyer").size
    assert 0 < turned_away < 50
    assert log.times(ARRIVED, "foyer").size == 60 - turned_away
    assert log.times(ARRIVED, "floor").size == model.exited_count == 60


def test_a_place_is_kept_while_away_for_a_need_and_between_events_in_the_same_zone():
    programme = {"first": {"zone": "floor", "until_s": 150.0}, "second": {"zone": "floor", "until_s": 300.0}}
    legs = [{"event": "first"}, {"event": "second"}, OUT]
    zones = {"floor": {"capacity": 8, "towards": "stage"}}
    stage = [area("stage", "obstacle", rectangle(26, 6, 28, 14))]
    scene = ground(legs, count=12, needs=TOILET, programme=programme, zones=zones, features=stage)
    model, log = run(scene)
    assert log.times(GAVE_UP, "floor").size == 8  # four people, at both events
    assert model.exited_count == 12
    places = {}
    again = CrowdModel(scene)
    while again.running and again.time_s < 299.0:
        again.step()
        for row in np.flatnonzero(again.state.records["activity"] == 0).tolist():
            held = again.stays._zones._place[row]
            if held >= 0:
                places.setdefault(row, set()).add(int(held))
    assert places
    assert all(len(of_one) <= 2 for of_one in places.values())


# ---------------------------------------------------------------- before a front
def before_a_stage(count, rate, *, step_s=0.1, spread_m=4.0, **zone):
    stage = [area("stage", "obstacle", rectangle(26, 6, 28, 14))]
    return ground(
        [{"event": "concert"}, OUT],
        count=count,
        rate=rate,
        features=stage,
        programme={"concert": {"zone": "floor", "until_s": 400.0}},
        zones={"floor": {"towards": "stage", "spread_m": spread_m, **zone}},
        movement=movement("collision_free_speed", step_s=step_s),
    )


def test_a_crowd_before_a_stage_is_denser_in_front_and_gets_out_again():
    count = 150
    model, _ = run(before_a_stage(count, 90.0), until=395.0)
    inside = model.state.inside
    x = model.state.records["x"][inside]
    front, back = ((x > low) & (x < low + 4.0) for low in (22.0, 14.0))
    assert front.sum() > 3 * back.sum()
    (standing,) = model.stays._zones._standing.values()
    places = model.stays._zones._place[inside]
    assert (places >= 0).all()
    assert np.unique(places).size == count
    here = np.column_stack([x, model.state.records["y"][inside]])
    assert (np.hypot(*(here - standing.points[places]).T) < 0.5).mean() > 0.9  # they got there, past each other
    while model.running:
        model.step()
    assert model.exited_count == count
    assert model.time_s < 500.0


def test_the_same_seed_gives_the_same_crowd_before_a_stage_for_any_number_of_threads():
    runs = []
    for threads in (1, 2):
        model, log = run(ground(
            [{"one_of": [{"event": "show"}, {"goal": "foyer", "dwell": between(0, 50)}]}, OUT],
            count=60, rate=120.0, needs=TOILET, programme=SHOW, threads=threads,
            zones={"floor": {"towards": [14.0, 10.0], "capacity": 25}},
        ), until=200.0)  # fmt: skip
        runs.append((model.state.records["x"].copy(), log.of))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]


# ---------------------------------------------------------------- anything
SERVICES = st.sampled_from(["east", "west", ["east", "west"]])
STAYS = st.builds(
    lambda zone, s: {"goal": zone, "dwell": between(0, s)}, st.sampled_from(["floor", "foyer"]), st.integers(0, 60)
)
EVENTS = st.builds(
    lambda name, s: {"event": name, "linger": between(0, s)}, st.sampled_from(["a", "b"]), st.integers(0, 30)
)
USES = SERVICES.map(lambda service: {"service": service})
PLAIN = st.one_of(STAYS, EVENTS, USES)
ALTERNATIVES = st.lists(
    st.builds(lambda leg, weight: {**leg, "weight": weight}, st.one_of(PLAIN, st.just(OUT)), st.floats(0.1, 5.0)),
    min_size=2,
    max_size=3,
).filter(lambda legs: any("exit" not in leg for leg in legs))
LEGS = st.builds(
    lambda leg, probability: {**leg, "probability": probability},
    st.one_of(PLAIN, ALTERNATIVES.map(lambda legs: {"one_of": legs})),
    st.floats(0.0, 1.0),
)
ITEMS = st.builds(
    lambda zone, start, length: {"zone": zone, "from_s": start, "until_s": start + length},
    st.sampled_from(["floor", "foyer"]),
    st.floats(0.0, 100.0),
    st.floats(1.0, 100.0),
)
HOURS = st.none() | st.tuples(st.floats(0.0, 60.0), st.floats(1.0, 100.0))


def opened(queue, hours, patience_s):
    open_ = [{"from_s": hours[0], "until_s": sum(hours)}] if hours else []
    return toilet(queue, time={"distribution": "exponential", "mean_s": 4.0}, patience=lasting(patience_s), open=open_)


@settings(max_examples=30, deadline=None)
@given(
    legs=st.lists(LEGS, max_size=4),
    programme=st.fixed_dictionaries({"a": ITEMS, "b": ITEMS}),
    every_s=st.none() | st.integers(20, 100),
    need=SERVICES,
    hours=st.tuples(HOURS, HOURS),
    patience_s=st.integers(1, 60),
    capacity=st.none() | st.integers(1, 15),
    front=st.booleans(),
    seed=st.integers(0, 99),
)
def test_whatever_the_programme_nobody_is_lost(
    legs, programme, every_s, need, hours, patience_s, capacity, front, seed
):
    stays = {"goal": "floor", "dwell": between(0, 60)}
    needs = {"need": {"service": need, "every": between(20, every_s)}} if every_s else {}
    zone = {"capacity": capacity, **({"towards": [14.0, 10.0]} if front else {})}
    model = CrowdModel(ground(
        [*legs, stays, OUT], count=20, rate=40.0, needs=needs, programme=programme, zones={"floor": zone}, seed=seed,
        services={name: opened(f"line_{name}", h, patience_s) for name, h in zip(("east", "west"), hours, strict=True)},
    ), observer=(log := Log()))  # fmt: skip
    (options,) = model.population.itineraries
    stage_of = np.array([option.stage for option in options])
    reached = np.full(20, -1)
    while model.running:
        model.step()
        assert model.entered_count == model.inside_count + model.exited_count
        serving = [row for queue in model.services.queues for row in queue.serving if row >= 0]
        waiting = [row for queue in model.services.queues for row in queue.waiting]
        assert len({*serving, *waiting}) == len(serving) + len(waiting)
        assert sorted(serving) == np.flatnonzero(model.services.stage == BEING_SERVED).tolist()
        assert sorted(waiting) == np.flatnonzero(model.services.stage == WAITING).tolist()
        leg = model.state.leg
        at = np.where((leg >= 0) & (stage_of[leg] >= 0), leg, reached)
        assert (at >= reached).all()  # in the order of the itinerary
        new = np.flatnonzero(at > reached)
        of_choice = np.array([[k for k in range(at[row] + 1) if model.population.does[row, k]][-1] for row in new], int)
        assert (stage_of[of_choice] == stage_of[at[new]]).all()  # only what was drawn
        reached = at
    assert model.exited_count == 20
    for told in log.of.values():
        for (_, event, place), (_, then, where) in pairwise(told):
            if event == ARRIVED:
                assert (then, where) == (LEFT, place)
            if event == CALLED:
                assert (then, where) == (SERVED, place)
    delay = model.state.exit_s - model.state.entry_s - model.state.free_walk_s - model.state.waited_s
    assert delay.min() > -2.0  # what is waited and walked is not counted twice
