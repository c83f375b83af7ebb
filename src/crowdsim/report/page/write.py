"""Writing the report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crowdsim.errors import RunFolderError
from crowdsim.record.layout import CONFIG, PLOTS
from crowdsim.report.page import tables
from crowdsim.report.page.assumptions import LIMITS, assumption_table
from crowdsim.report.page.by_hand import hand_line, hand_rows, hand_table
from crowdsim.report.page.findings import finding_cards
from crowdsim.report.page.pictures import pictures
from crowdsim.report.page.provenance import edition_table, file_table, input_table, is_altered, run_table
from crowdsim.report.page.reading import RunContent, read_run
from crowdsim.report.page.verdict import WORDS, criterion_rows, tiles, verdict_sentence, warnings
from crowdsim.report.progress import Say, say_nothing
from crowdsim.report.replay import Replay, make_replay
from crowdsim.report.replay.data import script
from crowdsim.report.replay.packing import Packed
from crowdsim.report.starting import starting
from crowdsim.report.words import clock, duration

FORMATS = ("html", "md")
"""Formats of a report."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report on disk: where, how large [bytes], and the verdict in it."""

    path: Path
    size: int
    verdict: str


def write_report(folder: Path, out: Path | None = None, format: str = "html", say: Say | None = None) -> Written:
    """Write the report of a run.

    Parameters
    ----------
    out : the file; None for `report.html` or `report.md` in the run folder.
    format : of `FORMATS`.
    say : told what is being done.

    Raises
    ------
    RunFolderError
        If the folder holds no readable run, or the file cannot be written; no half file is left.
    ScenarioError
        If the run's configuration or venue has been made invalid.
    """
    say = say or say_nothing
    content = read_run(folder, say)
    path = out or folder / f"report.{format}"
    values = _values(content)
    if format == "md":
        say("writing", None)
        linked = _linked(content, path)
        parts: Iterator[str] = _environment(escape=False).get_template("report.md.j2").generate(**values, linked=linked)
    else:
        say("packing the replay", 0.0)
        replay = make_replay(content.recording)
        replayed = {
            "replay": replay,
            "chunks": _counted(replay, say),
            "script": Markup(script()),
            "thinned": _thinned(replay),
            "pictures": pictures(content, content.recording.venue.levels),
        }
        parts = _environment(escape=True).get_template("report.html.j2").generate(**values, **replayed)
    _write(path, parts)
    return Written(path, path.stat().st_size, content.summary["verdict"])


def _values(content: RunContent) -> dict[str, Any]:
    """Return what both formats say."""
    recording, summary = content.recording, content.summary
    config, venue = recording.scenario.config, recording.venue
    rows = criterion_rows(summary)
    altered = is_altered(recording, summary)
    floors = f", {len(venue.levels)} levels" if len(venue.levels) > 1 else ""
    found = (
        tables.programme_table(summary),
        tables.intervention_table(summary),
        tables.queue_table(summary),
        tables.flow_table(summary, config.measure.flow_window_s),
        tables.area_table(summary),
    )
    return {
        "title": config.title,
        "description": config.description,
        "facts": (
            ("Scenario", summary["scenario"]),
            (
                "Where",
                f"{venue.walkable.area:,.0f} m² walkable{floors}, {len(venue.open_exits)} of {len(venue.exits)} "
                "exits open",
            ),
            ("When", f"{duration(recording.simulated_s)} simulated, from 0:00 to {clock(recording.simulated_s)}"),
            ("Who", starting(recording.scenario).altogether()),
            ("Seed", str(summary["seed"])),
        ),
        "verdict": summary["verdict"],
        "verdict_word": WORDS[summary["verdict"]],
        "sentence": verdict_sentence(rows),
        "warnings": warnings(content, altered=altered),
        "tiles": tiles(summary, venue.levels),
        "hand_line": hand_line(summary),
        "by_hand": (by_hand := hand_rows(summary)),
        "by_hand_table": hand_table(by_hand),
        "criteria": rows,
        "status_words": WORDS,
        "findings": finding_cards(content),
        "tables": {table.title: table for table in found if table},
        "assumptions": assumption_table(recording, summary),
        "limits": LIMITS,
        "run": run_table(recording, summary),
        "files": file_table(recording),
        "editions": edition_table(summary),
        "inputs": input_table(summary),
        "configuration": (recording.folder / CONFIG).read_text(encoding="utf-8"),
    }


def _linked(content: RunContent, path: Path) -> dict[str, str]:
    """Return the addresses of the pictures in the run folder, by name, as seen from the report."""
    folder = content.recording.folder / PLOTS
    there = {name: folder / f"{name}.png" for name in content.pictures if (folder / f"{name}.png").is_file()}
    return {name: quote(Path(os.path.relpath(file, path.parent)).as_posix()) for name, file in there.items()}


def _thinned(replay: Replay) -> str:
    """Return in words what the replay leaves out."""
    t = replay.thinning
    of_samples = f" (every {t.every} recorded samples)" if t.every > 1 else " (every recorded sample)"
    people = "all attendees" if t.one_in == 1 else f"one attendee in {t.one_in}: all counts are estimates"
    grid = replay.head["grid"]
    measured = (
        "the grid that the run was measured on"
        if grid["as_measured"]
        else f"a coarser grid than the run was measured on (cells of {grid['cell_m']:.2g} m, "
        f"Gaussian of {grid['sd_m']:.2g} m)"
    )
    return (
        f"Shown: a frame every {t.frame_s:g} s{of_samples}, {people}, places to the nearest {t.unit_m:g} m; "
        f"between frames people are drawn on a straight line. Speeds are means over two frames. Densities are computed "
        f"from these positions on {measured}."
    )


def _counted(replay: Replay, say: Say) -> Iterator[tuple[int, Packed]]:
    for number, chunk in enumerate(replay.read_chunks()):
        say("packing the replay", number / replay.chunks)
        yield number, chunk


def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("crowdsim.report.page", "."),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda text: " ".join(text.replace("|", r"\|").split())
    return environment


def _write(path: Path, parts: Iterator[str]) -> None:
    """Write a text part after part: to a file beside, which takes the name when it is whole."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        beside.replace(path)
    except RunFolderError:  # a file of the run is damaged
        raise
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror or error}); name another file with --out"
        raise RunFolderError(msg) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
