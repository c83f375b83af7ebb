"""Cases in venues of several levels: a house of three storeys, ways over stairs and round, a lift."""

from __future__ import annotations

import math

from crowdsim.validate import flights, pictures
from crowdsim.validate.case import Outcome, Trial
from crowdsim.validate.judging import falling, number, quantities, rising, tell, verdict, within

SPEEDS_M_S = (0.5, 0.75, 1.0)


HOUSE_SEEDS = 3
"""Four runs of up to a quarter of an hour each: few seeds, and the times hardly differ between them (our choice)."""


def three_storeys(trial: Trial) -> Outcome:
    """Empty a house of three storeys at three speeds, and with the middle one spread (RiMEA 8)."""

    def measure(movement: str, seed: int) -> list[float]:
        times = [flights.house(movement, seed, speed, speed).egress_s for speed in SPEEDS_M_S]
        return [*times, flights.house(movement, seed, SPEEDS_M_S[0], SPEEDS_M_S[-1]).egress_s]

    names = [*(f"last one out, {speed:g} m/s" for speed in SPEEDS_M_S), "last one out, 0.5 to 1 m/s"]
    rows = quantities(names, "s", trial.each(measure))
    alike = rows[: len(SPEEDS_M_S)]
    return Outcome(
        verdict(falling(alike)),
        f"448 people need {', '.join(number(row.mean or math.nan) for row in alike)} s at "
        f"{', '.join(f'{speed:g}' for speed in SPEEDS_M_S)} m/s, {tell(rows[-1])} with speeds even between 0.5 and 1",
        tuple(rows),
        pictures.curves(
            [pictures.by_parameter(trial.movement, SPEEDS_M_S, alike)], "free speed [m/s]", "last one out [s]"
        ),
        "Egress time of a house of three storeys against the free speed.",
    )


AWAY_M = (0.0, 2.0, 4.0, 8.0)


def stair_or_round(trial: Trial) -> Outcome:
    """See who takes two flights of stairs, and who walks round, the farther the way round is (RiMEA 14)."""
    values = trial.each(lambda m, s: [flights.by_stair(flights.two_ways(m, s, far)) for far in AWAY_M])
    rows = quantities([f"share over the stairs, way round {far:g} m farther off" for far in AWAY_M], "", values)
    told = ", ".join(f"{(row.mean or 0.0):.0%}" for row in rows)
    return Outcome(
        verdict(rising(rows)),
        f"{told} take the stairs with the way round 0, 2, 4 and 8 m farther off: each takes what is quicker from the "
        "own place for somebody alone, by the mean speed on stairs up and down; queues turn nobody back",
        tuple(rows),
        pictures.curves(
            [pictures.by_parameter(trial.movement, AWAY_M, rows)],
            "way round, farther off by [m]",
            "share over the stairs",
        ),
        "The share of people who take the stairs against how far the way round is.",
    )


LIFTED = 10


def lift(trial: Trial) -> Outcome:
    """Take ten people who take no steps up by a lift for four (NIST 2.7)."""
    rounds = math.ceil(LIFTED / flights.LIFT_TAKES)
    cycle = 2 * (flights.RIDE_S + flights.STOP_S)
    soonest = (rounds - 1) * cycle + flights.RIDE_S
    latest = soonest + cycle + WALKS_S

    def measure(movement: str, seed: int) -> tuple[float, float]:
        track = flights.by_lift(movement, seed, LIFTED)
        arrivals = sorted(float(time) for time in track.exit_s)
        together = max(sum(0.0 <= other - time < cycle / 2 for other in arrivals) for time in arrivals)
        return track.egress_s, together

    rows = quantities(["last one out", "most people a ride"], ["s", ""], trial.each(measure))
    taken = all(value <= flights.LIFT_TAKES for value in rows[1].values)
    return Outcome(
        verdict(within(rows[0], soonest, latest) and taken),
        f"{LIFTED} people are up and out after {tell(rows[0])}, at most {max(rows[1].values):g} a ride of a lift for "
        f"{flights.LIFT_TAKES}; {soonest:g} to {latest:g} s follow from its rides",
        tuple(rows),
        pictures.dots(rows[:1], "last one out [s]", soonest, latest),
        "When the last of ten people is out, beside the range that follows from the lift's rides.",
    )


WALKS_S = 20.0
"""Time to walk to the lift, and from it to the exit: two halls of 8 x 8 m at 1 m/s, with the others about."""
