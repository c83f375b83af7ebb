"""The assumptions under which a verdict is looked at again: one arm of a check for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from crowdsim.config import load_scenario
from crowdsim.config.paths import options
from crowdsim.errors import ScenarioError
from crowdsim.scenario.distributions import (
    AnyDuration,
    Constant,
    Empirical,
    Exponential,
    Lognormal,
    Normal,
    TruncatedNormal,
    Uniform,
)
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.profile import MAX_FREE_SPEED_M_S
from crowdsim.scenario.schema import ScenarioConfig

SPEED_CHANGE = 0.10
"""Free speeds are taken this much lower and higher (our choice: crowds differ by age, errand and place)."""

SERVICE_CHANGE = 0.20
"""Service times are taken this much shorter and longer (our choice: what a count of an hour leaves open)."""

COMPLIANCE_CHANGE = 0.20
"""The shares who follow guidance are taken this much lower and higher (our choice: they are seldom measured)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A named assumption, and the scenario under it.

    Attributes
    ----------
    name : of its folder.
    text : what is assumed, in words.
    scenario : None if it cannot be simulated so.
    reason : why not.
    """

    name: str
    text: str
    scenario: Scenario | None
    reason: str = ""


def sensitivity_arms(source: str, overrides: Sequence[str], base: Scenario) -> list[Arm]:
    """Return an arm for each assumption that applies and changes something, besides the scenario as it is."""
    arms = _movement_arms(source, overrides, base)
    for name, text, change in _changes():
        config = change(base.config)
        if config != base.config:
            arms.append(Arm(name, text, replace(base, config=config)))
    return arms


def _movement_arms(source: str, overrides: Sequence[str], base: Scenario) -> list[Arm]:
    """Return an arm for each option of the movement group that is not the base's, nor another's, under another name."""
    arms: list[Arm] = []
    seen = [base.config.movement]
    for option in options("movement"):
        name, text = f"movement_{option}", f"movement {option}"
        try:
            scenario = load_scenario(source, [*overrides, f"movement={option}"])
        except ScenarioError as error:
            arms.append(Arm(name, text, None, str(error.problems[0])))
            continue
        if scenario.config.movement not in seen:
            seen.append(scenario.config.movement)
            config = replace(base.config, movement=scenario.config.movement)
            choices = base.choices | {"movement": option}
            arms.append(Arm(name, text, replace(base, config=config, choices=choices)))
    return arms


Change = Callable[[ScenarioConfig], ScenarioConfig]


def _changes() -> list[tuple[str, str, Change]]:
    """Return name, words and change of configuration of every assumption besides the movement model."""
    kinds: list[tuple[str, str, float, Callable[..., ScenarioConfig]]] = [
        ("free_speed", "free speeds", SPEED_CHANGE, _with_speeds),
        ("service_times", "service times", SERVICE_CHANGE, _with_service_times),
        ("compliance", "shares who follow guidance", COMPLIANCE_CHANGE, _with_compliance),
    ]
    return [
        (f"{name}_{word}", f"{text} {100 * sign * share:+.0f} %", partial(make, factor=1 + sign * share))
        for name, text, share, make in kinds
        for word, sign in (("low", -1), ("high", 1))
    ]


def _with_speeds(config: ScenarioConfig, factor: float) -> ScenarioConfig:
    """Return a configuration in which everybody is so much faster."""
    profiles = {}
    for name, profile in config.profiles.items():
        old = profile.free_speed_m_s
        most = min(factor * old.max, MAX_FREE_SPEED_M_S)
        new = TruncatedNormal(mean=factor * old.mean, sd=factor * old.sd, min=factor * old.min, max=most)
        profiles[name] = replace(profile, free_speed_m_s=new)
    return replace(config, profiles=profiles)


def _with_service_times(config: ScenarioConfig, factor: float) -> ScenarioConfig:
    """Return a configuration in which serving takes so much longer."""
    services = {name: replace(s, time=scaled(s.time, factor)) for name, s in config.services.items()}
    return replace(config, services=services)


def scaled(time: AnyDuration, factor: float) -> AnyDuration:
    """Return a distribution of durations, all so much longer."""
    match time:
        case Constant():
            return replace(time, value_s=factor * time.value_s)
        case Uniform():
            return replace(time, min_s=factor * time.min_s, max_s=factor * time.max_s)
        case Normal():
            return replace(time, mean_s=factor * time.mean_s, sd_s=factor * time.sd_s)
        case Lognormal():
            return replace(time, median_s=factor * time.median_s)
        case Exponential():
            return replace(time, mean_s=factor * time.mean_s)
        case Empirical():
            return replace(time, values_s=tuple(factor * value for value in time.values_s))


def _with_compliance(config: ScenarioConfig, factor: float) -> ScenarioConfig:
    """Return a configuration in which so many more follow an app, stewards and announcements; at most all."""

    def more(holder: Any, key: str) -> Any:
        return replace(holder, **{key: min(factor * getattr(holder, key), 1.0)})

    attendees = {
        name: replace(group, choice=more(group.choice, "guided")) if group.choice else group
        for name, group in config.attendees.items()
    }
    stewards = {name: more(steward, "compliance") for name, steward in config.stewards.items()}
    interventions = tuple(
        replace(one, announce=more(one.announce, "compliance")) if one.announce else one for one in config.interventions
    )
    return replace(config, attendees=attendees, stewards=stewards, interventions=interventions)
