"""Lengths, transforms and view boxes of SVG, by the library that knows their grammar; what it takes as 0 is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.errors import MissingExtraError

Floats = NDArray[np.float64]

LENGTH = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*(px|pt|pc|mm|cm|in|%)?\s*", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
TRANSFORM = re.compile(r"\s*(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([\d\s,.e+-]*\)[\s,]*)*", re.IGNORECASE)
OF_STYLES = re.compile(r"(?<=\d)\s*(px|deg)")
"""Units that a transform has in a style sheet, and not in an attribute."""

ONE_TRANSFORM = re.compile(r"(\w+)\s*\(([^()]*)\)")
NUMBERS = {"matrix": (6,), "translate": (1, 2), "scale": (1, 2), "rotate": (1, 3), "skewx": (1,), "skewy": (1,)}
"""How many numbers a transform has (SVG 1.1, section 7.6)."""

PIXELS_PER_INCH = 96.0
"""Pixels, which user units are where nothing else is said, in an inch (CSS Values and Units 3, section 6.2)."""


class BadElementError(Exception):
    """What is wrong with an element: found, allowed."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found, allowed)


def library() -> Any:
    """Return svgelements, which knows the grammars of SVG's paths, lengths, transforms and view boxes."""
    try:
        import svgelements  # noqa: PLC0415
    except ImportError as error:
        msg = 'this needs svgelements, which is optional: pip install "crowdsim[drawings]"'
        raise MissingExtraError(msg) from error
    return svgelements


def matrix_of(text: str) -> Floats:
    """Return the matrix, of shape (3, 3), of a transform attribute; raises BadElementError."""
    if text.strip().lower() in ("", "none"):
        return np.eye(3)
    plain = OF_STYLES.sub("", text)
    parts = ONE_TRANSFORM.findall(plain)
    counted = all(len(NUMBER.findall(given)) in NUMBERS.get(name.lower(), ()) for name, given in parts)
    if TRANSFORM.fullmatch(plain) and counted:
        matrix = library().Matrix(plain)
        values = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
        if all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
            a, b, c, d, e, f = values
            return np.array([[a, c, e], [b, d, f], [0.0, 0.0, 1.0]])
    allowed = "matrix(a b c d e f), translate, scale, rotate, skewX and skewY, with finite numbers"
    raise BadElementError(f"transform {text[:60]!r}", allowed)


def joined(outer: Floats, inner: Floats) -> Floats:
    """Return the matrix of an element within another; raises BadElementError if numbers become too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        matrix: Floats = outer @ inner
    if not np.isfinite(matrix).all():
        raise BadElementError("transforms that make coordinates no finite numbers", "smaller numbers")
    return matrix


def length_of(text: str | None, whole: float, name: str) -> float:
    """Return a length in user units; raises BadElementError.

    Parameters
    ----------
    whole : what 100 % are.
    """
    if text is None or text.strip() in ("", "auto"):
        return 0.0
    if LENGTH.fullmatch(text):
        value = library().Length(re.sub(r"\s", "", text)).value(ppi=PIXELS_PER_INCH, relative_length=whole)
        if math.isfinite(value):
            return float(value)
    raise BadElementError(f"{name} {text[:60]!r}", "a finite number, with px, pt, pc, mm, cm, in or % if need be")


def numbers_of(text: str, count: int, name: str) -> list[float]:
    """Return as many finite numbers as there have to be; raises BadElementError."""
    words = [word for word in re.split(r"[\s,]+", text.strip()) if word]
    values = [float(word) for word in words if NUMBER.fullmatch(word)]
    if len(values) != len(words) or len(values) != count or not all(map(math.isfinite, values)):
        raise BadElementError(f"{name} {text[:60]!r}", f"{count} finite numbers")
    return values


def viewport_of(attributes: Mapping[str, str]) -> tuple[float, float]:
    """Return width and height of the whole drawing in its user units; 0 if it does not say."""
    if "viewBox" in attributes:
        _, _, width, height = numbers_of(attributes["viewBox"], 4, "viewBox")
        return width, height
    sizes = (attributes.get(key, "").strip() for key in ("width", "height"))
    width, height = (length_of(size, 0.0, "") if LENGTH.fullmatch(size) else 0.0 for size in sizes)
    return width, height


def shifted(attributes: Mapping[str, str], viewport: tuple[float, float]) -> Floats:
    """Return the matrix by x and y of a symbol that is placed."""
    matrix = np.eye(3)
    matrix[:2, 2] = [length_of(attributes.get(key), whole, key) for key, whole in zip("xy", viewport, strict=True)]
    return matrix


def view_of(attributes: Mapping[str, str], viewport: tuple[float, float]) -> tuple[Floats, tuple[float, float]]:
    """Return the matrix of a drawing within the drawing, or of a symbol, and its own width and height."""
    place = shifted(attributes, viewport)
    sizes = (attributes.get(key, "100%") for key in ("width", "height"))
    width, height = (
        length_of("100%" if size.strip() == "auto" else size, whole, "size")
        for size, whole in zip(sizes, viewport, strict=True)
    )
    if "viewBox" not in attributes or not (width > 0 and height > 0):
        return place, (width, height)
    view = numbers_of(attributes["viewBox"], 4, "viewBox")
    if not (view[2] > 0 and view[3] > 0):
        raise BadElementError(f"viewBox {attributes['viewBox'][:60]!r}", "a width and a height above 0")
    aspect = attributes.get("preserveAspectRatio")
    text = library().Viewbox.viewbox_transform(0.0, 0.0, width, height, *view, aspect)
    return place @ matrix_of(text), (view[2], view[3])
