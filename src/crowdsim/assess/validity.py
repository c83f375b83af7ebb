"""Whether what decides a criterion lies within the densities that the movement models are calibrated for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crowdsim.assess.judged import Judged, Run
from crowdsim.measure.measures import CALIBRATED_TO_PER_M2
from crowdsim.scenario.criteria import Criterion, EgressByHandCriterion, ServiceRateCriterion

WITHIN, EXTRAPOLATED = "within", "extrapolated"

AROUND_M = 2.0
"""Crowds so near to a place decide what happens there (our choice: who is before a door of two to three metres)."""


class Validity(NamedTuple):
    """Whether a criterion's figure is one that the models are fitted for.

    Attributes
    ----------
    judgement : `WITHIN`, `EXTRAPOLATED`, or None where that is no question; `reason` says why in any case.
    """

    judgement: str | None
    reason: str


def validity_of(criterion: Criterion, found: Judged, run: Run) -> Validity:
    """Return whether the place that decides a criterion, or the venue if none does, was too dense at any time."""
    if isinstance(criterion, EgressByHandCriterion | ServiceRateCriterion):
        return Validity(None, "reckoned, not simulated")
    if not found.applies or found.value is None:
        return Validity(None, "nothing was measured")
    place, words = _place(found, run)
    densest = _densest(place, run)
    if densest is None:
        return Validity(None, f"the density {words} was not measured")
    judgement = EXTRAPOLATED if densest > CALIBRATED_TO_PER_M2 else WITHIN
    return Validity(judgement, f"up to {densest:.1f} people/m2 {words}, calibrated to {CALIBRATED_TO_PER_M2:g}")


def _place(found: Judged, run: Run) -> tuple[BaseGeometry | None, str]:
    """Return what decides, in the plane of the recording's venue; None for the whole venue."""
    at = found.at
    if "x" in at:
        shift_x, shift_y = run.recording.shift_m[int(at["level"])].tolist()
        return shapely.Point(at["x"] + shift_x, at["y"] + shift_y), f"within {AROUND_M:g} m of the place"
    shape = _named(str(at["name"]), run) if "name" in at else None
    return (None, "in the venue") if shape is None else (shape, f"within {AROUND_M:g} m of {at['name']}")


def _named(name: str, run: Run) -> BaseGeometry | None:
    venue, config = run.recording.venue, run.recording.scenario.config
    if name in config.services:
        return shapely.union_all([venue.queues[queue] for queue in config.services[name].queues])
    if name in venue.links:
        return run.recording.of_link(venue.links[name], venue.links[name].area)
    shapes: dict[str, BaseGeometry] = {
        **{key: door.line for key, door in venue.doors.items()},
        **{key: exit_.line or exit_.area for key, exit_ in venue.exits.items()},
        **venue.lines,
        **venue.zones,
        **venue.areas,
    }
    return shapes.get(name)


def _densest(place: BaseGeometry | None, run: Run) -> float | None:
    """Return the highest density at any time around a place, or anywhere; None where the map has no ground."""
    maps = run.measures.maps
    if place is None:
        return maps.density.value if maps.density else 0.0
    near = shapely.buffer(place, AROUND_M)
    x0, y0, x1, y1 = near.bounds
    columns, rows = (
        np.flatnonzero((maps.x_m >= x0) & (maps.x_m <= x1)),
        np.flatnonzero((maps.y_m >= y0) & (maps.y_m <= y1)),
    )
    if not columns.size or not rows.size:
        return None
    part = np.ix_(rows, columns)
    inside = shapely.contains_xy(near, *np.meshgrid(maps.x_m[columns], maps.y_m[rows])) & maps.walkable[part]
    return float(np.nanmax(maps.peak_density_per_m2[part][inside])) if inside.any() else None
