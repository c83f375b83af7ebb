"""The venue over time: what interventions make of a scenario's settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from crowdsim.scenario.feature import SETTING_OF, Feature, Scenario
from crowdsim.scenario.venue_settings import PASSAGES, PLACEMENTS, Intervention, Passage, Placement
from crowdsim.venue.build import build_venue
from crowdsim.venue.sheets import place_sheets
from crowdsim.venue.venue import Venue

Moment = tuple[float, Scenario]
"""A time of the run [s], and the scenario with its venue as it is from then on."""


def moments(scenario: Scenario) -> list[Moment]:
    """Return the venue's states in order of time: as it is at the start, then after each time of interventions."""
    states = [(0.0, scenario)]
    in_order = sorted(scenario.config.interventions, key=lambda intervention: intervention.at_s)
    for at_s, together in groupby(in_order, key=lambda intervention: intervention.at_s):
        states.append((at_s, _after(states[-1][1], list(together))))
    return states


def build_states(scenario: Scenario) -> list[tuple[float, Venue]]:
    """Return the unfolded venue at the start and after each time of interventions, sheets in the same places."""
    states = moments(scenario)
    venues = [build_venue(state, unfolded=True) for _, state in states]
    if len(states) > 1 and len(venues[0].sheets) > 1:
        bounds = np.array([[sheet.bounds for sheet in venue.sheets] for venue in venues])
        around = np.concatenate([bounds.min(axis=0)[:, :2], bounds.max(axis=0)[:, 2:]], axis=1)
        shifts = place_sheets([tuple(box) for box in around.tolist()])
        venues = [build_venue(state, unfolded=True, shifts=shifts) for _, state in states]
    return [(at_s, venue) for (at_s, _), venue in zip(states, venues, strict=True)]


def over_time(scenario: Scenario) -> Scenario:
    """Return a scenario whose venue has all the ground that there is at any time of the run.

    Passages are open, and as wide as they ever are, if they ever are; obstacles that are not there, or not in the same
    place, all the time are left out.
    """
    states = [state.config for _, state in moments(scenario)]
    if len(states) == 1:
        return scenario
    changes: dict[str, dict[str, Any]] = {}
    for key in (*PASSAGES, *PLACEMENTS):
        named = dict.fromkeys(name for config in states for name in getattr(config, key))
        for name in named:
            settings = [getattr(config, key).get(name, Placement()) for config in states]
            changes.setdefault(key, {})[name] = _joined(settings, stays=key == "obstacles")
    return _with(scenario, changes)


def _joined(settings: Sequence[Placement], *, stays: bool) -> Placement:
    """Return the widest of settings; of what takes room, there only if it always `stays` where it is."""
    if stays:
        there = all(setting == settings[0] for setting in settings)
        return settings[0] if there else dataclasses.replace(settings[0], enabled=False)
    best = next((setting for setting in settings if setting.enabled), settings[0])
    if isinstance(best, Passage):
        passages = [setting for setting in settings if isinstance(setting, Passage)]
        widths = [passage.width_m for passage in passages if passage.width_m is not None]
        is_open = any(passage.open and passage.enabled for passage in passages)
        return dataclasses.replace(best, open=is_open, width_m=max(widths, default=None))
    return best


def _after(scenario: Scenario, interventions: Sequence[Intervention]) -> Scenario:
    """Return a scenario after interventions that happen at the same time."""
    drawn = {feature.name: feature for feature in scenario.features}
    changed: dict[str, dict[str, Any]] = {}

    def change(name: str, **settings: Any) -> None:
        feature = drawn[name]
        key = SETTING_OF[feature.kind]
        now = changed.setdefault(key, dict(getattr(scenario.config, key)))
        now[name] = dataclasses.replace(now.get(name) or _as_drawn(feature), **settings)

    for intervention in interventions:
        for name in intervention.open:
            change(name, open=True)
        for name in intervention.close:
            change(name, open=False)
        for name in intervention.add:
            change(name, enabled=True)
        for name in intervention.remove:
            change(name, enabled=False)
        for name, width_m in intervention.width_m.items():
            change(name, width_m=width_m)
        for name, way in intervention.move_m.items():
            change(name, move_m=way)
    return _with(scenario, changed)


def _with(scenario: Scenario, settings: Any) -> Scenario:
    return dataclasses.replace(scenario, config=dataclasses.replace(scenario.config, **settings))


def _as_drawn(feature: Feature) -> Placement:
    if SETTING_OF[feature.kind] in PLACEMENTS:
        return Placement()
    return Passage(width_m=feature.line_width_m if feature.line else None, open=feature.open)
