"""Commands about the engine itself: is it right, and how fast is it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdsim.cli.options import EXIT_CRITERION, Json, Quiet
from crowdsim.cli.screen import make_console


def validate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="CASE", help="Cases or whole suites, such as rimea-1 or imo.")
    ] = None,
    movement: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Movement option to validate; may be repeated.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the quick selection: under a minute.")] = False,
    seeds: Annotated[int | None, typer.Option(min=1, help="Runs of each case in which chance plays a part.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write.", show_default="outputs/validation/DATE_TIME")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="List the cases and run nothing.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run published verification and validation cases; exits with 1 if one fails.

    Example: [bold]crowdsim validate rimea-1 imo --movement collision_free_speed[/bold]
    """
    from crowdsim.cli.validating import list_cases, run_cases  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    if only_list:
        list_cases(console, names or (), movement or (), quick=quick, as_json=as_json)
        return
    if not run_cases(console, names or (), movement or (), out, seeds=seeds, quick=quick, as_json=as_json):
        raise typer.Exit(EXIT_CRITERION)


def bench(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="case, n, movement, steps, threads, seed or dt_s."),
    ] = None,
    peer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Measure in turns with jupedsim, rvo2 or pysocialforce.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="REF", help="Compare with a git revision, or with a file that --json wrote.")
    ] = None,
    band: Annotated[
        float | None, typer.Option(help="With --against: slower by up to this share is no failure.", show_default="0.1")
    ] = None,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="How often to measure.", show_default="3; 5 with --peer or --against")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure how fast the engine steps a standard case; exits with 1 if it is slower than --against.

    Example: [bold]crowdsim bench case=bottleneck n=20000 threads=2 --json[/bold]
    """
    from crowdsim.cli.benching import bench as measure  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    if not measure(console, overrides or (), peer=peer, against=against, band=band, repeats=repeats, as_json=as_json):
        raise typer.Exit(EXIT_CRITERION)
