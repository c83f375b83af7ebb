"""Writing a comparison: Markdown to read, JSON to go on with, and difference maps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crowdsim.errors import CrowdSimError, RunFolderError
from crowdsim.experiment.arm_folders import RunArm
from crowdsim.experiment.changes import ABSENT
from crowdsim.experiment.compare import RULE, ComparedFigure, Comparison
from crowdsim.experiment.wording import label_of
from crowdsim.record.recording import Recording
from crowdsim.report.difference import density_difference, exposure_difference, maps_of, unlike
from crowdsim.report.style import DPI
from crowdsim.report.words import number

COMPARE_JSON, COMPARE_MD = "compare.json", "compare.md"


def document(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return the content of `compare.json`, without the maps."""
    return {"rule": RULE, "comparisons": [one.document() for one in comparisons]}


def open_folder(folder: Path, *, force: bool) -> None:
    """Make a folder for a comparison; one that holds another is refused, unless forced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [name for name in (COMPARE_JSON, COMPARE_MD) if (folder / name).exists()]
        if held and not force:
            msg = f"{folder} holds another comparison ({held[0]}); name another with --out, or replace it with --force"
            raise RunFolderError(msg)
        for picture in folder.glob("change_*.png"):
            picture.unlink()
    except RunFolderError:
        raise
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error


def write(comparisons: Sequence[Comparison], folder: Path) -> None:
    """Write the comparison and its maps into a folder; raises RunFolderError if it cannot be written."""
    try:
        told, parts = document(comparisons), []
        for k, one in enumerate(comparisons):
            maps = _draw(one.first, one.second, folder, k + 1)
            told["comparisons"][k] |= maps
            parts.append(_markdown(one, maps))
        (folder / COMPARE_JSON).write_text(json.dumps(told, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        (folder / COMPARE_MD).write_text("\n".join(parts) + f"\n{RULE}\n", encoding="utf-8")
    except CrowdSimError:
        raise
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error


def _draw(first: RunArm, second: RunArm, folder: Path, number_: int) -> dict[str, Any]:
    """Draw the difference maps; return their files, or why there are none."""
    if first.recording is None or second.recording is None:
        return {"maps": [], "no_maps": "the sweep has not kept its runs (--keep)"}
    try:
        recordings = Recording(first.recording), Recording(second.recording)
    except RunFolderError as error:
        return {"maps": [], "no_maps": str(error)}
    maps = maps_of(recordings[0]), maps_of(recordings[1])
    why = unlike(*maps)
    if why:
        return {"maps": [], "no_maps": why}
    names = first.name, second.name
    files = []
    for what, draw in (("density", density_difference), ("exposure", exposure_difference)):
        files.append(f"change_{number_}_{what}.png")
        draw(recordings[0], maps, names).savefig(folder / files[-1], dpi=DPI)
    return {"maps": files}


def _markdown(one: Comparison, maps: dict[str, Any]) -> str:
    lines = [f"# {one.second.name} beside {one.first.name}", "", f"{one.how[:1].upper()}{one.how[1:]}.", ""]
    verdicts = one.verdicts
    lines += [f"Verdicts: {verdicts[0]} before, {verdicts[1]} after.", "", "## What was changed", ""]
    lines += [f"- {words}" for words in one.changed] or ["Nothing but the seed."]
    lines += ["", "## What that does", ""]
    lines += [f"- {text[:1].upper()}{text[1:]}." for text in one.material] or ["No material change."]
    lines += ["", *(f"![{file}]({file})" for file in maps["maps"])]
    if "no_maps" in maps:
        lines += [f"No difference maps: {maps['no_maps']}."]
    lines += ["", "## All figures", "", f"| figure | {one.first.name} | {one.second.name} | change | 95 % interval |",
              "| --- | --- | --- | --- | --- |"]  # fmt: skip
    lines += [f"| {' | '.join(row)} |" for row in (cells(figure) for figure in one.figures)]
    if one.changes:
        lines += ["", "## All keys that differ", "", "| key | before | after |", "| --- | --- | --- |"]
        lines += [f"| {change.key} | {_cut(change.before)} | {_cut(change.after)} |" for change in one.changes]
    return "\n".join([*lines, ""])


def cells(figure: ComparedFigure) -> tuple[str, str, str, str, str]:
    """Return a figure's row: label (marked where material), first, second, change, interval."""
    label = ("* " if figure.material else "") + label_of(figure.key)
    means = tuple("-" if mean is None else number(mean) for mean in figure.means)
    found = figure.difference
    if found is None:
        return label, means[0], means[1], "-", "-"
    relative = f" ({100 * found.relative:+.0f} %)" if found.relative is not None and found.change else ""
    interval = f"{number(found.ci95[0])} to {number(found.ci95[1])}" if found.ci95 and found.change else "-"
    sign = "+" if found.change > 0 else ""
    return label, means[0], means[1], f"{sign}{number(found.change)}{relative}", interval


LONGEST = 60
"""Characters of a value in a table (our choice); compare.json has it whole."""


def _cut(value: Any) -> str:
    text = ABSENT if value == ABSENT else str(value).replace("|", "\\|")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
