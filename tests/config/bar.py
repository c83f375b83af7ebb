"""A hall with a bar, as files to spoil in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def feature(kind: str, name: str, geometry: str, *points: tuple[float, float]) -> dict[str, Any]:
    coordinates = [[list(point) for point in points]] if geometry == "Polygon" else [list(point) for point in points]
    properties = {"kind": kind, "name": name}
    return {"type": "Feature", "properties": properties, "geometry": {"type": geometry, "coordinates": coordinates}}


def make_bar(folder: Path) -> Path:
    """Return a scenario folder: five people on a floor who queue for a bar, and leave."""
    features = [
        feature("walkable", "hall", "Polygon", (0, 0), (20, 0), (20, 10), (0, 10), (0, 0)),
        feature("zone", "floor", "Polygon", (1, 1), (8, 1), (8, 9), (1, 9), (1, 1)),
        feature("exit", "out", "LineString", (20, 4), (20, 6)),
        feature("queue", "line", "LineString", (15, 3), (10, 3)),
        feature("queue", "other", "LineString", (15, 7), (10, 7)),
        feature("counter", "front", "LineString", (16, 2), (16, 4)),
    ]
    (folder / "venue.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "scenario.yaml").write_text(
        "title: t\nduration_s: 60\nattendees:\n"
        "  all: {start: floor, count: 5, itinerary: [{service: bar}, {exit: out}]}\n"
        "services:\n  bar: {queues: line, time: {distribution: constant, value_s: 5}}\n"
    )
    return folder
