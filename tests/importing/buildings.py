"""Made-up building models for tests: storeys, rooms, walls with doors, stairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.feature
import ifcopenshell.api.geometry
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.spatial
import ifcopenshell.api.unit
import numpy as np

Points = list[tuple[float, float]]


class Building:
    """A model to be; coordinates in its unit."""

    def __init__(self, schema: str = "IFC4", prefix: str | None = None, units: bool = True) -> None:
        self.model = ifcopenshell.file(schema=schema)
        if schema == "IFC2X3":  # where everything has an owner
            person, firm = (
                self.model.createIfcPerson(FamilyName="Nobody"),
                self.model.createIfcOrganization(Name="None"),
            )
            self.model.createIfcPersonAndOrganization(person, firm)
            self.model.createIfcApplication(firm, "1", "Test", "test")
        self.project = self.add("IfcProject", "Project")
        if units:
            unit = ifcopenshell.api.unit.add_si_unit(self.model, unit_type="LENGTHUNIT", prefix=prefix)
            ifcopenshell.api.unit.assign_unit(self.model, units=[unit])
        model = ifcopenshell.api.context.add_context(self.model, context_type="Model")
        self.body = ifcopenshell.api.context.add_context(
            self.model, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
        )
        self.building = self.add("IfcBuilding", "Building")
        ifcopenshell.api.aggregate.assign_object(self.model, products=[self.building], relating_object=self.project)

    def add(self, kind: str, name: str | None = None) -> Any:
        return ifcopenshell.api.root.create_entity(self.model, ifc_class=kind, name=name)

    def place(self, entity: Any, x: float = 0.0, y: float = 0.0, z: float = 0.0, turned: float = 0.0) -> None:
        """Put an entity somewhere, turned about z [radian]."""
        matrix = np.eye(4)
        matrix[:2, :2] = [[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]]
        matrix[:3, 3] = [x, y, z]
        ifcopenshell.api.geometry.edit_object_placement(self.model, product=entity, matrix=matrix, is_si=False)

    def storey(self, name: str, elevation: float | None, z: float | None = None) -> Any:
        storey = self.add("IfcBuildingStorey", name)
        storey.Elevation = elevation
        self.place(storey, z=elevation or 0.0 if z is None else z)
        ifcopenshell.api.aggregate.assign_object(self.model, products=[storey], relating_object=self.building)
        return storey

    def solid(self, entity: Any, outline: Points, height: float, at: tuple[float, float, float]) -> Any:
        """Give an entity the shape of a prism over an outline."""
        ring = [*outline, outline[0]]
        points = [self.model.createIfcCartesianPoint(tuple(map(float, point))) for point in ring]
        profile = self.model.createIfcArbitraryClosedProfileDef("AREA", None, self.model.createIfcPolyline(points))
        up = self.model.createIfcDirection((0.0, 0.0, 1.0))
        origin = self.model.createIfcAxis2Placement3D(self.model.createIfcCartesianPoint((0.0, 0.0, 0.0)))
        body = self.model.createIfcExtrudedAreaSolid(profile, origin, up, float(height))
        shape = self.model.createIfcShapeRepresentation(self.body, "Body", "SweptSolid", [body])
        entity.Representation = self.model.createIfcProductDefinitionShape(None, None, [shape])
        self.place(entity, *at)
        return entity

    def box(self, entity: Any, low: tuple[float, float, float], high: tuple[float, float, float]) -> Any:
        """Give an entity the shape of a box between two corners."""
        across, deep, tall = (b - a for a, b in zip(low, high, strict=True))
        return self.solid(entity, [(0, 0), (across, 0), (across, deep), (0, deep)], tall, low)

    def room(self, storey: Any, name: str, low: tuple[float, float, float], high: tuple[float, float, float]) -> Any:
        room = self.box(self.add("IfcSpace", name), low, high)
        ifcopenshell.api.aggregate.assign_object(self.model, products=[room], relating_object=storey)
        return room

    def put(
        self, storey: Any, kind: str, name: str, low: tuple[float, float, float], high: tuple[float, float, float]
    ) -> Any:
        """Add a box of a class to a storey."""
        entity = self.box(self.add(kind, name), low, high)
        ifcopenshell.api.spatial.assign_container(self.model, products=[entity], relating_structure=storey)
        return entity

    def opening(self, wall: Any, low: tuple[float, float, float], high: tuple[float, float, float]) -> Any:
        opening = self.box(self.add("IfcOpeningElement", "Opening"), low, high)
        ifcopenshell.api.feature.add_feature(self.model, feature=opening, element=wall)
        return opening

    def door(
        self, storey: Any, wall: Any, name: str, low: tuple[float, float, float], high: tuple[float, float, float],
        external: bool | None = None,
    ) -> Any:  # fmt: skip
        """Cut an opening and put a door into it."""
        opening = self.opening(wall, low, high)
        door = self.put(storey, "IfcDoor", name, low, high)
        ifcopenshell.api.feature.add_filling(self.model, opening=opening, element=door)
        if external is not None:
            pset = ifcopenshell.api.pset.add_pset(self.model, product=door, name="Pset_DoorCommon")
            ifcopenshell.api.pset.edit_pset(self.model, pset=pset, properties={"IsExternal": external})
        return door

    def stair(
        self, storey: Any, name: str, foot: tuple[float, float, float], steps: int, riser: float, tread: float,
        width: float,
    ) -> Any:  # fmt: skip
        """Add a straight flight of solid steps that rises along x; the last step is one riser below the floor above."""
        x, y, z = foot
        side: Points = [(0.0, 0.0)]
        for k in range(steps):
            side += [(k * tread, (k + 1) * riser), ((k + 1) * tread, (k + 1) * riser)]
        side.append((steps * tread, 0.0))
        flight = self.solid(self.add("IfcStairFlight", name), side, width, (0, 0, 0))
        matrix = np.array([[1, 0, 0, x], [0, 0, -1, y + width], [0, 1, 0, z], [0, 0, 0, 1]], dtype=float)
        ifcopenshell.api.geometry.edit_object_placement(self.model, product=flight, matrix=matrix, is_si=False)
        stair = self.add("IfcStair", name)
        ifcopenshell.api.aggregate.assign_object(self.model, products=[flight], relating_object=stair)
        ifcopenshell.api.spatial.assign_container(self.model, products=[stair], relating_structure=storey)
        return stair

    def write(self, folder: Path, name: str = "model.ifc") -> Path:
        path = folder / name
        self.model.write(str(path))
        return path


def two_storeys(schema: str = "IFC4", scale: float = 1.0, prefix: str | None = None) -> Building:
    """Return two rooms with a wall and a door between, an outer door, a table, and a stair to a room above.

    Lengths are in metres times `scale`.
    """
    made = Building(schema, prefix)

    def scaled(*point: float) -> Any:
        return tuple(value * scale for value in point)

    ground, upper = made.storey("Ground floor", 0.0), made.storey("1. OG", 3.0 * scale)
    made.room(ground, "Hall", scaled(10, 20, 0), scaled(20, 30, 2.7))
    made.room(ground, "Office", scaled(20.2, 20, 0), scaled(26, 30, 2.7))
    made.room(upper, "Gallery", scaled(10, 20, 3), scaled(20, 30, 5.7))
    inner = made.put(ground, "IfcWall", "Inner", scaled(20, 20, 0), scaled(20.2, 30, 2.7))
    outer = made.put(ground, "IfcWall", "Outer", scaled(9.7, 20, 0), scaled(10, 30, 2.7))
    made.door(ground, inner, "Office door", scaled(20, 24, 0), scaled(20.2, 25, 2.1))
    made.door(ground, outer, "Main entrance", scaled(9.7, 24, 0), scaled(10, 26, 2.1), external=True)
    made.put(
        ground,
        "IfcFurniture" if schema == "IFC4" else "IfcFurnishingElement",
        "Table",
        scaled(22, 22, 0.7),
        scaled(24, 23, 0.75),
    )
    made.stair(ground, "Stair", scaled(12, 21, 0), 14, 0.2 * scale, 0.28 * scale, 1.2 * scale)
    return made
