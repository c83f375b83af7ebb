"""From plain data to a typed configuration, every mistake said in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.schema import ScenarioConfig
from crowdsim.scenario.yaml_file import KeyPath

Place = Callable[[KeyPath], tuple[str, str]]
"""Tells the file and the place in it (line and key) where a key path was set."""

UNITS = {
    "_per_m_s": "people/(m s)",
    "_per_min": "people/min",
    "_per_m2": "people/m2",
    "_m_s": "m/s",
    "_m": "metres",
    "_s": "seconds",
}
"""What the ends of key names mean; the longer ones first."""

MAPPING, LIST = "a mapping of keys to values", "a list"
PLAIN_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": MAPPING,
    "dataclass_type": MAPPING,
    "dataclass_exact_type": MAPPING,
    "model_attributes_type": MAPPING,
    "tuple_type": LIST,
    "finite_number": "a finite number",
    "too_short": "at least one entry",
    "string_too_short": "a text that is not empty",
}
COMPARED = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
MEMBERS = {"one", "several", "visit", "attend", "use", "leave", "choice"}
"""Names of union members that no value tells apart by itself."""
A_KEY = "[key]"
"""Pydantic's last step for a mistake in a key itself."""

_ADAPTER = TypeAdapter(ScenarioConfig)


def validate(data: Mapping[str, Any], place: Place) -> tuple[ScenarioConfig | None, list[Problem]]:
    """Return the typed configuration, or None and everything wrong with the data."""
    try:
        return _ADAPTER.validate_python(data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    # A list whose entries are all wrong is also reported as too short: once is enough.
    deeper = {detail["loc"][:n] for detail in details for n in range(len(detail["loc"]))}
    details = [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in deeper]
    return None, list(dict.fromkeys(_explain(detail, data, place) for detail in details))


def known_keys(path: KeyPath, data: Mapping[str, Any], unknown: str = "") -> list[str]:
    """Return the keys that the schema knows at a key path, in view of the data; none if names are free."""
    node, value = _at(path, data)
    return sorted(_member(node, value, unknown).get("properties", {}))


def _explain(detail: ErrorDetails, data: Mapping[str, Any], place: Place) -> Problem:
    path = _real_path(detail["loc"], data)
    file, where = place(path)
    return Problem(file, where, *_found_and_allowed(detail, path, data))


def _found_and_allowed(detail: ErrorDetails, path: KeyPath, data: Mapping[str, Any]) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    found, allowed, last = _show(value), detail["msg"], str(path[-1]) if path else ""
    if kind == "unexpected_keyword_argument":
        found, allowed = f"unknown key {last!r}", suggest(last, known_keys(path[:-1], data, last))
    elif kind in MISSING:
        found, allowed = "nothing", f"a value{_unit(path)}: key {last!r} is required"
    elif kind == "string_pattern_mismatch":
        found = f"name {value!r}"
        allowed = "letters a to z, digits, _ and -, a letter first" if detail["loc"][-1] == A_KEY else "no /"
    elif kind == "union_tag_invalid":
        found = f"{_unquoted(context['discriminator'])[0]} {context['tag']!r}"
        allowed = suggest(context["tag"], _unquoted(context["expected_tags"]))
    elif kind == "union_tag_not_found":
        key = _unquoted(context["discriminator"])[0]
        found, allowed = (
            f"no key {key!r}",
            f"{key}: {', '.join(_tags(path, data, key))}{_sibling(path, data)}",
        )
    elif kind == "literal_error":
        allowed = suggest(str(value), _unquoted(context["expected"].replace(" or ", ",")))
    elif kind in COMPARED:
        words, bound = COMPARED[kind]
        number = "a whole number" if isinstance(value, int) and isinstance(context[bound], int) else "a number"
        allowed = f"{number} {words} {context[bound]:g}{_unit(path)}"
    elif kind in PLAIN_TYPES:
        allowed = PLAIN_TYPES[kind] + _unit(path)
    elif kind == "combination":
        found, allowed = context["found"], context["allowed"]
    return found, allowed


def _unquoted(text: str) -> list[str]:
    """Return the names in one of pydantic's lists: `'a', 'b'`."""
    return [name.strip(" '") for name in text.split(",")]


def _real_path(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """Return the key path of an error, without the union tags that pydantic puts in between."""
    path: list[str | int] = []
    for k, step in enumerate(loc):
        last = k == len(loc) - 1
        if _holds(data, step):
            data = data[step]
        elif step == A_KEY or step in _tag_names() or not (last and isinstance(data, Mapping)):
            continue  # a tag, not a key
        path.append(step)
    return tuple(path)


def _holds(value: Any, step: str | int) -> bool:
    if isinstance(value, Mapping):
        return step in value
    return isinstance(value, (list, tuple)) and isinstance(step, int) and step < len(value)


@cache
def _schema() -> dict[str, Any]:
    return _ADAPTER.json_schema()


@cache
def _tag_names() -> frozenset[str]:
    """Return the names of union members in pydantic's paths, none of which is a key that could be missing."""
    texts = json.dumps(_schema()).split('"const": "')[1:]
    return frozenset(text.split('"', 1)[0] for text in texts) | MEMBERS


def _at(path: KeyPath, data: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the schema and the value at a key path."""
    node, value = _schema(), data
    for step in path:
        node = _child(_member(node, value), step)
        value = value[step] if _holds(value, step) else None  # type: ignore[index,assignment]
    return node, value


def _child(node: dict[str, Any], step: str | int) -> dict[str, Any]:
    if isinstance(step, int):
        items: dict[str, Any] = node.get("items", {})
        return items
    free: Any = node.get("additionalProperties") or next(iter(node.get("patternProperties", {}).values()), {})
    child: dict[str, Any] = node.get("properties", {}).get(step) or (free if isinstance(free, dict) else {})
    return child


def _members(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a node may be, references resolved: several for a union."""
    while "$ref" in node:
        node = _schema()["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    options = node.get("oneOf") or node.get("anyOf")
    return [member for option in options for member in _members(option)] if options else [node]


def _member(node: dict[str, Any], value: Any, unknown: str = "") -> dict[str, Any]:
    """Return the union member that fits the value best: by its tag, by not knowing `unknown`, by its keys."""
    given = value if isinstance(value, Mapping) else {}

    def fit(member: dict[str, Any]) -> tuple[bool, bool, int]:
        properties = member.get("properties", {})
        tagged = any("const" in p and p["const"] == given.get(key) for key, p in properties.items())
        return tagged, unknown not in properties, len(properties.keys() & given.keys())

    return max(_members(node), key=fit)


def _tags(path: KeyPath, data: Mapping[str, Any], key: str) -> list[str]:
    """Return the values of a union's tag at a key path."""
    node, _ = _at(path, data)
    tags = [member.get("properties", {}).get(key, {}).get("const") for member in _members(node)]
    return sorted(tag for tag in tags if tag)


def _sibling(path: KeyPath, data: Mapping[str, Any]) -> str:
    """Return a hint if a name is nearly that of a sibling, as in a misspelt criterion."""
    parent: Any = data
    for step in path[:-1]:
        parent = parent[step]
    others = [str(name) for name in parent if name != path[-1]] if isinstance(parent, Mapping) else []
    close = get_close_matches(str(path[-1]), others, n=1)
    return f" (or did you mean {close[0]!r}?)" if close else ""


def _unit(path: KeyPath) -> str:
    """Return the unit that the nearest key with one in its name says."""
    for name in reversed([step for step in path if isinstance(step, str)]):
        for ending, unit in UNITS.items():
            if name.endswith(ending):
                return f" ({unit})"
    return ""


def _show(value: Any) -> str:
    """Return a value as YAML would show it, shortened."""
    if value is None:
        return "nothing"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    limit = 60
    return text if len(text) <= limit else text[: limit - 3] + "..."
