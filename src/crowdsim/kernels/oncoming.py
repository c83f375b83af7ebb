"""Whether anyone near may come the other way: where nobody does, sweeps need not look at headings.

Attendees in the order of `Cells` are taken in groups, each with the bounds of its headings. Whoever walks where
everyone near walks about the same way, as most do, is told so by the bounds of a few groups.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from crowdsim.kernels.arrays import GROUP, Cells
from crowdsim.kernels.cells import column_of, row_of
from crowdsim.kernels.jit import inlined_kernel, kernel

Bounds: TypeAlias = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]

ONE = np.float32(1.0)

ROUNDING = 1e-5
"""Added to what is compared with bounds: far more than sums of products in single precision are rounded by."""


@kernel
def headings_near(cells: Cells, first: int, last: int, reach: float) -> Bounds:
    """Return bounds of the headings of all within reach of any of cells.order[first:last], which are one group or less.

    The least heading_x, heading_y, -heading_x and -heading_y of those who walk, and whether all do: 1 or 0.
    """
    rows = int(reach * cells.per_height) + 1
    columns = int(reach * cells.per_width) + 1
    first_row = row_of(cells, cells.y[first])
    last_row = row_of(cells, cells.y[last - 1])
    first_column = 0
    last_column = cells.columns - 1
    if first_row == last_row:
        first_column = max(column_of(cells, cells.x[first]) - columns, 0)
        last_column = min(column_of(cells, cells.x[last - 1]) + columns, last_column)
    least_x = ONE
    least_y = ONE
    least_minus_x = ONE
    least_minus_y = ONE
    all_walk = ONE
    for row in range(max(first_row - rows, 0), min(last_row + rows, cells.rows - 1) + 1):
        begin = cells.start[row * cells.columns + first_column]
        end = cells.start[row * cells.columns + last_column + 1]
        for group in range(begin // GROUP, (end + GROUP - 1) // GROUP):
            bounds = cells.bounds[group]
            least_x = min(least_x, bounds[0])
            least_y = min(least_y, bounds[1])
            least_minus_x = min(least_minus_x, bounds[2])
            least_minus_y = min(least_minus_y, bounds[3])
            all_walk = min(all_walk, bounds[4])
    return least_x, least_y, least_minus_x, least_minus_y, all_walk


@inlined_kernel
def may_come(bounds: Bounds, toward_x: float, toward_y: float, oncoming: float) -> bool:
    """Return whether anyone within the bounds of `headings_near` may stand, or walk against a way.

    Parameters
    ----------
    oncoming : at this product of heading and way, or less, one walks against the other.
    """
    least = min(toward_x * bounds[0], -toward_x * bounds[2]) + min(toward_y * bounds[1], -toward_y * bounds[3])
    someone_stands = bounds[4] < ONE
    return bool(someone_stands or least <= oncoming + ROUNDING)
