"""For how long each cell of a grid is above levels of density."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import kernel

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

TOTAL, LONGEST, LONGEST_FROM, SINCE, UNTIL = 0, 1, 2, 3, 4
"""Rows of a cell's times [s]: all time above a level, the longest unbroken one, when that began, when the present one
began, and until when it has lasted."""

SAME_TIME = 1e-6
"""Samples that are this near to the end of the one before go on from it [s]."""


@kernel
def extend_spells(
    density: Float64, touched: Int64, counts: Bool, levels: Float64, time: float, lasts: float, spells: Float64
) -> None:
    """Take in one moment.

    Parameters
    ----------
    density : (cells,) [1/m2].
    touched : (k,) cells to look at.
    counts : (cells,) whether a cell belongs to the maps.
    levels : (levels,) ascending [1/m2]; above is more than this.
    time, lasts : of the moment [s].
    spells : (levels, 5, cells), written; `UNTIL` is minus infinity at first.
    """
    for k in range(touched.size):
        cell = touched[k]
        if not counts[cell]:
            continue
        for j in range(levels.size):
            if density[cell] <= levels[j]:
                break
            if time > spells[j, UNTIL, cell] + SAME_TIME:
                spells[j, SINCE, cell] = time
            spells[j, UNTIL, cell] = time + lasts
            spells[j, TOTAL, cell] += lasts
            length = time + lasts - spells[j, SINCE, cell]
            if length > spells[j, LONGEST, cell]:
                spells[j, LONGEST, cell] = length
                spells[j, LONGEST_FROM, cell] = spells[j, SINCE, cell]
