"""A venue that changes during a run: gates close and open, obstacles come and go, people plan again."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import HIGH, RUN_M, on, person, two_halls, way
from scenes import area, line, rectangle, scenario
from shapely import box

from crowdsim import CrowdModel
from crowdsim.navigation import Navigator
from crowdsim.navigation.fields import read_field
from crowdsim.venue.moments import VenueOverTime, after, over_time


def room(interventions, count=40, *features, exits=("west", "east"), **config):
    """Return a room 30 m long with an exit at each end, a door in the middle, and people on the west side of it."""
    ends = {"west": line("west", "exit", (0, 2), (0, 8)), "east": line("east", "exit", (30, 2), (30, 8))}
    made = [
        area("hall", "walkable", rectangle(0, 0, 14.8, 10)),
        area("annex", "walkable", rectangle(15.2, 0, 30, 10)),
        line("gate", "door", (15, 3), (15, 7), depth_m=0.4),
        area("start", "zone", rectangle(2, 1, 12, 9)),
        *(ends[name] for name in exits),
        *features,
    ]
    people = {"start": "start", "count": count, "itinerary": [{"exit": "nearest"}]}
    settings = {"profiles": {"adult": person()}, "interventions": interventions, **config}
    return scenario(made, {"people": people}, **settings)


def venues_of(scene):
    """Return the venue at the start and after each of its interventions, and with all the ground that there ever is."""
    made = VenueOverTime(scene)
    states = [scene]
    for one in scene.config.interventions:
        states.append(after(states[-1], [one]))
    return [made.build(state) for state in states], made


def navigators(scene, goals):
    venues, made = venues_of(scene)
    changing = Navigator(venues[0], goals, 0.18, 3.0, ever=made.ever, bounds=made.bounds)
    return venues, made, changing


def simulate(scene, until=None, observer=None):
    model = CrowdModel(scene, observer=observer)
    while model.running and (until is None or model.time_s < until):
        model.step()
    return model


def test_people_go_to_the_other_exit_when_theirs_closes():
    built = CrowdModel(room([{"at_s": 2.0, "close": "west"}]))
    while built.time_s < 1.94:
        built.step()
    west, east = built.navigation.indices(["west", "east"])
    inside = built.state.inside
    assert (built.state.crowd.goal[inside] == west).all()
    gone = built.exited_count
    built.step()
    assert built.time_s == pytest.approx(2.0)  # within one step of the time, not only one second
    assert (built.state.crowd.goal[built.state.inside] == east).all()
    (change,) = built.changed
    assert (change.rerouted, change.stranded) == (inside.size, 0)
    while built.running:
        built.step()
    assert built.exited_count == 40
    assert (built.state.exit_goal == west).sum() == gone


def test_whoever_is_told_of_events_hears_of_new_ways():
    heard = []

    class Log:
        def event(self, time_s, id, event, place, level, x, y):
            heard.append((event, place, time_s))

    simulate(room([{"at_s": 2.0, "close": "west"}]), until=3, observer=Log())
    rerouted = [entry for entry in heard if entry[0] == "rerouted"]
    assert len(rerouted) > 30
    assert {place for _, place, _ in rerouted} == {"east"}
    assert [time for _, _, time in rerouted] == pytest.approx([2.0] * len(rerouted))


def test_a_gate_that_closes_is_a_wall_and_one_that_opens_is_none():
    scene = room([{"at_s": 5.0, "close": "gate"}, {"at_s": 60.0, "open": "gate"}], exits=("east",))
    built = CrowdModel(scene)
    crossed = []
    while built.running:
        before = built.state.crowd.x.copy()
        built.step()
        now = built.state.crowd.x
        if ((before < 15) & (now >= 15)).any():
            crossed.append(built.time_s)
    assert built.exited_count == 40
    assert not [time for time in crossed if 5.01 < time < 60]
    assert any(time > 60 for time in crossed)
    assert built.changed[0].stranded > 30
    assert built.changed[1].stranded == 0


def test_those_in_a_door_that_closes_step_aside():
    scene = room([{"at_s": 2.0, "close": "gate"}], count=1, exits=("east",))
    built = CrowdModel(scene)
    built.state.crowd.x[0], built.state.crowd.y[0] = 14.0, 5.0
    while built.time_s < 1.89:
        built.step()
        built.state.crowd.x[0] = 14.9  # held in the doorway
    built.step()
    built.step()
    assert built.changed[0].aside == 1
    ground = shapely.buffer(built.venue.walkable, -built.navigation.grid.clearance_m + 1e-6)
    assert shapely.contains_xy(ground, built.state.crowd.x[0], built.state.crowd.y[0])


def test_obstacles_come_move_and_go():
    barrier = area("barrier", "obstacle", rectangle(13, 0, 13.5, 9))
    changes = [
        {"at_s": 1.0, "add": "barrier"},
        {"at_s": 2.0, "move_m": {"barrier": [0.0, 1.0]}},
        {"at_s": 3.0, "remove": "barrier"},
    ]
    scene = room(changes, 40, barrier, obstacles={"barrier": {"enabled": False}}, exits=("east",))
    spots = [(13.2, 0.5), (13.2, 9.5)]
    free = [[venue.walkable.contains(shapely.Point(spot)) for spot in spots] for venue in venues_of(scene)[0]]
    assert free == [[True, True], [False, True], [True, False], [True, True]]
    built = CrowdModel(scene)
    while built.running:
        built.step()
        ground = shapely.buffer(built.venue.walkable, -built.navigation.grid.clearance_m + 1e-3)
        inside = built.state.inside
        assert shapely.contains_xy(ground, built.state.crowd.x[inside], built.state.crowd.y[inside]).all()
    assert built.exited_count == 40


def test_a_door_can_be_widened():
    scene = room(
        [{"at_s": 10.0, "width_m": {"gate": 2.0}}], exits=("east",), doors={"gate": {"width_m": 1.0, "open": True}}
    )
    assert [venue.doors["gate"].width_m for venue in venues_of(scene)[0]] == [1.0, 2.0]
    assert simulate(scene).exited_count == 40


def test_the_result_does_not_depend_on_the_number_of_threads():
    ends = []
    for threads in (1, 2):
        built = simulate(room([{"at_s": 2.0, "close": "west"}], threads=threads), until=12)
        ends.append(built.state.crowd.x.tobytes() + built.state.crowd.y.tobytes())
    assert ends[0] == ends[1]


# ---------------------------------------------------------------- fields
GROUND = [box(0, 0, 10, 8), box(10.3, 0, 20, 8), box(20.3, 0, 30, 8)]


@settings(max_examples=20)
@given(st.sets(st.sampled_from(["a", "b", "c", "d"])), st.sets(st.sampled_from(["a", "b", "c", "d"])))
def test_fields_changed_are_those_computed_from_scratch(first, second):
    """Doors between three rooms, any of them open before and after."""
    doors = {"a": (10.15, 2), "b": (10.15, 6), "c": (20.15, 2), "d": (20.15, 6)}
    made = [area(f"room_{k}", "walkable", list(part.exterior.coords)[:-1]) for k, part in enumerate(GROUND)]
    made += [line(name, "door", (x, y - 0.6), (x, y + 0.6), depth_m=0.3) for name, (x, y) in doors.items()]
    made += [area("start", "zone", rectangle(1, 1, 3, 3)), area("goal", "zone", rectangle(27, 1, 29, 3))]
    made += [line("out", "exit", (0, 3), (0, 5))]
    changes = [{"at_s": 1.0, "open": sorted(second - first), "close": sorted(first - second)}]
    if first == second:
        changes = [{"at_s": 1.0, "open": "out"}]
    scene = scenario(
        made,
        {"people": {"start": "start", "count": 1, "itinerary": [{"exit": "nearest"}]}},
        doors={name: {"open": name in first} for name in doors},
        interventions=changes,
    )
    venues, made, changing = navigators(scene, ["out", "goal"])
    changed, count = changing.next(venues[1], changing.first())
    fresh = Navigator(venues[1], ["out", "goal"], 0.18, 3.0, bounds=made.bounds)
    expected = fresh.first()
    assert changing.bounds == fresh.bounds
    for goal in range(2):
        for mine, theirs in zip(read_field(changed.fields, goal), read_field(expected.fields, goal), strict=True):
            assert np.allclose(mine, theirs, atol=2e-3)
    if first == second:
        assert count == 0


def test_only_fields_that_the_change_matters_for_are_computed_anew():
    """The door that closes is on the way to the far zone; nobody goes through it to the exit on this side."""
    scene = room([{"at_s": 1.0, "close": "gate"}], 1, area("far", "zone", rectangle(25, 1, 28, 9)), exits=("west",))
    venues, _, navigator = navigators(scene, ["west", "far"])
    assert (
        navigator.next(venues[1], navigator.first())[1] == 2
    )  # from the far room the way to the exit leads through the door
    closet = {"obstacles": {"plug": {"enabled": False}}}
    dead_end = room([{"at_s": 1.0, "add": "plug"}], 1, area("plug", "obstacle", rectangle(29, 0, 30, 10)),
                    exits=("west",), **closet)  # fmt: skip
    venues, _, navigator = navigators(dead_end, ["west"])
    assert navigator.next(venues[1], navigator.first())[1] == 0


# ---------------------------------------------------------------- levels
def test_a_stair_that_closes_is_left_and_not_entered():
    stairs = [way(name, "stair", (12, y), (12 + RUN_M, y), width=1.5) for name, y in (("one", 2), ("two", 8))]
    scene = two_halls(*stairs, count=60, interventions=[{"at_s": 12.0, "close": "one"}])
    built = CrowdModel(scene)
    sheet = [s.name for s in built.venue.sheets].index("one")
    most = 0
    while built.running:
        built.step()
        on_it = int((built.crossing.sheet[built.state.inside] == sheet).sum())
        if built.time_s > 12.05:
            assert on_it <= most
        most = on_it
    assert built.exited_count == 60
    assert len(built.venue.sheets) == 4


# ---------------------------------------------------------------- settings over time
def test_the_ground_over_time_is_all_that_there_ever_is():
    barrier = area("barrier", "obstacle", rectangle(13, 0, 13.5, 9))
    scene = room([{"at_s": 5.0, "close": "gate"}, {"at_s": 6.0, "remove": "barrier"}], 40, barrier)
    config = over_time(scene).config
    assert config.doors["gate"].open
    assert not config.obstacles["barrier"].enabled
    plain = room([])
    assert over_time(plain) is plain


def test_people_upstairs_stay_upstairs_when_the_venue_changes():
    landing = on(HIGH, area("table", "obstacle", rectangle(25, 4, 26, 6)))
    scene = two_halls(
        way("s", "stair", (12, 5), (12 + RUN_M, 5)),
        features=tuple(landing),
        interventions=[{"at_s": 20.0, "remove": "table"}],
    )
    built = CrowdModel(scene)
    while built.time_s < 19.94:
        built.step()
    before = [built.place_in_plan(row) for row in built.state.inside.tolist()]
    ids = built.state.inside.tolist()
    built.step()
    built.step()
    for row, (_, x, y) in zip(ids, before, strict=True):
        now = built.place_in_plan(row)
        assert np.hypot(now[1] - x, now[2] - y) < 0.3
    assert built.changed
