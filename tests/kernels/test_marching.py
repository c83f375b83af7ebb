import math

import numpy as np
import pytest
import shapely
import skfmm
from shapely import box
from shapely.geometry import Polygon

from crowdsim.kernels.lattice import FREE
from crowdsim.kernels.raster import clear_near, mark_inside
from crowdsim.navigation.fields import Solver, build_fields, build_lattice
from crowdsim.navigation.grid import build_grid, edges_of

STEP = 0.25


def furnished_hall(seed=0):
    rng = np.random.default_rng(seed)
    hall = box(0, 0, 30, 20)
    for _ in range(12):
        x, y, turn = rng.uniform(5, 25), rng.uniform(3, 17), rng.uniform(0, math.pi)
        hall = hall.difference(shapely.affinity.rotate(box(x, y, x + 3, y + 0.5), turn, use_radians=True))
    return hall


def solve(room, goal):
    grid = build_grid(room, 0.18, STEP)
    lattice = build_lattice(grid)
    distance = Solver(grid, lattice).distance(goal)
    return grid, np.where(grid.free, distance[lattice.slots] * STEP, np.inf)


def test_a_lattice_knows_each_nodes_neighbours():
    grid = build_grid(furnished_hall(), 0.18, STEP)
    lattice = build_lattice(grid)
    where = {int(lattice.slots[r, c]): (r, c) for r, c in np.argwhere(grid.free)}
    assert len(where) == grid.free.sum() == (lattice.flags > 0).sum()
    for slot, (r, c) in where.items():
        for other, (nr, nc) in {
            slot - 1: (r, c - 1),
            slot + 1: (r, c + 1),
            int(lattice.up[slot]): (r + 1, c),
            int(lattice.down[slot]): (r - 1, c),
        }.items():
            assert where.get(other) == ((nr, nc) if grid.free[nr, nc] else None)
        assert (lattice.flags[slot] == FREE) == grid.free[r - 2 : r + 3, c - 2 : c + 3].all()
    # Reading a cell's lower nodes by its slot and the next needs no free node on the left.
    for r, c in np.argwhere(~grid.free[:, :-1]):
        right = grid.free[r, c + 1]
        assert where.get(int(lattice.slots[r, c]) + 1) == ((r, c + 1) if right else None)
        assert int(lattice.slots[r, c]) not in where


def test_distances_in_an_open_hall_are_straight():
    goal = box(20, 9.6, 21, 10.4)
    grid, distance = solve(box(0, 0, 40, 30), goal)
    straight = shapely.distance(shapely.points(*np.meshgrid(*grid.nodes())), goal)
    outside = grid.free & (distance > 0)
    error = np.abs(distance - straight)[outside]
    assert error.max() < 0.25 * STEP
    assert np.sqrt((error**2).mean()) < 0.15 * STEP


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_another_solver(seed):
    """scikit-fmm falls half a step short at a goal's corners, and goes along the stairs beside slanted walls."""
    goal = box(1, 9, 3, 11)
    grid, distance = solve(furnished_hall(seed), goal)
    points = shapely.points(*np.meshgrid(*grid.nodes()))
    phi = np.where(shapely.contains(goal, points), -1, 1) * shapely.distance(points, goal.boundary)
    other = np.ma.getdata(skfmm.distance(np.ma.MaskedArray(phi, ~grid.free), dx=STEP, order=2))
    longer = (other - distance)[grid.free & (distance > 0)]
    assert abs(np.median(longer)) < 0.25 * STEP
    assert longer.min() > -0.65 * STEP
    assert np.percentile(longer, 99) < 1.5 * STEP


def test_nobody_is_farther_than_a_neighbour_and_the_way_to_it():
    _, distance = solve(furnished_hall(), box(1, 9, 3, 11))
    for axis in (0, 1):
        with np.errstate(invalid="ignore"):
            difference = np.abs(np.diff(distance, axis=axis))
        assert difference[np.isfinite(difference)].max() <= STEP * (1 + 1e-5)


def test_fields_do_not_depend_on_threads():
    grid = build_grid(furnished_hall(), 0.18, STEP)
    goals = [box(x, 1, x + 1, 2) for x in range(1, 9)]
    done = []
    one = build_fields(grid, goals, threads=1)
    three = build_fields(grid, goals, threads=3, progress=lambda k, n: done.append((k, n)))
    assert all(np.array_equal(a, b) for a, b in zip(one, three, strict=True))
    assert done == [(k, 8) for k in range(1, 9)]


def test_a_field_computed_anew_is_the_same():
    grid = build_grid(furnished_hall(), 0.18, STEP)
    solver = Solver(grid, build_lattice(grid))
    first = solver.distance(box(1, 9, 3, 11)).copy()
    solver.distance(box(20, 1, 21, 2))
    assert np.array_equal(first, solver.distance(box(1, 9, 3, 11)))


@pytest.mark.parametrize("seed", range(4))
def test_areas_and_walls_are_drawn_where_they_are(seed):
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0, 2 * math.pi, 9))
    reach = rng.uniform(2, 5, 9)
    star = Polygon(np.column_stack([reach * np.cos(turns), reach * np.sin(turns)])).difference(
        box(-0.5, -0.5, 0.6, 0.7)
    )
    x, y = np.meshgrid(-5.5 + 0.1 * np.arange(111), -5.2 + 0.1 * np.arange(105))
    inside = np.empty(x.shape, np.uint8)
    mark_inside(edges_of(star), -5.5, -5.2, 0.1, inside)
    assert np.array_equal(inside, shapely.contains_xy(star, x, y))
    clear = np.ones(x.shape, np.uint8)
    clear_near(edges_of(star), 0.33, -5.5, -5.2, 0.1, clear)
    assert np.array_equal(clear, shapely.distance(shapely.points(x, y), star.boundary) >= 0.33)
