"""Cases on stairs: speeds, flows and jams."""

from __future__ import annotations

import math

from crowdsim.validate import flights, pictures
from crowdsim.validate.case import Departure, Outcome, Trial
from crowdsim.validate.judging import quantities, rising, tell, verdict, within
from crowdsim.validate.measuring import steady_rate
from crowdsim.validate.venues import exactly, profile

SLOPED = Departure(
    "slope", "not stated", "that of steps of 178 by 279 mm; speeds and lengths along the slope, flows in the plan"
)
SPEED_SHARE = 0.05
"""By so much a walker's speed may be off: JuPedSim's bound for RiMEA 2 and 3, and a port's for NIST 2.2."""


def walking(trial: Trial, length_m: float, *, up: bool, speed_m_s: float | None = None) -> Outcome:
    """Walk one person over a stair at the set speed (RiMEA 2 and 3, IMO 2 and 3)."""
    values = trial.each(lambda m, s: flights.walked_m_s(m, s, length_m, up=up, speed_m_s=speed_m_s))
    seen, due = quantities(["speed along the slope", "speed that is set"], "m/s", values)
    low, high = ((due.mean or math.nan) * (1 + side * SPEED_SHARE) for side in (-1, 1))
    return Outcome(
        verdict(within(seen, low, high)),
        f"{length_m:g} m {'up' if up else 'down'} at {tell(seen)}, {tell(due)} being set",
        (seen, due),
        pictures.dots([seen], "speed along the slope [m/s]", low, high),
        f"The measured speed beside the set one, with {SPEED_SHARE:.0%} either way.",
    )


def both_ways(trial: Trial, length_m: float = 100.0, speed_m_s: float = 1.0) -> Outcome:
    """Walk one person up and down a long stair at the same set speed (NIST 2.2)."""

    def measure(movement: str, seed: int) -> list[float]:
        return [flights.walked_m_s(movement, seed, length_m, up=up, speed_m_s=speed_m_s)[0] for up in (True, False)]

    rows = quantities(["speed up", "speed down"], "m/s", trial.each(measure))
    low, high = speed_m_s * (1 - SPEED_SHARE), speed_m_s * (1 + SPEED_SHARE)
    return Outcome(
        verdict(all(within(row, low, high) for row in rows)),
        f"{length_m:g} m at {tell(rows[0])} up and {tell(rows[1])} down, {speed_m_s:g} m/s being set",
        tuple(rows),
        pictures.dots(rows, "speed along the slope [m/s]", low, high),
        "The speeds up and down beside the allowed range.",
    )


SHARES = (0.3, 0.455, 0.518, 0.8)
"""Of the speed on the level: a slow climber's, Weidmann's up and down, and nearly none lost."""

SHARE_OFF = 0.01
"""By so much the share walked may be off: a step's way at either end of the stair (our choice)."""


def by_factor(trial: Trial) -> Outcome:
    """Hold the speed on stairs, as a share of that on the level, against the one that is set (ISO 3)."""

    def measure(movement: str, seed: int) -> list[float]:
        found = []
        for share in SHARES:
            person = profile(exactly(1.34)) | {"stairs_up": share, "stairs_down": share}
            track = flights.over_a_stair(
                movement, seed, up=True, run_m=10.0, width_m=2.0, count=1, room=(3.0, 2.0), person=person, every_s=0.05
            )
            found.append(10.0 / float(track.crossing_s(13.0)[0] - track.crossing_s(3.0)[0]) / 1.34)
        return found

    rows = quantities([f"share walked, {share:g} set" for share in SHARES], "", trial.each(measure))
    off = [abs((row.mean or math.nan) / share - 1.0) for row, share in zip(rows, SHARES, strict=True)]
    return Outcome(
        verdict(max(off) <= SHARE_OFF),
        f"shares of the speed on the level are walked as set, to within {max(off):.2%}",
        tuple(rows),
        pictures.curves(
            [
                pictures.Curve("set", SHARES, SHARES, reference=True),
                pictures.Curve("walked", SHARES, [row.mean or math.nan for row in rows]),
            ],
            "share that is set",
            "share that is walked",
        ),
        "The share of the level's speed that is walked on a stair against the one that is set.",
    )


MIDDLE_M = 1.0
"""So much of a stair is left out at either end: people there adapt to the other speed (our choice)."""


def down_and_up(trial: Trial) -> Outcome:
    """Walk a crowd over a stair down and up (RiMEA 13)."""
    begin, end = flights.ROOM_STAIR_M

    def measure(movement: str, seed: int) -> list[float]:
        found: list[float] = []
        for up in (False, True):
            track = flights.room_stair(movement, seed, up=up)
            found += [*flights.on_the_stair(track, begin + MIDDLE_M, end - MIDDLE_M, 2.0)]
            found.append(steady_rate(track.crossing_s(end)) / 2.0)
        return found

    each = [f"{what}, {way}" for way in ("down", "up") for what in ("speed", "density", "specific flow")]
    rows = quantities(each, ["m/s", "1/m2", "1/(m s)"] * 2, trial.each(measure))
    down, up = rows[0].mean, rows[3].mean
    return Outcome(
        verdict(down is not None and up is not None and down > up),
        f"down at {tell(rows[0])} and {tell(rows[1])}, up at {tell(rows[3])} and {tell(rows[4])}; specific flows "
        f"{tell(rows[2])} and {tell(rows[5])}",
        tuple(rows),
        pictures.dots([rows[0], rows[3]], "speed on the stair, in the plan [m/s]"),
        "Mean speeds of a crowd down and up the same stair.",
    )


SLOWER_PER_S = 0.05
"""By so much a stair has to carry less than the corridor before it: JuPedSim's rule for RiMEA 3.0."""

BEFORE_THE_JAM = 1 / 3
"""The flow into the corridor is that of the first third: after it the jam at the stair reaches back (our choice)."""


def carries_less(trial: Trial) -> Outcome:
    """Compare the flow up a stair with that into the corridor before it (RiMEA 13 up to edition 3.0)."""

    def measure(movement: str, seed: int) -> tuple[float, float]:
        track = flights.room_corridor_stair(movement, seed)
        into = steady_rate(track.crossing_s(flights.CORRIDOR_AT_M), 0.0, BEFORE_THE_JAM)
        return into, steady_rate(track.crossing_s(flights.STAIR_END_M))

    rows = quantities(["flow into the corridor", "flow up the stair"], "1/s", trial.each(measure))
    into, over = rows[0].mean, rows[1].mean
    return Outcome(
        verdict(into is not None and over is not None and over < into - SLOWER_PER_S),
        f"the corridor takes {tell(rows[0])} until people jam, the stair {tell(rows[1])}",
        tuple(rows),
        pictures.dots(rows, "flow [people/s]"),
        "The flow into a corridor, and up the stair of the same width at its end.",
    )


QUEUE_PER_M2 = 1.9
"""Where the circular's own table for corridors (Annex 2, Appendix 1) has its largest flow: beyond it people queue."""

CONGESTED_PER_M2 = 3.5
"""The circular's measure of congestion (Annex 2)."""

AHEAD_M, ACROSS_M, WINDOW = 2.0, 2.0, 20
"""Density is counted on 2 x 2 m before the narrowing, over twenty samples, 10 s."""

QUEUES = Departure(
    "measure of a queue",
    "3.5 /m2 is congestion (the circular's Annex 2)",
    "above 1.9 /m2, where the circular's table of corridors has its largest flow. By the same table the queue before a "
    "stair of the corridor's width that takes 0.88 /(m s) has 2.7 /m2; the note says how dense it is here",
)


def jams(trial: Trial, dense_per_m2: float = QUEUE_PER_M2) -> Outcome:
    """Watch a crowd jam at the entry of a corridor, then at the foot of a stair (IMO 11, NIST 5.1)."""

    def measure(movement: str, seed: int) -> list[float]:
        track = flights.room_corridor_stair(movement, seed)
        low = (5.0 - ACROSS_M) / 2
        found = []
        for at in (flights.CORRIDOR_AT_M, flights.STAIR_AT_M):
            counts = track.counted_in(at - AHEAD_M, low, at, low + ACROSS_M)
            found.append(flights.largest_mean(counts, AHEAD_M * ACROSS_M, WINDOW))
        return [*found, track.egress_s]

    names = ["density before the corridor", "density before the stair", "last one out"]
    rows = quantities(names, ["1/m2", "1/m2", "s"], trial.each(measure))
    reached = [within(row, low=CONGESTED_PER_M2) for row in rows[:2]]
    where = {2: "at both", 1: f"{'before the corridor' if reached[0] else 'before the stair'} only", 0: "at neither"}
    return Outcome(
        verdict(all(within(row, low=dense_per_m2) for row in rows[:2])),
        f"largest mean density over 10 s: {tell(rows[0])} before the corridor, {tell(rows[1])} before the stair; "
        f"{CONGESTED_PER_M2:g} /m2 is reached {where[sum(reached)]}",
        tuple(rows),
        pictures.dots(rows[:2], "density [people/m²]", low=dense_per_m2),
        f"The densities before the corridor and before the stair, and the bound {dense_per_m2:g}.",
    )


WIDTHS_M = (1.0, 1.2, 1.4, 1.6, 1.8)


def wider_carries_more(trial: Trial) -> Outcome:
    """Compare stairs of five widths, down and up (ISO 12)."""
    end = flights.ROOM_STAIR_M[1]

    def measure(movement: str, seed: int) -> list[float]:
        tracks = [flights.room_stair(movement, seed, up=up, width_m=w) for up in (False, True) for w in WIDTHS_M]
        return [steady_rate(track.crossing_s(end)) for track in tracks]

    names = [f"flow {way}, {width:g} m" for way in ("down", "up") for width in WIDTHS_M]
    rows = quantities(names, "1/s", trial.each(measure))
    down, up = rows[: len(WIDTHS_M)], rows[len(WIDTHS_M) :]
    return Outcome(
        verdict(rising(down) and rising(up)),
        f"from 1 to 1.8 m the flow grows from {tell(down[0])} to {tell(down[-1])} down, "
        f"from {tell(up[0])} to {tell(up[-1])} up",
        tuple(rows),
        pictures.curves(
            [pictures.by_parameter("down", WIDTHS_M, down), pictures.by_parameter("up", WIDTHS_M, up)],
            "width of the stair [m]",
            "flow [people/s]",
        ),
        "Flow over a stair against its width, down and up.",
    )


AS_A_CORRIDOR = 0.05
"""The flow over a stair on which people walk as fast as on the level may differ by so much from a corridor's."""

CROWD = 200


def as_a_corridor(trial: Trial, share: float = AS_A_CORRIDOR) -> Outcome:
    """Compare a stair on which people are as fast as on the level with a corridor of the same width and length."""
    person = profile(exactly(1.2)) | {"stairs_up": 1.0, "stairs_down": 1.0}

    def measure(movement: str, seed: int) -> list[float]:
        tracks = [flights.stair_instead(movement, seed, CROWD, person, up=up) for up in (True, False)]
        tracks.append(flights.level_instead(movement, seed, CROWD, person))
        up, down, level = (steady_rate(track.crossing_s(flights.INSTEAD_END_M)) for track in tracks)
        return [up / level, down / level, level]

    rows = quantities(
        ["stair up / corridor", "stair down / corridor", "corridor"], ["", "", "1/s"], trial.each(measure)
    )
    return Outcome(
        verdict(all(within(row, 1 - share, 1 + share) for row in rows[:2])),
        f"a stair of 2 m carries {tell(rows[0])} (up) and {tell(rows[1])} (down) of the corridor's {tell(rows[2])}",
        tuple(rows),
        pictures.dots(rows[:2], "flow over that of a corridor", 1 - share, 1 + share),
        "The flows up and down a stair as shares of a corridor's.",
    )
