"""Reading YAML so that every mistake can be pointed at: line numbers, duplicate keys, syntax errors."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crowdsim.errors import Problem

KeyPath = tuple[str | int, ...]

FLOAT = re.compile(
    r"""^(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+[eE][-+]?[0-9]+
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
INTEGER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
"""Numbers as in YAML 1.2, section 10.3. YAML 1.1, which PyYAML reads, takes 1e-3 for a text, 0120 for 80 and
15:00 for 900; here the first is a number, the others are texts."""

_TAG = "tag:yaml.org,2002:"
_NUMBERS = (("float", FLOAT, "-+.0123456789"), ("int", INTEGER, "-+0123456789"))


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return PyYAML's rules for what a plain scalar is, with YAML 1.2's numbers and without dates."""
    replaced = {f"{_TAG}{kind}" for kind in ("float", "int", "timestamp")}
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag not in replaced]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for kind, pattern, firsts in _NUMBERS:
        for first in firsts:
            resolvers.setdefault(first, []).append((f"{_TAG}{kind}", pattern))
    return resolvers


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _resolvers()


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same on libyaml, where PyYAML was built with it: ten times as fast, but vague about mistakes."""

    yaml_implicit_resolvers = _resolvers()


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    yaml_implicit_resolvers = _resolvers()


UNICODE_BREAKS = frozenset("\x85\u2028\u2029\ufeff")
"""Characters that YAML readers take for line breaks or a byte order mark unless they are escaped."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if UNICODE_BREAKS.intersection(text) else None
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


_Dumper.add_representer(str, _represent_text)

KIND_OF_KEY = {"int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}
"""What YAML takes a key for that is no text, by the end of its tag."""

SHALLOW = 1000
"""Texts with fewer brackets and shorter lines than this are for the fast loader: every level of nesting takes a bracket
or a column, and PyYAML's descent on libyaml ends the process where many thousand levels are nested."""

MOST_NODES = 200_000
"""A file that unfolds to more is no scenario: aliases within aliases grow without bound (our choice)."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file's content.

    Attributes
    ----------
    name : the file's name, for messages.
    data : the mapping at its top.
    lines : the line of every key path, counted from 1.
    """

    name: str
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of a key path, or of the nearest one above it; None if none is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_text(path: Path) -> str | Problem:
    """Return a file's text, or what keeps it from being read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Problem(str(path), "", "no such file", "the path of an existing file")
    except IsADirectoryError:
        return Problem(str(path), "", "a folder", "the path of a file")
    except UnicodeDecodeError as error:
        return Problem(str(path), f"byte {error.start}", "bytes that are not UTF-8 text", "a text file in UTF-8")
    except OSError as error:
        return Problem(str(path), "", f"a file that cannot be read ({error.strerror})", "a readable file")


def dump_yaml(data: dict[str, Any]) -> str:
    """Return the text of a YAML file that `read_yaml` reads back to equal data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def read_yaml(path: Path) -> tuple[YamlFile, list[Problem]]:
    """Read a YAML file whose top is a mapping; returns it and what is wrong with it.

    A file that cannot be read has no data.
    """
    name = path.name
    text = read_text(path)
    if isinstance(text, Problem):
        return YamlFile(name, {}), [text]
    walk = _Walk(name)
    try:
        loader, node = _parse(text)
        if node is not None:
            walk.visit(node, ())
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        return YamlFile(name, {}), [Problem(name, where, f"a YAML syntax error ({error.problem})", "valid YAML")]
    except RecursionError:
        return YamlFile(name, {}), [Problem(name, "", "values nested too deep", "a scenario's few levels")]
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        return YamlFile(name, {}), [Problem(name, "", f"text that YAML cannot hold ({reason})", "valid YAML")]
    if not isinstance(data, dict) or not data:
        found = "an empty file" if node is None else f"no key: {type(data).__name__} {str(data)[:20]!r}"
        return YamlFile(name, {}), [Problem(name, "", found, "a mapping of keys to values")]
    return YamlFile(name, data, walk.lines), walk.problems


def _parse(text: str) -> tuple[_FastLoader | _Loader, yaml.Node | None]:
    """Return a loader and the node at the top of a YAML text; raises what the careful loader does."""
    shallow = text.count("[") + text.count("{") < SHALLOW and max(map(len, text.splitlines()), default=0) < SHALLOW
    if shallow:
        with suppress(yaml.YAMLError):
            fast = _FastLoader(text)
            return fast, fast.get_single_node()
    careful = _Loader(text)
    return careful, careful.get_single_node()


class _Walk:
    """Notes the line of every key, and reports keys that stand twice or are no text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._nodes = 0

    def visit(self, node: yaml.Node, path: KeyPath) -> None:
        """Take in a node at a key path and all below it."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            msg = f"it unfolds to more than {MOST_NODES:,} values"
            raise ValueError(msg)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._visit_key(key, value, path)
        elif isinstance(node, yaml.SequenceNode):
            for k, value in enumerate(node.value):
                self.lines[(*path, k)] = value.start_mark.line + 1
                self.visit(value, (*path, k))

    def _visit_key(self, key: yaml.Node, value: yaml.Node, path: KeyPath) -> None:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            self._report(line, "a list or mapping as a key", "a name as a key")
            return
        kind = key.tag.removeprefix(_TAG)
        here = (*path, key.value)
        if kind == "merge":  # `<<: *anchor`: its keys stand where the anchor is
            self.visit(value, here)
            return
        if here in self.lines:
            self._report(line, f"key {key.value!r} a second time (first on line {self.lines[here]})", "each key once")
        elif kind != "str":
            taken = KIND_OF_KEY.get(kind, kind)
            self._report(
                line,
                f"key {key.value!r}, which YAML takes for {taken}",
                "a name as a key, or quotes around it",
            )
            key.tag = f"{_TAG}str"
        self.lines[here] = line
        self.visit(value, here)

    def _report(self, line: int, found: str, allowed: str) -> None:
        self.problems.append(Problem(self.name, f"line {line}", found, allowed))
