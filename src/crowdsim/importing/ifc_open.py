"""Building models in IFC: whether a file is one, its unit, and its storeys."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crowdsim.errors import MissingExtraError, Problem, ScenarioError
from crowdsim.importing.opened import check_readable

ALLOWED = "a building model in IFC (STEP), .ifc"

BEGIN, END = b"ISO-10303-21;", b"END-ISO-10303-21;"
"""What a file in STEP begins and ends with (ISO 10303-21, section 5.2)."""

ZIP, XML = b"PK", b"<"

LOOKED_AT = 4096
"""Bytes looked at for the begin and the end: there may be comments before and blanks after (our choice)."""


@dataclass(frozen=True, slots=True)
class Storey:
    """A storey of a building.

    Attributes
    ----------
    number : of the entity in the file.
    level : its name as one of a scenario's levels.
    floor_m : the height of its floor in the world's coordinates.
    elevation_m : the same above the building's datum, as the file states it.
    """

    number: int
    level: str
    floor_m: float
    elevation_m: float


def open_model(path: Path) -> Any:
    """Open a model.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is none, is cut off, or of a schema that the library does not know.
    MissingExtraError
        Without ifcopenshell.
    """
    ifcopenshell = library()
    size = check_readable(path, ALLOWED)
    with path.open("rb") as file:
        begin = file.read(LOOKED_AT)
        file.seek(max(size - LOOKED_AT, 0))
        end = file.read()
    found, allowed = None, ALLOWED
    if begin.startswith(ZIP):
        found, allowed = "a packed file (ZIP, IFCZIP)", f"{ALLOWED}: unpack it"
    elif begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(XML):
        found, allowed = "XML (IFCXML)", f"{ALLOWED}: save the model as .ifc"
    elif BEGIN not in begin:
        found = "no STEP file (it does not begin with ISO-10303-21)"
    elif END not in end:
        found, allowed = "a file that breaks off (it does not end with END-ISO-10303-21)", f"{ALLOWED}, whole"
    if found:
        raise ScenarioError([Problem(str(path), "", found, allowed)])
    try:
        model = ifcopenshell.open(str(path))
        schema, count = model.schema, len(model.by_type("IfcProject"))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ScenarioError([Problem(str(path), "", f"a model that cannot be read ({reason})", ALLOWED)]) from error
    if not count:
        found = f"no IfcProject (schema {schema})"
        raise ScenarioError([Problem(str(path), "", found, f"{ALLOWED}, of a building")])
    return model


def unit_of(model: Any, unit_m: float | None, file: str) -> tuple[float, float, str]:
    """Return how long a unit is [m], how much longer than the library thinks, and how that is known."""
    from ifcopenshell.util.unit import calculate_unit_scale, get_project_unit  # noqa: PLC0415

    try:
        unit = get_project_unit(model, "LENGTHUNIT")
        stated = float(calculate_unit_scale(model)) if unit else None
    except (AttributeError, IndexError, KeyError, TypeError, RuntimeError):
        unit = stated = None
    if stated is not None and not (math.isfinite(stated) and stated > 0):
        stated = None
    if unit_m is not None:
        return unit_m, unit_m / (stated or 1.0), f"{unit_m:g} m, as told"
    if stated is None:
        found = "no unit of length (IfcUnitAssignment)"
        raise ScenarioError([Problem(file, "IfcProject", found, "--unit with the unit of the coordinates, as mm or m")])
    return stated, 1.0, f"{stated:g} m (IfcUnitAssignment)"


def storeys_of(model: Any, unit_m: float, file: str) -> list[Storey]:
    """Return the storeys from the lowest; raises ScenarioError if there is none."""
    from ifcopenshell.util.placement import get_local_placement  # noqa: PLC0415

    entities = model.by_type("IfcBuildingStorey")
    if not entities:
        found = "no storey (IfcBuildingStorey)"
        raise ScenarioError([Problem(file, "", found, f"{ALLOWED}, with storeys: export it anew with them")])
    stated = [float(entity.Elevation) * unit_m if entity.Elevation is not None else None for entity in entities]
    placed = [
        float(get_local_placement(entity.ObjectPlacement)[2, 3]) * unit_m if entity.ObjectPlacement else None
        for entity in entities
    ]
    told_apart = len(set(placed)) == len(entities) or len(set(stated)) < len(entities)
    found_m = []
    for here, said in zip(placed, stated, strict=True):
        floor = here if here is not None and told_apart else said
        found_m.append((floor or 0.0, floor or 0.0 if said is None else said))
    taken: set[str] = set()
    storeys = []
    for entity, (floor, elevation) in sorted(zip(entities, found_m, strict=True), key=lambda item: item[1]):
        level = level_name(entity.Name or "", taken)
        taken.add(level)
        storeys.append(Storey(entity.id(), level, floor, elevation))
    return storeys


def level_name(name: str, taken: set[str]) -> str:
    """Return a name that a scenario's level can have, near a storey's, that no other has."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    key = key if key[:1].isalpha() else f"level_{key}".rstrip("_")
    number, level = 1, key
    while level in taken:
        number += 1
        level = f"{key}_{number}"
    return level


def parents(element: Any) -> Iterator[Any]:
    """Yield what an element is a part of or stands in, up to the project."""
    for _ in range(20):  # more than any model has; some run in circles
        relations = [
            *(getattr(element, "ContainedInStructure", None) or ()),
            *(getattr(element, "Decomposes", None) or ()),
        ]
        if not relations:
            return
        relation = relations[0]
        element = getattr(relation, "RelatingStructure", None) or getattr(relation, "RelatingObject", None)
        if element is None:
            return
        yield element


def library() -> Any:
    """Return ifcopenshell."""
    try:
        import ifcopenshell  # noqa: PLC0415
    except ImportError as error:
        msg = 'this needs ifcopenshell, which is optional: pip install "crowdsim[buildings]"'
        raise MissingExtraError(msg) from error
    return ifcopenshell
