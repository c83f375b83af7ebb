"""Twelve cabins along a corridor with two exits: the geometry of RiMEA 10 and IMO 10."""

from __future__ import annotations

from typing import Any

from crowdsim.validate.experiments import LIMIT_S, WALL_M
from crowdsim.validate.measuring import Track, watch
from crowdsim.validate.venues import Points, area, box, build, leave_by, line

CABIN_M, CABIN_DEPTH_M, CABIN_DOOR_M = 3.0, 5.0, 0.9
MAIN_FROM_M, MAIN_TO_M = 6.0, 7.2
CABIN_PEOPLE = (2,) * 11 + (1,)
TO_SECONDARY = (5, 6, 11, 12)
CORRIDOR_M = 1.0


def cabins(movement: str, seed: int) -> tuple[Track, list[str]]:
    """Let 23 people leave 12 cabins by the exit assigned to each; return the run and the assigned exits."""
    end, bottom = 6 * CABIN_M + MAIN_TO_M - MAIN_FROM_M, -WALL_M - CABIN_DEPTH_M
    features = [
        area("corridor", "walkable", box(0, 0, end, CORRIDOR_M)),
        area("passage", "walkable", box(MAIN_FROM_M, bottom, MAIN_TO_M, 0)),
        line("main", "exit", (MAIN_FROM_M, bottom), (MAIN_TO_M, bottom)),
        line("secondary", "exit", (end, 0), (end, CORRIDOR_M)),
    ]
    groups: dict[str, Any] = {}
    assigned: list[str] = []
    for k, people in enumerate(CABIN_PEOPLE, 1):
        top, inside = _cabin(k)
        wall_y = CORRIDOR_M + WALL_M / 2 if top else -WALL_M / 2
        middle = (inside[0][0] + inside[1][0]) / 2
        ends = (middle - CABIN_DOOR_M / 2, wall_y), (middle + CABIN_DOOR_M / 2, wall_y)
        features += [
            area(f"cabin_{k}", "walkable", inside),
            area(f"zone_{k}", "zone", inside),
            line(f"door_{k}", "door", *ends, depth_m=2 * WALL_M),
        ]
        goal = "secondary" if k in TO_SECONDARY else "main"
        groups[f"cabin_{k}"] = {"start": f"zone_{k}", "count": people, "itinerary": leave_by(goal)}
        assigned += [goal] * people
    return watch(build(movement, features, groups, seed, LIMIT_S)), assigned


def cabin_walls() -> list[Points]:
    """Return the outlines of the corridor, the passage and the cabins, for a picture."""
    end = 6 * CABIN_M + MAIN_TO_M - MAIN_FROM_M
    depth = WALL_M + CABIN_DEPTH_M
    rings = [box(0, 0, end, CORRIDOR_M), box(MAIN_FROM_M, -depth, MAIN_TO_M, 0)]
    return rings + [_cabin(k)[1] for k, _ in enumerate(CABIN_PEOPLE, 1)]


def _cabin(number: int) -> tuple[bool, Points]:
    """Return whether a cabin lies above the corridor, and its outline."""
    top = number <= len(CABIN_PEOPLE) // 2
    left = CABIN_M * ((number - 1) % 6)
    left += 0.0 if top or left < MAIN_FROM_M else MAIN_TO_M - MAIN_FROM_M
    low = CORRIDOR_M + WALL_M if top else -WALL_M - CABIN_DEPTH_M
    return top, box(left + WALL_M / 2, low, left + CABIN_M - WALL_M / 2, low + CABIN_DEPTH_M)
