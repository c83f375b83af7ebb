"""Building models in IFC: rooms as floor, storeys as levels, doors through walls, stairs from storey to storey."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Frame, Progress, Reading, Shape
from crowdsim.importing.ifc_doors import NARROWEST_M, opening_of, way_through
from crowdsim.importing.ifc_meshes import Meshes
from crowdsim.importing.ifc_open import ALLOWED, Storey, open_model, parents, storeys_of, unit_of
from crowdsim.importing.ifc_shapes import GRID_M, IN_THE_WAY_M, NO_AREA, Floats, footprint, obstacle, top
from crowdsim.importing.ifc_stairs import ways
from crowdsim.importing.start import standing_part

OBSTACLES = (
    "IfcWall",
    "IfcColumn",
    "IfcFurnishingElement",
    "IfcWindow",
    "IfcCurtainWall",
    "IfcPlate",
    "IfcMember",
    "IfcRailing",
    "IfcBuildingElementProxy",
)
"""Classes that can stand in people's way; each is a layer."""

FLOORS = ("FLOOR", "BASESLAB", "LANDING")
"""Types of slabs that people walk on, where the model has no rooms."""

LIFTS = (
    "IfcTransportElement",
    "lifts and escalators have to be drawn: what they carry and how fast is not in the file",
)

EXIT = "IfcDoor to the outside"

ROOMS = "IfcSpace with a name"

KINDS = {
    "IfcSpace": "walkable",
    ROOMS: "zone",
    "IfcSlab": "walkable",
    **dict.fromkeys(OBSTACLES, "obstacle"),
    "IfcDoor": "door",
    "IfcOpeningElement": "door",
    EXIT: "exit",
    "IfcStair": "stair",
    "IfcRamp": "ramp",
}
"""Layers, and the kind of venue feature that each is."""

SMALLEST_M2 = 0.01
"""Less of an obstacle on the floor does not count."""

SILL_M, HEAD_M = 0.3, 1.8
"""Openings without a door are ways through if they begin below the first and end above the second, from the floor: as
high as people step, and what most can walk through upright (our choice)."""


def read_ifc(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read a building model, in metres from its south-west corner.

    Raises
    ------
    ScenarioError
        If the file cannot be read, has no unit of length, no storeys, or neither rooms nor floors with a shape.
    MissingExtraError
        Without ifcopenshell.
    """
    model = open_model(path)
    unit_m, factor, words = unit_of(model, reading.unit_m, str(path))
    storeys = storeys_of(model, unit_m, str(path))
    with Meshes(path) as meshes:
        plan = _Plan(model, storeys, meshes, factor, progress)
        shapes = plan.shapes()
    if reading.box:
        edge = shapely.box(*(value * unit_m for value in reading.box))
        shapes = [shape for shape in shapes if shape.geometry.intersects(edge)]
    grounds = [shape.geometry for shape in shapes if KINDS[shape.layer] == "walkable"]
    if not grounds:
        what = "room (IfcSpace) or floor (IfcSlab) with a shape"
        found = f"no {what}{' in the box' if reading.box else ''}"
        why = "; ".join(f"{count} {name}: {why}" for (name, why), count in plan.left.items() if count and name in KINDS)
        raise ScenarioError([Problem(str(path), "", found + (f" ({why})" if why else ""), f"{ALLOWED}, with rooms")])
    west, south, *_ = shapely.total_bounds(grounds)
    corner = np.floor([west, south])
    moved = shapely.transform(np.array([shape.geometry for shape in shapes], dtype=object), lambda xy: xy - corner)
    shapes = [dataclasses.replace(shape, geometry=new) for shape, new in zip(shapes, moved, strict=True)]
    x, y = corner / unit_m
    words = f"{words}; 0, 0 is {x:.12g}, {y:.12g} in the file{_north(model)}"
    levels = {shape.level for shape in shapes}
    elevations = {storey.level: round(storey.elevation_m, 3) for storey in storeys if storey.level in levels}
    dropped = tuple(Dropped(count, what, why) for (what, why), count in sorted(plan.left.items()) if count)
    frame = Frame(unit_m, float(x), float(y))
    return Drawing(tuple(shapes), words, KINDS, dropped, frame=frame, elevations_m=elevations)


class _Plan:
    """A model's plans, storey by storey, in the world's coordinates [m].

    Attributes
    ----------
    left : what was left out, and why.
    """

    def __init__(
        self, model: Any, storeys: Sequence[Storey], meshes: Meshes, factor: float, progress: Progress
    ) -> None:
        self.left: Counter[tuple[str, str]] = Counter()
        self._model = model
        self._storeys = storeys
        self._by_number = {storey.number: storey for storey in storeys}
        self._meshes = meshes
        self._factor = factor
        self._progress = progress
        self._done = 0
        self._total = 0
        self._floors: dict[str, Any] = {}

    def shapes(self) -> list[Shape]:
        """Return everything that is taken."""
        rooms = [room for room in self._model.by_type("IfcSpace") if not self._is_gross(room)]
        slabs = [slab for slab in self._model.by_type("IfcSlab") if (slab.PredefinedType or "FLOOR") in FLOORS]
        things = [(layer, entity) for layer in OBSTACLES for entity in self._model.by_type(layer)]
        doors = [*self._model.by_type("IfcDoor"), *self._gaps()]
        self._total = len(rooms or slabs) + len(things) + len(doors)
        grounds = list(self._grounds(rooms, "IfcSpace"))
        if not grounds:
            self._total += len(slabs)
            grounds = list(self._grounds(slabs, "IfcSlab"))
        for level in {ground.level for ground in grounds}:
            mine = [ground.geometry for ground in grounds if ground.level == level]
            self._floors[level] = shapely.union_all(mine, grid_size=GRID_M)
        obstacles = list(self._obstacles(things))
        for level in self._floors:
            mine = [shape.geometry for shape in obstacles if shape.level == level]
            taken = shapely.union_all(mine, grid_size=GRID_M)
            self._floors[level] = shapely.difference(self._floors[level], taken, grid_size=GRID_M)
        openings = [shape for entity in doors for shape in self._door(entity)]
        links, left = ways(list(self._rises()), self._storeys, self._floors)
        self.left.update(left)
        self._count_others(bool(rooms))
        zones = list(self._zones(grounds, links))
        floors = [  # the name is the zone's
            dataclasses.replace(ground, name=f"{ground.name} floor")
            if ground.layer == "IfcSpace" and ground.name
            else ground
            for ground in grounds
        ]
        return [*floors, *zones, *obstacles, *openings, *links]

    def _is_gross(self, room: Any) -> bool:
        gross = getattr(room, "PredefinedType", None) == "GFA"
        self.left["IfcSpace", "gross floor areas are no rooms"] += gross
        return gross

    def _gaps(self) -> list[Any]:
        """Return openings in walls that nothing fills."""
        return [
            entity
            for entity in self._model.by_type("IfcOpeningElement")
            if not entity.HasFillings
            and entity.VoidsElements
            and entity.VoidsElements[0].RelatingBuildingElement.is_a("IfcWall")
        ]

    def _grounds(self, entities: Sequence[Any], layer: str) -> Iterator[Shape]:
        for entity in entities:
            corners = self._triangles(entity, layer)
            if corners is None:
                continue
            storey = self._storey(entity, corners)
            area = footprint(corners) if layer == "IfcSpace" else top(corners)
            name = " ".join(part for part in (entity.Name, getattr(entity, "LongName", None)) if part)
            parts = [part for part in shapely.get_parts(area) if part.area >= SMALLEST_M2]
            yield from (Shape(part, layer, f"#{entity.id()}", name, storey.level) for part in parts)
            self.left[layer, "they have no area in the plan"] += not parts

    def _zones(self, grounds: Sequence[Shape], links: Sequence[Shape]) -> Iterator[Shape]:
        """Yield rooms with a name that people can stand in as zones."""
        for level, floor in self._floors.items():
            bands = [
                shapely.buffer(link.geometry, float(link.settings["width_m"]) / 2)
                for link in links
                if level in (link.level, link.settings["to_level"])
            ]
            free = shapely.difference(floor, shapely.union_all(bands))
            for room in grounds:
                if room.layer == "IfcSpace" and room.level == level and room.name:
                    area = standing_part(shapely.intersection(room.geometry, free))
                    if area is not None:
                        yield dataclasses.replace(room, layer=ROOMS, geometry=area)
                    self.left[ROOMS, "no room to stand in beside what is in it"] += area is None

    def _obstacles(self, things: Sequence[tuple[str, Any]]) -> Iterator[Shape]:
        low, high = IN_THE_WAY_M
        for layer, entity in things:
            corners = self._triangles(entity, layer, silent=entity.is_a("IfcCurtainWall"))
            if corners is None:
                continue
            bottom, height = corners[:, :, 2].min(), corners[:, :, 2].max()
            taken = 0
            for storey in self._storeys:
                floor = self._floors.get(storey.level)
                if floor is None or bottom > storey.floor_m + high or height < storey.floor_m + low:
                    continue
                for part in shapely.get_parts(obstacle(corners, storey.floor_m)):
                    if shapely.intersection(part, floor).area >= SMALLEST_M2:
                        taken += 1
                        yield Shape(part, layer, f"#{entity.id()}", entity.Name or "", storey.level)
            self.left[layer, "they are not on the floor at the height of a body"] += not taken

    def _door(self, entity: Any) -> Iterator[Shape]:
        """Yield a door's way through its wall, or the exit that it is."""
        layer = "IfcDoor" if entity.is_a("IfcDoor") else "IfcOpeningElement"
        fills = entity.FillsVoids[0].RelatingOpeningElement if layer == "IfcDoor" and entity.FillsVoids else None
        corners = self._triangles(fills, layer, silent=True) if fills else None
        if corners is None:
            corners = self._triangles(entity, layer)
        else:
            self._tick()
        if corners is None:
            return
        stated = getattr(entity, "OverallWidth", None)
        width = float(stated) * self._unit_m() if stated else None
        storey = self._storey(entity, corners)
        low, high = (value - storey.floor_m for value in (corners[:, :, 2].min(), corners[:, :, 2].max()))
        if layer == "IfcOpeningElement" and not (low < SILL_M and high > HEAD_M):
            self.left[layer, "they are not for walking through"] += 1
            return
        along = self._direction(entity)  # by the standard that of the width; some have it across
        openings = [opening_of(corners, axis, width) for axis in (along, along[::-1] * [-1, 1])]
        wide = [opening for opening in openings if opening.line.length >= NARROWEST_M]
        floor = self._floors.get(storey.level, NO_AREA)
        found = next((way for opening in wide if (way := way_through(opening, floor))), None)
        if found is None:
            why = "no room on either side" if wide else f"they are narrower than {NARROWEST_M:g} m"
            self.left[layer, why] += 1
            return
        line, depth = found
        where, name = f"#{entity.id()}", entity.Name or ""
        if depth is not None:
            yield Shape(line, layer, where, name, storey.level, settings={"depth_m": round(depth, 3)})
        elif layer == "IfcDoor" and self._is_outer(entity) is not False:
            yield Shape(line, EXIT, where, name, storey.level)
        else:
            self.left[layer, "a room on one side only, and not said to be external"] += 1

    def _rises(self) -> Iterator[tuple[Any, str, Floats]]:
        """Yield stairs and ramps with the triangles of their flights and landings."""
        for layer in ("IfcStair", "IfcRamp"):
            flights = f"{layer}Flight"
            whole = self._model.by_type(layer)
            held = {part.id() for entity in whole for part in self._parts(entity)}
            lone = [flight for flight in self._model.by_type(flights) if flight.id() not in held]
            for entity in (*whole, *lone):
                parts = [part for part in self._parts(entity) if part.is_a(flights) or part.is_a("IfcSlab")]
                found = [self._triangles(part, layer, silent=True) for part in parts or [entity]]
                corners = [part for part in found if part is not None]
                if corners:
                    yield entity, layer, np.concatenate(corners)
                else:
                    self.left[layer, "they have no shape"] += 1

    def _parts(self, entity: Any) -> list[Any]:
        return [part for relation in entity.IsDecomposedBy or () for part in relation.RelatedObjects]

    def _count_others(self, has_rooms: bool) -> None:
        """Count, by class, what is looked at nowhere."""
        parts = (
            "IfcStairFlight",
            "IfcRampFlight",
            "IfcSpatialStructureElement",
            "IfcSpatialElement",
            "IfcOpeningElement",
        )
        known = ("IfcSpace", "IfcDoor", "IfcStair", "IfcRamp", *OBSTACLES, *parts)
        for entity in self._model.by_type("IfcElement"):
            if any(_is(entity, name) for name in known):
                continue
            if _is(entity, LIFTS[0]):
                self.left[LIFTS] += 1
            elif entity.is_a("IfcSlab"):
                self.left["IfcSlab", "the rooms are the floor"] += has_rooms
            else:
                self.left[entity.is_a(), "they are no rooms, walls, furniture, doors or stairs"] += 1

    def _triangles(self, entity: Any, layer: str, *, silent: bool = False) -> Floats | None:
        if not silent:
            self._tick()
        if not entity.Representation:
            self.left[layer, "they have no shape"] += not silent
            return None
        found = self._meshes.of(entity.id())
        if isinstance(found, str):
            self.left[layer, found] += not silent
            return None
        return found * self._factor

    def _tick(self) -> None:
        self._done += 1
        self._progress(min(self._done, self._total), self._total)

    def _storey(self, entity: Any, corners: Floats) -> Storey:
        """Return the storey that an element belongs to: as the file says, else by its height."""
        for parent in parents(entity):
            if parent.id() in self._by_number:
                return self._by_number[parent.id()]
        bottom = corners[:, :, 2].min() + SILL_M
        below = [storey for storey in self._storeys if storey.floor_m <= bottom]
        return below[-1] if below else self._storeys[0]

    def _direction(self, entity: Any) -> Floats:
        """Return the direction of an element's first axis in the plan."""
        from ifcopenshell.util.placement import get_local_placement  # noqa: PLC0415

        axis = get_local_placement(entity.ObjectPlacement)[:2, 0] if entity.ObjectPlacement else np.array([1.0, 0.0])
        return np.asarray(axis, dtype=float)

    def _unit_m(self) -> float:
        from ifcopenshell.util.unit import calculate_unit_scale  # noqa: PLC0415

        return float(calculate_unit_scale(self._model)) * self._factor

    def _is_outer(self, door: Any) -> bool | None:
        """Return whether a door leads outside; None if the model does not say."""
        from ifcopenshell.util.element import get_pset  # noqa: PLC0415

        value = get_pset(door, "Pset_DoorCommon", "IsExternal")
        return value if isinstance(value, bool) else None


def _is(entity: Any, name: str) -> bool:
    """Return whether an entity is of a class, which not every schema has."""
    try:
        return bool(entity.is_a(name))
    except RuntimeError:
        return False


def _north(model: Any) -> str:
    """Return how far true north is off the plan's, in words, if the file says so."""
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        ratios = context.TrueNorth.DirectionRatios if context.TrueNorth else None
        if ratios and abs(ratios[0]) > GRID_M:
            return f"; true north is {math.degrees(math.atan2(ratios[0], ratios[1])):.1f} degrees clockwise of y"
    return ""
