"""Lines that people cross one way only, on the lattice: steps back over them are barred."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from shapely import LineString

from crowdsim.kernels.lattice import ONE_WAY, TO_ABOVE, TO_BELOW, TO_LEFT, TO_RIGHT, Lattice
from crowdsim.kernels.queueing import LANE_M
from crowdsim.navigation.grid import Grid, Window
from crowdsim.venue import Venue
from crowdsim.venue.sheets import images

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]

STENCIL = np.ones((5, 5), bool)
"""A node's distance follows from nodes up to two steps away: second order, or a knight's move."""

ON_LINE = 1e-6
"""A node nearer to a line than this counts as before it [grid steps]: the one that has to be passed first."""


def one_way_lines(venue: Venue) -> list[LineString]:
    """Return the lines of the doors that people pass one way only, from their right to their left, in the plane.

    Near a seam a door is drawn on the other sheet too, so far as the ground there is.
    """
    lines = []
    for door in venue.doors.values():
        line = door.one_way_line
        if line is not None and door.open:
            lines.append(line)
            lines += [_like(part, line) for part in images(line, venue.sheets, venue.seams)]
    return lines


def queue_head(line: LineString) -> LineString:
    """Return the line across the head of a queue, as wide as people stand in it.

    Those who come to queue do not cross it from the servers' side: people would stand in the way.
    """
    (x, y), (from_x, from_y) = line.coords[:2]
    length = math.hypot(x - from_x, y - from_y)
    across_x, across_y = (y - from_y) / length * LANE_M, (from_x - x) / length * LANE_M
    return LineString([(x - across_x, y - across_y), (x + across_x, y + across_y)])


def bar_steps(lattice: Lattice, grid: Grid, lines: Sequence[LineString]) -> Lattice:
    """Return a lattice on which no way leads back over lines, which people cross from their right to their left.

    A line is as much longer at its ends as nobody's centre gets to a wall.
    """
    if not lines:
        return lattice
    slots = lattice.up.size
    barred, flags = np.zeros(slots, np.uint8), lattice.flags.copy()
    beside, line_of, beyond, ends = [], [], [], []
    for k, line in enumerate(lines):
        end = _in_steps(line, grid, grid.clearance_m)
        window = _around(end, grid)
        mine = lattice.slots[window]
        free = grid.free[window]
        left = _left_of(end, window)
        across_x = _crossed(end, window, left, (0, 1)) & free[:, 1:] & free[:, :-1]
        across_y = _crossed(end, window, left, (1, 0)) & free[1:] & free[:-1]
        for crossed, here, there, forth, back in (
            (across_x, np.s_[:, :-1], np.s_[:, 1:], TO_RIGHT, TO_LEFT),
            (across_y, np.s_[:-1], np.s_[1:], TO_ABOVE, TO_BELOW),
        ):
            barred[mine[here][crossed & left[here]]] |= forth
            barred[mine[there][crossed & left[there]]] |= back
        cut = _sides(across_x, across_y) > 0
        flags[mine[binary_dilation(_corners(cut) & free, STENCIL) & free]] |= ONE_WAY
        open_ended = _to_walls(line, grid, end)
        passed = [_crossed(open_ended, window, left, step) for step in ((0, 1), (1, 0))]
        corners = _corners(cut & (_sides(*passed) > 1)) & free  # where the line ends, nodes lead people round its end
        beside.append(mine[corners])
        beyond.append(left[corners])
        line_of.append(np.full(np.count_nonzero(corners), k))
        ends.append(end)
    return lattice._replace(
        flags=flags,
        barred=barred,
        lines=np.array(ends),
        beside=np.concatenate(beside).astype(np.int32),
        line=np.concatenate(line_of).astype(np.int32),
        beyond=np.concatenate(beyond).astype(np.uint8),
    )


def goes_back(lines: Float64, x: Float64, y: Float64, to_x: Float64, to_y: Float64) -> Bool:
    """Return whether straight ways go back over one of the lines, from its left to its right; all in grid steps.

    Parameters
    ----------
    x, y, to_x, to_y : (n,) where each way begins and ends.
    """
    back = np.zeros(x.shape, bool)
    for x1, y1, x2, y2 in lines:
        length = math.hypot(x2 - x1, y2 - y1)
        off = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / length
        to_off = ((x2 - x1) * (to_y - y1) - (y2 - y1) * (to_x - x1)) / length
        crosses = (off > ON_LINE) & (to_off <= ON_LINE)
        share = off / np.where(crosses, off - to_off, 1.0)
        along = ((x + share * (to_x - x) - x1) * (x2 - x1) + (y + share * (to_y - y) - y1) * (y2 - y1)) / length
        back |= crosses & (along >= 0.0) & (along <= length)
    return back


def _in_steps(line: LineString, grid: Grid, longer_m: float) -> Float64:
    """Return x1, y1, x2, y2 of a line made longer at both ends, in grid steps from node (0, 0)."""
    (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
    x, y = (longer_m / line.length * (b - a) for a, b in ((x1, x2), (y1, y2)))
    ends = np.array([x1 - x, y1 - y, x2 + x, y2 + y])
    steps: Float64 = (ends - np.tile((grid.origin_x_m, grid.origin_y_m), 2)) / grid.step_m
    return steps


def _to_walls(line: LineString, grid: Grid, end: Float64) -> Float64:
    """Return a line in grid steps as it is drawn, but up to the longer one's `end` where no node there is free."""
    drawn = _in_steps(line, grid, 0.0)
    for k in (0, 2):
        column, row = (max(math.floor(steps), 0) for steps in end[k : k + 2])
        if not grid.free[row : row + 2, column : column + 2].any():
            drawn[k : k + 2] = end[k : k + 2]
    return drawn


def _around(end: Float64, grid: Grid) -> Window:
    """Return the part of a grid around a line: three nodes more on each side, as the stencils reach."""
    low, high = np.minimum(end[:2], end[2:]), np.maximum(end[:2], end[2:])
    rows, columns = grid.free.shape
    return (
        slice(max(math.floor(low[1]) - 3, 0), min(math.ceil(high[1]) + 4, rows)),
        slice(max(math.floor(low[0]) - 3, 0), min(math.ceil(high[0]) + 4, columns)),
    )


def _nodes(window: Window) -> tuple[Float64, Float64]:
    row, column = np.mgrid[window].astype(float)
    return column, row


def _left_of(end: Float64, window: Window) -> Bool:
    """Return which nodes are to the left of a line, however far it goes."""
    x1, y1, x2, y2 = end
    x, y = _nodes(window)
    left: Bool = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > ON_LINE * math.hypot(x2 - x1, y2 - y1)
    return left


def _sides(across_x: Bool, across_y: Bool) -> NDArray[np.int8]:
    """Return through how many sides of each cell a line passes; cells are named by their lower left nodes."""
    sides = np.zeros((across_x.shape[0], across_y.shape[1]), np.int8)
    sides[:, :-1] += across_x
    sides[:-1, :-1] += across_x[1:]
    sides[:-1] += across_y
    sides[:-1, :-1] += across_y[:, 1:]
    return sides


def _corners(cells: Bool) -> Bool:
    """Return which nodes are corners of cells."""
    corners = cells.copy()
    corners[1:] |= cells[:-1]
    corners[:, 1:] |= corners[:, :-1].copy()
    return corners


def _crossed(end: Float64, window: Window, left: Bool, step: tuple[int, int]) -> Bool:
    """Return between which nodes and the next ones, by a step of (rows, columns), a line passes."""
    x1, y1, x2, y2 = end
    length = math.hypot(x2 - x1, y2 - y1)
    x, y = _nodes(window)
    off = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / length
    up, right = step
    rows, columns = off.shape
    here, there = np.s_[: rows - up, : columns - right], np.s_[up:, right:]
    apart = left[here] != left[there]
    share = off[here] / np.where(apart, off[here] - off[there], 1.0)
    along = ((x[here] + share * right - x1) * (x2 - x1) + (y[here] + share * up - y1) * (y2 - y1)) / length
    crossed: Bool = apart & (along >= 0.0) & (along <= length)
    return crossed


def _like(part: LineString, line: LineString) -> LineString:
    """Return a part of a straight line that has been moved, in the line's direction."""
    (x1, y1), (x2, y2) = line.coords
    ends = sorted(part.coords, key=lambda end: end[0] * (x2 - x1) + end[1] * (y2 - y1))
    return LineString([ends[0], ends[-1]])
