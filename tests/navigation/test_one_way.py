"""Doors that are passed one way only: distances go round by other ways, and no direction leads back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from levels import LOW, RUN_M, on, person, two_halls, way
from scenes import area, line, rectangle, scenario

from crowdsim.kernels.fields import look_up
from crowdsim.navigation import build_navigation
from crowdsim.navigation import cache as cache_module
from crowdsim.navigation.cache import VARIABLE
from crowdsim.navigation.fields import read_field
from crowdsim.venue import build_venue

STEP_M = 0.2
WEST, EAST = 0, 1


def two_rooms(a=None, b=None, **config):
    """Return two rooms beside each other, two doors between them, 12 m apart, and a zone in each room beside door a."""
    made = [
        area("west room", "walkable", rectangle(0, 0, 9.85, 20)),
        area("east room", "walkable", rectangle(10.15, 0, 20, 20)),
        line("a", "door", (10, 3), (10, 5), depth_m=0.3),
        line("b", "door", (10, 15), (10, 17), depth_m=0.3),
        area("west", "zone", rectangle(1, 3, 3, 5)),
        area("east", "zone", rectangle(17, 3, 19, 5)),
        line("out", "exit", (0, 8), (0, 12)),
    ]
    doors = {"a": {"width_m": 2.0, **(a or {})}, "b": {"width_m": 2.0, **(b or {})}}
    people = {"start": "east", "count": 5, "itinerary": [{"exit": "out"}]}
    return scenario(made, {"people": people}, doors=doors, profiles={"adult": person()}, **config)


def navigation(scene, goals=("west", "east"), **settings):
    return build_navigation(build_venue(scene, unfolded=True), goals, 0.18, 3.0, STEP_M, **settings)


def at(nav, x, y):
    return round((y - nav.grid.origin_y_m) / STEP_M), round((x - nav.grid.origin_x_m) / STEP_M)


@pytest.mark.parametrize("towards", ["east", "east room", (12.0, 8.0)])
def test_against_a_one_way_door_the_way_goes_round_by_the_other(towards):
    free, one_way, shut = (navigation(two_rooms(a)) for a in ({}, {"one_way": towards}, {"open": False}))
    there = [(18, 4), (12, 1), (14, 16), (2, 4), (8, 12)]
    to_west, to_east = ([read_field(nav.fields, goal)[0] for nav in (free, one_way, shut)] for goal in (WEST, EAST))
    for place in there:
        node = at(free, *place)
        assert to_west[1][node] == pytest.approx(to_west[2][node], abs=1e-3)  # as if it were closed
        assert to_east[1][node] == to_east[0][node]  # as if it were not one-way: it never leads back
    node = at(free, 18, 4)
    assert to_west[0][node] < 16
    assert to_west[1][node] > 2 * 12  # round by the other door
    beyond, before = at(free, 10.5, 4), at(free, 9.5, 4)
    assert to_west[1][beyond] - to_west[1][before] > 15  # no distance leaks through the door


def test_nothing_is_one_way_unless_it_says_so():
    plain, null = navigation(two_rooms()), navigation(two_rooms({"one_way": None}))
    assert all(np.array_equal(one, other) for one, other in zip(plain.fields, null.fields, strict=True))


def test_with_one_door_only_there_is_no_way_back():
    nav = navigation(two_rooms({"one_way": "east"}, {"open": False}))
    to_west, to_east = (read_field(nav.fields, goal)[0] for goal in (WEST, EAST))
    assert np.isinf(to_west[at(nav, 18, 4)])
    assert np.isfinite(to_east[at(nav, 2, 4)])


@pytest.mark.parametrize("towards", ["west", "east"])
@pytest.mark.parametrize("goal", [WEST, EAST])
def test_ends_of_goals_near_the_line_do_not_leak_over_it(towards, goal):
    """A goal whose edge is half a step from the door's line is no goal for those beyond it."""
    scene = two_rooms({"one_way": towards}, {"open": False})
    made = [f for f in scene.features if f.name not in ("west", "east")]
    made += [area("west", "zone", rectangle(7, 3, 9.9, 5)), area("east", "zone", rectangle(10.1, 3, 13, 5))]
    people = {"start": "east", "count": 5, "itinerary": [{"exit": "out"}]}
    nav = navigation(scenario(made, {"people": people}, doors=scene_doors(scene), profiles={"adult": person()}))
    far = at(nav, 18, 4) if goal == WEST else at(nav, 2, 4)
    against = (towards == "east") == (goal == WEST)
    assert np.isinf(read_field(nav.fields, goal)[0][far]) == against


def scene_doors(scene):
    return {
        name: {"width_m": door.width_m, "open": door.open, "one_way": door.one_way}
        for name, door in scene.config.doors.items()
    }


@settings(max_examples=12, deadline=None)
@given(
    angle=st.floats(0, 2 * np.pi),
    offset=st.floats(-0.5, 0.5),
    goal=st.sampled_from(["near", "far"]),
    seed=st.integers(0, 9),
)
def test_no_direction_leads_back_over_a_slanted_line(angle, offset, goal, seed):
    """Across a disc of ground with a line through it: beyond the line nobody is led back, wherever the goal is."""
    along = np.array([np.cos(angle), np.sin(angle)])
    over = np.array([-along[1], along[0]])
    centre = offset * over
    turns = np.arange(48) * 2 * np.pi / 48
    ring = [(8 * np.cos(t), 8 * np.sin(t)) for t in turns]
    ends = centre - 5 * along, centre + 5 * along  # beside both ends there is a way round
    middle = centre + (2.5 if goal == "far" else -2.5) * over + (seed - 4.5) * 0.5 * along
    made = [
        area("ground", "walkable", ring),
        line("line", "door", *ends, depth_m=0.1),
        area("goal", "zone", rectangle(*(middle - 0.5), *(middle + 0.5))),
        line("out", "exit", (7.5, -0.5), (7.5, 0.5)),
    ]
    towards = tuple((centre + over).tolist())
    people = {"start": "goal", "count": 1, "itinerary": [{"exit": "out"}]}
    scene = scenario(made, {"people": people}, doors={"line": {"width_m": 10.0, "one_way": towards}})
    nav = navigation(scene, ["goal"])
    rng = np.random.default_rng(seed)
    for s, t in rng.uniform((0.0, -4.9), (0.005, 4.9), (300, 2)):  # on the line, or just beyond
        x, y = centre + s * over + t * along
        distance, dx, dy = look_up(nav.fields, 0, x, y)
        assert np.isfinite(distance)
        assert dx * over[0] + dy * over[1] > -0.02  # the rounding of directions is 0.013


def test_kept_fields_of_one_way_doors_are_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(cache_module, "KEEP_FROM_NODES", 0)
    ways = [{}, {"one_way": "east"}, {"one_way": "west"}]
    first = [navigation(two_rooms(way)).fields.nodes.copy() for way in ways]
    kept = [navigation(two_rooms(way)).fields.nodes for way in ways]
    assert len(list(tmp_path.iterdir())) == 6
    for k in range(3):
        assert np.array_equal(first[k], kept[k])
        assert not np.array_equal(first[k], first[k - 1])


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads_finds_the_same(threads):
    one = navigation(two_rooms({"one_way": "east"}), threads=1)
    other = navigation(two_rooms({"one_way": "east"}), threads=threads)
    assert np.array_equal(one.fields.nodes, other.fields.nodes)


@pytest.mark.parametrize(("towards", "has_way"), [((1.0, 5.0), False), ((11.5, 5.0), True)])
@pytest.mark.parametrize("door_m", [9.0, 11.0])
def test_before_a_stair_a_one_way_door_is_one_on_the_stairs_sheet_too(towards, has_way, door_m):
    """Near a stair's end the floor is drawn again on the stair's sheet: there, too, no way leads back."""
    door = on(LOW, line("door", "door", (door_m, 0), (door_m, 10), depth_m=0.1))
    stair = way("stair", "stair", (12, 5), (12 + RUN_M, 5))
    passage = {"door": {"width_m": 10.0, "one_way": towards}}
    scene = two_halls(stair, features=tuple(door), doors=passage)
    venue = build_venue(scene, unfolded=True)
    nav = build_navigation(venue, ["out"], 0.18, 3.0, STEP_M, profiles=list(scene.config.profiles.values()))
    shift = venue.sheets[0].shift
    distance, _, _ = look_up(nav.fields, 0, 5.0 + shift[0], 5.0 + shift[1])
    assert np.isfinite(distance) == has_way
    distance, _, _ = look_up(nav.fields, 0, 11.5 + shift[0], 5.0 + shift[1])
    assert np.isfinite(distance)
