"""Which style an element of an SVG file has: its style sheet, its attributes, and what it takes over from its group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PROPERTIES = ("display", "visibility", "fill", "fill-rule", "stroke", "clip-path", "mask", "transform")
"""Properties that matter for the shapes; the rest is paint."""

INHERITED = ("visibility", "fill", "fill-rule", "stroke")
"""Those that the elements of a group take over (SVG 1.1, appendix M)."""

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMPOUND = re.compile(r"(\*|[A-Za-z][\w-]*)?((?:[.#][\w-]+)*)")
PART = re.compile(r"([.#])([\w-]+)")


@dataclass(frozen=True, slots=True)
class Styled:
    """An element as style sheets see it."""

    tag: str
    id: str
    classes: frozenset[str]
    parent: Styled | None = None


@dataclass(frozen=True, slots=True)
class _Compound:
    """What one word of a selector asks for, as `path.wall`."""

    tag: str
    id: str
    classes: frozenset[str]

    def fits(self, element: Styled) -> bool:
        return self.tag in ("", "*", element.tag) and self.id in ("", element.id) and self.classes <= element.classes


@dataclass(frozen=True, slots=True)
class _Rule:
    compounds: tuple[_Compound, ...]
    rank: tuple[int, int, int, int]
    declared: Mapping[str, str]

    def fits(self, element: Styled) -> bool:
        if not self.compounds[-1].fits(element):
            return False
        above = element.parent
        for compound in reversed(self.compounds[:-1]):
            while above is not None and not compound.fits(above):
                above = above.parent
            if above is None:
                return False
            above = above.parent
        return True


class StyleSheet:
    """The rules of a file's style elements: words of tags, classes and ids, one within another.

    Attributes
    ----------
    passed_over : how many rules have selectors of other forms.
    """

    def __init__(self, text: str) -> None:
        self.passed_over = 0
        self._rules: dict[str, list[_Rule]] = {}
        for order, (selectors, body) in enumerate(RULE.findall(COMMENT.sub("", text))):
            declared = declarations(body)
            for selector in selectors.split(",") if declared else ():
                compounds = tuple(_compounds(selector))
                if not compounds:
                    self.passed_over += 1
                    continue
                ids = sum(bool(compound.id) for compound in compounds)
                classes = sum(len(compound.classes) for compound in compounds)
                tags = sum(compound.tag not in ("", "*") for compound in compounds)
                last = compounds[-1]
                key = f"#{last.id}" if last.id else f".{min(last.classes)}" if last.classes else last.tag
                self._rules.setdefault(key, []).append(_Rule(compounds, (ids, classes, tags, order), declared))

    def style(self, element: Styled, attributes: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
        """Return an element's properties, given its group's."""
        style = {key: above[key] for key in INHERITED if key in above}
        style |= {key: attributes[key].strip() for key in PROPERTIES if key in attributes}
        keys = ["*", element.tag, f"#{element.id}", *(f".{name}" for name in element.classes)]
        fitting = [rule for key in keys for rule in self._rules.get(key, ()) if rule.fits(element)]
        for rule in sorted(fitting, key=lambda rule: rule.rank):
            style |= rule.declared
        style |= declarations(attributes.get("style", ""))
        return {key: above.get(key, "") if value == "inherit" else value for key, value in style.items()}


def declarations(text: str) -> dict[str, str]:
    """Return the properties that a style declares, those that matter."""
    found = {}
    for item in text.split(";"):
        key, colon, value = item.partition(":")
        key = key.strip().lower()
        if colon and key in PROPERTIES:
            found[key] = value.replace("!important", "").strip()
    return found


def _compounds(selector: str) -> Iterator[_Compound]:
    """Yield the words of a selector; none if it is of another form."""
    matches = [COMPOUND.fullmatch(word) for word in selector.split()]
    for match in matches if all(matches) else ():
        assert match is not None
        parts = PART.findall(match[2])
        ids = [name for mark, name in parts if mark == "#"]
        classes = frozenset(name for mark, name in parts if mark == ".")
        yield _Compound(match[1] or "", ids[0] if ids else "", classes)
