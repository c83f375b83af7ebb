"""The properties that a venue file's features can have besides kind and name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

from crowdsim.scenario.feature import DOWN, LINKS, UP, Feature, Fold, Rise
from crowdsim.scenario.value import KEY

DOOR_DEPTH_M = 0.3
"""Thickness of the wall that a door goes through, if not stated (assumption: inner walls are thinner)."""

ESCALATOR_SPEED_M_S = 0.5
"""Speed of an escalator's steps along the slope, if not stated: the usual one (EN 115-1 allows up to 0.75 m/s)."""

LIFT_STOP_S = 10.0
"""How long a lift's doors are open on each level, if not stated (assumption)."""

SETTINGS = {
    "door": ("width_m", "depth_m", "open", "one_way"),
    "exit": ("width_m", "open"),
    "stair": ("to_level", "width_m", "riser_m", "tread_m", "open"),
    "ramp": ("to_level", "width_m", "open"),
    "escalator": ("to_level", "width_m", "speed_m_s", "direction", "open"),
    "lift": ("to_level", "width_m", "capacity", "ride_s", "stop_s", "open"),
    "queue": ("head", "tail", "lane_width_m"),
}
"""Properties besides kind, name and level that a feature of a kind can have."""

NEEDED = {
    "stair": ("to_level", "width_m"),
    "ramp": ("to_level", "width_m"),
    "escalator": ("to_level", "width_m", "direction"),
    "lift": ("to_level", "width_m", "capacity", "ride_s"),
}
"""Properties that a way between levels must have."""

STANDARD = {"escalator": {"speed_m_s": ESCALATOR_SPEED_M_S}, "lift": {"stop_s": LIFT_STOP_S}}
"""Properties that are not needed, with what they are if not stated."""

POINTS = ("one_way", "head", "tail")
"""Properties that may be a point, [x, y]."""

EVERY_SETTING = tuple(dict.fromkeys(key for keys in SETTINGS.values() for key in keys))

OF_FOLD = SETTINGS["queue"]

OF_RISE = ("to_level", "riser_m", "tread_m", "speed_m_s", "direction", "capacity", "ride_s", "stop_s")

ALIKE = 0.75
"""How alike a property must be to one of ours to count as misspelt: `width` does, a drawing program's `layer`
does not (our choice)."""

NAME_ALLOWED = "letters a to z, digits, _ and -, a letter first"

MEANINGS = {
    "level": f"the name of a level, as under 'levels': {NAME_ALLOWED}",
    "to_level": f"the name of the level at its upper end, as under 'levels': {NAME_ALLOWED}",
    "open": "true or false",
    "one_way": "the name of a feature, or [x, y] of a point, on the side that people go to",
    "direction": f"{UP!r} or {DOWN!r}",
    "capacity": "how many people it takes, a whole number above 0",
    "head": "[x, y] in metres, at the corner of the area where people are served",
    "tail": "[x, y] in metres, at the corner of the area where people join",
}
"""What properties other than lengths, speeds and times may be."""


class FeatureError(Exception):
    """What is wrong with a feature: found, allowed."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)


def read_settings(
    properties: Mapping[str, Any], kind: str, *, is_line: bool
) -> tuple[dict[str, Any], list[FeatureError]]:
    """Return what a feature's properties say, as arguments of `Feature`, and everything wrong with them."""
    given = {key: value for key, value in properties.items() if value is not None}  # attribute tables fill with null
    mistakes = [bad for key in given if (bad := _check_name_of(key, kind))]
    settings: dict[str, Any] = {"depth_m": DOOR_DEPTH_M} if kind == "door" else {}
    for key in ("level", *SETTINGS.get(kind, ())):
        if key in given:
            bad = _check_value(key, given[key], is_line=is_line)
            mistakes += [bad] if bad else []
            settings[key] = given[key] if bad else _as_read(key, given[key])
    if kind in LINKS:
        missing = [key for key in NEEDED[kind] if key not in given]
        mistakes += [
            FeatureError(f"no {key}", f"for {'an' if kind[0] in 'aeiou' else 'a'} {kind}: {_meaning(key)}")
            for key in missing
        ]
        mistakes += _check_steps(settings)
        settings = STANDARD.get(kind, {}) | settings
        if not mistakes:
            settings["rise"] = Rise(**{key: settings.pop(key) for key in OF_RISE if key in settings})
    if kind == "queue" and not is_line and not mistakes:
        settings["fold"] = Fold(**{key: settings.pop(key) for key in OF_FOLD if key in settings})
    return settings, mistakes


def _as_read(key: str, value: Any) -> Any:
    """Return a property's value as `Feature` holds it."""
    if isinstance(value, list):
        return tuple(float(number) for number in value)
    return float(value) if is_number(value) and key != "capacity" else value


def written(feature: Feature) -> dict[str, Any]:
    """Return a feature's properties as its file states them."""
    properties: dict[str, Any] = {"kind": feature.kind, "name": feature.name}
    if feature.level:
        properties["level"] = feature.level
    for key in SETTINGS.get(feature.kind, ()):
        holder = feature.rise if key in OF_RISE else feature.fold if key in OF_FOLD else feature
        value = getattr(holder, key) if holder else None
        if value is not None:
            properties[key] = value
    return properties


def _check_name_of(key: str, kind: str) -> FeatureError | None:
    """Return what is wrong with a property's name; those that drawing programs add are fine."""
    allowed = ("kind", "name", "level", *SETTINGS.get(kind, ()))
    if key in allowed:
        return None
    if key in EVERY_SETTING:
        return FeatureError(f"property {key!r}", f"for a feature of kind {kind!r}: {', '.join(allowed)}")
    close = get_close_matches(key, allowed, n=1, cutoff=ALIKE)
    return FeatureError(f"property {key!r}", f"did you mean {close[0]!r}?") if close else None


def _check_value(key: str, value: Any, *, is_line: bool) -> FeatureError | None:
    if not _fits(key, value):
        return FeatureError(f"{key} {short(value)}", _meaning(key))
    if key == "width_m" and not is_line:
        return FeatureError("width_m on an area", "none: the width of an exit area follows from its drawing")
    if key in OF_FOLD and is_line:
        return FeatureError(f"{key} on a line", "none: a line is drawn from its head; or a rectangle to be folded")
    return None


def _fits(key: str, value: Any) -> bool:
    if key in ("level", "to_level"):
        return isinstance(value, str) and re.fullmatch(KEY, value) is not None
    if key == "open":
        return isinstance(value, bool)
    if key in POINTS:
        if isinstance(value, (list, tuple)):
            return len(value) == len("xy") and all(is_number(number) for number in value)
        return key == "one_way" and isinstance(value, str) and bool(value)
    if key == "direction":
        return value in (UP, DOWN)
    return is_number(value) and value > 0 and (key != "capacity" or isinstance(value, int))


def _check_steps(settings: Mapping[str, Any]) -> Iterator[FeatureError]:
    given = [key for key in ("riser_m", "tread_m") if key in settings]
    if len(given) == 1:
        yield FeatureError(f"{given[0]} alone", "both riser_m and tread_m, or neither")


def _meaning(key: str) -> str:
    if key in MEANINGS:
        return MEANINGS[key]
    if key.endswith("_m_s"):
        return "a speed above 0 in m/s"
    return "a time above 0 in seconds" if key.endswith("_s") else "a length above 0 in metres"


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def short(value: Any) -> str:
    """Return a value as a text of limited length."""
    return _REPR.repr(value)


_REPR = Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 60
