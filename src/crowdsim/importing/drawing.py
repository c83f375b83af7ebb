"""What every reader makes of its file: shapes in metres, each with the layer it was on, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from shapely import LineString, Point, Polygon

Geometry: TypeAlias = Point | LineString | Polygon

FLATTENED_M = 0.01
"""Curves become chords that are no farther from them than this: less than a line's width on a plan (our choice)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of a drawing.

    Attributes
    ----------
    geometry : in metres; a closed line that bounds an area is a polygon only if the file says so.
    layer : what it was on or was: a CAD layer, an SVG group's or class's name, a kind of map feature.
    where : how to find it in the file, for messages: `line 12`, `entity 2F`, `way 4711`.
    name : what the file calls it; empty if nothing.
    level : the level that the file says it is on; empty if none.
    symbol : which symbol it is a part of (a block inserted in a drawing, a group of a picture); empty if of none.
    settings : properties of a venue file that the file states, such as `width_m` or `open`.
    """

    geometry: Geometry
    layer: str
    where: str
    name: str = ""
    level: str = ""
    symbol: str = ""
    settings: Mapping[str, float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Shapes of a kind that were left out: how many, what they are, and why."""

    count: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """How plane coordinates of a file became metres: (x - `x`) `unit_m` and (y - `y`) `unit_m` `up`.

    Attributes
    ----------
    unit_m : length of a unit [m].
    x, y : what became the origin, in the file's coordinates.
    up : 1; -1 in files whose y grows downwards.
    """

    unit_m: float = 1.0
    x: float = 0.0
    y: float = 0.0
    up: float = 1.0

    def to_metres(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the file in metres."""
        return (x - self.x) * self.unit_m, (y - self.y) * self.unit_m * self.up

    def to_file(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return a place in metres in the file's coordinates."""
        return x_m / self.unit_m + self.x, y_m / self.unit_m * self.up + self.y


@dataclass(frozen=True, slots=True)
class Drawing:
    """A file as its reader understood it.

    Attributes
    ----------
    unit : what a unit of the file's coordinates is and how that is known, in words: `millimetres ($INSUNITS 4)`.
    kinds : the kind of venue feature that each layer is, where the format itself says so (maps, venue-like files);
        layers that are missing have to be named by the user.
    dropped : what was left out.
    mended : what was put right, in words.
    frame : where the file's coordinates are; of projected maps, where the metres are.
    elevations_m : of the levels that shapes are on, as far as the file says.
    """

    shapes: tuple[Shape, ...]
    unit: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()
    mended: tuple[str, ...] = ()
    frame: Frame = Frame()
    elevations_m: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    Attributes
    ----------
    unit_m : length of a unit of the file's coordinates [m]; None to go by the file.
    crs : the coordinate system of the file's coordinates, as `EPSG:25832`; None to go by the file.
    box : west, south, east and north of the part to take, in the file's coordinates; None for all.
    """

    unit_m: float | None = None
    crs: str | None = None
    box: tuple[float, float, float, float] | None = None


class Progress(Protocol):
    """Whoever wants to see how far the reading of a large file is."""

    def __call__(self, done: int, total: int) -> None:
        """Take in how much has been read, in any one unit."""


class Reader(Protocol):
    """Reads files of one format; raises ScenarioError with everything wrong with the file."""

    def __call__(self, path: Path, reading: Reading, progress: Progress) -> Drawing:
        """Return the drawing."""
