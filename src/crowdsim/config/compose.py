"""Composing a scenario's values with Hydra: config groups, the scenario's own values, overrides."""

from __future__ import annotations

import pickle
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crowdsim.config.override import only_keys, set_keys
from crowdsim.config.paths import CONFIGS, options
from crowdsim.config.sets import unknown_sets
from crowdsim.errors import Problem, suggest
from crowdsim.scenario.resolved import CRITERIA, GROUPS, joined
from crowdsim.scenario.validate import Place, known_keys
from crowdsim.scenario.yaml_file import KeyPath

COMMAND_LINE = "command line"


TAGS = ("distribution", "kind", "quantity")
"""Keys that tell which of several forms a mapping has; another value makes another mapping of it."""

COMPOSED_KEPT = 4
"""Compositions kept (our choice): variants of a scenario have the same one before their overrides."""

INTERPOLATION = b"${"
"""What an interpolation begins with, in a pickled text."""

ALIKE = 0.75
"""How alike a whole key must be to one that exists to be suggested (our choice: one slip in a word)."""


def parse_overrides(texts: Sequence[str]) -> tuple[list[Override], list[Problem]]:
    """Parse overrides in Hydra's grammar, each on its own, so that every mistake is reported."""
    parser = OverridesParser.create()
    parsed, problems = [], []
    for text in texts:
        found, allowed = "", "one KEY=VALUE"
        try:
            override = parser.parse_override(text)
            text.encode("utf-8")
        except (HydraException, RecursionError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            found = f"an override that cannot be read ({reason})"
        except UnicodeEncodeError:
            found, allowed = "bytes that are not UTF-8 text", "text"
        else:
            if override.is_sweep_override():
                found, allowed = "several values", "one value; `crowdsim sweep` takes several"
            elif override.is_hydra_override() or override.package is not None:
                found, allowed = "a setting of Hydra itself", "a key of the scenario"
            elif not all(override.key_or_group.split(".")):
                found = "an override without a key"
        if found:
            problems.append(Problem(COMMAND_LINE, repr(text), found, allowed))
        else:
            parsed.append(override)
    return parsed, problems


def group_choices(overrides: Sequence[Override]) -> dict[str, str]:
    """Return the config groups chosen by overrides such as `movement=collision_free_speed`."""
    return {o.key_or_group: joined(o.value()) for o in overrides if _chooses(o)}


def key_overrides(overrides: Sequence[Override]) -> list[Override]:
    """Return the overrides that set keys, not config groups."""
    return [override for override in overrides if not _chooses(override)]


def _chooses(override: Override) -> bool:
    return override.key_or_group in GROUPS and not override.is_delete() and not isinstance(override.value(), dict)


def find_unknown_keys(overrides: Sequence[Override], values: Mapping[str, Any]) -> dict[str, Problem]:
    """Return the overrides, by their text, of keys that neither the values nor the schema have.

    What an override adds, or below what one sets to a mapping, is left to the validation of values.
    """
    problems: dict[str, Problem] = {}
    opened = tuple(f"{above}." for override in overrides for above in _opens(override))
    for override in overrides:
        key, text = override.key_or_group, str(override.input_line)
        if not (_adds(override) or key.startswith(opened) or _is_known(key, values)):
            problems[text] = Problem(COMMAND_LINE, repr(text), f"unknown key {key!r}", _near(key, values))
    return problems


def _adds(override: Override) -> bool:
    return bool(override.is_add() or override.is_force_add())


def _opens(override: Override) -> Iterator[str]:
    """Yield the mapping below which an override allows keys that were not there: added, set whole, or re-formed."""
    above, _, last = override.key_or_group.rpartition(".")
    if _adds(override) or isinstance(override.value(), dict):
        yield override.key_or_group
    if last in TAGS and above:
        yield above


def _is_known(key: str, values: Mapping[str, Any]) -> bool:
    node: Any = values
    steps = key.split(".")
    for k, step in enumerate(steps):
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            return step in known_keys(_indexed(steps[:k]), values)
    return True


def _indexed(steps: Sequence[str]) -> KeyPath:
    return tuple(int(step) if step.isdigit() else step for step in steps)


def _near(key: str, values: Mapping[str, Any]) -> str:
    """Return what to write for an unknown key: the nearest whole key, or what is known where it strays."""
    close = get_close_matches(key, list(_all_keys(values, "")), n=1, cutoff=ALIKE)
    if close:
        return f"did you mean {close[0]!r}?"
    node: Any = values
    steps = key.split(".")
    for k, step in enumerate(steps):
        if not isinstance(node, Mapping) or step not in node:
            here = ".".join(steps[:k])
            names = [str(name) for name in node] if isinstance(node, Mapping) else []
            known = suggest(step, {*names, *known_keys(_indexed(steps[:k]), values)})
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
        elif group == CRITERIA:
            problems += unknown_sets(option, file, where)
        elif option not in options(group):
            problems.append(Problem(file, where, f"{group}={option}", suggest(option, options(group))))
    return problems


def compose_values(
    values: Mapping[str, Any], choices: Mapping[str, str], overrides: Sequence[str], place: Place
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the scenario's values over those of the chosen config groups, with overrides applied.

    Interpolations such as `${seed}` are resolved.
    """
    node = {"defaults": [{group: option} for group, option in choices.items()] + ["_self_"], **values}
    later = overrides if only_keys(overrides) else ()
    try:
        composed, plain, copied = _composed(pickle.dumps(node), () if later else tuple(overrides))
        if later:
            composed = pickle.loads(copied)
            set_keys(composed, later)
            plain = OmegaConf.to_container(composed)
    except (HydraException, OmegaConfBaseException) as error:
        reason = " ".join(str(error).split())
        found = f"values that cannot be put together ({reason})"
        return {}, [Problem(*place(_path_of(error)), found, "keys and values that fit")]
    problems: list[Problem] = []
    written = pickle.dumps(plain)
    may_refer = INTERPOLATION in written
    resolved = _resolve(composed, plain, (), place, problems) if may_refer else pickle.loads(written)
    return {str(key): value for key, value in resolved.items()}, problems


@lru_cache(maxsize=COMPOSED_KEPT)
def _composed(node: bytes, overrides: tuple[str, ...]) -> tuple[DictConfig, Any, bytes]:
    """Return what Hydra makes of a node and overrides, and the same as plain values; neither is to be changed.

    And the first pickled, to be changed: unpickling takes a third of the time that copying does.
    """
    name = f"crowdsim_{uuid.uuid4().hex}"
    store = ConfigStore.instance()
    try:
        store.store(name=name, node=pickle.loads(node))
        with _hydra():
            composed = compose(name, overrides=list(overrides))
        return composed, OmegaConf.to_container(composed), pickle.dumps(composed)
    finally:
        store.repo.pop(f"{name}.yaml", None)


def as_literals(value: Any) -> Any:
    """Return values such that OmegaConf takes `${` in their texts for itself, not for an interpolation."""
    if isinstance(value, dict):
        return {key: as_literals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_literals(item) for item in value]
    if isinstance(value, str):
        # Backslashes before ${ are doubled, and one more makes it literal.
        return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    return value


def override_texts(overrides: Sequence[Override], values: Mapping[str, Any]) -> list[str]:
    """Return the overrides for Hydra so that each may add what is not there yet; validation sees to the rest.

    A mapping that gets another form is emptied first: the keys of the old form do not belong to the new one.
    """
    emptied: dict[str, None] = {}
    for override in overrides:
        key, value = override.key_or_group, None if override.is_delete() else override.value()
        above, _, last = key.rpartition(".")
        if isinstance(value, dict) and any(str(name) in TAGS for name in value):
            emptied[key] = None
        elif last in TAGS and above and _value_at(values, key) not in (None, value):
            emptied[above] = None
    texts = [str(override.input_line) for override in overrides]
    return [f"~{key}" for key in emptied if _value_at(values, key) is not None] + [
        text if override.is_delete() else f"++{text.lstrip('+')}"
        for override, text in zip(overrides, texts, strict=True)
    ]


def _value_at(values: Any, key: str) -> Any:
    for step in key.split("."):
        if isinstance(values, list) and step.isdigit() and int(step) < len(values):
            values = values[int(step)]
        elif isinstance(values, Mapping):
            values = values.get(step)
        else:
            return None
    return values


def _resolve(node: Any, plain: Any, path: KeyPath, place: Place, problems: list[Problem]) -> Any:
    """Return a composed node's plain value, interpolations resolved; those that cannot be are problems.

    `plain` is the same value as it was written.
    """
    if isinstance(plain, (dict, list)):
        keys = plain if isinstance(plain, dict) else range(len(plain))
        values = {key: _resolve_at(node, key, plain[key], (*path, key), place, problems) for key in keys}
        return values if isinstance(plain, dict) else list(values.values())
    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node


def _resolve_at(node: Any, key: Any, plain: Any, path: KeyPath, place: Place, problems: list[Problem]) -> Any:
    if isinstance(plain, str) and "${" not in plain:
        return plain
    try:
        return _resolve(node[key], plain, path, place, problems)
    except (OmegaConfBaseException, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        found = f"{plain!r}, which cannot be resolved ({reason})"
        problems.append(Problem(*place(path), found, "a value, or ${KEY} with a key that exists"))
        return plain


def _path_of(error: Exception) -> KeyPath:
    """Return the key path that an error of OmegaConf tells, if any."""
    key = getattr(error, "full_key", None)
    return _indexed(str(key).replace("[", ".").replace("]", "").split(".")) if key else ()


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


def set_by(overrides: Sequence[Override], path: KeyPath) -> str | None:
    """Return the override that set a key path, or something above or below it; None if none did."""
    for override in reversed(overrides):
        key = tuple(override.key_or_group.split("."))
        steps = tuple(str(step) for step in path)
        if steps[: len(key)] == key or key[: len(steps)] == steps:
            return str(override.input_line)
    return None
