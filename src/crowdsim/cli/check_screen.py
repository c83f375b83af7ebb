"""What `crowdsim check` shows on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, TextColumn
from rich.table import Table

from crowdsim.cli.bar import BAR, Display
from crowdsim.cli.screen import COLOURS
from crowdsim.experiment.check import Check
from crowdsim.experiment.sequential import Rule, fewest_to_pass
from crowdsim.experiment.told import percent, tell_verdict
from crowdsim.report.words import number

MOST_COLUMNS, COLUMN = 3, 9
"""Criteria that have room beside each other in 80 columns, and characters of each, beside the longest option's name."""


class CheckWatcher(Display):
    """Shows how a check goes: the seed, how many runs passed, how sure the verdict is; off a terminal a line a run."""

    def __init__(self, console: Console, rule: Rule) -> None:
        sure = TextColumn("{task.percentage:>3.0f} % sure")
        super().__init__(console, TextColumn("{task.description}"), BarColumn(bar_width=BAR), sure)
        self._rule = rule
        self._task = self._progress.add_task("", total=1.0)

    def begin(self, text: str) -> None:
        """Tell that the scenario, or an arm, is begun."""
        if text:
            what = f"Assuming {text}"
        else:
            fewest, rule = fewest_to_pass(self._rule), self._rule
            what = (
                f"Replications until it is settled whether {percent(rule.required_share)} of runs pass: "
                f"{fewest} that all pass are enough"
            )
        self._console.print(what, highlight=False, markup=False, soft_wrap=True)
        self._progress.update(self._task, completed=0.0, description="first run")

    def show(self, check: Check) -> None:
        """Show one more replication."""
        last = check.outcomes[-1]
        result = last.summary["verdict"] if last.summary else "failed to run"
        if not self._live:
            self._console.print(f"  seed {last.seed}: {result}", highlight=False)
        elif last.summary is None:
            self._console.print(f"  seed {last.seed}: {last.error}", style="red", highlight=False, markup=False)
        passed = sum(bool(outcome.summary and outcome.summary["verdict"] == "pass") for outcome in check.outcomes)
        text = f"seed {last.seed} {result}; {passed} of {len(check.outcomes)} passed"
        self._progress.update(self._task, completed=check.tests.progress, description=text)


def print_checked(console: Console, document: Mapping[str, Any], folder: Path) -> None:
    """Print the criteria, the verdict, and the verdict under every assumption looked at."""
    console.print()
    console.print(_criteria(document))
    for failed in document["failed"]:
        text = f"seed {failed['seed']} failed to run: {failed['error']}"
        console.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
    verdict, n = document["verdict"], document["replications"]
    colour = COLOURS[verdict]
    console.print(
        f"Verdict: [bold {colour}]{verdict.upper()}[/bold {colour}] after {n} replication{'s' if n != 1 else ''} "
        f"(seeds {document['seeds'][0]} to {document['seeds'][-1]}), {document['performance']['wall_s']:.0f} s",
        highlight=False,
    )
    console.print(Padding(tell_verdict(dict(document)), (0, 0, 0, 2)), highlight=False, markup=False)
    if document.get("sensitivity"):
        console.print()
        console.print(_sensitivity(document))
    console.print(f"Folder: {folder}", highlight=False, markup=False, soft_wrap=True)


def _criteria(document: Mapping[str, Any]) -> Table:
    table = Table(header_style="bold")
    table.add_column("Criterion")
    table.add_column("Mean, 95 %", justify="right", no_wrap=True)
    table.add_column("Limit", justify="right", no_wrap=True)
    table.add_column("Runs passed", justify="right", no_wrap=True)
    table.add_column("Result", no_wrap=True)
    for row in document["criteria"]:
        mean = "-" if row["mean"] is None else f"{number(row['mean'])} {row['unit']}"
        interval = "" if row["ci95"] is None else " to ".join(number(value) for value in row["ci95"])
        low, high = row["probability_of_passing_ci95"]
        reasons = "".join(f"\n[dim]{escape(reason)}[/dim]" for reason in row["reasons"][:1])
        result = row["verdict"] if row["settled"] else "open"
        colour = COLOURS[row["verdict"]]
        table.add_row(
            f"{escape(row['text'])}{reasons}",
            f"{mean}\n[dim]{interval}[/dim]",
            f"{number(row['limit'])} {row['unit']}",
            f"{row['passed']} of {row['replications']}\n[dim]{100 * low:.0f} to {100 * high:.0f} %[/dim]",
            f"[{colour}]{result}[/{colour}]",
        )
    return table


def _sensitivity(document: Mapping[str, Any]) -> Table:
    """Return the table of verdicts: a row an assumption, a column a criterion with its mean."""
    criteria = _worth_showing(document)
    table = Table(title="The verdict under other assumptions", title_justify="left", header_style="bold",
                  title_style="bold")  # fmt: skip
    table.add_column("Assuming", overflow="fold")
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Runs", justify="right", no_wrap=True)
    for row in criteria:
        table.add_column(
            escape(f"{row['id'].replace('_', ' ')} [{row['unit']}]"), justify="right", max_width=COLUMN, overflow="fold"
        )
    as_it_is = {"assuming": "as it is"}
    for arm in (dict(document) | as_it_is, *document["sensitivity"]):
        verdict = arm["verdict"]
        if verdict is None:
            table.add_row(arm["assuming"], "not run", "-", *["-" for _ in criteria])
            continue
        found = {row["id"]: row for row in arm["criteria"]}
        cells = [_cell(found.get(row["id"])) for row in criteria]
        coloured = f"[{COLOURS[verdict]}]{verdict}[/{COLOURS[verdict]}]"
        table.add_row(arm["assuming"], coloured, str(arm["replications"]), *cells)
    not_run = [f"{arm['assuming']}: {arm['status']}" for arm in document["sensitivity"] if arm["verdict"] is None]
    left_out = len(document["criteria"]) - len(criteria)
    notes = [f"{left_out} further criteria are in check.json"] if left_out else []
    if not_run:
        notes.append("Not run: " + "; ".join(not_run))
    table.caption = escape("\n".join(notes))
    table.caption_justify = "left"
    return table


def _worth_showing(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the criteria that have a column: all, or of many those that do not pass under every assumption."""
    criteria = list(document["criteria"])
    if len(criteria) <= MOST_COLUMNS:
        return criteria
    arms = (document, *document["sensitivity"])
    not_passed = {row["id"] for arm in arms for row in arm["criteria"] if row["passed"] < row["replications"]}
    return [row for row in criteria if row["id"] in not_passed][:MOST_COLUMNS]


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None or row["mean"] is None:
        return "-"
    return f"{number(row['mean'])}\n[dim]{row['passed']}/{row['replications']}[/dim]"
