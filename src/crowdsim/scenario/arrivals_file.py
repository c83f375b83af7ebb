"""Arrival rates from a CSV file beside the scenario."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

from crowdsim.errors import Problem
from crowdsim.scenario.yaml_file import read_text

COLUMNS = ("from_s", "rate_per_min")


def read_rates(path: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the rows of an arrivals file, as they would stand in the scenario, and what is wrong with them.

    The file has the columns `from_s` [s] and `rate_per_min` [people/min], with these names in its first line.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        return [], [text]
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    try:
        reader.fieldnames = header = [name.strip() for name in reader.fieldnames or ()]
        if not set(COLUMNS) <= set(header):
            found = f"the columns {', '.join(header)}" if header else "an empty file"
            return [], [Problem(path.name, "line 1", found, f"a first line with the columns {','.join(COLUMNS)}")]
        for line in reader:
            row = {column: _number(line.get(column)) for column in COLUMNS}
            for column in COLUMNS:
                if not row[column] >= 0:
                    found = repr(line.get(column)) if line.get(column) else "nothing"
                    where = f"line {reader.line_num}: {column}"
                    problems.append(Problem(path.name, where, found, "a number of at least 0"))
            if rows and row["from_s"] <= rows[-1]["from_s"]:
                found = f"{row['from_s']:g} after {rows[-1]['from_s']:g}"
                where = f"line {reader.line_num}: from_s"
                problems.append(Problem(path.name, where, found, "times that rise from row to row"))
            rows.append(row)
    except csv.Error as error:
        return [], [Problem(path.name, f"line {reader.line_num + 1}", f"text that is no CSV ({error})", "valid CSV")]
    if not rows:
        problems.append(Problem(path.name, "", "no rows", "at least one row under the header"))
    return rows, problems


def _number(text: str | None) -> float:
    """Return the finite number that a text holds, else NaN."""
    try:
        value = float(text or "")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
