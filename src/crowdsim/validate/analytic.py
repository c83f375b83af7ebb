"""Cases of our own whose right answer is known without any experiment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from crowdsim.validate import experiments as lab
from crowdsim.validate import meetings, pictures, stairs
from crowdsim.validate.case import Case, Outcome, Run, Suite, Trial
from crowdsim.validate.judging import falling, quantities, tell, verdict, within
from crowdsim.validate.measuring import planned_places, watch
from crowdsim.validate.venues import area, box, build, line, moved, step_of, turned

WALK_M = 40.0
SPEEDS_M_S = (0.5, 1.0, 1.34, 2.0)
FREE_TOLERANCE = 0.005
"""Of the nominal time: the last step of 0.05 s is a third of that at 2 m/s (our choice)."""


def free_walk(trial: Trial, tolerance: float = FREE_TOLERANCE) -> Outcome:
    """Hold a lone walker's time against distance over speed."""

    def measure(movement: str, seed: int) -> list[float]:
        return [lab.corridor_walk_s(movement, seed, v, WALK_M)[0] * v / WALK_M for v in SPEEDS_M_S]

    rows = quantities([f"time over nominal, {v:g} m/s" for v in SPEEDS_M_S], "", trial.each(measure))
    worst = max(abs((row.mean or 0.0) - 1) for row in rows)
    return Outcome(
        verdict(all(within(row, 1 - tolerance, 1 + tolerance) for row in rows)),
        f"walking times are within {worst:.2%} of distance over speed",
        tuple(rows),
        pictures.dots(rows, "time over distance / speed", 1 - tolerance, 1 + tolerance),
        "Measured over nominal walking times at four speeds.",
    )


HALL_M = (30.0, 20.0)
CROWD, DOOR_M = 300, 2.0
SAME_EGRESS = 0.02
"""Mean change of the egress time that passes for none (our choice; single runs differ by more)."""


CHAOTIC_SEEDS = 20
"""Runs where the smallest change makes another run of a crowd: single runs differ by 3 %, their mean by 1 %."""


def _hall(movement: str, seed: int, angle: float, shift: tuple[float, float], *, mirror: bool) -> float:
    """Return the egress time of a crowd from a symmetric hall, turned, shifted or mirrored as a whole [s]."""
    middle = HALL_M[1] / 2
    features = [
        area("hall", "walkable", box(0, 0, *HALL_M)),
        area("start", "zone", box(0, 0, *HALL_M)),
        line("out", "exit", (HALL_M[0], middle - DOOR_M / 2), (HALL_M[0], middle + DOOR_M / 2)),
    ]
    plain = build(movement, features, lab.one_group(CROWD), seed, lab.LIMIT_S)
    here = planned_places(plain)
    if mirror:
        here = np.column_stack([here[:, 0], HALL_M[1] - here[:, 1]])
    places = np.array([turned((x, y), angle, shift) for x, y in here])
    scene = build(movement, moved(features, angle, shift), lab.one_group(CROWD), seed, lab.LIMIT_S)
    return watch(scene, every_s=5.0, places=places).egress_s


def _change(trial: Trial, angle: float, shift: tuple[float, float], *, mirror: bool, tolerance: float) -> Outcome:
    def measure(movement: str, seed: int) -> list[float]:
        before = _hall(movement, seed, 0.0, (0.0, 0.0), mirror=False)
        after = _hall(movement, seed, angle, shift, mirror=mirror)
        return [after / before - 1, before, after]

    names = ["relative change of the egress time", "egress time before", "egress time after"]
    rows = quantities(names, ["", "s", "s"], trial.each(measure))
    return Outcome(
        verdict(within(rows[0], -tolerance, tolerance)),
        f"the egress time changed by {tell(rows[0])} (as a share), from {tell(rows[1])} to {tell(rows[2])}",
        tuple(rows),
        pictures.dots([rows[0]], "relative change of the egress time", -tolerance, tolerance),
        "The relative change of the egress time beside the allowed range.",
    )


def mirrored(trial: Trial, tolerance: float = SAME_EGRESS) -> Outcome:
    """Start everyone at the mirrored place in a symmetric hall."""
    return _change(trial, 0.0, (0.0, 0.0), mirror=True, tolerance=tolerance)


ANGLE, SHIFT_M = math.radians(30.0), (10_000.0, -10_000.0)


def turned_and_moved(trial: Trial, tolerance: float = SAME_EGRESS) -> Outcome:
    """Turn a venue with its people by 30 degrees and move it by 10 km in x and in y."""
    return _change(trial, ANGLE, SHIFT_M, mirror=False, tolerance=tolerance)


SAME_FOR_STEPS = 0.03
"""Mean change of the egress time with half and a quarter of the step (our choice)."""


def step_size(trial: Trial, tolerance: float = SAME_FOR_STEPS) -> Outcome:
    """Empty a hall of a thousand people by four doors at the step, half of it, and a quarter."""
    start = box(lab.MARGIN_M, lab.MARGIN_M, HALL_M[0] - lab.MARGIN_M, HALL_M[1] - lab.MARGIN_M)
    shares = (1.0, 0.5, 0.25)

    def measure(movement: str, seed: int) -> list[float]:
        step = step_of(movement)
        times = [
            lab.hall(
                movement,
                seed,
                HALL_M,
                start,
                lab.HALL_PEOPLE,
                lab.WIDE_DOORS,
                movement_settings={"step_s": step * share},
            ).egress_s
            for share in shares
        ]
        return [times[1] / times[0] - 1, times[2] / times[0] - 1, *times]

    names = ["change with half the step", "change with a quarter", *(f"last out, step x {share:g}" for share in shares)]
    rows = quantities(names, ["", "", "s", "s", "s"], trial.each(measure))
    return Outcome(
        verdict(all(within(row, -tolerance, tolerance) for row in rows[:2])),
        f"the egress time changes by {tell(rows[0])} with half the step and by {tell(rows[1])} with a quarter "
        "(as shares)",
        tuple(rows),
        pictures.dots(rows[:2], "relative change of the egress time", -tolerance, tolerance),
        "The relative changes of the egress time with smaller steps beside the allowed range.",
    )


def walls_and_people(trial: Trial) -> Outcome:
    """Put a dense crowd among thin walls, sharp wedges and a narrow exit: nobody in a wall, nobody lost."""
    features = [
        area("room", "walkable", box(0, 0, 10, 8)),
        area("partition", "obstacle", box(6, 1.2, 6.03, 8)),
        area("wedge", "obstacle", [(7, 3), (9, 4), (7, 3.4)]),
        area("start", "zone", box(0, 0, 5.9, 8)),
        line("out", "exit", (10, 6.8), (10, 7.8)),
    ]
    count = 160

    def measure(movement: str, seed: int) -> list[float]:
        track = watch(build(movement, features, lab.one_group(count), seed, lab.LIMIT_S), every_s=0.1)
        return [track.outside(), count - np.isfinite(track.exit_s).sum(), 0.0 if track.conserved else 1.0]

    names = ["positions in walls", "people who did not get out", "runs in which people were lost"]
    rows = quantities(names, "", trial.each(measure))
    return Outcome(
        verdict(all(within(row, high=0) for row in rows)),
        f"{tell(rows[0])} sampled positions in walls, {tell(rows[1])} of {count} people did not get out, "
        "entered = exited + inside at every sample" + ("" if within(rows[2], high=0) else " did not hold"),
        tuple(rows),
        pictures.paths(
            watch(build(trial.movement, features, lab.one_group(count), trial.seeds[0], lab.LIMIT_S), every_s=0.5),
            [box(0, 0, 10, 8), box(6, 1.2, 6.03, 8), [(7, 3), (9, 4), (7, 3.4)]],
        ),
        "The paths of 160 people round a thin wall and a wedge to a narrow exit.",
    )


def narrower_is_slower(trial: Trial) -> Outcome:
    """Check that the wider the door, the sooner a crowd is out."""
    widths = (0.8, 1.2, 2.0, 4.0)

    def measure(movement: str, seed: int) -> list[float]:
        middle = HALL_M[1] / 2
        return [
            lab.hall(
                movement, seed, HALL_M, box(0, 0, *HALL_M), CROWD,
                {"out": ((HALL_M[0], middle - width / 2), (HALL_M[0], middle + width / 2))},
            ).egress_s
            for width in widths
        ]  # fmt: skip

    rows = quantities([f"last one out, door {width:g} m" for width in widths], "s", trial.each(measure))
    return Outcome(
        verdict(falling(rows)),
        f"last one out after {tell(rows[0])} by a door of 0.8 m, {tell(rows[-1])} by one of 4 m",
        tuple(rows),
        pictures.curves([pictures.by_parameter(trial.movement, widths, rows)], "door [m]", "last one out [s]"),
        "Egress time against the width of the door.",
    )


SOURCE = Suite("Analytic", "1", "crowdsim's own:")


def _case(name: str, title: str, criterion: str, tolerance: str, run: Run, **settings: Any) -> Case:
    ours = {"criterion_binary": True, "tolerance": tolerance, "tolerance_origin": "ours", "run": run}
    return SOURCE.case(name, title, criterion, **ours, **settings)


CASES = (
    _case(
        "free-walk",
        "A lone walker",
        "A lone person needs distance over speed.",
        "0.5 % at 0.5, 1, 1.34 and 2 m/s",
        free_walk,
        stochastic=False,
    ),
    _case(
        "head-on",
        "Two people meet",
        "Two equal people who walk towards each other pass without overlap, each the other's image.",
        "centres never closer than 75 % of the bodies' width (turned shoulders); image paths within 2 cm; at most "
        "twice the free walk's time",
        meetings.head_on,
        stochastic=False,
    ),
    _case(
        "crossing",
        "Two people cross",
        "Two equal people who cross at a right angle at the same time pass without overlap. One lets the other go "
        "first: paths that are images of each other would meet in one point.",
        "centres never closer than 75 % of the bodies' width (turned shoulders); at most twice the free walk's time",
        meetings.crossing,
        stochastic=False,
    ),
    _case(
        "mirror",
        "A mirrored crowd",
        "Mirroring everyone's place in a symmetric hall does not change how long it takes.",
        "mean change of the egress time within 2 %",
        mirrored,
        usual_seeds=CHAOTIC_SEEDS,
    ),
    _case(
        "frame",
        "A turned and moved venue",
        "Turning a venue by 30 degrees and moving it by 10 km does not change how long it takes.",
        "mean change of the egress time within 2 %",
        turned_and_moved,
        usual_seeds=CHAOTIC_SEEDS,
    ),
    _case(
        "step-size",
        "Smaller steps",
        "Halving and quartering the step does not change how long a thousand people take.",
        "mean change of the egress time within 3 %",
        step_size,
    ),
    _case(
        "walls",
        "Walls hold, nobody is lost",
        "Nobody is ever in a wall; everyone who entered has left or is inside.",
        "not one",
        walls_and_people,
    ),
    _case(
        "door-width",
        "Wider doors are faster",
        "The wider the door, the sooner a crowd is out.",
        "mean egress time falls from 0.8 over 1.2 and 2 to 4 m",
        narrower_is_slower,
    ),
    _case(
        "stair-as-corridor",
        "A stair and a corridor",
        "A stair on which people are as fast as on the level carries what a corridor of its width and length does.",
        "mean ratio of the flows within 5 %, up and down",
        stairs.as_a_corridor,
    ),
)
