"""Which layer of a drawing is which kind of feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from crowdsim.errors import Problem, suggest
from crowdsim.importing.drawing import Drawing
from crowdsim.scenario.feature import KINDS

IGNORE = "ignore"
"""The kind of layers that are left out."""

OPTION = "--layer"


def read_layers(texts: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return kinds by layer pattern from options such as `A-DOOR*=door`, and everything wrong with them."""
    kinds, problems = {}, []
    for text in texts:
        pattern, equals, kind = text.rpartition("=")
        if not equals or not pattern:
            problems.append(Problem(OPTION, repr(text), "no LAYER=KIND", "a layer's name or pattern, =, and a kind"))
        elif kind not in (*KINDS, IGNORE):
            problems.append(Problem(OPTION, repr(text), f"kind {kind!r}", suggest(kind, [*KINDS, IGNORE])))
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
    for layer, count in shapes.items():
        if layer not in kinds:
            found = f"{count} shape{'s' if count > 1 else ''} of no known kind"
            allowed = f"{OPTION} '{layer}=KIND', with KIND one of {', '.join([*KINDS, IGNORE])}"
            problems.append(Problem(file, f"layer {layer!r}", found, allowed))
    return kinds, problems
