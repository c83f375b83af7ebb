"""SVG floor plans, as vector drawing programs write them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import shapely

from crowdsim.errors import MissingExtraError, Problem, ScenarioError
from crowdsim.importing.drawing import FLATTENED_M, Drawing, Dropped, Frame, Progress, Reading, Shape
from crowdsim.importing.opened import CHUNK, check_readable
from crowdsim.importing.units import check_size, sizes_at
from crowdsim.scenario.feature import KINDS

ALLOWED = "an SVG picture with a floor plan"

LONGEST_ENTITY = 1000
"""Letters that an entity may stand for: those of drawing programs are addresses; ones that hold others, or are long,
fill the memory (our choice)."""

SEPARATOR = " "
ROOT = "http://www.w3.org/2000/svg svg"


def read_svg(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read an SVG picture: y upwards, curves as chords; the unit has to be told, as pictures are drawn to any scale.

    Raises
    ------
    ScenarioError
        If the file is no picture, holds nothing that is drawn, or no unit is told.
    MissingExtraError
        Without svgelements.
    """
    try:
        import svgelements  # noqa: F401, PLC0415
    except ImportError as error:
        msg = 'svgelements is needed to read SVG pictures: pip install "crowdsim[drawings]"'
        raise MissingExtraError(msg) from error
    from crowdsim.importing.svg_elements import Picture  # noqa: PLC0415

    size = check_readable(path, ALLOWED)
    left: Counter[tuple[str, str]] = Counter()
    picture = Picture(FLATTENED_M / (reading.unit_m or 1.0), left)
    _parse(path, size, picture, progress)
    picture.place_symbols()
    found = picture.drawn
    if reading.box:
        edge = shapely.box(*reading.box)
        found = [entry for entry in found if edge.intersects(entry.geometry)]
    if not found:
        told = ", ".join(f"{count} {what} ({why})" for (what, why), count in left.most_common(5))
        text = f"no lines and areas{' in the box' if reading.box else ''}{'; ' + told if told else ''}"
        raise ScenarioError([Problem(str(path), "", text, ALLOWED)])
    geometries = np.array([entry.geometry for entry in found], dtype=object)
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    if reading.unit_m is None:
        text = f"no unit, for a picture {sizes_at(east - west, north - south)}"
        allowed = "--unit: one of these, or what a unit of the picture's coordinates is in metres"
        raise ScenarioError([Problem(str(path), "unit", text, allowed)])
    check_size(path, (east - west, north - south), reading.unit_m, "as told")
    frame = Frame(reading.unit_m, west, north, -1.0)
    moved = shapely.transform(
        geometries, lambda points: (points - (frame.x, frame.y)) * (frame.unit_m, frame.unit_m * frame.up)
    )
    shapes = tuple(
        Shape(geometry, entry.layer, entry.where, entry.name, symbol=entry.symbol)
        for geometry, entry in zip(np.atleast_1d(moved), found, strict=True)
    )
    layers = {shape.layer for shape in shapes}
    kinds = {layer: layer.lower() for layer in layers if layer.lower() in KINDS}
    words = f"{frame.unit_m:g} m a unit (as told); {(east - west) * frame.unit_m:,.1f} m x "
    words += f"{(north - south) * frame.unit_m:,.1f} m; the lower left corner, {west:.6g}, {north:.6g}, is the origin"
    dropped = tuple(Dropped(count, what, why) for (what, why), count in left.most_common())
    return Drawing(shapes, words, kinds, dropped, frame=frame)


def _parse(path: Path, size: int, picture: Any, progress: Progress) -> None:
    """Let a picture take in a file's elements; raises ScenarioError if it is none."""
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth == 0 and name not in (ROOT, "svg"):
            raise _NoPictureError(
                f"a file whose outermost element is <{name.rsplit(SEPARATOR, maxsplit=1)[-1]}>", ALLOWED
            )
        depth += 1
        picture.begin(name.rsplit(SEPARATOR, maxsplit=1)[-1], attributes, parser.CurrentLineNumber)

    def entity(name: str, _is_parameter: bool, value: str | None, *_: Any) -> None:
        if value is None or "&" in value or len(value) > LONGEST_ENTITY:
            what = "another file" if value is None else "others, or a long text"
            raise _NoPictureError(
                f"an entity {name!r} that stands for {what}", "a picture without it: save it as plain SVG"
            )

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: picture.end()
    parser.EntityDeclHandler = entity
    done = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
                done += len(chunk)
                progress(done, size)
        parser.Parse(b"", True)
    except _NoPictureError as error:
        raise ScenarioError([Problem(str(path), f"line {parser.CurrentLineNumber}", *error.args)]) from error
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        packed = path.suffix.lower() == ".svgz" or _is_packed(path)
        found = "a packed file" if packed else f"no XML ({expat.ErrorString(error.code)})"
        allowed = "the picture unpacked, as .svg" if packed else ALLOWED
        raise ScenarioError([Problem(str(path), "" if packed else where, found, allowed)]) from error


def _plain(name: str) -> str:
    """Return an element's name without its namespace."""
    return name.rsplit(SEPARATOR, maxsplit=1)[-1]


class _NoPictureError(Exception):
    """What is wrong with a file, and what would be right."""


def _is_packed(path: Path) -> bool:
    """Return whether a file begins as gzip's do (RFC 1952, section 2.3.1)."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"
