"""Venues with stairs and lifts that several test cases share, each with what is measured in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from crowdsim.scenario.feature import Feature
from crowdsim.scenario.profile import STAIRS_DOWN, STAIRS_UP
from crowdsim.validate.experiments import EVERYONE, LIMIT_S, one_group
from crowdsim.validate.measuring import Float64, Track, watch
from crowdsim.validate.venues import area, between, box, build, exactly, line, on, profile, stair

LOW, HIGH = "low", "high"

SLOPE = math.atan2(0.178, 0.279)
"""Of the stair of 178 by 279 mm that speeds on stairs are stated for [rad]; see `crowdsim.venue.links`."""

APPROACH_M = 3.0
"""Level way before a stair that a lone walker reaches the own speed on."""


def over_a_stair(
    movement: str,
    seed: int,
    *,
    up: bool,
    run_m: float,
    width_m: float,
    count: int,
    room: tuple[float, float],
    corridor: tuple[float, float] = (0.0, 0.0),
    rise_m: float | None = None,
    person: Mapping[str, Any] | None = None,
    every_s: float = 0.5,
) -> Track:
    """Let people walk from a room, along a corridor if there is one, over a stair to an exit; always rightwards.

    Parameters
    ----------
    run_m : length of the stair in the plan, with the usual slope unless a height is given.
    room : length and width of the room; the way is in the middle of its right wall.
    corridor : length and width.
    person : the profile of everyone.
    """
    first, second = (LOW, HIGH) if up else (HIGH, LOW)
    middle, foot = room[1] / 2, room[0] + corridor[0]
    end = foot + run_m
    before = [area("room", "walkable", box(0, 0, *room)), area("start", "zone", box(0, 0, *room))]
    if corridor[0]:
        half = corridor[1] / 2
        before.append(area("corridor", "walkable", box(room[0], middle - half, foot, middle + half)))
    beside = max(width_m, 2.0) / 2 + 1.0
    after = [
        area("landing", "walkable", box(end, middle - beside, end + APPROACH_M, middle + beside)),
        line("out", "exit", (end + APPROACH_M, middle - beside), (end + APPROACH_M, middle + beside)),
    ]
    ends = ((foot, middle), (end, middle)) if up else ((end, middle), (foot, middle))
    features = [*on(first, *before), *on(second, *after), stair("stair", *ends, width_m, (LOW, HIGH))]
    height = rise_m if rise_m is not None else run_m * math.tan(SLOPE)
    scene = build(
        movement, features, one_group(count), seed, 2 * LIMIT_S,
        profiles={"adult": dict(person)} if person else None, levels={LOW: 0.0, HIGH: height},
    )  # fmt: skip
    return watch(scene, every_s)


def walked_m_s(
    movement: str, seed: int, length_m: float, *, up: bool, speed_m_s: float | None = None
) -> tuple[float, float]:
    """Return the speed of one person along a stair's slope, and the one that is set [m/s].

    Parameters
    ----------
    length_m : of the stair, along the slope.
    speed_m_s : to be set along the slope, the same up and down; the standard shares of 1.34 m/s otherwise.
    """
    run = length_m * math.cos(SLOPE)
    if speed_m_s is None:
        person = profile(exactly(1.34))
        share = standard_shares()[0 if up else 1]
    else:
        person = profile(exactly(speed_m_s * math.cos(SLOPE))) | {"stairs_up": 1.0, "stairs_down": 1.0}
        share = 1.0
    track = over_a_stair(
        movement, seed, up=up, run_m=run, width_m=2.0, count=1, room=(APPROACH_M, 2.0), person=person, every_s=0.05
    )
    seconds = track.crossing_s(APPROACH_M + run)[0] - track.crossing_s(APPROACH_M)[0]
    free = person["free_speed_m_s"]["mean"]
    return length_m / float(seconds), free * share / math.cos(SLOPE)


def standard_shares() -> tuple[float, float]:
    """Return the standard adult's free speeds up and down stairs as shares of that on the level."""
    return STAIRS_UP, STAIRS_DOWN


@cache
def room_corridor_stair(movement: str, seed: int) -> Track:
    """Let 150 people walk from a room of 8 x 5 m along a corridor of 12 x 2 m up a stair of 3 x 2 m."""
    return over_a_stair(
        movement, seed, up=True, run_m=3.0, width_m=2.0, count=150, room=(8.0, 5.0), corridor=(12.0, 2.0)
    )


CORRIDOR_AT_M, STAIR_AT_M, STAIR_END_M = 8.0, 20.0, 23.0
"""Where the corridor, the stair and the landing of `room_corridor_stair` begin."""


@cache
def room_stair(movement: str, seed: int, *, up: bool, width_m: float = 2.0) -> Track:
    """Let 100 people walk from a room of 10 x 10 m, 2 m on, over a stair of 5 m in the plan."""
    return over_a_stair(
        movement, seed, up=up, run_m=5.0, width_m=width_m, count=100, room=(10.0, 10.0), corridor=(2.0, width_m)
    )


ROOM_STAIR_M = 12.0, 17.0
"""Where the stair of `room_stair` begins and ends."""


def on_the_stair(track: Track, begin_m: float, end_m: float, width_m: float) -> tuple[float, float]:
    """Return the mean speed [m/s] and density [1/m2] on a part of a stair, both in the plan, while people come evenly.

    The first and the last fifth of the people are left out; a speed is the way from one sample to the next.
    """
    passed = np.sort(track.crossing_s(end_m))
    first, last = passed[passed.size // 5], passed[4 * passed.size // 5]
    when = (track.time_s[:-1] >= first) & (track.time_s[1:] <= last)
    x, dx = track.x[:-1], np.diff(track.x, axis=0)
    with np.errstate(invalid="ignore"):
        here = (x >= begin_m) & (x < end_m) & np.isfinite(dx) & when[:, None]
    speeds = dx / np.diff(track.time_s)[:, None]
    density = here.sum(axis=1)[when] / ((end_m - begin_m) * width_m)
    return float(speeds[here].mean()), float(density.mean())


INSTEAD_END_M = 20.0
"""Where the stair, or the corridor in its place, ends."""


def level_instead(movement: str, seed: int, count: int, person: Mapping[str, Any]) -> Track:
    """Let people walk from the hall of `stair_instead`, over a corridor in the stair's place."""
    features = [
        area("room", "walkable", box(0, 0, 12, 10)),
        area("start", "zone", box(0, 0, 12, 10)),
        area("between", "walkable", box(12, 4, 20, 6)),
        area("landing", "walkable", box(20, 3, 23, 7)),
        line("out", "exit", (23, 3), (23, 7)),
    ]
    scene = build(movement, features, one_group(count), seed, LIMIT_S, profiles={"adult": dict(person)})
    return watch(scene)


def stair_instead(movement: str, seed: int, count: int, person: Mapping[str, Any], *, up: bool) -> Track:
    """Let people walk from a hall of 12 x 10 m over a stair of 8 x 2 m."""
    return over_a_stair(
        movement, seed, up=up, run_m=8.0, width_m=2.0, count=count, room=(12.0, 10.0), rise_m=4.0, person=person
    )


# ---------------------------------------------------------------- other venues of several levels
STOREYS = (("second", -44.0, 36), ("first", 0.0, 38), ("ground", 44.0, 38))
"""Storeys of the house: name, where they begin in the plan [m], and rooms."""

IN_A_ROOM = 4


@cache
def house(movement: str, seed: int, slowest: float, fastest: float) -> Track:
    """Let 448 people leave a house of three storeys by one stair a storey; free speeds even between two bounds [m/s].

    Each storey is a corridor of 40 x 3 m with rooms of 1.9 x 3 m on either side, doors 1 m wide, four people in each.
    """
    features: list[Feature] = []
    groups: dict[str, Any] = {}
    for name, x, rooms in STOREYS:
        mine = [area(f"{name}_corridor", "walkable", box(x, 3.1, x + 40, 6.1))]
        for k in range(rooms):
            left, room = x + 1 + 2 * (k // 2), f"{name}_{k}"
            y0, door = (0.0, 3.0) if k % 2 else (6.2, 6.1)
            ring = box(left, y0, left + 1.9, y0 + 3.0)
            mine += [area(f"{room}_floor", "walkable", ring), area(room, "zone", ring)]
            mine.append(area(f"{room}_door", "walkable", box(left + 0.45, door, left + 1.45, door + 0.1)))
            groups[room] = {"start": room, "count": IN_A_ROOM}
        features += on(name, *mine)
    features += on("ground", line("out", "exit", (84, 3.1), (84, 6.1)))
    features += [
        stair("upper_stair", (0, 4.6), (-4, 4.6), 2.5, ("first", "second")),
        stair("lower_stair", (44, 4.6), (40, 4.6), 2.5, ("ground", "first")),
    ]
    speed = exactly(slowest) if slowest == fastest else between(slowest, fastest)
    levels = {"ground": 0.0, "first": 3.0, "second": 6.0}
    scene = build(movement, features, groups, seed, 4 * LIMIT_S, profiles={"adult": profile(speed)}, levels=levels)
    return watch(scene, every_s=5.0)


PASSAGE = 15.0, 3.0, 25.0, 7.0
"""Of `two_ways`: x and y of its corners [m]."""


@cache
def two_ways(movement: str, seed: int, farther_m: float) -> Track:
    """Let 100 people walk to another room: down a stair, through a passage and up again, or round on their own floor.

    Two flights of 5 x 2 m and a passage of 10 x 4 m below; round by a corridor 2 m wide, so far away from the rooms.
    """
    y = 12.0 + farther_m
    above = [
        area("start_room", "walkable", box(0, 0, 10, 10)),
        area("end_room", "walkable", box(30, 0, 40, 10)),
        area("start", "zone", box(0, 0, 8, 10)),
        area("leave", "walkable", box(8, 10, 10, y)),
        area("round", "walkable", box(8, y, 32, y + 2)),
        area("return", "walkable", box(30, 10, 32, y)),
        line("out", "exit", (40, 0), (40, 10)),
    ]
    features = [
        *on(HIGH, *above),
        *on(LOW, area("passage", "walkable", box(*PASSAGE))),
        stair("down", (15, 5), (10, 5), 2.0, (LOW, HIGH)),
        stair("up", (25, 5), (30, 5), 2.0, (LOW, HIGH)),
    ]
    return watch(build(movement, features, one_group(100), seed, LIMIT_S, levels={LOW: 0.0, HIGH: 3.0}))


LIFT_TAKES, RIDE_S, STOP_S = 4, 12.0, 10.0


@cache
def by_lift(movement: str, seed: int, count: int) -> Track:
    """Let people who take no steps go up from a hall of 8 x 8 m by a lift, and out of the hall above."""
    features = [
        *on(LOW, area("lobby", "walkable", box(0, 0, 8, 8)), area("start", "zone", box(1, 1, 7, 7))),
        *on(HIGH, area("top", "walkable", box(0, 0, 8, 8)), line("out", "exit", (0, 0), (0, 8))),
        stair("lift", (8, 4), (10.2, 4), 1.6, (LOW, HIGH), "lift", capacity=LIFT_TAKES, ride_s=RIDE_S, stop_s=STOP_S),
    ]
    person = profile(exactly(1.0)) | {"step_free": True}
    scene = build(
        movement, features, {EVERYONE: {"start": "start", "count": count}}, seed, LIMIT_S,
        profiles={"adult": person}, levels={LOW: 0.0, HIGH: 3.0},
    )  # fmt: skip
    return watch(scene, every_s=0.5)


def by_stair(track: Track) -> float:
    """Return the share of people who took the stairs in `two_ways`."""
    with np.errstate(invalid="ignore"):
        below = (track.x > PASSAGE[0]) & (track.x < PASSAGE[2]) & (track.y > PASSAGE[1]) & (track.y < PASSAGE[3])
    return float(below.any(axis=0).mean())


def largest_mean(counts: Float64, area_m2: float, samples: int) -> float:
    """Return the largest density averaged over so many samples in a row [1/m2]."""
    return float(np.convolve(counts / area_m2, np.ones(samples) / samples, "valid").max())
