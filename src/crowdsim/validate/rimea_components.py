"""RiMEA 4.1.1, components and functions: walking, delays, corners, speeds, assigned exits."""

from __future__ import annotations

import numpy as np

from crowdsim.validate import cabins, pictures
from crowdsim.validate import experiments as lab
from crowdsim.validate.case import Departure, Outcome, Quantity, Trial
from crowdsim.validate.judging import KS_LEVEL, fit, quantities, tell, verdict, within
from crowdsim.validate.measuring import Float64
from crowdsim.validate.venues import between

WALK_M, WALK_M_S = 40.0, 1.33


def corridor(
    trial: Trial, speed_m_s: float = WALK_M_S, shortest_s: float = 26.0, longest_s: float = 34.0, note: str = ""
) -> Outcome:
    """Walk one person 40 m (RiMEA 1; IMO 1 and NIST 2.1 with other speeds and bounds)."""
    (times,) = trial.each(lambda movement, seed: lab.corridor_walk_s(movement, seed, speed_m_s)[0])
    time = Quantity("walking time", "s", times)
    return Outcome(
        verdict(within(time, shortest_s, longest_s)),
        f"40 m at {speed_m_s:g} m/s took {tell(time)} (nominally {WALK_M / speed_m_s:.2f} s){note}",
        (time,),
        pictures.dots([time], "walking time [s]", shortest_s, longest_s),
        f"The measured walking time beside the allowed range of {shortest_s:g} to {longest_s:g} s.",
    )


NOT_IN_THE_DOOR = Departure(
    "waiting", "anywhere in the room", "not within 2 m of the door, where they would stop others"
)

LATE_S = 0.5
"""Tolerance of others for the moment at which someone sets off [s]."""


def late_starts(trial: Trial, tolerance_s: float = LATE_S) -> Outcome:
    """Let ten people set off at their own times (RiMEA 5, IMO 5)."""

    def measure(movement: str, seed: int) -> tuple[float, float, float]:
        due, seen = lab.late_starts_s(movement, seed)
        return float(np.abs(seen - due).max()), float(due.min()), float(due.max())

    rows = quantities(["largest difference", "first to set off", "last to set off"], "s", trial.each(measure))
    due, seen = lab.late_starts_s(trial.movement, trial.seeds[0])
    order = np.argsort(due)
    people = list(range(1, due.size + 1))
    shown = [
        pictures.Curve("pre-movement time drawn", people, due[order].tolist(), reference=True),
        pictures.Curve("seen to set off", people, seen[order].tolist()),
    ]
    return Outcome(
        verdict(within(rows[0], high=tolerance_s)),
        f"everyone was seen to set off at the own time, to within {tell(rows[0])}",
        tuple(rows),
        pictures.curves(shown, "person, in order", "time [s]"),
        "For each of ten people, the pre-movement time drawn and the moment the person was seen to set off.",
    )


def corner(trial: Trial, allowed: int = 0) -> Outcome:
    """Walk twenty people round a corner (RiMEA 6, IMO 6, NIST 2.3)."""

    def measure(movement: str, seed: int) -> tuple[float, float, float]:
        track = lab.corner(movement, seed)
        return track.outside(), track.egress_s, float(np.isfinite(track.exit_s).sum())

    names = ["positions in walls", "last one out", "people out"]
    rows = quantities(names, ["", "s", ""], trial.each(measure))
    out = within(rows[2], low=lab.CORNER_PEOPLE)
    return Outcome(
        verdict(within(rows[0], high=allowed) and out),
        f"{tell(rows[0])} of all sampled positions in walls; {tell(rows[2])} of {lab.CORNER_PEOPLE} people out",
        tuple(rows),
        pictures.paths(lab.corner(trial.movement, trial.seeds[0]), [lab.CORNER_RING], [FORBIDDEN]),
        "The paths of twenty people round the corner; the forbidden inside of the corner is shaded.",
    )


FORBIDDEN = [(0.0, 2.0), (10.0, 2.0), (10.0, 12.0), (0.0, 12.0)]

ENOUGH = 50
"""People of each kind, as the standard has it."""


def uniform_fit(sample: Float64, low: float, high: float) -> float:
    """Return the p-value that a sample comes from an even distribution between two bounds."""
    return fit(sample, lambda v: np.clip((v - low) / (high - low), 0, 1))


def speeds(trial: Trial, kinds: dict[str, tuple[float, float]], rounding: float = 0.01) -> Outcome:
    """Walk people of several kinds 40 m alone; hold their speeds against the kinds' bounds.

    Parameters
    ----------
    kinds : lowest and highest speed of each kind [m/s].
    rounding : relative margin of the bounds: the walking time is known to a step only.
    """
    drawn = {name: between(*bounds) for name, bounds in kinds.items()}
    samples: dict[int, dict[str, Float64]] = {}

    def measure(movement: str, seed: int) -> list[float]:
        samples[seed] = lab.walked_speeds(movement, seed, drawn, ENOUGH)
        outside = sum(
            int(((v < kinds[k][0] * (1 - rounding)) | (v > kinds[k][1] * (1 + rounding))).sum())
            for k, v in samples[seed].items()
        )
        return [outside, *(uniform_fit(v, *kinds[k]) for k, v in samples[seed].items())]

    names = ["people outside the bounds", *(f"p, {name}" for name in kinds)]
    rows = quantities(names, "", trial.each(measure))
    fits = all(within(row, low=KS_LEVEL) for row in rows[1:])
    lowest = min((row.mean or 0.0) for row in rows[1:])
    return Outcome(
        verdict(within(rows[0], high=0) and fits),
        f"{tell(rows[0])} of {ENOUGH * len(kinds)} people walked outside their bounds; "
        f"lowest mean p of the Kolmogorov-Smirnov tests {lowest:.2f}",
        tuple(rows),
        pictures.distribution(samples[trial.seeds[0]], "walking speed [m/s]", kinds),
        "The distribution of walking speeds of each kind of people, with its bounds as dotted lines.",
    )


BY_AGE = {"up_to_30": (0.58, 1.61), "from_30_to_50": (1.41, 1.54), "over_50": (0.68, 1.41), "impaired": (0.46, 0.76)}
"""Bounds of the speeds by age [m/s] in RiMEA's figure, after Weidmann (1993)."""


def assigned_exits(trial: Trial) -> Outcome:
    """Let people leave their cabins by the exits assigned to them (RiMEA 10, IMO 10)."""

    def measure(movement: str, seed: int) -> tuple[float, float]:
        track, assigned = cabins.cabins(movement, seed)
        return sum(a != b for a, b in zip(track.exits, assigned, strict=True)), track.egress_s

    rows = quantities(["people at another exit", "last one out"], ["", "s"], trial.each(measure))
    track, _ = cabins.cabins(trial.movement, trial.seeds[0])
    return Outcome(
        verdict(within(rows[0], high=0)),
        f"{tell(rows[0])} of {sum(cabins.CABIN_PEOPLE)} people left by another exit than theirs",
        tuple(rows),
        pictures.paths(track, cabins.cabin_walls()),
        "The paths of 23 people from 12 cabins along the corridor to the two exits.",
    )


SAME_BODIES = Departure("bodies and speeds", "the standard adult population of the source", "the standard adult here")
EVEN_SPEEDS = Departure(
    "distribution of speeds", "read off a figure by age", "even between the lowest and the highest speed of each group"
)
LAYOUT = Departure(
    "layout",
    "a figure; read second-hand",
    "twelve cabins of 3 x 5 m on both sides of a corridor 1 m wide, the passage to the main exit (1.2 m) between "
    "cabins 8 and 9; the second exit at the corridor's end",
)
