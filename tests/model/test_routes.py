"""Ways round crowds: another door, the free side of a room; the shortest ways where nobody is."""

import numpy as np
import pytest
from desks import run
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import person
from scenes import area, line, rectangle, scenario

from crowdsim import CrowdModel
from crowdsim.model.services import NOWHERE


def two_doors(routes, *, count=240, narrow=1.0, wide=3.0, **config):
    """Return a room whose people leave the next one by one exit: through a narrow door, or round by a wide one."""
    made = [
        area("room", "walkable", rectangle(0, 0, 15, 24)),
        area("next", "walkable", rectangle(15.2, 0, 30, 24)),
        line("narrow", "door", (15.1, 4 - narrow / 2), (15.1, 4 + narrow / 2), depth_m=0.2),
        line("wide", "door", (15.1, 20 - wide / 2), (15.1, 20 + wide / 2), depth_m=0.2),
        area("start", "zone", rectangle(1, 1, 13, 11)),
        line("out", "exit", (30, 2), (30, 12)),
        line("by_narrow", "measurement_line", (15.6, 1), (15.6, 8)),
    ]
    group = {"start": "start", "count": count}
    return scenario(made, {"all": group}, profiles={"adult": person(1.34)}, routes=routes, **config)


def test_a_crowd_before_a_narrow_door_goes_round_by_a_wide_one():
    shortest, _ = run(two_doors("shortest"))
    quickest, _ = run(two_doors("quickest"))
    assert quickest.time_s < 0.75 * shortest.time_s
    assert quickest.exited_count == shortest.exited_count == 240


def test_alone_one_takes_the_shortest_way():
    shortest, _ = run(two_doors("shortest", count=1))
    quickest, _ = run(two_doors("quickest", count=1))
    # One's own body is a crowd of 0.1 people/m2 or so around it, which bends the way a little.
    assert quickest.time_s == pytest.approx(shortest.time_s, rel=0.01)


def test_a_free_walk_is_reckoned_by_the_shortest_way():
    shortest, quickest = CrowdModel(two_doors("shortest")), CrowdModel(two_doors("quickest"))
    for _ in range(200):
        shortest.step()
        quickest.step()
    assert quickest.state.free_walk_s.tolist() == shortest.state.free_walk_s.tolist()
    assert (quickest.navigation.fields.nodes != quickest.navigation.shortest.nodes).any()
    assert shortest.navigation.fields is shortest.navigation.shortest


def test_a_door_that_closes_is_walked_through_by_nobody_from_then_on():
    closing = [{"at_s": 6.0, "close": "wide"}]
    model, _ = run(two_doors("quickest", count=100, interventions=closing))
    assert model.exited_count == 100


def test_parties_walk_round_crowds_as_quickly_as_by_the_shortest_ways():
    def last_s(routes):
        made = [
            area("hall", "walkable", rectangle(0, 0, 40, 10)),
            area("start", "zone", rectangle(14, 1, 26, 9)),
            line("narrow", "exit", (0, 4.5), (0, 5.5)),
            line("wide", "exit", (40, 3.5), (40, 6.5)),
        ]
        group = {"start": "start", "count": 120, "parties": [{"people": 4, "share": 1.0}]}
        return run(scenario(made, {"all": group}, profiles={"adult": person(1.34)}, routes=routes))[0].time_s

    assert last_s("quickest") < 1.1 * last_s("shortest")


def test_a_crowd_that_has_turned_away_is_forgotten():
    made = [
        area("hall", "walkable", rectangle(0, 0, 40, 10)),
        area("start", "zone", rectangle(2, 1, 14, 9)),
        area("gate", "entrance", rectangle(11, 4, 13, 6)),
        line("near", "exit", (0, 4.5), (0, 5.5)),
        line("far", "exit", (40, 3.5), (40, 6.5)),
    ]
    late = {"start": "gate", "count": 4, "arrival": {"kind": "constant", "rate_per_min": 60.0, "start_s": 150.0}}
    groups = {"crowd": {"start": "start", "count": 120}, "late": late | {"choice": {"guided": 1.0}}}
    turning = [{"at_s": 10.5, "announce": {"say": "leave", "exit": "far"}}]
    scene = scenario(made, groups, profiles={"adult": person(1.34)}, routes="quickest", interventions=turning)
    model, _ = run(scene)
    exits = model.state.exit_goal[model.population.group == 1]
    assert (exits == model.navigation.goals.index("near")).all()


@given(st.integers(0, 5), st.floats(0.9, 2.0))
@settings(max_examples=6, deadline=None)
def test_nobody_is_lost_on_ways_that_change(seed, narrow):
    model = CrowdModel(two_doors("quickest", count=60, narrow=narrow, seed=seed))
    while model.running:
        model.step()
        assert model.entered_count == model.exited_count + model.inside_count
    assert model.exited_count == 60


def test_runs_are_alike_whatever_the_threads():
    def ends(threads):
        model, _ = run(two_doors("quickest", count=120, threads=threads))
        return model.state.exit_s.tobytes(), np.asarray(model.state.crowd.x).tobytes()

    assert ends(1) == ends(2)


def three_lanes(routes):
    """Return 150 people before three lanes of a search between rails, one of them closed."""
    between = ((3.0, "lower"), (4.5, "upper"))
    made = [
        area("ground", "walkable", rectangle(0, 0, 16, 8)),
        area("start", "zone", rectangle(0.5, 0.5, 5.5, 7.5)),
        line("out", "exit", (16, 2), (16, 6)),
        area("below", "obstacle", rectangle(6, 0, 10.2, 1.5)),
        area("above", "obstacle", rectangle(6, 6, 10.2, 8)),
        *(area(f"{name}_rail", "obstacle", rectangle(6, y - 0.05, 10.2, y + 0.05)) for y, name in between),
        *(line(f"lane_{k}", "queue", (10.0, y), (6.0, y)) for k, y in enumerate((2.25, 3.75, 5.25))),
    ]
    time = {"distribution": "constant", "value_s": 2.0}
    desk = {"queues": ["lane_0", "lane_1", "lane_2"], "lanes": 2, "time": time}
    group = {"start": "start", "count": 150, "itinerary": [{"service": "desk"}, {"exit": "out"}]}
    return scenario(made, {"all": group}, profiles={"adult": person(1.34)}, routes=routes, services={"desk": desk})


def test_nobody_comes_to_a_queue_past_its_head():
    """No quicker way leads through the closed lane, and from behind the servers down another."""
    model = CrowdModel(three_lanes("quickest"))
    while model.running:
        model.step()
        waits = model.services.stage[model.state.inside] != NOWHERE
        assert not (model.state.crowd.x[model.state.inside][waits] > 11.0).any()
    assert model.exited_count == 150


@pytest.mark.parametrize("routes", ["shortest", "quickest"])
def test_lanes_go_on_however_people_press_before_them(routes):
    model, _ = run(three_lanes(routes))
    # Two desks, two seconds each, and a walk of some seconds from one person to the next at the desks.
    assert model.exited_count == 150
    assert 150.0 < model.time_s < 200.0
