"""The bundles of arrays that kernels take; every array is C-contiguous, lengths in metres, times in seconds.

n is the number of attendees planned, m the number inside, G the number of goals, S of wall segments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
UInt8 = NDArray[np.uint8]

TO_SPOT, TO_GOAL, LEAVING = 0, 1, 2
"""What an attendee does: walks straight to its own spot and stays there, follows the field of its goal, or walks on
beyond an exit. The first make room for the others, the walkers (from TO_GOAL on)."""

WALK_ON_M = 1.0
"""How far people walk on beyond an exit line before they are taken out: so they do not leave room behind them
sooner than on a real way out."""


class Crowd(NamedTuple):
    """The moving state of all attendees planned, one row each.

    Attributes
    ----------
    x, y : (n,) position.
    heading_x, heading_y : (n,) unit vector of the way last walked; zero before the first step.
    velocity_x, velocity_y : (n,) displacement of the last step over its length [m/s].
    speed : (n,) its magnitude [m/s].
    progress : (n,) speed towards the goal, averaged over the last second or so [m/s].
    left : (n,) walking distance left to the goal before the last step; inf before the first.
    free_speed : (n,) [m/s].
    radius : (n,) body radius.
    time_gap : (n,) T, time gap to the person in front [s]; collision-free speed and anticipation velocity models.
    strength, range : (n,) a and D of the repulsion from others [-, m]; the same models.
    goal : (n,) index of the goal's field, -1 for none.
    activity : (n,) one of TO_SPOT, TO_GOAL, LEAVING.
    spot_x, spot_y : (n,) the attendee's own place; when leaving, the unit vector out of the exit.
    reached : (n,) set to 1 by the kernel when the goal, or the end of the way beyond the exit, has been reached.
    """

    x: Float64
    y: Float64
    heading_x: Float64
    heading_y: Float64
    velocity_x: Float64
    velocity_y: Float64
    speed: Float64
    progress: Float64
    left: Float64
    free_speed: Float64
    radius: Float64
    time_gap: Float64
    strength: Float64
    range: Float64
    goal: Int32
    activity: UInt8
    spot_x: Float64
    spot_y: Float64
    reached: UInt8


class Cells(NamedTuple):
    """Those present, sorted by the cell they are in. Cells are flat: rows as high as people matter to each other.

    So whoever is near is in at most three rows, and in each row next to each other in memory.

    Attributes
    ----------
    order : (m,) rows of `Crowd`, sorted by cell, then row.
    start : (columns * rows + 1,) where each cell's rows begin in `order`; row-major.
    x, y, radius, left, heading_x, heading_y, velocity_x, velocity_y : (m,) copies in that order, so that a sweep
        over neighbours reads contiguous memory, and reads what was before the step while others are being moved.
    single : (6, m + LANES) x, y from the origin, radius, the heading of walkers, zero for others, and 1 for walkers, 0
        for others; in single precision.
    near, limits, planes : (threads, 2, most), (threads, 4, most) and (threads, 2, most, 4) room for what a kernel
        lists about one attendee at a time, for each thread: kernels take no memory.
    origin_x, origin_y : lower left corner of cell 0. People beyond the cells count as in the nearest one.
    width, height : of a cell.
    columns, rows : number of cells.
    """

    order: Int32
    start: Int32
    x: Float64
    y: Float64
    radius: Float64
    left: Float64
    heading_x: Float64
    heading_y: Float64
    velocity_x: Float64
    velocity_y: Float64
    single: Float32
    near: Int32
    limits: Float64
    planes: Float64
    origin_x: float
    origin_y: float
    width: float
    height: float
    columns: int
    rows: int


CELLS_ACROSS = 4
"""A cell's height over its width. Narrow cells: fewer people who are too far away are looked at."""

LANES = 16
"""How many neighbours are looked at at once: the single precision numbers in the widest registers there are."""


class Fields(NamedTuple):
    """Navigation fields on the nodes of a square grid.

    Attributes
    ----------
    nodes : (G, rows, columns, 3) walking distance to each goal, negative inside it, inf where nobody can be; and the
        unit vector (x, y) of the shortest way, NaN there.
    origin_x, origin_y : position of node (0, 0).
    step : grid spacing.
    """

    nodes: Float32
    origin_x: float
    origin_y: float
    step: float


class Walls(NamedTuple):
    """Wall segments, listed for each square cell that they come near.

    Attributes
    ----------
    ax, ay, bx, by : (S,) end points.
    start : (columns * rows + 1,) where each cell's list begins in `near`; row-major.
    near : segments within `WALL_REACH_M` of any point of the cell.
    hides : (columns * rows,) whether a wall may stand between two people near each other, one of them in the cell.
    origin_x, origin_y, size, columns, rows : the cells.
    clearance : no centre of a body comes closer to a wall than this.
    """

    ax: Float64
    ay: Float64
    bx: Float64
    by: Float64
    start: Int32
    near: Int32
    hides: UInt8
    origin_x: float
    origin_y: float
    size: float
    columns: int
    rows: int
    clearance: float


WALL_REACH_M = 1.0
"""Walls farther away than this do not act on an attendee."""
