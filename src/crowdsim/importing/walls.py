"""Plans that are walls only: the floor is what they enclose around a point that is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.closing import GRID_M, Joined, join, told_bridges
from crowdsim.importing.drawing import Drawing, Dropped, Frame, Shape
from crowdsim.importing.mapping import WALL

WALL_M = 0.1
"""Thickness that walls drawn as one line get where people can be on both sides: a light partition (our choice)."""

THICKEST_M = 0.5
"""Areas between lines closer than this are the inside of a wall, or an opening in one (our choice)."""

THROUGH_M = 0.1
"""Walls drawn on through a door are cut where they are nearer to it: thresholds, and walls drawn as one line."""

BESIDE_M = 0.02
"""So far beside a door the area that it leads to is looked for: more than the grid, less than a wall is thick."""

TRIED_M = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""Gaps tried, to tell which would enclose a point: up to the width of a double door."""

SUGGESTED = 5
"""So many places are suggested, the largest areas first, or the widest openings."""

FLOOR, TO_OUTSIDE = "floor within the walls", "doors to the outside"
"""Layers of what is made of walls."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """One level's walls, and the doors and exits in them."""

    walls: tuple[Shape, ...]
    doors: tuple[Shape, ...]
    exits: tuple[Shape, ...]
    floors: tuple[Shape, ...]

    def lines(self) -> list[Any]:
        """Return all that bounds a floor, as lines."""
        solid = [part.geometry.boundary if isinstance(part.geometry, Polygon) else part.geometry for part in self.walls]
        straight = [door.geometry for door in (*self.doors, *self.exits) if isinstance(door.geometry, LineString)]
        return [line for line in (*solid, *straight) if not isinstance(line, Point)]


def enclose(
    drawing: Drawing, kinds: Mapping[str, str], inside: Sequence[tuple[float, float]], gap_m: float, file: str
) -> tuple[Drawing, dict[str, str]]:
    """Return a drawing whose walls became floors and obstacles, with the kinds of its layers.

    Around each place of `inside` the floor is what the walls, doors and exits enclose, and what lies behind its doors.
    Walls with floor on both sides become obstacles; so do all walls if the drawing has floors and no place is told.

    Parameters
    ----------
    inside : places in the file's coordinates.
    gap_m : gaps in walls up to this are closed [m].

    Raises
    ------
    ScenarioError
        If a place is not enclosed, or no place is told and there is no floor.
    """
    kinds = dict(kinds)
    if WALL not in kinds.values():
        if inside:
            found = f"{len(inside)} given, but no layer is of kind {WALL}"
            raise ScenarioError([Problem(file, "--inside", found, f"the walls: --layer 'LAYER={WALL}'")])
        return drawing, kinds
    made: list[Shape] = []
    moved: list[Shape] = []
    away: list[Shape] = []
    mended: list[str] = []
    problems: list[Problem] = []
    levels = dict.fromkeys(shape.level for shape in drawing.shapes if kinds[shape.layer] == WALL)
    for level in levels:
        plan = _plan(drawing, kinds, level)
        joined = join(plan.lines(), gap_m)
        places = [Point(drawing.frame.to_metres(x, y)) for x, y in inside]
        solids = _solids(plan.walls, places)
        if inside:
            faces = _Faces(joined.faces(), solids)
            outside = [place for place in places if faces.around(place) is None]
            problems += [_not_enclosed(place, plan, drawing.frame, gap_m, file) for place in outside]
            if not outside:
                floor, openings, to_outside = _floor(plan, faces, places)
                made += _enclosed(plan, floor, openings, level, kinds)
                moved += to_outside
                away += [door for door in (*plan.doors, *plan.exits) if floor.distance(door.geometry) > THROUGH_M]
                mended += told_bridges(joined, "walls")
        elif plan.floors:
            made += _standing(plan, joined, level, kinds)
        else:
            problems.append(_no_floor(joined, solids, drawing.frame, file))
    if problems:
        raise ScenarioError(problems)
    if moved:
        mended.append(f"{len(moved)} door{'s' if len(moved) > 1 else ''} to the outside made exits")
        kinds[TO_OUTSIDE] = "exit"
        made += [replace(door, layer=TO_OUTSIDE) for door in moved]
    gone = {id(door) for door in (*moved, *away)}
    rest = [shape for shape in drawing.shapes if kinds[shape.layer] != WALL and id(shape) not in gone]
    kinds = {layer: kind for layer, kind in kinds.items() if kind != WALL}
    left = (Dropped(len(away), "doors and exits", "they are not at the floor around the places told"),) if away else ()
    dropped, mends = (*drawing.dropped, *left), (*drawing.mended, *mended)
    return replace(drawing, shapes=(*rest, *made), dropped=dropped, mended=mends), kinds


@dataclass(frozen=True, slots=True)
class _Side:
    """What lies on a side of a door: the number of the area, None for the outside, and of the opening before it."""

    area: int | None
    opening: int | None = None


class _Faces:
    """The areas that lines enclose, but for those within solid walls."""

    def __init__(self, faces: Sequence[Polygon], solids: Any) -> None:
        self.areas = [face for face in faces if not shapely.contains(solids, face.representative_point())]
        self._tree = shapely.STRtree(self.areas)

    def around(self, place: Point) -> int | None:
        """Return the number of the area around a place; None if nothing encloses it."""
        found = self._tree.query(place, predicate="intersects")
        return int(found.min()) if len(found) else None

    def beside(self, door: LineString) -> tuple[_Side, _Side]:
        """Return the areas on the two sides of a door, seen from its middle."""
        (x0, y0), (x1, y1) = door.coords[0], door.coords[-1]
        across = np.array([-(y1 - y0), x1 - x0]) / max(float(np.hypot(x1 - x0, y1 - y0)), GRID_M)
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        left, right = (self._side(middle, side * across) for side in (1, -1))
        return left, right

    def _side(self, middle: Any, across: Any) -> _Side:
        """Return what lies on one side: the area next to the door, or behind the opening if that is closed off."""
        first = self.around(Point(*(middle + BESIDE_M * across)))
        if first is None or not is_narrow(self.areas[first]):
            return _Side(first)
        for far in np.arange(BESIDE_M, THICKEST_M + 2.0 * BESIDE_M, BESIDE_M):
            beyond = self.around(Point(*(middle + far * across)))
            if beyond != first:
                return _Side(beyond, first)
        return _Side(first)


def is_narrow(area: Polygon) -> bool:
    """Return whether an area is no wider than a wall is thick: between the lines of a wall, or an opening in it."""
    return bool(2.0 * area.area / area.length < THICKEST_M)


def _plan(drawing: Drawing, kinds: Mapping[str, str], level: str) -> _Plan:
    mine: dict[str, list[Shape]] = {kind: [] for kind in (WALL, "door", "exit", "walkable")}
    for shape in drawing.shapes:
        if shape.level == level and kinds[shape.layer] in mine:
            mine[kinds[shape.layer]].append(shape)
    return _Plan(*(tuple(shapes) for shapes in mine.values()))


def _solids(walls: Sequence[Shape], places: Sequence[Point]) -> Any:
    """Return what the file says is solid: its areas, but for those that are told to be floor (filled rooms)."""
    areas = [shape.geometry for shape in walls if isinstance(shape.geometry, Polygon)]
    told = [area for area in areas if not is_narrow(area) and any(area.contains(place) for place in places)]
    solids = shapely.union_all([area for area in areas if not any(area is floor for floor in told)])
    shapely.prepare(solids)
    return solids


def _floor(plan: _Plan, faces: _Faces, places: Sequence[Point]) -> tuple[Any, Any, list[Shape]]:
    """Return the area around places and behind its doors, the openings in it, and the doors that lead outside."""
    found = {number for place in places if (number := faces.around(place)) is not None}
    doors = [(shape, faces.beside(shape.geometry)) for shape in plan.doors if isinstance(shape.geometry, LineString)]
    openings: set[int] = set()
    passed: dict[int, Shape] = {}
    grown = True
    while grown:
        before = len(found)
        for shape, sides in doors:
            areas = {side.area for side in sides if side.area is not None}
            if len(areas) == len(sides) and areas & found:
                found |= areas
                openings |= {side.opening for side in sides if side.opening is not None}
                passed[id(shape)] = shape
        grown = len(found) > before
    outside = [
        shape for shape, sides in doors if {side.area for side in sides} & found and None in {s.area for s in sides}
    ]
    sills = [  # doors drawn a little beside the wall's line are on the floor, too
        door.geometry.buffer(BESIDE_M, cap_style="flat") for door in (*passed.values(), *outside)
    ]
    floors = [faces.areas[number] for number in sorted(found | openings)]
    floor = shapely.union_all([*floors, *sills], grid_size=GRID_M)
    return floor, shapely.union_all([faces.areas[number] for number in sorted(openings)]), outside


def _enclosed(plan: _Plan, floor: Any, openings: Any, level: str, kinds: dict[str, str]) -> list[Shape]:
    """Return a floor, and the walls that stand in it, but for those drawn through doors and openings."""
    kinds[FLOOR] = "walkable"
    made = [Shape(part, FLOOR, "the walls", level=level) for part in shapely.get_parts(floor)]
    lines = [shape.geometry for shape in plan.walls if isinstance(shape.geometry, LineString)]
    passed = [door.geometry.buffer(THROUGH_M, cap_style="flat") for door in (*plan.doors, *plan.exits)]
    ways = shapely.union_all([*passed, openings.buffer(2.0 * GRID_M)])
    inner = shapely.union_all(lines, grid_size=GRID_M).intersection(floor.buffer(-2.0 * GRID_M)).difference(ways)
    return made + _thin(inner, level, kinds)


def _standing(plan: _Plan, joined: Joined, level: str, kinds: dict[str, str]) -> list[Shape]:
    """Return walls as obstacles on floors that the drawing has: lines made as thick as a wall, double lines filled."""
    lines = shapely.union_all(
        [shape.geometry for shape in plan.walls if isinstance(shape.geometry, LineString)], grid_size=GRID_M
    )
    layer = plan.walls[0].layer
    bodies = [face for face in joined.faces() if is_narrow(face)]
    solid = [shape for shape in plan.walls if isinstance(shape.geometry, Polygon)]
    made = [Shape(body, f"{layer}: between two lines", "the walls", level=level) for body in bodies]
    made += [replace(shape, layer=f"{layer}: solid") for shape in solid]
    kinds |= {shape.layer: "obstacle" for shape in made}
    return made + _thin(lines, level, kinds)


def _thin(lines: Any, level: str, kinds: dict[str, str]) -> list[Shape]:
    """Return obstacles along lines."""
    layer = f"walls drawn as one line, made {WALL_M:g} m thick"
    merged = shapely.line_merge(lines) if lines.geom_type == "MultiLineString" else lines
    parts = [part for part in shapely.get_parts(merged) if isinstance(part, LineString) and part.length > WALL_M / 2]
    made = []
    for part in parts:
        body = part.buffer(WALL_M / 2, cap_style="square", join_style="mitre")
        made += [Shape(piece, layer, "the walls", level=level) for piece in shapely.get_parts(body)]
    if made:
        kinds[layer] = "obstacle"
    return made


def _not_enclosed(place: Point, plan: _Plan, frame: Frame, gap_m: float, file: str) -> Problem:
    """Return the problem of a place that no walls enclose, with the openings that would have to be closed."""
    where = "--inside {:g},{:g}".format(*frame.to_file(place.x, place.y))
    for tried in TRIED_M:
        if tried <= gap_m:
            continue
        joined = join(plan.lines(), tried)
        if _Faces(joined.faces(), _solids(plan.walls, [place])).around(place) is None:
            continue
        wide = sorted((line for line in joined.bridges if line.length > gap_m), key=lambda line: -line.length)
        told = ", ".join(_at(line.centroid, frame, f"{line.length:.2f} m") for line in wide[:SUGGESTED])
        found = f"walls with openings around it, the widest: {told}"
        return Problem(file, where, found, f"--gap {tried:g}, or exit and door lines drawn across the openings")
    found = f"no walls around it, even with gaps of {TRIED_M[-1]:g} m closed"
    return Problem(file, where, found, "a place within the walls, and walls or exit lines all around it")


def _no_floor(joined: Joined, solids: Any, frame: Frame, file: str) -> Problem:
    """Return the problem of walls without a floor, with places that could be meant."""
    areas = sorted(_Faces(joined.faces(), solids).areas, key=lambda face: -face.area)
    rooms = [face for face in areas if not is_narrow(face)][:SUGGESTED]
    told = ", ".join(
        _at(face.representative_point(), frame, f"{face.area:,.0f} m2 around --inside", comma=True) for face in rooms
    )
    allowed = f"a layer of kind walkable, or a place that the walls enclose{': ' + told if told else ', --inside X,Y'}"
    found = "walls and no walkable area" + ("" if rooms else "; the walls enclose nothing: see --gap")
    return Problem(file, "", found, allowed)


def _at(point: Point, frame: Frame, what: str, *, comma: bool = False) -> str:
    x, y = frame.to_file(point.x, point.y)
    return f"{what} {x:.6g},{y:.6g}" if comma else f"{what} at {x:.6g}, {y:.6g}"
