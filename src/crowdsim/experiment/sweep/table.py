"""The table of a sweep: a journal to which finished runs are added, and a parquet file that is always whole."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TextIO

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

import pyarrow as pa
import pyarrow.parquet as pq

from crowdsim.experiment.figures import figures
from crowdsim.experiment.worker import Outcome

JOURNAL, RESULTS = "runs.jsonl", "results.parquet"

DONE, FAILED = "done", "failed"

STOPPED_S = "stopped_s"
"""Column: the simulated time at which a run was stopped, as it could only fail [s]; null if it came to its end."""

FIRST = ("arm", "seed", "run", "status", "error", "verdict", STOPPED_S, "stopped_by")
"""Columns that every table has; the keys that are varied come after `arm`."""

WHOLE = ("arm", "seed")

OF_CRITERIA = ("text", "limit", "unit")
"""What a row says of every criterion besides its value and whether it was passed."""

CRITERION = re.compile(r"criteria\.(.+)\.(value|passed|text|limit|unit)")


def row_of(arm: int, run: str, values: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """Return what a run came to as a row.

    That of one that was stopped has when and by which criteria, and no figures: they would not be those of a whole run.

    Parameters
    ----------
    run : what tells it from all others, if it came to its end.
    values : of the keys that are varied; they come before figures of the same name.
    """
    head = {"arm": arm, "seed": outcome.seed, "run": run}
    if outcome.summary is None:
        return {**head, "status": FAILED, "error": outcome.error, **values}
    row = _summary_row(outcome.summary)
    stopped = outcome.summary.get("stopped")
    if stopped:
        head |= {"run": stopped_name(run), STOPPED_S: stopped["time_s"], "stopped_by": ", ".join(stopped["criteria"])}
    return {**row, **head, "status": DONE, "error": None, **values}


def stopped_name(run: str) -> str:
    """Return what tells a run that was stopped from all others: it is not taken for the whole one."""
    return f"{run}_stopped"


def _summary_row(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return every figure of a summary, what each criterion says, and what the run cost."""
    judged = {
        f"criteria.{one['id']}.{key}": one.get(key) for one in summary["criteria"] for key in ("passed", *OF_CRITERIA)
    }
    cost = {f"performance.{key}": value for key, value in summary.get("performance", {}).items()}
    numbers = {key: value for key, value in cost.items() if isinstance(value, int | float)}
    return {"verdict": summary["verdict"], **figures(summary), **judged, **numbers}


class Journal:
    """Finished runs, one line each, in the order in which they finished; a line is on the disk before the next run.

    Raises
    ------
    BlockingIOError
        If another process has it open.
    """

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8")
        try:
            _lock(self._file)
        except BlockingIOError:
            self._file.close()
            raise
        if anew:
            self._file.truncate(0)
        self.rows = _read(path)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            self._file.write("\n")  # what stood there was cut off: that run is made again

    def add(self, row: dict[str, Any]) -> None:
        """Keep a run's row; that of an earlier try is replaced."""
        self.rows[row["run"]] = row
        self._file.write(json.dumps(row, allow_nan=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _lock(file: TextIO) -> None:
    """Keep other processes from writing the file until it is closed; the system lets go if this one is killed."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a journal by run; a line that was cut off is left out."""
    rows: dict[str, dict[str, Any]] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(line)
                rows[row["run"]] = row
    return rows


def write_results(path: Path, rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> None:
    """Write the table, sorted by arm and seed, in place of the one before: whoever reads it sees one or the other.

    Parameters
    ----------
    keys : those that are varied, in their order.
    """
    table = to_table(sorted(rows, key=lambda row: (row["arm"], row["seed"])), keys)
    _replace(path, lambda file: pq.write_table(table, file))


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document in place of the one before, in the same way."""
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    _replace(path, lambda file: file.write(text.encode()))


def _replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside, and give it the name when it is whole and on the disk."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def to_table(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> pa.Table:
    """Return rows as a table: the columns every table has, the keys that are varied, then all figures by name.

    Figures are floating-point numbers throughout, null where a run has none; keys are whole numbers, numbers, truth
    values or texts, whichever all values of a key are.
    """
    head = (FIRST[0], *keys, *FIRST[1:])
    others = sorted({key for row in rows for key in row} - set(head))
    columns = {}
    for name in (*head, *others):
        values = [row.get(name) for row in rows]
        if name in WHOLE:
            columns[name] = pa.array(values, pa.int64())
        elif name in head and name != STOPPED_S:
            columns[name] = _of_one_kind(values)
        elif (found := CRITERION.fullmatch(name)) and found[2] in _KINDS:
            columns[name] = pa.array(values, _KINDS[found[2]])
        else:
            columns[name] = pa.array([None if v is None else float(v) for v in values], pa.float64())
    return pa.table(columns)


_KINDS = {"passed": pa.bool_(), "text": pa.string(), "unit": pa.string()}
"""Kinds of the columns of criteria that are no numbers."""


def _of_one_kind(values: Sequence[Any]) -> pa.Array:
    there = [value for value in values if value is not None]
    kinds = {type(value) for value in there}
    if kinds and kinds <= {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {int}:
        return pa.array(values, pa.int64())
    if kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def read_results(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def figures_of(row: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float | None]:
    """Return the figures of a row as `figures` has them of a summary: without what was set and what it cost."""
    left_out = {*FIRST, *keys}
    return {
        key: value
        for key, value in row.items()
        if key not in left_out
        and not key.startswith("performance.")
        and not ((found := CRITERION.fullmatch(key)) and found[2] != "value")
    }


def criteria_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a row says of each criterion, as a summary has it."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in row.items():
        one = CRITERION.fullmatch(key)
        if one:
            found.setdefault(one[1], {"id": one[1]})[one[2]] = value
    return [criterion for criterion in found.values() if criterion.get("text") is not None]
