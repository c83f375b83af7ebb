"""All experiments beside their simulations: what is measured, what is simulated, and the error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import crowdsim as cs
from benchmarks.experiments import bidirectional, bottleneck, data, unidirectional
from benchmarks.workers import workers

Measured = unidirectional.Measured | bottleneck.Measured | bidirectional.Measured

EXPERIMENTS = {
    "unidirectional": tuple(unidirectional.RUNS),
    "bottleneck": (bottleneck.RUN,),
    "bidirectional": (bidirectional.RUN,),
}
"""The runs of each experiment."""

SCENARIOS = {
    "unidirectional": unidirectional.SCENARIO,
    "bottleneck": bottleneck.SCENARIO,
    "bidirectional": bidirectional.SCENARIO,
}
"""The bundled scenario that simulates each."""

DIFFERENT = 0.005
"""Measuring the files again must give the known figures to half a per cent: they are rounded to three digits."""


@dataclass(frozen=True)
class Figure:
    """One quantity of one run.

    Attributes
    ----------
    measured : in the experiment.
    by_rule : in the experiment too, but in a steady state found as in the simulation; None where that is the same,
        or where the file was not given.
    simulated : by seed.
    """

    experiment: str
    run: str
    quantity: str
    measured: float
    by_rule: float | None
    simulated: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.simulated))

    @property
    def sd(self) -> float | None:
        """Standard deviation over the seeds; None of one."""
        return float(np.std(self.simulated, ddof=1)) if len(self.simulated) > 1 else None

    @property
    def error(self) -> float:
        """Simulated over measured, less one."""
        return self.mean / self.measured - 1

    def row(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "experiment": self.experiment,
            "run": self.run,
            "quantity": self.quantity,
            "measured": self.measured,
            "measured_by_the_simulations_rule": self.by_rule,
            "simulated": self.mean,
            "sd": self.sd,
            "error": self.error,
            "seeds": list(self.simulated),
        }


@dataclass(frozen=True)
class Comparison:
    """Everything that tables and pictures are made of.

    Attributes
    ----------
    figures : all quantities of all runs.
    measured : by run, what was measured in its file; empty without files.
    simulated : by run, what was measured in each seed's simulation.
    changed : figures that came out of the files other than they are known, in words.
    """

    figures: tuple[Figure, ...]
    measured: dict[str, Measured]
    simulated: dict[str, list[Measured]]
    changed: tuple[str, ...]

    def stuck(self) -> dict[str, list[int]]:
        """Return, for the runs in which people were left inside at the end, how many by seed."""
        counts = {run: [each.stuck for each in seeds] for run, seeds in self.simulated.items()}
        return {run: seeds for run, seeds in counts.items() if any(seeds)}


Job = tuple[str, str, int, list[str], Any]


def compare(
    experiments: list[str], folder: Path | None, seeds: int, overrides: list[str], processes: int = 1
) -> Comparison:
    """Simulate the runs of some experiments and measure both sides.

    Parameters
    ----------
    folder : where the experiments' files are; None compares with the figures known.

    Raises
    ------
    MissingDataError
        If a file is not there or cannot be read.
    ScenarioError
        If a scenario refuses the overrides.
    """
    runs = [(experiment, run) for experiment in experiments for run in EXPERIMENTS[experiment]]
    for _, run in runs:
        check_overrides(run, overrides)
    known = {run: known_figures(run) for experiment, run in runs}
    by_rule: dict[str, dict[str, float]] = {}
    measured: dict[str, Measured] = {}
    places = None
    if folder:
        data.check([_source(experiment, run) for experiment, run in runs], folder)
        for experiment, run in runs:
            measured[run] = _measure_experiment(experiment, run, folder)
            if experiment == "unidirectional":
                by_rule[run] = unidirectional.measure_experiment(run, folder, by_rule=True).figures
            if experiment == "bottleneck":
                places = bottleneck.start_places(folder)
    jobs: list[Job] = [
        (experiment, run, seed, overrides, places) for experiment, run in runs for seed in seed_list(seeds)
    ]
    with workers(processes) as spread:
        answers = spread(simulate_one, jobs)
    simulated: dict[str, list[Measured]] = {run: [] for _, run in runs}
    for (_, run, *_), answer in zip(jobs, answers, strict=True):
        simulated[run].append(answer)
    figures = tuple(
        Figure(
            experiment,
            run,
            quantity,
            measured[run].figures[quantity] if run in measured else value,
            by_rule.get(run, {}).get(quantity),
            tuple(seed.figures[quantity] for seed in simulated[run]),
        )
        for experiment, run in runs
        for quantity, value in known[run].items()
    )
    return Comparison(figures, measured, simulated, _changed(figures, known))


def experiment_of(run: str) -> str:
    """Return which experiment a run belongs to."""
    return next(name for name, runs in EXPERIMENTS.items() if run in runs)


def check_overrides(run: str, overrides: list[str]) -> None:
    """Load a run's scenario once, so that what is wrong with the overrides is said before anything is simulated."""
    experiment = experiment_of(run)
    own = unidirectional.RUNS[run].overrides() if experiment == "unidirectional" else []
    cs.load_scenario(SCENARIOS[experiment], [*own, *overrides])


def seed_list(seeds: int) -> range:
    """Return the seeds: the same for every run, movement model and set of parameters."""
    return range(1, seeds + 1)


def known_figures(run: str) -> dict[str, float]:
    """Return the figures of a run that were measured before."""
    if run in unidirectional.RUNS:
        return unidirectional.known(run)
    return bottleneck.known() if run == bottleneck.RUN else bidirectional.known()


def simulate_one(job: Job) -> Measured:
    """Simulate and measure one run with one seed."""
    experiment, run, seed, overrides, places = job
    if experiment == "unidirectional":
        return unidirectional.measure_simulation(run, seed, overrides)
    if experiment == "bottleneck":
        return bottleneck.measure_simulation(seed, overrides, places)
    return bidirectional.measure_simulation(seed, overrides)


def _source(experiment: str, run: str) -> data.Source:
    return {
        "unidirectional": lambda: unidirectional.source(run),
        "bottleneck": bottleneck.source,
        "bidirectional": bidirectional.source,
    }[experiment]()


def _measure_experiment(experiment: str, run: str, folder: Path) -> Measured:
    ways: dict[str, Callable[[], Measured]] = {
        "unidirectional": lambda: unidirectional.measure_experiment(run, folder),
        "bottleneck": lambda: bottleneck.measure_experiment(folder),
        "bidirectional": lambda: bidirectional.measure_experiment(folder),
    }
    return ways[experiment]()


def _changed(figures: tuple[Figure, ...], known: dict[str, dict[str, float]]) -> tuple[str, ...]:
    return tuple(
        f"{figure.run}: {figure.quantity} is {figure.measured:.3f} in the file, but known as {value:.3f}"
        for figure in figures
        if abs(figure.measured / (value := known[figure.run][figure.quantity]) - 1) > DIFFERENT
    )
