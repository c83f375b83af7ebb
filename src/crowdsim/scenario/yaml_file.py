"""Reading YAML so that every mistake can be pointed at: line numbers, duplicate keys, syntax errors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crowdsim.errors import Problem

KeyPath = tuple[str | int, ...]

FLOAT = re.compile(
    r"""^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)
    |\.[0-9_]+(?:[eE][-+]?[0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
"""YAML 1.2's floats: YAML 1.1, which PyYAML reads, takes 1e-3 for a text."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with YAML 1.2's floats and without dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+0123456789."))


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
        return Problem(
            str(path), f"byte {error.start}", "bytes that are not UTF-8 text", "a text file in UTF-8"
        )
    except OSError as error:
        return Problem(str(path), "", f"a file that cannot be read ({error.strerror})", "a readable file")


def read_yaml(path: Path) -> tuple[YamlFile, list[Problem]]:
    """Read a YAML file whose top is a mapping; returns it with what is wrong with it (empty data if unreadable)."""
    name = path.name
    text = read_text(path)
    if isinstance(text, Problem):
        return YamlFile(name, {}), [text]
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        return YamlFile(name, {}), [
            Problem(name, where, f"a YAML syntax error ({error.problem})", "valid YAML")
        ]
    except (yaml.YAMLError, RecursionError) as error:
        found = f"text that YAML cannot hold ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        return YamlFile(name, {}), [Problem(name, "", found, "valid YAML")]
    if node is None:
        return YamlFile(name, {}), [Problem(name, "", "an empty file", "a mapping of keys to values")]
    lines: dict[KeyPath, int] = {}
    problems: list[Problem] = []
    try:
        _walk(node, (), lines, problems, name)
        data = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        found = f"text that YAML cannot hold ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        return YamlFile(name, {}), [Problem(name, "", found, "valid YAML")]
    if not isinstance(data, dict):
        return YamlFile(name, {}), [
            Problem(name, "line 1", f"a {type(data).__name__}", "a mapping of keys to values")
        ]
    return YamlFile(name, data, lines), problems


def _walk(
    node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], problems: list[Problem], name: str
) -> None:
    """Note the line of every key and report keys that stand twice or are no text."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                where = f"line {key.start_mark.line + 1}"
                problems.append(Problem(name, where, "a list or mapping as a key", "a name as a key"))
                continue
            here = (*path, key.value)
            line = key.start_mark.line + 1
            if here in lines:
                found = f"key {key.value!r} a second time (first on line {lines[here]})"
                problems.append(Problem(name, f"line {line}", found, "each key once"))
            elif key.tag != "tag:yaml.org,2002:str":
                found = f"key {key.value!r}, which YAML takes for a {key.tag.rsplit(':', 1)[-1]}"
                problems.append(Problem(name, f"line {line}", found, "a name as a key (put it in quotes)"))
            lines[here] = line
            _walk(value, here, lines, problems, name)
    elif isinstance(node, yaml.SequenceNode):
        for k, value in enumerate(node.value):
            lines[(*path, k)] = value.start_mark.line + 1
            _walk(value, (*path, k), lines, problems, name)
