"""Fitting parameters to observables through quadratic response surfaces: pure numbers, no simulation.

Each observable is a quadratic function of the parameters, fitted by least squares to the points simulated so far
(Box and Wilson 1951, J. R. Stat. Soc. B 13, 1). Parameters run from 0 to 1 between their bounds. With a surface for
every observable, leaving runs out and drawing seeds again need no further simulations.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import qmc

Float64 = NDArray[np.float64]

STARTS = 16
"""Places from which the least objective is looked for, besides the best point: surfaces can have several."""

REDRAW_STARTS = 3
"""The same in each bootstrap draw, which changes the surfaces but little."""

SHARE = 0.6
"""Share of the points that a surface is fitted to, the best ones: far from the optimum no quadratic holds."""

POINTS_PER_TERM = 1.5
"""Least points for each of a surface's coefficients."""


@dataclass(frozen=True)
class Target:
    """What the observables should be.

    Attributes
    ----------
    measured : (m,) the experiments' figures.
    tolerance : (m,) relative error that counts as one: the seeds' spread and the measurement's own.
    """

    measured: Float64
    tolerance: Float64

    def residuals(self, values: Float64) -> Float64:
        """Return relative errors over their tolerances; `values` is (..., m)."""
        return (values / self.measured - 1) / self.tolerance

    def objective(self, values: Float64, keep: NDArray[np.bool_] | None = None) -> Float64:
        """Return the sum of squared residuals, of some observables only if `keep` says so."""
        squares = self.residuals(values) ** 2
        return np.asarray(squares[..., keep].sum(axis=-1) if keep is not None else squares.sum(axis=-1))


def hypercube(points: int, low: Float64, high: Float64, seed: int) -> Float64:
    """Return a Latin hypercube sample between bounds, (points, d)."""
    return low + (high - low) * qmc.LatinHypercube(len(low), rng=np.random.default_rng(seed)).random(points)


def terms(points: Float64) -> Float64:
    """Return 1, all parameters and all their products, (n, terms)."""
    d = points.shape[1]
    products = [points[:, i] * points[:, j] for i, j in combinations_with_replacement(range(d), 2)]
    return np.column_stack([np.ones(len(points)), points, *products])


@dataclass(frozen=True)
class Surfaces:
    """A quadratic surface for each observable; `coefficients` is (terms, m)."""

    coefficients: Float64

    def at(self, points: Float64) -> Float64:
        """Return the observables at points, (n, m)."""
        return terms(points) @ self.coefficients


def fit_surfaces(points: Float64, values: Float64, target: Target) -> Surfaces:
    """Fit surfaces to the better ones of the points simulated.

    Parameters
    ----------
    points : (n, d) from 0 to 1.
    values : (n, m) observables, mean over seeds.
    """
    needed = int(np.ceil(POINTS_PER_TERM * terms(points[:1]).shape[1]))
    count = min(len(points), max(needed, int(SHARE * len(points))))
    best = np.argsort(target.objective(values), kind="stable")[:count]
    coefficients, *_ = np.linalg.lstsq(terms(points[best]), values[best], rcond=None)
    return Surfaces(coefficients)


def least(
    surfaces: Surfaces, target: Target, around: Float64, keep: NDArray[np.bool_] | None = None, starts: int = STARTS
) -> tuple[Float64, float]:
    """Return where between the bounds the surfaces' objective is least, and how much it is there.

    Parameters
    ----------
    around : a point to start from, besides some spread evenly.
    keep : observables that count; None for all.
    starts : how many further places to start from.
    """
    d = around.size

    def objective(point: Float64) -> float:
        return float(target.objective(surfaces.at(point[None]), keep)[0])

    places = [around, *hypercube(starts, np.zeros(d), np.ones(d), seed=0)]
    found = [minimize(objective, start, method="L-BFGS-B", bounds=[(0, 1)] * d) for start in places]
    best = min(found, key=lambda each: each.fun)
    return np.asarray(best.x), float(best.fun)


def curvature_sd(surfaces: Surfaces, target: Target, point: Float64) -> Float64:
    """Return each parameter's standard error from the objective's curvature, in units of its bounds.

    Gauss-Newton: the inverse of J'J, J the residuals' slopes; 1 at most, for what the observables do not fix.
    """
    step = 1e-4  # of the bounds: the surfaces are quadratic, so that central differences are exact
    ways = np.eye(point.size) * step
    slopes = np.column_stack(
        [
            (target.residuals(surfaces.at((point + way)[None])) - target.residuals(surfaces.at((point - way)[None])))[0]
            / (2 * step)
            for way in ways
        ]
    )
    # A prior of one bound's width keeps the inverse finite.
    covariance = np.linalg.inv(slopes.T @ slopes + np.eye(point.size))
    return np.sqrt(np.diag(covariance))


def bootstrap(
    points: Float64, values: Float64, target: Target, around: Float64, draws: int, rng: np.random.Generator
) -> Float64:
    """Return the best parameters for seeds drawn again with replacement, (draws, d).

    Parameters
    ----------
    values : (n, m, seeds) observables of every seed; seed k means the same random numbers at every point.
    """
    seeds = values.shape[2]
    found = []
    for _ in range(draws):
        drawn = values[:, :, rng.integers(0, seeds, seeds)].mean(axis=2)
        found.append(least(fit_surfaces(points, drawn, target), target, around, starts=REDRAW_STARTS)[0])
    return np.array(found)
