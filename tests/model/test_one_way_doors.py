"""People and one-way doors: nobody walks through against its direction, from the time on at which that is so."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from desks import Diary
from levels import person
from scenes import area, line, movement, rectangle, scenario

from crowdsim import CrowdModel

DOOR_X, LOW_Y, HIGH_Y = 15.0, 1.0, 3.0
"""Where door a is."""


def rooms(interventions=(), *, count=60, start="east", one_way=None, other=True, **config):
    """Return two rooms beside each other, two doors between them, and an exit at the far end of each."""
    made = [
        area("west room", "walkable", rectangle(0, 0, 14.8, 14)),
        area("east room", "walkable", rectangle(15.2, 0, 30, 14)),
        line("a", "door", (DOOR_X, LOW_Y), (DOOR_X, HIGH_Y), depth_m=0.4),
        line("b", "door", (15, 11), (15, 13), depth_m=0.4),
        area("west", "zone", rectangle(8, 1, 14, 8)),
        area("east", "zone", rectangle(16, 1, 22, 8)),
        line("west_out", "exit", (0, 6), (0, 8)),
        line("east_out", "exit", (30, 6), (30, 8)),
    ]
    starts = {"west": "east_out", "east": "west_out"}
    people = {
        name: {"start": name, "count": count, "itinerary": [{"exit": starts[name]}]}
        for name in (starts if start == "both" else [start])
    }
    doors = {"a": {"width_m": 2.0, "one_way": one_way}, "b": {"width_m": 2.0, "open": other}}
    settings = {"profiles": {"adult": person()}, "doors": doors, "interventions": list(interventions), **config}
    return scenario(made, people, **settings)


def go(scene, until=None):
    """Run a scene; return the model, and the times at which somebody passed door a to the west and to the east."""
    diary = Diary()
    model = CrowdModel(scene, observer=diary)
    to_west, to_east = [], []
    while model.running and (until is None or model.time_s < until):
        x, y = model.state.crowd.x.copy(), model.state.crowd.y.copy()
        inside = np.zeros(x.size, bool)
        inside[model.state.inside] = True
        model.step()
        here = inside & (y > LOW_Y) & (y < HIGH_Y)
        now = model.state.crowd.x
        to_west += [model.time_s] * int((here & (x > DOOR_X) & (now <= DOOR_X)).sum())
        to_east += [model.time_s] * int((here & (x <= DOOR_X) & (now > DOOR_X)).sum())
    return model, to_west, to_east


def places(model):
    return model.state.crowd.x.tobytes() + model.state.crowd.y.tobytes()


@pytest.mark.parametrize("model", ["collision_free_speed", "social_force"])
def test_nobody_walks_against_a_one_way_door_and_everybody_gets_out(model):
    built, to_west, to_east = go(rooms(start="both", one_way="east", movement=movement(model)))
    assert built.exited_count == 120
    assert not to_west
    assert len(to_east) > 20  # the way of those who may


def test_without_it_people_pass_both_ways():
    _, to_west, to_east = go(rooms(start="both"), until=40)
    assert len(to_west) > 10
    assert len(to_east) > 10


def test_a_walker_goes_round_by_the_other_door():
    """From (20, 2): 5 m to door a, straight, or 10.3 m to door b; and on to the exit, 15.5 m from both."""
    took = []
    for one_way in (None, "east"):
        model = CrowdModel(rooms(count=1, one_way=one_way))
        model.state.crowd.x[0], model.state.crowd.y[0] = 20.0, 2.0
        while model.running:
            model.step()
        took.append(model.state.exit_s[0])
    assert took[1] - took[0] == pytest.approx((10.3 - 5.0) / 1.2, rel=0.1)


@pytest.mark.parametrize("count", [1, 60])
@pytest.mark.parametrize(
    ("end", "gap_m"),
    [*product(("low", "high"), (0.5, 0.6, 0.8, 1.0)), *product(["slanted"], (0.56, 0.8))],
)
def test_people_get_round_the_end_of_a_line_that_stops_short_of_a_wall(end, gap_m, count):
    """Through a gap a metre wide at the most, one behind the other; a line across a room is no wall to its sides."""
    ends = {"low": ((12, gap_m), (12, 6)), "high": ((12, 0), (12, 6 - gap_m)), "slanted": ((9.1, gap_m), (13.1, 6))}
    made = [
        area("room", "walkable", rectangle(0, 0, 24, 6)),
        area("start", "zone", rectangle(15, 1, 22, 5)),
        line("line", "door", *ends[end], depth_m=0.05),
        line("out", "exit", (0, 2), (0, 4)),
    ]
    people = {"start": {"start": "start", "count": count, "itinerary": [{"exit": "out"}]}}
    scene = scenario(made, people, doors={"line": {"one_way": [23.0, 3.0]}}, profiles={"adult": person()})
    model, _, _ = go(scene, until=120)
    assert model.exited_count == count


def test_nobody_makes_room_beside_an_area_kept_clear_by_walking_back_over_a_line():
    """They stand from 0.5 m beyond it on, the area begins 0.2 m beyond it: before the line there would be room."""
    made = [
        area("room", "walkable", rectangle(0, 0, 24, 8)),
        area("stand", "zone", rectangle(12.5, 1, 20, 7)),
        area("lane", "zone", rectangle(12.2, 0, 15, 8)),
        line("line", "door", (12, 0), (12, 8), depth_m=0.1),
        line("out", "exit", (24, 3), (24, 5)),
    ]
    stays = {"distribution": "constant", "value_s": 60.0}
    people = {"all": {"start": "stand", "count": 80, "pre_movement": stays, "itinerary": [{"exit": "out"}]}}
    clear = [{"at_s": 5, "keep_clear": ["lane"]}]
    doors = {"line": {"one_way": "out"}}
    model = CrowdModel(scenario(made, people, doors=doors, interventions=clear, profiles={"adult": person()}))
    while model.time_s < 50:
        model.step()
        assert (model.state.crowd.x[model.state.inside] > 12.0).all()
    x = model.state.crowd.x[model.state.inside]
    assert not (x < 15.0).any()
    while model.running:
        model.step()
    assert model.exited_count == 80


def test_until_a_door_becomes_one_way_the_run_is_the_one_without_it():
    plain, changed = rooms(), rooms([{"at_s": 6.0, "one_way": {"a": "east"}}])
    one, other = CrowdModel(plain), CrowdModel(changed)
    while one.time_s < 5.94:
        one.step()
        other.step()
        assert places(one) == places(other)
    for _ in range(60):
        one.step()
        other.step()
    assert places(one) != places(other)
    (change,) = other.changed
    assert change.fields == (2, 2)
    assert (change.stranded, change.aside) == (0, 0)


def test_from_then_on_nobody_walks_against_it_and_later_they_do_again():
    scene = rooms([{"at_s": 4.0, "one_way": {"a": "east"}}, {"at_s": 20.0, "both_ways": "a"}], count=120)
    built, to_west, _ = go(scene)
    assert built.exited_count == 120
    assert any(time <= 4.0 for time in to_west)
    assert not [time for time in to_west if 4.5 < time <= 20.0]  # half a second: who was on the line went on
    assert any(time > 20.0 for time in to_west)


def test_a_door_becomes_one_way_when_the_crowd_gives_reason_to():
    scene = rooms([{"when": "count(west) > 5", "one_way": {"a": [20.0, 7.0]}}], count=80)
    built, to_west, _ = go(scene)
    (change,) = built.changed
    assert change.time_s > 1.0
    assert built.exited_count == 80
    assert not [time for time in to_west if time > change.time_s + 0.5]


def test_those_for_whom_there_is_no_other_way_are_told_of_and_nobody_is_lost():
    scene = rooms([{"at_s": 3.0, "one_way": {"a": "east"}}], other=False, duration_s=30.0)
    built, to_west, _ = go(scene)
    (change,) = built.changed
    passed = sum(time <= change.time_s for time in to_west)
    assert change.stranded == pytest.approx(60 - passed, abs=1)
    # Who has no way walks away from walls nearby: some who stood between the jambs get out of there on the other side.
    assert not [time for time in to_west if time > change.time_s + 3.0]
    assert built.exited_count == len(to_west)
    assert built.exited_count + built.inside_count == 60


def test_any_number_of_threads_gives_the_same_run():
    ends = []
    for threads in (1, 2):
        scene = rooms([{"at_s": 4.0, "one_way": {"a": "east"}}])
        config = dataclasses.replace(scene.config, threads=threads)
        built, _, _ = go(dataclasses.replace(scene, config=config), until=15)
        ends.append(places(built))
    assert ends[0] == ends[1]
