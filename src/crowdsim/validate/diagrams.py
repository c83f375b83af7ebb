"""Speed and flow against density: in a wide corridor, in single file, in a short corridor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crowdsim.validate import flow_density as flow
from crowdsim.validate import pictures
from crowdsim.validate.case import Outcome, Trial
from crowdsim.validate.judging import falling, quantities, tell, verdict, within

DENSITIES_PER_M2 = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
SPEED_SLACK_M_S = 0.05
"""By so much the mean speed may rise from one density to the next: about the spread between seeds (our choice)."""

PEAK_FLOW_PER_M_S = (1.2, 2.3)
"""Range of the largest specific flow: Weidmann (1993) peaks at 1.22 /(m s), a laboratory gate carried 2.3 /(m s)."""


def flow_density(
    trial: Trial,
    peak: tuple[float, float] | None = PEAK_FLOW_PER_M_S,
    reference: tuple[str, Sequence[float], Sequence[float]] | None = None,
) -> Outcome:
    """Measure speed and flow against density in a corridor (RiMEA 4, IMO 12).

    Parameters
    ----------
    peak : allowed range of the largest specific flow [1/(m s)]; None for no bound.
    reference : name, densities and speeds of a curve to show; None for Weidmann's.
    """

    def measure(movement: str, seed: int) -> list[float]:
        points = [flow.corridor_point(movement, seed, density) for density in DENSITIES_PER_M2]
        rates = [p.density * p.speed for p in points]
        return [max(rates), *(p.speed for p in points), *(p.density for p in points)]

    names = [f"{what} at {d:g} /m2" for what in ("speed", "measured density") for d in DENSITIES_PER_M2]
    units = ["1/(m s)"] + ["m/s"] * len(DENSITIES_PER_M2) + ["1/m2"] * len(DENSITIES_PER_M2)
    rows = quantities(["largest specific flow", *names], units, trial.each(measure))
    top, speeds = rows[0], rows[1 : 1 + len(DENSITIES_PER_M2)]
    good = falling(speeds, SPEED_SLACK_M_S) and (peak is None or within(top, *peak))
    grid = np.linspace(0.3, 5.4, 60)
    known = pictures.Curve("Weidmann (1993)", grid.tolist(), flow.weidmann_speed(grid).tolist(), reference=True)
    if reference:
        known = pictures.Curve(*reference, reference=True)
    shown = [known, pictures.by_parameter(trial.movement, DENSITIES_PER_M2, speeds)]
    return Outcome(
        verdict(good),
        f"speed falls from {tell(speeds[0])} at 0.5 /m2 to {tell(speeds[-1])} at 6 /m2; "
        f"largest specific flow {tell(top)}",
        tuple(rows),
        pictures.curves(shown, "initial density [people/m²]", "mean speed [m/s]"),
        f"Mean speed against density, measured and after {known.label}.",
    )


LINE_DENSITIES_PER_M = (0.5, 1.0, 1.5, 2.0, 2.3)


def single_file(trial: Trial) -> Outcome:
    """Measure speed against line density, one behind the other (RiMEA 16)."""

    def measure(movement: str, seed: int) -> list[float]:
        return [flow.single_file_point(movement, seed, density).speed for density in LINE_DENSITIES_PER_M]

    names = [f"speed at {d:g} /m" for d in LINE_DENSITIES_PER_M]
    rows = quantities(names, "m/s", trial.each(measure))
    shown = [pictures.by_parameter(trial.movement, LINE_DENSITIES_PER_M, rows)]
    return Outcome(
        verdict(falling(rows, SPEED_SLACK_M_S)),
        f"speed falls from {tell(rows[0])} at 0.5 /m to {tell(rows[-1])} at 2.3 /m",
        tuple(rows),
        pictures.curves(shown, "line density [people/m]", "mean speed [m/s]"),
        "Mean speed against line density in single file.",
    )


OCCUPANTS = (60, 120, 240, 360, 480)
ZONED_AREA_M2 = 120.0


def zoned_corridor(trial: Trial) -> Outcome:
    """Measure the speed between 20 and 40 m of a corridor of 60 m at five densities (ISO 20414, 13)."""
    densities = [count / ZONED_AREA_M2 for count in OCCUPANTS]
    values = trial.each(lambda m, s: [flow.zoned_speed(m, s, count) for count in OCCUPANTS])
    rows = quantities([f"speed, {count} people" for count in OCCUPANTS], "m/s", values)
    rates = [d * row.mean if row.mean is not None else float("nan") for d, row in zip(densities, rows, strict=True)]
    peak = int(np.argmax(rates)) if np.isfinite(rates).all() else -1
    hump = 0 < peak < len(rates) - 1
    shown = [
        pictures.by_parameter("speed [m/s]", densities, rows),
        pictures.Curve("density x speed [people/(m s)]", densities, rates),
    ]
    where = f"density times speed is largest at {densities[peak]:g} /m2" if peak >= 0 else "no flow curve"
    return Outcome(
        verdict(falling(rows, SPEED_SLACK_M_S) and hump),
        f"speed falls from {tell(rows[0])} with 60 people to {tell(rows[-1])} with 480; {where}",
        tuple(rows),
        pictures.curves(shown, "initial density [people/m²]", ""),
        "Speed, and density times speed, against the initial density.",
    )
