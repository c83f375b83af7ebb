"""Large JSON objects read piece by piece: one of their lists is passed on item by item, never held as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

LONGEST_TOKEN = 64
"""A mistake nearer than this to the end of what has been read may be none once more is read: numbers and words that
are cut off are shorter (our choice)."""

OF_NUMBERS = "0123456789.eE+-"
"""What numbers are written with."""

SPACE = " \t\n\r"


class JsonSyntaxError(Exception):
    """A JSON syntax error: the line where it is, and what is wrong."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


class JsonStream:
    """An object at the top of a JSON text that comes in chunks.

    Attributes
    ----------
    rest : the object's members besides the list, known once all items have been taken.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self.rest: dict[str, Any] = {}
        self._chunks = iter(chunks)
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._decoder = json.JSONDecoder()

    def items(self, key: str) -> Iterator[tuple[int, Any]]:
        """Yield the items of the list of that key, each with its line.

        Raises
        ------
        JsonSyntaxError
            At the first syntax error.
        """
        self._expect("{")
        if not self._accept("}"):
            while True:
                name = self._value()
                if not isinstance(name, str):
                    raise self._mistake("a member without a name in quotes")
                self._expect(":")
                if name == key and self._accept("["):
                    yield from self._list()
                else:
                    self.rest[name] = self._value()
                if self._accept("}"):
                    break
                self._expect(",")
        if self._peek():
            raise self._mistake("something after the end")

    def _list(self) -> Iterator[tuple[int, Any]]:
        if self._accept("]"):
            return
        while True:
            self._peek()
            line = self._line
            yield line, self._value()
            if self._accept("]"):
                return
            self._expect(",")

    def _value(self) -> Any:
        """Return the next value, reading on for as long as it may be cut off."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                unfinished = error.msg.startswith("Unterminated") or error.pos > len(self._text) - LONGEST_TOKEN
                if unfinished and self._more(len(self._text) - self._at):
                    continue
                line = self._line + self._text.count("\n", self._at, error.pos)
                raise JsonSyntaxError(line, error.msg) from error
            except RecursionError as error:
                raise self._mistake("brackets nested too deep") from error
            except ValueError as error:
                raise self._mistake("a number with thousands of digits") from error
            if isinstance(value, (int, float)) and self._may_go_on(end) and self._more(1):
                continue
            self._go_to(end)
            return value

    def _may_go_on(self, end: int) -> bool:
        """Return whether a number that ends there may go on in what has not been read: `1.` is cut off before `1.5`."""
        rest = len(self._text) - end
        return rest < LONGEST_TOKEN and all(character in OF_NUMBERS for character in self._text[end:])

    def _peek(self) -> str:
        """Return the next character that is no space, going to it; empty at the end."""
        while True:
            end = self._at
            while end < len(self._text) and self._text[end] in SPACE:
                end += 1
            self._go_to(end)
            if end < len(self._text):
                return self._text[end]
            if not self._more(1):
                return ""

    def _accept(self, mark: str) -> bool:
        if self._peek() != mark:
            return False
        self._at += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._mistake(f"expecting {mark!r}")

    def _go_to(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, at_least: int) -> bool:
        """Read on, by as much as is waiting, so that long values are not tried again and again; False at the end."""
        pieces: list[str] = []
        length = 0
        while length < at_least and not self._ended:
            piece = next(self._chunks, None)
            self._ended = piece is None
            pieces.append(piece or "")
            length += len(pieces[-1])
        self._text = self._text[self._at :] + "".join(pieces)
        self._at = 0
        return length > 0

    def _mistake(self, reason: str) -> JsonSyntaxError:
        return JsonSyntaxError(self._line, reason)
