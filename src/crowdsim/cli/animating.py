"""`crowdsim animate`: what it does between its options and the screen."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.late_bar import LateBar
from crowdsim.errors import ScenarioError
from crowdsim.record import Recording
from crowdsim.report.animation import Wish, animate, find_problems
from crowdsim.report.words import size


def animate_run(console: Console, folder: Path, wish: Wish, *, as_json: bool) -> None:
    """Write a run's animation and say where it is.

    Raises
    ------
    ScenarioError
        With everything wrong with the options.
    RunFolderError
        If the folder holds no readable run, or the file cannot be written.
    MissingExtraError
        If ffmpeg is needed and missing.
    """
    recording = Recording(folder)
    problems = find_problems(wish, recording.simulated_s)
    if problems:
        raise ScenarioError(problems)
    with LateBar(console) as bar:
        made = animate(recording, wish, bar.show)
    if as_json:
        typer.echo(json.dumps({"animation": str(made.path), "bytes": made.size, "pictures": made.pictures}))
    else:
        pictures = f"{made.pictures:,} picture{'' if made.pictures == 1 else 's'}"
        text = f"Animation: {made.path} ({pictures}, {size(made.size)})"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
