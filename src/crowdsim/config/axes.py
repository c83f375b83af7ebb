"""What a sweep varies: overrides with several values, in Hydra's grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, QuotedString, RangeSweep
from hydra.errors import HydraException

from crowdsim.config.compose import COMMAND_LINE
from crowdsim.errors import Problem

LAUNCHER = "hydra/launcher"
LAUNCHER_KEYS = "hydra.launcher."
"""Overrides of Hydra itself that a sweep takes: where runs are made, and settings of that."""

SEED = "seed"


@dataclass(frozen=True, slots=True)
class Choices:
    """A key and the values it takes.

    Attributes
    ----------
    texts : each value as it is written in an override.
    values : each as it stands in a table: a number, true or false, a text, or None.
    """

    key: str
    texts: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A key and the interval that its values are drawn from.

    Attributes
    ----------
    low, high : both ends belong to it.
    whole : whole numbers only.
    """

    key: str
    low: float
    high: float
    whole: bool


Axis = Choices | Interval


@dataclass(frozen=True, slots=True)
class Sweeping:
    """The overrides of a sweep, taken apart.

    Attributes
    ----------
    fixed : those with one value, as written.
    axes : those with several, in their order, without the seed.
    seeds : the seeds asked for; empty if none were.
    launcher : where runs are made; empty if nothing is said.
    settings : of the launcher.
    """

    fixed: tuple[str, ...]
    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    launcher: str
    settings: dict[str, Any]


def read_sweeping(texts: Sequence[str]) -> tuple[Sweeping, list[Problem]]:
    """Take the overrides of a sweep apart, and return what is wrong with any of them.

    Values are `KEY=A,B,C`, `KEY=range(0,20)` or `KEY=choice(...)`, and intervals `KEY=interval(1,4)`, or
    `KEY=int(interval(1,4))` for whole numbers. The seed is no axis: every arm gets the same ones.
    """
    parser = OverridesParser.create()
    fixed: list[str] = []
    axes: list[Axis] = []
    seeds: tuple[int, ...] = ()
    launcher, settings = "", {}
    problems: list[Problem] = []
    for text in texts:
        try:
            override = parser.parse_override(text)
        except (HydraException, RecursionError):
            fixed.append(text)  # it is told with all other mistakes when the scenario is read
            continue
        key = override.key_or_group
        if override.is_hydra_override():
            if key == LAUNCHER and isinstance(override.value(), str):
                launcher = override.value()
            elif key.startswith(LAUNCHER_KEYS):
                settings[key.removeprefix(LAUNCHER_KEYS)] = override.value()
            else:
                allowed = f"{LAUNCHER}=NAME, {LAUNCHER_KEYS}SETTING=VALUE, or a key of the scenario"
                problems.append(Problem(COMMAND_LINE, repr(text), "a setting of Hydra itself", allowed))
            continue
        if not override.is_sweep_override():
            fixed.append(text)
            continue
        axis = _axis(override)
        if isinstance(axis, Problem):
            problems.append(axis)
        elif key == SEED:
            seeds, problem = _seeds(axis, text)
            problems += problem
        else:
            axes.append(axis)
    keys = [axis.key for axis in axes]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    problems += [Problem(COMMAND_LINE, repr(key), "two sets of values", "one: KEY=A,B,C") for key in twice]
    return Sweeping(tuple(fixed), tuple(axes), seeds, launcher, settings), problems


def _axis(override: Override) -> Axis | Problem:
    text, key, sweep = str(override.input_line), override.get_key_element(), override.value()
    if isinstance(sweep, IntervalSweep):
        low, high = sweep.start, sweep.end
        if low is None or high is None or not low < high:
            return Problem(COMMAND_LINE, repr(text), f"an interval from {low} to {high}", "interval(LOW,HIGH)")
        return Interval(key, float(low), float(high), isinstance(low, int) and isinstance(high, int))
    if not isinstance(sweep, (ChoiceSweep, RangeSweep)) or sweep.shuffle:
        allowed = "KEY=A,B,C, KEY=choice(A,B), KEY=range(FIRST,END) or KEY=interval(LOW,HIGH)"
        return Problem(COMMAND_LINE, repr(text), "values that a sweep does not know", allowed)
    texts = tuple(str(one) for one in override.sweep_string_iterator())
    if not texts:
        return Problem(COMMAND_LINE, repr(text), "no value", "one or more")
    if len(set(texts)) < len(texts):
        return Problem(COMMAND_LINE, repr(text), "the same value twice", "each value once")
    values = tuple(_value(one, as_text) for one, as_text in zip(override.sweep_iterator(), texts, strict=True))
    return Choices(key, texts, values)


def _value(value: Any, text: str) -> Any:
    """Return a value as it stands in a table: lists and mappings as they were written."""
    if isinstance(value, QuotedString):
        return value.text
    return value if value is None or isinstance(value, (bool, int, float, str)) else text


def _seeds(axis: Axis, text: str) -> tuple[tuple[int, ...], list[Problem]]:
    values = axis.values if isinstance(axis, Choices) else ()
    seeds = tuple(value for value in values if isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    if not seeds or len(seeds) < len(values):
        return (), [Problem(COMMAND_LINE, repr(text), "no list of seeds", "whole numbers from 0: seed=range(0,20)")]
    return seeds, []
