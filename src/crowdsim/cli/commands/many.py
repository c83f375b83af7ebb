"""Commands that make many runs, and compare runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdsim.cli.options import EXIT_CRITERION, EXIT_FAILED, Json, Overrides, Quiet, Source
from crowdsim.cli.screen import make_console


def check(
    source: Source,
    overrides: Overrides = None,
    replications: Annotated[
        int | None, typer.Option(min=1, metavar="MAX", help="Replications at most.", show_default="200")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Begin no replication after so long.")
    ] = None,
    required: Annotated[float, typer.Option(metavar="SHARE", help="Share of runs that must pass.")] = 0.95,
    error_rates: Annotated[
        str, typer.Option(metavar="PASS,FAIL", help="How often a pass, and a fail, may be wrong; one number for both.")
    ] = "0.05,0.05",
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Also under every movement model, other speeds, service times, ...")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Replications at a time.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The check folder.", show_default="outputs/SCENARIO/DATE_TIME")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write junit.xml here, too.", show_default="in the folder only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace another check in that folder.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Replicate a scenario until its verdict is settled; exits with 1 unless every criterion passed.

    Example: [bold]crowdsim check arena_egress --jobs 4 --budget 600 --junit junit.xml[/bold]
    """
    from crowdsim.cli.checking import run_check  # noqa: PLC0415
    from crowdsim.experiment.check import MOST_REPLICATIONS, Effort  # noqa: PLC0415

    passed, failed = run_check(
        make_console(stderr=as_json, quiet=quiet or as_json),
        source,
        overrides or (),
        out,
        Effort(replications or MOST_REPLICATIONS, budget, jobs),
        required=required,
        errors=error_rates,
        sensitivity=sensitivity,
        junit=junit,
        force=force,
        as_json=as_json,
    )
    if failed:
        raise typer.Exit(EXIT_FAILED)
    if not passed:
        raise typer.Exit(EXIT_CRITERION)


def sweep(
    source: Source,
    overrides: Overrides = None,
    design: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="grid, one_at_a_time, random, latin_hypercube, sobol, or saltelli: Sobol' indices."
        ),
    ] = "grid",
    samples: Annotated[int | None, typer.Option(min=1, metavar="N", help="Points of a design that is drawn.")] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Runs of each point; with --until, the most.", show_default="1; 200 with --until"
        ),
    ] = None,
    until: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=HALF_WIDTH", help="Replicate until a mean's 95 % interval is so narrow."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The sweep folder; one that is there is gone on with.",
            show_default="outputs/SCENARIO/DATE_TIME",
        ),
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIGURE",
            help="Draw this one, such as t95_s; may be repeated.",
            show_default="egress_time_s, density.max_per_m2",
        ),
    ] = None,
    stop_when_failed: Annotated[
        bool,
        typer.Option("--stop-when-failed", help="Stop runs as soon as a criterion has failed; they have no figures."),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep every run folder, not the table only.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Throw away what the folder holds.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Simulate many variants of a scenario: one table with a row a run. Interrupted, it goes on where it was.

    Example: [bold]crowdsim sweep arena_egress "seed=range(0,20)" exits.exit_n1.width_m=2,3,4 --out widths[/bold]
    """
    from crowdsim.cli.sweeping import sweep_scenario  # noqa: PLC0415
    from crowdsim.experiment.sweep.plan import Wish  # noqa: PLC0415

    wish = Wish(design, samples, replications, tuple(until or ()), stop_when_failed)
    console = make_console(stderr=as_json, quiet=quiet or as_json)
    if not sweep_scenario(
        console, source, overrides or (), out, wish, figures=figure or (), keep=keep, force=force, as_json=as_json
    ):
        raise typer.Exit(EXIT_FAILED)


def optimise(
    source: Source,
    overrides: Overrides = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=LOW..HIGH[:STEP]", help="What is varied; * for all of its kind; may be repeated."),
    ] = None,
    minimise: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="total_width, total_servers, or a figure of a run; twice for a front.",
            show_default="total_width",
        ),
    ] = None,
    subject_to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT", help="verdict=pass or FIGURE<=VALUE; may be repeated.", show_default="verdict=pass"
        ),
    ] = None,
    required: Annotated[float, typer.Option(metavar="SHARE", help="Share of runs that must pass.")] = 0.95,
    error_rates: Annotated[
        str, typer.Option(metavar="PASS,FAIL", help="How often a pass, and a fail, may be wrong; one number for both.")
    ] = "0.05,0.05",
    replications: Annotated[
        int | None, typer.Option(min=1, metavar="MAX", help="Runs of a layout at most.", show_default="200")
    ] = None,
    budget_runs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Runs in all at most.")] = None,
    exhaustive: Annotated[
        bool, typer.Option("--exhaustive", help="Test every layout, also those ruled out or dearer than the answer.")
    ] = False,
    stop_when_failed: Annotated[
        bool,
        typer.Option(
            "--stop-when-failed/--no-stop-when-failed",
            help="Stop runs as soon as a criterion has failed, where only the verdict counts.",
        ),
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at a time.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder; one that is there is gone on with.",
            show_default="outputs/SCENARIO/DATE_TIME",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Throw away what the folder holds.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Look for the cheapest layout that passes often enough; exits with 1 if none is found.

    Example: [bold]crowdsim optimise arena_egress --vary 'exits.*.width_m=1..4' --minimise total_width --jobs 4[/bold]
    """
    from crowdsim.cli.optimising import optimise_scenario  # noqa: PLC0415
    from crowdsim.experiment.optimise.plan import MOST_REPLICATIONS, Effort, Wish  # noqa: PLC0415

    found, failed = optimise_scenario(
        make_console(stderr=as_json, quiet=quiet or as_json),
        source,
        overrides or (),
        out,
        Wish(tuple(vary or ()), tuple(minimise or ("total_width",)), tuple(subject_to or ())),
        Effort(replications or MOST_REPLICATIONS, budget_runs, jobs, exhaustive, stop_when_failed),
        required=required,
        errors=error_rates,
        force=force,
        as_json=as_json,
    )
    if failed:
        raise typer.Exit(EXIT_FAILED)
    if not found:
        raise typer.Exit(EXIT_CRITERION)


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run or check folders; the first is the base.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write compare.md, compare.json and difference maps here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace another comparison in that folder.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Tell what differs between runs: what was changed, and what that does to every figure.

    Folders that differ in their seed only are runs of the same arm.

    Example: [bold]crowdsim compare before after --out difference[/bold]
    """
    from crowdsim.cli.comparing import run_compare  # noqa: PLC0415

    run_compare(make_console(stderr=as_json, quiet=quiet or as_json), runs, out, force=force, as_json=as_json)
