"""Walking distance to a goal from everywhere, and the direction of the shortest way."""

from __future__ import annotations

import warnings

import numpy as np
import shapely
import skfmm
from numpy.typing import NDArray

from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area

NEAR_STEPS = 3
"""The distance to the goal's edge is exact within this many steps of it; the solver carries it on from there."""

KING_MOVES = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
KNIGHT_MOVES = [(r, c) for r in (-2, -1, 1, 2) for c in (-2, -1, 1, 2) if abs(r) != abs(c)]

SHORTENINGS = 2
"""Passes of `shorten`: more change nothing that matters."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


def distance_field(grid: Grid, goal: Area) -> Float64:
    """Return the walking distance from each node to a goal: the eikonal equation |grad D| = 1, D = 0 at its edge.

    Solved by the second-order fast marching method (Sethian 1999; scikit-fmm).

    Returns
    -------
    (rows, columns) distances [m]: negative inside the goal, inf on nodes that are not free or not connected.
    """
    phi = np.full(grid.free.shape, np.inf)
    xs, ys = grid.nodes()
    reach = NEAR_STEPS * grid.step_m
    min_x, min_y, max_x, max_y = goal.bounds
    columns = slice(*np.searchsorted(xs, (min_x - reach, max_x + reach)))
    rows = slice(*np.searchsorted(ys, (min_y - reach, max_y + reach)))
    x, y = np.meshgrid(xs[columns], ys[rows])
    shapely.prepare(goal)
    inside = shapely.contains_xy(goal, x, y)
    edge = goal.boundary
    shapely.prepare(edge)
    phi[rows, columns] = np.where(inside, -1, 1) * shapely.distance(shapely.points(x, y), edge)
    phi[np.isinf(phi)] = np.hypot(*grid.free.shape) * grid.step_m
    if not (phi[grid.free] < 0).any():
        return np.full(grid.free.shape, np.inf)
    if (phi[grid.free] <= 0).all():
        return np.where(grid.free, phi, np.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        solved = skfmm.distance(np.ma.MaskedArray(phi, ~grid.free), dx=grid.step_m, order=2)
    return shorten(np.where(np.ma.getmaskarray(solved), np.inf, np.ma.getdata(solved)), grid.step_m)


def shorten(distance: Float64, step_m: float) -> Float64:
    """Return a distance field in which no node's distance exceeds that of a node in sight plus the way to it.

    Next to slanted walls, whose nodes form stairs, the solver has to go along the stairs; going straight to
    nodes up to a knight's move away mends that. A move is in sight if the nodes it passes are free.
    """
    for _ in range(SHORTENINGS):
        padded = np.pad(distance, 2, constant_values=np.inf)

        def moved(rows: int, columns: int, field: Float64 = padded) -> Float64:
            view: Float64 = field[2 + rows : field.shape[0] - 2 + rows, 2 + columns : field.shape[1] - 2 + columns]
            return view

        best = distance.copy()
        for rows, columns in KING_MOVES:
            np.minimum(best, moved(rows, columns) + np.hypot(rows, columns) * step_m, out=best)
        for rows, columns in KNIGHT_MOVES:
            half = (rows // 2 if abs(rows) > 1 else 0, columns // 2 if abs(columns) > 1 else 0)
            rest = (rows - half[0], columns - half[1])
            in_sight = np.isfinite(moved(*half)) & np.isfinite(moved(*rest))
            np.minimum(
                best,
                np.where(in_sight, moved(rows, columns) + np.hypot(rows, columns) * step_m, np.inf),
                out=best,
            )
        distance = np.where(np.isfinite(distance) & (distance > 0), best, distance)
    return distance


def direction_field(distance: Float64, step_m: float) -> tuple[Float32, Float32]:
    """Return the unit vectors of steepest descent of a distance field, x and y each (rows, columns).

    Central differences where both neighbours are free, one-sided next to walls; NaN where the distance is inf.
    """
    slope_y = _slope(distance, step_m)
    slope_x = _slope(distance.T, step_m).T
    length = np.hypot(slope_x, slope_y)
    length[length == 0] = 1
    blocked = ~np.isfinite(distance)
    direction_x = np.where(blocked, np.nan, -slope_x / length)
    direction_y = np.where(blocked, np.nan, -slope_y / length)
    return np.ascontiguousarray(direction_x, np.float32), np.ascontiguousarray(direction_y, np.float32)


def _slope(distance: Float64, step_m: float) -> Float64:
    """Return the derivative along the first axis from the finite neighbours; zero where there are none."""
    padded = np.pad(distance, ((1, 1), (0, 0)), constant_values=np.inf)
    with np.errstate(invalid="ignore"):
        backward = distance - padded[:-2]
        forward = padded[2:] - distance
    has_backward = np.isfinite(backward)
    has_forward = np.isfinite(forward)
    total = np.where(has_backward, backward, 0) + np.where(has_forward, forward, 0)
    slope: Float64 = total / np.maximum(has_backward.astype(int) + has_forward, 1) / step_m
    return slope
