"""Rectangles folded to serpentines: how long the line is, how many rails there are, and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scenes import area, line, rectangle, scenario
from shapely import LineString, Polygon

from crowdsim.scenario.feature import Fold
from crowdsim.scenario.venue_settings import Placement
from crowdsim.venue import build_venue
from crowdsim.venue.checks import find_problems
from crowdsim.venue.serpentine import INSIDE_M, RAIL_M, FoldError, fold_queue

LANE_M = 1.5


def turned(points, by=0.0):
    cos, sin = math.cos(by), math.sin(by)
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in points]


def queue(ring, **fold):
    return dataclasses.replace(area("line", "queue", ring), fold=Fold(**fold))


def rails_across(serpentine, start, end):
    """Return how many rails a straight line crosses."""
    crossed = shapely.intersection(LineString([start, end]), serpentine.rails)
    return len(shapely.get_parts(crossed))


@pytest.mark.parametrize(
    ("tail", "lanes", "length_m"),
    [
        (None, 4, 4 * 10.0),  # 6 m of lanes of 1.5 m, along the longer side
        ((0, 6), 4, 4 * 10.0),  # out where they come in: an even number
        ((10, 6), 3, 3 * 10.0),  # at the opposite corner: an odd number
        ((10, 0), 6, 6 * 6.0),  # lanes across the longer side
    ],
)
def test_length_and_rails_are_as_by_hand(tail, lanes, length_m):
    serpentine = fold_queue(queue(rectangle(0, 0, 10, 6), head=(0, 0), tail=tail, lane_width_m=LANE_M))
    assert serpentine.lanes == lanes
    assert serpentine.line.length == pytest.approx(length_m - 2 * INSIDE_M)
    upright = tail != (10, 0)
    across = ((5, -1), (5, 7)) if upright else ((-1, 3), (11, 3))
    assert rails_across(serpentine, *across) == lanes + 1
    width_m = (6 if upright else 10) / lanes
    head = (INSIDE_M, width_m / 2) if upright else (width_m / 2, INSIDE_M)
    assert serpentine.line.coords[0] == pytest.approx(head)
    end = {None: (INSIDE_M, 6 - width_m / 2), (0, 6): (INSIDE_M, 6 - width_m / 2),
           (10, 6): (10 - INSIDE_M, 6 - width_m / 2), (10, 0): (10 - width_m / 2, INSIDE_M)}[tail]  # fmt: skip
    assert serpentine.line.coords[-1] == pytest.approx(end)


@given(
    length=st.floats(3.0, 30.0),
    depth=st.floats(1.5, 20.0),
    lane=st.floats(0.8, 1.5),
    by=st.floats(-math.pi, math.pi),
    corner=st.integers(0, 3),
    opposite=st.none() | st.integers(1, 3),
)
def test_the_line_never_touches_a_rail_and_there_is_no_way_through(length, depth, lane, by, corner, opposite):
    ring = turned(rectangle(0, 0, length, depth), by)
    tail = None if opposite is None else ring[(corner + opposite) % 4]
    try:
        serpentine = fold_queue(queue(ring, head=ring[corner], tail=tail, lane_width_m=lane))
    except FoldError:
        assert min(length, depth) < 2 * lane or max(length, depth) < 4 * lane or opposite in (1, 2, 3)
        return
    assert serpentine.lane_width_m >= lane - 1e-6
    clear = shapely.distance(serpentine.line, serpentine.rails)
    assert clear == pytest.approx((serpentine.lane_width_m - RAIL_M) / 2, abs=1e-6)
    inside = Polygon(ring)
    assert inside.buffer(1e-6).covers(serpentine.line)
    # Without the lanes' open ends the inside is one piece, as wide as a lane all along: no short cuts.
    ground = inside.difference(serpentine.rails)
    assert len([part for part in shapely.get_parts(ground) if part.area > 1e-6]) == 1
    reach = serpentine.line.buffer(serpentine.lane_width_m / 2 - RAIL_M, cap_style="flat")
    assert ground.intersection(reach).area == pytest.approx(reach.difference(serpentine.rails).area, rel=1e-6)
    length_m = (serpentine.line.length + 2 * INSIDE_M) / serpentine.lanes
    assert min(abs(length_m - side) for side in (length, depth)) < 1e-6


@pytest.mark.parametrize(
    ("ring", "fold", "found", "allowed"),
    [
        ([(0, 0), (10, 0), (10, 6), (5, 8), (0, 6)], {"head": (0, 0)}, "an area that is no rectangle", "a rectangle"),
        (
            rectangle(0, 0, 10, 6),
            {},
            "an area without a head",
            "at the corner where people are served: [10, 0], [10, 6], [0, 6], [0, 0]",
        ),
        (rectangle(0, 0, 10, 6), {"head": (5, 9)}, "head [5, 9], 5.83 m from the nearest corner", "a point at one of"),
        (rectangle(0, 0, 10, 6), {"head": (0, 0), "tail": (1, 0)}, "head and tail at the same corner", "another"),
        (rectangle(0, 0, 10, 1), {"head": (0, 0)}, "1.00 m across", "at least 1.2 m for a lane of lane_width_m 1.2"),
        (rectangle(0, 0, 10, 2), {"head": (0, 0), "tail": (0, 2)}, "2.00 m across", "at least 2.4 m for 2 lanes of"),
        (
            rectangle(0, 0, 9, 2),
            {"head": (0, 0), "tail": (9, 0), "lane_width_m": 1.5},
            "lanes 2.00 m long",
            "at least 3.00 m, twice their",
        ),
    ],
)
def test_what_cannot_be_folded_is_told_with_what_could(ring, fold, found, allowed):
    with pytest.raises(FoldError) as caught:
        fold_queue(queue(ring, **fold))
    assert caught.value.args[0] == found
    assert allowed in caught.value.args[1]


def hall(*features, lane_width_m=1.2, **service):
    made = [
        area("hall", "walkable", rectangle(-6, -6, 16, 12)),
        line("in", "entrance", (-6, -4), (-6, 10)),
        line("out", "exit", (16, -4), (16, 10)),
        queue(rectangle(0, 0, 10, 6), head=(10, 6), tail=(0, 0), lane_width_m=lane_width_m),
        *features,
    ]
    config = {"queues": ["line"], "time": {"distribution": "constant", "value_s": 5.0}, **service}
    group = {"start": "in", "count": 5, "itinerary": [{"service": "desk"}, {"exit": "out"}]}
    group["arrival"] = {"kind": "poisson", "rate_per_min": 60.0}
    return scenario(made, {"all": group}, services={"desk": config})


def test_rails_take_ground_and_lines_go_between():
    scene = hall()
    assert find_problems(scene) == []
    venue = build_venue(scene)
    rails = venue.rails["line"]
    without = build_venue(
        scenario([f for f in scene.features if f.kind != "queue"], {"all": {"start": "in", "count": 1}})
    )
    assert venue.walkable.area == pytest.approx(without.walkable.area - rails.area)
    assert not venue.walkable.intersects(shapely.buffer(rails, -0.01))
    assert venue.walkable.covers(venue.queues["line"])


def test_lanes_narrower_than_people_and_counters_behind_rails_are_told():
    (narrow,) = find_problems(hall(lane_width_m=0.5))
    assert narrow.found == "lanes 0.55 m wide, 0.45 m clear of their rails"
    assert "lane_width_m of at least" in narrow.allowed
    front = line("front", "counter", (12, 1), (12, 9))
    assert find_problems(hall(front, counter="front", servers=4)) == []
    beside = line("front", "counter", (1, 8), (9, 8))
    (hidden,) = find_problems(hall(beside, counter="front", servers=4))
    assert hidden.where == "services.desk.counter"
    assert "4 of 4 servers behind the rails of 'line'" in hidden.found


def test_a_moved_queue_takes_its_head_along():
    scene = hall()
    moved = dataclasses.replace(
        scene, config=dataclasses.replace(scene.config, queues={"line": Placement(move_m=(1.0, 2.0))})
    )
    before, after = (build_venue(one).queues["line"] for one in (scene, moved))
    np.testing.assert_allclose(shapely.get_coordinates(after), np.add(shapely.get_coordinates(before), [1.0, 2.0]))
