import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import hall

from crowdsim.kernels.arrays import CELL_REACH
from crowdsim.model.state import CrowdState
from crowdsim.population import plan_population
from crowdsim.venue import build_venue

RANGE_M = 2.0


def state_of(count: int, seed: int = 1) -> CrowdState:
    scene = hall(12, 8, count, seed=seed)
    venue = build_venue(scene)
    return CrowdState(plan_population(scene, venue), venue.walkable.bounds, RANGE_M)


@given(st.integers(1, 150), st.integers(0, 5))
def test_sorting_keeps_everyone_and_groups_them_by_cell(count, seed):
    state = state_of(count, seed)
    inside = np.arange(0, count, 2, dtype=np.int32)
    state.let_in(inside)
    cells = state.sorted_cells()
    assert np.array_equal(np.sort(cells.order), inside)
    assert np.array_equal(cells.x, state.crowd.x[cells.order])
    column = ((cells.x - cells.origin_x) / cells.size).astype(int)
    row = ((cells.y - cells.origin_y) / cells.size).astype(int)
    cell = row * cells.columns + column
    assert (np.diff(cell) >= 0).all()
    assert cells.start[0] == 0
    assert cells.start[-1] == inside.size
    assert np.array_equal(cells.start, np.searchsorted(cell, np.arange(cells.start.size)))
    within = np.flatnonzero(np.diff(cell) == 0)
    assert (cells.order[within] < cells.order[within + 1]).all()


def test_every_neighbour_within_range_is_in_the_cells_searched():
    state = state_of(150)
    state.let_in(np.arange(150, dtype=np.int32))
    cells = state.sorted_cells()
    for k in range(150):
        column = int((cells.x[k] - cells.origin_x) / cells.size)
        row = int((cells.y[k] - cells.origin_y) / cells.size)
        found = set()
        for r in range(row - CELL_REACH, row + CELL_REACH + 1):
            base = r * cells.columns + column
            found |= set(range(cells.start[base - CELL_REACH], cells.start[base + CELL_REACH + 1]))
        near = np.flatnonzero(np.hypot(cells.x - cells.x[k], cells.y - cells.y[k]) <= RANGE_M)
        assert set(near.tolist()) <= found


def test_nobody_inside_is_no_problem():
    state = state_of(3)
    assert state.sorted_cells().order.size == 0
    with pytest.raises(IndexError):
        state.inside[0]
