"""The progress bar that all commands share."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

BAR = 28
"""Width of a bar [characters]."""


def is_live(console: Console) -> bool:
    """Return whether somebody looks at a terminal on which a bar can move."""
    return console.is_terminal and not console.quiet


def make_bar(console: Console, *columns: ProgressColumn) -> Progress:
    """Return a bar between a spinner and the time passed; it leaves nothing behind, and off a terminal there is none.

    Parameters
    ----------
    columns : of the bar and what stands beside it.
    """
    shown = (SpinnerColumn(), *columns, TimeElapsedColumn())
    return Progress(*shown, console=console, transient=True, disable=not is_live(console))


def counting_bar(console: Console) -> Progress:
    """Return a bar that shows what is being done and how many of how many are done."""
    return make_bar(console, TextColumn("{task.description}"), BarColumn(bar_width=BAR), MofNCompleteColumn())


class Display:
    """Something that shows a bar from its beginning to its end."""

    def __init__(self, console: Console, *columns: ProgressColumn) -> None:
        self._console = console
        self._live = is_live(console)
        self._progress = make_bar(console, *columns)

    def __enter__(self) -> Self:
        """Start the display."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the display."""
        self._progress.stop()
