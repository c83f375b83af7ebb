"""Commands that tell of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdsim.cli.options import Json, Quiet
from crowdsim.cli.screen import make_console


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
