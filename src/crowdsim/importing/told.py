"""What is told of a file to import: by options, and by a YAML file that keeps them for the next time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.importing.closing import GAP_M
from crowdsim.importing.drawing import Reading
from crowdsim.importing.mapping import ASSIGNABLE, read_layers
from crowdsim.importing.units import UNITS_M
from crowdsim.scenario.yaml_file import read_yaml

KEYS = ("layers", "unit", "crs", "box", "inside", "gap_m")
"""What a map file may say."""

WIDEST_GAP_M = 10.0
"""Wider gaps are the way in, not slips of the pen (our choice)."""

BOX, PLACE = 4, 2
"""Numbers that make a box, and a place."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a file.

    Attributes
    ----------
    kinds : by layer pattern; see `crowdsim.importing.mapping`.
    reading : how the file is to be read.
    inside : places within the walls, in the file's coordinates.
    gap_m : gaps between lines up to this are closed [m].
    """

    kinds: dict[str, str]
    reading: Reading
    inside: tuple[tuple[float, float], ...]
    gap_m: float


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a command as they were typed; None or empty if they were not.

    Attributes
    ----------
    map_file : a YAML file with more of them; what is typed goes before what it says.
    """

    layers: Sequence[str] = ()
    unit: str | None = None
    crs: str | None = None
    box: str | None = None
    inside: Sequence[str] = ()
    gap: str | None = None
    map_file: Path | None = None


def read_told(options: Options) -> Told:
    """Return what options and a map file tell.

    Raises
    ------
    ScenarioError
        With everything wrong with them.
    """
    problems: list[Problem] = []
    data, places = _map_file(options.map_file, problems)
    kinds, wrong = read_layers([*_layer_texts(data.get("layers", {}), places, problems), *options.layers])
    problems += wrong

    def one(typed: Any, option: str, key: str, read: Callable[[Any], Any], allowed: str) -> Any:
        """Return a value as typed, else as the map file says; None if neither or if it is wrong."""
        value = typed if typed is not None else data.get(key)
        if value is None:
            return None
        found = read(value)
        if found is None:
            file, where = (option, "") if typed is not None else (places[0], places[1](key))
            problems.append(Problem(file, where, repr(value), allowed))
        return found

    units = f"one of {', '.join(UNITS_M)}, or its length in metres"
    unit_m = one(options.unit, "--unit", "unit", _unit, units)
    crs = one(options.crs, "--crs", "crs", lambda value: value if isinstance(value, str) else None, "as EPSG:25832")
    box = one(options.box, "--box", "box", _box, "WEST,SOUTH,EAST,NORTH: west below east, south below north")
    gap = one(options.gap, "--gap", "gap_m", _gap, f"0 to {WIDEST_GAP_M:g}, in metres")
    stated = data.get("inside") if not options.inside else None
    inside = [one(text, "--inside", "inside", _place, "X,Y, in the file's coordinates") for text in options.inside]
    if stated is not None:
        listed = stated if isinstance(stated, list) and all(isinstance(place, list) for place in stated) else [stated]
        for place in listed:
            if (read := _place(place)) is None:
                problems.append(Problem(places[0], places[1]("inside"), repr(place), "a list of places [x, y]"))
            inside.append(read)
    if problems:
        raise ScenarioError(problems)
    return Told(kinds, Reading(unit_m, crs, box), tuple(inside), GAP_M if gap is None else gap)


def _map_file(path: Path | None, problems: list[Problem]) -> tuple[dict[str, Any], tuple[str, Callable[[str], str]]]:
    """Return what a map file says, its name, and how to tell where in it a key is."""
    if path is None:
        return {}, ("", str)
    file, wrong = read_yaml(path)
    problems += wrong

    def where(key: str) -> str:
        line = file.line_of((key,))
        return f"line {line}, {key}" if line else key

    for key in file.data:
        if key not in KEYS:
            problems.append(Problem(file.name, where(key), "no such key", suggest(key, KEYS)))
    return file.data, (file.name, where)


def _layer_texts(layers: Any, places: tuple[str, Callable[[str], str]], problems: list[Problem]) -> list[str]:
    """Return a map file's layers as options; those that are wrong are problems."""
    name, where = places
    if not isinstance(layers, dict):
        problems.append(Problem(name, where("layers"), repr(layers), "a mapping of layer names or patterns to kinds"))
        return []
    wrong = {pattern: kind for pattern, kind in layers.items() if kind not in ASSIGNABLE}
    for pattern, kind in wrong.items():
        problems.append(Problem(name, f"layers, {pattern!r}", f"kind {kind!r}", suggest(str(kind), ASSIGNABLE)))
    return [f"{pattern}={kind}" for pattern, kind in layers.items() if pattern not in wrong]


def _unit(value: Any) -> float | None:
    unit_m = UNITS_M.get(str(value).lower()) or _number(value)
    return unit_m if unit_m is not None and unit_m > 0 else None


def _gap(value: Any) -> float | None:
    gap = _number(value)
    return gap if gap is not None and 0.0 <= gap <= WIDEST_GAP_M else None


def _box(value: Any) -> tuple[float, float, float, float] | None:
    numbers = _numbers(value, BOX)
    if numbers is None:
        return None
    west, south, east, north = numbers
    return (west, south, east, north) if west < east and south < north else None


def _place(value: Any) -> tuple[float, float] | None:
    numbers = _numbers(value, PLACE)
    return (numbers[0], numbers[1]) if numbers else None


def _numbers(value: Any, count: int) -> list[float] | None:
    """Return so many numbers of a text with commas, or of a list."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    numbers = [number for part in parts if (number := _number(part)) is not None]
    return numbers if len(numbers) == len(parts) == count else None


def _number(value: Any) -> float | None:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
