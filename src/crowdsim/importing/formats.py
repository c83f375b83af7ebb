"""Which reader reads which file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Reader

READERS = {
    ".dxf": "crowdsim.importing.dxf:read_dxf",
    ".ifc": "crowdsim.importing.ifc:read_ifc",
    ".ifcxml": "crowdsim.importing.ifc:read_ifc",
    ".ifczip": "crowdsim.importing.ifc:read_ifc",
    ".svg": "crowdsim.importing.svg:read_svg",
    ".svgz": "crowdsim.importing.svg:read_svg",
    ".osm": "crowdsim.importing.osm:read_osm",
    ".osm.pbf": "crowdsim.importing.osm:read_osm",
    ".pbf": "crowdsim.importing.osm:read_osm",
    ".geojson": "crowdsim.importing.geo:read_geojson",
    ".json": "crowdsim.importing.geo:read_geojson",
    ".wkt": "crowdsim.importing.wkt:read_wkt",
    ".sqlite": "crowdsim.importing.jupedsim:read_jupedsim",
    ".db": "crowdsim.importing.jupedsim:read_jupedsim",
}
"""Readers by the end of a file's name; modules are loaded when they are needed, libraries of theirs may be missing."""


def reader_of(path: Path) -> Reader:
    """Return the reader of a file, by its name.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    name = path.name.lower()
    for suffix in sorted(READERS, key=len, reverse=True):
        if name.endswith(suffix):
            module, function = READERS[suffix].split(":")
            reader: Reader = getattr(import_module(module), function)
            return reader
    found = f"a file whose name ends with {path.suffix!r}" if path.suffix else "a file name without an ending"
    raise ScenarioError([Problem(str(path), "", found, f"one of: {', '.join(READERS)}")])
