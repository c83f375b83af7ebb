"""What the commands show on the terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn
from rich.table import Table

from crowdsim.cli.bar import BAR, Display
from crowdsim.errors import CrowdSimError, ScenarioError

COLOURS = {"pass": "green", "fail": "red", "undecided": "yellow"}
WIDE = 100
"""Columns assumed where the output is no terminal: wide enough for the tables."""


def make_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Return a console; off a terminal it is plain text, wide enough for the tables."""
    console = Console(stderr=stderr, quiet=quiet)
    return console if console.is_terminal else Console(stderr=stderr, quiet=quiet, width=max(console.width, WIDE))


def print_problems(console: Console, error: CrowdSimError) -> None:
    """Print what was wrong, a line each."""
    if isinstance(error, ScenarioError):
        n = len(error.problems)
        console.print(f"{n} problem{'s' if n > 1 else ''}, nothing was run:", style="bold red", highlight=False)
        for problem in error.problems:
            console.print(f"  {problem}", highlight=False, markup=False, soft_wrap=True)
    else:
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)


def print_scenarios(console: Console, titles: Mapping[str, str]) -> None:
    """Print the bundled scenarios, a line each."""
    width = max((len(name) for name in titles), default=0)
    for name, title in titles.items():
        console.print(f"[bold]{name:{width}}[/bold]  {escape(title)}", highlight=False, soft_wrap=True)


class RichWatcher(Display):
    """Shows how a run goes: a line a stage with its seconds, a bar while simulating.

    Off a terminal it prints one plain line a stage.
    """

    def __init__(self, console: Console) -> None:
        text = TextColumn("{task.fields[text]}")
        super().__init__(console, TextColumn("{task.description}"), BarColumn(bar_width=BAR), text)
        self._stage = ""
        self._began = 0.0
        self._task = self._progress.add_task("", total=None, text="")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the last stage, unless something went wrong in it, and the display."""
        if error is None:
            self._end_stage()
        super().__exit__(kind, error, trace)

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(f"  {text}", style="dim", highlight=False, markup=False, soft_wrap=True)

    def stage(self, name: str) -> None:
        """Begin a stage, ending the one before."""
        self._end_stage()
        self._stage, self._began = name, time.perf_counter()
        if self._live:
            self._progress.update(self._task, description=name, total=None, completed=0, text="")
        else:
            self._console.print(f"{name} ...", highlight=False, soft_wrap=True)

    def progress(self, time_s: float, duration_s: float, inside: int, exited: int, planned: int) -> None:
        """Show how far the simulation is: by simulated time or by people out, whichever is further."""
        done = max(time_s / duration_s, exited / max(planned, 1))
        text = f"{clock(time_s)}  {inside:,} inside  {exited:,} of {planned:,} out"
        self._progress.update(self._task, total=1.0, completed=done, text=text)

    def _end_stage(self) -> None:
        if self._stage and self._live:
            took = time.perf_counter() - self._began
            self._console.print(f"[green]\u2713[/green] {self._stage} [dim]{took:.1f} s[/dim]", highlight=False)
        self._stage = ""


def clock(seconds: float) -> str:
    """Return a time as text: seconds when short, minutes and seconds, hours when long."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def figure(value: float) -> str:
    """Return a number with three digits, or whole if it has more before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - three digits


def print_result(console: Console, summary: Mapping[str, Any], folder: Path) -> None:
    """Print a run's figures and verdict."""
    people, performance = summary["attendees"], summary["performance"]
    figures = Table(title=None, show_header=False, box=None, padding=(0, 2, 0, 0))
    inside = f", {people['inside']:,} still inside" if people["inside"] else ""
    blocked = f", {people['blocked']:,} found no room to enter" if people["blocked"] else ""
    figures.add_row("attendees", f"{people['planned']:,} planned, {people['exited']:,} out{inside}{blocked}")
    times = [("last out", "egress_time_s"), ("half out", "t50_s"), ("95 % out", "t95_s")]
    shown = [f"{label} {clock(summary[key])}" for label, key in times if summary[key] is not None]
    figures.add_row("egress", ", ".join(shown) or f"not finished at {clock(summary['duration_s'])}")
    if summary["delay_s"]["mean"] is not None:
        figures.add_row("delay", f"mean {summary['delay_s']['mean']:.0f} s, longest {summary['delay_s']['max']:.0f} s")
    density = summary["density"]
    if density["at"]:
        at = density["at"]
        place = f"at ({at['x']:.1f}, {at['y']:.1f}) m, {clock(at['time_s'])}"
        figures.add_row("highest density", f"{density['max_per_m2']:.1f} people/m2 {place}")
    speed = f"{performance['agent_steps_per_s'] / 1e6:.2f} million attendee-steps/s"
    figures.add_row(
        "computing",
        f"{performance['wall_s']:.1f} s, {performance['realtime_factor']:.0f} x real time, {speed}",
    )
    console.print()
    console.print(figures)
    console.print()
    console.print(_criteria_table(summary))
    for row in summary["criteria"]:
        if not row["applies"]:
            console.print(f"No case: {row['text']} ({row['reason']})", style="dim", highlight=False, markup=False)
    for name, missing in summary.get("criteria_left_out", {}).items():
        console.print(f"Left out of the set {name}: {', '.join(missing)}", highlight=False, markup=False)
    colour = COLOURS[summary["verdict"]]
    console.print(f"Verdict: [bold {colour}]{summary['verdict'].upper()}[/bold {colour}]", highlight=False)
    console.print(f"Run folder: {folder}", highlight=False, markup=False, soft_wrap=True)


def _criteria_table(summary: Mapping[str, Any]) -> Table:
    table = Table(header_style="bold", expand=False)
    table.add_column("Criterion")
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Limit", justify="right", no_wrap=True)
    table.add_column("Result", no_wrap=True)
    table.add_column("Source")
    for row in summary["criteria"]:
        if not row["applies"]:
            continue
        result = {True: "pass", False: "fail", None: "undecided"}[row["passed"]]
        value = "-" if row["value"] is None else f"{figure(row['value'])} {row['unit']}"
        notes = [row["reason"], *(change["text"] for change in row.get("changed", ()))]
        reason = "".join(f"\n[dim]{escape(note)}[/dim]" for note in notes if note)
        table.add_row(
            escape(row["text"]) + reason,
            value,
            f"{figure(row['limit'])} {row['unit']}",
            f"[{COLOURS[result]}]{result}[/{COLOURS[result]}]",
            f"{escape(row['source'])} [dim]({row['level_of_evidence']})[/dim]",
        )
    return table
