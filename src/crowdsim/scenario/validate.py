"""From plain data to a typed configuration, every mistake said in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.schema import ScenarioConfig
from crowdsim.scenario.yaml_file import KeyPath

Place = Callable[[KeyPath], tuple[str, str]]
"""Tells the file and the place in it (line and key) where a key path was set."""

UNITS = {
    "_m_s": "m/s",
    "_per_m2": "people/m2",
    "_per_m_s": "people/(m s)",
    "_per_min": "people/min",
    "_s": "seconds",
    "_m": "metres",
}
"""What the ends of key names mean."""

PLAIN_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "a mapping of keys to values",
    "tuple_type": "a list",
    "dataclass_type": "a mapping of keys to values",
    "dataclass_exact_type": "a mapping of keys to values",
    "finite_number": "a finite number",
}

COMPARED = {"greater_than": "above {gt}", "greater_than_equal": "at least {ge}"}
COMPARED |= {"less_than": "below {lt}", "less_than_equal": "at most {le}"}

_ADAPTER = TypeAdapter(ScenarioConfig)


def validate(data: Mapping[str, Any], place: Place) -> tuple[ScenarioConfig | None, list[Problem]]:
    """Return the typed configuration, or None and everything wrong with the data."""
    try:
        return _ADAPTER.validate_python(data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A list whose entries are all wrong is also reported as too short: once is enough.
        inner = [detail["loc"] for detail in details]
        details = [
            d
            for d in details
            if d["type"] != "too_short"
            or not any(len(i) > len(d["loc"]) and i[: len(d["loc"])] == d["loc"] for i in inner)
        ]
        return None, list(dict.fromkeys(_explain(detail, data, place) for detail in details))


def _explain(detail: ErrorDetails, data: Mapping[str, Any], place: Place) -> Problem:
    path = _real_path(detail["loc"], data)
    kind, context = detail["type"], detail.get("ctx", {})
    value = detail["input"]
    found, allowed = _show(value), detail["msg"]
    if kind == "unexpected_keyword_argument":
        found = f"unknown key {path[-1]!r}"
        allowed = suggest(str(path[-1]), _known_keys(path[:-1], data))
    elif kind in ("missing", "missing_argument", "missing_keyword_only_argument"):
        found, allowed = "nothing", f"a value: key {path[-1]!r} is required{_unit(path)}"
        path = path[:-1] if len(path) > 1 else path
    elif kind == "union_tag_invalid":
        key = str(context["discriminator"]).strip("'")
        found = f"{key} {context['tag']!r}"
        allowed = suggest(
            str(context["tag"]), [tag.strip(" '") for tag in context["expected_tags"].split(",")]
        )
    elif kind == "union_tag_not_found":
        key = str(context.get("discriminator", "'kind'")).strip("'")
        found, allowed = (
            "nothing" if isinstance(value, dict) else _show(value),
            f"a mapping with the key {key!r}",
        )
    elif kind == "literal_error":
        allowed = suggest(
            str(value), [choice.strip(" '") for choice in context["expected"].replace(" or ", ",").split(",")]
        )
    elif kind in COMPARED:
        allowed = f"a number {COMPARED[kind].format(**context)}{_unit(path)}"
    elif kind in PLAIN_TYPES:
        allowed = PLAIN_TYPES[kind] + _unit(path)
    elif kind == "too_short":
        allowed = "at least one entry"
    elif kind == "string_too_short":
        allowed = "a text that is not empty"
    elif kind == "value_error":
        found, allowed = "values that do not go together", str(context.get("error", detail["msg"]))
    file, where = place(path)
    return Problem(file, where, found, allowed)


def _real_path(loc: tuple[str | int, ...], data: Any) -> KeyPath:
    """Return the key path of an error, without the union tags that pydantic puts in between."""
    path: list[str | int] = []
    for k, step in enumerate(loc):
        last = k == len(loc) - 1
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif not (last and isinstance(data, Mapping)):
            continue  # a tag, not a key
        elif str(step) in _TAGS:
            continue
        path.append(step)
    return tuple(path)


_TAGS = frozenset(
    "constant uniform normal lognormal at_start poisson table visit leave str tuple dict "
    "egress_time density_exposure exit_flow collision_free_speed".split()
)
"""Names of union members in pydantic's paths, none of which is a key anywhere."""


def _known_keys(path: KeyPath, data: Mapping[str, Any]) -> list[str]:
    """Return the keys allowed where an unknown key stands: those that the data there would accept."""
    schema = _ADAPTER.json_schema()
    node: dict[str, Any] = schema
    value: Any = data
    for step in path:
        value = value[step]
        node = _child(_member(node, schema, None), step)
    return sorted(_member(node, schema, value).get("properties", {}))


def _child(node: dict[str, Any], step: str | int) -> dict[str, Any]:
    if isinstance(step, int):
        items: dict[str, Any] = node.get("items", {})
        return items
    found: dict[str, Any] = node.get("properties", {}).get(step) or node.get("additionalProperties", {})
    return found


def _member(node: dict[str, Any], schema: dict[str, Any], value: Any) -> dict[str, Any]:
    """Resolve references and, in a union, the member that shares most keys with the value."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    options = node.get("oneOf") or node.get("anyOf")
    if not options:
        return node
    members = [_member(option, schema, value) for option in options]
    keys = set(value) if isinstance(value, Mapping) else set()

    def score(member: dict[str, Any]) -> tuple[int, int]:
        properties = member.get("properties", {})
        fitting = [
            k for k, p in properties.items() if isinstance(value, Mapping) and p.get("const") == value.get(k)
        ]
        return len([k for k in fitting if "const" in properties[k]]), len(keys & set(properties))

    return max(members, key=score)


def _unit(path: KeyPath) -> str:
    names = [str(step) for step in path if isinstance(step, str)]
    for name in reversed(names):
        for ending, unit in UNITS.items():
            if name.endswith(ending):
                return f" ({unit})"
    return ""


def _show(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    limit = 60
    return text if len(text) <= limit else text[: limit - 3] + "..."
