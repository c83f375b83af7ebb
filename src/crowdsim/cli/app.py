"""The commands, and what each kind of failure means for the exit code.

Heavy imports are made inside the commands, so that `crowdsim --help` and `crowdsim list` answer at once.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from crowdsim.cli.screen import RichWatcher, make_console, print_problems, print_result, print_scenarios
from crowdsim.errors import (
    CrowdSimError,
    MissingExtraError,
    Problem,
    RunFolderError,
    ScenarioError,
)

EXIT_CRITERION = 1
"""`check` did not end in a pass, `optimise` found nothing that passes, a case of `validate` failed, or
`bench --against` found the engine slower."""

EXIT_BAD_INPUT, EXIT_FAILED, EXIT_INTERRUPTED = 2, 3, 130
EXIT_UNREAD = 141
"""Nobody reads the output any more: what shells report for SIGPIPE."""

app = typer.Typer(
    help="Simulate crowds at events: from a venue plan and a schedule to a verdict with pictures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Source = Annotated[str, typer.Argument(metavar="SCENARIO", help="A bundled scenario, or a scenario folder or file.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Any key of the scenario, in Hydra's override grammar."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


@app.command("list")
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


@app.command()
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


@app.command()
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


@app.command("import")
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


@app.command()
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


@app.command()
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


@app.command()
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

    wish = Wish(design, samples, replications, tuple(until or ()))
    console = make_console(stderr=as_json, quiet=quiet or as_json)
    if not sweep_scenario(
        console, source, overrides or (), out, wish, figures=figure or (), keep=keep, force=force, as_json=as_json
    ):
        raise typer.Exit(EXIT_FAILED)


@app.command()
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
        Effort(replications or MOST_REPLICATIONS, budget_runs, jobs, exhaustive),
        required=required,
        errors=error_rates,
        force=force,
        as_json=as_json,
    )
    if failed:
        raise typer.Exit(EXIT_FAILED)
    if not found:
        raise typer.Exit(EXIT_CRITERION)


@app.command()
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


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    format: Annotated[
        str, typer.Option(metavar="FORMAT", help="html: one page that opens offline, with a replay; md: Markdown.")
    ] = "html",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write.", show_default="report.html in RUN")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write the report of a run: verdict, figures, replay, assumptions and provenance.

    Example: [bold]crowdsim report outputs/arena --out arena.html[/bold]
    """
    from crowdsim.cli.reporting import report_run  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    report_run(console, folder, out, format, as_json=as_json)


@app.command()
def animate(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An .mp4, .gif or .png file.", show_default="animation.mp4 in RUN"),
    ] = None,
    speed: Annotated[float, typer.Option(help="How many times as fast as real.")] = 10.0,
    from_s: Annotated[
        float | None, typer.Option("--from", metavar="SECONDS", help="Begin here; for a still, its time.")
    ] = None,
    to_s: Annotated[float | None, typer.Option("--to", metavar="SECONDS", help="End here.")] = None,
    colour: Annotated[
        str, typer.Option(help="Colour people by speed, density, service (level of) or group.")
    ] = "speed",
    fps: Annotated[float | None, typer.Option(help="Pictures a second.", show_default="24, 10 for a GIF")] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make a moving picture of a run; MP4 needs the program ffmpeg.

    Example: [bold]crowdsim animate outputs/arena --out exits.gif --from 2700 --to 2900 --colour density[/bold]
    """
    from crowdsim.cli.animating import animate_run  # noqa: PLC0415
    from crowdsim.report.animation import Wish  # noqa: PLC0415

    console = make_console(stderr=as_json, quiet=quiet or as_json)
    wish = Wish(out or folder / "animation.mp4", speed, from_s, to_s, colour, fps)
    animate_run(console, folder, wish, as_json=as_json)


@app.command()
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


@app.command()
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


def main() -> NoReturn:
    """Run the command line.

    Exits with 0, 1 if `check` did not end in a pass, `optimise` found nothing, a case of `validate` failed or `bench`
    found the engine slower, 2 for bad input or usage, 3 if a run failed, 130 if interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: the run folder is closed first
    sys.exit(_run_app(make_console(stderr=True)))


def _run_app(console: Console) -> int:
    """Run the command that the arguments name and return the exit code; errors are told on the console."""
    code: object = EXIT_FAILED
    try:
        code = app(standalone_mode=False)
    except (ScenarioError, RunFolderError, MissingExtraError) as error:
        print_problems(console, error)
        code = EXIT_BAD_INPUT
    except CrowdSimError as error:
        print_problems(console, error)
    except MemoryError:
        console.print("out of memory: lower the number of attendees, or set a larger grid_step_m")
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):
        code = EXIT_UNREAD
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            traceback.print_exc()
        else:  # a usage error, which knows its message
            show()
            code = EXIT_BAD_INPUT
    if code == EXIT_INTERRUPTED:  # typer returns this code if a command is interrupted
        console.print("interrupted; if a run folder was begun, it says that it is partial")
    return code if isinstance(code, int) else 0
