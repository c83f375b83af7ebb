"""One movement step for everyone, on as many threads as it is worth."""

from __future__ import annotations

import numba

from crowdsim.kernels.arrays import Fields, Walls
from crowdsim.model.laws import KERNELS, Law
from crowdsim.model.state import CrowdState

PARALLEL_FROM = 500
"""Crowds smaller than this move faster on one thread: two blocks of people."""

SORT_PARALLEL_FROM = 5000
"""Crowds smaller than this are sorted faster on one thread."""


class Stepper:
    """Moves everyone present by one step of a movement model."""

    def __init__(self, law: Law, fields: Fields, walls: Walls, step_s: float, threads: int | None) -> None:
        self.step_s = step_s
        self._law = law
        self._kernel = KERNELS[type(law)]
        self._fields = fields
        self._walls = walls
        self._steps = 0
        self._available = int(numba.config.NUMBA_NUM_THREADS)
        self.threads = min(threads or self._available, self._available)

    def take_walls(self, walls: Walls) -> None:
        """Go by other walls from now on."""
        self._walls = walls

    def move(self, state: CrowdState) -> None:
        """Move everyone present by one step; sets `reached` for those who arrive at their goals."""
        present = state.present.size
        if self._available > 1:
            numba.set_num_threads(self.threads if present >= PARALLEL_FROM else 1)
        cells = state.sorted_cells(self.threads if present >= SORT_PARALLEL_FROM else 1)
        cells = cells._replace(steps=self._steps)
        self._kernel(state.moving, cells, self._fields, self._walls, self._law, self.step_s)
        self._steps += 1
