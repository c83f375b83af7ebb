"""`crowdsim report`: what it does between its options and the screen."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.report.page import FORMATS, write_report
from crowdsim.report.page.verdict import WORDS
from crowdsim.report.page.words import size

SHOWN_AFTER_S = 2.0
"""Work that takes less than this shows no bar."""


class LateBar:
    """A bar that shows what is being done, once it has taken `SHOWN_AFTER_S`; nothing off a terminal."""

    def __init__(self, console: Console) -> None:
        self._began = time.perf_counter()
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=28), TimeElapsedColumn(),
            console=console, transient=True, disable=not console.is_terminal or console.quiet,
        )  # fmt: skip
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


def report_run(console: Console, folder: Path, out: Path | None, format: str, *, as_json: bool) -> None:
    """Write a run's report and say where it is.

    Raises
    ------
    ScenarioError
        If an option, or the run's configuration, is wrong.
    RunFolderError
        If the folder holds no readable run, or the file cannot be written.
    """
    if format not in FORMATS:
        raise ScenarioError([Problem("command line", "--format", repr(format), suggest(format, FORMATS))])
    with LateBar(console) as bar:
        written = write_report(folder, out, format, bar.show)
    if as_json:
        typer.echo(json.dumps({"report": str(written.path), "bytes": written.size, "verdict": written.verdict}))
    else:
        console.print(f"Verdict: {WORDS[written.verdict].lower()}", highlight=False)
        text = f"Report: {written.path} ({size(written.size)})"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
