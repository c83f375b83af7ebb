"""OpenStreetMap extracts: what people can walk on, and what stands on it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point

from crowdsim.errors import MissingExtraError, Problem, ScenarioError
from crowdsim.importing.drawing import Drawing, Dropped, Progress, Reading
from crowdsim.importing.opened import check_readable
from crowdsim.importing.osm_shapes import MapData, MapGate, MapLine, make_shapes
from crowdsim.importing.osm_tags import (
    DISCS_M,
    FORBIDDEN,
    GATES_M,
    KEYS,
    KINDS,
    THICKNESSES_M,
    Left,
    Tags,
    Taken,
    is_area,
    is_passage,
    judge_area,
    judge_line,
    stated_width_m,
)
from crowdsim.importing.projection import WGS84, Bounds, Projection, local_projection

ALLOWED = "an OpenStreetMap extract: .osm or .osm.pbf"

ON_DISK_BYTES = 300_000_000
"""Locations of the points of larger files are kept in a temporary file: such a file has more than 40 million points,
16 bytes each (our choice)."""

BATCH = 20_000
"""Objects whose geometry is looked at together: few calls, and little memory beside what is kept (our choice)."""

STAGES = 3
"""Steps that progress is told in: the relations, the map's objects, the shapes made of them. The library that reads
the file does not tell how far it is."""

SHORTEST = 2
"""Points of the shortest line."""

NO_INSIDE = Left("entrances of buildings", "what is inside is not on the map")
INCOMPLETE = Left("areas", "their outlines are not complete in the file")
NO_WALL = Left("gates", "no wall, fence or hedge of the map goes through them")


def read_osm(path: Path, reading: Reading, progress: Progress) -> Drawing:
    """Read an OpenStreetMap extract, or the box of it that is asked for.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is no extract or has nothing that people can walk on.
    MissingExtraError
        Without osmium or pyproj.
    """
    osmium = _osmium()
    size = check_readable(path, ALLOWED)
    _check_box(reading, path)
    collected = _Collected(osmium, reading.box)
    try:
        with tempfile.TemporaryDirectory() as folder:
            storage = "flex_mem" if size < ON_DISK_BYTES else f"sparse_file_array,{folder}/points"
            collected.read(path, storage, progress)
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ScenarioError(
            [Problem(str(path), "", f"a file that cannot be read as a map ({reason})", ALLOWED)]
        ) from error
    if not collected.lines and not any(KINDS[layer] == "walkable" for _, layer in collected.areas):
        found = f"nothing that people can walk on{' in the box' if reading.box else ''}"
        raise ScenarioError([Problem(str(path), "", found, "an extract with ways, squares or parks")])
    projection = local_projection(WGS84, collected.bounds(), str(path))
    data = collected.in_metres(projection)
    shapes = make_shapes(data)
    progress(STAGES, STAGES)
    dropped = sorted(
        (Dropped(count, left.what, left.why) for left, count in data.left.items() if count), key=lambda d: -d.count
    )
    layers = {shape.layer for shape in shapes}
    kinds = {layer: kind for layer, kind in KINDS.items() if layer in layers}
    return Drawing(tuple(shapes), projection.words, kinds, tuple(dropped))


class _Collected:
    """What has been read of a map, in degrees."""

    def __init__(self, osmium: Any, box: Bounds | None) -> None:
        self.lines: list[tuple[LineString, Taken, str, bool, tuple[bool, bool]]] = []
        self.areas: list[tuple[Any, str]] = []
        self.left: Counter[Left] = Counter()
        self._osmium = osmium
        self._factory = osmium.geom.WKBFactory()
        self._box = box
        self._edge = shapely.box(*box) if box else None
        self._discs: list[tuple[Point, float]] = []
        self._openings: dict[int, tuple[Point, Tags]] = {}
        self._gates: list[tuple[LineString, Tags, float, str]] = []
        self._waiting: list[tuple[Any, Taken | Left, str, bool, tuple[bool, bool]]] = []

    def read(self, path: Path, storage: str, progress: Progress) -> None:
        """Take in a file, keeping the locations of its points as told."""
        osmium = self._osmium
        with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
            bounds = reader.header().box()
        if self._edge is None and bounds.valid():
            low, high = bounds.bottom_left, bounds.top_right
            self._edge = shapely.box(low.lon, low.lat, high.lon, high.lat)
        wanted = osmium.filter.KeyFilter(*KEYS)
        objects = osmium.FileProcessor(str(path)).with_locations(storage).with_areas(wanted).with_filter(wanted)
        progress(0, STAGES)
        for k, item in enumerate(objects):
            if k == 0:
                progress(1, STAGES)
            tags = {tag.k: tag.v for tag in item.tags}
            if item.is_node():
                self._take_node(item, tags)
            elif item.is_way():
                self._take_way(item, tags)
            elif item.is_area():
                self._take_area(item, tags)
            if len(self._waiting) >= BATCH:
                self._settle()
        self._settle()
        self.left[NO_WALL] += sum(1 for _, tags in self._openings.values() if tags.get("barrier") in GATES_M)
        self.left[NO_INSIDE] += sum(1 for _, tags in self._openings.values() if tags.get("barrier") not in GATES_M)
        progress(STAGES - 1, STAGES)

    def bounds(self) -> Bounds:
        """Return west, south, east and north of the data, or of the part that is asked for [degrees]."""
        whole = self._edge or shapely.GeometryCollection(
            [line[0] for line in self.lines] + [area for area, _ in self.areas]
        )
        west, south, east, north = (float(value) for value in whole.bounds)
        return west, south, east, north

    def in_metres(self, projection: Projection) -> MapData:
        """Return what has been read in metres."""

        def moved(geometries: list[Any]) -> Any:
            return projection.apply(np.array(geometries, dtype=object)) if geometries else ()

        data = MapData(moved([shapely.box(*self.bounds())])[0], left=self.left)
        for geometry, line in zip(moved([line[0] for line in self.lines]), self.lines, strict=True):
            _, taken, name, passage, cut = line
            data.lines.append(MapLine(geometry, taken.layer, taken.width_m, name, passage, cut))
        data.areas = list(zip(moved([area for area, _ in self.areas]), [layer for _, layer in self.areas], strict=True))
        sizes = [size for _, size in self._discs]
        data.discs = list(zip(moved([point for point, _ in self._discs]), sizes, strict=True))
        for geometry, gate in zip(moved([gate[0] for gate in self._gates]), self._gates, strict=True):
            _, tags, depth_m, where = gate
            is_open = tags.get("locked") != "yes" and tags.get("foot", tags.get("access", "yes")) not in FORBIDDEN
            width_m = stated_width_m(tags) or GATES_M.get(tags.get("barrier", ""), GATES_M["entrance"])
            data.gates.append(MapGate(geometry, width_m, depth_m, is_open, where))
        return data

    def _take_node(self, node: Any, tags: Tags) -> None:
        point = Point(node.location.lon, node.location.lat)
        if self._edge is not None and not self._edge.intersects(point):
            return
        if tags.get("barrier") in DISCS_M:
            self._discs.append((point, stated_width_m(tags) or DISCS_M[tags["barrier"]]))
        elif tags.get("barrier") in GATES_M or "entrance" in tags:
            self._openings[node.id] = (point, tags)

    def _take_way(self, way: Any, tags: Tags) -> None:
        closed = len(way.nodes) > SHORTEST and way.is_closed()
        if closed and is_area(tags):
            known = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
            if known and len(known) < len(way.nodes) and isinstance(judge_area(tags), Taken):
                self._waiting.append((shapely.MultiPoint(known), INCOMPLETE, "", False, (False, False)))
            return
        verdict = judge_line(tags)
        if verdict is None:
            return
        if tags.get("barrier") in THICKNESSES_M and isinstance(verdict, Taken):
            self._find_openings(way, verdict.width_m)
        name = tags.get("name", "")
        try:
            self._waiting.append(
                (self._factory.create_linestring(way), verdict, name, is_passage(tags), (False, False))
            )
        except (self._osmium.InvalidLocationError, RuntimeError):  # points missing, or all in one place
            for line, cut in _runs(way):
                self._waiting.append((line, verdict, name, is_passage(tags), cut))

    def _take_area(self, area: Any, tags: Tags) -> None:
        if area.from_way() and not is_area(tags):
            return
        verdict = judge_area(tags)
        if verdict is not None:
            self._waiting.append((self._factory.create_multipolygon(area), verdict, "", False, (False, False)))

    def _find_openings(self, way: Any, width_m: float) -> None:
        """Note the openings of a barrier, with the direction that it has there."""
        nodes = list(way.nodes)
        for k, node in enumerate(nodes):
            if node.ref not in self._openings:
                continue
            beside = nodes[k + 1 : k + 2] or nodes[k - 1 : k]
            if beside and beside[0].location.valid():
                point, tags = self._openings.pop(node.ref)
                along = LineString([point, (beside[0].location.lon, beside[0].location.lat)])
                self._gates.append((along, tags, width_m, f"node {node.ref}"))

    def _settle(self) -> None:
        """Keep what is waiting as far as it is in the box, and count what is left out."""
        raw = [item[0] for item in self._waiting]
        geometries = np.array([shapely.from_wkb(item) if isinstance(item, str) else item for item in raw], dtype=object)
        inside = np.ones(len(raw), dtype=bool)
        if self._edge is not None and raw:
            shapely.prepare(self._edge)
            inside = shapely.intersects(geometries, self._edge)
        for geometry, (_, verdict, name, passage, cut), taken in zip(geometries, self._waiting, inside, strict=True):
            if not taken:
                continue
            if isinstance(verdict, Left):
                self.left[verdict] += 1
            elif isinstance(geometry, LineString):
                self.lines.append((geometry, verdict, name, passage, cut))
            else:
                self.areas.append((geometry, verdict.layer))
        self._waiting.clear()


def _runs(way: Any) -> Iterator[tuple[LineString, tuple[bool, bool]]]:
    """Yield the pieces of a way whose points are in the file, and whether each is cut at its start and end."""
    run: list[tuple[float, float]] = []
    began_cut = False
    for node in way.nodes:
        if node.location.valid():
            point = (node.location.lon, node.location.lat)
            if not run or run[-1] != point:
                run.append(point)
            continue
        if len(run) >= SHORTEST:
            yield LineString(run), (began_cut, True)
        run, began_cut = [], True
    if len(run) >= SHORTEST:
        yield LineString(run), (began_cut, False)


def _check_box(reading: Reading, path: Path) -> None:
    if reading.box is not None:
        west, south, east, north = reading.box
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
            found = f"the box {west:g},{south:g},{east:g},{north:g}"
            raise ScenarioError([Problem(str(path), "", found, "west,south,east,north in degrees")])


def _osmium() -> Any:
    try:
        import osmium  # noqa: PLC0415
        import osmium.filter  # noqa: PLC0415
        import osmium.geom  # noqa: PLC0415
        import osmium.io  # noqa: PLC0415
    except ImportError as error:
        msg = 'this needs osmium, which is optional: pip install "crowdsim[maps]"'
        raise MissingExtraError(msg) from error
    return osmium
