"""The geometries that several test cases share, each with what is measured in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from crowdsim.scenario.feature import Feature
from crowdsim.validate.measuring import Float64, Track, watch
from crowdsim.validate.venues import Point, Points, area, box, build, exactly, leave_by, line, profile

LIMIT_S = 900.0
"""Simulated time after which a case that should have been over long ago is ended [s]."""

EVERYONE = "everyone"

WALL_M = 0.1
"""Thickness of walls that doors go through [m]."""

COUNTERFLOW_LIMIT_S = 300.0
"""Four times what 100 people need without counterflow: later than that, the two crowds block each other for good."""


def one_group(count: int, **settings: Any) -> dict[str, Any]:
    """Return attendees of a single group that start in the zone `start`."""
    return {EVERYONE: {"start": "start", "count": count} | settings}


# ---------------------------------------------------------------- one person
def corridor_walk_s(
    movement: str, seed: int, speed_m_s: float, length_m: float = 40.0, width_m: float = 2.0
) -> tuple[float, Track]:
    """Return how long one person needs along the middle of a corridor [s], and the run."""
    behind = 1.0
    features = [
        area("corridor", "walkable", box(-behind, 0, length_m, width_m)),
        area("start", "zone", box(-behind, 0, behind, width_m)),
        line("out", "exit", (length_m, 0), (length_m, width_m)),
    ]
    people = {"adult": profile(exactly(speed_m_s))}
    scene = build(movement, features, one_group(1), seed, LIMIT_S, profiles=people)
    track = watch(scene, places=np.array([[0.0, width_m / 2]]))
    return track.egress_s, track


# ---------------------------------------------------------------- round a corner
CORNER_PEOPLE = 20
CORNER_RING: Points = [(0, 0), (12, 0), (12, 12), (10, 12), (10, 2), (0, 2)]


@cache
def corner(movement: str, seed: int) -> Track:
    """Walk 20 people from the first 6 m of a 2 m wide corridor round a left-hand corner."""
    features = [
        area("corridor", "walkable", CORNER_RING),
        area("start", "zone", box(0, 0, 6, 2)),
        line("out", "exit", (10, 12), (12, 12)),
    ]
    return watch(build(movement, features, one_group(CORNER_PEOPLE), seed, LIMIT_S), every_s=0.1)


# ---------------------------------------------------------------- one room, one door
ROOM: Points = box(0, 0, 8, 5)
"""The room of 8 x 5 m that RiMEA 5, IMO 4 and 5 and NIST 5.2 share; its door is in the middle of a 5 m wall."""


def room(movement: str, seed: int, count: int, every_s: float = 0.5, start: Points = ROOM, **group: Any) -> Track:
    """Let people leave a room of 8 x 5 m by its 1 m door."""
    features = [area("room", "walkable", ROOM), area("start", "zone", start), line("out", "exit", (8, 2), (8, 3))]
    return watch(build(movement, features, one_group(count, **group), seed, LIMIT_S), every_s)


BACK_OF_ROOM = box(0, 0, 6, 5)
"""Where people wait of whom is seen when they set off: not in the door, where they would make others stop."""

STANDSTILL_M_S = 0.1
"""Slower than this counts as standing: people sway, and make room for those who pass."""


@cache
def late_starts_s(movement: str, seed: int, low_s: float = 10.0, high_s: float = 100.0) -> tuple[Float64, Float64]:
    """Return when each of 10 people was to set off, and when each was seen to: after standing for the last time [s]."""
    delay = {"distribution": "uniform", "min_s": low_s, "max_s": high_s}
    track = room(movement, seed, 10, 0.05, BACK_OF_ROOM, pre_movement=delay)
    with np.errstate(invalid="ignore"):
        speed = np.hypot(np.diff(track.x, axis=0), np.diff(track.y, axis=0)) / np.diff(track.time_s)[:, None]
        stands = speed < STANDSTILL_M_S
    last = stands.shape[0] - 1 - np.argmax(stands[::-1], axis=0)
    return track.model.population.pre_movement_s, track.time_s[last + 1]


# ---------------------------------------------------------------- speeds of kinds of people
LANE_M = 2.0
"""People walk side by side this far apart, so that nobody is in anybody's way [m]."""


def walked_speeds(
    movement: str, seed: int, speeds: Mapping[str, Mapping[str, float]], count: int, length_m: float = 40.0
) -> dict[str, Float64]:
    """Return the speeds at which people of several kinds walk a length side by side [m/s].

    Parameters
    ----------
    speeds : the free speed's distribution of each kind.
    count : people of each kind.
    """
    width = LANE_M * count * len(speeds)
    features = [
        area("plain", "walkable", box(-1, 0, length_m, width)),
        area("start", "zone", box(-1, 0, 1, width)),
        line("out", "exit", (length_m, 0), (length_m, width)),
    ]
    groups = {name: {"start": "start", "count": count, "profile": name} for name in speeds}
    profiles = {name: profile(speed) for name, speed in speeds.items()}
    scene = build(movement, features, groups, seed, LIMIT_S, profiles=profiles)
    y = LANE_M * (np.arange(count * len(speeds)) + 0.5)
    track = watch(scene, every_s=10.0, places=np.column_stack([np.zeros_like(y), y]))
    return {name: length_m / track.exit_s[track.in_group(name)] for name in speeds}


# ---------------------------------------------------------------- a hall and its exits
Exits = Mapping[str, tuple[Point, Point]]


def hall(
    movement: str,
    seed: int,
    size: tuple[float, float],
    start: Points,
    count: int,
    exits: Exits,
    closed: Sequence[str] = (),
    movement_settings: Mapping[str, Any] | None = None,
) -> Track:
    """Let people leave a hall by its nearest open exits; settings replace those of the movement option."""
    features = [area("hall", "walkable", box(0, 0, *size)), area("start", "zone", start)]
    features += [line(name, "exit", *ends, open=name not in closed) for name, ends in exits.items()]
    return watch(build(movement, features, one_group(count), seed, LIMIT_S, movement_settings or {}))


WIDE_HALL, SQUARE_HALL = (30.0, 20.0), (20.0, 20.0)
HALL_PEOPLE = 1000


def four_doors(size: tuple[float, float], from_corner_m: float) -> Exits:
    """Return four 1 m doors in the long walls, each starting this far from a corner."""
    width, depth = size
    near, far = (from_corner_m, from_corner_m + 1), (width - from_corner_m - 1, width - from_corner_m)
    return {
        f"{wall}_{k}": ((x0, y), (x1, y))
        for wall, y in (("south", 0.0), ("north", depth))
        for k, (x0, x1) in enumerate((near, far), 1)
    }


WIDE_DOORS = four_doors(WIDE_HALL, 4.0)
SQUARE_DOORS = four_doors(SQUARE_HALL, 2.0)
MARGIN_M = 2.0
"""The crowd starts this far from the walls."""


@cache
def half_the_doors_s(movement: str, seed: int, size: tuple[float, float]) -> tuple[float, float]:
    """Return how long 1000 people need through four doors, and through those of one wall alone [s]."""
    doors = WIDE_DOORS if size == WIDE_HALL else SQUARE_DOORS
    start = box(MARGIN_M, MARGIN_M, size[0] - MARGIN_M, size[1] - MARGIN_M)
    north = [name for name in doors if name.startswith("north")]
    four = hall(movement, seed, size, start, HALL_PEOPLE, doors)
    two = hall(movement, seed, size, start, HALL_PEOPLE, doors, closed=north)
    return four.egress_s, two.egress_s


def turn(movement: str, seed: int, count: int) -> Track:
    """Let a crowd 20 m wide turn left: 34 m to the corner's square, through it, 10 m on."""
    features = [
        area("first", "walkable", box(0, 0, 60, 20)),
        area("second", "walkable", box(40, 20, 60, 30)),
        area("start", "zone", box(0, 0, 6, 20)),
        line("out", "exit", (40, 30), (60, 30)),
    ]
    return watch(build(movement, features, one_group(count), seed, LIMIT_S))


# ---------------------------------------------------------------- rooms in a row
def bottleneck(
    movement: str, seed: int, width_m: float, length_m: float, goal_m: float = 10.0, count: int = 150, necks: int = 1
) -> Track:
    """Let people walk from a room of 10 x 10 m through necks, each with another such room behind.

    Parameters
    ----------
    width_m, length_m : of each neck.
    goal_m : how far behind the last neck the exit line is.
    """
    side, middle = 10.0, 5.0
    low, high = middle - width_m / 2, middle + width_m / 2
    features: list[Feature] = [area("start", "zone", box(0, 0, side, side))]
    for k in range(necks + 1):
        left = k * (side + length_m)
        features.append(area(f"room_{k}", "walkable", box(left, 0, left + side, side)))
        if k < necks:
            neck = box(left + side, low, left + side + length_m, high)
            features.append(area(f"neck_{k}", "walkable", neck))
            ends = (left + side, low), (left + side, high)
            features.append(line(f"door_{k}", "door", *ends, depth_m=WALL_M))
    at = necks * (side + length_m) + goal_m
    exit_ends = ((at, 0.0), (at, side)) if goal_m > 0 else ((at, low), (at, high))
    features.append(line("out", "exit", *exit_ends))
    return watch(build(movement, features, one_group(count), seed, LIMIT_S), every_s=0.25)


@cache
def counterflow_s(movement: str, seed: int, against: int) -> float:
    """Return when the last of 100 people has passed a corridor of 10 x 2 m that others pass the other way [s]."""
    features = [
        area("west_room", "walkable", box(0, 0, 10, 10)),
        area("corridor", "walkable", box(10, 4, 20, 6)),
        area("east_room", "walkable", box(20, 0, 30, 10)),
        area("start", "zone", box(0, 0, 10, 10)),
        area("other_start", "zone", box(20, 0, 30, 10)),
        line("east", "exit", (30, 0), (30, 10)),
        line("west", "exit", (0, 0), (0, 10)),
    ]
    groups = {"main": {"start": "start", "count": 100, "itinerary": leave_by("east")}}
    if against:
        groups["other"] = {"start": "other_start", "count": against, "itinerary": leave_by("west")}
    track = watch(build(movement, features, groups, seed, COUNTERFLOW_LIMIT_S))
    return float(track.crossing_s(20.0)[track.in_group("main")].max())


# ---------------------------------------------------------------- people with a disability, closed exits
def slow_among_fast_s(movement: str, seed: int, *, slow: bool) -> float:
    """Return how long 25 people need from one room through a passage into another and out [s].

    One of them, if `slow`, walks at 0.8 m/s and is 0.8 m wide, the others at 1.25 m/s and 0.4 m wide.
    """
    features = [
        area("room_1", "walkable", box(0, 0, 5, 4)),
        area("passage", "walkable", box(5, 1.25, 7, 2.75)),
        area("room_2", "walkable", box(7, 0, 12, 4)),
        area("start", "zone", box(0.5, 0, 5, 4)),
        line("out", "exit", (12, 1.5), (12, 2.5)),
    ]
    groups: dict[str, Any] = {"fast": {"start": "start", "count": 24 if slow else 25, "profile": "fast"}}
    profiles = {"fast": profile(exactly(1.25), exactly(0.2))}
    if slow:
        features.append(area("back", "zone", box(0, 1.5, 1, 2.5)))
        groups = {"slow": {"start": "back", "count": 1, "profile": "slow"}} | groups
        profiles["slow"] = profile(exactly(0.8), exactly(0.4))
    return watch(build(movement, features, groups, seed, LIMIT_S, profiles=profiles)).egress_s


def closed_exit(movement: str, seed: int) -> Track:
    """Let one person leave a room of 10 x 15 m whose nearer exit closes after a second."""
    features = [
        area("room", "walkable", box(0, 0, 10, 15)),
        area("start", "zone", box(0, 0, 3, 3)),
        line("near", "exit", (10.0, 3.0), (10.0, 4.0)),
        line("far", "exit", (10.0, 11.0), (10.0, 12.0)),
    ]
    closing = {"at_s": 1.0, "close": "near"}
    return watch(build(movement, features, one_group(1), seed, LIMIT_S, interventions=[closing]))
