"""Scenarios made in memory from a few shapes, for test cases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from crowdsim.config.compose import compose_values
from crowdsim.config.load import STANDARD_CHOICES
from crowdsim.errors import ScenarioError
from crowdsim.scenario.feature import Feature, Kind, Rise, Scenario
from crowdsim.scenario.validate import validate
from crowdsim.scenario.venue_settings import PASSAGES
from crowdsim.scenario.yaml_file import KeyPath
from crowdsim.venue.checks import find_problems

DEFAULT_MOVEMENT = STANDARD_CHOICES["movement"]
"""The movement option that is validated if none is named: the one that scenarios get."""

WHERE = "test case"

Point = tuple[float, float]
Points = Sequence[Point]


def area(name: str, kind: Kind, ring: Points) -> Feature:
    """Return a polygon feature; `ring` is not closed."""
    return Feature(name, kind, polygons=((tuple((float(x), float(y)) for x, y in (*ring, ring[0])),),))


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Return the corners of a rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def line(name: str, kind: Kind, start: Point, end: Point, **settings: Any) -> Feature:
    """Return a line feature."""
    return Feature(name, kind, line=((float(start[0]), float(start[1])), (float(end[0]), float(end[1]))), **settings)


def exactly(value: float) -> dict[str, float]:
    """Return a distribution that always gives `value`."""
    return between(value, value)


def between(low: float, high: float) -> dict[str, float]:
    """Return an even distribution: a normal one cut off far inside its spread.

    Over the width of the interval the density falls by less than 1 in 10,000.
    """
    spread = 100.0
    return {"mean": (low + high) / 2, "sd": spread * (high - low), "min": low, "max": high}


def stair(
    name: str, start: Point, end: Point, width_m: float, levels: tuple[str, str], kind: Kind = "stair", **rise: Any
) -> Feature:
    """Return a straight way between two levels from its lower end to the upper one."""
    ends = ((float(start[0]), float(start[1])), (float(end[0]), float(end[1])))
    return Feature(name, kind, line=ends, width_m=width_m, level=levels[0], rise=Rise(levels[1], **rise))


def on(level: str, *features: Feature) -> list[Feature]:
    """Return features put on a level."""
    return [replace(feature, level=level) for feature in features]


def leave_by(*exits: str) -> list[dict[str, Any]]:
    """Return an itinerary that leaves by the nearest of these exits."""
    return [{"exit": list(exits) if len(exits) > 1 else exits[0]}]


@cache
def _standard(movement: str) -> dict[str, Any]:
    """Return the values of the config groups, with a movement option."""
    values, problems = compose_values({}, STANDARD_CHOICES | {"movement": movement}, [], _place)
    if problems:
        raise ScenarioError(problems)
    return values


def _place(path: KeyPath) -> tuple[str, str]:
    return WHERE, ".".join(map(str, path))


def build(
    movement: str,
    features: Sequence[Feature],
    attendees: Mapping[str, Any],
    seed: int,
    duration_s: float,
    movement_settings: Mapping[str, Any] | None = None,
    profiles: Mapping[str, Any] | None = None,
    levels: Mapping[str, float] | None = None,
    interventions: Sequence[Mapping[str, Any]] = (),
) -> Scenario:
    """Return a scenario with the standard configuration and a movement option, checked.

    Parameters
    ----------
    movement : option of the config group.
    movement_settings : values of that option to replace, such as `{"step_s": 0.01}`.
    profiles : further profiles, or others of the same name.
    levels : heights of levels [m], by name.
    interventions : what changes during the run.

    Raises
    ------
    ScenarioError
        With everything wrong with it.
    """
    values = _standard(movement) | {"title": WHERE, "seed": seed, "duration_s": duration_s, "attendees": attendees}
    values["movement"] = values["movement"] | (movement_settings or {})
    values["profiles"] = values["profiles"] | (profiles or {})
    values["levels"] = {name: {"elevation_m": height} for name, height in (levels or {}).items()}
    values["interventions"] = list(interventions)
    for key, kind in PASSAGES.items():
        values[key] = {
            f.name: {"width_m": f.line_width_m if f.line else None, "open": f.open} for f in features if f.kind == kind
        }
    config, problems = validate(values, _place)
    if config is None:
        raise ScenarioError(problems)
    choices = STANDARD_CHOICES | {"movement": movement}
    scenario = Scenario(WHERE, Path(), config, tuple(features), choices)
    problems = find_problems(scenario)
    if problems:
        raise ScenarioError(problems)
    return scenario


def step_of(movement: str) -> float:
    """Return the length of a step of a movement option [s]."""
    return float(_standard(movement)["movement"]["step_s"])


def profile(speed: Mapping[str, float], radius: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Return a profile with a free speed [m/s] and a body radius [m]; the standard adult's if none is given."""
    return {"free_speed_m_s": speed, "body_radius_m": radius or adult_radius()}


def adult_radius() -> dict[str, float]:
    """Return the body radius of the standard adult [m]."""
    radius: dict[str, float] = _standard(DEFAULT_MOVEMENT)["profiles"]["adult"]["body_radius_m"]
    return radius


def moved(features: Sequence[Feature], angle: float, shift: Point) -> list[Feature]:
    """Return features turned about the origin by an angle [rad], then shifted [m]."""

    def move(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple(turned(point, angle, shift) for point in points)

    return [
        Feature(
            f.name,
            f.kind,
            polygons=tuple(tuple(move(ring) for ring in rings) for rings in f.polygons),
            line=move(f.line),
            width_m=f.width_m,
            depth_m=f.depth_m,
            open=f.open,
            level=f.level,
            rise=f.rise,
        )
        for f in features
    ]


def turned(point: Point, angle: float, shift: Point) -> Point:
    """Return a point turned about the origin by an angle [rad], then shifted [m]."""
    x, y = point
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * x - sin * y + shift[0], sin * x + cos * y + shift[1]
