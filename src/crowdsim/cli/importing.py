"""`crowdsim import`: a drawing or map into a scenario folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.table import Table

from crowdsim.cli.bar import BAR, make_bar
from crowdsim.config.paths import SCENARIO_FILE
from crowdsim.errors import Problem, RunFolderError, ScenarioError
from crowdsim.importing.closing import close_outlines
from crowdsim.importing.drawing import Drawing
from crowdsim.importing.formats import reader_of
from crowdsim.importing.mapping import kinds_of_layers
from crowdsim.importing.start import start_zone, starter
from crowdsim.importing.swings import draw_closed
from crowdsim.importing.told import Options, Told, read_told
from crowdsim.importing.understand import Account, understand
from crowdsim.importing.walls import enclose
from crowdsim.report.features import draw_features
from crowdsim.report.layers import draw_layers
from crowdsim.scenario.feature import Feature
from crowdsim.scenario.geojson import venue_text

VENUE, PICTURE = "venue.geojson", "import.png"

NOTED = 12
"""As many layers are listed on the picture."""


def import_file(console: Console, path: Path, out: Path, options: Options, *, force: bool, as_json: bool) -> None:
    """Read a file and write a scenario folder with its venue, a picture, and what became of what on the screen.

    Raises
    ------
    ScenarioError
        With everything wrong with the options or the file; its layers are drawn if it could be read.
    RunFolderError
        If the folder cannot be written, or holds a venue already.
    """
    told = read_told(options)
    if (out / VENUE).exists() and not force:
        msg = f"{out} holds a {VENUE} already; name another folder with --out, or replace it with --force"
        raise RunFolderError(msg)
    reader = reader_of(path)
    with make_bar(console, TextColumn("{task.description}"), BarColumn(bar_width=BAR), TaskProgressColumn()) as bar:
        task = bar.add_task(f"reading {path.name}", total=None)
        drawing = reader(path, told.reading, lambda done, total: bar.update(task, completed=done, total=total))
        try:
            features, account = _made(drawing, told, path.name)
        except ScenarioError:
            _draw_layers(console, drawing, path, out)
            raise
    zone = start_zone(features)
    if zone:
        text = f"zone {zone.name}, the largest connected part of the floor: change it to where people are at first"
        features, account = (*features, zone), dataclasses.replace(account, added=(text,))
    written = _write(features, account, drawing.elevations_m, path, out)
    if as_json:
        typer.echo(json.dumps({"folder": str(out), "files": written, **account.to_json()}))
    else:
        _print_account(console, account)
        console.print(f"Made {', '.join(str(out / name) for name in written)}", highlight=False, soft_wrap=True)
        console.print(f"Next: crowdsim show {out}", highlight=False, soft_wrap=True)


def _made(drawing: Drawing, told: Told, file: str) -> tuple[Sequence[Feature], Account]:
    """Return the features that a drawing makes as it is told, and the account of it."""
    kinds, problems = kinds_of_layers(drawing, told.kinds, file)
    if problems:
        raise ScenarioError(problems)
    drawing, kinds = draw_closed(drawing, kinds)
    drawing, kinds = enclose(drawing, kinds, told.inside, told.gap_m, file)
    drawing = close_outlines(drawing, kinds, told.gap_m)
    features, account = understand(drawing, kinds)
    if not any(feature.kind == "walkable" for feature in features):
        left = "".join(f"; {d.count} {d.what} left out: {d.why}" for d in account.dropped if "walkable" in d.what)
        allowed = "a layer of kind walkable: --layer 'LAYER=walkable'"
        raise ScenarioError([Problem(file, "", f"no walkable area{left}", allowed)])
    return features, account


def _draw_layers(console: Console, drawing: Drawing, path: Path, out: Path) -> None:
    """Draw a drawing's layers beside the folder that could not be made."""
    picture = out.with_name(f"{out.name}_layers.png")
    try:
        draw_layers(drawing, f"The layers of {path.name}, in its coordinates", picture)
    except OSError:  # a picture is no reason to hide what is wrong
        return
    console.print(f"The layers of {path.name} are drawn in {picture}", highlight=False, markup=False, soft_wrap=True)


def _write(
    features: Sequence[Feature], account: Account, elevations_m: Mapping[str, float], path: Path, out: Path
) -> list[str]:
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
            (out / SCENARIO_FILE).write_text(starter(features, elevations_m, path.stem), encoding="utf-8")
            written.append(SCENARIO_FILE)
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error
    return written


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
    for heading, texts in (("Mended", account.mended), ("Added", account.added)):
        for text in texts:
            console.print(f"{heading}: {text}", highlight=False, markup=False)
