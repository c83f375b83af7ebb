"""Cases in which a crowd jams: flow against density, doors, bottlenecks, corners."""

from __future__ import annotations

import numpy as np

from crowdsim.validate import experiments as lab
from crowdsim.validate import pictures
from crowdsim.validate.case import Outcome, Trial
from crowdsim.validate.judging import quantities, rising, tell, verdict, within
from crowdsim.validate.measuring import steady_rate
from crowdsim.validate.venues import box

ABOUT_TWICE = (1.6, 2.4)
"""JuPedSim's bounds for RiMEA 9: the standard says "about"."""


def half_the_doors(trial: Trial, size: tuple[float, float], ratio: tuple[float, float] = ABOUT_TWICE) -> Outcome:
    """Let a thousand people leave by four doors, then by two (RiMEA 9, IMO 9)."""
    four, two = trial.each(lambda movement, seed: lab.half_the_doors_s(movement, seed, size))
    rows = quantities(
        ["two doors over four", "last out, four doors", "last out, two doors"],
        ["", "s", "s"],
        [np.divide(two, four).tolist(), four, two],
    )
    return Outcome(
        verdict(within(rows[0], *ratio)),
        f"two doors take {tell(rows[0])} times as long as four: {tell(rows[2])} and {tell(rows[1])}",
        tuple(rows),
        pictures.dots([rows[0]], "time with two doors over time with four", *ratio),
        f"The ratio of the times with two and with four doors, beside the allowed range {ratio[0]:g} to {ratio[1]:g}.",
    )


NEAR_EXIT, FAR_EXIT = ((21.0, 0.0), (22.0, 0.0)), ((27.0, 0.0), (28.0, 0.0))


def exit_choice(trial: Trial) -> Outcome:
    """Let a dense crowd choose between a nearer and a farther exit (RiMEA 11)."""
    exits = {"near": NEAR_EXIT, "far": FAR_EXIT}

    def measure(movement: str, seed: int) -> tuple[float, float, float]:
        start = box(2, 0, 15, 20)
        track = lab.hall(movement, seed, lab.WIDE_HALL, start, lab.HALL_PEOPLE, exits)
        return track.exits.count("near"), track.exits.count("far"), track.egress_s

    names = ["people at the nearer exit", "people at the farther exit", "last one out"]
    rows = quantities(names, ["", "", "s"], trial.each(measure))
    near, far = rows[0].mean or 0.0, rows[1].mean or 0.0
    return Outcome(
        verdict(near > far > 0),
        f"{tell(rows[0])} people took the nearer exit, {tell(rows[1])} the farther",
        tuple(rows),
        pictures.dots(rows[:2], "people"),
        "How many people took the nearer and the farther exit.",
    )


DEEP_M, HALL_WIDTH_M, ALONG_OUTER_M, ALONG_INNER_M = 6.0, 20.0, 75.4, 44.0
CORNER_PEOPLE = 500


def large_corner(trial: Trial) -> Outcome:
    """Turn a wide crowd round a corner: longer than along the inner wall, shorter than along the outer (RiMEA 15)."""

    def measure(movement: str, seed: int) -> list[float]:
        start = box(0, 0, DEEP_M, HALL_WIDTH_M)
        times = []
        for length in (ALONG_INNER_M, ALONG_OUTER_M):
            size = (DEEP_M + length, HALL_WIDTH_M)
            end = {"out": ((size[0], 0.0), (size[0], HALL_WIDTH_M))}
            times.append(lab.hall(movement, seed, size, start, CORNER_PEOPLE, end).egress_s)
        return [times[0], lab.turn(movement, seed, CORNER_PEOPLE).egress_s, times[1]]

    rows = quantities(["short straight way", "round the corner", "long straight way"], "s", trial.each(measure))
    return Outcome(
        verdict(rising(rows)),
        f"last one out after {tell(rows[0])} on the short way, {tell(rows[1])} round the corner, "
        f"{tell(rows[2])} on the long way",
        tuple(rows),
        pictures.dots(rows, "last one out [s]"),
        "Egress times on a short straight way, round a corner, and on a long straight way.",
    )


AGAINST = (0, 10, 50, 100)


def counterflow(trial: Trial) -> Outcome:
    """Walk a hundred people through a corridor against 0, 10, 50 and 100 others (IMO 8, NIST 2.8)."""
    values = trial.each(lambda m, s: [lab.counterflow_s(m, s, n) for n in AGAINST])
    rows = quantities([f"last one through, against {n}" for n in AGAINST], "s", values)
    stuck = [n for n, row in zip(AGAINST, rows, strict=True) if row.mean is None]
    note = f"last one through after {tell(rows[0])} without counterflow"
    if stuck:
        note += f"; within {lab.COUNTERFLOW_LIMIT_S:g} s not everyone got through against {', '.join(map(str, stuck))}"
    else:
        note += f", {tell(rows[-1])} against 100"
    return Outcome(
        verdict(not stuck and rising(rows)),
        note,
        tuple(rows),
        pictures.dots(rows, "last one through [s]"),
        "When the last of 100 people got through, against 0, 10, 50 and 100 others.",
    )


CODE_FLOW_PER_M_S = 1.33
"""IMO MSC.1/Circ.1533: the most that a door may carry on the average."""


def door_flow(trial: Trial, most_per_m_s: float = CODE_FLOW_PER_M_S) -> Outcome:
    """Measure the mean flow of a hundred people who leave a room by a door of 1 m (IMO 4, NIST 5.2)."""
    count = 100

    def measure(movement: str, seed: int) -> tuple[float, float, float]:
        track = lab.room(movement, seed, count)
        return count / track.egress_s, steady_rate(track.exit_s), track.egress_s

    names = ["mean flow", "flow between the 20th and the 80th", "last one out"]
    rows = quantities(names, ["1/s", "1/s", "s"], trial.each(measure))
    return Outcome(
        verdict(within(rows[0], high=most_per_m_s)),
        f"100 people left a 1 m door at {tell(rows[0])} on the average, {tell(rows[1])} in between",
        tuple(rows),
        pictures.dots(rows[:2], "flow through 1 m [people/s]", high=most_per_m_s),
        f"The flows through the door beside the highest allowed, {most_per_m_s:g} people a second.",
    )
