import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import hall

from crowdsim.kernels.cells import find_neighbours
from crowdsim.model.state import CrowdState
from crowdsim.population import plan_population
from crowdsim.venue import build_venue

RANGE_M = 2.0

numba.set_num_threads(1)  # makes Numba's threads, whose numbers kernels ask for


def state_of(count: int, seed: int = 1) -> CrowdState:
    scene = hall(12, 8, count, seed=seed)
    venue = build_venue(scene)
    return CrowdState(plan_population(scene, venue), venue.walkable.bounds, RANGE_M)


@numba.njit
def count_of(cells, k, reach):
    return find_neighbours(cells, k, reach).size


def neighbours(cells, reach):
    return [cells.near[0, 0, : count_of(cells, k, reach)].tolist() for k in range(cells.order.size)]


@given(st.integers(1, 150), st.integers(0, 5))
def test_sorting_keeps_everyone_and_groups_them_by_cell(count, seed):
    state = state_of(count, seed)
    inside = np.arange(0, count, 2, dtype=np.int32)
    state.let_in(inside)
    cells = state.sorted_cells()
    assert np.array_equal(np.sort(cells.order), inside)
    assert np.array_equal(cells.x, state.crowd.x[cells.order])
    column = ((cells.x - cells.origin_x) * cells.per_width).astype(int)
    row = ((cells.y - cells.origin_y) * cells.per_height).astype(int)
    cell = row * cells.columns + column
    assert (np.diff(cell) >= 0).all()
    assert cells.start[0] == 0
    assert cells.start[-1] == inside.size
    assert np.array_equal(cells.start, np.searchsorted(cell, np.arange(cells.start.size)))
    within = np.flatnonzero(np.diff(cell) == 0)
    assert (cells.order[within] < cells.order[within + 1]).all()


@pytest.mark.parametrize("reach", [0.3, 1.0, RANGE_M])
def test_neighbours_are_exactly_those_within_reach(reach):
    state = state_of(150)
    state.let_in(np.arange(150, dtype=np.int32))
    state.crowd.x[:10] += 20.0  # beyond the cells, as people on their way out are
    cells = state.sorted_cells()
    found = neighbours(cells, reach)
    for k in range(150):
        near = np.flatnonzero(np.hypot(cells.x - cells.x[k], cells.y - cells.y[k]) <= reach)
        assert found[k] == sorted(set(near.tolist()) - {k})


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_sorting_in_parts_changes_nothing(parts):
    state = state_of(150)
    state.let_in(np.arange(150, dtype=np.int32))
    whole = state.sorted_cells()
    order, start = whole.order.copy(), whole.start.copy()
    cells = state.sorted_cells(parts)
    assert np.array_equal(cells.order, order)
    assert np.array_equal(cells.start, start)


def test_nobody_inside_is_no_problem():
    state = state_of(3)
    assert state.sorted_cells().order.size == 0
    with pytest.raises(IndexError):
        state.inside[0]
