"""All moving state of the attendees in contiguous arrays: the only thing that changes during a run."""

from __future__ import annotations

import math
from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from crowdsim.errors import SimulationError
from crowdsim.kernels.arrays import (
    BLOCK,
    CELLS_A_REACH,
    CELLS_ACROSS,
    DRAG_YY,
    GOAL,
    GROUP,
    HEADING_X,
    HEADING_Y,
    LEAST_CELL_M,
    LEFT,
    MEAN_LEVEL,
    RADIUS,
    VELOCITY_X,
    VELOCITY_Y,
    Cells,
    Crowd,
    Float32,
    empty_crowd,
)
from crowdsim.kernels.cells import sort_alone, sort_by_cell
from crowdsim.kernels.lanes import LANES
from crowdsim.kernels.rows import leave_out, list_held_up, take_reached
from crowdsim.population import Population

MAX_CELLS = 4_000_000
"""Cells are made larger than the interaction needs where a venue would have more than this: 16 MB of starts."""

MOST_NEAR = 1024
"""As many neighbours are looked at: more than stand within 6 m at 9 people/m2."""


class CrowdState:
    """The arrays of everyone planned, and who of them is inside.

    Attributes
    ----------
    crowd : one record per attendee planned; a row stays the same attendee's for the whole run.
    records : the same memory as a plain array: what compiled kernels take. Numba asks a `recarray` for attributes in
        Python code and drops what is raised there, so an interrupt would be lost. `records["x"]` is ten times as quick
        as `crowd.x`, too.
    inside : (k,) rows of those inside, ascending.
    present : (m,) rows of those inside and of those who walk on beyond an exit, ascending.
    image_records : room for images of people (`crowdsim.kernels.seams`): the records after those of all attendees.
    leg : (n,) index of the leg of the itinerary that the attendee is on.
    entry_s, exit_s : (n,) when the attendee came in and went out [s]; NaN before.
    free_walk_s : (n,) length of the legs begun so far, divided by the free speed [s].
    waited_s : (n,) pre-movement and dwell times spent [s].
    """

    def __init__(
        self, population: Population, bounds: tuple[float, float, float, float], range_m: float, images: int = 0
    ) -> None:
        n = len(population)
        everyone = empty_crowd(n + images)
        self._everyone = everyone if numba.config.DISABLE_JIT else cast(Crowd, everyone.view(np.ndarray))
        self.crowd = cast(Crowd, everyone[:n])
        self.records, self.image_records = cast(Crowd, self._everyone[:n]), cast(Crowd, self._everyone[n:])
        self._images = 0
        self._shown = np.empty(n + images if images else 0, np.int32)
        for name in ("x", "y", "free_speed", "radius", "time_gap", "strength", "range"):
            self.crowd[name] = getattr(population, name)
        self.crowd.progress = population.free_speed
        self.crowd.left = np.inf
        self.crowd.goal = -1
        self.inside: NDArray[np.int32] = np.empty(0, np.int32)
        self.present: NDArray[np.int32] = np.empty(0, np.int32)
        self.leg = np.full(n, -1, np.int32)
        self.entry_s = np.full(n, np.nan)
        self.exit_s = np.full(n, np.nan)
        self.exit_goal = np.full(n, -1, np.int32)
        self.free_walk_s = np.zeros(n, np.float32)
        self.waited_s = np.zeros(n, np.float32)
        self._cells = _empty_cells(n + images, bounds, range_m)
        self._sorted = self._cells
        self._cell_of = np.empty(n + images, np.int32)
        self._count = np.empty((1, self._cells.start.size - 1), np.int32)

    def let_in(self, rows: NDArray[np.int32]) -> None:
        """Add attendees to those inside; in any order."""
        rows = np.sort(rows)
        self.inside = np.insert(self.inside, np.searchsorted(self.inside, rows), rows)
        self.present = np.insert(self.present, np.searchsorted(self.present, rows), rows)

    def let_out(self, rows: NDArray[np.int32]) -> None:
        """Take attendees out of those inside; they stay present."""
        if rows.size:
            self.inside = _without(self.inside, rows)

    def remove(self, rows: NDArray[np.int32]) -> None:
        """Take attendees who are not inside any more out of those present."""
        if rows.size:
            self.present = _without(self.present, rows)

    def show_images(self, count: int) -> None:
        """Let the first `count` image records be seen in the next step.

        Raises
        ------
        SimulationError
            If there is no room for so many.
        """
        if count > self.image_records.size:
            msg = f"{count} people near the ends of stairs: more than {self.image_records.size} can stand there"
            raise SimulationError(msg)
        self._images = count

    @property
    def moving(self) -> Crowd:
        """The records of all attendees, and of the images after them: what a step moves."""
        return self._everyone

    def take_arrived(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the rows of those who reached their goals in the last step, and of those well beyond an exit.

        Both ascending.
        """
        cells = self._sorted
        found = np.empty(cells.order.size, np.int32)
        at_goals, beyond = take_reached(self._everyone, cells.order, cells.arrived, self.records.size, found)
        here, gone = found[:at_goals], found[found.size - beyond :]
        here.sort()
        gone.sort()
        return here, gone

    def held_up(self) -> NDArray[np.int32]:
        """Return the rows of those inside who walk and hardly move, ascending."""
        found = np.empty(self.inside.size, np.int32)
        return found[: list_held_up(self.records, self.inside, found)]

    def sorted_cells(self, parts: int = 1) -> Cells:
        """Sort those present by cell and return the sorted copies.

        Parameters
        ----------
        parts : how many threads may share the work; the result is the same.
        """
        rows = self._rows_moving()
        if rows.size != self._sorted.order.size:
            self._sorted = _cut(self._cells, rows.size)
        cells = self._sorted
        if parts == 1:
            sort_alone(self._everyone, rows, cells, self._cell_of, self._count)
            return cells
        if self._count.shape[0] != parts:
            self._count = np.empty((parts, cells.start.size - 1), np.int32)
        sort_by_cell(self._everyone, rows, cells, self._cell_of, self._count)
        return cells

    def _rows_moving(self) -> NDArray[np.int32]:
        """Return the rows of those present and of the images, ascending."""
        if not self._images:
            return self.present
        m, n = self.present.size, self.records.size
        self._shown[:m] = self.present
        self._shown[m : m + self._images] = np.arange(n, n + self._images)
        return self._shown[: m + self._images]


def _without(rows: NDArray[np.int32], gone: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return all of `rows` but the `gone`; all ascending."""
    left = np.empty(rows.size - gone.size, np.int32)
    leave_out(rows, gone, left)
    return left


def _empty_cells(n: int, bounds: tuple[float, float, float, float], range_m: float) -> Cells:
    min_x, min_y, max_x, max_y = bounds
    most = math.sqrt((max_x - min_x) * (max_y - min_y) * CELLS_ACROSS / MAX_CELLS)
    height = max(range_m / CELLS_A_REACH, LEAST_CELL_M, most)
    width = height / CELLS_ACROSS
    columns = int((max_x - min_x) / width) + 1
    rows = int((max_y - min_y) / height) + 1
    threads = int(numba.config.NUMBA_NUM_THREADS)
    single = np.zeros((GOAL + 1, n + GROUP), np.float32)
    return Cells(
        order=np.empty(n, np.int32),
        start=np.zeros(columns * rows + 1, np.int32),
        x=np.empty(n),
        y=np.empty(n),
        single=single,
        **_rows(single, n),
        bounds=np.empty((-(-n // GROUP), 5), np.float32),
        arrived=np.zeros(-(-n // BLOCK), np.uint8),
        ways=np.empty((threads, DRAG_YY + 1, BLOCK)),
        corners=np.zeros((threads, MEAN_LEVEL + 4, BLOCK), np.float32),
        near=np.empty((threads, 2, MOST_NEAR), np.int32),
        limits=np.empty((threads, 4, MOST_NEAR + LANES), np.float32),
        tries=np.zeros((threads, 4, LANES), np.float32),
        screens=np.empty((threads, MOST_NEAR, 4), np.float32),
        planes=np.empty((threads, 2, MOST_NEAR, 4)),
        origin_x=min_x,
        origin_y=min_y,
        per_width=1.0 / width,
        per_height=1.0 / height,
        columns=columns,
        rows=rows,
        steps=0,
    )


def _cut(cells: Cells, m: int) -> Cells:
    """Return the cells with arrays cut to m attendees."""
    return cells._replace(order=cells.order[:m], x=cells.x[:m], y=cells.y[:m], **_rows(cells.single, m))


def _rows(single: Float32, m: int) -> dict[str, Any]:
    """Return the rows of `Cells.single` that have names of their own, cut to m attendees."""
    return {
        "radius": single[RADIUS, :m],
        "heading_x": single[HEADING_X, :m],
        "heading_y": single[HEADING_Y, :m],
        "velocity_x": single[VELOCITY_X, :m],
        "velocity_y": single[VELOCITY_Y, :m],
        "left": single[LEFT, :m],
    }
