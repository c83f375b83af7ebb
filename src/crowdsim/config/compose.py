"""Composing a scenario's values with Hydra: config groups, the scenario's own values, overrides."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crowdsim.config.paths import CONFIGS, options
from crowdsim.errors import Problem, suggest
from crowdsim.scenario.resolved import GROUPS
from crowdsim.scenario.yaml_file import KeyPath

COMMAND_LINE = "command line"


def parse_overrides(texts: Sequence[str]) -> tuple[list[Override], list[Problem]]:
    """Parse overrides in Hydra's grammar, each on its own, so that every mistake is reported."""
    parser = OverridesParser.create()
    parsed, problems = [], []
    for text in texts:
        try:
            override = parser.parse_override(text)
        except HydraException as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problems.append(
                Problem(COMMAND_LINE, repr(text), f"an override that cannot be read ({reason})", "KEY=VALUE")
            )
            continue
        if override.is_sweep_override():
            problems.append(
                Problem(COMMAND_LINE, repr(text), "several values", "one value (sweeps are not built yet)")
            )
        elif override.is_hydra_override() or override.package is not None:
            problems.append(
                Problem(COMMAND_LINE, repr(text), "a setting of Hydra itself", "a key of the scenario")
            )
        else:
            parsed.append(override)
    return parsed, problems


def group_choices(overrides: Sequence[Override]) -> dict[str, str]:
    """Return the config groups chosen by overrides such as `movement=collision_free_speed`."""
    return {
        o.key_or_group: str(o.value())
        for o in overrides
        if o.key_or_group in GROUPS and not o.is_delete() and not isinstance(o.value(), dict)
    }


def find_unknown_keys(overrides: Sequence[Override], values: Mapping[str, Any]) -> dict[str, Problem]:
    """Return the overrides, by their text, of keys that the composed values do not have."""
    problems = {}
    for override in overrides:
        key = override.key_or_group
        if override.is_add() or override.is_force_add():
            continue
        node: Any = values
        for step in key.split("."):
            if isinstance(node, Mapping) and step in node:
                node = node[step]
            elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
                node = node[int(step)]
            else:
                text = str(override.input_line)
                problems[text] = Problem(COMMAND_LINE, repr(text), f"unknown key {key!r}", _near(key, values))
                break
    return problems


def _near(key: str, values: Mapping[str, Any]) -> str:
    """Return a suggestion for an unknown key: the full key that is nearest, or what exists where it goes wrong."""
    close = get_close_matches(key, list(_all_keys(values, "")), n=1, cutoff=0.75)
    if close:
        return f"did you mean {close[0]!r}?"
    node: Any = values
    steps = key.split(".")
    for k, step in enumerate(steps):
        if not isinstance(node, Mapping) or step not in node:
            here = ".".join(steps[:k])
            known = (
                suggest(step, [str(name) for name in node]) if isinstance(node, Mapping) else "no keys there"
            )
            return f"{known} (under {here!r})" if here else known
        node = node[step]
    return "a key of the scenario"


def _all_keys(node: Any, prefix: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield f"{prefix}{name}"
            yield from _all_keys(value, f"{prefix}{name}.")


def find_unknown_choices(choices: Mapping[str, str], file: str, where: str) -> list[Problem]:
    """Return the chosen config groups or options that do not exist."""
    problems = []
    for group, option in choices.items():
        if group not in GROUPS:
            problems.append(Problem(file, where, f"config group {group!r}", suggest(group, GROUPS)))
        elif option not in options(group):
            problems.append(Problem(file, where, f"{group}={option}", suggest(option, options(group))))
    return problems


def compose_values(
    values: Mapping[str, Any], choices: Mapping[str, str], overrides: Sequence[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the scenario's values laid over the chosen config groups, overrides applied, interpolations resolved."""
    name = f"crowdsim_{uuid.uuid4().hex}"
    node = {"defaults": [{group: option} for group, option in choices.items()] + ["_self_"], **values}
    store = ConfigStore.instance()
    try:
        store.store(name=name, node=node)
        with _hydra():
            composed = compose(name, overrides=list(overrides))
        resolved = OmegaConf.to_container(composed, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        reason = " ".join(str(error).split())
        return {}, [
            Problem(
                COMMAND_LINE, "", f"values that cannot be put together ({reason})", "keys and values that fit"
            )
        ]
    finally:
        store.repo.pop(f"{name}.yaml", None)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}, []


@contextmanager
def _hydra() -> Iterator[None]:
    """Hydra with our configs, whatever Hydra the process has already set up; that is put back afterwards."""
    before = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(CONFIGS), version_base="1.3", job_name="crowdsim"):
            yield
    finally:
        GlobalHydra.instance().clear()
        GlobalHydra.instance().hydra = before


def changed_by(overrides: Sequence[Override], path: KeyPath) -> str | None:
    """Return the override that set a key path, or something above or below it; None if none did."""
    for override in reversed(overrides):
        key = tuple(override.key_or_group.split("."))
        steps = tuple(str(step) for step in path)
        if steps[: len(key)] == key or key[: len(steps)] == steps:
            return str(override.input_line)
    return None
