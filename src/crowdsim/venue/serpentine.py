"""Queues drawn as rectangles: the line folded to and fro in lanes, and the rails between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from crowdsim.scenario.feature import Feature, Fold
from crowdsim.venue.venue import JOINING_M

Float64 = NDArray[np.float64]

RAIL_M = 0.1
"""Thickness of the rails (our choice: crowd barriers and their feet are a few centimetres deep)."""

INSIDE_M = JOINING_M
"""The line ends so far inside the open ends of its lanes: all who join it, or are served at its head, are between the
rails."""

INEXACT_M = 0.1
"""Drawings are rarely exact: corners may be this far from those of a rectangle (our choice: a rail's thickness)."""

ROUNDING = 1e-9
"""As many lanes as fit a rectangle, whatever the rounding."""

CORNERS = 4


class FoldError(Exception):
    """Why no serpentine can be made of a feature: found, allowed."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)


@dataclass(frozen=True, slots=True)
class Serpentine:
    """A waiting line folded to and fro.

    With n lanes of the length a the line is n a - 2 `INSIDE_M` long: what the turns cut off the lanes they add across.

    Attributes
    ----------
    line : along the middles of the lanes, from the head back to where people join.
    rails : along the lanes, n + 1, and across their ends, `RAIL_M` thick; the first lane is open at the head, the last
        where people join.
    lanes : how many there are.
    lane_width_m : from the middle of a rail to that of the next.
    """

    line: LineString
    rails: MultiPolygon
    lanes: int
    lane_width_m: float

    @property
    def clear_width_m(self) -> float:
        """What is free between the rails of a lane."""
        return self.lane_width_m - RAIL_M


def fold_queue(feature: Feature) -> Serpentine:
    """Return the serpentine that fills a queue's rectangle, however it is turned.

    Lanes go along the longer sides, as many as fit, or as `tail` says: to get from the head to the corner next to it
    takes an even number, across the side that joins the two; to the one opposite an odd number.

    Raises
    ------
    FoldError
        If the shape is no rectangle, too narrow, or its head or tail not at a corner of its own.
    """
    fold = feature.fold or Fold()
    corners = _corners(feature)
    if fold.head is None:
        raise FoldError(
            "an area without a head", f"'head': [x, y], at the corner where people are served: {_at(corners)}"
        )
    head = _corner_at("head", fold.head, corners)
    corners = np.roll(corners, -head, axis=0)
    sides = np.hypot(*(corners[[1, 3]] - corners[0]).T)
    across, least = (3 if sides[0] >= sides[1] else 1), 1
    parity = None
    if fold.tail is not None:
        tail = _corner_at("tail", fold.tail, corners)
        if tail == 0:
            raise FoldError("head and tail at the same corner", f"another corner for the tail: {_at(corners[1:])}")
        across = across if tail == CORNERS // 2 else tail
        least, parity = (1, 1) if tail == CORNERS // 2 else (2, 0)
    along = CORNERS - across
    length_m, depth_m = math.dist(corners[0], corners[along]), math.dist(corners[0], corners[across])
    lanes = int(depth_m / fold.lane_width_m + ROUNDING)
    lanes -= parity is not None and lanes % 2 != parity
    if lanes < least:
        wanted = f"{least * fold.lane_width_m:g} m for {'a lane' if least == 1 else f'{least} lanes'}"
        raise FoldError(f"{depth_m:.2f} m across", f"at least {wanted} of lane_width_m {fold.lane_width_m:g}")
    width_m = depth_m / lanes
    if lanes > 1 and length_m < 2 * width_m:
        raise FoldError(
            f"lanes {length_m:.2f} m long", f"at least {2 * width_m:.2f} m, twice their width, to turn at the end"
        )

    def to_plan(points: Float64) -> Float64:
        """Return points given by how far along and across the lanes they are from the head's corner [m]."""
        axes = (corners[[along, across]] - corners[0]) / [[length_m], [depth_m]]
        return np.asarray(corners[0] + points @ axes)

    rails = [LineString(to_plan(ends)) for ends in _rails(lanes, width_m, length_m)]
    solid = shapely.union_all(shapely.buffer(rails, RAIL_M / 2, cap_style="square"))
    parts = [part for part in shapely.get_parts(solid) if isinstance(part, Polygon)]
    return Serpentine(LineString(to_plan(_line(lanes, width_m, length_m))), MultiPolygon(parts), lanes, width_m)


def drawn_area(rails: MultiPolygon) -> Polygon:
    """Return the rectangle that rails go round: to the middles of the outer ones."""
    return shapely.buffer(shapely.convex_hull(rails), -RAIL_M / 2, join_style="mitre")


def opening(line: LineString) -> tuple[float, float]:
    """Return the middle of the opening before a serpentine's head."""
    (x, y), (from_x, from_y) = line.coords[:2]
    beyond = INSIDE_M / math.hypot(x - from_x, y - from_y)
    return x + beyond * (x - from_x), y + beyond * (y - from_y)


def server_places(counter: LineString, servers: int) -> Float64:
    """Return where people are served along a counter, (servers, 2): evenly."""
    share = (np.arange(servers) + 0.5) / servers
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(counter, share, normalized=True)))


def _line(lanes: int, width_m: float, length_m: float) -> Float64:
    """Return the vertices of the line, (k, 2): along and across."""
    points = [(INSIDE_M, width_m / 2)]
    for lane in range(lanes):
        at = length_m - width_m / 2 if lane % 2 == 0 else width_m / 2
        end = length_m - INSIDE_M if lane % 2 == 0 else INSIDE_M
        middle = (lane + 0.5) * width_m
        points += [(at, middle), (at, middle + width_m)] if lane < lanes - 1 else [(end, middle)]
    return np.array(points)


def _rails(lanes: int, width_m: float, length_m: float) -> list[Float64]:
    """Return both ends of each rail, (2, 2): along and across."""
    depth_m = lanes * width_m
    rails = [[(0.0, 0.0), (length_m, 0.0)], [(0.0, depth_m), (length_m, depth_m)]]
    for lane in range(1, lanes):
        start, end = (0.0, length_m - width_m) if lane % 2 else (width_m, length_m)
        rails.append([(start, lane * width_m), (end, lane * width_m)])
    odd = lanes % 2 == 1
    if lanes > 1:
        rails.append([(length_m, 0.0), (length_m, depth_m - width_m * odd)])
        rails.append([(0.0, width_m), (0.0, depth_m - width_m * (not odd))])
    return [np.array(rail) for rail in rails if rail[0] != rail[1]]


def _corners(feature: Feature) -> Float64:
    """Return the corners, (4, 2), of the rectangle that a feature is drawn as, going round."""
    shape = Polygon(feature.polygons[0][0], feature.polygons[0][1:])
    if shape.interiors:
        raise FoldError("an area with holes", "a rectangle: obstacles go beside it")
    corners = _smallest_rectangle(shapely.get_coordinates(shape.convex_hull)[:-1])
    if shapely.hausdorff_distance(shape.exterior, Polygon(corners).exterior) > INEXACT_M:
        raise FoldError(
            "an area that is no rectangle", "a rectangle, turned as needed; other forms as a line and obstacles"
        )
    return corners


def _smallest_rectangle(hull: Float64) -> Float64:
    """Return the corners, (4, 2), of the smallest rectangle around a convex polygon (n, 2): one side lies on an edge.

    Freeman and Shapira 1975, Commun. ACM 18 (7).
    """
    edges = np.roll(hull, -1, axis=0) - hull
    best, least = hull[:CORNERS], math.inf
    for edge in edges:
        along = edge / np.hypot(*edge)
        across = np.array([-along[1], along[0]])
        u, v = hull @ along, hull @ across
        area = (u.max() - u.min()) * (v.max() - v.min())
        if area < least:
            box = ((u.min(), v.min()), (u.max(), v.min()), (u.max(), v.max()), (u.min(), v.max()))
            best, least = np.array([a * along + b * across for a, b in box]), area
    return best


def _corner_at(key: str, point: tuple[float, float], corners: Float64) -> int:
    """Return the number of the corner where a point is."""
    away = np.hypot(*(corners - point).T)
    nearest = int(away.argmin())
    reach = np.hypot(*(corners[[1, 3]] - corners[0]).T).min() / 2  # as near as this to a corner, to no other
    if away[nearest] > reach + INEXACT_M:
        found = f"{key} [{point[0]:g}, {point[1]:g}], {away[nearest]:.2f} m from the nearest corner"
        raise FoldError(found, f"a point at one of: {_at(corners)}")
    return nearest


def _at(corners: Float64) -> str:
    return ", ".join(f"[{x:g}, {y:g}]" for x, y in np.round(corners, 2) + 0.0)
