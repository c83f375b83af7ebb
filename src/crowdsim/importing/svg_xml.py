"""The elements of an SVG file one after another, in little memory; XML that does harm is refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Progress
from crowdsim.importing.opened import CHUNK, check_readable

ALLOWED = "a drawing in SVG"

SVG, INKSCAPE, XLINK = (
    "http://www.w3.org/2000/svg",
    "http://www.inkscape.org/namespaces/inkscape",
    "http://www.w3.org/1999/xlink",
)
"""Namespaces (SVG 1.1, section 1.3; XLink 1.0, section 3.1)."""

GZIP = b"\x1f\x8b"
"""What packed files, .svgz, begin with (RFC 1952, section 2.3.1)."""

MOST_BYTES = 1 << 28
"""Larger files, and packed ones that unpack to more, are refused: 200 MB take ten minutes and 1.6 GB (measured), and no
plan is that detailed."""

DEEPEST = 1000
"""Elements may be nested so deep: drawings have tens of groups within groups at most (our choice)."""


class Sink(Protocol):
    """Whoever takes in the elements of a file."""

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        """Take in the begin of an element; attributes of Inkscape have its prefix."""

    def text(self, text: str) -> None:
        """Take in text within an element."""

    def end(self, tag: str) -> None:
        """Take in the end of an element."""


def parse_svg(path: Path, sink: Sink, progress: Progress) -> None:
    """Pass the SVG elements of a file on to a sink; elements of other namespaces are passed over with all they hold.

    Nothing outside of the file is read.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is no SVG, or declares entities.
    """
    size = check_readable(path, ALLOWED)
    passing = _Passing(str(path), sink)
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            done = 0
            while chunk := stream.read(CHUNK):
                done += len(chunk)
                if done > MOST_BYTES:
                    found = f"more than {MOST_BYTES >> 20} MiB of drawing"
                    raise ScenarioError([Problem(str(path), "", found, "one floor of the building, without pictures")])
                passing.parser.Parse(chunk, False)
                progress(min(file.tell(), size), size)
            passing.parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, str(error))
        allowed = f"{ALLOWED}, which is XML: export it again, or save it as plain SVG"
        problem = Problem(str(path), f"line {error.lineno}", f"no XML ({reason})", allowed)
        raise ScenarioError([problem]) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        found = f"a packed file that cannot be unpacked ({error})"
        raise ScenarioError([Problem(str(path), "", found, f"{ALLOWED}, unpacked")]) from error


class _Passing:
    """A parser that passes on what is SVG."""

    def __init__(self, file: str, sink: Sink) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity
        self._file = file
        self._sink = sink
        self._depth = 0
        self._foreign = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        line = self.parser.CurrentLineNumber
        if not self._depth and (namespace not in (SVG, "") or tag != "svg"):
            page = tag.lower() == "html"
            allowed = f"{ALLOWED}: save the picture that the page shows" if page else f"{ALLOWED}, element svg"
            found = "a web page (HTML)" if page else f"XML of another kind, element {tag}"
            raise ScenarioError([Problem(self._file, f"line {line}", found, allowed)])
        self._depth += 1
        if self._depth > DEEPEST:
            found = f"elements nested more than {DEEPEST} deep"
            raise ScenarioError([Problem(self._file, f"line {line}", found, f"{ALLOWED} with groups dissolved")])
        if self._foreign or namespace not in (SVG, ""):
            self._foreign += 1
            return
        self._sink.start(tag, dict(_named(attributes)), line)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._foreign:
            self._foreign -= 1
        else:
            self._sink.end(name.rpartition(" ")[2])

    def _text(self, text: str) -> None:
        if not self._foreign:
            self._sink.text(text)

    def _entity(self, name: str, *_: object) -> None:
        found = f"an entity declared (<!ENTITY {name} ...>), which could unfold without end"
        allowed = f"{ALLOWED} without entities: save it as plain SVG (Illustrator: without its editing capabilities)"
        raise ScenarioError([Problem(self._file, f"line {self.parser.CurrentLineNumber}", found, allowed)])


def _named(attributes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return attributes of SVG by name, Inkscape's with its prefix; others are left out."""
    named = []
    for name, value in attributes.items():
        namespace, _, local = name.rpartition(" ")
        if namespace in ("", SVG):
            named.append((local, value))
        elif namespace == XLINK and local == "href":
            named.insert(0, (local, value))  # href of SVG 2 counts more
        elif namespace == INKSCAPE:
            named.append((f"inkscape:{local}", value))
    return named
