"""What of a run goes into its replay: how often, of how many attendees, and how finely."""

from __future__ import annotations

import math
from dataclasses import dataclass

from crowdsim.record.recording import Recording

MOST_POINTS = 10_000_000
"""Positions in a page at most. Someone at 2.2 m/s moves by 88 units of 0.1 m in 4 s, one way or the other: 15 bits for
both axes, 2.5 bytes in base64, so 25 MB at the very worst; measured are 0.3 to 1.1 bytes (docs/report.md)."""

SHORTEST_FRAME_S = 0.5
"""Frames need not be closer than this: between them people are drawn on a straight line (our choice)."""

LONGEST_FRAME_S = 4.0
"""Nor may they be farther apart: a walker goes 5 m on a straight line in it, and corners are cut (our choice)."""

UNITS_M = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Positions are whole multiples of the first of these in which the venue is less than `MOST_UNITS` wide and high: half
a body's radius, unless it is larger than 6.5 km (our choice)."""

MOST_UNITS = 2**16 - 1
"""The largest position, an unsigned number of 16 bits."""

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Thinning:
    """What is left out of a replay.

    Attributes
    ----------
    every : of so many recorded samples one is a frame.
    frame_s : time between frames [s].
    one_in : of so many attendees one is shown: those whose id is a multiple of it.
    unit_m : positions are whole multiples of this [m].
    """

    every: int
    frame_s: float
    one_in: int
    unit_m: float


def choose_thinning(recording: Recording) -> Thinning:
    """Return how to thin a run so that its replay has about `MOST_POINTS` positions at most.

    Frames are thinned first; when they are as far apart as they may be, attendees.
    """
    interval_s = recording.sample_interval_s
    least = max(math.ceil(SHORTEST_FRAME_S / interval_s - ROUNDING), 1)
    most = max(math.floor(LONGEST_FRAME_S / interval_s + ROUNDING), least)
    every = min(max(math.ceil(recording.rows / MOST_POINTS), least), most)
    one_in = max(math.ceil(recording.rows / every / MOST_POINTS), 1)
    min_x, min_y, max_x, max_y = recording.venue.walkable.bounds
    extent = max(max_x - min_x, max_y - min_y)
    unit = next((unit for unit in UNITS_M if extent / unit < MOST_UNITS), UNITS_M[-1])
    return Thinning(every, every * interval_s, one_in, unit)
