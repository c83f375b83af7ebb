"""Opening a run folder for its report; what is missing of summary and pictures is measured and drawn anew."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crowdsim.assess import compare_by_hand, judge
from crowdsim.errors import RunFolderError
from crowdsim.measure import Measures, measure, summarise
from crowdsim.record.layout import PLOTS, SUMMARY
from crowdsim.record.recording import Recording
from crowdsim.report.plots import Plots
from crowdsim.report.progress import Say
from crowdsim.report.style import DPI

PICTURES = ("plan", "density", "exposure", "egress", "flows", "lines", "queues")
"""Names of the pictures in a run folder, besides those of findings; the last two may be missing for good reason."""

ALWAYS = PICTURES[:5]

NEEDED = ("scenario", "status", "seed", "movement", "attendees", "duration_s", "density", "criteria", "verdict")
"""Keys of the summary without which there is no report."""


@dataclass(frozen=True, slots=True)
class RunContent:
    """A run folder, opened.

    Attributes
    ----------
    summary : the content of `summary.json`.
    pictures : PNG files by name.
    anew : what was missing and has been made from the recording.
    """

    recording: Recording
    summary: dict[str, Any]
    pictures: dict[str, bytes]
    anew: tuple[str, ...]


def read_run(folder: Path, say: Say) -> RunContent:
    """Open a run folder.

    Raises
    ------
    RunFolderError
        If it holds no run, or a file of it is broken.
    ScenarioError
        If its configuration or venue has been made invalid.
    """
    say("reading the run folder", None)
    recording = Recording(folder)
    _ = recording.venue  # reads configuration and venue: what is wrong with them is told before anything is written
    measures: Measures | None = None
    summary = _read_summary(folder / SUMMARY)
    anew = []
    if summary is None:
        say("measuring, since summary.json is missing", None)
        measures = measure(recording)
        summary = summarise(recording, measures, {}) | judge(measures, recording)
        summary |= compare_by_hand(measures, recording)
        anew.append("the figures (summary.json is missing)")
    of_findings = finding_pictures(summary)
    pictures = _read_pictures(folder / PLOTS, (*PICTURES, *of_findings))
    if not all(name in pictures for name in (*ALWAYS, *of_findings)):
        say("drawing, since pictures are missing", None)
        pictures = {name: _png(figure) for name, figure in Plots(recording, measures).all()}
        anew.append("the pictures (plots/ is missing or not complete)")
    return RunContent(recording, summary, pictures, tuple(anew))


def _read_summary(path: Path) -> dict[str, Any] | None:
    """Return the content of the summary; None if there is none."""
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read ({error}); without the file the figures are measured anew"
        raise RunFolderError(msg) from error
    missing = [key for key in NEEDED if not isinstance(summary, dict) or key not in summary]
    if missing:
        msg = f"{path}: not a run's summary ({', '.join(missing)} missing); without the file it is measured anew"
        raise RunFolderError(msg)
    return dict(summary)


def finding_pictures(summary: Mapping[str, Any]) -> list[str]:
    """Return the names of the pictures of the findings in a summary; those of an older version have none."""
    found = [one.get("pictures") or {} for one in summary.get("findings") or [] if isinstance(one, Mapping)]
    return [str(name) for pictures in found for name in pictures.values()]


def _read_pictures(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    paths = {name: folder / f"{name}.png" for name in names}
    try:
        return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    except OSError as error:
        msg = f"{folder}: cannot be read ({error})"
        raise RunFolderError(msg) from error


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI, format="png")
    return buffer.getvalue()
