"""How the time of an attendee-step grows with the crowd: `crowdsim bench` over sizes and threads, with a picture.

    python -m benchmarks.scaling --max 1000000 --out scaling

Writes `scaling.json` (a list of what `crowdsim bench --json` prints) after each measurement, so that nothing is lost
when it is interrupted, and `scaling.png`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from crowdsim.bench.cases import CASES
from crowdsim.bench.runs import measure_alone
from crowdsim.bench.workload import Workload
from crowdsim.config.paths import options
from crowdsim.errors import SimulationError
from crowdsim.report.style import DPI, FAINT, INK, SMALL_PT, TEXT_PT, TITLE_PT

SIZES = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000]

AGENT_STEPS = 5_000_000
FEWEST_STEPS, MOST_STEPS = 20, 100
"""Steps timed: about as many as make `AGENT_STEPS`, between these; in more, a small room would empty."""

COLOURS = {"open": "#4477aa", "bottleneck": "#c2410c", "city": "#117744"}
STYLES = {1: "-", 2: "--", 4: "-.", 8: ":"}
MARKERS = {1: "o", 2: "s", 4: "^", 8: "D"}


def main() -> int:
    arguments = read_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for row in measure_all(arguments):
        rows.append(row)
        (arguments.out / "scaling.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        speed = row.get("error") or f"{row['ns_per_agent_step']:,.0f} ns an attendee-step"
        print(f"{row['case']:10} {row['n']:>9,} attendees  threads={row['threads']}  {speed}", flush=True)
    measured = [row for row in rows if "error" not in row]
    if measured:
        draw(measured).savefig(arguments.out / "scaling.png", dpi=DPI)
    return 0 if measured else 1


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--max", type=int, default=100_000, help="the largest crowd (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("scaling"), help="the folder to write (default %(default)s)")
    parser.add_argument(
        "--cases", nargs="+", choices=list(CASES), default=["open", "bottleneck"], help="default: %(default)s"
    )
    parser.add_argument("--movement", choices=options("movement"), default="collision_free_speed")
    parser.add_argument("--threads", nargs="+", type=int, choices=list(STYLES), default=[1, 2])
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each (default %(default)s)")
    arguments = parser.parse_args()
    if arguments.max < SIZES[0] or arguments.repeats < 1:
        parser.error(f"--max must be at least {SIZES[0]}, --repeats at least 1")
    return arguments


def measure_all(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a result for each case, size and number of threads; one that fails says why."""
    sizes = [n for n in SIZES if n <= arguments.max]
    for case, n, threads in product(arguments.cases, sizes, arguments.threads):
        steps = min(max(AGENT_STEPS // n, FEWEST_STEPS), MOST_STEPS)
        work = Workload(case, n, arguments.movement, steps, threads)
        try:
            yield measure_alone(work, arguments.repeats, lambda *_: None)
        except SimulationError as error:  # out of memory, most likely: smaller ones are still worth having
            yield {"case": case, "n": n, "threads": threads, "error": str(error)}


def draw(rows: list[dict[str, Any]]) -> Figure:
    """Return a picture: a line a case and number of threads, with the range over the repeats."""
    figure = Figure(figsize=(8.0, 5.0), layout="constrained")
    axes = figure.subplots()
    for case, threads in sorted({(row["case"], row["threads"]) for row in rows}):
        draw_line(axes, [row for row in rows if (row["case"], row["threads"]) == (case, threads)], case, threads)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(10))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("attendees", fontsize=TEXT_PT)
    axes.set_ylabel("nanoseconds per attendee and step", fontsize=TEXT_PT)
    axes.set_title("Time of an attendee-step", fontsize=TITLE_PT, loc="left", color=INK, pad=26)
    first = rows[0]
    under = f"{first['movement']}, steps of {first['dt_s']:g} s, whole model step; median and range of the repeats"
    axes.text(0, 1.03, under, transform=axes.transAxes, fontsize=SMALL_PT, color=INK)
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    cases = len({row["case"] for row in rows})
    figure.legend(loc="outside lower center", frameon=False, fontsize=SMALL_PT, ncols=cases, handlelength=3.5)
    return figure


def draw_line(axes: Axes, rows: list[dict[str, Any]], case: str, threads: int) -> None:
    """Draw one case with one number of threads."""
    values = [row["ns_per_agent_step"] for row in rows]
    each = [[1e9 * row[key] / row["agent_steps"] for row in rows] for key in ("wall_s_min", "wall_s_max")]
    below = [value - low for value, low in zip(values, each[0], strict=True)]
    above = [high - value for value, high in zip(values, each[1], strict=True)]
    axes.errorbar(
        [row["n"] for row in rows],
        values,
        yerr=[below, above],
        color=COLOURS[case],
        linestyle=STYLES[threads],
        marker=MARKERS[threads],
        markersize=5,
        markerfacecolor="white" if threads > 1 else COLOURS[case],
        capsize=3,
        label=f"{case}, {threads} thread{'s' if threads > 1 else ''}",
    )


if __name__ == "__main__":
    sys.exit(main())
