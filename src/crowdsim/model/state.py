"""All moving state of the attendees in contiguous arrays: the only thing that changes during a run."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import CELLS_ACROSS, LANES, Cells, Crowd
from crowdsim.kernels.cells import sort_by_cell
from crowdsim.population import Population

MAX_CELLS = 4_000_000
"""Cells are made larger than the interaction needs where a venue would have more than this: 16 MB of starts."""

MOST_NEAR = 1024
"""As many neighbours are looked at: more than stand within 6 m at 9 people/m2."""


class CrowdState:
    """The arrays of everyone planned, and who of them is inside.

    Attributes
    ----------
    crowd : arrays with one row per attendee planned; a row stays the same attendee's for the whole run.
    inside : (k,) rows of those inside, ascending.
    present : (m,) rows of those inside and of those who walk on beyond an exit, ascending.
    leg : (n,) index of the leg of the itinerary that the attendee is on.
    entry_s, exit_s : (n,) when the attendee came in and went out [s]; NaN before.
    free_walk_s : (n,) length of the legs begun so far, divided by the free speed [s].
    waited_s : (n,) pre-movement and dwell times spent [s].
    """

    def __init__(self, population: Population, bounds: tuple[float, float, float, float], range_m: float) -> None:
        n = len(population)
        self.crowd = Crowd(
            x=population.x.copy(),
            y=population.y.copy(),
            heading_x=np.zeros(n),
            heading_y=np.zeros(n),
            velocity_x=np.zeros(n),
            velocity_y=np.zeros(n),
            speed=np.zeros(n),
            progress=population.free_speed.copy(),
            left=np.full(n, np.inf),
            free_speed=population.free_speed.copy(),
            radius=population.radius.copy(),
            time_gap=population.time_gap.copy(),
            strength=population.strength.copy(),
            range=population.range.copy(),
            goal=np.full(n, -1, np.int32),
            activity=np.zeros(n, np.uint8),
            spot_x=np.zeros(n),
            spot_y=np.zeros(n),
            reached=np.zeros(n, np.uint8),
        )
        self.inside: NDArray[np.int32] = np.empty(0, np.int32)
        self.present: NDArray[np.int32] = np.empty(0, np.int32)
        self.leg = np.full(n, -1, np.int32)
        self.entry_s = np.full(n, np.nan)
        self.exit_s = np.full(n, np.nan)
        self.exit_goal = np.full(n, -1, np.int32)
        self.free_walk_s = np.zeros(n)
        self.waited_s = np.zeros(n)
        self._cells = _empty_cells(n, bounds, range_m)
        self._cell_of = np.empty(n, np.int32)
        self._count = np.empty((1, self._cells.start.size - 1), np.int32)

    def let_in(self, rows: NDArray[np.int32]) -> None:
        """Add attendees to those inside."""
        self.inside = np.union1d(self.inside, rows).astype(np.int32)
        self.present = np.union1d(self.present, rows).astype(np.int32)

    def let_out(self, rows: NDArray[np.int32]) -> None:
        """Take attendees out of those inside; they stay present."""
        self.inside = np.setdiff1d(self.inside, rows, assume_unique=True).astype(np.int32)

    def remove(self, rows: NDArray[np.int32]) -> None:
        """Take attendees who are not inside any more out of those present."""
        self.present = np.setdiff1d(self.present, rows, assume_unique=True).astype(np.int32)

    def sorted_cells(self, parts: int = 1) -> Cells:
        """Sort those present by cell and return the sorted copies.

        Parameters
        ----------
        parts : how many threads may share the work; the result is the same.
        """
        m = self.present.size
        cells = self._cells._replace(
            order=self._cells.order[:m],
            x=self._cells.x[:m],
            y=self._cells.y[:m],
            radius=self._cells.radius[:m],
            left=self._cells.left[:m],
            heading_x=self._cells.heading_x[:m],
            heading_y=self._cells.heading_y[:m],
            velocity_x=self._cells.velocity_x[:m],
            velocity_y=self._cells.velocity_y[:m],
        )
        if self._count.shape[0] != parts:
            self._count = np.empty((parts, cells.start.size - 1), np.int32)
        sort_by_cell(self.crowd, self.present, cells, self._cell_of, self._count)
        return cells


def _empty_cells(n: int, bounds: tuple[float, float, float, float], range_m: float) -> Cells:
    min_x, min_y, max_x, max_y = bounds
    most = math.sqrt((max_x - min_x) * (max_y - min_y) * CELLS_ACROSS / MAX_CELLS)
    height = max(range_m, most)
    width = height / CELLS_ACROSS
    columns = int((max_x - min_x) / width) + 1
    rows = int((max_y - min_y) / height) + 1
    threads = int(numba.config.NUMBA_NUM_THREADS)
    return Cells(
        order=np.empty(n, np.int32),
        start=np.zeros(columns * rows + 1, np.int32),
        x=np.empty(n),
        y=np.empty(n),
        radius=np.empty(n),
        left=np.empty(n),
        heading_x=np.empty(n),
        heading_y=np.empty(n),
        velocity_x=np.empty(n),
        velocity_y=np.empty(n),
        single=np.zeros((6, n + LANES), np.float32),
        near=np.empty((threads, 2, MOST_NEAR), np.int32),
        limits=np.empty((threads, 4, MOST_NEAR)),
        planes=np.empty((threads, 2, MOST_NEAR, 4)),
        origin_x=min_x,
        origin_y=min_y,
        width=width,
        height=height,
        columns=columns,
        rows=rows,
    )
