"""Made-up maps for tests: an OpenStreetMap file from points in metres about a place."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyproj

PLACE = (11.57, 48.13)
METRES = pyproj.Transformer.from_crs(
    f"+proj=tmerc +lat_0={PLACE[1]} +lon_0={PLACE[0]} +datum=WGS84", 4326, always_xy=True
)

Point = tuple[float, float]


class Map:
    """An extract to be, with points in metres about `PLACE`."""

    def __init__(self) -> None:
        self.missing: set[Point] = set()
        self._nodes: dict[Point, dict[str, str]] = {}
        self._ways: list[tuple[list[Point], dict[str, str]]] = []
        self._relations: list[tuple[list[tuple[int, str]], dict[str, str]]] = []

    def node(self, at: Point, **tags: str) -> None:
        """Add a point with tags; `__` in a key stands for a colon."""
        self._nodes.setdefault(at, {}).update(tags)

    def way(self, *points: Point, **tags: str) -> int:
        """Add a way; returns its number."""
        for point in points:
            self._nodes.setdefault(point, {})
        self._ways.append((list(points), tags))
        return len(self._ways)

    def area(self, x0: float, y0: float, x1: float, y1: float, **tags: str) -> int:
        """Add a closed way that is a rectangle."""
        return self.way((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0), **tags)

    def multipolygon(self, outer: int, inner: int, **tags: str) -> None:
        """Add an area with a hole."""
        self._relations.append(([(outer, "outer"), (inner, "inner")], {"type": "multipolygon", **tags}))

    def text(self, bounds: tuple[float, float, float, float] | None = None) -> str:
        """Return the file's text; bounds in metres as the header states them."""
        lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="test">']
        if bounds:
            (west, south), (east, north) = METRES.transform(*bounds[:2]), METRES.transform(*bounds[2:])
            lines.append(f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>')
        ids = {point: number for number, point in enumerate(self._nodes, start=1)}
        for point, tags in self._nodes.items():
            if point not in self.missing:
                lon, lat = METRES.transform(*point)
                lines.append(
                    f'<node id="{ids[point]}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags)}</node>'
                )
        for number, (points, tags) in enumerate(self._ways, start=1):
            refs = "".join(f'<nd ref="{ids[point]}"/>' for point in points)
            lines.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        for number, (members, tags) in enumerate(self._relations, start=1):
            refs = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members)
            lines.append(f'<relation id="{number}" version="1">{refs}{_tags(tags)}</relation>')
        return "\n".join([*lines, "</osm>"])

    def write(self, folder: Path, bounds: tuple[float, float, float, float] | None = None) -> Path:
        """Write the file."""
        path = folder / "map.osm"
        path.write_text(self.text(bounds), encoding="utf-8")
        return path


def _tags(tags: dict[str, Any]) -> str:
    return "".join(f"<tag k={quoteattr(key.replace('__', ':'))} v={quoteattr(value)}/>" for key, value in tags.items())
