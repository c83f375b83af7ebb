"""Pictures of the comparison; what was measured is drawn only if the files were given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.experiments import bidirectional, bottleneck, unidirectional
from benchmarks.experiments.comparison import Comparison
from benchmarks.experiments.observables import Series

DPI = 150
MEASURED, SIMULATED = "#26292e", "#3489bd"
EASTBOUND, WESTBOUND = "#1d4ed8", "#c2410c"
BAND_ALPHA, CLOUD_ALPHA = 0.25, 0.35
CLOUD_S = 2.0
"""Time over which density and speed are averaged for one point of a cloud."""


def draw(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw what the comparison holds into a folder; return the files."""
    figures = {}
    if any(run in comparison.simulated for run in unidirectional.RUNS):
        figures["fundamental_diagram.png"] = fundamental_diagram(comparison)
    if bottleneck.RUN in comparison.simulated:
        figures["gate_n_t.png"] = gate(comparison)
    if bidirectional.RUN in comparison.simulated:
        figures["bidirectional.png"] = lanes(comparison)
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=DPI)
    return [folder / name for name in figures]


def fundamental_diagram(comparison: Comparison) -> Figure:
    """Draw speed and specific flow over density: clouds of short means, and each run's mean with the seeds' spread."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for run in unidirectional.RUNS:
        if run in comparison.measured:
            cloud(left, comparison.measured[run].series, unidirectional.FRAME_RATE, MEASURED)
        cloud(left, comparison.simulated[run][0].series, unidirectional.FRAME_RATE, SIMULATED)
    for axes, quantity in ((left, "speed [m/s]"), (right, "specific flow [1/(m s)]")):
        found = {(f.run, f.quantity): f for f in comparison.figures if f.run in unidirectional.RUNS}
        for k, run in enumerate(unidirectional.RUNS):
            x, y = found[run, "density [1/m2]"], found[run, quantity]
            axes.plot(x.measured, y.measured, "s", color=MEASURED, ms=8, label="measured" if k == 0 else None)
            axes.errorbar(
                x.mean, y.mean, y.sd or 0, x.sd or 0, "o", color=SIMULATED, capsize=3,
                label="simulated, mean and sd of seeds" if k == 0 else None,
            )  # fmt: skip
            axes.plot([x.measured, x.mean], [y.measured, y.mean], ":", color=SIMULATED, lw=1)
            below = k % 2 == 0  # neighbours' names would lie on one another
            axes.annotate(
                run, (x.measured, y.measured), xytext=(0, -9 if below else 9), textcoords="offset points",
                fontsize=8, ha="center", va="top" if below else "bottom",
            )  # fmt: skip
        axes.margins(0.15)
        axes.set(xlabel="density [1/m²]", ylabel=quantity, xlim=(0, None), ylim=(0, None))
        axes.legend(frameon=False, fontsize=8)
    figure.suptitle(f"Corridor of 1.8 m, doi:{unidirectional.DOI}; dots: means over {CLOUD_S:g} s")
    return figure


def gate(comparison: Comparison) -> Figure:
    """Draw how many have passed the gate over time: the measured curve, and the seeds' median and range."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    times = [seed.times_s for seed in comparison.simulated[bottleneck.RUN]]
    fewest = min(time.size for time in times)
    together = np.array([time[:fewest] for time in times])
    n = np.arange(1, fewest + 1)
    axes.fill_betweenx(n, together.min(axis=0), together.max(axis=0), color=SIMULATED, alpha=BAND_ALPHA, lw=0)
    axes.plot(np.median(together, axis=0), n, color=SIMULATED, label="simulated, median and range of seeds")
    if bottleneck.RUN in comparison.measured:
        measured = comparison.measured[bottleneck.RUN].times_s
        axes.step(measured, np.arange(1, measured.size + 1), where="post", color=MEASURED, label="measured")
    axes.set(xlabel="time [s]", ylabel="people through the gate", xlim=(0, None), ylim=(0, None))
    axes.legend(frameon=False)
    figure.suptitle(f"Gate of 0.5 m, 75 people, doi:{bottleneck.DOI}")
    return figure


def lanes(comparison: Comparison) -> Figure:
    """Draw who walks where at one moment, and speed over density."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    parts = figure.subplot_mosaic([["measured", "diagram"], ["simulated", "diagram"]], width_ratios=(1.6, 1))
    sides = {
        "measured": comparison.measured.get(bidirectional.RUN),
        "simulated": comparison.simulated[bidirectional.RUN][0],
    }
    for name, side in sides.items():
        axes = parts[name]
        axes.set(title=f"{name}, {bidirectional.SNAPSHOT_S:g} s", xlim=(-5.6, 5.6), ylim=(-0.2, 4.2), aspect="equal")
        axes.hlines([0, bidirectional.CORRIDOR_M], -5, 5, color=MEASURED)
        if side is None:
            axes.text(0, 2, "no files given", ha="center", va="center")
            continue
        for eastbound, colour, marker in ((True, EASTBOUND, ">"), (False, WESTBOUND, "<")):
            people = side.snapshot[side.snapshot["eastbound"] == eastbound]
            axes.plot(people["x"], people["y"], marker, color=colour, ms=7)
        colour = MEASURED if name == "measured" else SIMULATED
        cloud(parts["diagram"], side.series, bidirectional.FRAME_RATE, colour, name)
    parts["diagram"].set(xlabel="density [1/m²]", ylabel="speed [m/s]", xlim=(0, None), ylim=(0, None))
    parts["diagram"].set_title(f"both ways; dots: means over {CLOUD_S:g} s")
    parts["diagram"].legend(frameon=False)
    figure.suptitle(f"Two streams in a corridor of 4 m, doi:{bidirectional.DOI} (probably)")
    return figure


def cloud(axes: Axes, series: Series, frame_rate: float, colour: str, label: str | None = None) -> None:
    """Draw speed over density, averaged over short times."""
    length = int(CLOUD_S * frame_rate)
    used = np.isfinite(series.speed_m_s)
    density, speed = series.density_per_m2[used], series.speed_m_s[used]
    count = density.size // length
    means = [values[: count * length].reshape(count, length).mean(axis=1) for values in (density, speed)]
    axes.plot(*means, ".", color=colour, alpha=CLOUD_ALPHA, mec="none", ms=7, label=label)
