"""Laying out levels, and the ways between them, in one plane; and the seams between them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.affinity import translate

from crowdsim.venue.links import Link
from crowdsim.venue.venue import Area, Bounds, Door, Exit, Seam, Sheet, Shift

STUB_M = 4.0
"""How much of the other sheet is drawn beyond a seam: people see each other across it up to this distance."""

SIDE_M = 0.02
"""Thickness of the wall along the sides of a way between levels."""

SILL_M = 0.03
"""Gaps up to this are closed at the ends of a way between levels: that wall, and the tolerance of drawings."""

PAGE = 1.4
"""Width of a page of levels over its height, about: that of a screen with a list beside it."""

NAME_SHARE = 0.1
"""Room between levels over their size at the least: their names stand there."""

OVERLAP_M2 = 1e-3
"""Areas that share less than this touch each other only."""

STRAIGHT_M = 1e-6
"""Corners that stick out of a straight wall by less than this are none: far below any drawing's precision."""

SHEETS_APART_M = 8.0
"""Sheets lie this far apart: farther than people matter to each other."""


def moved(thing: Any, shift: Shift) -> Any:
    """Return a geometry, door or exit shifted [m]; the thing itself for no shift."""
    if shift == (0.0, 0.0):
        return thing
    if isinstance(thing, Door):
        one_way_line = None if thing.one_way_line is None else moved(thing.one_way_line, shift)
        return dataclasses.replace(thing, line=moved(thing.line, shift), one_way_line=one_way_line)
    if isinstance(thing, Exit):
        line = None if thing.line is None else moved(thing.line, shift)
        return dataclasses.replace(thing, line=line, area=moved(thing.area, shift))
    return translate(thing, *shift)


def images(thing: Any, sheets: Sequence[Sheet], seams: Sequence[Seam]) -> list[Any]:
    """Return the parts of a geometry that are drawn again beyond seams, on other sheets than its own."""
    on = min(range(len(sheets)), key=lambda k: sheets[k].area.distance(thing))
    found = []
    for seam in seams:
        if seam.leads == on:
            there = shapely.intersection(moved(thing, (-seam.shift[0], -seam.shift[1])), seam.beyond)
            found += [part for part in shapely.get_parts(there) if part.length > STRAIGHT_M]
    return found


def joined(areas: Iterable[Area]) -> Area:
    """Return disjoint areas as one."""
    parts = [part for area in areas for part in shapely.get_parts(area)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def stack(bounds: Sequence[Bounds], apart_m: float) -> list[Shift]:
    """Return shifts by whole metres that put levels in rows on a page, from below; the first stays where it is."""
    if len(bounds) == 1:
        return [(0.0, 0.0)]
    width = max(b[2] for b in bounds) - min(b[0] for b in bounds)
    height = max(b[3] for b in bounds) - min(b[1] for b in bounds)
    apart_m = max(apart_m, NAME_SHARE * max(width, height))
    across, up = math.ceil(width + apart_m), math.ceil(height + apart_m)

    def off(columns: int) -> float:
        rows = math.ceil(len(bounds) / columns)
        empty = rows * columns / len(bounds) - 1
        return abs(math.log(columns * across / (rows * up) / PAGE)) + empty

    columns = min(range(1, len(bounds) + 1), key=off)
    return [(float(k % columns * across), float(k // columns * up)) for k in range(len(bounds))]


def place_sheets(bounds: Sequence[Bounds]) -> list[Shift]:
    """Return shifts by whole metres that put sheets apart from each other on shelves, in about a square.

    A single one stays where it is.
    """
    if len(bounds) == 1:
        return [(0.0, 0.0)]
    apart_m = SHEETS_APART_M
    sizes = [(math.ceil(b[2] - b[0] + apart_m) + 1, math.ceil(b[3] - b[1] + apart_m) + 1) for b in bounds]
    widest = max(math.ceil(math.sqrt(sum(w * h for w, h in sizes))), *(w for w, _ in sizes))
    x, y, high = 0, 0, 0
    shifts: list[Shift] = [(0.0, 0.0)] * len(bounds)
    for k in sorted(range(len(bounds)), key=lambda k: -sizes[k][1]):
        width, height = sizes[k]
        if x and x + width > widest:
            x, y, high = 0, y + high, 0
        shifts[k] = (float(x - math.floor(bounds[k][0])), float(y - math.floor(bounds[k][1])))
        x, high = x + width, max(high, height)
    return shifts


def drawn_on(link: Link, level: str) -> Area:
    """Return what is drawn of a way between levels on one that it links, with the sill that joins it to the floor.

    On a level where nobody is on it that is the sill alone.
    """
    if link.is_on(level):
        return shapely.union(link.area, _beside(link.foot, -SILL_M, SILL_M))
    return _beside(link.head, 0.0, SILL_M)


def footprint(link: Link, level: str) -> Polygon:
    """Return what a way between levels takes of a floor that it links, the walls along it included."""
    points = list(link.line.coords)
    if link.is_on(level):
        points[-1] = _farther(*points[-2], *points[-1])
    else:
        points[0] = _farther(*points[1], *points[0])
    line = LineString(points)
    return shapely.buffer(line, link.width_m / 2 + SIDE_M, cap_style="flat", join_style="mitre")


def _farther(from_x: float, from_y: float, x: float, y: float) -> tuple[float, float]:
    """Return the end (x, y) of a piece of line, put farther by the thickness of a wall."""
    far = SIDE_M / math.hypot(x - from_x, y - from_y)
    return x + far * (x - from_x), y + far * (y - from_y)


def unfold(
    floors: Sequence[Area], levels: Sequence[str], links: Mapping[str, Link], shifts: Sequence[Shift] | None = None
) -> tuple[tuple[Sheet, ...], tuple[Seam, ...], Area]:
    """Return the sheets of levels and links, the seams between them, and all that is walkable, in one plane.

    A single level without links stays where it is in the plan.

    Parameters
    ----------
    floors : the levels' walkable areas in the plan, without the links.
    shifts : where the sheets are to lie; None finds places for them.
    """
    ways = list(links.values())
    own = [_Piece(name, k, floor) for k, (name, floor) in enumerate(zip(levels, floors, strict=True))]
    ends: list[_End] = []
    for link in ways:
        found = _ends(link, floors, levels, len(own))
        ends += found
        own += [_Piece(link.name, end.level, link.area, link) for end in (found if link.is_lift else found[:1])]
    parts = [[piece.area] for piece in own]
    for end in ends:
        parts[end.level].append(_cut(end.of_link, parts[end.level][1:]))
        parts[end.sheet].append(_cut(end.of_floor, parts[end.sheet][1:]))
    areas = [joined([_united(part)]) if len(part) > 1 else part[0] for part in parts]
    shifts = shifts or place_sheets([area.bounds for area in areas])
    sheets = tuple(
        Sheet(piece.name, piece.level, shift, moved(piece.area, shift), piece.link, area.bounds)
        for piece, area, shift in zip(own, areas, shifts, strict=True)
    )
    seams = chain.from_iterable(_seams(end, shifts) for end in ends)
    return sheets, tuple(seams), joined(moved(area, shift) for area, shift in zip(areas, shifts, strict=True))


@dataclasses.dataclass(frozen=True, slots=True)
class _Piece:
    """What a sheet is made of, in the plan; named as in `Sheet`."""

    name: str
    level: int
    area: Area
    link: Link | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _End:
    """One end of a way between levels, in the plan.

    Attributes
    ----------
    sheet : index of the link's sheet that ends here.
    line : across it; the floor lies to its left.
    of_link, of_floor : the parts of both near the line, with the sill between them.
    """

    link: Link
    sheet: int
    level: int
    at_foot: bool
    line: LineString
    of_link: Area
    of_floor: Area


def _ends(link: Link, floors: Sequence[Area], levels: Sequence[str], sheet: int) -> list[_End]:
    """Return the lower and the upper end of a link whose first sheet has this index."""
    lines = (link.foot, link.foot if link.is_lift else link.head)
    level = [levels.index(name) for name in (link.lower, link.upper)]
    beyond = [_near(line, floors[k]) for line, k in zip(lines, level, strict=True)]
    crowded = not link.is_lift and shapely.intersection(*beyond).area > OVERLAP_M2
    if crowded or any(shapely.intersection(part, link.area).area > OVERLAP_M2 for part in beyond):
        # They go round the link, or to its other end: on its sheet there is room for what is straight ahead only.
        ahead = [
            shapely.intersection(_beside(line, 0.0, STUB_M), floors[k]) for line, k in zip(lines, level, strict=True)
        ]
        beyond = [_near(line, part) for line, part in zip(lines, ahead, strict=True)]
    ends = []
    for k, line in enumerate(lines):
        sill = _beside(line, -SILL_M, SILL_M)
        of_link, of_floor = (shapely.union(part, sill) for part in (_near(line.reverse(), link.area), beyond[k]))
        own = sheet + k if link.is_lift else sheet
        ends.append(_End(link, own, level[k], k == 0, line, of_link, of_floor))
    return ends


def _seams(end: _End, shifts: Sequence[Shift]) -> list[Seam]:
    """Return the seams at an end: onto the link, and off it."""
    floor, own = shifts[end.level], shifts[end.sheet]
    onto = (own[0] - floor[0], own[1] - floor[1])
    off = (-onto[0], -onto[1])
    there, here = moved(end.line.reverse(), floor), moved(end.line, own)
    return [
        Seam(there, moved(end.of_link, floor), end.level, end.sheet, onto, end.link, onto=True, up=end.at_foot),
        Seam(here, moved(end.of_floor, own), end.sheet, end.level, off, end.link, onto=False, up=not end.at_foot),
    ]


def _near(line: LineString, area: Area) -> Area:
    """Return the parts of an area that begin at a line, to its left, within `STUB_M`."""
    (x0, y0), (x1, y1) = line.coords
    dx, dy = (x1 - x0) / line.length * STUB_M, (y1 - y0) / line.length * STUB_M
    longer = LineString([(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)])
    beyond = shapely.intersection(_beside(longer, 0.0, STUB_M), shapely.buffer(line, STUB_M))
    found = shapely.intersection(area, beyond)
    parts = [p for p in shapely.get_parts(found) if isinstance(p, Polygon) and p.distance(line) <= SILL_M]
    return MultiPolygon(parts)


def _beside(line: LineString, right_m: float, left_m: float) -> Polygon:
    """Return the rectangle along a straight line from `right_m` to `left_m`, left of its direction positive."""
    (x0, y0), (x1, y1) = line.coords
    nx, ny = -(y1 - y0) / line.length, (x1 - x0) / line.length
    return Polygon(
        [
            (x0 + right_m * nx, y0 + right_m * ny),
            (x1 + right_m * nx, y1 + right_m * ny),
            (x1 + left_m * nx, y1 + left_m * ny),
            (x0 + left_m * nx, y0 + left_m * ny),
        ]
    )


def _united(parts: Sequence[Area]) -> Area:
    """Return parts as one area, without corners in straight walls: models add up what wall segments do."""
    united: Area = shapely.simplify(shapely.set_precision(shapely.union_all(list(parts)), STRAIGHT_M), STRAIGHT_M)
    return united


def _cut(area: Area, others: Sequence[Area]) -> Area:
    """Return an area without what is on or right beside others: walls stay between neighbours."""
    touching = [other for other in others if shapely.intersects(other, area)]
    return shapely.difference(area, shapely.buffer(shapely.union_all(touching), SIDE_M)) if touching else area
