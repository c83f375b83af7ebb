"""Straight steering to the exit and walls, for peers without navigation; rooms are convex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

OFF_POSTS_M = 0.3
"""Attendees aim at points at least this far from the ends of the exit line: a body with some room."""

BEYOND_M = 1.0
"""How far beyond the exit line, or beyond themselves once past it, attendees aim."""


def aims(job: dict[str, Any], x: Float64, y: Float64) -> Float64:
    """Return where everyone is to walk to, (n, 2) [m]: beyond the nearest point of the exit line, a vertical one."""
    (line_x, low), (_, high) = job["exit_line"]
    on_line = np.clip(y, min(low, high) + OFF_POSTS_M, max(low, high) - OFF_POSTS_M)
    return np.column_stack([np.maximum(x, line_x) + BEYOND_M, on_line])


def walls(job: dict[str, Any]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the walls of the room as segments [m]: a square whose right side is open at the exit line."""
    (side, low), (_, high) = job["exit_line"]
    low, high = min(low, high), max(low, high)
    segments = [((0.0, 0.0), (side, 0.0)), ((side, side), (0.0, side)), ((0.0, side), (0.0, 0.0))]
    if low > 0:
        segments += [((side, 0.0), (side, low)), ((side, high), (side, side))]
    return segments
