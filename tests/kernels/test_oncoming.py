"""The bounds of headings must never hide someone who stands or comes."""

import numba
import numpy as np
import pytest
from scenes import hall

from crowdsim.kernels.arrays import GROUP, HEADING_X, HEADING_Y, TO_GOAL, TO_SPOT, WALKS, X, Y
from crowdsim.kernels.oncoming import headings_near, may_come
from crowdsim.model.state import CrowdState
from crowdsim.population import plan_population
from crowdsim.venue import build_venue

REACH_M = 2.0
AGAINST = -0.5


@numba.njit
def may_meet(cells, first, last, reach, toward_x, toward_y):
    return may_come(headings_near(cells, first, last, reach), toward_x, toward_y, AGAINST)


def sorted_crowd(count, spread, standing, size=(40, 20)):
    """Return a state and its cells: people walk to the right, off by up to an angle; a few stand."""
    scene = hall(*size, count)
    venue = build_venue(scene)
    state = CrowdState(plan_population(scene, venue), venue.walkable.bounds, REACH_M)
    rng = np.random.default_rng(count)
    angle = rng.uniform(-spread, spread, count)
    state.crowd["heading_x"], state.crowd["heading_y"] = np.cos(angle), np.sin(angle)
    state.crowd["activity"] = np.where(rng.uniform(size=count) < standing, TO_SPOT, TO_GOAL)
    state.crowd["x"][:5] += 50.0  # beyond the cells, as people on their way out are
    state.let_in(np.arange(count, dtype=np.int32))
    return state, state.sorted_cells()


@pytest.mark.parametrize(("spread", "standing"), [(0.3, 0.0), (0.7, 0.0), (1.3, 0.01), (3.1, 0.0), (0.3, 0.02)])
@pytest.mark.parametrize("count", [5, 300])
def test_whoever_may_have_to_be_passed_is_told_of(count, spread, standing):
    _, cells = sorted_crowd(count, spread, standing)
    x, y, heading_x, heading_y, walks = (cells.single[row, :count] for row in (X, Y, HEADING_X, HEADING_Y, WALKS))
    told = 0
    for k in range(count):
        first = k // GROUP * GROUP
        angle = 0.7 * np.sin(k)
        toward = np.cos(angle), np.sin(angle)
        near = np.hypot(x - x[k], y - y[k]) <= REACH_M
        against = heading_x * toward[0] + heading_y * toward[1] <= AGAINST * walks
        says = may_meet(cells, first, min(first + GROUP, count), REACH_M, *toward)
        assert says or not (near & against).any()
        told += says
    assert (told > 0) == (spread > 1.0 or (standing > 0 and count > 5))


def test_everyone_who_left_is_forgotten():
    """Sweeps read some entries after the last: those must not be of people who were there before."""
    state, _ = sorted_crowd(300, 0.3, 0.0)
    state.let_out(np.arange(100, 300, dtype=np.int32))
    state.remove(np.arange(100, 300, dtype=np.int32))
    cells = state.sorted_cells()
    after = cells.single[:, 100 : 100 + GROUP]
    assert (after[X] > 1e5).all()
    assert (after[WALKS] == 1).all()


@pytest.mark.parametrize("parts", [2, 3, 40])
def test_sorting_in_parts_gives_the_same_bounds(parts):
    state, cells = sorted_crowd(300, 1.3, 0.02)
    groups = -(-300 // GROUP)
    before, copies = cells.bounds[:groups].copy(), cells.single[:, : 300 + GROUP].copy()
    cells.bounds[:] = 7.0
    cells.single[:] = 7.0
    again = state.sorted_cells(parts)
    assert np.array_equal(again.bounds[:groups], before)
    assert np.array_equal(again.single[:, : 300 + GROUP], copies)
