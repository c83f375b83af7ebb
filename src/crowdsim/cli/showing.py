"""`crowdsim show`: a scenario's venue on a picture and in tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from crowdsim.cli.screen import make_console
from crowdsim.config import load_scenario
from crowdsim.config.load import find_scenario
from crowdsim.errors import RunFolderError, ScenarioError
from crowdsim.report.distances import draw_distances
from crowdsim.report.features import draw_mistakes, on_the_plan
from crowdsim.report.plan import draw_plan
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.scenario.geojson import read_features
from crowdsim.scenario.yaml_file import read_yaml
from crowdsim.venue import build_venue
from crowdsim.venue.capacity import HOLDINGS, capacities

VENUE_FILE = "venue.geojson"
"""The venue file of a scenario that names none."""


def show_scenario(
    source: str, overrides: Sequence[str], out: Path, distances: Path | None, *, quiet: bool, as_json: bool
) -> None:
    """Check a scenario, draw its plan, and tell what its zones hold.

    Raises
    ------
    ScenarioError
        With everything wrong with it, after drawing what is drawn of its venue with the mistakes marked.
    RunFolderError
        If a picture cannot be written.
    """
    try:
        scenario = load_scenario(source, overrides)
    except ScenarioError as error:
        features, problems = _drawn(source), error.problems
        if on_the_plan(features, problems):
            _write(lambda: draw_mistakes(features, problems, out), out)
            make_console(stderr=True, quiet=quiet).print(
                f"The venue with its mistakes marked is in {out}.", highlight=False, markup=False, soft_wrap=True
            )
        raise
    _write(lambda: draw_plan(scenario, out), out)
    if distances:
        _write(lambda: draw_distances(scenario, distances), distances)
    zones = _zones(scenario)
    if as_json:
        told: dict[str, Any] = {"scenario": scenario.name, "plan": str(out), "zones": zones}
        typer.echo(json.dumps(told | ({"distances": str(distances)} if distances else {})))
    elif not quiet:
        console = make_console()
        pictures = f"plan in {out}" + (f", walking distances in {distances}" if distances else "")
        text = f"{scenario.config.title}: no problems found; {pictures}"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
        if zones:
            _print_zones(console, zones)


def _drawn(source: str) -> tuple[Feature, ...]:
    """Return the features that can be read of a scenario's venue file; none if there is no such file."""
    try:
        path = find_scenario(source)
        file, _ = read_yaml(path)
        name = file.data.get("venue", VENUE_FILE)
        return read_features(path.parent / name).features if isinstance(name, str) else ()
    except ScenarioError:
        return ()


def _write(draw: Callable[[], None], path: Path) -> None:
    try:
        draw()
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error


def _zones(scenario: Scenario) -> list[dict[str, Any]]:
    """Return name, area and capacities of each zone."""
    rows = []
    for name, (area_m2, people) in capacities(build_venue(scenario)).items():
        holds = [
            {"per_m2": round(holding.per_m2, 2), "people": count, "source": holding.source}
            for holding, count in zip(HOLDINGS, people, strict=True)
        ]
        rows.append({"name": name, "area_m2": area_m2, "capacity": holds})
    return rows


def _print_zones(console: Console, zones: Sequence[dict[str, Any]]) -> None:
    table = Table(title="Zones, and how many people they hold at the most", title_justify="left")
    table.add_column("Zone")
    table.add_column("Area", justify="right")
    for holding in HOLDINGS:
        table.add_column(f"{holding.what}\n({holding.per_m2:.1f}/m²)", justify="right")
    for zone in zones:
        people = [f"{held['people']:,}" for held in zone["capacity"]]
        table.add_row(zone["name"], f"{zone['area_m2']:,.0f} m²", *people)
    console.print(table)
    for holding in HOLDINGS:
        console.print(f"{holding.per_m2:.1f}/m²: {holding.source}", highlight=False, markup=False, style="dim")
