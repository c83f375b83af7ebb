"""What `crowdsim validate` shows on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crowdsim.validate.case import Case
from crowdsim.validate.record import VERDICTS, movements_of
from crowdsim.validate.suite import Entry

COLOURS = {"pass": "green", "fail": "red", "documented": "dim"}


def print_cases(console: Console, cases: Sequence[Case]) -> None:
    """Print the cases, a line each."""
    width = max((len(case.id) for case in cases), default=0)
    for case in cases:
        why = f" [dim](not run: {escape(case.why_not)})[/dim]" if case.why_not else ""
        quick = " [green]quick[/green]" if case.quick else ""
        console.print(f"[bold]{case.id:{width}}[/bold]  {escape(case.title)}{quick}{why}", highlight=False)


def print_entries(console: Console, entries: Sequence[Entry], folder: Path) -> None:
    """Print a table a movement model, the numbers of verdicts, and where the page is."""
    for movement in movements_of(entries):
        mine = [entry for entry in entries if entry.movement == movement]
        table = Table(title=f"movement: {movement}", title_justify="left", header_style="bold")
        table.add_column("Case", no_wrap=True)
        table.add_column("Title")
        table.add_column("Tolerance")
        table.add_column("Measured")
        table.add_column("Verdict", no_wrap=True)
        for entry in mine:
            result = entry.outcome.verdict
            tolerance = entry.case.tolerance.split(" (")[0].split(". ")[0] or "-"
            table.add_row(
                entry.case.id,
                escape(entry.case.title),
                escape(tolerance),
                escape(entry.outcome.note),
                f"[{COLOURS[result]}]{result}[/{COLOURS[result]}]",
            )
        console.print(table)
        counts = [f"{sum(e.outcome.verdict == v for e in mine)} {v}" for v in VERDICTS]
        console.print(f"{movement}: {', '.join(counts)}", highlight=False)
    console.print(f"Folder: {folder}", highlight=False, markup=False, soft_wrap=True)
