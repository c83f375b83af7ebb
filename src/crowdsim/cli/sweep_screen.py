"""What `crowdsim sweep` shows on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.table import Table

from crowdsim.cli.bar import BAR, Display
from crowdsim.cli.screen import COLOURS
from crowdsim.experiment.estimates import mean_of
from crowdsim.experiment.sweep.indices import Index
from crowdsim.experiment.sweep.sweep import BROKEN, PLOTS, Sweep
from crowdsim.experiment.sweep.table import DONE, RESULTS, STOPPED_S
from crowdsim.experiment.wording import label_of
from crowdsim.report.words import duration, number

MOST_ARMS = 24
"""Arms that the table on the terminal has (our choice); the rest is in the file."""

SHOWN = (("egress_time_s", "Last out [s]"), ("density.max_per_m2", "Highest density [/m²]"))
"""Figures that the table on the terminal has, and their heads."""

TELL_EVERY = 0.1
"""Off a terminal a line is printed for every such share of the runs."""


class SweepWatcher(Display):
    """Shows how a sweep goes: how many runs are done and failed, and how long it will take; off a terminal in lines."""

    def __init__(self, console: Console) -> None:
        runs, left = TextColumn("runs"), TextColumn("{task.description}")
        super().__init__(console, BarColumn(bar_width=BAR), MofNCompleteColumn(), runs, left)
        self._told = 0
        self._task = self._progress.add_task("", total=None)

    def show(self, sweep: Sweep) -> None:
        """Show how far it is."""
        total, there = sweep.runs, sweep.there
        if not sweep.made:
            self._begin(sweep, total)
        rest = left_s(sweep)
        text = f"{duration(rest)} left" if rest is not None else "starting"
        self._progress.update(self._task, total=total, completed=there, description=text)
        if not self._live and sweep.made and there >= self._told + max(TELL_EVERY * total, 1):
            self._told = there
            self._console.print(f"  {there} of {total} runs, {text}", highlight=False)

    def failed(self, row: dict[str, Any]) -> None:
        """Tell that a run failed."""
        text = f"  arm {row['arm']}, seed {row['seed']} failed: {row['error']}"
        self._console.print(text, style="red", highlight=False, markup=False)

    def _begin(self, sweep: Sweep, total: int) -> None:
        arms, seeds = len(sweep.plan.points), len(sweep.plan.seeds)
        most = "at most " if sweep.plan.until else ""
        text = f"{arms} arm{'s' if arms != 1 else ''} with {most}{seeds} run{'s' if seeds != 1 else ''} each"
        if sweep.taken_over:
            text += f"; {sweep.taken_over} of {total} runs were finished before"
        self._console.print(text, highlight=False)


def left_s(sweep: Sweep) -> float | None:
    """Return about how long the rest of a sweep takes [s], from the runs made so far; None before the first."""
    if not sweep.made:
        return None
    return (sweep.runs - sweep.there) * sweep.wall_s / sweep.made


def print_swept(
    console: Console, sweep: Sweep, folder: Path, drawn: Sequence[str], indices: Mapping[str, list[Index] | str]
) -> None:
    """Print the arms with their verdicts and main figures, and where all of it is."""
    rows = sweep.rows()
    console.print()
    console.print(_arms(sweep, rows))
    for figure, found in indices.items():
        console.print(found if isinstance(found, str) else _indices(figure, found), highlight=False)
    failed = len(rows) - sum(row["status"] == DONE for row in rows)
    if failed:
        text = f"{failed} of {len(rows)} runs failed (see {folder / BROKEN}); the same command tries them again"
        console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
    stopped = sum(row.get(STOPPED_S) is not None for row in rows)
    if stopped:
        text = f"{stopped} of {len(rows)} runs were stopped as soon as they had failed; they have no figures"
        console.print(text, highlight=False)
    per_minute = f", {60 * sweep.made / sweep.wall_s:.0f} a minute" if sweep.made and sweep.wall_s else ""
    console.print(f"{sweep.made} runs made in {duration(sweep.wall_s)}{per_minute}", highlight=False)
    console.print(f"Table: {folder / RESULTS}", highlight=False, markup=False, soft_wrap=True)
    if drawn:
        console.print(f"Plots: {folder / PLOTS}", highlight=False, markup=False, soft_wrap=True)


def _arms(sweep: Sweep, rows: list[dict[str, Any]]) -> Table:
    table = Table(header_style="bold")
    for key in sweep.plan.keys:
        table.add_column(escape(key), overflow="fold")
    table.add_column("Runs", justify="right")
    table.add_column("Verdicts")
    for _, head in SHOWN:
        table.add_column(escape(head), justify="right")
    for point in sweep.plan.points[:MOST_ARMS]:
        mine = [row for row in rows if row["arm"] == point.number]
        cells = ["as it is" if point.values[key] is None else _text(point.values[key]) for key in sweep.plan.keys]
        table.add_row(*cells, str(len(mine)), _verdicts(mine), *(_mean(mine, figure) for figure, _ in SHOWN))
    if len(sweep.plan.points) > MOST_ARMS:
        table.caption = f"and {len(sweep.plan.points) - MOST_ARMS} more arms"
    return table


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _verdicts(rows: list[dict[str, Any]]) -> str:
    counts = Counter(row.get("verdict") or "failed to run" for row in rows)
    parts = [f"{n} {word}" for word, n in counts.most_common()]
    colour = COLOURS.get(next(iter(counts), ""), "") if len(counts) == 1 else ""
    text = ", ".join(parts)
    return f"[{colour}]{text}[/{colour}]" if colour else text


def _mean(rows: list[dict[str, Any]], figure: str) -> str:
    if any(row.get(STOPPED_S) is not None for row in rows):
        return "-"  # the others did not fail: their mean says too little
    found = mean_of([row[figure] for row in rows if row.get(figure) is not None])
    if found.mean is None:
        return "-"
    half = f" ± {number((found.ci95[1] - found.ci95[0]) / 2)}" if found.ci95 else ""
    return f"{number(found.mean)}{half}"


def _indices(figure: str, found: Sequence[Index]) -> Table:
    table = Table(title=escape(f"What moves the {label_of(figure)}"), title_justify="left", title_style="bold")
    table.add_column("Key", overflow="fold")
    table.add_column("Share of the variance: alone", justify="right")
    table.add_column("with the others", justify="right")
    for one in sorted(found, key=lambda index: -index.total):
        alone, in_all = (f"{value:.2f} ± {half:.2f}" for value, half in
                         ((one.first, one.first_half), (one.total, one.total_half)))  # fmt: skip
        table.add_row(escape(one.key), alone, in_all)
    return table
