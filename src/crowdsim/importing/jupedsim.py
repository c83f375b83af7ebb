"""JuPedSim's trajectory files: the geometry that the people walked in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely
from shapely import Polygon

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Progress, Reading, Shape
from crowdsim.importing.opened import check_readable
from crowdsim.importing.wkt import flat

ALLOWED = "a trajectory file of JuPedSim (SQLite)"

MAGIC = b"SQLite format 3\x00"
"""What every SQLite file begins with (sqlite.org, Database File Format, section 1.3)."""

VERSIONS = ("1", "2")
"""Of JuPedSim's files: the first has one geometry, the second may have several, one for each frame
(`sqlite_serialization` in jupedsim 1.4)."""


def read_jupedsim(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read the walkable area of a JuPedSim simulation, at its first frame; the people are left out.

    Raises
    ------
    ScenarioError
        If the file is none of JuPedSim's, of another version, or without geometry.
    """
    check_readable(path, ALLOWED)
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ScenarioError([Problem(str(path), "", "no SQLite file", ALLOWED)])
    progress(0, 1)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            text, others, people = _contents(database, str(path))
    except sqlite3.Error as error:
        raise ScenarioError([Problem(str(path), "", f"a database that cannot be read ({error})", ALLOWED)]) from error
    shapes = tuple(_shapes(text, str(path), reading))
    progress(1, 1)
    dropped = []
    if others:
        dropped.append(Dropped(others, "geometries of later frames", "a venue does not change as people walk in it"))
    if people:
        dropped.append(Dropped(people, "people at the first frame", "a venue file says nothing of who is in it"))
    unit = "metres, as JuPedSim has them" if reading.unit_m is None else f"{reading.unit_m:g} m, as told"
    return Drawing(shapes, unit, {"walkable": "walkable"}, tuple(dropped))


def _contents(database: sqlite3.Connection, file: str) -> tuple[Any, int, int]:
    """Return the first frame's geometry, how many others there are, and how many people are in that frame."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"metadata", "geometry"} <= tables:
        found = f"the tables {', '.join(sorted(tables))}" if tables else "no tables"
        raise ScenarioError([Problem(file, "", found, f"{ALLOWED}, with the tables metadata and geometry")])
    row = database.execute("SELECT value FROM metadata WHERE key = 'version'").fetchone()
    version = str(row[0]) if row else "none"
    if version not in VERSIONS:
        raise ScenarioError([Problem(file, "version", version, f"one of: {', '.join(VERSIONS)}")])
    count = database.execute("SELECT count(*) FROM geometry").fetchone()[0]
    if not count:
        raise ScenarioError([Problem(file, "table geometry", "no geometry", "the walkable area in well-known text")])
    first = None
    if "frame_data" in tables:
        query = "SELECT wkt FROM geometry JOIN frame_data ON hash = geometry_hash ORDER BY frame LIMIT 1"
        first = database.execute(query).fetchone()
    if first is None:
        first = database.execute("SELECT wkt FROM geometry LIMIT 1").fetchone()
    people = 0
    if "trajectory_data" in tables:
        query = "SELECT count(*) FROM trajectory_data WHERE frame = (SELECT min(frame) FROM trajectory_data)"
        people = database.execute(query).fetchone()[0]
    return first[0], count - 1, people


def _shapes(text: Any, file: str, reading: Reading) -> list[Shape]:
    try:
        geometry = shapely.from_wkt(text)
    except (shapely.errors.GEOSException, TypeError) as error:
        reason = str(error).splitlines()[0]
        found = f"no well-known text ({reason})"
        raise ScenarioError([Problem(file, "table geometry", found, "the walkable area in well-known text")]) from error
    unit_m = reading.unit_m or 1.0
    parts = flat(shapely.transform(geometry, lambda points: points * unit_m))
    polygons = [part for part in parts if isinstance(part, Polygon) and not part.is_empty]
    if not polygons:
        found = f"a {geometry.geom_type} without polygons"
        raise ScenarioError([Problem(file, "table geometry", found, "the walkable area as polygons")])
    return [Shape(polygon, "walkable", f"polygon {k} of the geometry") for k, polygon in enumerate(polygons, start=1)]
