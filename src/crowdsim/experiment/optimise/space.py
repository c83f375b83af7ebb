"""What is varied: keys with a ladder of values each, and the layouts that these make together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from math import isfinite, prod
from typing import Any

import yaml

from crowdsim.config import resolved_yaml
from crowdsim.config.axes import SEED
from crowdsim.errors import Problem, suggest
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.venue_settings import PASSAGES

COMMAND_LINE, VARY = "command line", "--vary"

STEP, WHOLE_STEP = 0.1, 1
"""From one value to the next if nothing is said: of numbers (metres, mostly; our choice), and of whole numbers."""

DECIMALS = 9
"""Values are rounded to so many, so that 1.0 + 2 x 0.1 is written 1.2."""

MOST_VALUES = 1000
"""Of one key (our choice: with more, a step was forgotten or mistyped)."""

RANGE = re.compile(r"([^.:]+(?:\.[^.:]+)?)\.\.([^:]+)(?::(.+))?")

ALLOWED = "KEY=LOW..HIGH, KEY=LOW..HIGH:STEP or KEY=A,B,C, such as doors.*.width_m=1..4"

Place = tuple[int, ...]
"""A layout: which value of each key, counted from the least."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A key and its values, ascending."""

    key: str
    values: tuple[float, ...]

    def text(self, k: int) -> str:
        """Return a value as it would be written on the command line, key and all."""
        return f"{self.key}={self.values[k]!r}"


@dataclass(frozen=True, slots=True)
class Space:
    """All layouts that are looked among."""

    ladders: tuple[Ladder, ...]

    @property
    def size(self) -> int:
        """How many layouts there are."""
        return prod(len(ladder.values) for ladder in self.ladders)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are varied."""
        return tuple(ladder.key for ladder in self.ladders)

    @property
    def top(self) -> Place:
        """The layout with the largest value of every key."""
        return tuple(len(ladder.values) - 1 for ladder in self.ladders)

    def places(self) -> Iterator[Place]:
        """Yield every layout."""
        return product(*(range(len(ladder.values)) for ladder in self.ladders))

    def overrides(self, place: Place) -> tuple[str, ...]:
        """Return what a layout sets, as it would be written on the command line."""
        return tuple(ladder.text(k) for ladder, k in zip(self.ladders, place, strict=True))

    def values(self, place: Place) -> dict[str, float]:
        """Return the value of every key."""
        return {ladder.key: ladder.values[k] for ladder, k in zip(self.ladders, place, strict=True)}

    def one_step_down(self, place: Place) -> list[Place]:
        """Return the layouts that differ in one key only, by one step down."""
        return [(*place[:i], k - 1, *place[i + 1 :]) for i, k in enumerate(place) if k]


def read_space(texts: Sequence[str], scenario: Scenario) -> tuple[Space, list[Problem]]:
    """Return what is to be varied of a scenario, and what is wrong with any of it."""
    values = yaml.safe_load(resolved_yaml(scenario))
    ladders: list[Ladder] = []
    problems: list[Problem] = []
    if not texts:
        problems.append(Problem(COMMAND_LINE, VARY, "nothing", ALLOWED))
    for text in texts:
        pattern, equals, wanted = text.partition("=")
        found = _matching(values, pattern) if equals else {}
        if not equals:
            problems.append(Problem(COMMAND_LINE, VARY, repr(text), ALLOWED))
        elif not found:
            known = suggest(pattern, [".".join(path) for path in _numbers(values)])
            problems.append(Problem(COMMAND_LINE, VARY, f"{pattern!r}, which is no number of the scenario", known))
        else:
            ladder = _ladder(wanted, whole=all(isinstance(value, int) for value in found.values()))
            if isinstance(ladder, str):
                problems.append(Problem(COMMAND_LINE, VARY, f"{text!r}: {ladder}", ALLOWED))
            else:
                ladders += [Ladder(key, ladder) for key in found]
    keys = [ladder.key for ladder in ladders]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    problems += [Problem(COMMAND_LINE, VARY, f"{key!r} more than once", "each key once") for key in twice]
    return Space(tuple(ladders)), problems


def _matching(values: Mapping[str, Any], pattern: str) -> dict[str, float]:
    """Return the numbers whose keys a pattern stands for; of those that it does not name, no closed passages."""
    parts = pattern.split(".")
    return {
        ".".join(path): value
        for path, value in _numbers(values).items()
        if len(path) == len(parts)
        and path != (SEED,)  # every layout gets the same ones
        and all(fnmatchcase(name, part) for name, part in zip(path, parts, strict=True))
        and (path == tuple(parts) or _is_open(values, path))
    }


def _is_open(values: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    return path[0] not in PASSAGES or bool(values[path[0]][path[1]]["open"])


def _numbers(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], float]:
    """Return all numbers of a configuration by key; those in lists have none."""
    found: dict[tuple[str, ...], float] = {}
    for name, value in node.items():
        here = (*path, str(name))
        if isinstance(value, Mapping):
            found |= _numbers(value, here)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[here] = value
    return found


def _ladder(text: str, *, whole: bool) -> tuple[float, ...] | str:
    """Return the values that a text stands for, or what is wrong with it."""
    spanned = RANGE.fullmatch(text)
    if not spanned:
        numbers = [_number(part) for part in text.split(",")]
        values = sorted({one for one in numbers if one is not None})
        if None in numbers:
            return "not numbers"
        if len(values) < len(numbers):
            return "the same value twice"
    else:
        low, high = _number(spanned[1]), _number(spanned[2])
        step = _number(spanned[3]) if spanned[3] else (WHOLE_STEP if whole else STEP)
        spread = _steps(low, high, step)
        if isinstance(spread, str):
            return spread
        values = spread
    if whole and any(value != int(value) for value in values):
        return "not whole, as the scenario's value is"
    return tuple(int(value) if whole else float(value) for value in values)


def _steps(low: float | None, high: float | None, step: float | None) -> list[float] | str:
    """Return the values of a range, or what is wrong with it."""
    if low is None or high is None or step is None:
        return "not numbers"
    if high < low or step <= 0:
        return "no way up from the first number to the second"
    if (high - low) / step > MOST_VALUES:
        return f"more than {MOST_VALUES} values"
    count = int((high - low) / step + 10**-DECIMALS) + 1
    return [round(low + k * step, DECIMALS) for k in range(count)]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
