"""Telling how far long work is."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str, float | None], None]
"""Told what is being done, and what share of it is done; None where that is not known."""


def say_nothing(text: str, done: float | None) -> None:
    """Take in what is being done, and tell nobody."""
