"""Building models: the storeys of an IFC file, with rooms, walls, doors and stairs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from crowdsim.errors import MissingExtraError, Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Frame, Progress, Reading, Shape
from crowdsim.importing.ifc_meshes import Mesh
from crowdsim.importing.ifc_openings import doors_of, stairs_of
from crowdsim.importing.opened import check_readable
from crowdsim.importing.units import check_size

ALLOWED = "a building model in IFC's STEP format (.ifc), schema IFC2X3 or IFC4"

CUT_M = 1.0
"""Walls are cut at this height above the floor, as floor plans are drawn (usual)."""

KINDS = {
    "IfcSpace": "walkable",
    "IfcSlab": "walkable",
    "IfcWall": "obstacle",
    "IfcColumn": "obstacle",
    "IfcDoor": "door",
    "opening": "door",
    "way out": "exit",
    "IfcStair": "stair",
}
"""Layers by what an element is, and the kind of feature that each becomes."""

SOLID = ("IfcWall", "IfcColumn", "IfcCurtainWall", "IfcMember", "IfcBuildingElementProxy")
"""Elements that people walk round, where they are cut."""

LEFT = {
    "IfcFurnishingElement": "furniture can be moved: add what stays as obstacles",
    "IfcTransportElement": "how a lift runs is not in the model: add it as a lift",
    "IfcRamp": "slopes are not looked at: add it as a ramp",
    "IfcWindow": "nobody walks through windows",
    "IfcRailing": "a railing's place follows from the floor's edge: add it as an obstacle if not",
    "IfcRoof": "above people's heads",
    "IfcCovering": "on floors, walls and ceilings",
}
"""Elements that are left out, and why."""

SMALLEST_M2 = 0.02
"""Smaller pieces of walls on floors are where meshes touch (our choice)."""

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Storey:
    """A storey of a building model.

    Attributes
    ----------
    name : as levels are named.
    elevation_m : of its floor.
    """

    entity: Any
    name: str
    elevation_m: float


def read_ifc(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read the storeys of a building model: rooms (or slabs) as floors, doors, walls cut at 1 m, straight stairs.

    Raises
    ------
    ScenarioError
        If the file is no model, or has no storey with a floor.
    MissingExtraError
        Without ifcopenshell.
    """
    try:
        import ifcopenshell  # noqa: F401, PLC0415
    except ImportError as error:
        msg = 'ifcopenshell is needed to read building models: pip install "crowdsim[buildings]"'
        raise MissingExtraError(msg) from error
    size = check_readable(path, ALLOWED)
    _check_head(path)
    progress(0, size)
    model = _opened(path)
    storeys = _storeys(path, model)
    left: Counter[tuple[str, str]] = Counter()
    meshes = _meshes(model, left, lambda share: progress(int(share * size), size))
    shapes = [shape for storey in storeys for shape in _storey_shapes(storey, meshes, left)]
    levels = [storey for storey in storeys if any(s.level == storey.name and _is_floor(s) for s in shapes)]
    if not levels:
        raise ScenarioError([Problem(str(path), "", "no storey with rooms or floor slabs", ALLOWED)])
    named = {storey.name for storey in levels}
    for storey in storeys:
        if storey.name not in named:
            left[f"storey {storey.entity.Name or storey.name}", "it has no rooms and no floor slab"] += 1
    shapes = [shape for shape in shapes if shape.level in named]
    shapes += stairs_of(model, meshes, {storey.name: storey.elevation_m for storey in levels}, left)
    for kind, why in LEFT.items():
        if count := len(model.by_type(kind)):
            left[f"{kind} elements", why] += count
    return _placed(path, reading, shapes, levels, left)


def _check_head(path: Path) -> None:
    """Raise ScenarioError if a file does not begin and end as STEP files do (ISO 10303-21)."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(path.stat().st_size - HEAD_BYTES, 0))
        tail = file.read()
    allowed = ALLOWED
    if head.startswith(b"PK"):
        found, allowed = "a packed file", "the .ifc file in it, unpacked"
    elif head.lstrip().startswith(b"<"):
        found = "an XML file"
    elif b"ISO-10303-21" not in head:
        found = "no STEP file: ISO-10303-21 is missing at its beginning"
    elif b"END-ISO-10303-21" not in tail:
        found, allowed = "a model cut off: END-ISO-10303-21 is missing at its end", "the whole file"
    else:
        return
    raise ScenarioError([Problem(str(path), "", found, allowed)])


def _opened(path: Path) -> Any:
    import ifcopenshell  # noqa: PLC0415

    try:
        return ifcopenshell.open(str(path))
    except Exception as error:  # whatever a damaged file makes the library stumble over
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ScenarioError([Problem(str(path), "", f"a model that cannot be read ({reason})", ALLOWED)]) from error


def _storeys(path: Path, model: Any) -> list[Storey]:
    """Return the storeys from the lowest to the highest."""
    from ifcopenshell.util.placement import get_storey_elevation  # noqa: PLC0415
    from ifcopenshell.util.unit import calculate_unit_scale  # noqa: PLC0415

    problems = []
    if not any(unit.UnitType == "LENGTHUNIT" for unit in _units(model)):
        problems.append(
            Problem(str(path), "", "no unit of length (IfcUnitAssignment)", "a model that states its units")
        )
    if not model.by_type("IfcBuildingStorey"):
        problems.append(Problem(str(path), "", "no storey (IfcBuildingStorey)", ALLOWED))
    if problems:
        raise ScenarioError(problems)
    scale = calculate_unit_scale(model)
    storeys: list[Storey] = []
    for entity in sorted(model.by_type("IfcBuildingStorey"), key=lambda storey: float(get_storey_elevation(storey))):
        name = re.sub(r"[^A-Za-z0-9]+", "_", entity.Name or "").strip("_").lower() or "storey"
        name = name if name[0].isalpha() else f"storey_{name}"
        taken = sum(re.fullmatch(rf"{name}(_\d+)?", other.name) is not None for other in storeys)
        elevation = float(get_storey_elevation(entity)) * scale
        storeys.append(Storey(entity, f"{name}_{taken + 1}" if taken else name, round(elevation, 3)))
    return storeys


def _units(model: Any) -> Iterator[Any]:
    for project in model.by_type("IfcProject"):
        for unit in project.UnitsInContext.Units if project.UnitsInContext else ():
            if hasattr(unit, "UnitType"):
                yield unit


def _meshes(model: Any, left: Counter[tuple[str, str]], progress: Any) -> dict[int, Mesh]:
    """Return the triangles of all elements that matter, by the entity's number, in metres."""
    import ifcopenshell.geom  # noqa: PLC0415

    wanted = [
        entity
        for kind in ("IfcSpace", "IfcSlab", "IfcDoor", "IfcOpeningElement", "IfcStair", "IfcStairFlight", *SOLID)
        for entity in model.by_type(kind)
        if entity.Representation
    ]
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)
    found: dict[int, Mesh] = {}
    for number, entity in enumerate(wanted):
        try:
            shape = ifcopenshell.geom.create_shape(settings, entity)
        except Exception:  # what the geometry kernel cannot make is told; the rest of the model is of use
            left[f"{entity.is_a()} elements", "their geometry cannot be made"] += 1
            continue
        points = np.array(shape.geometry.verts, dtype=float).reshape(-1, 3)
        triangles = np.array(shape.geometry.faces, dtype=int).reshape(-1, 3)
        if len(triangles) and np.isfinite(points).all():
            found[entity.id()] = Mesh(points, triangles)
        progress((number + 1) / len(wanted))
    return found


def _is_floor(shape: Shape) -> bool:
    return KINDS.get(shape.layer) == "walkable"


def _storey_shapes(storey: Storey, meshes: dict[int, Mesh], left: Counter[tuple[str, str]]) -> Iterator[Shape]:
    """Yield a storey's floors, doors, and what stands on the floors."""
    from ifcopenshell.util.element import get_container, get_decomposition  # noqa: PLC0415

    mine = {entity.id(): entity for entity in get_decomposition(storey.entity) if entity.id() in meshes}
    rooms = [entity for entity in mine.values() if entity.is_a("IfcSpace")]
    slabs = [e for e in mine.values() if e.is_a("IfcSlab") and e.PredefinedType in ("FLOOR", "BASESLAB", None)]
    floors: list[Any] = []
    for entity in rooms or slabs:
        layer = "IfcSpace" if rooms else "IfcSlab"
        name = (getattr(entity, "LongName", None) or entity.Name or "") if rooms else ""
        for part in shapely.get_parts(meshes[entity.id()].footprint()):
            if isinstance(part, Polygon) and part.area > SMALLEST_M2:
                floors.append(part)
                yield Shape(part, layer, f"{entity.is_a()} #{entity.id()}", name, storey.name)
    if not floors:
        return
    ground = shapely.union_all(floors)
    shapely.prepare(ground)
    yield from doors_of(mine.values(), meshes, ground, storey.name, storey.elevation_m, left)
    for entity in mine.values():
        if not any(entity.is_a(kind) for kind in SOLID) or get_container(entity) is None:
            continue
        layer = "IfcColumn" if entity.is_a("IfcColumn") else "IfcWall"
        for part in meshes[entity.id()].section(storey.elevation_m + CUT_M):
            if part.intersection(ground).area > SMALLEST_M2:
                yield Shape(part, layer, f"{entity.is_a()} #{entity.id()}", "", storey.name)


def _placed(
    path: Path, reading: Reading, shapes: list[Shape], levels: list[Storey], left: Counter[tuple[str, str]]
) -> Drawing:
    """Return the drawing of what is in the box, shifted to its south-west corner, without levels if there is one."""
    if reading.box:
        edge = shapely.box(*reading.box)
        shapes = [shape for shape in shapes if edge.intersects(shape.geometry)]
        if not shapes:
            raise ScenarioError(
                [Problem("--box", "", f"nothing of {path.name} in it", "a part of the model, in metres")]
            )
    bounds = shapely.total_bounds([shape.geometry for shape in shapes])
    west, south, east, north = (float(value) for value in bounds)
    check_size(path, (east - west, north - south), 1.0, "the model's own unit, in metres")
    frame = Frame(1.0, math.floor(west), math.floor(south))
    several = len(levels) > 1
    placed = tuple(
        replace(
            shape,
            geometry=shapely.transform(shape.geometry, lambda points: points - (frame.x, frame.y)),
            level=shape.level if several else "",
        )
        for shape in shapes
    )
    words = f"metres, by the model's units; {east - west:,.1f} m x {north - south:,.1f} m; "
    words += f"{frame.x:g}, {frame.y:g} of the model is the origin"
    kinds = {layer: KINDS[layer] for layer in dict.fromkeys(shape.layer for shape in placed)}
    dropped = tuple(Dropped(count, what, why) for (what, why), count in left.most_common())
    elevations = {storey.name: storey.elevation_m for storey in levels} if several else {}
    return Drawing(placed, words, kinds, dropped, frame=frame, elevations_m=elevations)
