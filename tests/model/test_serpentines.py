"""Waiting lines folded between rails: order, waits, nobody lost, and turns that let people through."""

import dataclasses
import math

import numpy as np
import pytest
from desks import EVEN, coarse, run
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, line, rectangle, scenario
from test_services import first_come_first_served

from crowdsim import CrowdModel
from crowdsim.scenario.feature import Fold
from crowdsim.scenario.venue_settings import Zone
from crowdsim.venue.checks import find_problems

LONG_M, DEEP_M = 9.0, 6.0


def folded_desk(*, count, rate, mean_s, servers=1, size=(LONG_M, DEEP_M), lane_m=1.2, by=0.0, seed=1, **service):
    """Return a hall with a serpentine in its middle, turned by an angle, and servers beyond its head."""
    length, depth = size

    def turned(points):
        cos, sin = math.cos(by), math.sin(by)
        return [(x * cos - y * sin, x * sin + y * cos) for x, y in points]

    ring = turned(rectangle(0, 0, length, depth))
    fold = Fold(head=ring[2], tail=ring[0], lane_width_m=lane_m)
    features = [
        area("hall", "walkable", turned(rectangle(-12, -6, length + 10, depth + 6))),
        line("in", "entrance", *turned([(-11, -5), (-11, depth + 5)])),
        line("out", "exit", *turned([(length + 10, -5), (length + 10, depth + 5)])),
        dataclasses.replace(area("line", "queue", ring), fold=fold),
    ]
    desk = {"queues": ["line"], "time": {"distribution": "exponential", "mean_s": mean_s}, **service}
    if servers > 1:
        across = [(length + 1.5, depth - 2), (length + 1.5, depth + 1)]
        features.append(line("front", "counter", *turned(across)))
        desk |= {"servers": servers, "counter": "front"}
    group = {"start": "in", "count": count, "arrival": {"kind": "poisson", "rate_per_min": rate}}
    group["itinerary"] = [{"service": "desk"}, {"exit": "out"}]
    return scenario(
        features,
        {"all": group},
        services={"desk": desk},
        profiles={"adult": EVEN},
        movement=coarse(),
        duration_s=36000.0,
        seed=seed,
    )


@pytest.mark.parametrize("servers", [1, 3])
def test_waits_are_those_of_first_come_first_served_and_the_walk_along_the_lanes(servers):
    """As for a straight line: folding it makes nobody wait longer than walking along it takes."""
    _, alone = run(folded_desk(count=12, rate=1.0, mean_s=0.01, servers=servers))
    walk_s = np.median(alone.spans("joined", "called"))
    line_m = DEEP_M / 1.2 * LONG_M - 1.5
    assert walk_s == pytest.approx(line_m / 1.34, rel=0.05)  # the corners are cut a little
    mean_s = 20.0
    model, diary = run(folded_desk(count=150, rate=60 * 0.7 * servers / mean_s, mean_s=mean_s, servers=servers))
    ids = sorted(diary.when["joined"])
    ready = np.array([diary.when["joined"][id] for id in ids]) + walk_s
    expected = first_come_first_served(ready, model.population.dwell_s[ids, 0], servers)
    waits = diary.spans("joined", "called") - walk_s
    assert waits.mean() == pytest.approx(expected.mean(), rel=0.05, abs=0.7)
    assert np.quantile(np.abs(waits - expected), 0.9) < 0.2 * mean_s


def test_people_are_served_in_the_order_in_which_they_joined():
    """At a load that the lanes hold: who joins within the same half second may change places, nobody else does."""
    model, diary = run(folded_desk(count=150, rate=30.0, mean_s=2.2))
    assert model.exited_count == 150
    joined = sorted(diary.when["joined"], key=diary.when["joined"].get)
    called = sorted(diary.when["called"], key=diary.when["called"].get)
    moved = np.array([called.index(id) for id in joined]) - np.arange(150)
    assert np.abs(moved).max() <= 2
    assert np.mean(moved != 0) < 0.3


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_turns_let_six_hundred_through_as_fast_as_they_are_served(seed):
    """A server for 30 a minute, 36 who come: the lanes fill, others stand before them, and all are served."""
    scene = folded_desk(count=600, rate=36.0, mean_s=2.0, seed=seed)
    model = CrowdModel(scene)
    (queue,) = model.services.queues
    corners = queue.vertices[1:-1].reshape(-1, 2, 2)
    middles, lane_m = corners.mean(axis=1), DEEP_M / 5
    most, longest = 0.0, 0
    first = last = math.nan
    while model.running:
        model.step()
        longest = max(longest, len(queue.waiting))
        if math.isnan(first) and queue.serving[0] >= 0:
            first = model.time_s
        last = model.time_s if queue.serving[0] >= 0 else last
        if model.time_s % 10 < model.step_s and queue.waiting:
            records = model.state.records
            rows = np.array(queue.waiting)
            x, y = records["x"][rows], records["y"][rows]
            for at_x, at_y in middles:  # a lane's width along, two across
                at_turn = (np.abs(x - at_x) < lane_m / 2) & (np.abs(y - at_y) < lane_m)
                most = max(most, at_turn.sum() / (2 * lane_m**2))
    assert model.exited_count == 600
    assert longest > queue.capacity > 70
    assert model.population.dwell_s[:, 0].sum() / (last - first) > 0.9  # the rest: each steps up to the server
    assert most < 2.5  # people/m2; those who stand 0.6 m apart in lanes of 1.2 m are 1.4 to a square metre


@settings(max_examples=8, deadline=None)
@given(
    size=st.tuples(st.floats(4.5, 9.0), st.floats(2.5, 4.0)),  # longer than deep: lanes end at the counter
    lane_m=st.floats(0.9, 1.25),
    by=st.floats(-math.pi, math.pi),
    servers=st.integers(1, 3),
    patience_s=st.none() | st.floats(20.0, 60.0),
    seed=st.integers(0, 99),
)
def test_nobody_is_lost_between_rails(size, lane_m, by, servers, patience_s, seed):
    service = {"patience": {"distribution": "constant", "value_s": patience_s}} if patience_s else {}
    scene = folded_desk(count=30, rate=60.0, mean_s=4.0, servers=servers, size=size, lane_m=lane_m, by=by, seed=seed,
                        **service)  # fmt: skip
    model, diary = run(scene, until=40.0)
    assert model.entered_count == model.inside_count + model.exited_count
    while model.running and model.time_s < 900.0:
        model.step()
    assert model.exited_count == 30
    assert {*diary.when.get("served", {}), *diary.when.get("gave_up", {})} == set(range(30))


def test_a_serpentine_in_an_area_to_be_kept_clear_is_told():
    scene = folded_desk(count=5, rate=10, mean_s=2.0)
    made = (*scene.features, area("lane", "zone", rectangle(-5, -5, 6, 6)))
    config = dataclasses.replace(scene.config, zones={"lane": Zone(keep_clear=True)})
    (problem,) = find_problems(dataclasses.replace(scene, features=made, config=config))
    assert problem.found == "zone 'lane', in which people wait in line: 'line'"
