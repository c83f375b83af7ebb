"""A progress bar for work that is usually over before anybody wonders."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn

from crowdsim.cli.bar import BAR, make_bar

SHOWN_AFTER_S = 2.0
"""Work that takes less than this shows no bar."""


class LateBar:
    """A bar that shows what is being done, once it has taken `SHOWN_AFTER_S`; nothing off a terminal."""

    def __init__(self, console: Console) -> None:
        self._began = time.perf_counter()
        self._progress = make_bar(console, TextColumn("{task.description}"), BarColumn(bar_width=BAR))
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar off the screen."""
        self._progress.stop()

    def show(self, text: str, done: float | None) -> None:
        """Take in what is being done and what share of it is done."""
        if time.perf_counter() - self._began > SHOWN_AFTER_S:
            self._progress.start()
        self._progress.update(self._task, description=text, total=None if done is None else 1.0, completed=done or 0.0)
