"""Fields of the quickest ways past a crowd, computed while people walk on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

import numpy as np

from crowdsim.kernels.arrays import UNREACHABLE, Fields
from crowdsim.kernels.lattice import Lattice
from crowdsim.navigation.crowded import CrowdedGrid, Density, Walkers, slowed
from crowdsim.navigation.fields import NODE_BYTES, Solver, UInt8
from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area

Found = TypeVar("Found")


class Goal(NamedTuple):
    """A goal to find ways to.

    Attributes
    ----------
    number : its index in the fields.
    kind : index of the lattice that its ways lead over.
    """

    number: int
    area: Area
    kind: int


class Way(NamedTuple):
    """A goal's part of `Fields`: its nodes (W, 3), and what 0 and 1 more stand for [m]."""

    nodes: UInt8
    nearest: float
    unit: float


class QuickestWays:
    """The quickest ways on a grid as it is: begun at one time and taken at a later one, so that nobody waits for them.

    What is taken depends neither on how long it took nor on the number of threads.

    Parameters
    ----------
    lattices : the grid's nodes, for each kind of way.
    pool : computes in the background; None lets whoever begins wait.
    at_a_time : how many fields are computed at a time.
    """

    def __init__(self, grid: Grid, lattices: Sequence[Lattice], pool: Executor | None, at_a_time: int) -> None:
        self._grid, self._lattices, self._pool = grid, lattices, pool
        self._crowded: CrowdedGrid | None = None
        self._begun: dict[int, Future[Way]] = {}
        self._solvers: list[SimpleQueue[Solver | None]] = [SimpleQueue() for _ in lattices]
        for solvers in self._solvers:
            for _ in range(at_a_time):
                solvers.put(None)

    def begin(self, shortest: Fields, goals: Sequence[Goal], crowd: Walkers) -> None:
        """Begin to compute the ways past a crowd.

        Parameters
        ----------
        shortest : the shortest ways; they may not change until the quickest are taken or dropped.
        """
        density = self._submit(self._density, crowd)
        for goal in goals:
            self._begun[goal.number] = self._submit(self._find, shortest, goal, density)

    def take(self, fields: Fields) -> None:
        """Write the ways that were begun into the fields, as soon as all are computed."""
        for goal, begun in self._begun.items():
            fields.nodes[goal], fields.nearest[goal], fields.unit[goal] = begun.result()
        self._begun.clear()

    def drop(self) -> None:
        """Give up the ways that were begun."""
        for begun in self._begun.values():
            begun.cancel()
        wait(self._begun.values())
        self._begun.clear()

    def _submit(self, work: Callable[..., Found], *given: object) -> Future[Found]:
        if self._pool is not None:
            return self._pool.submit(work, *given)
        done: Future[Found] = Future()
        done.set_result(work(*given))
        return done

    def _density(self, crowd: Walkers) -> Density:
        if self._crowded is None:
            self._crowded = CrowdedGrid(self._grid, self._lattices[0])
        return self._crowded.density(crowd)

    def _find(self, shortest: Fields, goal: Goal, density: Future[Density]) -> Way:
        found = density.result()  # begun first, so that no thread waits for one that is not at work
        assert self._crowded is not None
        lattice = self._lattices[goal.kind]
        solver = self._solvers[goal.kind].get() or Solver(self._grid, lattice)
        try:
            solver.lattice = slowed(lattice, self._crowded.cost(found, shortest, goal.number))
            nodes = np.empty((lattice.up.size, NODE_BYTES), np.uint8)
            return _completed(Way(nodes, *solver.solve(goal.area, nodes)), shortest, goal.number)
        finally:
            self._solvers[goal.kind].put(solver)


def _completed(way: Way, shortest: Fields, goal: int) -> Way:
    """Return a way that leads by the shortest from where the quickest does not: from behind the servers of a queue."""
    level, before = (nodes[:, 0] + 256 * nodes[:, 1].astype(np.int32) for nodes in (way.nodes, shortest.nodes[goal]))
    missing = (level == UNREACHABLE) & (before < UNREACHABLE)
    if missing.any():
        far_m = shortest.nearest[goal] + shortest.unit[goal] * before[missing]
        level = np.clip(np.rint((far_m - way.nearest) / way.unit), 0, UNREACHABLE - 1).astype(np.int32)
        way.nodes[missing] = np.column_stack([level & 255, level >> 8, shortest.nodes[goal, missing, 2]])
    return way
