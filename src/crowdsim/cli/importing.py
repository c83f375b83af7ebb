"""`crowdsim import`: a drawing or map into a scenario folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from crowdsim.config.paths import SCENARIO_FILE
from crowdsim.errors import Problem, RunFolderError, ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.formats import reader_of
from crowdsim.importing.mapping import kinds_of_layers, read_layers
from crowdsim.importing.understand import Account, understand
from crowdsim.report.features import draw_features
from crowdsim.scenario.feature import Feature
from crowdsim.scenario.geojson import venue_text

VENUE, PICTURE = "venue.geojson", "import.png"

UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048, "in": 0.0254}
"""Lengths of units [m]; the foot and the inch of 1959."""

NOTED = 12
"""As many layers are listed on the picture."""

STARTER = """\
# A scenario for the imported venue: say who comes and what they do (docs/your_own_venue.md), then `crowdsim run` it.
title: {title}
duration_s: 600
{levels}attendees:
  visitors:
    start: {start}
    count: 100
    itinerary: [{{exit: nearest}}]
"""


def import_file(
    console: Console,
    path: Path,
    out: Path,
    *,
    layers: Sequence[str],
    unit: str | None,
    crs: str | None,
    box: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read a file and write a scenario folder with its venue, a picture, and what became of what on the screen.

    Raises
    ------
    ScenarioError
        With everything wrong with the options or the file.
    RunFolderError
        If the folder cannot be written, or holds a venue already.
    """
    given, problems = read_layers(layers)
    reading, more = _reading(unit, crs, box)
    if problems + more:
        raise ScenarioError(problems + more)
    if (out / VENUE).exists() and not force:
        msg = f"{out} holds a {VENUE} already; name another folder with --out, or replace it with --force"
        raise RunFolderError(msg)
    reader = reader_of(path)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task(f"reading {path.name}", total=None)
        drawing = reader(path, reading, lambda done, total: bar.update(task, completed=done, total=total))
        kinds, problems = kinds_of_layers(drawing, given, path.name)
        if problems:
            raise ScenarioError(problems)
        features, account = understand(drawing, kinds)
    if not any(feature.kind == "walkable" for feature in features):
        found = "no walkable area"
        raise ScenarioError([Problem(path.name, "", found, "a layer of kind walkable: --layer 'LAYER=walkable'")])
    written = _write(features, account, path, out)
    if as_json:
        typer.echo(json.dumps({"folder": str(out), "files": written, **account.to_json()}))
    else:
        _print_account(console, account)
        console.print(f"Made {', '.join(str(out / name) for name in written)}", highlight=False, soft_wrap=True)
        console.print(f"Next: crowdsim show {out}", highlight=False, soft_wrap=True)


def _reading(unit: str | None, crs: str | None, box: str | None) -> tuple[Reading, list[Problem]]:
    """Return how the file is to be read, and what is wrong with the options."""
    problems = []
    unit_m: float | None = None
    if unit is not None:
        unit_m = UNITS_M.get(unit.lower()) or _number(unit)
        if unit_m is None or not unit_m > 0:
            allowed = f"one of {', '.join(UNITS_M)}, or its length in metres"
            problems.append(Problem("--unit", "", repr(unit), allowed))
    corners: tuple[float, float, float, float] | None = None
    if box is not None:
        numbers = [_number(text) for text in box.split(",")]
        west, south, east, north = (*numbers, None, None, None, None)[:4]
        if len(numbers) != 4 or west is None or south is None or east is None or north is None:  # noqa: PLR2004
            problems.append(Problem("--box", "", repr(box), "WEST,SOUTH,EAST,NORTH, four numbers"))
        elif not (west < east and south < north):
            problems.append(Problem("--box", "", repr(box), "west below east, south below north"))
        else:
            corners = (west, south, east, north)
    return Reading(unit_m, crs, corners), problems


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _write(features: Sequence[Feature], account: Account, path: Path, out: Path) -> list[str]:
    """Write the venue, the picture, and a scenario to begin with if there is none; return the files' names."""
    notes = [f"{u.layer}: {u.count} {u.kind}" for u in account.understood[:NOTED]]
    notes += [f"and {len(account.understood) - NOTED} more layers"] if len(account.understood) > NOTED else []
    notes += [f"left out: {sum(d.count for d in account.dropped)} shapes"] if account.dropped else []
    written = [VENUE, PICTURE]
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / VENUE).write_text(venue_text(features), encoding="utf-8")
        draw_features(features, f"{path.name}, as it was understood", notes, out / PICTURE)
        if not (out / SCENARIO_FILE).exists():
            (out / SCENARIO_FILE).write_text(_starter(features, path.stem), encoding="utf-8")
            written.append(SCENARIO_FILE)
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error
    return written


def _starter(features: Sequence[Feature], title: str) -> str:
    levels = dict.fromkeys(level for f in features for level in (f.level, f.rise.to_level if f.rise else "") if level)
    listed = "".join(f"  {level}: {{elevation_m: {4.0 * k}}}   # set its height\n" for k, level in enumerate(levels))
    zones = [feature.name for feature in features if feature.kind == "zone"]
    start = json.dumps(zones[0]) if zones else "start        # add a zone of that name, and an exit if there is none"
    return STARTER.format(title=json.dumps(title), levels=f"levels:\n{listed}" if levels else "", start=start)


def _print_account(console: Console, account: Account) -> None:
    console.print(f"Coordinates: {account.unit}", highlight=False, markup=False, soft_wrap=True)
    table = Table(title="Understood", title_justify="left")
    for heading in ("Layer", "Kind"):
        table.add_column(heading)
    for heading in ("Number", "Area", "Length"):
        table.add_column(heading, justify="right")
    for u in account.understood:
        area, length = (f"{value:,.0f}" if value else "" for value in (u.area_m2, u.length_m))
        table.add_row(
            escape(u.layer), u.kind, f"{u.count:,}", f"{area} m²" if area else "", f"{length} m" if length else ""
        )
    console.print(table)
    if account.dropped:
        table = Table("Left out", "Why", title="Left out", title_justify="left", show_header=False)
        for d in account.dropped:
            table.add_row(f"{d.count:,} {escape(d.what)}", escape(d.why))
        console.print(table)
    for text in account.mended:
        console.print(f"Mended: {text}", highlight=False, markup=False)
