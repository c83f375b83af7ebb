"""What the layers and shapes of an SVG file are called, as far as somebody named them."""

from __future__ import annotations

import re
from collections.abc import Mapping

OF_PROGRAMS = re.compile(
    r"(?:path|rect|g|circle|ellipse|line|polyline|polygon|use|svg|image|text|tspan|symbol|layer|group|vector|rectangle"
    r"|frame|shape|object|svgid|xmlid|id|page|cell)?[\s_-]*\d*(?:[_-]\d+)*_?"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}",
    re.IGNORECASE,
)
"""Names that drawing programs give: `path1234`, `Layer_1`, `Vector_2`, `SVGID_1_`, UUIDs."""

CLASSES_OF_PROGRAMS = re.compile(r"(?:st|cls|style|fil|str|s|c)[_-]?\d+", re.IGNORECASE)
"""Classes that drawing programs give to equal paint: `st0`, `cls-1`."""

CODED = re.compile(r"_x([0-9A-Fa-f]{2,4})_")
"""How Illustrator writes characters that an id cannot have: `_x20_` is a space."""

PREFIX = re.compile(r"[^\W\d_]+")
"""What an id such as `wall-12` or `room_3a` begins with."""


def own_name(attributes: Mapping[str, str]) -> str:
    """Return an element's name: its label in Inkscape, its name in Illustrator, or its id if no program gave it."""
    label = attributes.get("inkscape:label") or attributes.get("data-name") or ""
    name = label or CODED.sub(lambda match: chr(int(match[1], 16)), attributes.get("id", ""))
    name = " ".join(name.split())
    return "" if OF_PROGRAMS.fullmatch(name) else name


def group_name(attributes: Mapping[str, str]) -> str:
    """Return a group's name: its own, or its class unless a program gave it."""
    classes = " ".join(name for name in attributes.get("class", "").split() if not CLASSES_OF_PROGRAMS.fullmatch(name))
    return own_name(attributes) or classes


def lone_layer(attributes: Mapping[str, str], style: Mapping[str, str]) -> str:
    """Return the layer of a shape that no named group holds: its class, what its id begins with, or its paint."""
    classes = " ".join(attributes.get("class", "").split())
    begin = PREFIX.match(own_name(attributes))
    fill = style.get("fill") or "black"
    paint = f"fill {fill}" if fill != "none" else f"stroke {style.get('stroke') or 'none'}"
    return classes or (begin[0] if begin else "") or paint
