"""Means over a window of time in each cell of a grid, and the worst of them over a run."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import kernel

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

DENSITY, FLOW_X, FLOW_Y, SPEED, KNOWN = 0, 1, 2, 3, 4
"""Columns of a block: integrals over its time of density, of density times velocity, of density times speed, and of
density while velocities are known (in the first sample nobody's is)."""

PEAK_DENSITY, PEAK_FLOW, LEAST_SPEED, LEAST_FLOW, FILLING = range(5)
"""Rows of the worst values: highest means of density and specific flow, lowest of speed and flow where dense, and how
fast flows fill a cell (`crowdsim.kernels.streams.judge_divergence`)."""


@kernel
def add_moment(sums: Float64, density: Float64, touched: Int64, lasts: float, block: Float64) -> None:
    """Add what a moment holds, times how long it lasts, to a block of time.

    Parameters
    ----------
    sums : (cells, 6) as in `crowdsim.measure.moments.Moment`.
    density : (cells,) [1/m2].
    touched : (k,) cells to look at.
    lasts : [s].
    block : (cells, 5), added to.
    """
    for k in range(touched.size):
        cell = touched[k]
        known = sums[cell, 1]
        block[cell, DENSITY] += density[cell] * lasts
        if known > 0.0:
            weight = density[cell] * lasts / known
            block[cell, FLOW_X] += weight * sums[cell, 2]
            block[cell, FLOW_Y] += weight * sums[cell, 3]
            block[cell, SPEED] += weight * sums[cell, 5]
            block[cell, KNOWN] += density[cell] * lasts


@kernel
def judge_window(
    blocks: Float64,
    window: float,
    begins: float,
    counts: Bool,
    dense: float,
    congested: float,
    worst: Float32,
    when: Float32,
) -> None:
    """Take the means over a window into the worst of a run.

    Parameters
    ----------
    blocks : (blocks, cells, 5) the window's.
    window, begins : its length and when it begins [s].
    counts : (cells,) whether a cell belongs to the maps.
    dense, congested : mean densities from which on the lowest speed and the lowest flow are looked for [1/m2].
    worst : (5, cells) worst means so far, NaN if none; all but the last written.
    when : (5, cells) when their windows begin [s]; written.
    """
    for cell in range(counts.size):
        density = 0.0
        flow_x = 0.0
        flow_y = 0.0
        speed = 0.0
        known = 0.0
        for b in range(blocks.shape[0]):
            density += blocks[b, cell, DENSITY]
            flow_x += blocks[b, cell, FLOW_X]
            flow_y += blocks[b, cell, FLOW_Y]
            speed += blocks[b, cell, SPEED]
            known += blocks[b, cell, KNOWN]
        if density <= 0.0 or not counts[cell]:
            continue
        flow = math.sqrt(flow_x * flow_x + flow_y * flow_y) * density / (known * window) if known > 0.0 else 0.0
        density /= window
        if not density <= worst[PEAK_DENSITY, cell]:
            worst[PEAK_DENSITY, cell] = density
            when[PEAK_DENSITY, cell] = begins
        if not flow <= worst[PEAK_FLOW, cell]:
            worst[PEAK_FLOW, cell] = flow
            when[PEAK_FLOW, cell] = begins
        if density >= dense and known > 0.0 and not speed / known >= worst[LEAST_SPEED, cell]:
            worst[LEAST_SPEED, cell] = speed / known
            when[LEAST_SPEED, cell] = begins
        if density >= congested and known > 0.0 and not flow >= worst[LEAST_FLOW, cell]:
            worst[LEAST_FLOW, cell] = flow
            when[LEAST_FLOW, cell] = begins
