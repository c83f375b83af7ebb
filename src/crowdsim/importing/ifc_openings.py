"""Ways through a building model: doors and openings in walls, stairs from storey to storey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import shapely
from shapely import LineString, Point

from crowdsim.importing.drawing import Shape
from crowdsim.importing.ifc_meshes import Mesh, climb, oblong

BESIDE_M = 0.3
"""So far beyond the faces of a wall the room on that side is looked for: past skirtings and gaps (our choice)."""

OVERLAP_M = 0.05
"""Doors reach so far into the rooms beside them, which are modelled up to the plaster, or short of it (our choice)."""

LOWEST_M, LEAST_HEIGHT_M = 0.3, 1.8
"""Openings that begin higher above the floor, or are lower, are no ways (our choice)."""

NARROWEST_M = 0.5
"""Openings that are narrower are no ways."""

STOREY_M = 0.6
"""A flight ends on a storey if it ends this near to its elevation: floors are laid on slabs (our choice)."""


def doors_of(
    entities: Iterable[Any],
    meshes: Mapping[int, Mesh],
    ground: Any,
    level: str,
    elevation_m: float,
    left: Counter[tuple[str, str]],
) -> Iterator[Shape]:
    """Yield doors and openings as lines across them, those with rooms on one side only as exits.

    Parameters
    ----------
    ground : the rooms of the storey.
    """
    seen: set[int] = set()
    for entity in entities:
        if entity.is_a("IfcDoor"):
            voids = [relation.RelatingOpeningElement for relation in entity.FillsVoids]
            hole = next((void for void in voids if void.id() in meshes), entity)
            seen.add(hole.id())
            yield from _door(hole, "IfcDoor", entity.Name or "", meshes, ground, level, left)
    for entity in entities:
        for relation in getattr(entity, "HasOpenings", ()) or ():
            hole = relation.RelatedOpeningElement
            if hole.id() in seen or hole.id() not in meshes or hole.HasFillings:
                continue
            seen.add(hole.id())
            mesh = meshes[hole.id()]
            is_way = mesh.low_m < elevation_m + LOWEST_M and mesh.high_m > elevation_m + LEAST_HEIGHT_M
            if is_way:
                yield from _door(hole, "opening", "", meshes, ground, level, left)


def _door(
    hole: Any,
    layer: str,
    name: str,
    meshes: Mapping[int, Mesh],
    ground: Any,
    level: str,
    left: Counter[tuple[str, str]],
) -> Iterator[Shape]:
    """Yield the line across an opening, through the middle of its wall."""
    around = oblong(meshes[hole.id()].footprint()) if hole.id() in meshes else None
    where = f"{hole.is_a()} #{hole.id()}"
    if around is None or around.length_m < NARROWEST_M:
        left[f"{layer} elements", f"no opening at least {NARROWEST_M:g} m wide"] += 1
        return
    half = around.length_m / 2 * around.along
    beyond = (around.width_m / 2 + BESIDE_M) * around.across
    rooms = [ground.intersects(Point(*(around.centre + side * beyond))) for side in (1, -1)]
    if all(rooms):
        line = LineString([around.centre - half, around.centre + half])
        yield Shape(line, layer, where, name, level, settings={"depth_m": around.width_m + 2 * OVERLAP_M})
    elif any(rooms):
        inner = (1 if rooms[0] else -1) * (around.width_m / 2 + OVERLAP_M) * around.across
        line = LineString([around.centre + inner - half, around.centre + inner + half])
        if ground.intersects(line):
            yield Shape(line, "way out", where, name, level)
        else:
            left[f"{layer} elements", "the room beside them does not reach to them"] += 1
    else:
        left[f"{layer} elements", "no room on either side"] += 1


def stairs_of(
    model: Any, meshes: Mapping[int, Mesh], elevations_m: Mapping[str, float], left: Counter[tuple[str, str]]
) -> Iterator[Shape]:
    """Yield stairs whose flights lead from one storey to another, as lines from the lower end to the upper."""
    from ifcopenshell.util.element import get_parts  # noqa: PLC0415
    from ifcopenshell.util.unit import calculate_unit_scale  # noqa: PLC0415

    scale = calculate_unit_scale(model)
    for stair in model.by_type("IfcStair"):
        flights = [part for part in get_parts(stair) if part.is_a("IfcStairFlight") and part.id() in meshes]
        flights = flights or [stair]
        if any(flight.id() not in meshes for flight in flights):
            left["IfcStair elements", "they have no geometry"] += 1
            continue
        bodies = sorted((meshes[flight.id()] for flight in flights), key=lambda mesh: mesh.low_m)
        climbs = [climb(mesh) for mesh in bodies]
        if any(way is None for way in climbs):
            left["IfcStair elements", "they are not straight: add them as lines with corners"] += 1
            continue
        low, high = (
            [name for name, elevation in elevations_m.items() if abs(elevation - end) < STOREY_M]
            for end in (bodies[0].low_m, bodies[-1].high_m)
        )
        if not low or not high or low[0] == high[0]:
            left["IfcStair elements", "they do not lead from one storey with rooms to another"] += 1
            continue
        points = [point for way in climbs if way for point in way[:2]]
        width = min(way[2] for way in climbs if way)
        settings: dict[str, float | str | bool] = {"to_level": high[0], "width_m": width}
        for flight in flights:
            riser, tread = getattr(flight, "RiserHeight", None), getattr(flight, "TreadLength", None)
            if riser and tread:
                settings |= {"riser_m": riser * scale, "tread_m": tread * scale}
        line = shapely.remove_repeated_points(LineString(points), OVERLAP_M)
        yield Shape(line, "IfcStair", f"IfcStair #{stair.id()}", stair.Name or "", low[0], settings=settings)
