"""What `crowdsim optimise` does between its options and the screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.checking import read_rule
from crowdsim.cli.optimise_screen import OptimiseWatcher, print_optimised
from crowdsim.experiment.optimise.optimise import optimise
from crowdsim.experiment.optimise.plan import Effort, Wish, make_quest
from crowdsim.experiment.pool import Pool
from crowdsim.experiment.sweep.sweep import PLOTS
from crowdsim.record.dated import dated_folder


def optimise_scenario(
    console: Console,
    source: str,
    overrides: Sequence[str],
    out: Path | None,
    wish: Wish,
    effort: Effort,
    *,
    required: float,
    errors: str,
    force: bool,
    as_json: bool,
) -> tuple[bool, bool]:
    """Look for the cheapest layout that passes; return whether one was found, and whether a run failed.

    Raises
    ------
    ScenarioError
        With everything wrong with the options or with the scenario.
    RunFolderError
        If the folder cannot be written or holds something else.
    MissingExtraError
        If Optuna is needed and not installed.
    """
    rule, problems = read_rule(required, errors)
    quest = make_quest(source, overrides, wish, rule, effort, problems)
    folder = out or dated_folder(Path("outputs") / quest.scenario.name)
    with OptimiseWatcher(console) as watcher, Pool(effort.jobs) as pool:
        try:
            optimised = optimise(quest, folder, pool, force=force, told=watcher.show)
        except KeyboardInterrupt:
            text = f"What was computed is in {folder}; the same command with --out {folder} goes on from there"
            console.print(text, highlight=False, markup=False, soft_wrap=True)
            raise
    from crowdsim.experiment.optimise.picture import draw  # noqa: PLC0415 matplotlib is slow to load

    picture = draw(optimised.search, folder / PLOTS)
    document = optimised.document()
    if as_json:
        typer.echo(json.dumps(document | {"folder": str(folder)}, allow_nan=False))
    else:
        print_optimised(console, optimised, document, folder / PLOTS / picture if picture else None)
    return bool(document["answer"]), bool(document["failed"])
