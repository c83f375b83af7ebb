"""The cases as scenario folders, which any revision of the engine can load."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from crowdsim.bench.workload import Workload

OPEN_DENSITY = 1.0
BOTTLENECK_DENSITY = 2.0
"""Attendees a square metre of the room at the start."""

DOOR_M = 2.0
"""Width of the bottleneck's door."""

OFF_WALLS_M = 0.25
"""Nobody starts nearer to a wall: a little more than the largest standard body, so that peers accept the places."""

DURATION_S = 86_400.0
"""A case ends with its steps, not with its time: a day is longer than any of them."""

Points = Sequence[tuple[float, float]]
Content = tuple[dict[str, Any], list[dict[str, Any]]]
"""A scenario's attendees and its venue's features."""


def write_case(work: Workload, folder: Path) -> None:
    """Write a workload's case as a scenario folder."""
    _write(folder, f"bench: {work.case}", CASES[work.case](work.n), work)


def write_warm_up(work: Workload, folder: Path) -> None:
    """Write a small scenario that calls all the kernels that a case of this movement may call."""
    _write(folder, "bench: warm-up", _warm_up(), work)


def _write(folder: Path, title: str, content: Content, work: Workload) -> None:
    attendees, features = content
    values = {
        "title": title,
        "duration_s": DURATION_S,
        "seed": work.seed,
        "threads": work.threads,
        "attendees": attendees,
        "output": {"sample_interval_s": "${movement.step_s}"},  # nothing is recorded: any step will do
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    venue = {"type": "FeatureCollection", "features": features}
    (folder / "venue.geojson").write_text(json.dumps(venue), encoding="utf-8")


def open_case(n: int) -> Content:
    """Return a square room with one attendee a square metre, the whole right wall of which is the exit."""
    side = math.sqrt(n / OPEN_DENSITY)
    return _room(n, side, 0.0, side)


def bottleneck_case(n: int) -> Content:
    """Return a square hall with two attendees a square metre that all leave by one door in the right wall."""
    side = math.sqrt(n / BOTTLENECK_DENSITY)
    return _room(n, side, (side - DOOR_M) / 2, (side + DOOR_M) / 2)


def _room(n: int, side: float, low: float, high: float) -> Content:
    """Return a square room full of people, with an exit in its right wall from y = `low` to `high`."""
    features = [
        area("room", "walkable", box(0, 0, side, side)),
        area("crowd", "zone", box(OFF_WALLS_M, OFF_WALLS_M, side - OFF_WALLS_M, side - OFF_WALLS_M)),
        exit_line("out", (side, low), (side, high)),
    ]
    return {"everyone": {"start": "crowd", "count": n, "itinerary": [{"exit": "out"}]}}, features


# ---------------------------------------------------------------- city
BLOCKS = 10
"""City blocks along each side."""

CITY_DENSITY = 0.5
"""Attendees a square metre of street."""

STREET_SHARE = 0.2
"""A street's width over a block's length: 12 m to 60 m."""

NARROWEST_STREET_M = 2.0
"""Streets do not get narrower than this where attendees are few; the density is lower then."""

VISITED, EXITS_A_SIDE = 30, 5
"""Crossings that are visited, and exits on each of the four sides: 50 goals."""

SLOW_SHARE = 0.2
"""Share of attendees with the profile `slow`; the others are adults."""

LONGEST_STAY_S = 60.0
"""How long attendees stay at a crossing: evenly drawn, up to this."""


def city_case(n: int) -> Content:
    """Return a street grid of 10 x 10 blocks whose attendees visit up to two crossings and leave by one of two exits.

    Blocks and streets grow with n, so that there is one attendee on every two square metres of street.
    """
    # Streets run round the outermost blocks too: with blocks of 1, a square of side `across` less the blocks.
    across = BLOCKS + (BLOCKS + 1) * STREET_SHARE
    block = math.sqrt(n / CITY_DENSITY / (across**2 - BLOCKS**2))
    street = max(STREET_SHARE * block, NARROWEST_STREET_M)
    pitch = block + street
    side = BLOCKS * pitch + street

    blocks = [
        box(street + c * pitch, street + r * pitch, (c + 1) * pitch, (r + 1) * pitch)
        for r in range(BLOCKS)
        for c in range(BLOCKS)
    ]
    streets = box(0, 0, side, side)
    features = [area("streets", "walkable", streets, *blocks), area("everywhere", "zone", streets, *blocks)]
    inner = BLOCKS - 1
    for k in range(VISITED):
        place = round(k * (inner**2 - 1) / (VISITED - 1))
        x, y = ((step + 1) * pitch for step in (place % inner, place // inner))
        features.append(area(f"crossing_{k}", "zone", box(x, y, x + street, y + street)))
    exits = []
    for k in range(EXITS_A_SIDE):
        low, high = (2 * k + 1) * pitch, (2 * k + 1) * pitch + street
        exits += [
            exit_line(f"west_{k}", (0, low), (0, high)),
            exit_line(f"east_{k}", (side, low), (side, high)),
            exit_line(f"south_{k}", (low, 0), (high, 0)),
            exit_line(f"north_{k}", (low, side), (high, side)),
        ]
    names = [feature["properties"]["name"] for feature in exits]
    return {f"group_{k}": _city_group(k, n, names) for k in range(VISITED)}, features + exits


def _city_group(k: int, n: int, exits: Sequence[str]) -> dict[str, Any]:
    """Return the k-th group of the city: a third of them visits no crossing, a third one, a third two."""
    stay = {"distribution": "uniform", "min_s": 0.0, "max_s": LONGEST_STAY_S}
    # Groups 2, 5, 8, ... add crossings 15, 18, 21, ...: those of the groups that visit none, so that all are visited.
    crossings = [k, (k + 13) % VISITED][: k % 3]
    return {
        "start": "everywhere",
        "count": n // VISITED + (k < n % VISITED),
        "profile": {"adult": 1 - SLOW_SHARE, "slow": SLOW_SHARE},
        "itinerary": [
            *({"goal": f"crossing_{crossing}", "dwell": stay} for crossing in crossings),
            {"exit": [exits[k % len(exits)], exits[(k + len(exits) // 2) % len(exits)]]},
        ],
    }


CASES: dict[str, Callable[[int], Content]] = {"open": open_case, "bottleneck": bottleneck_case, "city": city_case}
"""Returns a case's content for a number of attendees."""

# ---------------------------------------------------------------- warm-up
WARM_UP_ATTENDEES = 600
"""Enough for the engine to wake all its threads."""


def _warm_up() -> Content:
    side = 30.0
    features = [
        area("room", "walkable", box(0, 0, side, side)),
        area("crowd", "zone", box(0.5, 0.5, side - 0.5, side - 0.5)),
        exit_line("left", (0, 10), (0, 20)),
        exit_line("right", (side, 10), (side, 20)),
    ]
    stay = {"distribution": "constant", "value_s": 0.0}
    leave = {"exit": ["left", "right"]}
    itineraries = {"visitors": [{"goal": "crowd", "dwell": stay}, leave], "leavers": [leave]}
    each = {"start": "crowd", "count": WARM_UP_ATTENDEES // len(itineraries)}
    return {name: each | {"itinerary": legs} for name, legs in itineraries.items()}, features


# ---------------------------------------------------------------- features
def area(name: str, kind: str, ring: Points, *holes: Points) -> dict[str, Any]:
    """Return a polygon feature; rings are not closed."""
    return _feature(name, kind, "Polygon", [[list(point) for point in (*each, each[0])] for each in (ring, *holes)])


def exit_line(name: str, start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    """Return an exit that is a line."""
    return _feature(name, "exit", "LineString", [list(start), list(end)])


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Return the corners of a rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _feature(name: str, kind: str, geometry: str, coordinates: list[Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": kind, "name": name},
        "geometry": {"type": geometry, "coordinates": coordinates},
    }
