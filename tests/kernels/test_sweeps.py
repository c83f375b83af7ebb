"""Sums over neighbours, sixteen at a time in single precision, against the same one by one in double precision."""

import numba
import numpy as np
import pytest
from pydantic import TypeAdapter
from shapely import LineString, box

from crowdsim.kernels.collision_free_speed import HEAD_ON, MOST_FOR_STANDING, NEGLIGIBLE, ONCOMING
from crowdsim.kernels.lanes import LANES, spread, total
from crowdsim.kernels.sweeps import decay, least_gap, sum_repulsions, sum_with_passing
from crowdsim.kernels.walls import is_hidden
from crowdsim.navigation.walls import list_walls
from crowdsim.scenario.profile import MAX_BODY_RADIUS_M
from crowdsim.scenario.value import Range, Strength

A, D, REACH = 9.0, 0.34, 3.0
TOWARD = np.array([0.6, 0.8])
single = np.float32

SCREENS = np.array([[0.5, -1.0, 0.5, 1.0], [-2.0, 0.8, 0.2, 0.9], [-1.0, -0.7, -0.4, -2.5]], np.float32)
"""Walls that hide people from the origin."""

WALLED = pytest.mark.parametrize("walls", [0, 3], ids=["open", "walled"])


def crowd(count, seed, standing):
    """Return a padded block of people around the origin: one row of cells."""
    rng = np.random.default_rng(seed)
    people = np.full((6, count + LANES), 1e3, np.float32)  # who is beyond the end must not count
    people[:2, :count] = rng.uniform(-REACH, REACH, (2, count))
    people[2, :count] = rng.uniform(0.18, 0.22, count)
    angle = rng.uniform(0, 2 * np.pi, count)
    walks = (rng.uniform(size=count) > standing).astype(np.float32)
    people[3:, :count] = walks * np.cos(angle), walks * np.sin(angle), walks
    return people, np.array([0, count], np.int32)


def in_sight(x, y, walls):
    """Return who of those at x, y is seen from the origin past the first walls of `SCREENS`."""
    lines = [LineString(wall.reshape(2, 2)) for wall in SCREENS[:walls]]
    return np.array(
        [not any(line.intersects(LineString([(0, 0), at])) for line in lines) for at in zip(x, y, strict=True)]
    )


@numba.njit
def decay_of(u):
    return total(decay(spread(u)))


def test_decay_is_the_exponential_function():
    u = np.linspace(-8, 8, 4001)
    found = np.array([decay_of(single(v)) for v in u], float) / LANES
    assert np.abs(found / np.exp(-u) - 1).max() < 3.4e-6  # a part in 300,000
    wide = np.linspace(-80, 20, 1001).astype(single)
    # An exponent of 80 is itself rounded in single precision: that adds 1e-5.
    found = np.array([decay_of(v) for v in wide], float) / LANES
    assert np.abs(found / np.exp(-wide.astype(float)) - 1).max() < 2e-5
    assert all(0 < decay_of(single(v)) < 1e-7 for v in (22.0, 100.0, 1e6))


@pytest.mark.parametrize("count", [1, 15, 16, 17, 60])
@pytest.mark.parametrize(("standing", "stands"), [(0.0, False), (0.5, False), (0.5, True)])
@WALLED
def test_repulsions_add_up_as_one_by_one(count, standing, stands, walls):
    people, start = crowd(count, count, standing)
    x, y, radius, heading_x, heading_y, walks = people[:, :count].astype(float)
    least = 1.0 if stands else 0.0
    here = (0, 0, 0.2, A, 1 / D, NEGLIGIBLE)
    passing = (*here, *TOWARD, ONCOMING, HEAD_ON, MOST_FOR_STANDING, least)
    found = sum_with_passing(people, start, 1, 0, 0, 0, 0, *(single(v) for v in passing), SCREENS, walls)
    expected = np.zeros(2)
    for n in np.flatnonzero(in_sight(x, y, walls)):
        centres = np.hypot(x[n], y[n])
        away = np.array([-x[n], -y[n]]) / centres
        push = A * np.exp(-(centres - 0.2 - radius[n]) / D)
        if push < NEGLIGIBLE or (stands and not walks[n]):
            continue
        comes = walks[n] and heading_x[n] * TOWARD[0] + heading_y[n] * TOWARD[1] <= ONCOMING
        if away @ TOWARD < 0 and (comes or not walks[n]):
            push = push if walks[n] else min(push, MOST_FOR_STANDING)
            left = np.array([-TOWARD[1], TOWARD[0]])
            away = left if away @ left > HEAD_ON else -left
        expected += push * away
    assert found == pytest.approx(tuple(expected), abs=1e-3, rel=1e-4)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 60])
def test_where_nobody_comes_both_sums_are_the_same(count):
    """The last round of a row of cells takes in people of the next row: they must not count."""
    people, _ = crowd(2 * count, count, 0.0)
    people[3:5] = TOWARD[:, None]
    starts = np.array([0, count, 2 * count], np.int32)  # one cell in each of two rows
    here = tuple(single(v) for v in (0, 0, 0.2, A, 1 / D, NEGLIGIBLE))
    passing = tuple(single(v) for v in (*TOWARD, ONCOMING, HEAD_ON, MOST_FOR_STANDING, 0.0))
    for rows in ((0, 0), (1, 1), (0, 1)):
        found = sum_repulsions(people, starts, 1, 0, 0, *rows, *here)
        assert found == sum_with_passing(people, starts, 1, 0, 0, *rows, *here, *passing, SCREENS, 0)
        assert count == 1 or found != (0.0, 0.0)


def test_the_strongest_repulsion_that_a_scenario_may_ask_for_is_a_number():
    people, start = crowd(60, 1, 0.0)
    people[:3, :60] = np.array([[1e-6], [0.0], [MAX_BODY_RADIUS_M]])
    strongest, shortest = (TypeAdapter(kind).json_schema() for kind in (Strength, Range))
    here = 0, 0, MAX_BODY_RADIUS_M, strongest["maximum"], 1 / shortest["minimum"], NEGLIGIBLE
    away_x, away_y = sum_repulsions(people, start, 1, 0, 0, 0, 0, *(single(v) for v in here))
    assert -np.inf < away_x < -1e30
    assert away_y == 0.0


@pytest.mark.parametrize("count", [1, 16, 17, 60])
@WALLED
def test_the_least_gap_is_the_nearest_in_front(count, walls):
    people, start = crowd(count, count + 100, 0.3)
    x, y, radius = people[:3, :count].astype(float)
    arguments = (single(v) for v in (0, 0, 0.2, *TOWARD, REACH))
    found = least_gap(people, start, 1, 0, 0, 0, 0, *arguments, SCREENS, walls)
    ahead = x * TOWARD[0] + y * TOWARD[1]
    across = np.abs(x * TOWARD[1] - y * TOWARD[0])
    in_front = (ahead > 0) & (across <= 0.2 + radius) & in_sight(x, y, walls)
    assert found == pytest.approx(min((np.hypot(x, y) - 0.2 - radius)[in_front].min(initial=np.inf), REACH), abs=2e-6)


def test_walls_hide_people_only_where_they_are_said_to():
    room = box(0, 0, 20, 12).difference(box(6, 5, 9, 5.3)).difference(box(14, 0, 15, 7))
    walls = list_walls(room, 0.18, REACH)
    rng = np.random.default_rng(1)
    hidden = shown = 0
    for _ in range(4000):
        x, y = rng.uniform((0.2, 0.2), (19.8, 11.8))
        other = x + rng.uniform(-2, 2), y + rng.uniform(-2, 2)
        if not (room.contains(box(x, y, x + 0.01, y + 0.01)) and room.contains(box(*other, *np.add(other, 0.01)))):
            continue
        cell = int((y - walls.origin_y) / walls.size) * walls.columns + int((x - walls.origin_x) / walls.size)
        first, last = walls.start[cell], walls.start[cell + 1]
        if is_hidden(walls, first, last, x, y, *other):
            assert walls.hides[cell]
            hidden += 1
        elif first < last and not walls.hides[cell]:
            shown += 1
    assert hidden > 50
    assert shown > 100  # along the straight outer walls nobody can be hidden
