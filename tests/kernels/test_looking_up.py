"""Fields in three bytes a node: what is read is what was solved for, to within the packing's precision."""

import math

import numba
import numpy as np
import pytest
from scenes import area, line, rectangle, scenario
from shapely import box

from crowdsim.kernels.arrays import ANGLES, LEAVING, NO_ANGLE, TO_GO, UNREACHABLE
from crowdsim.kernels.fields import COMPASS, look_up
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.packing import angle_of
from crowdsim.kernels.walking import find_ways
from crowdsim.model import CrowdModel
from crowdsim.navigation.fields import Solver, build_fields, build_lattice, is_reachable, read_field
from crowdsim.navigation.grid import build_grid

ROOM = box(0, 0, 20, 14).difference(box(6, 4, 12, 4.1)).difference(box(8, 8, 12, 11)).union(box(30, 0, 35, 5))
GOAL = box(15, 2, 17, 4)
STEP = 0.25
HALF_AN_ANGLE = math.pi / ANGLES + 0.0015


@kernel
def angle(x: float, y: float) -> int:
    return angle_of(x, y)


def test_every_direction_is_told_to_within_half_an_angle():
    for turn in np.linspace(-math.pi, math.pi, 2001):
        found = COMPASS[angle(3 * math.cos(turn), 3 * math.sin(turn))]
        off = math.atan2(found[1], found[0]) - turn
        assert abs((off + math.pi) % (2 * math.pi) - math.pi) <= HALF_AN_ANGLE
    assert angle(0.0, 0.0) == NO_ANGLE
    assert COMPASS[NO_ANGLE].tolist() == [0, 0]


@pytest.mark.parametrize("x, y", [(1, 0), (0, 1), (-1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)])
def test_straight_and_diagonal_directions_are_exact(x, y):
    assert COMPASS[angle(x, y)] * math.hypot(x, y) == pytest.approx([x, y], abs=1e-15)


@pytest.fixture(scope="module")
def grid():
    return build_grid(ROOM, 0.18, STEP)


@pytest.fixture(scope="module")
def fields(grid):
    return build_fields(grid, [box(0, 0, 1, 1), GOAL])


@pytest.fixture(scope="module")
def exact(grid):
    """Distance [m] on all nodes as solved for; inf where there is none."""
    lattice = build_lattice(grid)
    return np.where(grid.free, Solver(grid, lattice).distance(GOAL)[lattice.slots].astype(float) * STEP, np.inf)


def slope(before, here, after):
    known = [here - before] * math.isfinite(before) + [after - here] * math.isfinite(after)
    return sum(known) / max(len(known), 1)


def look_up_exactly(grid, exact, x, y):
    """What `look_up` would return if fields were kept in full precision."""
    fx, fy = (x - grid.origin_x_m) / STEP, (y - grid.origin_y_m) / STEP
    total, distance, toward = 0.0, 0.0, np.zeros(2)
    for r in (int(fy), int(fy) + 1):
        for c in (int(fx), int(fx) + 1):
            d = exact[r, c]
            if math.isinf(d):
                continue
            way = -np.array([slope(exact[r, c - 1], d, exact[r, c + 1]), slope(exact[r - 1, c], d, exact[r + 1, c])])
            way /= np.hypot(*way) or 1
            weight = (1 - abs(fx - c)) * (1 - abs(fy - r)) + 1e-12
            total += weight
            distance += weight * (d - STEP * (way @ (fx - c, fy - r)))
            toward += weight * way
    return (distance / total, toward / (np.hypot(*toward) or 1), np.hypot(*toward) / total) if total else None


def test_a_look_up_is_that_of_the_solution_within_the_packing(grid, fields, exact):
    rng = np.random.default_rng(3)
    points = np.column_stack([rng.uniform(0, 20, 3000), rng.uniform(0, 14, 3000)])
    # Half a unit from the distance; and what carrying it by at most a cell's diagonal along a turned way adds.
    off = fields.unit[1] / 2 + STEP * math.sqrt(2) * HALF_AN_ANGLE
    looked = 0
    for x, y in points:
        expected = look_up_exactly(grid, exact, x, y)
        found, toward_x, toward_y = look_up(fields, 1, x, y)
        if expected is None:
            assert (found, toward_x, toward_y) == (math.inf, 0.0, 0.0)
            continue
        distance, toward, agreement = expected
        assert abs(found - distance) <= off + 1e-6
        if agreement > 0.9:  # where the nodes' ways differ, their mean turns by more than each
            assert toward_x * toward[0] + toward_y * toward[1] >= math.cos(HALF_AN_ANGLE / 0.9 + 1e-6)
            looked += 1
    assert looked > 2000


def test_units_are_fine_for_any_venue(fields):
    assert fields.unit[1] < 0.001
    assert 1500 / (UNREACHABLE - 1) < 0.025  # the farthest corner of a large one


def test_parts_without_a_way_are_not_reachable(grid, fields):
    assert look_up(fields, 1, 32.0, 2.0) == (math.inf, 0.0, 0.0)
    assert look_up(fields, 1, -5.0, 99.0) == (math.inf, 0.0, 0.0)
    distance, _, _ = read_field(fields, 1)
    x = grid.nodes()[0]
    assert np.isinf(distance[:, x > 25]).all()
    west = grid.free & (x < 25)
    assert np.isfinite(distance[west]).all()
    assert is_reachable(fields, 1, fields.slots[west]).all()
    assert not is_reachable(fields, 1, fields.slots[grid.free & (x > 25)]).any()


def test_a_goal_nobody_can_be_in_is_not_reachable(grid):
    fields = build_fields(grid, [box(9, 9, 10, 10), box(-5, -5, -4, -4), box(100, 100, 101, 101)])
    assert all(math.isinf(look_up(fields, goal, 3.0, 3.0)[0]) for goal in range(3))


def test_inside_a_goal_distances_are_negative(fields):
    assert look_up(fields, 1, 16.0, 3.0)[0] == pytest.approx(-1.0, abs=0.1)
    everywhere = build_fields(build_grid(ROOM, 0.18, STEP), [box(-1, -1, 50, 50)])
    assert look_up(everywhere, 0, 3.0, 3.0)[0] == pytest.approx(-4.0, abs=0.01)


def test_a_block_of_attendees_finds_the_ways_that_each_finds_alone():
    features = [
        area("room", "walkable", rectangle(0, 0, 30, 20)),
        area("bar", "obstacle", rectangle(12, 6, 15, 14)),
        area("crowd", "zone", rectangle(8, 1, 28, 19)),
        line("out", "exit", (30, 9), (30, 11)),
    ]
    model = CrowdModel(scenario(features, {"all": {"start": "crowd", "count": 203, "itinerary": [{"exit": "out"}]}}))
    model.step()
    state, fields, walls = model.state, model.navigation.fields, model.navigation.walls
    state.crowd.activity[::50] = LEAVING
    state.crowd.spot_x, state.crowd.spot_y = 0.6, 0.8
    cells = state.sorted_cells()
    numba.set_num_threads(1)
    find_ways(state.crowd, cells, fields, walls, 0, 203)
    for k, i in enumerate(cells.order):
        ways = cells.ways[0, : TO_GO + 1, k]
        if state.crowd.activity[i] == LEAVING:
            assert ways.tolist() == [0.6, 0.8, state.crowd.left[i]]
            continue
        distance, x, y = look_up(fields, 0, cells.x[k], cells.y[k])
        assert ways == pytest.approx([x, y, distance], abs=1e-5)  # single precision: a hundredth of a unit
