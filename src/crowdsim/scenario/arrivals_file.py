"""Arrival rates and measured counts from a CSV file beside the scenario."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any, Literal

from crowdsim.errors import Problem
from crowdsim.scenario.yaml_file import read_text

Column = Literal["rate_per_min", "count"]

TIME = "from_s"

COLUMN_OF: dict[str, Column] = {"table": "rate_per_min", "counts": "count"}
"""What a file for each kind of arrival has beside the column `from_s`."""


def read_rows(path: Path, column: Column) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the rows of an arrivals file, as they would stand in the scenario, and what is wrong with them.

    The file has the columns `from_s` [s] and `rate_per_min` [people/min] or `count` (whole numbers of people), with
    these names in its first line.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        return [], [text]
    columns = (TIME, column)
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    try:
        reader.fieldnames = header = [name.strip() for name in reader.fieldnames or ()]
        if not set(columns) <= set(header):
            found = f"the columns {', '.join(header)}" if header else "an empty file"
            return [], [Problem(path.name, "line 1", found, f"a first line with the columns {','.join(columns)}")]
        for line in reader:
            row = {key: _number(line.get(key), whole=key == "count") for key in columns}
            for key in columns:
                if not row[key] >= 0:
                    found = repr(line.get(key)) if line.get(key) else "nothing"
                    number = "a whole number" if key == "count" else "a number"
                    problems.append(
                        Problem(path.name, f"line {reader.line_num}: {key}", found, f"{number} of at least 0")
                    )
            if rows and row[TIME] <= rows[-1][TIME]:
                found = f"{row[TIME]:g} after {rows[-1][TIME]:g}"
                where = f"line {reader.line_num}: {TIME}"
                problems.append(Problem(path.name, where, found, "times that rise from row to row"))
            rows.append(row)
    except csv.Error as error:
        return [], [Problem(path.name, f"line {reader.line_num + 1}", f"text that is no CSV ({error})", "valid CSV")]
    if not rows:
        problems.append(Problem(path.name, "", "no rows", "at least one row under the header"))
    return rows, problems


def _number(text: str | None, *, whole: bool) -> float:
    """Return the finite number that a text holds, an integer if it is to be whole; else NaN."""
    try:
        value = float(text or "")
    except ValueError:
        return math.nan
    if not math.isfinite(value) or (whole and not value.is_integer()):
        return math.nan
    return int(value) if whole else value
