"""To which side of their lines people pass doors that are one-way."""

from __future__ import annotations

import math
from collections.abc import Iterator

from crowdsim.scenario.feature import Feature, Scenario

Found = tuple[str, str, str]
Towards = str | tuple[float, ...] | None

LEFT, RIGHT, BOTH = 1, -1, 0
"""Sides of a line, in its direction; or people pass to both."""

ON_LINE_M = 0.01
"""A point nearer to a line than this is on neither side of it: drawings are not more exact."""


def side_of(door: Feature, towards: Towards, features: dict[str, Feature]) -> int:
    """Return the side of a door's line, however far it goes, that a point or all of a feature is on.

    BOTH for no feature or point, for what is on both sides or on neither, and for a feature that is not there.
    """
    if towards is None:
        return BOTH
    if isinstance(towards, str):
        target = features.get(towards)
        points = _points(target) if target else []
    else:
        points = [(towards[0], towards[1])]
    (x1, y1), (x2, y2) = door.line[0], door.line[-1]
    length = math.dist((x1, y1), (x2, y2))
    off = [((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / length for x, y in points]
    left, right = any(m > ON_LINE_M for m in off), any(m < -ON_LINE_M for m in off)
    return BOTH if left == right else LEFT if left else RIGHT


def find_unclear(scenario: Scenario) -> Iterator[Found]:
    """Yield the directions of one-way doors that lead to neither side or to both, of settings and interventions."""
    features = {feature.name: feature for feature in scenario.placed()}
    said = [(f"doors.{name}.one_way", name, door.one_way) for name, door in scenario.config.doors.items()]
    for k, intervention in enumerate(scenario.config.interventions):
        said += [(f"interventions.{k}.one_way.{name}", name, to) for name, to in intervention.one_way.items()]
    for where, name, towards in said:
        if towards is None or name not in features or side_of(features[name], towards, features) != BOTH:
            continue
        if isinstance(towards, str):
            kind = features[towards].kind.replace("_", " ")
            found = f"{kind} {towards!r}, which is not on one side of the line of door {name!r}"
        else:
            found = f"({towards[0]:g}, {towards[1]:g}), which is on the line of door {name!r}"
        yield where, found, "a feature that lies on the side that people go to, or [x, y] of a point there"


def _points(feature: Feature) -> list[tuple[float, float]]:
    return [*feature.line, *(point for rings in feature.polygons for ring in rings for point in ring)]
