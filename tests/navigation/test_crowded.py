"""What a step counts for among people: nothing more in free space, Weidmann's slowing in a crowd."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation.crowded import CrowdedGrid, Walkers, crowd_cost, slowed
from crowdsim.navigation.fields import build_fields, build_lattice, read_field
from crowdsim.navigation.grid import build_grid


@pytest.mark.parametrize(("density", "speed"), [(0.5, 1.30), (1.0, 1.06), (1.5, 0.81), (2.0, 0.61), (3.0, 0.33)])
def test_steps_count_by_weidmanns_speeds(density, speed):
    assert crowd_cost(np.array([density]))[0] == pytest.approx(1.34 / speed, rel=0.02)


@given(st.lists(st.floats(0, 20), min_size=2, max_size=20))
@settings(max_examples=50, deadline=None)
def test_denser_crowds_never_cost_less_and_never_too_much(densities):
    cost = crowd_cost(np.sort(densities))
    assert (np.diff(cost) >= 0).all()
    assert (cost >= 1).all()
    assert (cost <= MOST_COST).all()


def crowd(per_m2, x0, y0, x1, y1, along_x=0.0):
    apart = per_m2**-0.5
    x, y = np.meshgrid(np.arange(x0 + apart / 2, x1, apart), np.arange(y0 + apart / 2, y1, apart))
    return Walkers(x.ravel(), y.ravel(), np.full(x.size, along_x), np.zeros(x.size))


def test_an_even_crowd_has_its_density_up_to_the_walls():
    grid = build_grid(box(0, 0, 20, 10), 0.2, 0.25)
    density, _, _ = CrowdedGrid(grid, build_lattice(grid)).density(crowd(2.0, 0, 0, 20, 10))
    x, y = grid.nodes()
    column, row = np.meshgrid(x, y)
    inside = density[((column > 1) & (column < 19) & (row > 1) & (row < 9))[grid.free]]
    assert inside.mean() == pytest.approx(2.0, rel=0.1)
    assert inside.min() > 1.5
    assert inside.max() < 3.0


@pytest.mark.parametrize(("along_x", "counted_per_m2"), [(0.0, 1.0), (1.0, 0.0), (0.5, 0.5), (-1.0, 2.0)])
def test_the_way_through_a_crowd_counts_by_who_stands_goes_along_or_comes_towards(along_x, counted_per_m2):
    grid = build_grid(box(0, 0, 40, 10), 0.2, 0.25)
    lattice = build_lattice(grid)
    goal = [box(39, 0, 40, 10)]
    free = build_fields(grid, goal, lattice=lattice)
    crowded = CrowdedGrid(grid, lattice)
    cost = crowded.cost(crowded.density(crowd(1.0, 0, 0, 40, 10, along_x)), free, 0)
    longer = build_fields(grid, goal, lattice=slowed(lattice, cost))
    here = grid.free.shape[0] // 2, 40
    ratio = read_field(longer, 0)[0][here] / read_field(free, 0)[0][here]
    # Beside the walls and at the end of the hall some of the crowd is missing, at a density where that counts most.
    assert ratio == pytest.approx(crowd_cost(np.array([counted_per_m2]))[0], rel=0.12)


def test_nobody_there_leaves_the_lattice_as_it_is():
    grid = build_grid(box(0, 0, 20, 10), 0.2, 0.25)
    lattice = build_lattice(grid)
    fields = build_fields(grid, [box(19, 0, 20, 10)], lattice=lattice)
    crowded = CrowdedGrid(grid, lattice)
    nobody = Walkers(*(np.empty(0) for _ in range(4)))
    same = slowed(lattice, crowded.cost(crowded.density(nobody), fields, 0))
    assert (same.flags == lattice.flags).all()
