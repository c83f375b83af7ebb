"""Where the numbers on a plan go: near what they name, off each other and off what must stay visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

GAP_PT = 1.0
"""Least gap between badges, and to what must stay visible."""

RINGS_PT = (0.0, 13.0, 18.0, 25.0, 34.0, 45.0, 60.0, 80.0, 110.0, 150.0)
"""Distances from the anchor at which a place is looked for: the first that is free, as near as can be."""

DIRECTIONS = 16

COVERING_PT = 12.0
"""How much farther off a place may be that covers one point less of what must stay visible."""

ASTRAY_PT = 6.0
"""The same for a place on the other side than the one wanted."""

OVERLAP_PT = 1e4
"""The same for one on top of another badge: only if there is no free place."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is to be numbered.

    Attributes
    ----------
    anchor : where it is, on the page [points].
    radius : of its badge [points].
    towards : direction in which the number should be; (0, 0) for on the anchor itself.
    """

    anchor: tuple[float, float]
    radius: float
    towards: tuple[float, float] = (0.0, 0.0)


def place_badges(marks: Sequence[Mark], visible: Float64, low: Float64, high: Float64) -> Float64:
    """Return the centres of the badges, (marks, 2) [points], in the order of the marks.

    Each takes the best place left by those before it.

    Parameters
    ----------
    visible : (n, 2) points that should not be covered.
    low, high : (2,) corners of the map, which the badges stay within.
    """
    turns = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    around = np.column_stack([np.cos(turns), np.sin(turns)])
    offsets = np.concatenate([[[0.0, 0.0]], *(ring * around for ring in RINGS_PT[1:])])
    placed, radii = np.empty((0, 2)), np.array([mark.radius for mark in marks])
    for mark in marks:
        places = np.clip(np.asarray(mark.anchor) + offsets, low + mark.radius, high - mark.radius)
        cost = np.hypot(*(places - mark.anchor).T)
        cost = cost + COVERING_PT * _within(places, visible, mark.radius + GAP_PT)
        cost = cost + OVERLAP_PT * _within(places, placed, radii[: len(placed)] + mark.radius + GAP_PT)
        wanted = np.asarray(mark.towards)
        if wanted.any():
            unit = wanted / np.hypot(*wanted)
            reach = np.maximum(np.hypot(*offsets.T), 1.0)
            cost = cost + ASTRAY_PT * (1.0 - offsets @ unit / reach)
        placed = np.vstack([placed, places[np.argmin(cost)]])
    return placed


def _within(places: Float64, points: Float64, reach: float | Float64) -> NDArray[np.int64]:
    """Return how many of the points are nearer to each place than `reach`, one for all or one each."""
    apart = np.hypot(places[:, None, 0] - points[None, :, 0], places[:, None, 1] - points[None, :, 1])
    counts: NDArray[np.int64] = (apart < reach).sum(axis=1)
    return counts
