"""A fit of parameters under way: what is simulated, what the figures should be, where the best parameters are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.experiments.comparison import check_overrides, experiment_of, known_figures, simulate_one
from benchmarks.response_surface import Target, bootstrap, curvature_sd, fit_surfaces, hypercube, least
from crowdsim import ScenarioError

Float64 = NDArray[np.float64]

BODY_RADIUS = "body_radius_m"
"""Not one key: mean, least and largest radius of the profile that each scenario's people have."""


@dataclass(frozen=True)
class Parameter:
    """A key of the scenario that is fitted, and between which bounds it is looked for."""

    key: str
    low: float
    high: float


OBSERVABLES = ("density [1/m2]", "speed [m/s]", "flow [1/s]")
"""Of those measured in a run, those that count; specific flows are flows once more."""

MEASUREMENT_ERROR = 0.05
"""Relative error of a measured figure, an assumption: other rules for the steady state move them by up to 7 %."""

RADIUS_SPREAD_M = 0.02
"""Least and largest radius are this far from the mean, as in the standard profiles [m]."""

PROFILES = {"unidirectional": "student", "bottleneck": "adult", "bidirectional": "adult"}
"""Whose radius is meant, by experiment: the profile in its scenario."""

SHRINK = 0.5
"""Width of the box around the best point in each round, relative to the round before."""

ROUND_POINTS = 8
"""Points in a round's box, besides the least of the surfaces."""

DRAWS = 100
"""Bootstrap draws."""


class NothingFitsError(Exception):
    """No point between the bounds can be simulated."""


@dataclass
class Study:
    """A fit under way: which runs, parameters and seeds, and everything simulated so far.

    Attributes
    ----------
    points : (n, d) from 0 to 1 between the bounds.
    values : (n, m, seeds) observables; points that a scenario refuses are left out.
    """

    movement: str
    parameters: tuple[Parameter, ...]
    runs: tuple[str, ...]
    seeds: list[int]
    overrides: list[str]
    places: Float64 | None
    spread: Callable[..., list[Any]]
    points: Float64 = field(init=False)
    values: Float64 = field(init=False)

    def __post_init__(self) -> None:
        known = {run: known_figures(run) for run in self.runs}
        self.observables = [(run, name) for run in self.runs for name in OBSERVABLES if name in known[run]]
        self.measured = np.array([known[run][name] for run, name in self.observables])
        self.points = np.empty((0, len(self.parameters)))
        self.values = np.empty((0, len(self.observables), len(self.seeds)))

    def physical(self, points: Float64) -> Float64:
        """Return points in the parameters' units."""
        low, high = (np.array([getattr(p, end) for p in self.parameters]) for end in ("low", "high"))
        return low + points * (high - low)

    def simulate(self, points: Float64 | None, seeds: list[int], runs: tuple[str, ...]) -> Float64:
        """Return the observables of some runs, (n, m of these runs, seeds); NaN where the scenario
        refuses the setting: bodies too large for a start zone or a door.

        Parameters
        ----------
        points : None for the model's own parameters, as one point.
        """
        settings = [None] if points is None else list(self.physical(points))
        jobs = [
            (self._job(run, seed, setting), [name for r, name in self.observables if r == run])
            for setting in settings
            for run in runs
            for seed in seeds
        ]
        answers = self.spread(observe, jobs)
        per_run = len(seeds)
        rows = []
        for n in range(len(settings)):
            mine = answers[n * len(runs) * per_run : (n + 1) * len(runs) * per_run]
            rows.append(np.concatenate([np.array(mine[k : k + per_run]).T for k in range(0, len(mine), per_run)]))
        return np.array(rows)

    def take(self, points: Float64) -> None:
        """Simulate points and keep them."""
        values = self.simulate(points, self.seeds, self.runs)
        fits = np.isfinite(values).all(axis=(1, 2))
        self.points = np.concatenate([self.points, points[fits]])
        self.values = np.concatenate([self.values, values[fits]])
        if not len(self.points):
            msg = "no setting between the bounds can be simulated: bodies too large for a start zone or a door"
            raise NothingFitsError(msg)

    def of(self, run: str) -> NDArray[np.bool_]:
        """Return which observables are those of a run."""
        return np.array([each == run for each, _ in self.observables])

    def _job(self, run: str, seed: int, setting: Float64 | None) -> tuple[Any, ...]:
        experiment = experiment_of(run)
        keys = [] if setting is None else overrides_of(self.parameters, setting, PROFILES[experiment])
        return experiment, run, seed, [f"movement={self.movement}", *self.overrides, *keys], self.places


def overrides_of(parameters: tuple[Parameter, ...], setting: Float64, profile: str) -> list[str]:
    """Return the keys and values of a setting of the parameters."""
    keys = []
    for parameter, value in zip(parameters, setting.tolist(), strict=True):
        if parameter.key == BODY_RADIUS:
            ends = {"mean": value, "min": value - RADIUS_SPREAD_M, "max": value + RADIUS_SPREAD_M}
            keys += [f"profiles.{profile}.body_radius_m.{end}={radius:.6g}" for end, radius in ends.items()]
        else:
            keys.append(f"{parameter.key}={value:.6g}")
    return keys


def observe(job: tuple[Any, list[str]]) -> list[float]:
    """Simulate one run with one seed; return its observables, NaN if the scenario refuses the setting."""
    simulation, names = job
    try:
        figures = simulate_one(simulation).figures
    except ScenarioError:  # bodies too large for the start zone or a door
        return [float("nan")] * len(names)
    return [figures[name] for name in names]


def target_of(study: Study) -> tuple[Target, Float64]:
    """Return the target, its tolerances from the seeds' spread at the model's own parameters, and the values there."""
    own = study.simulate(None, study.seeds, study.runs)[0]
    spread = own.std(axis=1, ddof=1) / study.measured if len(study.seeds) > 1 else np.zeros(len(study.measured))
    return Target(study.measured, np.hypot(spread, MEASUREMENT_ERROR)), own.mean(axis=1)


def search(study: Study, target: Target, points: int, rounds: int) -> Float64:
    """Simulate the hypercube and the rounds; return the best point simulated."""
    d = len(study.parameters)
    study.take(hypercube(points, np.zeros(d), np.ones(d), seed=1))
    width = 1.0
    for number in range(rounds):
        width *= SHRINK
        means = study.values.mean(axis=2)
        guess, _ = least(fit_surfaces(study.points, means, target), target, best_point(study, target))
        low, high = np.clip(guess - width / 2, 0, 1), np.clip(guess + width / 2, 0, 1)
        study.take(np.vstack([guess, hypercube(ROUND_POINTS, low, high, seed=2 + number)]))
    means = study.values.mean(axis=2)
    study.take(least(fit_surfaces(study.points, means, target), target, best_point(study, target))[0][None])
    return best_point(study, target)


def best_point(study: Study, target: Target) -> Float64:
    """Return the point with the least objective simulated so far."""
    return np.asarray(study.points[np.argmin(target.objective(study.values.mean(axis=2)))])


def left_out(study: Study, target: Target, best: Float64, fresh: list[int]) -> dict[str, dict[str, Any]]:
    """Return, for each run, the parameters fitted without it and the errors they predict it with."""
    surfaces = fit_surfaces(study.points, study.values.mean(axis=2), target)
    predictions = {}
    for run in study.runs if len(study.runs) > 1 else ():
        mine = study.of(run)
        point, _ = least(surfaces, target, best, keep=~mine)
        found = study.simulate(point[None], fresh, (run,))[0].mean(axis=1)
        names = [name for r, name in study.observables if r == run]
        errors = found / study.measured[mine] - 1
        predictions[run] = {
            "parameters": dict(zip(keys_of(study), study.physical(point).tolist(), strict=True)),
            "errors": dict(zip(names, errors.tolist(), strict=True)),
        }
    return predictions


def keys_of(study: Study) -> list[str]:
    """Return the parameters' names."""
    return [parameter.key for parameter in study.parameters]


def calibrate(study: Study, points: int, rounds: int) -> dict[str, Any]:
    """Fit, and return all that is known of the fit, as plain values."""
    began = time.perf_counter()
    for run in study.runs:
        check_overrides(run, [f"movement={study.movement}", *study.overrides])
    target, own = target_of(study)
    best = search(study, target, points, rounds)
    means = study.values.mean(axis=2)
    surfaces = fit_surfaces(study.points, means, target)
    draws = bootstrap(study.points, study.values, target, best, DRAWS, np.random.default_rng(0))
    width = study.physical(np.ones(len(best))) - study.physical(np.zeros(len(best)))
    fresh = [seed + max(study.seeds) for seed in study.seeds]
    checked = study.simulate(best[None], fresh, study.runs)[0]
    columns = (study.physical(best), draws.std(axis=0) * width, curvature_sd(surfaces, target, best) * width)
    return {
        "movement": study.movement,
        "runs": list(study.runs),
        "seeds": study.seeds,
        "simulated_points": len(study.points),
        "wall_s": time.perf_counter() - began,
        "objective": {
            "own_parameters": float(target.objective(own)),
            "fitted": float(target.objective(means).min()),
            "fitted_with_fresh_seeds": float(target.objective(checked.mean(axis=1))),
        },
        "parameters": {
            parameter.key: {
                "value": value, "sd_bootstrap": by_seeds, "sd_curvature": by_curvature,
                "bounds": [parameter.low, parameter.high],
            }
            for parameter, value, by_seeds, by_curvature in zip(
                study.parameters, *(column.tolist() for column in columns), strict=True
            )
        },
        "observables": [
            {
                "run": run, "quantity": name, "measured": measured, "own_parameters": before, "fitted": after,
                "sd": sd, "error": after / measured - 1,
            }
            for (run, name), measured, before, after, sd in zip(
                study.observables, study.measured.tolist(), own.tolist(), checked.mean(axis=1).tolist(),
                checked.std(axis=1).tolist(), strict=True,
            )
        ],
        "left_out": left_out(study, target, best, fresh),
    }  # fmt: skip
