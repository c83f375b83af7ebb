"""Services: analytic queues, nobody lost, order in the line, opening hours, impatience."""

import heapq
import math

import numpy as np
import pytest
from desks import EXPONENTIAL, coarse, desk, run
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, line, movement, rectangle, scenario
from shapely import LineString

from crowdsim.kernels.arrays import TO_SPOT, empty_crowd
from crowdsim.model.queue import HELD_LOOKS, make_queue
from crowdsim.model.services import BEING_SERVED, NOWHERE, WAITING

# ---------------------------------------------------------------- against queueing theory
MEAN_S = 20.0
SIGMA = 0.8
TIMES = {
    "exponential": {"distribution": "exponential", "mean_s": MEAN_S},
    "lognormal": {"distribution": "lognormal", "median_s": MEAN_S / math.exp(SIGMA**2 / 2), "sigma": SIGMA},
}


def service_of(times, servers):
    counter = {"servers": servers, "counter": "front"} if servers > 1 else {}
    return {"time": TIMES[times] if isinstance(times, str) else times, **counter}


def with_counter(servers):
    return [line("line", "queue", (14, 5), (8, 5)), line("front", "counter", (15, 3.5), (15, 6.5))][: min(servers, 2)]


def first_come_first_served(ready_s, takes_s, servers):
    """Return the waits of those who are ready at these times (Lindley 1952, for several servers Kiefer 1955)."""
    free = [-math.inf] * servers
    waits = np.empty(ready_s.size)
    for k in np.argsort(ready_s, kind="stable"):
        start = max(ready_s[k], heapq.heappop(free))
        waits[k] = start - ready_s[k]
        heapq.heappush(free, start + takes_s[k])
    return waits


def queue_of(times, servers, seed, *, count=250, load=0.7):
    """Return simulated waits, those of queueing theory for the same people, and how busy the servers were."""
    features = with_counter(servers)
    settings = {"features": features, "movement": movement("collision_free_speed", step_s=0.1)}
    # Walking along the line is no waiting: it takes those who come alone as long.
    quick = service_of({"distribution": "constant", "value_s": 0.5}, servers)
    _, diary = run(desk(quick, count=20, rate=2.0, **settings))
    walk_s = np.median(diary.spans("joined", "called"))
    scene = desk(service_of(times, servers), count=count, rate=60 * load * servers / MEAN_S, seed=seed, **settings)
    model, diary = run(scene)
    ids = sorted(diary.when["joined"])
    ready = np.array([diary.when["joined"][id] for id in ids]) + walk_s
    expected = first_come_first_served(ready, model.population.dwell_s[ids, 0], servers)
    called = diary.when["called"].values()
    busy = diary.spans("called", "served").sum() / servers / (max(called) - min(called))
    return diary.spans("joined", "called") - walk_s, expected, busy


@pytest.mark.parametrize(("times", "servers"), [("exponential", 1), ("exponential", 3), ("lognormal", 1)])
def test_everyone_waits_as_long_as_first_come_first_served_says(times, servers):
    waits, expected, busy = queue_of(times, servers, seed=1)
    # Whoever is served in no time must walk up to the server still: each of these adds some tenths of a second.
    assert waits.mean() == pytest.approx(expected.mean(), rel=0.05, abs=0.5)
    assert np.quantile(np.abs(waits - expected), 0.9) < 0.15 * MEAN_S
    assert 0.5 < busy < 0.9


# ---------------------------------------------------------------- people in lines
def test_those_in_the_line_stand_one_behind_the_other_and_are_served_in_that_order():
    scene = desk({"time": {"distribution": "constant", "value_s": 30.0}, "spacing_m": 0.8}, count=8, rate=60.0)
    model, diary = run(scene, until=35.0)
    (queue,) = model.services.queues
    x = model.state.records["x"][queue.waiting]
    np.testing.assert_allclose(-np.diff(x), 0.8, atol=0.15)
    np.testing.assert_allclose(model.state.records["y"][queue.waiting], 5.0, atol=0.15)
    assert (model.services.stage[queue.waiting] == WAITING).all()
    order = [*queue.serving, *queue.waiting]
    while model.running:
        model.step()
    assert sorted(diary.when["called"], key=diary.when["called"].get) == order


def test_a_line_with_corners_between_barriers_is_walked_along():
    bent = [(20, 8), (10, 8), (10, 5), (20, 5), (20, 2), (10, 2)]
    rails = [area(f"rail_{y}", "obstacle", rectangle(x0, y - 0.05, x1, y + 0.05)) for y, x0, x1 in
             ((6.5, 11, 24), (3.5, 0, 19))]  # fmt: skip
    features = [line("line", "queue", *bent), *rails]
    scene = desk({"time": {"distribution": "constant", "value_s": 8.0}}, count=40, rate=30.0, features=features)
    model, diary = run(scene, until=60.0)
    assert len(model.services.queues[0].waiting) > 10
    while model.running and model.time_s < 900.0:
        model.step()
    assert model.exited_count == 40
    assert len(diary.when["served"]) == 40


def test_a_full_line_spills_over_as_a_crowd_that_stands_loosely_and_drains():
    short = [line("line", "queue", (14, 5), (12, 5))]
    scene = desk({"time": {"distribution": "constant", "value_s": 5.0}}, count=60, rate=120.0, features=short)
    model, _ = run(scene, until=45.0)
    (queue,) = model.services.queues
    beyond = queue.waiting[queue.capacity :]
    assert len(beyond) > 30
    x, y = model.state.records["x"][beyond], model.state.records["y"][beyond]
    gaps = np.hypot(x[:, None] - x, y[:, None] - y) + 99.0 * np.eye(len(beyond))
    assert np.median(gaps.min(axis=0)) > 0.5  # they do not press
    while model.running and model.time_s < 900.0:
        model.step()
    assert model.exited_count == 60


def test_people_spread_over_the_queues_of_a_service():
    lanes = [line(f"lane_{k}", "queue", (14, 2 + 2 * k), (10, 2 + 2 * k)) for k in range(4)]
    names = tuple(lane.name for lane in lanes)
    service = {"time": {"distribution": "constant", "value_s": 12.0}}
    _, diary = run(desk(service, count=120, rate=19.0, queues=names, features=lanes))
    assert len(diary.when["served"]) == 120
    assert diary.spans("joined", "called").mean() < 15.0  # 95 % busy together: with one of them it would be 19 minutes


# ---------------------------------------------------------------- hours and impatience
def test_nobody_is_served_before_opening_and_those_left_at_closing_go_on():
    service = {
        "time": {"distribution": "constant", "value_s": 20.0},
        "open": [{"from_s": 60.0, "until_s": 150.0}],
    }
    model, diary = run(desk(service, count=12, rate=60.0))
    assert min(diary.when["called"].values()) == pytest.approx(60.0, abs=0.1)
    assert len(diary.when["called"]) == 5  # one every 20 s for 90 s
    assert len(diary.when["gave_up"]) == 7
    assert set(diary.when["gave_up"].values()) == {150.0}
    assert model.exited_count == 12


def test_a_queue_out_of_service_is_left_to_the_others():
    lanes = [line(f"lane_{k}", "queue", (14, 3 + 4 * k), (10, 3 + 4 * k)) for k in range(2)]
    service = {
        "time": {"distribution": "constant", "value_s": 3.0},
        "out_of_service": {"lane_0": [{"from_s": 0.0, "until_s": 1000.0}]},
    }
    model, _ = run(desk(service, count=20, rate=20.0, queues=("lane_0", "lane_1"), features=lanes), until=30.0)
    assert not model.services.queues[0].waiting
    assert model.services.queues[0].walking == 0


def test_newcomers_balk_and_the_impatient_give_up():
    slow = {"distribution": "constant", "value_s": 1000.0}
    _, diary = run(desk({"time": slow, "balk_above": 3}, count=10, rate=60.0), until=60.0)
    assert (len(diary.when["joined"]), len(diary.when["gave_up"])) == (4, 6)
    patience = {"distribution": "constant", "value_s": 25.0}
    model, diary = run(desk({"time": slow, "patience": patience}, count=5, rate=60.0), until=90.0)
    waited = diary.spans("joined", "gave_up")
    assert waited.size == 4
    np.testing.assert_allclose(waited, 25.0, atol=0.06)
    assert model.exited_count == 4


def test_the_impatient_give_up_in_whichever_queue_they_got_to():
    lanes = [line(f"lane_{k}", "queue", (14, 4 + 2 * k), (12.5, 4 + 2 * k)) for k in range(2)]
    service = {
        "time": {"distribution": "constant", "value_s": 6.0},
        "patience": {"distribution": "constant", "value_s": 30.0},
    }
    model, diary = run(desk(service, count=60, rate=120.0, queues=("lane_0", "lane_1"), features=lanes))
    assert model.exited_count == 60
    assert max(diary.spans("joined", "called")) <= 30.05
    np.testing.assert_allclose(diary.spans("joined", "gave_up"), 30.0, atol=0.06)
    assert len(diary.when["gave_up"]) > 20


def test_those_there_at_the_beginning_do_not_choose_a_queue_without_servers():
    lanes = [line(f"lane_{k}", "queue", (14, 3 + 4 * k), (10, 3 + 4 * k)) for k in range(2)]
    made = [area("hall", "walkable", rectangle(0, 0, 24, 10)), area("floor", "zone", rectangle(1, 1, 6, 5)), *lanes]
    out = line("out", "exit", (24, 2), (24, 8))
    service = {
        "queues": ["lane_0", "lane_1"],
        "time": {"distribution": "constant", "value_s": 3.0},
        "out_of_service": {"lane_0": [{"from_s": 0.0, "until_s": 1000.0}]},
    }
    group = {"start": "floor", "count": 8, "itinerary": [{"service": "desk"}, {"exit": "out"}]}
    scene = scenario([*made, out], {"all": group}, services={"desk": service}, duration_s=300.0)
    model, _ = run(scene, until=1.0)
    assert [queue.walking for queue in model.services.queues] == [0, 8]


@settings(max_examples=12, deadline=None)
@given(
    servers=st.integers(1, 3),
    mean_s=st.floats(0.5, 20.0),
    rate=st.floats(5.0, 90.0),
    length_m=st.floats(0.8, 9.0),
    balk=st.none() | st.integers(1, 6),
    patience_s=st.none() | st.floats(1.0, 30.0),
    seed=st.integers(0, 99),
)
def test_nobody_is_lost(servers, mean_s, rate, length_m, balk, patience_s, seed):
    features = [line("line", "queue", (14, 5), (14 - length_m, 5)), line("front", "counter", (15, 3.5), (15, 6.5))]
    service = {"time": {"distribution": "exponential", "mean_s": mean_s}, "servers": servers, "counter": "front"}
    service |= {"balk_above": balk} if balk else {}
    service |= {"patience": {"distribution": "constant", "value_s": patience_s}} if patience_s else {}
    model, diary = run(desk(service, count=25, rate=rate, features=features, seed=seed), until=40.0)
    stage = model.services.stage
    (queue,) = model.services.queues
    assert sorted(queue.waiting) == np.flatnonzero(stage == WAITING).tolist()
    assert sorted(row for row in queue.serving if row >= 0) == np.flatnonzero(stage == BEING_SERVED).tolist()
    assert model.entered_count == model.inside_count + model.exited_count
    while model.running and model.time_s < 1200.0:
        model.step()
    assert model.exited_count == 25
    assert (stage == NOWHERE).all()
    done = {*diary.when.get("served", {}), *diary.when.get("gave_up", {})}
    assert done == set(range(25))


def test_the_same_seed_gives_the_same_run_for_any_number_of_threads():
    places = []
    for threads in (1, 2):
        service = {"time": EXPONENTIAL, "servers": 2, "counter": "front"}
        model, _ = run(desk(service, count=50, rate=60.0, features=with_counter(2), threads=threads), until=60.0)
        places.append((model.state.records["x"].copy(), model.state.records["y"].copy()))
    np.testing.assert_array_equal(places[0], places[1])


def test_a_crowd_before_narrow_lanes_is_served_as_fast_as_the_servers_can():
    """Lanes 1.5 m apart between barriers: who is pushed into a neighbouring one is served there, and blocks nobody."""
    made = []
    for k in range(6):
        made += [line(f"lane_{k}", "queue", (14, 0.75 + 1.5 * k), (8, 0.75 + 1.5 * k))]
        made += [area(f"rail_{k}", "obstacle", rectangle(8, 1.45 + 1.5 * k, 15, 1.55 + 1.5 * k))]
    service = {"time": {"distribution": "lognormal", "median_s": 6.0, "sigma": 0.5}}
    model, diary = run(desk(service, count=400, rate=120.0, queues=[f"lane_{k}" for k in range(6)], features=made))
    assert model.exited_count == 400
    called = np.sort(list(diary.when["called"].values()))
    mean_s = model.population.dwell_s[:, 0].mean()
    least_s = 400 * mean_s / 6  # all servers busy all the time
    assert least_s * 0.95 < called[-1] - called[0] < least_s * 1.15


def test_overloaded_queues_in_the_open_drain():
    """Lines side by side without barriers, more people than can be served, long steps: nobody blocks others."""
    lanes = [line("upper", "queue", (14, 7), (8, 7)), line("lower", "queue", (14, 3), (8, 3))]
    service = {"time": {"distribution": "constant", "value_s": 5.0}}
    scene = desk(service, count=120, rate=120.0, queues=("upper", "lower"), features=lanes, movement=coarse(),
                 duration_s=1000.0)  # fmt: skip
    model, diary = run(scene)
    assert model.exited_count == 120
    called = np.sort(list(diary.when["called"].values()))
    assert 119 / 2 * 5.0 * 0.98 < called[-1] - called[0] < 119 / 2 * 5.0 * 1.1


def test_who_cannot_get_to_the_server_does_not_close_it_for_ever():
    # The server's place is behind a table that nobody gets past.
    made = [
        line("line", "queue", (14, 5), (8, 5)),
        line("till", "counter", (16.4, 4.5), (16.4, 5.5)),
        area("table", "obstacle", rectangle(15.2, 3.0, 15.4, 7.0)),
    ]
    service = {"counter": "till", "time": {"distribution": "constant", "value_s": 5.0}}
    model, _ = run(desk(service, count=4, rate=30.0, features=made))
    assert model.exited_count == 4


def test_who_jitters_beside_the_line_walks_to_its_end_again():
    # Pushed past a barrier, with free places before: never at rest, and never getting on.
    crowd = empty_crowd(1).view(np.ndarray)
    queue = make_queue("line", "desk", LineString([(0, 0), (8, 0)]), None, 1, 0.7)
    queue.waiting = [0]
    crowd["speed"], crowd["activity"] = 0.3, TO_SPOT
    aim = np.array([6.0])
    for look in range(HELD_LOOKS + 2):
        assert np.isfinite(aim[0]) == (look <= HELD_LOOKS)
        crowd["x"], crowd["y"] = 7.5 + 0.05 * (look % 2), 1.8
        queue.move_up(aim, crowd)
    assert np.isinf(aim[0])
