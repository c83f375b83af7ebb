"""What a step counts for among people: nothing more in free space, Weidmann's slowing in a crowd."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from crowdsim.kernels.marching import MOST_COST
from crowdsim.navigation.crowded import CrowdedGrid, crowd_cost
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


def lattice_people(per_m2, x0, y0, x1, y1):
    apart = per_m2**-0.5
    x, y = np.meshgrid(np.arange(x0 + apart / 2, x1, apart), np.arange(y0 + apart / 2, y1, apart))
    return x.ravel(), y.ravel()


def test_an_even_crowd_has_its_density_up_to_the_walls():
    grid = build_grid(box(0, 0, 20, 10), 0.2, 0.25)
    density = CrowdedGrid(grid, build_lattice(grid)).density(*lattice_people(2.0, 0, 0, 20, 10))
    inside = density[1:10, 1:20]
    assert inside.mean() == pytest.approx(2.0, rel=0.1)
    assert inside.min() > 1.5
    assert inside.max() < 3.0


def test_the_way_through_an_even_crowd_counts_as_long_as_it_takes():
    grid = build_grid(box(0, 0, 40, 10), 0.2, 0.25)
    lattice = build_lattice(grid)
    crowded = CrowdedGrid(grid, lattice)
    slowed = crowded.slowed(lattice, crowded.cost(*lattice_people(1.0, 0, 0, 40, 10)))
    goal = [box(39, 0, 40, 10)]
    free = read_field(build_fields(grid, goal, lattice=lattice), 0)[0]
    longer = read_field(build_fields(grid, goal, lattice=slowed), 0)[0]
    here = free.shape[0] // 2, 40
    assert longer[here] / free[here] == pytest.approx(1.34 / 1.06, rel=0.05)


def test_nobody_there_leaves_the_lattice_as_it_is():
    grid = build_grid(box(0, 0, 20, 10), 0.2, 0.25)
    lattice = build_lattice(grid)
    crowded = CrowdedGrid(grid, lattice)
    slowed = crowded.slowed(lattice, crowded.cost(np.empty(0), np.empty(0)))
    assert (slowed.flags == lattice.flags).all()
