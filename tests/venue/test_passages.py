"""The narrowest passages of a venue, and what its zones hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels import RUN_M, two_halls, way
from scenes import area, line, rectangle, scenario

from crowdsim.venue import build_venue
from crowdsim.venue.capacity import HOLDINGS, capacities
from crowdsim.venue.checks import find_problems
from crowdsim.venue.passages import find_passages


def rooms(*features):
    people = {"start": "start", "count": 1, "itinerary": [{"exit": "nearest"}]}
    start = area("start", "zone", rectangle(1, 1, 5, 6))
    out = line("out", "exit", (0, 2), (0, 6))
    return build_venue(scenario([*features, start, out], {"people": people}))


@given(st.floats(0.8, 3.5), st.floats(2.0, 6.0))
def test_a_gap_in_a_wall_is_found_with_its_width(width, middle):
    wall = [
        area("below", "obstacle", rectangle(10, -1, 10.4, middle - width / 2)),
        area("above", "obstacle", rectangle(10, middle + width / 2, 10.4, 9)),
    ]
    (neck,) = find_passages(rooms(area("hall", "walkable", rectangle(0, 0, 20, 8)), *wall))
    assert neck.width_m == pytest.approx(width, abs=0.02)
    assert (neck.x, neck.y) == pytest.approx((10.2, middle), abs=0.3)


def test_doors_are_known_already():
    made = [area("a", "walkable", rectangle(0, 0, 10, 8)), area("b", "walkable", rectangle(10.4, 0, 20, 8))]
    door = line("door", "door", (10.2, 3), (10.2, 4.5), depth_m=0.4)
    assert find_passages(rooms(*made, door)) == []


def test_an_open_hall_has_no_passages_and_several_are_in_order():
    assert find_passages(rooms(area("hall", "walkable", rectangle(0, 0, 20, 8)))) == []
    posts = [
        area(f"post_{k}", "obstacle", rectangle(10, y0, 10.4, y1))
        for k, (y0, y1) in enumerate(((-1, 1), (2.5, 5), (7, 9)))
    ]
    found = find_passages(rooms(area("hall", "walkable", rectangle(0, 0, 20, 8)), *posts))
    assert [round(neck.width_m, 1) for neck in found] == [2.0]  # beside the gap of 1.5 m one can go by the other
    aisles = [
        area("wall", "obstacle", rectangle(5, -1, 5.4, 6.5)),
        area("other", "obstacle", rectangle(12, 1.2, 12.4, 9)),
    ]
    found = find_passages(rooms(area("hall", "walkable", rectangle(0, 0, 20, 8)), *aisles))
    assert [round(neck.width_m, 1) for neck in found] == [1.2, 1.5]


def test_the_ends_of_stairs_are_no_gaps():
    """Floors and stairs are drawn apart by nothing: what is drawn as one is one."""
    venue = build_venue(two_halls(way("s", "stair", (12, 5), (12 + RUN_M, 5), width=2.0)))
    assert len(venue.sheets[0].area.geoms if hasattr(venue.sheets[0].area, "geoms") else [0]) == 1
    assert all(neck.width_m == pytest.approx(2.0, abs=0.05) for neck in find_passages(venue))


def test_zones_hold_what_the_standards_say():
    venue = rooms(area("hall", "walkable", rectangle(0, 0, 20, 8)))
    size, people = capacities(venue)["start"]
    assert size == pytest.approx(20.0)
    assert people == (40, 66, 94)
    assert all(holding.source for holding in HOLDINGS)


@pytest.mark.parametrize(("width_m", "beside"), [(3.0, None), (8.0, None), (9.0, 1.0), (44.0, 36.0)])
def test_an_exit_cannot_be_wider_than_the_wall_it_is_in(width_m, beside):
    """Its flow would be divided by a width that nobody can use."""
    hall, start = area("hall", "walkable", rectangle(0, 0, 10, 8)), area("start", "zone", rectangle(1, 1, 5, 6))
    out = line("out", "exit", (10, 2), (10, 6))
    people = {"start": "start", "count": 1, "itinerary": [{"exit": "nearest"}]}
    found = find_problems(scenario([hall, start, out], {"people": people}, exits={"out": {"width_m": width_m}}))
    if beside is None:
        assert found == []
    else:
        (problem,) = found
        assert problem.where == "exit 'out'"
        told_m = float(problem.found.split(",")[1].split()[0])
        assert told_m == pytest.approx(beside, abs=0.05)
