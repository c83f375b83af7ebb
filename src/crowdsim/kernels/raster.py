"""Drawing areas and walls onto the nodes of a square grid."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import Float64, UInt8
from crowdsim.kernels.jit import kernel


@kernel
def mark_inside(segments: Float64, origin_x: float, origin_y: float, step: float, inside: UInt8) -> None:
    """Mark the nodes inside rings: those with an odd number of edges to their left.

    Parameters
    ----------
    segments : (S, 4) the rings' edges as x1, y1, x2, y2 [m].
    origin_x, origin_y, step : position of node (0, 0) and distance between nodes [m].
    inside : (rows, columns) is filled with 1 inside and 0 outside; of nodes right on an edge either.
    """
    rows, columns = inside.shape
    inside[:] = 0
    for s in range(segments.shape[0]):
        x1 = (segments[s, 0] - origin_x) / step
        y1 = (segments[s, 1] - origin_y) / step
        x2 = (segments[s, 2] - origin_x) / step
        y2 = (segments[s, 3] - origin_y) / step
        if y1 == y2:
            continue
        # Half-open: a ring's corner counts for one of its two edges.
        first = max(math.ceil(min(y1, y2)), 0)
        last = min(math.ceil(max(y1, y2)), rows)
        for row in range(first, last):
            column = max(math.ceil(x1 + (row - y1) * (x2 - x1) / (y2 - y1)), 0)
            if column < columns:
                inside[row, column] ^= 1
    for row in range(rows):
        now = 0
        for column in range(columns):
            now ^= inside[row, column]
            inside[row, column] = now


@kernel
def clear_near(segments: Float64, reach: float, origin_x: float, origin_y: float, step: float, mask: UInt8) -> None:
    """Set the nodes to 0 that are nearer to a segment than `reach` [m].

    Parameters
    ----------
    segments : (S, 4) x1, y1, x2, y2 [m].
    mask : (rows, columns).
    """
    rows, columns = mask.shape
    near = reach / step
    for s in range(segments.shape[0]):
        x1 = (segments[s, 0] - origin_x) / step
        y1 = (segments[s, 1] - origin_y) / step
        x2 = (segments[s, 2] - origin_x) / step
        y2 = (segments[s, 3] - origin_y) / step
        dx = x2 - x1
        dy = y2 - y1
        squared = dx * dx + dy * dy
        for row in range(max(math.ceil(min(y1, y2) - near), 0), min(int(max(y1, y2) + near) + 1, rows)):
            # The part of the segment that is near enough to the row in y.
            begin = 0.0
            end = 1.0
            if dy != 0.0:
                one = (row - near - y1) / dy
                two = (row + near - y1) / dy
                begin = max(min(one, two), 0.0)
                end = min(max(one, two), 1.0)
            left = min(x1 + begin * dx, x1 + end * dx) - near
            right = max(x1 + begin * dx, x1 + end * dx) + near
            for column in range(max(math.ceil(left), 0), min(int(right) + 1, columns)):
                along = min(max(((column - x1) * dx + (row - y1) * dy) / squared, 0.0), 1.0)
                off_x = column - x1 - along * dx
                off_y = row - y1 - along * dy
                if off_x * off_x + off_y * off_y < near * near:
                    mask[row, column] = 0
