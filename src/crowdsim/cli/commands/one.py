"""Commands about one scenario: list, make, check and import it, and run it once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from crowdsim.cli.options import Json, Overrides, Quiet, Source
from crowdsim.cli.screen import RichWatcher, make_console, print_result, print_scenarios
from crowdsim.errors import Problem, ScenarioError


def list_scenarios(quiet: Quiet = False, as_json: Json = False) -> None:
    """List the bundled scenarios.

    Example: [bold]crowdsim list[/bold]
    """
    from crowdsim.cli.starting import title_of  # noqa: PLC0415
    from crowdsim.config.paths import bundled_scenarios  # noqa: PLC0415

    titles = {name: title_of(folder) for name, folder in bundled_scenarios().items()}
    if as_json:
        typer.echo(json.dumps([{"name": name, "title": title} for name, title in titles.items()]))
    elif not quiet:
        print_scenarios(make_console(), titles)


def new(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="The folder to make.")] = None,
    template: Annotated[str, typer.Option(metavar="NAME", help="What it is to be a copy of; see --list.")] = "hall",
    only_list: Annotated[bool, typer.Option("--list", help="List the templates and make nothing.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make a scenario folder that runs as it is, to change to your needs.

    Example: [bold]crowdsim new my_hall[/bold], or [bold]crowdsim new fair --template street_festival[/bold]
    """
    from crowdsim.cli.starting import list_templates, start_scenario  # noqa: PLC0415

    console = make_console(quiet=quiet)
    if only_list:
        list_templates(console, as_json=as_json)
    elif folder is None:
        raise ScenarioError([Problem("command line", "DIR", "nothing", "the folder to make")])
    else:
        start_scenario(console, folder, template, as_json=as_json)


def show(
    source: Source,
    overrides: Overrides = None,
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("plan.png"),
    distances: Annotated[
        Path | None, typer.Option(help="Also draw walking distances to the nearest exit, to this file.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check a scenario and draw its venue plan, without running it; mistakes are marked on the plan.

    Example: [bold]crowdsim show arena_egress doors.vomitory_n1.open=false --distances far.png[/bold]
    """
    from crowdsim.cli.showing import show_scenario  # noqa: PLC0415

    show_scenario(source, overrides or (), out, distances, quiet=quiet, as_json=as_json)


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A drawing, model or map: .dxf, .svg, .ifc, .osm, .osm.pbf, .geojson, .wkt, .sqlite."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The scenario folder to make.", show_default="the file's name")
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(metavar="LAYER=KIND", help="What a layer is; `wall` bounds floors, `ignore` leaves it out."),
    ] = None,
    inside: Annotated[
        list[str] | None, typer.Option(metavar="X,Y", help="A place within the walls, in the file's coordinates.")
    ] = None,
    gap: Annotated[
        str | None, typer.Option(metavar="METRES", help="Gaps between lines to close.", show_default="0.05")
    ] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="YAML", help="A file with these options, to use again.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the coordinates: mm, cm, m, ft, in, or metres.")] = None,
    crs: Annotated[str | None, typer.Option(help="Coordinate system of the file, as EPSG:25832.")] = None,
    box: Annotated[str | None, typer.Option(metavar="W,S,E,N", help="The part to take.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the venue in that folder.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make a scenario folder of a map or drawing, and tell what was understood and what was left out.

    Example: [bold]crowdsim import hall.dxf --layer '*=ignore' --layer 'A-WALL*=wall' --inside 12.5,8 --unit m[/bold]
    """
    from crowdsim.cli.importing import import_file  # noqa: PLC0415
    from crowdsim.importing.told import Options  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    folder = out or Path(file.name.split(".")[0] or "imported")
    options = Options(layer or (), unit, crs, box, inside or (), gap, map_file)
    import_file(console, file, folder, options, force=force, as_json=as_json)


def run(
    source: Source,
    overrides: Overrides = None,
    out: Annotated[Path | None, typer.Option(help="The run folder.", show_default="outputs/SCENARIO/DATE_TIME")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace another run in that folder.")] = False,
    export: Annotated[
        list[str] | None, typer.Option(metavar="FORMAT", help="Also write this format: jupedsim.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Simulate a scenario once: verdict, figures and pictures in a run folder.

    Example: [bold]crowdsim run arena_egress doors.vomitory_n1.width_m=1.2 seed=7[/bold]
    """
    from crowdsim.config import load_scenario  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    with RichWatcher(console) as watcher:
        watcher.stage("reading the scenario")
        scenario = load_scenario(source, overrides or ())
        watcher.stage("starting the engine")
        from crowdsim.simulate import run as simulate  # noqa: PLC0415

        result = simulate(scenario, out, force=force, export=tuple(export or ()), watcher=watcher)
    if as_json:
        typer.echo(json.dumps(result.summary | {"folder": str(result.folder)}))
    elif not quiet:
        print_result(console, result.summary, result.folder)
