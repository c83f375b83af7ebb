"""Door symbols: a leaf and the quarter circle that it sweeps become the line of the closed door."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import LineString, Point

from crowdsim.importing.drawing import Drawing, Dropped, Shape
from crowdsim.importing.mapping import WALL

NARROWEST_M, WIDEST_M = 0.4, 2.5
"""Radii of door swings: from a cupboard's to a gate's leaf; other arcs are no doors (our choice)."""

LEAST_SWEEP, CLEAR_SWEEP, MOST_SWEEP = math.radians(10.0), math.radians(60.0), math.radians(120.0)
"""Door leaves are drawn open by about a right angle, or ajar; ajar only a leaf tells that an arc is a door's (our
choice)."""

ROUND = 0.03
"""Points of an arc are this near to its circle, as a share of the radius: chords and rounding (our choice)."""

NEAR_M = 0.15
"""Ends nearer than this belong together: a frame's width (our choice)."""

JAMB_M = 0.25
"""Ends of doors are moved to a wall's corner that is no farther: frames have layers of their own (our choice)."""

DOORS = "door", "exit", WALL
"""Kinds of layers on which door symbols are looked for; on walls they are doors."""


@dataclass(frozen=True, slots=True)
class _Arc:
    """An arc that may be a door's: its middle, its ends, and whether it is swept as far as doors mostly are."""

    hinge: NDArray[np.float64]
    ends: tuple[NDArray[np.float64], NDArray[np.float64]]
    is_wide: bool


def draw_closed(drawing: Drawing, kinds: Mapping[str, str]) -> tuple[Drawing, dict[str, str]]:
    """Return a drawing with door symbols as lines from the hinge to where the leaf closes, with its layers' kinds.

    An arc of about a right angle is a door's if a leaf is drawn along one of its radii, or a wall ends at one of its
    ends. Two leaves that close on each other are one door. Ends are moved to the corner of a wall nearby.
    """
    kinds = dict(kinds)
    candidates = [shape for shape in drawing.shapes if kinds[shape.layer] in DOORS]
    arcs = [(shape, arc) for shape in candidates if (arc := _arc(shape)) is not None]
    if not arcs:
        return drawing, kinds
    symbols = {shape.symbol for shape, _ in arcs if shape.symbol}
    segments, owners = _segments(candidates)
    corners = _corners([s for s in candidates if kinds[s.layer] == WALL and not (s.symbol and s.symbol in symbols)])
    used: set[int] = set()
    unclear = 0
    closed: list[tuple[LineString, Shape]] = []
    for shape, arc in arcs:
        leaves = [_leaf(arc, end, segments) for end in arc.ends]
        end = _closed_end(arc, [bool(len(leaf)) for leaf in leaves], corners)
        if end is None:
            unclear += kinds[shape.layer] != WALL
            continue
        leaf = leaves[1 - end]
        closed.append((LineString([arc.hinge, arc.ends[end]]), shape))
        used.add(id(shape))
        used |= {id(owners[k]) for k in leaf if _is_leaf(owners[k], arc, arc.ends[1 - end])}
        if shape.symbol:
            used |= {id(other) for other in candidates if other.symbol == shape.symbol}
    doors = _doubled(closed)
    made = []
    for line, shape in doors:
        layer = f"{shape.layer}: door symbols"
        kinds[layer] = "exit" if kinds[shape.layer] == "exit" else "door"
        made.append(replace(shape, geometry=_moved(line, corners), layer=layer, symbol=""))
    rest = [shape for shape in drawing.shapes if id(shape) not in used]
    layers = {shape.layer for shape in (*rest, *made)}
    mended = (f"{len(made)} door symbols drawn closed",) if made else ()
    dropped = (
        (Dropped(unclear, "arcs of door layers", "no leaf and no wall tells where the door is"),) if unclear else ()
    )
    changed = replace(
        drawing,
        shapes=(*rest, *made),
        mended=(*drawing.mended, *mended),
        dropped=(*drawing.dropped, *dropped),
    )
    return changed, {layer: kind for layer, kind in kinds.items() if layer in layers}


def _arc(shape: Shape) -> _Arc | None:
    """Return the arc that a shape is, alone or in one line with its leaf; None if it is none."""
    if not isinstance(shape.geometry, LineString) or len(shape.geometry.coords) < 4:  # noqa: PLR2004
        return None
    points = np.array(shape.geometry.coords)[:, :2]
    for arc, hinge in (
        (points, None),
        (points[1:], points[0]),
        (points[:-1], points[-1]),
        (points[1:-1], points[0]),
    ):
        if len(arc) < 4:  # noqa: PLR2004
            continue
        centre = _centre(arc)
        if centre is None:
            continue
        radius = math.dist(centre, arc[0])
        off = np.abs(np.hypot(*(arc - centre).T) - radius).max()
        angles = np.unwrap(np.arctan2(*(arc - centre).T[::-1]))
        sweep = abs(float(angles[-1] - angles[0]))
        at_hinge = hinge is None or math.dist(hinge, centre) < NEAR_M
        fits = NARROWEST_M <= radius <= WIDEST_M and off <= ROUND * radius and LEAST_SWEEP <= sweep <= MOST_SWEEP
        if fits and at_hinge:
            return _Arc(centre, (arc[0], arc[-1]), is_wide=sweep >= CLEAR_SWEEP)
    return None


def _centre(points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the middle of the circle through the first, middle and last point."""
    a, b, c = points[0], points[len(points) // 2], points[-1]
    matrix = 2.0 * np.array([b - a, c - a])
    if abs(np.linalg.det(matrix)) < 1e-9:  # noqa: PLR2004
        return None
    found: NDArray[np.float64] = np.linalg.solve(matrix, np.array([b @ b - a @ a, c @ c - a @ a]))
    return found


def _segments(shapes: Sequence[Shape]) -> tuple[NDArray[np.float64], list[Shape]]:
    """Return all straight pieces of shapes, as x0, y0, x1, y1, and the shape that each is of."""
    pieces, owners = [], []
    for shape in shapes:
        line = shape.geometry if isinstance(shape.geometry, LineString) else shape.geometry.boundary
        for part in shapely.get_parts(line):
            points = np.array(part.coords)[:, :2]
            pieces.append(np.hstack([points[:-1], points[1:]]))
            owners += [shape] * (len(points) - 1)
    return np.vstack(pieces) if pieces else np.empty((0, 4)), owners


def _leaf(arc: _Arc, end: NDArray[np.float64], segments: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the numbers of the pieces that lie along the radius to an end."""
    there = np.hypot(*(segments[:, :2] - arc.hinge).T) <= NEAR_M
    there &= np.hypot(*(segments[:, 2:] - end).T) <= NEAR_M
    back = np.hypot(*(segments[:, 2:] - arc.hinge).T) <= NEAR_M
    back &= np.hypot(*(segments[:, :2] - end).T) <= NEAR_M
    return np.flatnonzero(there | back)


def _closed_end(arc: _Arc, has_leaf: Sequence[bool], corners: cKDTree | None) -> int | None:
    """Return which end of an arc the door closes at: the one without a leaf; else the one nearer to a wall's corner."""
    if has_leaf[0] != has_leaf[1]:
        return 1 if has_leaf[0] else 0
    if corners is None or not arc.is_wide:
        return None
    distances = [float(corners.query(end)[0]) for end in arc.ends]
    nearer = int(distances[1] < distances[0])
    return nearer if distances[nearer] <= JAMB_M else None


def _is_leaf(shape: Shape, arc: _Arc, end: NDArray[np.float64]) -> bool:
    """Return whether a shape is a leaf and no more: near the radius from the hinge to an end."""
    radius = LineString([arc.hinge, end])
    return all(radius.distance(Point(xy)) <= NEAR_M for xy in shapely.get_coordinates(shape.geometry))


def _corners(walls: Sequence[Shape]) -> cKDTree | None:
    points = shapely.get_coordinates([shape.geometry for shape in walls])
    return cKDTree(points) if len(points) else None


def _doubled(doors: Sequence[tuple[LineString, Shape]]) -> list[tuple[LineString, Shape]]:
    """Return doors with leaves that close on each other as one."""
    found, taken = [], set()
    for k, (line, shape) in enumerate(doors):
        if k in taken:
            continue
        for other in range(k + 1, len(doors)):
            mate = doors[other][0]
            across = math.dist(line.coords[0], mate.coords[0])
            meet = math.dist(line.coords[1], mate.coords[1]) <= NEAR_M
            if other not in taken and meet and across > max(line.length, mate.length):
                taken.add(other)
                found.append((LineString([line.coords[0], mate.coords[0]]), shape))
                break
        else:
            found.append((line, shape))
    return found


def _moved(line: LineString, corners: cKDTree | None) -> LineString:
    """Return a door with its ends in the corners of walls nearby, each in another one."""
    if corners is None:
        return line
    ends = []
    for xy in line.coords:
        distance, number = corners.query(xy)
        ends.append(tuple(corners.data[number]) if distance <= JAMB_M else xy)
    return LineString(ends) if ends[0] != ends[1] else line
