"""`crowdsim new`: a scenario folder to begin with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.screen import print_scenarios
from crowdsim.config.paths import SCENARIO_FILE, SCENARIOS, TEMPLATE, bundled_scenarios
from crowdsim.errors import Problem, RunFolderError, ScenarioError, suggest
from crowdsim.scenario.yaml_file import read_yaml

HALL = "hall"
"""The template that is taken unless another is asked for: small, with every line explained."""

SHORT = {"arena": "arena_egress", "campus": "campus_open_day", "stadium": "stadium_quadrant"}
"""Short names of bundled scenarios that are made to be changed."""


def templates() -> dict[str, Path]:
    """Return the folders that a new scenario can be a copy of, by name: the small hall, and all bundled scenarios."""
    bundled = bundled_scenarios()
    longs = {full: short for short, full in SHORT.items()}
    return {HALL: SCENARIOS / TEMPLATE} | {longs.get(name, name): folder for name, folder in bundled.items()}


def title_of(folder: Path) -> str:
    """Return the title of a scenario's file; empty if it has none."""
    file, _ = read_yaml(folder / SCENARIO_FILE)
    return str(file.data.get("title", ""))


def list_templates(console: Console, *, as_json: bool) -> None:
    """Tell the templates and their titles."""
    titles = {name: title_of(folder) for name, folder in templates().items()}
    if as_json:
        typer.echo(json.dumps([{"name": name, "title": title} for name, title in titles.items()]))
    else:
        print_scenarios(console, titles)


def start_scenario(console: Console, folder: Path, template: str, *, as_json: bool) -> None:
    """Copy a template, its licence notice too if it has one, into a new or empty folder.

    Raises
    ------
    ScenarioError
        If there is no such template, or something is in the folder.
    RunFolderError
        If the folder cannot be written.
    """
    known = templates()
    problems = []
    name = next((short for short, full in SHORT.items() if full == template), template)
    if name not in known:
        problems.append(Problem("--template", "", repr(template), suggest(template, known)))
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            found = "a file or folder with something in it"
            problems.append(Problem(str(folder), "", found, "a new or empty folder"))
        if problems:
            raise ScenarioError(problems)
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(known[name].iterdir()):
            shutil.copyfile(file, folder / file.name)
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror})"
        raise RunFolderError(msg) from error
    files = sorted(str(file) for file in folder.iterdir())
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), "files": files}))
        return
    console.print(f"Made {', '.join(files)}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"Next: crowdsim show {folder}, crowdsim run {folder}", highlight=False, markup=False, soft_wrap=True)
