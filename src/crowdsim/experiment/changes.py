"""What changed in the configuration and the venue between two arms, in keys and in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.schema import ScenarioConfig

UNIMPORTANT = ("seed", "threads", "title", "description", "scenario", "venue", "added", "output.plots")
"""Keys that do not change what is simulated; features that are added are compared with the others."""

ABSENT = "-"
"""Stands where one arm does not have a key."""


@dataclass(frozen=True, slots=True)
class ChangedKey:
    """A key that has another value; `words` says what that means."""

    key: str
    before: Any
    after: Any
    words: str


def find_changes(first: Scenario, second: Scenario) -> list[ChangedKey]:
    """Return what changed from one scenario to another: configuration first, then the venue's features."""
    before, after = _flat(first.config), _flat(second.config)
    changed = [
        ChangedKey(key, before.get(key, ABSENT), after.get(key, ABSENT), "")
        for key in dict.fromkeys([*before, *after])
        if before.get(key, ABSENT) != after.get(key, ABSENT)
    ]
    model = "movement.model"
    if any(change.key == model for change in changed):  # its parameters are others, too
        changed = [change for change in changed if change.key == model or not change.key.startswith("movement.")]
    worded = [dataclasses.replace(change, words=_words(change, first.config, second.config)) for change in changed]
    return worded + list(_feature_changes(first, second))


def _flat(config: ScenarioConfig) -> dict[str, Any]:
    return dict(_walk(dataclasses.asdict(config), ""))


def _walk(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        path = f"{prefix}{key}"
        if path in UNIMPORTANT:
            continue
        if isinstance(value, Mapping) and value:
            yield from _walk(value, f"{path}.")
        else:
            yield path, value


def _words(change: ChangedKey, first: ScenarioConfig, second: ScenarioConfig) -> str:
    """Return a change in words: those of what users change most, else key and values."""
    before, after = change.before, change.after
    if change.key == "interventions":
        was, now = ([f"{one.cause}: {one.title}" for one in config.interventions] for config in (first, second))
        gone = [f"without “{text}”" for text in was if text not in now]
        new = [f"with “{text}”" for text in now if text not in was]
        return "; ".join(gone + new)
    if change.key == "movement.model":
        return f"movement model {after} instead of {before}"
    *_, name, last = ["", *change.key.split(".")]
    template = WORDS.get(last)
    if template is None or ABSENT in (before, after):
        return f"{change.key} {_text(after)} instead of {_text(before)}"
    return template.format(name=name, after=_state(last, after), before=_state(last, before))


WORDS = {
    "width_m": "{name} {after} m wide instead of {before} m",
    "open": "{name} {after} instead of {before}",
    "enabled": "{name} {after} instead of {before}",
    "count": "{after} people in {name} instead of {before}",
    "servers": "{after} servers at {name} instead of {before}",
}
"""How changes of some keys are told, by their last part."""

STATES = {"open": ("closed", "open"), "enabled": ("away", "there")}
"""Words for false and true."""


def _state(last: str, value: Any) -> str:
    return STATES[last][value] if last in STATES and isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "nothing" if value is None or value in ((), {}) else str(value)


def _feature_changes(first: Scenario, second: Scenario) -> Iterator[ChangedKey]:
    """Yield the features that are new, gone, or of another shape."""
    before, after = ({(f.kind, f.name): f for f in scenario.features} for scenario in (first, second))
    for kind, name in dict.fromkeys([*before, *after]):
        key, what = f"venue: {kind} {name}", f"{kind.replace('_', ' ')} {name}"
        if (kind, name) not in after:
            yield ChangedKey(key, "there", ABSENT, f"{what} is gone")
        elif (kind, name) not in before:
            yield ChangedKey(key, ABSENT, "there", f"{what} is new")
        elif before[kind, name] != after[kind, name]:
            yield ChangedKey(key, "drawn so", "drawn otherwise", f"{what} is drawn otherwise")
