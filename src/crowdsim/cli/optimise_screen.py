"""What `crowdsim optimise` shows on the terminal."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from crowdsim.experiment.optimise.optimise import Optimised
from crowdsim.experiment.optimise.search import Search
from crowdsim.experiment.sweep.table import RESULTS
from crowdsim.report.words import duration, number

MOST_TRIALS = 16
"""Layouts that the table on the terminal has (our choice); all are in the file."""


class OptimiseWatcher:
    """Shows what a search is doing and how many runs it has taken; off a terminal in lines."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal and not console.quiet
        self._told = ""
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn(),
            console=console, transient=True, disable=not self._live,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        """Start the display."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the display."""
        self._progress.stop()

    def show(self, search: Search) -> None:
        """Show what is being done."""
        runs, budget = search.runs, search.quest.effort.budget_runs
        of = f" of at most {budget}" if budget else ""
        text = f"{search.stage}; {runs.asked}{of} runs"
        self._progress.update(self._task, total=budget, completed=runs.asked, description=text)
        stage = search.stage if search.in_order else search.stage.split(":")[0]
        if not self._live and stage != self._told:
            self._told = stage
            self._console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)


def print_optimised(console: Console, optimised: Optimised, document: Mapping[str, Any], picture: Path | None) -> None:
    """Print the answer, what was shown of it, and where all of it is."""
    quest, folder = optimised.search.quest, optimised.folder
    console.print()
    console.print(_layouts(document))
    for layout in document["answer"]:
        costs = ", ".join(f"{name} {number(value)}" for name, value in layout["objectives"].items())
        console.print(f"[bold green]Found[/bold green]: {escape(costs)}", highlight=False)
        words = ["crowdsim", "run", quest.source, *quest.overrides, *layout["overrides"]]
        console.print(f"  {shlex.join(words)}", highlight=False, markup=False, soft_wrap=True)
    if not document["answer"]:
        console.print("[bold red]No layout found that passes[/bold red]", highlight=False)
    for sentence in document["claim"]:
        console.print(sentence, highlight=False, markup=False)
    if not document["by_hand"]["applies"]:
        text = f"No layout was ruled out by hand: {document['by_hand']['reason']}."
        console.print(text, highlight=False, markup=False)
    if document["failed"]:
        text = f"{len(document['failed'])} runs failed, the first: {document['failed'][0]['error']}"
        console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
    runs = document["runs"]
    before = f", {runs['taken_over']} were there before" if runs["taken_over"] else ""
    told = f"{runs['asked']} runs decided it; {runs['made']} were made in {duration(optimised.wall_s)}{before}"
    console.print(told, highlight=False)
    if runs["stopped"]:
        text = f"{runs['stopped']} of them were stopped as soon as they had failed; they have no figures"
        console.print(text, highlight=False)
    console.print(f"Table: {folder / RESULTS}", highlight=False, markup=False, soft_wrap=True)
    if picture:
        console.print(f"Plot: {picture}", highlight=False, markup=False, soft_wrap=True)


def _layouts(document: Mapping[str, Any]) -> Table:
    """Return the layouts that were tried, those nearest to the answer in cost."""
    table = Table(header_style="bold")
    for key in (one["key"] for one in document["varied"]):
        table.add_column(escape(key.replace(".", ".\n")), overflow="fold")
    for name in document["minimised"]:
        table.add_column(escape(name), justify="right")
    table.add_column("Runs passed", justify="right")
    table.add_column("Verdict")
    trials = sorted(document["trials"], key=lambda one: list((one["objectives"] or {}).values()))
    answers = [layout["overrides"] for layout in document["answer"]]
    at = next((k for k, one in enumerate(trials) if one["overrides"] in answers), len(trials) - 1)
    first = max(min(at - MOST_TRIALS // 2, len(trials) - MOST_TRIALS), 0)
    for one in trials[first : first + MOST_TRIALS]:
        made = one["passed"] + one["failed"] + one["undecided"]
        costs = [number(value) for value in (one["objectives"] or dict.fromkeys(document["minimised"])).values()]
        values = [text.partition("=")[2] for text in one["overrides"]]
        style = "bold green" if one["overrides"] in answers else ""
        table.add_row(*values, *costs, f"{one['passed']} of {made}", one["verdict"] or "only looked at", style=style)
    if len(trials) > MOST_TRIALS:
        table.caption = f"{MOST_TRIALS} of {len(trials)} layouts that were tried"
    return table
