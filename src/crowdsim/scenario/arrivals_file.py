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
    header = tuple(name.strip() for name in reader.fieldnames or ())
    if not set(COLUMNS) <= set(header):
        found = f"the columns {', '.join(header) or 'none'}"
        return [], [Problem(path.name, "line 1", found, f"a first line with the columns {','.join(COLUMNS)}")]
    rows, problems = [], []
    for line in reader:
        row = {}
        for column in COLUMNS:
            value = (line.get(column) or "").strip()
            try:
                row[column] = float(value)
            except ValueError:
                row[column] = math.nan
            if not (math.isfinite(row[column]) and row[column] >= 0):
                where = f"line {reader.line_num}: {column}"
                problems.append(Problem(path.name, where, repr(value), "a number of at least 0"))
        rows.append(row)
    if not rows:
        problems.append(Problem(path.name, "", "no rows", "at least one row under the header"))
    return rows, problems
