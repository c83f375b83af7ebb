"""`crowdsim report`: what it does between its options and the screen."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.late_bar import LateBar
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.report.page import FORMATS, write_report
from crowdsim.report.page.verdict import WORDS
from crowdsim.report.words import size


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
