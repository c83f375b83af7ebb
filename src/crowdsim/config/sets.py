"""Sets of criteria: several at a time, packaged ones and files of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crowdsim.config.paths import CONFIGS, options
from crowdsim.errors import Problem, suggest
from crowdsim.scenario.resolved import CRITERIA, options_of
from crowdsim.scenario.yaml_file import KeyPath, YamlFile, read_yaml

FILES = (".yaml", ".yml")
"""How names of files end: sets of one's own, beside the scenario."""


class CriteriaSet(NamedTuple):
    """A set of criteria.

    Attributes
    ----------
    name : the option, or the name of the file.
    file : as read; what it holds are criteria by name.
    label : what problems in it are told by.
    """

    name: str
    file: YamlFile
    label: str


def is_file(option: str) -> bool:
    """Return whether a set is a file of one's own, not a packaged one."""
    return option.endswith(FILES)


def unknown_sets(option: str, file: str, where: str) -> list[Problem]:
    """Return the packaged sets among those named that do not exist."""
    known = options(CRITERIA)
    return [
        Problem(file, where, f"{CRITERIA}={name}", f"{suggest(name, known)}, or a .yaml file")
        for name in options_of(option)
        if not is_file(name) and name not in known
    ]


def read_sets(option: str, folder: Path) -> tuple[list[CriteriaSet], list[Problem]]:
    """Read the sets named, in their order; those that cannot be read are problems."""
    sets, problems = [], []
    for name in options_of(option):
        file, wrong = read_yaml(set_path(name, folder))
        problems += wrong
        if not wrong:
            sets.append(CriteriaSet(name, file, name if is_file(name) else f"configs/{CRITERIA}/{name}.yaml"))
    return sets, problems


def set_path(name: str, folder: Path) -> Path:
    """Return the file of a set: beside the scenario, or packaged."""
    return folder / name if is_file(name) else CONFIGS / CRITERIA / f"{name}.yaml"


def with_sets(own: Any, sets: Sequence[CriteriaSet]) -> Any:
    """Return the criteria of the sets overlaid by the scenario's own, key by key; what is no mapping stays as it is."""
    if own is not None and not isinstance(own, Mapping):
        return own
    merged: dict[str, Any] = {}
    for criteria in (*(criteria.file.data for criteria in sets), own or {}):
        for name, values in criteria.items():
            before = merged.get(name)
            fits = isinstance(before, Mapping) and isinstance(values, Mapping) and _same_form(before, values)
            merged[name] = dict(before or {}) | dict(values) if fits else values
    return merged


def _same_form(before: Any, values: Any) -> bool:
    """Return whether values belong to the same quantity as those before."""
    return bool(values.get("quantity", before.get("quantity")) == before.get("quantity"))


def place_in_sets(key: KeyPath, sets: Sequence[CriteriaSet]) -> tuple[str, str] | None:
    """Return the file and the place of a criterion's key in the last set that has it; None if none has."""
    dotted = ".".join(str(step) for step in key)
    for criteria in reversed(sets):
        if len(key) > 1 and key[1] in criteria.file.data:
            line = criteria.file.line_of(key[1:])
            return criteria.label, f"line {line}: {dotted}" if line and is_file(criteria.name) else dotted
    return None
