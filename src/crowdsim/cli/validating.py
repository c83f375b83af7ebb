"""What `crowdsim validate` does between its options and the screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.bar import counting_bar
from crowdsim.cli.validate_screen import print_cases, print_entries
from crowdsim.config.paths import options
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.validate import catalogue, record
from crowdsim.validate.suite import Entry, run_suite
from crowdsim.validate.venues import DEFAULT_MOVEMENT


def list_cases(console: Console, names: Sequence[str], movements: Sequence[str], *, quick: bool, as_json: bool) -> None:
    """Print the selected cases, running none."""
    _check(names, movements)
    cases = catalogue.select(names, quick=quick)
    if as_json:
        keys = ("id", "suite", "edition", "clause", "title", "criterion", "tolerance", "why_not", "quick")
        typer.echo(json.dumps([{key: getattr(case, key) for key in keys} for case in cases]))
    else:
        print_cases(console, cases)


def run_cases(
    console: Console,
    names: Sequence[str],
    movements: Sequence[str],
    out: Path | None,
    *,
    seeds: int | None,
    quick: bool,
    as_json: bool,
) -> bool:
    """Run the selected cases, write and show what came out; return whether none failed."""
    _check(names, movements)
    cases = catalogue.select(names, quick=quick)
    folder = record.open_folder(out)
    with counting_bar(console) as progress:
        task = progress.add_task("starting")

        def show(done: int, total: int, movement: str, case: str) -> None:
            progress.update(task, completed=done, total=total, description=f"{movement}  {case}")

        entries: list[Entry] = []
        try:
            entries.extend(run_suite(cases, list(dict.fromkeys(movements)) or [DEFAULT_MOVEMENT], seeds, show))
        except KeyboardInterrupt:
            if entries:
                record.write(entries, folder)
            else:
                with suppress(OSError):  # somebody else has put something there
                    folder.rmdir()
            raise
    record.write(entries, folder)
    if as_json:
        typer.echo(json.dumps(record.document(entries) | {"folder": str(folder)}, allow_nan=False))
    else:
        print_entries(console, entries, folder)
    return all(entry.outcome.verdict != "fail" for entry in entries)


def _check(names: Sequence[str], movements: Sequence[str]) -> None:
    """Refuse names that are not known, all at once."""
    known = options("movement")
    problems = catalogue.find_unknown(names)
    problems += [
        Problem(catalogue.COMMAND_LINE, "--movement", repr(name), suggest(name, known))
        for name in dict.fromkeys(movements)
        if name not in known
    ]
    if problems:
        raise ScenarioError(problems)
