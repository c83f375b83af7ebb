"""What a scenario has changed of the packaged sets of criteria that it is judged by."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from crowdsim.scenario.criteria import Criterion
from crowdsim.scenario.schema import ScenarioConfig

Sense = Literal["tightened", "loosened", "changed"]

LESS_IS_STRICTER = ("limit_", "above_", "rate_")
"""How the keys begin whose lesser values ask for more."""

STRICTER: dict[str, tuple[Any, ...]] = {
    "worst": ("F", "E", "D", "C", "B", "A"),
    "statistic": ("mean", "p95", "max"),
    "widest_closed": (False, True),
    "over_time": ("window", "moment"),
}
"""Keys whose later values ask for more."""

LATER_IS_LOOSER = ("from_s",)
"""Keys whose greater values ask for less: what is early does not count then."""

NAMES = ("region", "lines", "services")
"""Keys that say what a criterion is about: no names stand for everything."""

WORDS = ("text", "source", "section", "level_of_evidence")
"""Keys that say where a criterion comes from: whoever changes these makes a criterion of one's own."""


def set_of(config: ScenarioConfig, name: str) -> str | None:
    """Return the set that a criterion is from; None if it is the scenario's own."""
    return next((key for key, criteria in config.published.items() if name in criteria), None)


def changes_of(config: ScenarioConfig, name: str, criterion: Criterion) -> list[dict[str, Any]]:
    """Return what is not as the set has it: key, value as published, value now, and whether that asks for more."""
    of_set = set_of(config, name)
    if of_set is None:
        return []
    published, now = asdict(config.published[of_set][name]), asdict(criterion)
    return [
        _change(key, published.get(key), value)
        for key, value in now.items()
        if key not in WORDS and value != published.get(key)
    ]


def _change(key: str, published: Any, now: Any) -> dict[str, Any]:
    sense = sense_of(key, published, now)
    text = f"{sense}: {key} {now}, in the set {published}"
    return {"key": key, "published": published, "now": now, "sense": sense, "text": text}


def left_out(config: ScenarioConfig) -> dict[str, list[str]]:
    """Return the criteria of each set that the scenario is not judged by."""
    missing = {
        key: [name for name in criteria if name not in config.criteria] for key, criteria in config.published.items()
    }
    return {key: names for key, names in missing.items() if names}


def sense_of(key: str, published: Any, now: Any) -> Sense:
    """Return whether a value asks for more than the published one, for less, or for something else."""
    if key in STRICTER and published in STRICTER[key] and now in STRICTER[key]:
        more = STRICTER[key].index(now) > STRICTER[key].index(published)
        return "tightened" if more else "loosened"
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (published, now))
    if numbers and (key.startswith(LESS_IS_STRICTER) or key in LATER_IS_LOOSER):
        return "tightened" if now < published else "loosened"
    if key in NAMES and published == () and now:
        return "loosened"  # about some places, not all
    return "changed"
