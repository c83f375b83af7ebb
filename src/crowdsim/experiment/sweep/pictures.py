"""Which pictures a sweep gets: responses to one key, maps over two, a tornado where one key at a time was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from crowdsim.experiment.estimates import mean_of, share_interval
from crowdsim.experiment.sweep.design import GRID, ONE_AT_A_TIME
from crowdsim.experiment.sweep.indices import Index
from crowdsim.experiment.sweep.table import DONE, STOPPED_S
from crowdsim.experiment.wording import label_of
from crowdsim.report.responses import (
    Bar,
    Mean,
    Panel,
    Quantity,
    Series,
    Share,
    heat_figure,
    response_figure,
    shares_figure,
    tornado_figure,
)
from crowdsim.report.style import DPI

STANDARD = ("egress_time_s", "density.max_per_m2")
"""Figures that are drawn unless others are asked for."""

MOST_SERIES = 4
"""Values of a second key that have lines beside each other."""

PASSED = "runs that pass [%]"

Row = Mapping[str, Any]


def draw(
    title: str,
    design: str,
    keys: Sequence[str],
    rows: Sequence[Row],
    figures: Sequence[str],
    indices: Mapping[str, list[Index] | str],
    folder: Path,
) -> list[str]:
    """Draw the pictures of a sweep into a folder and return their names; none if nothing was varied or is done.

    Parameters
    ----------
    rows : of the sweep's table.
    figures : their keys; those that no run has are left out, and all where runs were stopped: what is left would be
        of those that did not fail.
    indices : of each figure, if there are any.
    """
    done = [row for row in rows if row["status"] == DONE]
    stopped = any(row.get(STOPPED_S) is not None for row in done)
    there = [] if stopped else [figure for figure in figures if any(row.get(figure) is not None for row in done)]
    if not keys or not done:
        return []
    made: dict[str, Figure] = {}
    if design == ONE_AT_A_TIME:
        for figure in there:
            picture = _tornado(title, keys, done, figure)
            if picture:
                made[f"tornado_{figure}"] = picture
    elif design == GRID and len(keys) == 2:  # noqa: PLR2004
        for figure in (*there, PASSED):
            made[f"heatmap_{'passed' if figure == PASSED else figure}"] = _heat(title, keys, done, figure)
    else:
        for key in keys:
            picture = _response(title, key, keys, done, there, design)
            if picture:
                made[f"response_{key}"] = picture
    for figure, found in indices.items():
        if not isinstance(found, str):
            shares = [Share(one.key, one.first, one.first_half, one.total, one.total_half) for one in found]
            made[f"indices_{figure}"] = shares_figure(title, _quantity(figure, done), shares)
    folder.mkdir(exist_ok=True)
    names = []
    for name, picture in made.items():
        names.append(f"{name.replace('/', '_')}.png")
        picture.savefig(folder / names[-1], dpi=DPI)
    return names


def _quantity(figure: str, rows: Sequence[Row]) -> Quantity:
    """Return a figure in words, with the limit that a criterion on it has in all rows."""
    if figure == PASSED:
        return Quantity(PASSED, is_share=True)
    limits = {row.get(figure.removesuffix(".value") + ".limit") for row in rows} if figure.endswith(".value") else set()
    limits |= {row.get("criteria.egress_time.limit") for row in rows} if figure == "egress_time_s" else set()
    limits.discard(None)
    return Quantity(label_of(figure), limits.pop() if len(limits) == 1 else None)


def _mean(rows: Iterable[Row], figure: str) -> Mean | None:
    rows = list(rows)
    if figure == PASSED:
        n, passed = len(rows), sum(row["verdict"] == "pass" for row in rows)
        if not n:
            return None
        low, high = share_interval(passed, n)
        return Mean(100 * passed / n, 100 * low if n > 1 else None, 100 * high if n > 1 else None)
    found = mean_of([row[figure] for row in rows if row.get(figure) is not None])
    if found.mean is None:
        return None
    low_high = found.ci95 or (None, None)
    return Mean(found.mean, *low_high)


def _values(rows: Sequence[Row], key: str) -> list[Any]:
    """Return the values of a key, numbers in ascending order, others as they come."""
    values = list(dict.fromkeys(row[key] for row in rows))
    return sorted(values) if _are_numbers(values) else values


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _text(value: Any) -> str:
    if value is None:
        return "as it is"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _response(
    title: str, key: str, keys: Sequence[str], rows: Sequence[Row], figures: Sequence[str], design: str
) -> Figure | None:
    values = _values(rows, key)
    numbers = _are_numbers(values)
    x = values if numbers else list(range(len(values)))
    place = dict(zip(values, x, strict=True))
    others = [other for other in keys if other != key]
    by = _values(rows, others[0]) if len(others) == 1 and design == GRID else []
    parts = [(f"{others[0]} {_text(value)}", [row for row in rows if row[others[0]] == value]) for value in by]
    if not 0 < len(parts) <= MOST_SERIES:
        parts = [("", list(rows))]
    sampled = numbers and design != GRID  # single arms, each with other values of all keys
    panels = []
    for figure in figures if sampled else (*figures, PASSED):
        with_value = [row for row in rows if figure != PASSED and row.get(figure) is not None]
        dots = np.array([(place[row[key]], row[figure]) for row in with_value], float).reshape(-1, 2)
        failed = np.array([row["verdict"] != "pass" for row in with_value], bool)
        series = [] if sampled else [_series(name, x, values, key, part, figure) for name, part in parts]
        quantity = _quantity(figure, rows)
        panels.append(Panel(quantity, series, dots, failed))
    if not panels:
        return None
    return response_figure(f"{title}: {key}", key, panels, () if numbers else [_text(value) for value in values])


def _series(name: str, x: Sequence[float], values: Sequence[Any], key: str, rows: Sequence[Row], figure: str) -> Series:
    return Series(name, x, [_mean((row for row in rows if row[key] == value), figure) for value in values])


def _heat(title: str, keys: Sequence[str], rows: Sequence[Row], figure: str) -> Figure:
    across, upwards = (_values(rows, key) for key in keys)
    means = np.full((len(upwards), len(across)), np.nan)
    for r, up in enumerate(upwards):
        for c, over in enumerate(across):
            found = _mean((row for row in rows if row[keys[0]] == over and row[keys[1]] == up), figure)
            means[r, c] = found.mean if found else np.nan
    names = [_text(value) for value in across], [_text(value) for value in upwards]
    quantity = _quantity(figure, rows)
    return heat_figure(title, (keys[0], keys[1]), names, quantity, means)


def _tornado(title: str, keys: Sequence[str], rows: Sequence[Row], figure: str) -> Figure | None:
    base = _mean((row for row in rows if all(row[key] is None for key in keys)), figure)
    if base is None:
        return None
    bars = []
    for key in keys:
        values = _values([row for row in rows if row[key] is not None], key)
        means = [(_text(value), _mean((row for row in rows if row[key] == value), figure)) for value in values]
        bars.append(Bar(key, [(name, mean.mean) for name, mean in means if mean]))
    return tornado_figure(title, _quantity(figure, rows), base.mean, [bar for bar in bars if bar.ends])
