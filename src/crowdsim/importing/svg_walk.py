"""The shapes that an SVG file shows: groups, nested drawings and symbols followed, hidden ones left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crowdsim.errors import Problem
from crowdsim.importing.drawing import Shape
from crowdsim.importing.svg_names import group_name, lone_layer, own_name
from crowdsim.importing.svg_shapes import SHAPES, geometries, outline
from crowdsim.importing.svg_style import Styled, StyleSheet
from crowdsim.importing.svg_transform import BadElementError, Floats, joined, matrix_of, shifted, view_of, viewport_of

GROUPS = ("svg", "g", "a", "switch", "symbol")

SILENT = ("title", "desc", "metadata", "style", "defs", "script", "view", "clipPath", "mask")
"""Elements that show nothing where they stand."""

DEFINITIONS = {
    "marker": "arrows and the like at the ends of lines are no part of the venue",
    "pattern": "areas are taken without what fills them",
    "linearGradient": "areas are taken without what fills them",
    "radialGradient": "areas are taken without what fills them",
    "filter": "they change the look only",
}
"""Elements that show only where something refers to them, and why they are left out."""

NO_SHAPES = {
    "text": ("texts", "words are nothing to walk on or against"),
    "foreignObject": ("texts", "words are nothing to walk on or against"),
    "image": ("pictures within the drawing", "only what is drawn in lines can be read: trace it"),
}

HIDDEN = "they are hidden"
NOT_HERE = "elsewhere"
"""What is within a definition or a text, which is accounted for as a whole."""

MOST_SHAPES = 1_000_000
"""Shapes and symbols placed: symbols within symbols can stand for billions (our choice)."""

MOST_PROBLEMS = 20
"""Mistakes told of one file: the rest is most often the same again (our choice)."""

DEEPEST_SYMBOL = 16
"""Symbols may hold symbols so deep: drawings have two or three within each other (our choice)."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds within an element."""

    styled: Styled | None = None
    style: Mapping[str, str] = field(default_factory=dict)
    matrix: Floats = field(default_factory=lambda: np.eye(3))
    viewport: tuple[float, float] = (0.0, 0.0)
    unseen: str = ""
    layer: str = ""
    in_layer: bool = False
    alone: str = ""
    symbol: str = ""
    name: str = ""
    depth: int = 0
    placed_at: int = 0


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose end has not been reached: its title comes within."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    scope: _Scope
    recorded_from: int
    title: list[str] = field(default_factory=list)

    def name(self) -> str:
        return " ".join("".join(self.title).split()) or own_name(self.attributes)


class Walk:
    """Takes in a file's elements and finds its shapes, in user units of the drawing, y downwards.

    Attributes
    ----------
    shapes, left, problems : what was found, what was left out and why, and what is wrong.
    alone : what the layer of each shape would be without its groups.
    """

    def __init__(self, file: str, sheet: StyleSheet, wanted: frozenset[str], tolerance: float) -> None:
        self.shapes: list[Shape] = []
        self.alone: list[str] = []
        self.left: Counter[tuple[str, str]] = Counter()
        self.problems: list[Problem] = []
        self._file = file
        self._sheet = sheet
        self._wanted = wanted
        self._tolerance = tolerance
        self._stack: list[_Open] = []
        self._base = _Scope()
        self._events: list[tuple[str, tuple[Any, ...]]] = []
        self._recordings = 0
        self._symbols: dict[str, tuple[int, int]] = {}
        self._uses: list[tuple[str, _Scope, Mapping[str, str]]] = []
        self._placed = 0

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        """Take in the begin of an element."""
        above = self._stack[-1].scope if self._stack else self._base
        scope = self._scope(above, tag, attributes, line)
        records = attributes.get("id") in self._wanted and not scope.depth
        self._recordings += records
        self._stack.append(_Open(tag, attributes, line, scope, len(self._events) if records else -1))
        self._record("start", tag, attributes, line)

    def text(self, text: str) -> None:
        """Take in text: that of titles."""
        if len(self._stack) > 1 and self._stack[-1].tag == "title":
            self._stack[-2].title.append(text)
            self._record("text", text)

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        opened = self._stack.pop()
        self._record("end", tag)
        if opened.recorded_from >= 0:
            self._recordings -= 1
            self._symbols.setdefault(opened.attributes["id"], (opened.recorded_from, len(self._events)))
        if not opened.scope.unseen:
            self._take(opened)
        elif opened.scope.unseen == HIDDEN and (opened.tag in SHAPES or opened.tag == "use"):
            self.left["shapes", HIDDEN] += 1

    def place_symbols(self) -> None:
        """Take in the symbols where they are placed, once the whole file has been read."""
        while self._uses and self._placed <= MOST_SHAPES:
            name, self._base, attributes = self._uses.pop()
            if name[:1] != "#" or name[1:] not in self._symbols:
                outside = name and name[0] != "#"
                self.left["symbols", "they are in another file" if outside else "they are not in the file"] += 1
            elif self._base.depth > DEEPEST_SYMBOL:
                self.left["symbols", "they hold themselves"] += 1
            else:
                begin, end = self._symbols[name[1:]]
                sizes = {key: attributes[key] for key in ("width", "height") if key in attributes}
                for what, given in self._events[begin:end]:
                    if what == "start" and not self._stack and given[0] in ("svg", "symbol"):
                        self.start(given[0], {**given[1], **sizes}, given[2])
                    else:
                        getattr(self, what)(*given)
        if self._placed > MOST_SHAPES:
            self._report("", f"more than {MOST_SHAPES:,} shapes and symbols", "fewer: hide what is not needed")

    def _record(self, what: str, *given: Any) -> None:
        if self._recordings:
            self._events.append((what, given))

    def _scope(self, above: _Scope, tag: str, attributes: Mapping[str, str], line: int) -> _Scope:
        """Return what holds within an element."""
        whole = not self._stack and not above.depth
        placed = not self._stack and above.depth > 0
        styled = Styled(tag, attributes.get("id", ""), frozenset(attributes.get("class", "").split()), above.styled)
        style = self._sheet.style(styled, attributes, above.style)
        matrix, viewport, unseen = above.matrix, above.viewport, above.unseen
        try:
            if style.get("transform"):
                matrix = joined(matrix, matrix_of(style["transform"]))
            if tag == "use":
                matrix = joined(matrix, shifted(attributes, viewport))
            if whole:
                viewport = viewport_of(attributes)
            elif tag == "svg" or (tag == "symbol" and placed):
                view, viewport = view_of(attributes, viewport)
                matrix = joined(matrix, view)
        except BadElementError as bad:
            if not unseen:
                self._report(f"line {line}, {tag}", *bad.args)
            unseen = unseen or NOT_HERE
        if not unseen and style.get("display") == "none":
            unseen = HIDDEN
        inside = self._stack[-1].tag if self._stack else ""
        hides = tag in ("defs", "clipPath", "mask", "symbol", *DEFINITIONS) and not placed
        if tag in DEFINITIONS and unseen != HIDDEN:
            self.left[f"elements {tag}", DEFINITIONS[tag]] += 1
        if not unseen and (hides or inside in NO_SHAPES):
            unseen = NOT_HERE
        layer, in_layer = above.layer, above.in_layer
        if tag in GROUPS and not whole and not above.depth:
            if attributes.get("inkscape:groupmode") == "layer":
                layer, in_layer = attributes.get("inkscape:label") or attributes.get("id", ""), True
            elif not in_layer:
                layer = group_name(attributes) or layer
        return replace(
            above, styled=styled, style=style, matrix=matrix, viewport=viewport, unseen=unseen, layer=layer,
            in_layer=in_layer,
        )  # fmt: skip

    def _take(self, opened: _Open) -> None:
        tag, scope = opened.tag, opened.scope
        if any(scope.style.get(key, "none") not in ("none", "") for key in ("clip-path", "mask")):
            self.left["clip paths and masks", "what they cut off is taken, too"] += 1
        if tag in SHAPES:
            self._placed += 1
            if scope.style.get("visibility") in ("hidden", "collapse"):
                self.left["shapes", HIDDEN] += 1
            else:
                self._draw(opened)
        elif tag == "use":
            self._placed += 1
            name = opened.attributes.get("href", "").strip()
            alone = group_name(opened.attributes) or group_name({"id": name.strip("#")})
            within = replace(
                scope, alone=scope.alone or alone, symbol=scope.symbol or f"{name} at line {opened.line}",
                name=opened.name() or scope.name, placed_at=scope.placed_at or opened.line, depth=scope.depth + 1,
            )  # fmt: skip
            self._uses.append((name, within, opened.attributes))
        elif tag in NO_SHAPES:
            self.left[NO_SHAPES[tag]] += 1
        elif tag not in (*GROUPS, *SILENT, *DEFINITIONS):
            self.left[f"elements {tag}", "they are no shapes"] += 1

    def _draw(self, opened: _Open) -> None:
        scope = opened.scope
        where = f"line {opened.line}" + (f", placed at line {scope.placed_at}" if scope.placed_at else "")
        try:
            lines = outline(opened.tag, opened.attributes, scope.viewport, scope.matrix, self._tolerance)
        except BadElementError as bad:
            self._report(f"{where}, {opened.tag}", *bad.args)
            return
        filled = scope.style.get("fill") != "none"
        alone = scope.alone or lone_layer(opened.attributes, scope.style)
        found = list(geometries(lines, filled=filled, rule=scope.style.get("fill-rule", "nonzero")))
        self.shapes += [
            Shape(geometry, scope.layer or alone, where, opened.name() or scope.name, symbol=scope.symbol)
            for geometry in found
        ]
        self.alone += [alone] * len(found)
        self.left["shapes", "they have no size"] += not found

    def _report(self, where: str, found: str, allowed: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self._file, where, found, allowed))
