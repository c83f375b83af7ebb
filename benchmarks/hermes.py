"""The Hermes corridor, simulated and measured: density, speed and flow at the experiment's boundary widths.

    python benchmarks/hermes.py [--seeds 3] [--json] [KEY=VALUE ...]

Measured figures: Hermes 2009, unidirectional corridor, doi:10.34735/ped.2009.14, steady state, with PedPy 1.5.1
(classic density in the measurement area, mean speed of those inside, crossings of the line over time). The
simulated speed is over the frames with somebody inside; the first two measured speeds seem to count empty frames as
0 m/s: over the others the same data give 1.34 and 1.35 m/s.
Simulated: the same quantities between the 20th and 80th percentile of the crossings of the line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import crowdsim as cs
from crowdsim.measure import measure

QUANTITIES = ("density [1/m2]", "speed [m/s]", "flow [1/s]", "specific flow [1/(m s)]")
# run: entrance width, exit width [m], people, then density, speed and flow as measured
MEASURED = {
    "uo-050-180-180": (0.50, 1.8, 61, 0.50, 1.09, 1.25),
    "uo-070-180-180": (0.70, 1.8, 111, 0.67, 1.27, 1.64),
    "uo-145-180-180": (1.45, 1.8, 175, 1.56, 1.01, 2.81),
    "uo-180-180-120": (1.80, 1.2, 170, 2.06, 0.66, 2.40),
}
CORRIDOR_M = 1.8
STEADY = (0.2, 0.8)


def simulate(run: str, seed: int, overrides: list[str], folder: Path) -> tuple[float, float, float]:
    """Return density, speed and flow of the steady state of one simulated run."""
    entrance, exit_, people, *_ = MEASURED[run]
    keys = [
        f"doors.entrance.width_m={entrance}",
        f"doors.exit.width_m={exit_}",
        f"attendees.students.count={people}",
        f"seed={seed}",
        "output.plots=false",
    ]
    result = cs.run(cs.load_scenario("hermes_corridor", [*keys, *overrides]), folder / f"{run}_{seed}")
    measures = measure(result.recording)
    times = measures.flows["middle"].times_s
    begin, end = np.quantile(times, STEADY)
    area = measures.areas["measured"]
    steady = (area.time_s >= begin) & (area.time_s <= end)
    speed = area.speed_m_s[steady]
    flow = (STEADY[1] - STEADY[0]) * times.size / (end - begin)
    return float(area.density_per_m2[steady].mean()), float(np.nanmean(speed)), float(flow)


def compare(run: str, simulated: list[tuple[float, float, float]]) -> dict[str, dict[str, float | None]]:
    """Return, for each quantity, the measured figure, the seeds' mean and standard deviation, and the error."""
    *_, density, speed, flow = MEASURED[run]
    measured = (density, speed, flow, flow / CORRIDOR_M)
    values = np.array([(*row, row[-1] / CORRIDOR_M) for row in simulated])
    mean = values.mean(axis=0)
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else [None] * len(QUANTITIES)
    return {
        quantity: {
            "measured": known,
            "simulated": found,
            "sd": None if sd is None else float(sd),
            "error": found / known - 1,
        }
        for quantity, known, found, sd in zip(QUANTITIES, measured, mean.tolist(), spread, strict=True)
    }


def main() -> None:
    """Run all boundary widths and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="seeds for each run")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("overrides", nargs="*", help="KEY=VALUE, as for crowdsim run")
    arguments = parser.parse_args()
    if arguments.seeds < 1:
        parser.error(f"--seeds {arguments.seeds}: at least 1")
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in MEASURED:
            seeds = range(1, arguments.seeds + 1)
            rows[run] = compare(run, [simulate(run, seed, arguments.overrides, Path(folder)) for seed in seeds])
    if arguments.json:
        print(json.dumps(rows))
        return
    table = Table()
    for heading in ("run", "quantity", "measured", "simulated", "sd over seeds", "error"):
        table.add_column(heading, justify="left" if heading in ("run", "quantity") else "right", no_wrap=True)
    for run, row in rows.items():
        for k, (quantity, figures) in enumerate(row.items()):
            sd = "-" if figures["sd"] is None else f"{figures['sd']:.2f}"
            table.add_row(
                run if k == 0 else "",
                quantity.replace("[", r"\["),
                f"{figures['measured']:.2f}",
                f"{figures['simulated']:.2f}",
                sd,
                f"{figures['error']:+.0%}",
            )
        table.add_section()
    Console(width=None if Console().is_terminal else 100).print(table)


if __name__ == "__main__":
    main()
