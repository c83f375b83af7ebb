"""What is written of a validation: rows for machines and the page, in a folder of its own."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

from crowdsim.errors import RunFolderError
from crowdsim.validate.case import Quantity, Verdict
from crowdsim.validate.page import render
from crowdsim.validate.suite import Entry

PAGE, TABLE = "validation.html", "validation.json"
PARENT = Path("outputs") / "validation"
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def row(entry: Entry) -> dict[str, Any]:
    """Return the machine's row of an entry: plain values only."""
    case, outcome = entry.case, entry.outcome
    leading = outcome.measured[0] if outcome.measured else None
    return {
        "test": case.id,
        "suite": case.suite,
        "edition": case.edition,
        "clause": case.clause,
        "title": case.title,
        "criterion": case.criterion,
        "criterion_binary": case.criterion_binary,
        "tolerance": case.tolerance,
        "tolerance_origin": case.tolerance_origin,
        "departures": [dataclasses.asdict(departure) for departure in case.departures],
        "seeds": list(entry.seeds),
        "measured": [_quantity(quantity) for quantity in outcome.measured],
        "mean": leading.mean if leading else None,
        "ci95": list(leading.ci95) if leading and leading.ci95 else None,
        "verdict": outcome.verdict,
        "note": outcome.note,
        "movement": entry.movement,
        "wall_s": round(entry.wall_s, 3),
    }


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "name": quantity.name,
        "unit": quantity.unit,
        "values": [value if math.isfinite(value) else None for value in quantity.values],
        "mean": quantity.mean,
        "ci95": list(quantity.ci95) if quantity.ci95 else None,
    }


def document(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the whole table as plain values."""
    counts = {m: Counter(e.outcome.verdict for e in entries if e.movement == m) for m in movements_of(entries)}
    return {
        "crowdsim_version": version("crowdsim"),
        "counts": {m: {verdict: count[verdict] for verdict in VERDICTS} for m, count in counts.items()},
        "cases": [row(entry) for entry in entries],
    }


def movements_of(entries: Sequence[Entry]) -> list[str]:
    """Return the movement models of entries, in order."""
    return list(dict.fromkeys(entry.movement for entry in entries))


def open_folder(out: Path | None) -> Path:
    """Make the folder for a validation; refuses one that holds another.

    Raises
    ------
    RunFolderError
        If the folder cannot be made or holds another validation.
    """
    folder = out or _dated()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error
    held = [name for name in (PAGE, TABLE) if (folder / name).exists()]
    if held:
        msg = f"{folder} holds another validation ({held[0]}); name another folder with --out"
        raise RunFolderError(msg)
    return folder


def _dated() -> Path:
    name = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder, k = PARENT / name, 2
    while folder.exists():
        folder, k = PARENT / f"{name}_{k}", k + 1
    return folder


def write(entries: Sequence[Entry], folder: Path) -> None:
    """Write the page and the table.

    Raises
    ------
    RunFolderError
        If they cannot be written.
    """
    try:
        (folder / TABLE).write_text(json.dumps(document(entries), indent=2, allow_nan=False) + "\n", encoding="utf-8")
        (folder / PAGE).write_text(render(entries), encoding="utf-8")
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror})"
        raise RunFolderError(msg) from error
