"""From measured values to verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import ks_1samp

from crowdsim.validate.case import Quantity, Verdict
from crowdsim.validate.measuring import Float64

KS_LEVEL = 0.05
"""Level of Kolmogorov-Smirnov tests: below this p, a sample is taken not to come from a distribution (usual)."""


def verdict(passed: bool) -> Verdict:
    """Return the verdict of a case that has a bound."""
    return "pass" if passed else "fail"


def within(quantity: Quantity, low: float = -math.inf, high: float = math.inf) -> bool:
    """Return whether a quantity's mean over the seeds is within bounds; not, if a run gave no value."""
    return quantity.mean is not None and low <= quantity.mean <= high


def rising(quantities: Sequence[Quantity], slack: float = 0.0) -> bool:
    """Return whether the means of quantities rise from one to the next, or fall by no more than `slack`."""
    means = [quantity.mean for quantity in quantities]
    return all(a is not None and b is not None and b >= a - slack for a, b in pairwise(means))


def falling(quantities: Sequence[Quantity], slack: float = 0.0) -> bool:
    """Return whether the means of quantities fall from one to the next, or rise by no more than `slack`."""
    return rising(list(reversed(quantities)), slack)


def fit(sample: Float64, cdf: Callable[[Any], Any]) -> float:
    """Return the p-value of a Kolmogorov-Smirnov test of a sample against a distribution."""
    return float(ks_1samp(sample, cdf).pvalue)


def quantities(names: Sequence[str], units: Sequence[str] | str, values: Sequence[Sequence[float]]) -> list[Quantity]:
    """Return a quantity for each name."""
    every = [units] * len(names) if isinstance(units, str) else units
    return [
        Quantity(name, unit, tuple(float(v) for v in row)) for name, unit, row in zip(names, every, values, strict=True)
    ]


def tell(quantity: Quantity) -> str:
    """Return a quantity's mean, with its interval, as text."""
    if quantity.mean is None:
        missing = sum(not math.isfinite(value) for value in quantity.values)
        return f"no value in {missing} of {len(quantity.values)} runs"
    unit = f" {quantity.unit}" if quantity.unit else ""
    if quantity.ci95 is None or len(set(quantity.values)) == 1:
        return f"{number(quantity.mean)}{unit}"
    half = (quantity.ci95[1] - quantity.ci95[0]) / 2
    return f"{number(quantity.mean)} ± {number(half)}{unit}"


def number(value: float) -> str:
    """Return a number with three digits."""
    if not np.isfinite(value):
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - three digits
