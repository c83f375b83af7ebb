"""Which way people walk through each cell of a grid, and what share of them against and across the main stream."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import kernel

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

SECTORS = 12
"""Directions are sorted into this many; three make a quarter turn, 45 degrees to either side."""

QUARTER = SECTORS // 4

COUNTERFLOW, CROSSING = 0, 1
"""Rows of the worst values."""


@kernel
def add_ways(cell: Int64, velocity_x: Float64, velocity_y: Float64, time: float, walked: Float64) -> None:
    """Add the ways that people walk to the cells that they are in, by direction.

    Parameters
    ----------
    cell : (m,) where they are.
    velocity_x, velocity_y : (m,) [m/s]; NaN is left out.
    time : for which they walk so [s].
    walked : (cells, SECTORS), added to [m].
    """
    for k in range(cell.size):
        speed = math.hypot(velocity_x[k], velocity_y[k])
        if speed > 0.0:  # NaN is not
            turn = math.atan2(velocity_y[k], velocity_x[k]) / (2.0 * math.pi)
            walked[cell[k], math.floor((turn + 1.0) * SECTORS + 0.5) % SECTORS] += speed * time


@kernel
def count_stops(
    id: Int32,
    cell: Int64,
    velocity_x: Float64,
    velocity_y: Float64,
    jammed: Bool,
    speeds: tuple[float, float],
    going: Bool,
    stops: Float64,
) -> None:
    """Count those who stop in a jam, in the cells that they are in.

    Parameters
    ----------
    id, cell : (m,) who is there, and in which cell.
    velocity_x, velocity_y : (m,) [m/s]; NaN tells nothing.
    jammed : (m,) who is in a jam.
    speeds : whoever is slower than the first has stopped, whoever is faster than the second goes [m/s].
    going : (attendees,) who went last; written.
    stops : (cells,), added to.
    """
    slow, fast = speeds
    for k in range(id.size):
        speed = math.hypot(velocity_x[k], velocity_y[k])
        if speed < slow and going[id[k]]:
            going[id[k]] = False
            if jammed[k]:
                stops[cell[k]] += 1.0
        elif speed > fast:
            going[id[k]] = True


@kernel
def shares_of(walked: Float64) -> tuple[float, float, float]:
    """Return the flow against the main stream over that along its axis, that across over all, and all [m].

    The main stream is the quarter turn, of three sectors, in which most is walked.

    Parameters
    ----------
    walked : (SECTORS,) [m].
    """
    main, along = 0, -1.0
    for s in range(SECTORS):
        here = walked[s - 1] + walked[s] + walked[(s + 1) % SECTORS]
        if here > along:
            main, along = s, here
    total = 0.0
    against = 0.0
    across = 0.0
    for s in range(SECTORS):
        total += walked[s]
        apart = abs(s - main)
        apart = min(apart, SECTORS - apart)
        if apart > QUARTER + 1:
            against += walked[s]
        elif apart > 1:
            across += walked[s]
    if total <= 0.0:
        return 0.0, 0.0, 0.0
    return against / (along + against), across / total, total


@kernel
def judge_streams(
    walked: Float64, columns: int, begins: float, counts: Bool, least: float, worst: Float32, when: Float32
) -> None:
    """Take the shares of a window, over each cell and the eight around it, into the worst of a run.

    Parameters
    ----------
    walked : (cells, SECTORS) in the window [m]; that of the first cell, where nobody can be, is written over.
    columns : of the grid; nobody is in the cells along its edge.
    begins : when the window begins [s].
    counts : (cells,) whether a cell belongs to the maps.
    least : shares are taken where as much as this is walked [m].
    worst : (2, cells) highest shares so far, NaN if none; written.
    when : (2, cells) when their windows begin [s]; written.
    """
    around = walked[0]
    for cell in range(columns + 1, counts.size - columns - 1):
        if not counts[cell]:
            continue
        for s in range(SECTORS):
            around[s] = 0.0
            total = 0.0
            for row in range(-1, 2):
                for column in range(-1, 2):
                    total += walked[cell + row * columns + column, s]
            around[s] = total
        against, across, total = shares_of(around)
        for s in range(SECTORS):
            around[s] = 0.0
        if total >= least:
            if not against <= worst[COUNTERFLOW, cell]:
                worst[COUNTERFLOW, cell] = against
                when[COUNTERFLOW, cell] = begins
            if not across <= worst[CROSSING, cell]:
                worst[CROSSING, cell] = across
                when[CROSSING, cell] = begins


@kernel
def judge_divergence(
    blocks: Float64,
    window: float,
    begins: float,
    counts: Bool,
    columns: int,
    edge: float,
    worst: Float32,
    when: Float32,
) -> None:
    """Take how fast flows fill each cell over a window into the highest of a run: minus the mean flow's divergence.

    Central differences; cells beside the edge of the walkable area are left out.

    Parameters
    ----------
    blocks : (blocks, cells, 5) as in `crowdsim.kernels.windows`.
    window, begins : its length and when it begins [s].
    counts : (cells,) whether a cell belongs to the maps.
    columns, edge : of the grid, and of a cell [m].
    worst, when : (cells,) highest so far [1/(m2 s)], NaN if none, and when its window begins [s]; written.
    """
    for cell in range(columns, counts.size - columns):
        right, left, above, below = cell + 1, cell - 1, cell + columns, cell - columns
        if not (counts[cell] and counts[right] and counts[left] and counts[above] and counts[below]):
            continue
        gathers = 0.0
        for b in range(blocks.shape[0]):
            gathers -= blocks[b, right, 1] - blocks[b, left, 1] + blocks[b, above, 2] - blocks[b, below, 2]
        gathers /= 2.0 * edge * window
        if not gathers <= worst[cell]:
            worst[cell] = gathers
            when[cell] = begins
