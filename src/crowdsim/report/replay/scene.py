"""What the replay draws under the people: the venue's plan as plain lists, and the grid for densities."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely import LineString

from crowdsim.measure.grid import DensityGrid
from crowdsim.record.recording import Recording
from crowdsim.report.levels import name_of
from crowdsim.report.replay.packing import Packed, pack
from crowdsim.report.replay.thinning import Thinning
from crowdsim.venue import Area, Venue
from crowdsim.venue.sheets import moved

DIGITS = 2
"""Places are written to the centimetre."""

MOST_CELLS = 300_000
"""Cells of the grid at most: a picture of it is drawn several times a second (our choice)."""

CELL_PER_SD = 1 / 1.5
"""Cells need not be smaller than this many standard deviations of the Gaussian that spreads people (our choice)."""

COVER_STEPS = 200.0
"""Shares of the Gaussian on walkable ground are in these steps, 0 for what is not walkable; some are over 1."""


def describe_scene(venue: Venue) -> dict[str, Any]:
    """Return the plan: areas as lists of rings of [x, y] in metres, lines as lists of points, and names."""
    return {
        "bounds": _rounded(venue.walkable.bounds),
        "levels": [
            {"name": name_of(venue, k), "bounds": _rounded(sheet.area.bounds)} for k, sheet in enumerate(venue.sheets)
        ],
        "walkable": _rings(venue.walkable),
        "obstacles": _rings(shapely.union_all([*venue.obstacles.values(), *venue.rails.values()])),
        "links": [
            {"name": name, "rings": _rings(area), "at": _middle(area)}
            for name, area in (
                (link.name, moved(link.area, venue.sheets[venue.levels.index(link.lower)].shift))
                for link in venue.links.values()
            )
        ],
        "zones": [{"name": name, "rings": _rings(area), "at": _middle(area)} for name, area in venue.zones.items()],
        "entrances": [
            {"name": name, "rings": _rings(area), "at": _middle(area)} for name, area in venue.entrances.items()
        ],
        "doors": [
            {"name": name, "line": _points(door.line), "open": door.open, "at": _middle(door.line)}
            for name, door in venue.doors.items()
        ],
        "exits": [
            {
                "name": name,
                "line": _points(exit_.line) if exit_.line is not None else None,
                "rings": [] if exit_.line is not None else _rings(exit_.area),
                "open": exit_.open,
                "at": _middle(exit_.line if exit_.line is not None else exit_.area),
            }
            for name, exit_ in venue.exits.items()
        ],
        "queues": [
            {"name": name, "line": _points(line), "at": _points(line)[0]} for name, line in venue.queues.items()
        ],
        "counters": [{"name": name, "line": _points(line)} for name, line in venue.counters.items()],
    }


def pack_grid(recording: Recording, thinning: Thinning) -> tuple[dict[str, Any], Packed]:
    """Return the grid that the page computes densities on, and what the Gaussian of one on every m2 adds up to.

    It is the grid of the run's own measure where that is small enough. Where only one attendee in n is shown, the
    Gaussian is sqrt(n) times as wide, so that as many of those shown are in its reach as would be of all.
    """
    config = recording.scenario.config.measure
    min_x, min_y, max_x, max_y = recording.venue.walkable.bounds
    smallest = math.sqrt((max_x - min_x) * (max_y - min_y) / MOST_CELLS)
    sd = max(config.smoothing_m * math.sqrt(thinning.one_in), smallest)
    cell = config.cell_m if sd == config.smoothing_m else max(config.cell_m, smallest, CELL_PER_SD * sd)
    grid = DensityGrid(recording.venue.walkable, cell, sd)
    cover = np.where(grid.walkable, np.clip(np.rint(grid.cover * COVER_STEPS), 1, 255), 0).astype(np.uint8)
    rows, columns = grid.shape
    told = {
        "origin": [float(value) for value in grid.origin],
        "cell_m": cell,
        "sd_m": sd,
        "rows": rows,
        "columns": columns,
        "cover_steps": COVER_STEPS,
        "as_measured": cell == config.cell_m and sd == config.smoothing_m,
    }
    return told, pack({"cover": cover.ravel()})


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]


def _points(line: LineString) -> list[list[float]]:
    return [_rounded(point) for point in line.coords]


def _rings(area: Area) -> list[list[list[float]]]:
    """Return outlines and holes of all parts; drawn with the even-odd rule."""
    polygons = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon" and not part.is_empty]
    return [_points(ring) for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]


def _middle(thing: Any) -> list[float]:
    """Return a place in the middle of an area or line."""
    if isinstance(thing, LineString):
        return _rounded(thing.interpolate(0.5, normalized=True).coords[0])
    return _rounded(thing.representative_point().coords[0])
