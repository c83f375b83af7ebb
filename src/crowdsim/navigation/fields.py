"""Walking distance to a goal from everywhere, and the direction of the shortest way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from crowdsim.kernels.arrays import UNREACHABLE, Fields
from crowdsim.kernels.fields import COMPASS
from crowdsim.kernels.lattice import Lattice, link_nodes, number_nodes
from crowdsim.kernels.marching import QUEUES, SETTLED, UNKNOWN, Room, march
from crowdsim.kernels.packing import pack_field
from crowdsim.navigation.cache import FieldCache
from crowdsim.navigation.grid import Grid, Window
from crowdsim.navigation.memory import FieldMemory
from crowdsim.navigation.one_way import goes_back
from crowdsim.venue import Area

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]
UInt8 = NDArray[np.uint8]

ALL_AROUND = np.ones((3, 3), bool)
EXACT_STEPS = 3
"""Around a goal distances are exact up to this many steps from it, where nothing is in the way; from there on they are
solved for. So the bend of distances round a goal's corners, which a grid cannot resolve, does not spoil them."""

NODE_BYTES = 3
"""What `Fields.nodes` holds for each node and goal."""


def build_lattice(grid: Grid, ever_free: Bool | None = None) -> Lattice:
    """Return the free nodes of a grid, numbered, with their neighbours.

    Parameters
    ----------
    ever_free : nodes that are to have slots, too, because they are free at other times.
    """
    free = grid.free.view(np.uint8)
    numbered = free if ever_free is None else ever_free.view(np.uint8)
    slots = np.empty(free.shape, np.int32)
    count = number_nodes(numbered, slots)
    nothing = np.empty(0, np.int32)
    up, down, flags = np.zeros(count, np.int32), np.zeros(count, np.int32), np.zeros(count, np.uint8)
    lattice = Lattice(
        slots=slots,
        up=up,
        down=down,
        flags=flags,
        cost=np.ones(1, np.float32),
        same_from=nothing,
        same=nothing,
        extra=np.empty(0, np.float32),
        barred=np.empty(0, np.uint8),
        lines=np.empty((0, 4)),
        beside=nothing,
        line=nothing,
        beyond=np.empty(0, np.uint8),
    )
    link_nodes(free, lattice)
    return lattice


class Solver:
    """Computes one field after the other on a grid; for one thread at a time.

    It keeps the memory it works in, 12 bytes a free node and 8 for each one queued, so that a field can be computed
    anew at any time.
    """

    def __init__(self, grid: Grid, lattice: Lattice) -> None:
        self.grid = grid
        self.lattice = lattice
        slots = lattice.up.size
        self._ready = np.where(lattice.flags > 0, np.float32(UNKNOWN), np.float32(SETTLED))
        self._room = Room(
            distance=np.empty(slots, np.float32),
            trial=np.empty(slots, np.float32),
            # As many as could be queued at most; memory is taken only by as many as are.
            node=np.empty(4 * slots + lattice.same.size, np.int32),
            after=np.empty(4 * slots + lattice.same.size, np.int32),
            head=np.empty(QUEUES, np.int32),
        )

    def solve(self, goal: Area, packed: UInt8) -> tuple[float, float]:
        """Compute a goal's field.

        Parameters
        ----------
        packed : (W, 3) is filled: the goal's part of `Fields.nodes`.

        Returns
        -------
        nearest, unit : the goal's part of these in `Fields` [m].
        """
        nearest, unit = pack_field(self.lattice, self.distance(goal), packed)
        return nearest * self.grid.step_m, unit * self.grid.step_m

    def distance(self, goal: Area) -> Float32:
        """Return the walking distance from each slot to a goal: the eikonal equation |grad D| = 1, D = 0 at its edge.

        It is infinite if there is nothing of the goal.

        Returns
        -------
        (W,) distances in grid steps: negative inside the goal, inf where there is no way; valid until the next call.
        """
        distance, trial = self._room.distance, self._room.trial
        distance[:] = np.inf
        if goal.is_empty:
            return distance
        window, inside, inner, outer = self._edge_nodes(goal)
        within = self.lattice.slots[window][inside]
        trial[:] = SETTLED
        trial[within] = UNKNOWN
        self._march(goal, window, inner)
        depth = distance[within]
        deep = np.isinf(depth)
        if deep.any():  # a part of the venue that is wholly inside the goal
            depth[deep] = self._to_edge(goal, window, inside)[deep]
        distance[within] = -depth
        trial[:] = self._ready
        trial[within] = SETTLED
        self._copy_across(within)
        self._march(goal, window, outer)
        return distance

    def _copy_across(self, within: Int32) -> None:
        """Give the slots that stand for the same places as those within the goal the same distances."""
        lattice, room = self.lattice, self._room
        if lattice.same.size:
            inside = np.zeros(lattice.up.size, bool)
            inside[within] = True
            pairs = inside[lattice.same_from] & ~inside[lattice.same] & (lattice.extra == 0)
            room.distance[lattice.same[pairs]] = room.distance[lattice.same_from[pairs]]
            room.trial[lattice.same[pairs]] = SETTLED

    def _march(self, goal: Area, window: Window, seeds: Bool) -> None:
        slots = self.lattice.slots[window][seeds]
        self._room.distance[slots] = self._to_edge(goal, window, seeds)
        if self.lattice.cost.size > 1:
            self._room.distance[slots] *= self.lattice.cost[slots]
        march(self.lattice, self._room, slots)

    def _edge_nodes(self, goal: Area) -> tuple[Window, Bool, Bool, Bool]:
        """Return the part of the grid around a goal, and in it the nodes inside, and those on either side of its edge.

        Nodes on either side of the edge are free ones with a neighbour on the other side.
        """
        window, inside = self.grid.free_inside(goal, 2 * EXACT_STEPS)
        outside = self.grid.free[window] & ~inside
        outer = outside & _next_to(inside)
        near = outside & ~outer & binary_dilation(inside, ALL_AROUND, EXACT_STEPS)
        outer[near] = self._in_sight(goal, window, near)
        if self.lattice.lines.size:
            outer[outer] = ~self._goes_back(goal, window, outer)
        return window, inside, inside & _next_to(outside), outer

    def _in_sight(self, goal: Area, window: Window, nodes: Bool) -> Bool:
        """Return which nodes see the point of the goal's edge nearest to them: all nodes on the way to it are free."""
        ends = self._straight_ways(goal, window, nodes)
        # Points at most half a step apart, so that no wall fits between the nodes nearest to them.
        share = np.linspace(0.0, 1.0, 2 * math.ceil(math.sqrt(2.0) * EXACT_STEPS) + 1)[:, None]
        x = ends[:, 0, 0] + share * (ends[:, 1, 0] - ends[:, 0, 0])
        y = ends[:, 0, 1] + share * (ends[:, 1, 1] - ends[:, 0, 1])
        row = np.rint((y - self.grid.origin_y_m) / self.grid.step_m).astype(int)
        column = np.rint((x - self.grid.origin_x_m) / self.grid.step_m).astype(int)
        rows, columns = self.grid.free.shape
        sight: Bool = self.grid.free[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)].all(axis=0)
        return sight

    def _to_edge(self, goal: Area, window: Window, nodes: Bool) -> Float64:
        """Return the distance from nodes of a part of the grid to a goal's edge in steps, by air."""
        edge = goal.boundary
        shapely.prepare(edge)
        distance: Float64 = shapely.distance(self._points(window, nodes), edge) / self.grid.step_m
        return distance

    def _goes_back(self, goal: Area, window: Window, nodes: Bool) -> Bool:
        """Return from which nodes the straight way to a goal goes back over a line that is crossed one way only."""
        origin = self.grid.origin_x_m, self.grid.origin_y_m
        ends = (self._straight_ways(goal, window, nodes) - origin) / self.grid.step_m
        return goes_back(self.lattice.lines, *ends[:, 0].T, *ends[:, 1].T)

    def _straight_ways(self, goal: Area, window: Window, nodes: Bool) -> Float64:
        """Return from nodes of a part of the grid the straight ways to a goal's edge: (n, 2, 2) ends, x and y [m]."""
        ways = shapely.shortest_line(self._points(window, nodes), goal.boundary)
        ends: Float64 = shapely.get_coordinates(ways).reshape(-1, 2, 2)
        return ends

    def _points(self, window: Window, nodes: Bool) -> NDArray[np.object_]:
        row, column = np.nonzero(nodes)
        x = self.grid.origin_x_m + self.grid.step_m * (column + window[1].start)
        y = self.grid.origin_y_m + self.grid.step_m * (row + window[0].start)
        points: NDArray[np.object_] = shapely.points(x, y)
        return points


def _next_to(nodes: Bool) -> Bool:
    """Return the nodes one of whose four neighbours is among the given ones."""
    beside = np.zeros_like(nodes)
    beside[1:] |= nodes[:-1]
    beside[:-1] |= nodes[1:]
    beside[:, 1:] |= nodes[:, :-1]
    beside[:, :-1] |= nodes[:, 1:]
    return beside


def build_fields(
    grid: Grid,
    goals: Sequence[Area],
    threads: int = 1,
    cache: FieldCache | FieldMemory | None = None,
    progress: Callable[[int, int], None] | None = None,
    lattice: Lattice | None = None,
) -> Fields:
    """Compute the fields of goals, several at a time; the result does not depend on how many.

    Parameters
    ----------
    lattice : the grid's nodes, if its sheets have been joined.
    threads : number of fields computed at a time.
    cache : where fields are looked for first and kept; None computes all.
    progress : called with the number of fields done and of all.
    """
    lattice = lattice or build_lattice(grid)
    slots = lattice.up.size
    nodes = np.empty((len(goals), slots, NODE_BYTES), np.uint8)
    nearest, unit = np.empty(len(goals)), np.empty(len(goals))
    threads = max(min(threads, len(goals)), 1)
    solvers: SimpleQueue[Solver | None] = SimpleQueue()
    for _ in range(threads):
        solvers.put(None)

    def fill(g: int) -> None:
        found = cache.load(goals[g], nodes[g]) if cache else None
        if found is None:
            solver = solvers.get() or Solver(grid, lattice)
            found = solver.solve(goals[g], nodes[g])
            solvers.put(solver)
            if cache:
                cache.save(goals[g], nodes[g], *found)
        nearest[g], unit[g] = found

    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(fill, range(len(goals))), 1):
            if progress:
                progress(done, len(goals))
    if cache:
        cache.trim()
    return Fields(lattice.slots, nodes, nearest, unit, grid.origin_x_m, grid.origin_y_m, grid.step_m)


def is_reachable(fields: Fields, goal: int, slots: Int32) -> Bool:
    """Return for slots whether there is a way to a goal from them."""
    packed = fields.nodes[goal, slots]
    reachable: Bool = packed[:, 0] + 256 * packed[:, 1].astype(np.int32) < UNREACHABLE
    return reachable


def read_field(fields: Fields, goal: int) -> tuple[Float64, Float64, Float64]:
    """Return a goal's field on all nodes of the grid.

    Returns
    -------
    distance, direction_x, direction_y : (rows, columns) walking distance [m], inf where nobody can be or there is no
    way; and the unit vector of the shortest way, zero where there is none.
    """
    packed = fields.nodes[goal]
    level = packed[:, 0] + 256 * packed[:, 1].astype(np.int32)
    distance = np.where(level < UNREACHABLE, fields.nearest[goal] + fields.unit[goal] * level, np.inf)
    direction = COMPASS[packed[:, 2]]
    return distance[fields.slots], direction[fields.slots, 0], direction[fields.slots, 1]
