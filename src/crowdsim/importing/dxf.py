"""DXF drawings, as CAD programs write them."""

from __future__ import annotations

import io
import logging
import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from crowdsim.errors import MissingExtraError, Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Frame, Progress, Reading, Shape
from crowdsim.importing.opened import BINARY, check_readable
from crowdsim.importing.units import check_size, sizes_at
from crowdsim.scenario.feature import KINDS

ALLOWED = "a DXF drawing: save it as ASCII DXF, without a password"

WHOLE_BYTES = 32_000_000
"""Larger files are read piece by piece: an entity takes some twenty times its size in the file while it is looked at
(our choice)."""

PIECE_BYTES = 16_000_000
"""Entities read at once of such files; more if what has to be read with every piece (layers, symbols) is larger."""

FAR_M = 10_000.0
"""Drawings farther from their origin are shifted to it: they are in coordinates of a land survey (our choice)."""

BINARY_DXF = b"AutoCAD Binary DXF"
DWG = re.compile(rb"AC1\d\d\d")
END = re.compile(rb"[\r\n][ \t]*0[ \t]*\r?\n[ \t]*EOF")
ENTITIES = re.compile(rb"[\r\n][ \t]*0[ \t]*\r?\n[ \t]*SECTION[ \t]*\r?\n[ \t]*2[ \t]*\r?\n[ \t]*ENTITIES[ \t]*\r?\n")
ENDSEC = re.compile(rb"[\r\n]([ \t]*0[ \t]*\r?\n[ \t]*ENDSEC)")
BETWEEN = re.compile(rb"[\r\n]([ \t]*0[ \t]*\r?\n[ \t]*(?!VERTEX|SEQEND|ATTRIB|ENDSEC)[A-Z])")
"""Where a drawing may be cut: before an entity that is no part of the one before. A value line 0 is followed by a
group code, which is a number, so that letters tell an entity's name."""

HEAD_BYTES = 65_536
"""The first section begins within this of a file's beginning; comments may stand before it."""


def read_dxf(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read the model space of a DXF drawing, ASCII or binary, symbols taken apart and curves made chords.

    Raises
    ------
    ScenarioError
        If the file cannot be read, holds no line or area, or its unit is not known.
    MissingExtraError
        Without ezdxf.
    """
    try:
        import ezdxf  # noqa: F401, PLC0415
    except ImportError as error:
        msg = 'ezdxf is needed to read CAD drawings: pip install "crowdsim[drawings]"'
        raise MissingExtraError(msg) from error
    from crowdsim.importing.dxf_entities import Layers, geometries_of  # noqa: PLC0415

    size = check_readable(path, ALLOWED)
    left: Counter[tuple[str, str]] = Counter()
    found: list[tuple[Any, str, str, str]] = []
    code, flaws = 0, 0
    edge = shapely.box(*reading.box) if reading.box else None
    progress(0, size)
    for document, errors, done in _documents(path, size):
        code = code or int(document.header.get("$INSUNITS", 0))
        unit_m = reading.unit_m or _unit_m(code) or 1.0
        flaws += errors
        entries = geometries_of(document.modelspace(), Layers(document), unit_m, left)
        found += [entry for entry in entries if edge is None or edge.intersects(entry[0])]
        progress(done, size)
    if not found:
        text = f"no lines and areas{' in the box' if edge is not None else ''} in model space"
        told = ", ".join(f"{count} {what} ({why})" for (what, why), count in left.most_common(5))
        raise ScenarioError([Problem(str(path), "", f"{text}{'; ' + told if told else ''}", "a floor plan")])
    geometries = np.array([entry[0] for entry in found], dtype=object)
    frame, words = _frame(path, reading, code, tuple(float(value) for value in shapely.total_bounds(geometries)))
    moved = shapely.transform(geometries, lambda points: (points - (frame.x, frame.y)) * frame.unit_m)
    shapes = tuple(
        Shape(geometry, layer, where, symbol=symbol)
        for geometry, (_, layer, where, symbol) in zip(np.atleast_1d(moved), found, strict=True)
    )
    layers = {shape.layer for shape in shapes}
    kinds = {layer: layer.lower() for layer in layers if layer.lower() in KINDS}
    if flaws:
        left["entities", "they are damaged beyond repair"] += flaws
    dropped = tuple(Dropped(count, what, why) for (what, why), count in left.most_common())
    return Drawing(shapes, words, kinds, dropped, frame=frame)


def _documents(path: Path, size: int) -> Iterator[tuple[Any, int, int]]:
    """Yield the drawing, whole or piece by piece, with how many errors are in it and how many bytes have been read."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = data[:HEAD_BYTES]
        _check_head(path, head, data)
        entities = ENTITIES.search(data) if size > WHOLE_BYTES and not head.startswith(BINARY_DXF) else None
        end = ENDSEC.search(data, entities.end()) if entities else None
        if entities is None or end is None:
            yield *_loaded(path, head, data[:] if not head.startswith(BINARY_DXF) else b""), size
            return
        before = data[: entities.end()]
        begin, step = entities.end() - 1, max(PIECE_BYTES, 2 * len(before))  # with the line end that an entity follows
        while begin < end.start(1):
            cut = BETWEEN.search(data, min(begin + step, end.start(1)), end.start(1))
            stop = cut.start(1) if cut else end.start(1)
            piece = data[max(begin, entities.end()) : stop] + b"  0\nENDSEC\n  0\nEOF\n"
            yield *_loaded(path, head, before + piece), stop
            begin = stop


def _check_head(path: Path, head: bytes, data: mmap.mmap) -> None:
    """Raise ScenarioError if a file does not begin, or not end, as drawings do."""
    allowed = ALLOWED
    if DWG.match(head):
        found = f"a DWG drawing ({head[:6].decode()})"
        allowed = "a DXF drawing: open it in a CAD program and save it as DXF"
    elif head.startswith(BINARY_DXF):
        return
    elif BINARY in head:
        found = "no text: encrypted or damaged"
    elif b"SECTION" not in head:
        found = "no drawing: there is no SECTION at its beginning"
    elif not END.search(data):
        found = "a drawing cut off: the EOF that ends it is missing"
        allowed = "the whole file"
    else:
        return
    raise ScenarioError([Problem(str(path), "", found, allowed)])


def _loaded(path: Path, head: bytes, content: bytes) -> tuple[Any, int]:
    """Return a drawing, mended where it has to be, and how many errors remain."""
    import ezdxf  # noqa: PLC0415
    from ezdxf import recover  # noqa: PLC0415
    from ezdxf.filemanagement import dxf_stream_info  # noqa: PLC0415

    logging.getLogger("ezdxf").addHandler(logging.NullHandler())  # what it mends is no news to the user
    try:
        if head.startswith(BINARY_DXF):
            document = ezdxf.readfile(path)
            return document, len(document.audit().errors)
        try:  # as it stands: twice as fast as with all that can be mended looked for
            known = dxf_stream_info(io.StringIO(head.decode("ascii", "ignore")))
            text = io.TextIOWrapper(io.BytesIO(content), encoding=known.encoding, errors="surrogateescape")
            document = ezdxf.read(text)
            return document, len(document.audit().errors)
        except Exception:  # whatever a damaged file makes the library stumble over
            document, auditor = recover.read(io.BytesIO(content))
            return document, len(auditor.errors)
    except Exception as error:  # whatever a damaged file makes the library stumble over
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        found = f"a drawing that cannot be read ({reason})"
        raise ScenarioError([Problem(str(path), "", found, ALLOWED)]) from error


def _unit_m(code: int) -> float | None:
    """Return the length of a unit by its code in the file's head [m]; None if it has none."""
    from ezdxf import units  # noqa: PLC0415

    try:
        return float(units.conversion_factor(units.InsertUnits(code), units.InsertUnits(units.M))) if code else None
    except (TypeError, ValueError):
        return None


def _frame(path: Path, reading: Reading, code: int, bounds: tuple[float, ...]) -> tuple[Frame, str]:
    """Return how coordinates become metres, and that in words; raises ScenarioError if the unit is not known."""
    from ezdxf import units  # noqa: PLC0415

    west, south, east, north = bounds
    unit_m = reading.unit_m or _unit_m(code)
    if unit_m is None:
        found = f"no unit that is known ($INSUNITS {code}) for a drawing {sizes_at(east - west, north - south)}"
        raise ScenarioError([Problem(str(path), "unit", found, "--unit, one of these or a unit's length in metres")])
    known = "as told" if reading.unit_m else f"{units.unit_name(code).lower()}, by the file's $INSUNITS {code}"
    check_size(path, (east - west, north - south), unit_m, known)
    words = f"{unit_m:g} m a unit ({known}); {(east - west) * unit_m:,.1f} m x {(north - south) * unit_m:,.1f} m"
    if max(map(abs, bounds)) * unit_m <= FAR_M:
        return Frame(unit_m), words
    whole: Callable[[float], float] = lambda value: np.floor(value * unit_m) / unit_m  # noqa: E731
    frame = Frame(unit_m, float(whole(west)), float(whole(south)))
    return frame, f"{words}; {frame.x:.12g}, {frame.y:.12g} of the file is the origin"
