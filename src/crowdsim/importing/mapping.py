"""Which layer of a drawing is which kind of feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from crowdsim.errors import Problem, suggest
from crowdsim.importing.drawing import Drawing
from crowdsim.scenario.feature import KINDS

IGNORE, WALL = "ignore", "wall"
"""The kinds of layers that are left out, and of lines that bound floors; a venue file has neither."""

ASSIGNABLE = (*KINDS, WALL, IGNORE)

OPTION = "--layer"

WORDS = {
    WALL: ("wall", "wand", "mauer", "mur", "muro", "pared", "vaegg"),
    "door": ("door", "opening", "tuer", "tür", "porte", "puerta", "porta"),
    "exit": ("exit", "ausgang", "sortie", "salida", "uscita"),
    "walkable": ("floor", "room", "space", "raum", "boden"),
    "obstacle": ("column", "pillar", "furniture", "stuetze", "stütze", "moebel", "möbel"),
    IGNORE: ("dim", "text", "note", "hatch", "grid", "title"),
}
"""Words in the names of layers (AIA CAD layer guidelines, and words of other languages) and what they are likely to be:
suggested, never assumed."""


def read_layers(texts: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return kinds by layer pattern from options such as `A-DOOR*=door`, and everything wrong with them."""
    kinds, problems = {}, []
    for text in texts:
        pattern, equals, kind = text.rpartition("=")
        if not equals or not pattern:
            problems.append(Problem(OPTION, repr(text), "no LAYER=KIND", "a layer's name or pattern, =, and a kind"))
        elif kind not in ASSIGNABLE:
            problems.append(Problem(OPTION, repr(text), f"kind {kind!r}", suggest(kind, ASSIGNABLE)))
        else:
            kinds[pattern] = kind
    return kinds, problems


def kinds_of_layers(drawing: Drawing, given: Mapping[str, str], file: str) -> tuple[dict[str, str], list[Problem]]:
    """Return the kind of each layer: as given, else as the format says; layers without one are problems.

    Parameters
    ----------
    given : kinds by layer pattern (`*` and `?`, whatever the case); the last that fits counts.
    """
    shapes = Counter(shape.layer for shape in drawing.shapes)
    kinds = {layer: kind for layer, kind in drawing.kinds.items() if layer in shapes}
    problems = []
    for pattern, kind in given.items():
        fitting = [layer for layer in shapes if fnmatchcase(layer.lower(), pattern.lower())]
        kinds |= dict.fromkeys(fitting, kind)
        if not fitting:
            found = f"no layer {pattern!r}"
            problems.append(Problem(OPTION, repr(f"{pattern}={kind}"), found, suggest(pattern, shapes)))
    unknown = [layer for layer in shapes if layer not in kinds]
    for layer in unknown:
        found = f"{shapes[layer]} shape{'s' if shapes[layer] > 1 else ''} of no known kind"
        allowed = f"{OPTION} '{layer}={_likely(layer) or 'KIND'}'"
        if layer == unknown[0]:
            allowed += f", a kind being one of {', '.join(ASSIGNABLE)}"
            allowed += f"; {OPTION} '*={IGNORE}' before the others leaves the rest out" if len(unknown) > 1 else ""
        problems.append(Problem(file, f"layer {layer!r}", found, allowed))
    return kinds, problems


def _likely(layer: str) -> str:
    """Return the kind that a layer's name suggests; empty if none."""
    name = layer.lower()
    return next((kind for kind, words in WORDS.items() if any(word in name for word in words)), "")
