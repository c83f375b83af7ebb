"""Windows of time that slide over a run in steps, held as blocks: memory does not grow with the run's length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

ROUNDING = 1e-9
"""A time at which a block begins belongs to it, whatever the rounding."""


class SlidingBlocks:
    """Blocks of integrals over time, as many as make a window.

    The last window of a run may be up to a block shorter; a run shorter than a window is one window.

    Parameters
    ----------
    shape : of what is integrated.
    window_s, blocks : length of a window, and how many blocks it is made of.
    end_s : the run's end [s].
    judge : called for each window with its blocks (blocks, *shape) in any order, when it begins and its length [s].
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        window_s: float,
        blocks: int,
        end_s: float,
        judge: Callable[[Float64, float, float], None],
    ) -> None:
        self._blocks = np.zeros((blocks, *shape))
        self._block_s, self._end_s, self._judge = window_s / blocks, end_s, judge
        self._number = 0  # of the block being filled

    def parts(self, begin_s: float, lasts_s: float) -> Iterator[tuple[Float64, float]]:
        """Yield the blocks, to be added to, that a while lies in, and how long it lies in each [s]."""
        while lasts_s > 0:
            self._go_to(int(begin_s / self._block_s + ROUNDING))
            here_s = min(lasts_s, (self._number + 1) * self._block_s - begin_s)
            yield self._blocks[self._number % len(self._blocks)], here_s
            begin_s, lasts_s = begin_s + here_s, lasts_s - here_s

    def finish(self) -> None:
        """Judge the windows up to the run's end."""
        self._go_to(int(self._end_s / self._block_s + ROUNDING))
        if self._end_s > self._number * self._block_s * (1 + ROUNDING):
            self._close(self._end_s)

    def _go_to(self, number: int) -> None:
        """Close the blocks before one."""
        count = len(self._blocks)
        for _ in range(min(number - self._number, 2 * count)):  # later ones are empty
            self._close((self._number + 1) * self._block_s)
            self._number += 1
            self._blocks[self._number % count] = 0.0
        self._number = max(number, self._number)

    def _close(self, end_s: float) -> None:
        first = self._number + 1 - len(self._blocks)
        if first >= 0 or end_s >= self._end_s:
            begins_s = max(first, 0) * self._block_s
            self._judge(self._blocks, begins_s, end_s - begins_s)
