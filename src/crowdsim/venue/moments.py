"""The venue over time: what interventions make of a scenario's settings, and the ground that there ever is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Sequence
from itertools import chain, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.scenario.feature import SETTING_OF, Feature, Scenario
from crowdsim.scenario.intervention import Intervention
from crowdsim.scenario.venue_settings import PASSAGES, PLACEMENTS, Doorway, Passage, Placement, Zone
from crowdsim.venue.build import EXIT_DEPTH_M, build_venue
from crowdsim.venue.sheets import STUB_M, moved, place_sheets
from crowdsim.venue.venue import Bounds, Venue

KINDS_THAT_PASS = (*PASSAGES.values(),)


class VenueOverTime:
    """A scenario's venue, unfolded, as it is at the start and after any changes: all in the same plane.

    Attributes
    ----------
    first : as it is at the start.
    bounds : of all ground that is drawn, there or not: the same with and without interventions.
    ever : with all the ground that there is at any time; None if it stays as it is.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.first = build_venue(scenario, unfolded=True)
        boxes = [_box_of_level(scenario, name) for name in self.first.levels]
        self._shifts = None
        if len(self.first.sheets) > 1:
            sheets = [moved(sheet.area, (-sheet.shift[0], -sheet.shift[1])).bounds for sheet in self.first.sheets]
            boxes = [_around(*pair) for pair in zip(boxes, sheets, strict=False)]
            boxes += [_padded(box, STUB_M) for box in sheets[len(boxes) :]]
            self._shifts = place_sheets(boxes)
            self.first = self.build(scenario)
            boxes = [
                (x0 + x, y0 + y, x1 + x, y1 + y) for (x0, y0, x1, y1), (x, y) in zip(boxes, self._shifts, strict=True)
            ]
        self.bounds: Bounds = _around(self.first.walkable.bounds, *boxes)
        self.ever = self.build(over_time(scenario)) if any(_ground_verbs(scenario)) else None

    def build(self, scenario: Scenario) -> Venue:
        """Return the venue with the settings of a scenario that differs from the first in them only."""
        return build_venue(scenario, unfolded=True, shifts=self._shifts)


def after(scenario: Scenario, interventions: Sequence[Intervention]) -> Scenario:
    """Return a scenario whose settings are those after interventions that happen at the same time."""
    drawn = {feature.name: feature for feature in scenario.features}
    changed: dict[str, dict[str, Any]] = {}

    def change(name: str, **settings: Any) -> None:
        feature = drawn[name]
        key = SETTING_OF[feature.kind]
        now = changed.setdefault(key, dict(getattr(scenario.config, key)))
        now[name] = dataclasses.replace(now.get(name) or _as_drawn(feature), **settings)

    for intervention in interventions:
        for name in _passing(drawn, intervention.open):
            change(name, open=True)
        for name in _passing(drawn, intervention.close):
            change(name, open=False)
        for name in intervention.add:
            change(name, enabled=True)
        for name in intervention.remove:
            change(name, enabled=False)
        for name, width_m in intervention.width_m.items():
            change(name, width_m=width_m)
        for name, way in intervention.move_m.items():
            change(name, move_m=way)
        for name, towards in intervention.one_way.items():
            change(name, one_way=towards)
        for name in intervention.both_ways:
            change(name, one_way=None)
        for name in intervention.keep_clear:
            change(name, keep_clear=True)
        for name in intervention.clear_no_longer:
            change(name, keep_clear=False)
    return _with(scenario, changed) if changed else scenario


def barred(scenario: Scenario, held: Collection[str]) -> Scenario:
    """Return a scenario in which nobody gets through the doors and exits that are held."""
    drawn = {feature.name: feature for feature in scenario.features}
    doors = tuple(_passing(drawn, sorted(held)))
    return after(scenario, [Intervention(at_s=0.0, close=doors)]) if doors else scenario


def over_time(scenario: Scenario) -> Scenario:
    """Return a scenario whose venue has all the ground that there is at any time of the run.

    Passages are open, and as wide as they ever are, if they ever are; obstacles that are not there, or not in the same
    place, all the time are left out.
    """
    states = [state.config for state in _states(scenario)]
    if len(states) == 1:
        return scenario
    changes: dict[str, dict[str, Any]] = {}
    drawn = {feature.name: _as_drawn(feature) for feature in scenario.features}
    for key in (*PASSAGES, *PLACEMENTS):
        named = dict.fromkeys(name for config in states for name in getattr(config, key))
        for name in named:
            settings = [getattr(config, key).get(name) or drawn[name] for config in states]
            changes.setdefault(key, {})[name] = _joined(settings, stays=key == "obstacles")
    return _with(scenario, changes)


def _states(scenario: Scenario) -> list[Scenario]:
    """Return the settings at the start, after each time of interventions, and after each that waits for a condition."""
    states = [scenario]
    timed = [one for one in scenario.config.interventions if one.at_s is not None]
    in_order = sorted(timed, key=lambda intervention: intervention.at_s or 0.0)
    for _, together in groupby(in_order, key=lambda intervention: intervention.at_s):
        states.append(after(states[-1], list(together)))
    states += [after(scenario, [one]) for one in scenario.config.interventions if one.when is not None]
    return [scenario, *(state for state in states if state is not scenario)]


def _ground_verbs(scenario: Scenario) -> list[object]:
    """Return what interventions change of where people can walk."""
    drawn = {feature.name: feature for feature in scenario.features}
    return [
        change
        for one in scenario.config.interventions
        for change in chain(_passing(drawn, (*one.open, *one.close)), one.add, one.remove, one.width_m, one.move_m)
    ]


def _passing(drawn: dict[str, Feature], names: Sequence[str]) -> list[str]:
    """Return those of the names that are passages: queues and entrances are no ground."""
    return [name for name in names if drawn[name].kind in KINDS_THAT_PASS]


def _joined(settings: Sequence[Placement], *, stays: bool) -> Placement:
    """Return the widest of settings; of what takes room, there only if it always `stays` where it is."""
    if stays:
        there = all(setting == settings[0] for setting in settings)
        return settings[0] if there else dataclasses.replace(settings[0], enabled=False)
    best = next((setting for setting in settings if setting.enabled), settings[0])
    if isinstance(best, Passage):
        passages = [setting for setting in settings if isinstance(setting, Passage)]
        widths = [passage.width_m for passage in passages if passage.width_m is not None]
        is_open = any(passage.open for passage in passages)  # and there, though perhaps not at the same time
        return dataclasses.replace(best, open=is_open, width_m=max(widths, default=None))
    return best


def _with(scenario: Scenario, settings: Any) -> Scenario:
    return dataclasses.replace(scenario, config=dataclasses.replace(scenario.config, **settings))


def _as_drawn(feature: Feature) -> Placement:
    if feature.kind == "zone":
        return Zone()
    if SETTING_OF[feature.kind] in PLACEMENTS:
        return Placement()
    if feature.kind == "door":
        return Doorway(width_m=feature.line_width_m, open=feature.open, one_way=feature.one_way)
    return Passage(width_m=feature.line_width_m if feature.line else None, open=feature.open)


def _box_of_level(scenario: Scenario, level: str) -> Bounds:
    """Return the bounds of all that is drawn as ground of a level, there or not, and of what is beyond its exits."""
    boxes = []
    for feature in scenario.features:
        if feature.level == level and feature.kind in ("walkable", "door", "exit"):
            rings = [ring for rings in feature.polygons for ring in rings]
            points = np.array(list(chain(feature.line, *rings)))
            setting = getattr(scenario.config, SETTING_OF[feature.kind]).get(feature.name)
            if setting:
                points = np.concatenate([points, points + np.array(setting.move_m)])
            if feature.line:
                points = np.concatenate([points, *_across(points, _depth_m(feature))])
            boxes.append((*points.min(axis=0).tolist(), *points.max(axis=0).tolist()))
    return _around(*boxes)


def _depth_m(feature: Feature) -> float:
    """Return how far the ground of a door or exit reaches from its line, on each side."""
    return EXIT_DEPTH_M if feature.kind == "exit" else feature.depth_m / 2


def _across(points: NDArray[np.float64], depth_m: float) -> list[NDArray[np.float64]]:
    """Return points of a line, (k, 2), moved so far across it, to one side and to the other."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    across = depth_m * np.array([y2 - y1, x1 - x2]) / math.hypot(x2 - x1, y2 - y1)
    return [points + across, points - across]


def _padded(box: Sequence[float], by_m: float) -> Bounds:
    return box[0] - by_m, box[1] - by_m, box[2] + by_m, box[3] + by_m


def _around(*boxes: Sequence[float]) -> Bounds:
    corners = np.array(boxes)
    return (*corners[:, :2].min(axis=0).tolist(), *corners[:, 2:].max(axis=0).tolist())
