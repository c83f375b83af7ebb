"""The bundles of arrays that kernels take; every array is C-contiguous, lengths in metres, times in seconds.

n is the number of attendees planned, m the number present, G the number of goals, S of wall segments.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
UInt8 = NDArray[np.uint8]
Bools = NDArray[np.bool_]

TO_SPOT, TO_GOAL, LEAVING = 0, 1, 2
"""What an attendee does: walks straight to its own spot and stays there, follows the field of its goal, or walks on
beyond an exit. The first make room for the others, the walkers (from TO_GOAL on)."""

WALK_ON_M = 1.0
"""How far people walk on beyond an exit line before they are taken out: so they do not leave room behind them
sooner than on a real way out."""


CROWD = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("spot_x", np.float64),
        ("spot_y", np.float64),
        ("free_speed", np.float64),
        ("radius", np.float64),
        ("speed", np.float32),
        ("heading_x", np.float32),
        ("heading_y", np.float32),
        ("left", np.float32),
        ("velocity_x", np.float32),
        ("velocity_y", np.float32),
        ("progress", np.float32),
        ("time_gap", np.float32),
        ("strength", np.float32),
        ("range", np.float32),
        ("aside_x", np.float32),
        ("aside_y", np.float32),
        ("goal", np.int32),
        ("activity", np.uint8),
        ("reached", np.uint8),
    ],
    align=True,
)
"""One attendee's moving state, all in one place: a step touches two or three lines of memory for each attendee.

x, y : position.
spot_x, spot_y : the attendee's own place; when leaving, the unit vector out of the exit.
free_speed : [m/s].
radius : of the body.
speed : magnitude of the velocity [m/s].
heading_x, heading_y : unit vector of the way last walked; zero before the first step.
left : walking distance left to the goal before the last step; inf before the first.
velocity_x, velocity_y : displacement of the last step over its length [m/s].
progress : speed towards the goal, averaged over the last second or so [m/s].
time_gap : T, time gap to the person in front [s]; collision-free speed and anticipation velocity models.
strength, range : a and D of the repulsion from others [-, m]; the same models.
aside_x, aside_y : what draws somebody who walks to a goal aside, beside the unit vector of the way on; zero for most.
goal : index of the goal's field, -1 for none.
activity : one of TO_SPOT, TO_GOAL, LEAVING.
reached : set to 1 by the kernel when the goal, or the end of the way beyond the exit, has been reached.
"""

Crowd: TypeAlias = np.recarray
"""The moving state of all attendees planned: (n,) records of `CROWD`; `crowd.x` is an (n,) array, and so on."""


def empty_crowd(n: int) -> Crowd:
    """Return room for n attendees: all numbers zero."""
    return np.zeros(n, CROWD).view(np.recarray)


class Cells(NamedTuple):
    """Those present, sorted by the cell they are in. Cells lie in long rows.

    So whoever is near is in a few rows, and in each row next to each other in memory.

    Attributes
    ----------
    order : (m,) rows of `Crowd`, sorted by cell, then row.
    start : (columns * rows + 1,) where each cell's rows begin in `order`; row-major.
    x, y : (m,) copies in that order, so that a sweep over neighbours reads contiguous memory, and reads what was
        before the step while others are being moved.
    single : (10, m + GROUP) copies in single precision; its rows are X to GOAL, below. Positions are from the origin.
        After the last one come entries of people far away.
    radius, heading_x, heading_y, velocity_x, velocity_y, left : (m,) the rows of `single` of that name. The heading is
        that of walkers, and zero for others.
    bounds : (groups of m, 5) the least heading_x, heading_y, -heading_x, -heading_y and WALKS of each group.
    arrived : (blocks of m,) whether anyone of a block has reached its goal, or the end of its way, in the last step.
    ways : (threads, 12, BLOCK) room for the ways of a block of attendees; its rows are TOWARD_X to DRAG_YY, below.
    corners : (threads, 18, BLOCK) room for the nodes around each of a block: rows in `kernels.corners`.
    near, limits, tries, screens, planes : (threads, 2, most), (threads, 4, most + LANES), (threads, 4, LANES),
        (threads, most, 4) and (threads, 2, most, 4) room for what a kernel lists about one attendee at a time, for each
        thread: kernels take no memory.
    origin_x, origin_y : lower left corner of cell 0. People beyond the cells count as in the nearest one.
    per_width, per_height : one over a cell's width and height: multiplying is much faster than dividing.
    columns, rows : number of cells.
    steps : made before this one: by it those in jams take turns in looking round.
    """

    order: Int32
    start: Int32
    x: Float64
    y: Float64
    single: Float32
    radius: Float32
    heading_x: Float32
    heading_y: Float32
    velocity_x: Float32
    velocity_y: Float32
    left: Float32
    bounds: Float32
    arrived: UInt8
    ways: Float64
    corners: Float32
    near: Int32
    limits: Float32
    tries: Float32
    screens: Float32
    planes: Float64
    origin_x: float
    origin_y: float
    per_width: float
    per_height: float
    columns: int
    rows: int
    steps: int


X, Y, RADIUS, HEADING_X, HEADING_Y, WALKS, VELOCITY_X, VELOCITY_Y, LEFT, GOAL = range(10)
"""Rows of `Cells.single`; WALKS holds 1 for walkers and 0 for others, GOAL the goals of
walkers and NO_GOAL for others."""

NO_GOAL = -2.0
"""Not the goal of anyone."""

GROUP = 16
"""So many attendees next to each other in `Cells` whose headings share bounds; blocks begin with a group."""

BLOCK = 256
"""Attendees are moved in blocks of this many, in a few passes over each: looking up ways, adding up repulsions, and so
on. Handing the bundles of arrays on costs more than moving one attendee, and Numba drops writes to a bundle's arrays
that are made right in a parallel loop; what a block needs stays in the cache from one pass to the next."""

TOWARD_X, TOWARD_Y, TO_GO, ONWARD_X, ONWARD_Y, GAP, WALLED, FORCE_X, FORCE_Y, DRAG_XX, DRAG_XY, DRAG_YY = range(12)
"""Rows of `Cells.ways`: unit vector of the desired direction (zero to stay) and the walking distance left [m], then
the heading (zero to stand), the gap to the next in front along it [m], which
walls are near (one of OPEN, WALLS, SCREENS), and what others do to the body: the force [N] and friction's part that
grows with the body's own velocity [kg/s]."""

CORNERS = 4
"""Nodes of a navigation field's grid around a point."""

MEAN_LEVEL = 3 * CORNERS + 2
"""Row of `Cells.corners` that holds the mean of the distances at these nodes, as in `Fields.nodes`, or -1: after a row
for each node's distance and direction, and two for the way to the point."""

OPEN, WALLS, SCREENS = 0, 1, 2
"""No walls near; walls; walls that may stand between people."""

CELLS_A_REACH = 1.5
"""How many cells' heights make the distance at which people matter to each other: one then looks at four rows, and at a
person a square metre each row fills the lanes of a sweep once (measured: 1 or 2 make it a tenth slower)."""

LEAST_CELL_M = 1.0
"""Cells are not made lower than this: a row would hold too few people to fill the lanes of a sweep."""

CELLS_ACROSS = 3
"""A cell's height over its width. Narrow cells: fewer people who are too far away are looked at."""


class Fields(NamedTuple):
    """Navigation fields on the free nodes of a square grid: those where the centre of a body can be.

    Attributes
    ----------
    slots : (rows, columns) slot of each free node. Where nobody can be: the slot before the node to the right if that
        one is free, else 0. So the slot there and the next one are those of a node and its neighbour to the right.
    nodes : (G, W, 3) for each goal and slot the walking distance in two bytes, low one first, or UNREACHABLE; and the
        direction of the shortest way: its angle from the x axis in units of a turn over ANGLES, or NO_ANGLE.
    nearest : (G,) distance that 0 stands for: the least of a goal's distances, negative inside the goal.
    unit : (G,) distance that 1 more stands for.
    origin_x, origin_y : position of node (0, 0).
    step : grid spacing.
    """

    slots: Int32
    nodes: UInt8
    nearest: Float64
    unit: Float64
    origin_x: float
    origin_y: float
    step: float


UNREACHABLE = 2**16 - 1
"""In place of a distance in `Fields.nodes`: there is no way to the goal, or nobody can be there."""

ANGLES = 248
"""Directions told apart: the most in a byte that a whole, a half, a quarter and an eighth of a turn are among."""

NO_ANGLE = 255
"""In place of a direction: there is none, or ways cancel."""


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
