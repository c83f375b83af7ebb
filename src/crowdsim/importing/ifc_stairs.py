"""Stairs and ramps of a building model as ways between two storeys, where their geometry is clear."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import LineString

from crowdsim.importing.drawing import Shape
from crowdsim.importing.ifc_open import Storey
from crowdsim.importing.ifc_shapes import Floats, across, sloped, steps
from crowdsim.venue.build import band
from crowdsim.venue.level_checks import LANDING_M, LANDING_SHARE, STEEPEST

NEAR_M = 0.5
"""How far in height a stair's end may be off its storey's floor: a step, and what the floor is thick (our choice)."""

FEWEST_STEPS = 3
"""Fewer are steps within a room (our choice)."""

STRAIGHT_M = 0.15
"""The middles of a flight's steps are this near to a straight line (our choice)."""

APART_M = 0.3
"""Parts of a step farther apart than this are of two flights side by side (our choice)."""

LONGER_M = tuple(0.1 * k for k in range(11))
"""A way is made longer by one of these at its ends if the floor begins farther away (our choice)."""


SAME, ROUNDED_M = 0.9, 1e-4
"""Steps that need a tread shorter by more than a tenth to fit on the line are not those of the stair; measures are
rounded to a tenth of a millimetre (our choice)."""


class UnclearError(Exception):
    """Why a stair or ramp cannot be taken."""


def way_between(
    corners: Floats, kind: str, storeys: Sequence[Storey], floors: Mapping[str, Any]
) -> tuple[LineString, str, dict[str, float | str | bool]]:
    """Return the line of a stair or ramp from its lower end, its level, and its settings.

    Parameters
    ----------
    corners : its triangles, of shape (n, 3, 3): of steps and landings, or of a ramp.
    kind : `stair` or `ramp`.
    floors : what is walkable, by level.

    Raises
    ------
    UnclearError
        If it is not clear, or leads from no storey to another.
    """
    line, width, ends, settings = _stair(corners) if kind == "stair" else _ramp(corners)
    lower, upper = (_storey(end, storeys, floors) for end in ends)
    if lower is None or upper is None or not upper.floor_m > lower.floor_m:
        raise UnclearError("they do not lead from one storey's floor to another's")
    line = _to_floor(line, width, floors[upper.level], "upper")
    line = _to_floor(line.reverse(), width, floors[lower.level], "lower").reverse()
    area = shapely.buffer(line, width / 2, cap_style="flat", join_style="mitre")
    if not line.is_simple or not area.is_valid:
        raise UnclearError("they wind too tightly")
    rise = upper.elevation_m - lower.elevation_m
    if rise > STEEPEST[kind] * line.length:
        raise UnclearError("they are too steep")
    if settings:
        settings = _fitting(settings["riser_m"], settings["tread_m"], rise, line.length)
    return line, lower.level, {"to_level": upper.level, "width_m": round(width, 3), **settings}


def _stair(corners: Floats) -> tuple[LineString, float, tuple[float, float], dict[str, float]]:
    """Return a stair's middle line, its width, the heights of its ends, and the measures of its steps."""
    found = steps(corners)
    if len(found) < FEWEST_STEPS:
        raise UnclearError(f"fewer than {FEWEST_STEPS} steps")
    heights, areas = zip(*found, strict=True)
    for area in areas:
        parts = shapely.get_parts(area)
        if max(shapely.distance(parts, parts[0])) > APART_M:
            raise UnclearError("several flights side by side")
    middles = np.array([shapely.get_coordinates(area.centroid)[0] for area in areas])
    runs = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    if not (runs > 0).all():
        raise UnclearError("steps above one another")
    riser, tread = float(np.median(np.diff(heights))), float(np.median(runs))
    first, last = middles[0] - middles[1], middles[-1] - middles[-2]
    middles[0] += first / runs[0] * min(tread, runs[0]) / 2
    middles[-1] += last / runs[-1] * min(tread, runs[-1]) / 2
    line = LineString(middles).simplify(STRAIGHT_M)
    width = across(line, [area for area, run in zip(areas[1:], runs, strict=True) if run < 2 * tread] or areas)
    ends = (float(corners[:, :, 2].min()), heights[-1])
    return line, width, ends, {"riser_m": round(riser, 4), "tread_m": tread}


def _ramp(corners: Floats) -> tuple[LineString, float, tuple[float, float], dict[str, float]]:
    """Return a straight ramp's middle line, its width and the heights of its ends."""
    faces = sloped(corners)
    if not len(faces):
        raise UnclearError("no sloped face")
    points = faces.reshape(-1, 3)
    heights = points[:, 2]
    design = np.column_stack([points[:, :2] - points[:, :2].mean(axis=0), np.ones(len(points))])
    (gx, gy, _), *_ = np.linalg.lstsq(design, heights, rcond=None)
    gradient = np.array([gx, gy])
    steep = float(np.linalg.norm(gradient))
    if steep <= 0 or np.abs(design @ [gx, gy, heights.mean()] - heights).max() > STRAIGHT_M:
        raise UnclearError("not one straight slope")
    direction = gradient / steep
    normal = np.array([-direction[1], direction[0]])
    on, off = points[:, :2] @ direction, points[:, :2] @ normal
    middle = normal * (off.min() + off.max()) / 2
    line = LineString([direction * on.min() + middle, direction * on.max() + middle])
    return line, float(np.ptp(off)), (float(heights.min()), float(heights.max())), {}


def _fitting(riser_m: float, tread_m: float, rise_m: float, length_m: float) -> dict[str, float]:
    """Return the measures of steps, rounded so that as many as the rise needs fit on the line; none if they do not."""
    risers = rise_m / riser_m
    longest = min(tread_m, length_m / max(risers - 1, 1.0))
    if longest < SAME * tread_m:
        return {}
    return {"riser_m": riser_m, "tread_m": math.floor((longest - ROUNDED_M / 100) / ROUNDED_M) * ROUNDED_M}


def _storey(height_m: float, storeys: Sequence[Storey], floors: Mapping[str, Any]) -> Storey | None:
    """Return the storey with a floor at a height."""
    near = [storey for storey in storeys if storey.level in floors and abs(storey.floor_m - height_m) <= NEAR_M]
    return min(near, key=lambda storey: abs(storey.floor_m - height_m), default=None)


def _to_floor(line: LineString, width_m: float, floor: Any, which: str) -> LineString:
    """Return a line whose last end has floor before it, made a little longer if need be."""
    points = shapely.get_coordinates(line)
    along = (points[-1] - points[-2]) / np.linalg.norm(points[-1] - points[-2])
    right = np.array([along[1], -along[0]]) * width_m / 2
    for more in LONGER_M:
        end = points[-1] + more * along
        landing = band(LineString([end + right, end - right]), -LANDING_M, 0.0)
        if shapely.intersection(landing, floor).area >= LANDING_SHARE * landing.area:
            return LineString([*points[:-1], end])
    raise UnclearError(f"no floor at their {which} end")


def ways(
    found: Sequence[tuple[Any, str, Floats]], storeys: Sequence[Storey], floors: Mapping[str, Any]
) -> tuple[list[Shape], list[tuple[str, str]]]:
    """Return stairs and ramps as shapes, and what is left out of them and why.

    Parameters
    ----------
    found : the entities with their layers and triangles.
    """
    shapes, left = [], []
    for entity, layer, corners in found:
        kind = "stair" if layer == "IfcStair" else "ramp"
        try:
            line, level, settings = way_between(corners, kind, storeys, floors)
        except UnclearError as unclear:
            left.append((layer, str(unclear)))
            continue
        shapes.append(Shape(line, layer, f"#{entity.id()}", entity.Name or "", level, settings=settings))
    return shapes, left
