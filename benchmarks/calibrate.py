"""Fit a movement model's parameters to the experiments, and say how sure they are.

    python -m benchmarks.calibrate [--movement NAME] [--seeds 4] [--points 30] [--rounds 3] [--processes 2]
        [--runs NAME ...] [--parameters NAME ...] [--data DIR] [--out FILE] [KEY=VALUE ...]

The objective is the sum, over runs and observables, of squared relative errors over squared tolerances; a tolerance
holds the seeds' spread at the model's own parameters and `MEASUREMENT_ERROR`. Points of a Latin hypercube are
simulated first, then in every round the least of the response surfaces and further points around it. The same seeds
are used at every point (common random numbers). Uncertainty: seeds drawn again (bootstrap) and the objective's
curvature. Each run is also predicted from a fit without it, simulated with seeds that no fit has seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.experiments import bottleneck
from benchmarks.experiments.comparison import EXPERIMENTS, seed_list
from benchmarks.experiments.data import MissingDataError
from benchmarks.study import BODY_RADIUS, NothingFitsError, Parameter, Study, calibrate
from benchmarks.workers import workers
from crowdsim import CrowdSimError

MODELS = {
    "collision_free_speed": (
        Parameter("movement.time_gap_s", 0.55, 0.7),
        Parameter("movement.neighbour_strength", 8.0, 16.0),
        Parameter("movement.neighbour_range_m", 0.2, 0.35),
        Parameter(BODY_RADIUS, 0.14, 0.20),  # with RADIUS_SPREAD_M wider bodies do not fit the gate of 0.5 m
    ),
}
"""Parameters fitted for each movement model; another model needs an entry here and nothing else."""

CALIBRATION_RUNS = tuple(run for runs in EXPERIMENTS.values() for run in runs)
"""All of them; each is also predicted from the others."""

BAD_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a fit; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every_run = [run for runs in EXPERIMENTS.values() for run in runs]
    parser.add_argument("--movement", choices=list(MODELS), default="collision_free_speed")
    parser.add_argument("--parameters", nargs="+", metavar="NAME", help="of the model's; default: all")
    parser.add_argument("--runs", nargs="+", choices=every_run, default=list(CALIBRATION_RUNS), metavar="RUN")
    parser.add_argument("--seeds", type=int, default=4, help="simulations of each run at each point")
    parser.add_argument("--points", type=int, default=30, help="of the first Latin hypercube")
    parser.add_argument("--rounds", type=int, default=3, help="of closing in on the best point")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--data", type=Path, metavar="DIR", help="let people at the gate start where heads were")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write JSON there")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="keys that stay as given")
    given = parser.parse_intermixed_args(arguments)
    parameters = [p for p in MODELS[given.movement] if not given.parameters or p.key in given.parameters]
    unknown = set(given.parameters or ()) - {p.key for p in parameters}
    if unknown:
        parser.error(f"--parameters {' '.join(sorted(unknown))}: choose from {[p.key for p in MODELS[given.movement]]}")
    for name in ("seeds", "points", "processes"):
        if getattr(given, name) < 1:
            parser.error(f"--{name} {getattr(given, name)}: at least 1")
    try:
        places = bottleneck.start_places(given.data) if given.data else None
        with workers(given.processes) as spread:
            study = Study(
                given.movement,
                tuple(parameters),
                tuple(given.runs),
                list(seed_list(given.seeds)),
                given.overrides,
                places,
                spread,
            )
            report = calibrate(study, given.points, given.rounds)
    except (MissingDataError, CrowdSimError, NothingFitsError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if given.out:
        given.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if given.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0


def show(report: dict[str, Any]) -> None:
    """Print the fit as tables."""
    console = Console(width=None if Console().is_terminal else 110)
    table = _table("parameter", "fitted", "sd, seeds", "sd, curvature", "bounds")
    for name, found in report["parameters"].items():
        low, high = found["bounds"]
        numbers = (found["value"], found["sd_bootstrap"], found["sd_curvature"])
        table.add_row(name, *(f"{number:.3f}" for number in numbers), f"{low:g} to {high:g}")
    console.print(table)
    table = _table("run", "quantity", "measured", "own", "fitted", "sd", "error", "error if left out")
    for row in report["observables"]:
        numbers = (row["measured"], row["own_parameters"], row["fitted"], row["sd"])
        without = report["left_out"].get(row["run"], {"errors": {}})["errors"].get(row["quantity"])
        quantity = row["quantity"].replace("[", r"\[")
        errors = [f"{row['error']:+.0%}", "-" if without is None else f"{without:+.0%}"]
        table.add_row(row["run"], quantity, *(f"{number:.2f}" for number in numbers), *errors)
    console.print(table)
    objective = report["objective"]
    console.print(
        f"objective: {objective['own_parameters']:.1f} with the model's own parameters, {objective['fitted']:.1f} "
        f"fitted, {objective['fitted_with_fresh_seeds']:.1f} with fresh seeds; {report['simulated_points']} points, "
        f"{report['wall_s']:.0f} s",
        soft_wrap=True,
    )


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        left = heading in ("parameter", "run", "quantity", "bounds")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    return table


if __name__ == "__main__":
    sys.exit(main())
