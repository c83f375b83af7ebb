"""Drawings in SVG, as drawing programs and web tools write them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import FLATTENED_M, Drawing, Dropped, Frame, Progress, Reading, Shape
from crowdsim.importing.svg_style import StyleSheet
from crowdsim.importing.svg_transform import (
    PIXELS_PER_INCH,
    BadElementError,
    length_of,
    library,
    numbers_of,
    viewport_of,
)
from crowdsim.importing.svg_walk import Walk
from crowdsim.importing.svg_xml import ALLOWED, parse_svg
from crowdsim.importing.units import DRAWN_IN, LARGEST_M, SMALLEST_M, UNITS_M
from crowdsim.scenario.feature import KINDS

GROUND_UNITS = ("m", "ft", "km")
"""Units of a drawing's width and height that are no paper's: the unit of its coordinates is known."""

SCALES = (50, 100, 200, 500)
"""Scales that plans are usual at (ISO 5455 lists 1:50, 1:100, 1:200 and 1:500)."""


@dataclasses.dataclass(slots=True)
class _Overview:
    """What has to be known of a file before its shapes are read.

    Attributes
    ----------
    root : attributes of the whole drawing.
    wanted : the elements that are placed somewhere as symbols.
    """

    root: Mapping[str, str] | None = None
    wanted: set[str] = dataclasses.field(default_factory=set)
    styles: list[str] = dataclasses.field(default_factory=list)
    in_style: int = 0

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:  # noqa: ARG002
        self.root = attributes if self.root is None else self.root
        if tag == "use" and attributes.get("href", "")[:1] == "#":
            self.wanted.add(attributes["href"].strip()[1:])
        self.in_style += tag == "style"

    def text(self, text: str) -> None:
        if self.in_style:
            self.styles.append(text)

    def end(self, tag: str) -> None:
        self.in_style -= tag == "style"


def read_svg(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read a drawing in SVG: filled outlines as areas, others as lines; 0, 0 is the page's lower left corner.

    A shape's layer is its nearest Inkscape layer; else the nearest group that has a label, an id or a class which no
    program gave; else its class; else what its id begins with; else its paint. Where all shapes are in one group, it
    counts as none.

    Raises
    ------
    ScenarioError
        With everything wrong with the file; if it is not known how long a unit is, with the sizes that units make.
    MissingExtraError
        Without svgelements.
    """
    library()
    overview = _Overview()
    parse_svg(path, overview, lambda done, total: progress(done, 2 * total))
    root = overview.root or {}
    unit_m, words = _unit(root, reading)
    sheet = StyleSheet("".join(overview.styles))
    walk = Walk(str(path), sheet, frozenset(overview.wanted), FLATTENED_M / unit_m if unit_m else math.inf)
    parse_svg(path, walk, lambda done, total: progress(total + done, 2 * total))
    walk.place_symbols()
    if walk.problems:
        raise ScenarioError(walk.problems)
    shapes = walk.shapes
    if len({shape.layer for shape in shapes}) == 1:
        shapes = [dataclasses.replace(shape, layer=layer) for shape, layer in zip(shapes, walk.alone, strict=True)]
    if reading.box:
        edge = shapely.box(*reading.box)
        shapes = [shape for shape in shapes if shape.geometry.intersects(edge)]
    if not shapes:
        found = f"no shape that can be seen{' in the box' if reading.box else ''}"
        left = f" (left out: {_counted(walk)})" if walk.left.total() else ""
        raise ScenarioError([Problem(str(path), "", found + left, f"{ALLOWED}: lines and areas, not a picture in it")])
    size = _size(shapes)
    if unit_m is None or not SMALLEST_M <= max(size) * unit_m <= LARGEST_M:
        raise ScenarioError([_which_unit(str(path), shapes, size, unit_m, root)])
    west, south = _corner(root, shapes)
    geometries = np.array([shape.geometry for shape in shapes], dtype=object)
    moved = shapely.transform(geometries, lambda points: (points - [west, south]) * [unit_m, -unit_m])
    shapes = [dataclasses.replace(shape, geometry=new) for shape, new in zip(shapes, moved, strict=True)]
    if sheet.passed_over:
        walk.left["rules of style", "their selectors are not of tags, classes and ids"] += sheet.passed_over
    dropped = tuple(Dropped(count, what, why) for (what, why), count in walk.left.items() if count)
    words += (
        f"; {size[0] * unit_m:,.1f} m x {size[1] * unit_m:,.1f} m; 0, 0 is {west:g}, {south:g} in the file, y upwards"
    )
    kinds = {layer: layer.lower() for layer in {shape.layer for shape in shapes} if layer.lower() in KINDS}
    return Drawing(tuple(shapes), words, kinds, dropped, frame=Frame(unit_m, west, south, -1.0))


def _unit(root: Mapping[str, str], reading: Reading) -> tuple[float | None, str]:
    """Return how long a unit is [m] and how that is known; None if it is not."""
    if reading.unit_m is not None:
        return reading.unit_m, f"{reading.unit_m:g} m, as told"
    for key, number in (("width", 2), ("height", 3)):
        text = root.get(key, "").strip()
        digits = text.rstrip("kmft")
        unit = text[len(digits) :]
        if unit in GROUND_UNITS and "viewBox" in root:
            try:
                (stated,), view = numbers_of(digits, 1, key), numbers_of(root["viewBox"], 4, "viewBox")
            except BadElementError:
                continue
            if stated > 0 and view[number] > 0:
                unit_m = stated * UNITS_M[unit] / view[number]
                return unit_m, f"{unit_m:g} m (the drawing's {key} is {text})"
    return None, ""


def _size(shapes: Sequence[Shape]) -> tuple[float, float]:
    """Return width and height of the shapes, in user units."""
    west, south, east, north = shapely.total_bounds([shape.geometry for shape in shapes])
    return float(east - west), float(north - south)


def _which_unit(
    file: str, shapes: Sequence[Shape], size: tuple[float, float], unit_m: float | None, root: Mapping[str, str]
) -> Problem:
    """Return the problem that a unit is not known or cannot be, with sizes that help to choose."""
    choices = {f"--unit {name}": UNITS_M[name] for name in DRAWN_IN}
    paper_m = _paper_m(root)
    choices |= {f"--unit {paper_m * scale:.6g} (the page at 1:{scale})": paper_m * scale for scale in SCALES}
    listed = [
        f"{option} makes it {size[0] * length:.1f} m x {size[1] * length:.1f} m"
        for option, length in choices.items()
        if SMALLEST_M <= max(size) * length <= LARGEST_M
    ]
    allowed = "; ".join(listed) or "a drawing of a sensible size: is a shape far away from the others?"
    extent = f"{size[0]:.6g} x {size[1]:.6g} units"
    if unit_m is None:
        page = root.get("width", "").strip()
        paper = f" (its page is {page} wide, which is paper)" if page and not page.endswith("%") else ""
        return Problem(file, "unit", f"no scale; the drawing has {extent}{paper}", f"the length of a unit: {allowed}")
    farthest = _farthest(shapes)
    made = f"{size[0] * unit_m:.3g} m x {size[1] * unit_m:.3g} m, with {unit_m:g} m as the unit of {extent}"
    where = f"; the shape farthest from the others is at {farthest}" if max(size) * unit_m > LARGEST_M else ""
    return Problem(file, "unit", made + where, f"between {SMALLEST_M:g} m and {LARGEST_M / 1000:g} km: {allowed}")


def _paper_m(root: Mapping[str, str]) -> float:
    """Return how long a unit is on the page [m]."""
    try:
        page = length_of(root.get("width"), 0.0, "width")
        width, _ = viewport_of(root)
    except BadElementError:
        page = width = 0.0
    return (page / width if page > 0 and width > 0 else 1.0) * UNITS_M["in"] / PIXELS_PER_INCH


def _farthest(shapes: Sequence[Shape]) -> str:
    bounds = shapely.bounds([shape.geometry for shape in shapes])
    off = np.abs(bounds - np.median(bounds, axis=0)).max(axis=1)
    return shapes[int(np.argmax(off))].where


def _corner(root: Mapping[str, str], shapes: Sequence[Shape]) -> tuple[float, float]:
    """Return the lower left corner of the page, or of the shapes if the file has no page, in user units."""
    if "viewBox" in root:
        left, top, _, height = numbers_of(root["viewBox"], 4, "viewBox")
        return left, top + height
    _, height = viewport_of(root)
    if height > 0:
        return 0.0, height
    west, _, _, low = shapely.total_bounds([shape.geometry for shape in shapes])
    return float(west), float(low)


def _counted(walk: Walk) -> str:
    return ", ".join(f"{count} {what}, {why}" for (what, why), count in walk.left.items() if count)
