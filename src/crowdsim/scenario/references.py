"""Whether the names that a scenario uses exist, and fit what they are used for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.feature import Feature
from crowdsim.scenario.schema import NEAREST, AtStart, AttendeeGroup, Leave, ScenarioConfig
from crowdsim.scenario.validate import Place
from crowdsim.scenario.yaml_file import KeyPath


class _Finding(NamedTuple):
    path: KeyPath
    found: str
    allowed: str


def find_reference_problems(
    config: ScenarioConfig, features: tuple[Feature, ...], place: Place
) -> list[Problem]:
    """Return every name in a configuration that does not exist in it or in the venue, or cannot be used so."""
    by_kind: dict[str, dict[str, Feature]] = {}
    for feature in features:
        by_kind.setdefault(feature.kind, {})[feature.name] = feature
    findings = list(_passages(config, by_kind)) + list(_steps(config))
    for name, group in config.attendees.items():
        findings += _group(("attendees", name), group, config, by_kind)
    return [Problem(*place(finding.path), finding.found, finding.allowed) for finding in findings]


def _passages(config: ScenarioConfig, by_kind: dict[str, dict[str, Feature]]) -> Iterator[_Finding]:
    for key, kind, settings in (("doors", "door", config.doors), ("exits", "exit", config.exits)):
        known = by_kind.get(kind, {})
        for name, setting in settings.items():
            if name not in known:
                yield _Finding(
                    (key, name), f"{kind} {name!r}, which the venue does not have", suggest(name, known)
                )
            elif setting.width_m is not None and not known[name].line:
                yield _Finding(
                    (key, name, "width_m"),
                    f"a width for exit {name!r}, which is drawn as an area",
                    "no width_m here: the width follows from the drawing",
                )


def _steps(config: ScenarioConfig) -> Iterator[_Finding]:
    interval, step = config.output.sample_interval_s, config.movement.step_s
    steps = interval / step
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
        yield _Finding(
            ("output", "sample_interval_s"),
            f"{interval:g} s",
            f"a multiple of movement.step_s ({step:g} s)",
        )


def _group(
    path: KeyPath, group: AttendeeGroup, config: ScenarioConfig, by_kind: dict[str, dict[str, Feature]]
) -> Iterator[_Finding]:
    zones, entrances = by_kind.get("zone", {}), by_kind.get("entrance", {})
    at_start = isinstance(group.arrival, AtStart)
    if group.start not in zones and group.start not in entrances:
        yield _Finding(
            (*path, "start"),
            f"{group.start!r}, no zone or entrance",
            suggest(group.start, [*zones, *entrances]),
        )
    elif group.start in zones and not at_start:
        yield _Finding(
            (*path, "arrival"),
            f"arrivals over time in zone {group.start!r}",
            f"kind at_start, or a start that is an entrance: {suggest(group.start, entrances)}",
        )
    elif group.start in entrances and at_start:
        yield _Finding(
            (*path, "arrival"),
            f"no arrival times for entrance {group.start!r}",
            "kind constant, poisson or table, or a start that is a zone",
        )
    profiles = [group.profile] if isinstance(group.profile, str) else list(group.profile)
    for profile in profiles:
        if profile not in config.profiles:
            yield _Finding((*path, "profile"), f"profile {profile!r}", suggest(profile, config.profiles))
    for k, leg in enumerate(group.itinerary):
        here = (*path, "itinerary", k)
        if isinstance(leg, Leave):
            yield from _exits(here, leg, config, by_kind.get("exit", {}))
        elif leg.goal not in zones:
            yield _Finding((*here, "goal"), f"{leg.goal!r}, no zone", suggest(leg.goal, zones))


def _exits(
    path: KeyPath, leg: Leave, config: ScenarioConfig, exits: dict[str, Feature]
) -> Iterator[_Finding]:
    def is_open(name: str) -> bool:
        return config.exits[name].open if name in config.exits else exits[name].open

    usable = [name for name in exits if is_open(name)]
    if leg.exit == NEAREST:
        if not usable:
            yield _Finding((*path, "exit"), "no open exit in the venue", "at least one open exit")
        return
    for name in [leg.exit] if isinstance(leg.exit, str) else leg.exit:
        if name not in exits:
            yield _Finding((*path, "exit"), f"{name!r}, no exit", suggest(name, [*exits, NEAREST]))
        elif not is_open(name):
            yield _Finding(
                (*path, "exit"), f"exit {name!r}, which is closed", f"an open exit; {suggest(name, usable)}"
            )
