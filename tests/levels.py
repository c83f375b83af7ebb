"""Small venues of two levels for tests."""

from __future__ import annotations

import dataclasses
from typing import Any

from scenes import area, line, rectangle, scenario

from crowdsim.scenario.feature import Feature, Kind, Rise, Scenario

LOW, HIGH = "ground", "upper"
HEIGHT_M = 4.0

LEVELS = {LOW: {"elevation_m": 0.0}, HIGH: {"elevation_m": HEIGHT_M}}

RUN_M = 8.0
"""Length of the ways between the levels in the plan."""


def on(level: str, *features: Feature) -> list[Feature]:
    """Return features put on a level."""
    return [dataclasses.replace(feature, level=level) for feature in features]


def way(name: str, kind: Kind, *points: tuple[float, float], width: float = 2.0, **rise: Any) -> Feature:
    """Return a way between the two levels."""
    settings = {"escalator": {"speed_m_s": 0.5}, "lift": {"capacity": 6, "ride_s": 12.0, "stop_s": 8.0}}.get(kind, {})
    return line(name, kind, *points, width_m=width, level=LOW, rise=Rise(HIGH, **(settings | rise)))


def person(speed: float = 1.2, **more: Any) -> dict[str, Any]:
    """Return a profile of people who are all alike."""
    return {
        "free_speed_m_s": {"mean": speed, "sd": 0.0, "min": speed, "max": speed},
        "body_radius_m": {"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2},
        **more,
    }


def two_halls(
    *ways: Feature,
    count: int = 60,
    width: float = 10.0,
    down: bool = False,
    profiles: dict[str, Any] | None = None,
    features: tuple[Feature, ...] = (),
    **config: Any,
) -> Scenario:
    """Return two halls, 12 m long, one above and beyond the other: people start in one and leave from the other.

    The ways between them go from (12, y) to (12 + RUN_M, y).
    """
    far = 12 + RUN_M
    halls = [
        *on(LOW, area("low", "walkable", rectangle(0, 0, 12, width))),
        *on(HIGH, area("high", "walkable", rectangle(far, 0, far + 12, width))),
    ]
    if down:
        ends = on(HIGH, area("start", "zone", rectangle(far + 1, 0.5, far + 11, width - 0.5)))
        ends += on(LOW, line("out", "exit", (0, 0), (0, width)))
    else:
        ends = on(LOW, area("start", "zone", rectangle(1, 0.5, 11, width - 0.5)))
        ends += on(HIGH, line("out", "exit", (far + 12, 0), (far + 12, width)))
    people = {"start": "start", "count": count, "itinerary": [{"exit": "out"}]}
    profiles = {"adult": person()} | (profiles or {})
    if len(profiles) > 1:
        people["profile"] = dict.fromkeys(profiles, 1.0)
    settings = {"levels": LEVELS, "profiles": profiles, **config}
    return scenario([*halls, *ways, *ends, *features], {"people": people}, **settings)


def one_hall(count: int = 60, width: float = 10.0, corridor: float = 2.0, **config: Any) -> Scenario:
    """Return the same on one level, with a corridor in the stair's place."""
    far, low = 12 + RUN_M, (width - corridor) / 2
    features = [
        area("low", "walkable", rectangle(0, 0, 12, width)),
        area("between", "walkable", rectangle(12, low, far, low + corridor)),
        area("high", "walkable", rectangle(far, 0, far + 12, width)),
        area("start", "zone", rectangle(1, 0.5, 11, width - 0.5)),
        line("out", "exit", (far + 12, 0), (far + 12, width)),
    ]
    people = {"start": "start", "count": count, "itinerary": [{"exit": "out"}]}
    return scenario(features, {"people": people}, profiles={"adult": person()}, **config)
