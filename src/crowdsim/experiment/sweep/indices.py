"""Sobol' indices: how much of a figure's variance each key that is varied explains, alone and with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowdsim.config.axes import Axis
from crowdsim.experiment.estimates import LEVEL
from crowdsim.experiment.sweep.design import SALTELLI, draw, import_salib, overrides_of, setting_at

RESAMPLES = 1000
"""Bootstrap samples for the intervals (our choice: their ends are then steady to a few hundredths)."""


@dataclass(frozen=True, slots=True)
class Index:
    """The share of a figure's variance that comes from a key.

    Attributes
    ----------
    first, first_half : from it alone, and half the width of the 95 % interval (bootstrap).
    total, total_half : from it and all it does together with others.
    """

    key: str
    first: float
    first_half: float
    total: float
    total_half: float


def sobol_indices(
    axes: Sequence[Axis],
    samples: int,
    seed: int,
    rows: Sequence[Mapping[str, Any]],
    overrides: Mapping[int, tuple[str, ...]],
    figure: str,
) -> list[Index] | str:
    """Return the indices of every key for a figure, or why there are none.

    First-order indices by Saltelli et al. 2010, total ones by Jansen 1999 (as SALib computes them); of each point the
    mean over its runs.

    Parameters
    ----------
    samples, seed : of the design that the rows are of.
    rows : finished runs.
    overrides : of every arm.
    """
    values: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        if row.get(figure) is not None:
            values.setdefault(overrides[row["arm"]], []).append(row[figure])
    points = [overrides_of(setting_at(axes, shares)) for shares in draw(SALTELLI, len(axes), samples, seed)]
    missing = sum(point not in values for point in points)
    if missing:
        return f"{missing} of {len(points)} points have no {figure}"
    y = np.array([float(np.mean(values[point])) for point in points])
    if np.ptp(y) == 0.0:
        return f"{figure} is the same at every point"
    problem = {
        "num_vars": len(axes),
        "names": [axis.key for axis in axes],
        "bounds": [[0.0, 1.0]] * len(axes),
    }
    resampling = seed + 1  # SALib takes 0 for no seed at all and then draws from global state
    found = import_salib().analyze.sobol.analyze(
        problem, y, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL, seed=resampling
    )
    return [
        Index(axis.key, *(float(found[name][k]) for name in ("S1", "S1_conf", "ST", "ST_conf")))
        for k, axis in enumerate(axes)
    ]
