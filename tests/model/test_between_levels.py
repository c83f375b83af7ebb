"""Walking from level to level: over stairs, ramps and escalators, and in lifts."""

import numpy as np
import pytest
import shapely
from levels import HEIGHT_M, HIGH, LOW, RUN_M, on, one_hall, person, two_halls, way
from scenes import area, movement, rectangle

from crowdsim import CrowdModel
from crowdsim.model import stepper
from crowdsim.scenario.feature import DOWN, UP
from crowdsim.venue.sheets import moved

STAIR = way("stair", "stair", (12, 5), (12 + RUN_M, 5))
AS_ON_THE_LEVEL = {"adult": person(stairs_up=1.0, stairs_down=1.0)}
LANDING = tuple(
    on(
        HIGH,
        area("landing", "walkable", rectangle(6, 7, 12, 9)),
        area("passage", "walkable", rectangle(6, 9, 12 + RUN_M, 10)),
    )
)
LIFT = way("lift", "lift", (12, 8), (14, 8))


def simulate(scene, watch=None):
    model = CrowdModel(scene)
    while model.running:
        model.step()
        if watch:
            watch(model)
    return model


def flow(scene):
    """Return the flow through the exit between the first and the last tenth of people [1/s]."""
    out = np.sort(simulate(scene).state.exit_s)
    assert np.isfinite(out).all()
    middle = out[out.size // 10 : -(out.size // 10)]
    return (middle.size - 1) / (middle[-1] - middle[0])


def time_for_one(scene):
    return simulate(scene).state.exit_s[0]


@pytest.mark.parametrize("down", [False, True])
def test_one_person_takes_the_time_that_follows_from_the_speed_on_the_stair(down):
    share = 0.4 if not down else 0.6
    speeds = {"adult": person(stairs_up=0.4, stairs_down=0.6)}
    level = time_for_one(two_halls(STAIR, count=1, down=down, profiles=AS_ON_THE_LEVEL))
    slow = time_for_one(two_halls(STAIR, count=1, down=down, profiles=speeds))
    assert slow - level == pytest.approx(RUN_M / 1.2 * (1 / share - 1), abs=0.15)  # a step's length at each end


@pytest.mark.parametrize(("kind", "rise", "speed"), [("ramp", {}, None), ("escalator", {"direction": UP}, 0.5)])
def test_ramps_and_escalators_have_their_own_speeds(kind, rise, speed):
    """A ramp of 1 in 8, here: Tobler's exp(-3.5 x 0.125)."""
    levels = {LOW: {"elevation_m": 0.0}, HIGH: {"elevation_m": 1.0}}
    level = time_for_one(two_halls(STAIR, count=1, profiles=AS_ON_THE_LEVEL))
    there = way("w", kind, (12, 5), (12 + RUN_M, 5), **rise)
    slow = time_for_one(two_halls(there, count=1, levels=levels))
    horizontal = speed * RUN_M / np.hypot(RUN_M, 1.0) if speed else 1.2 * np.exp(-3.5 / 8)
    assert slow - level == pytest.approx(RUN_M / horizontal - RUN_M / 1.2, abs=0.15)


@pytest.mark.parametrize(
    "option", ["collision_free_speed", "anticipation_velocity", "social_force", "optimal_reciprocal"]
)
def test_the_flow_over_a_stair_is_that_of_a_corridor(option):
    """People see and push each other across its ends: means of three seeds within 5 %."""
    law = movement(option)
    count = 80 if option == "collision_free_speed" else 50

    def mean(make):
        return np.mean([flow(make(seed)) for seed in (1, 2, 3)])

    over_stair = mean(lambda seed: two_halls(STAIR, count=count, seed=seed, movement=law, profiles=AS_ON_THE_LEVEL))
    in_corridor = mean(lambda seed: one_hall(count=count, seed=seed, movement=law))
    assert over_stair == pytest.approx(in_corridor, rel=0.05)


def test_everyone_is_on_the_sheet_that_is_noted_and_off_its_walls():
    pair = [way(name, "stair", (12, y), (12 + RUN_M, y)) for name, y in (("one", 4), ("two", 6.1))]
    built = CrowdModel(two_halls(*pair, count=70))
    margin = built.navigation.grid.clearance_m
    room = shapely.buffer(built.venue.walkable, -margin + 1e-3)
    areas = [shapely.buffer(sheet.area, 1e-6) for sheet in built.venue.sheets]
    seen = set()
    while built.running:
        built.step()
        inside = built.state.inside
        x, y = built.state.crowd.x[inside], built.state.crowd.y[inside]
        assert shapely.contains_xy(room, x, y).all()
        for sheet in np.unique(built.crossing.sheet[inside]):
            here = built.crossing.sheet[inside] == sheet
            assert shapely.contains_xy(areas[sheet], x[here], y[here]).all()
            seen.add(built.venue.sheets[sheet].name)
        entered, gone = built.entered_count, built.exited_count
        assert entered == gone + built.inside_count == 70
    assert seen == {LOW, HIGH, "one", "two"}
    assert built.exited_count == 70


@pytest.mark.parametrize("option", ["collision_free_speed", "social_force"])
def test_the_result_does_not_depend_on_the_number_of_threads(option, monkeypatch):
    monkeypatch.setattr(stepper, "PARALLEL_FROM", 0)
    monkeypatch.setattr(stepper, "SORT_PARALLEL_FROM", 0)
    ends = []
    for threads in (1, 2):
        scene = two_halls(STAIR, LIFT, features=LANDING, count=90, threads=threads, movement=movement(option))
        built = CrowdModel(scene)
        for _ in range(400):
            built.step()
        ends.append(np.concatenate([built.state.crowd.x, built.state.crowd.y, built.crossing.sheet]).tobytes())
    assert ends[0] == ends[1]


def test_people_on_one_side_of_a_landing_see_those_on_the_other():
    """Somebody who stands just beyond the head of a stair is walked round, not through."""
    scene = two_halls(way("s", "stair", (12, 5), (12 + RUN_M, 5), width=1.0), count=2, profiles=AS_ON_THE_LEVEL)
    built = CrowdModel(scene)
    records = built.state.records
    _, upper, stair = (np.array(sheet.shift) for sheet in built.venue.sheets)
    places = np.array([np.array([12 + RUN_M - 1.0, 5.0]) + stair, np.array([12 + RUN_M + 0.1, 5.0]) + upper])
    records["x"][:], records["y"][:] = places.T
    records["spot_x"][1], records["spot_y"][1], records["activity"][1] = *places[1], 0
    built.crossing.note_sheets(built.state, built.state.inside)
    closest = np.inf
    for _ in range(60):
        built.step()
        _, x0, y0 = built.place_in_plan(0)
        _, x1, y1 = built.place_in_plan(1)
        closest = min(closest, np.hypot(x1 - x0, y1 - y0))
    assert built.crossing.sheet[0] == 1
    assert 0.25 < closest < 0.7  # squeezed past each other in a metre's width


def test_nobody_walks_down_an_escalator_that_goes_up():
    ways = [
        way("up", "escalator", (12, 5), (12 + RUN_M, 5), width=1.0, direction=UP),
        way("down", "escalator", (12, 9), (12 + RUN_M, 9), width=1.0, direction=DOWN),
    ]
    for down, allowed in ((False, "up"), (True, "down")):
        taken = set()

        def watch(built, taken=taken):
            taken |= {built.venue.sheets[k].name for k in np.unique(built.crossing.sheet[built.state.inside])}

        built = simulate(two_halls(*ways, count=40, down=down), watch)
        assert built.exited_count == 40
        assert taken == {LOW, HIGH, allowed}


def test_the_way_without_steps_is_taken_by_those_who_need_it():
    profiles = {"wheels": person(0.9, step_free=True)}
    taken = {"adult": set(), "wheels": set()}

    def watch(built):
        for row in built.state.inside.tolist():
            taken[built.population.profiles[built.population.profile[row]]].add(
                built.venue.sheets[built.crossing.sheet[row]].name
            )

    built = simulate(two_halls(STAIR, LIFT, features=LANDING, count=12, profiles=profiles), watch)
    assert built.exited_count == 12
    assert taken["wheels"] == {LOW, HIGH, "lift"}
    assert "stair" in taken["adult"]


# ---------------------------------------------------------------- lifts
def test_a_lift_takes_no_more_than_its_capacity_and_keeps_its_round():
    """Doors are open for 8 s and a ride takes 12 s: nobody leaves the cabin above before 20 s, nor in between."""
    aboard, opened = [], []

    def watch(built):
        inside = built.crossing.sheet[built.state.inside]
        aboard.append(max((inside == 2).sum(), (inside == 3).sum()))
        above = built.crossing.sheet == 1
        if above.sum() > watch.before:
            opened.append(built.time_s % 40)
        watch.before = above.sum()

    watch.before = 0
    built = simulate(two_halls(LIFT, features=LANDING, count=14), watch)
    assert built.exited_count == 14
    assert max(aboard) == 6
    assert opened and all(20 <= time <= 28.1 for time in opened)


def test_a_lift_carries_people_down_too():
    built = simulate(two_halls(LIFT, features=LANDING, count=5, down=True))
    assert built.exited_count == 5


def test_the_door_of_a_lift_that_is_away_is_a_wall():
    built = CrowdModel(two_halls(LIFT, features=LANDING, count=14))
    door = moved(built.venue.links["lift"].foot, built.venue.sheets[0].shift)
    while built.time_s < 20:
        built.step()
        if built.time_s > 8.1:
            x = built.state.crowd.x[built.crossing.sheet == 0]
            assert (x <= door.coords[0][0] + 1e-6).all()


# ---------------------------------------------------------------- what others see
def test_agents_tell_level_and_place_in_the_plan():
    built = CrowdModel(two_halls(STAIR, count=3))
    for _ in range(500):
        built.step()
        for agent in built.agents:
            x, y = agent.pos
            assert agent.level == (LOW if x < 12 + RUN_M else HIGH)
            assert 0 <= x <= 34 and 0 <= y <= 10
    assert HEIGHT_M == 4.0


def test_events_have_levels():
    seen = []

    class Log:
        def event(self, time_s, id, event, place, level, x, y):
            seen.append((event, level, x))

    built = CrowdModel(two_halls(STAIR, count=3), observer=Log())
    while built.running:
        built.step()
    assert {level for event, level, _ in seen if event == "entered"} == {0}
    assert {level for event, level, _ in seen if event == "exited"} == {1}
    assert all(32 <= x < 33 for event, _, x in seen if event == "exited")


# ---------------------------------------------------------------- refuges
WHEELCHAIR = {"wheelchair": person(speed=0.8, step_free=True)}
REFUGE = tuple(on(LOW, area("refuge", "zone", rectangle(8, 1, 11, 3))))
FARTHER = tuple(on(LOW, area("farther", "zone", rectangle(0.5, 8, 2, 9.5))))


def in_zone(model, rows, x0, y0, x1, y1):
    records = model.state.records
    shift = model.crossing.shift[model.crossing.sheet[rows]]
    x, y = records["x"][rows] - shift[:, 0], records["y"][rows] - shift[:, 1]
    return (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)


def of_profile(model, name):
    population = model.population
    return np.flatnonzero(population.profile == population.profiles.index(name)).astype(np.int32)


def test_without_a_way_without_steps_people_wait_in_the_nearest_refuge():
    scene = two_halls(
        STAIR,
        count=30,
        profiles=WHEELCHAIR,
        features=(*REFUGE, *FARTHER),
        refuges=["refuge", "farther"],
        duration_s=120.0,
    )
    told = []

    class Watch:
        def event(self, time_s, id, event, place, *_):
            told.append((id, event, place))

    model = CrowdModel(scene, Watch())
    while model.running:
        model.step()
    wheelchairs, others = of_profile(model, "wheelchair"), of_profile(model, "adult")
    assert wheelchairs.size > 5
    assert np.isfinite(model.state.exit_s[others]).all()
    assert np.isnan(model.state.exit_s[wheelchairs]).all()
    assert model.inside_count == wheelchairs.size
    waiting = in_zone(model, wheelchairs, 8, 1, 11, 3) | in_zone(model, wheelchairs, 0.5, 8, 2, 9.5)
    assert waiting.all()
    assert model.refuges.sheltered[wheelchairs].all()
    assert not model.refuges.sheltered[others].any()
    arrived = {id for id, event, place in told if event == "arrived" and place in ("refuge", "farther")}
    assert arrived == set(wheelchairs.tolist())


def test_when_the_lift_stops_people_go_to_the_refuge_and_when_it_runs_again_they_leave():
    changes = [{"at_s": 5.0, "close": "lift"}, {"at_s": 60.0, "open": "lift"}]
    scene = two_halls(
        STAIR,
        LIFT,
        count=12,
        profiles={"adult": person(step_free=True)},
        features=(*LANDING, *REFUGE),
        refuges=["refuge"],
        interventions=changes,
        duration_s=600.0,
    )
    model = CrowdModel(scene)
    while model.time_s < 55.0:
        model.step()
    (closed,) = model.changed
    assert closed.sheltered >= 6
    assert closed.stranded == 0
    sheltered = np.flatnonzero(model.refuges.sheltered & np.isnan(model.state.exit_s)).astype(np.int32)
    assert in_zone(model, sheltered, 8, 1, 11, 3).all()
    while model.running:
        model.step()
    assert model.changed[1].sheltered == 0
    assert np.isfinite(model.state.exit_s).all()
