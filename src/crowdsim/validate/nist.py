"""The verification tests of NIST Technical Note 1822 (Ronchi et al. 2013)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from scipy.stats import lognorm, norm, uniform

from crowdsim.population.draw import draw_duration, generator
from crowdsim.scenario.distributions import Lognormal, Normal, Uniform
from crowdsim.validate import crowds, pictures, stairs, storeys
from crowdsim.validate import experiments as lab
from crowdsim.validate import rimea_components as components
from crowdsim.validate.case import Departure, Outcome, Suite, Trial
from crowdsim.validate.judging import KS_LEVEL, fit, number, quantities, tell, verdict, within
from crowdsim.validate.measuring import Float64
from crowdsim.validate.rimea import STANDARD_PEOPLE
from crowdsim.validate.venues import box

DRAWS = 1000
EVEN_S = (10.0, 100.0)
NORMAL_S = (60.0, 10.0)
"""Mean and standard deviation; TN 1822 leaves them to the tester. Cutting off below zero takes away nothing here."""

LOG_MEAN, LOG_SD = 4.586, 0.967
"""Of the logarithm of the time in seconds."""

Draw = tuple[Uniform | Normal | Lognormal, Callable[[Float64], Float64]]
DISTRIBUTIONS: dict[str, Draw] = {
    "uniform": (
        Uniform(distribution="uniform", min_s=EVEN_S[0], max_s=EVEN_S[1]),
        uniform(EVEN_S[0], EVEN_S[1] - EVEN_S[0]).cdf,
    ),
    "normal": (Normal(distribution="normal", mean_s=NORMAL_S[0], sd_s=NORMAL_S[1]), norm(*NORMAL_S).cdf),
    "lognormal": (
        Lognormal(distribution="lognormal", median_s=math.exp(LOG_MEAN), sigma=LOG_SD),
        lognorm(LOG_SD, scale=math.exp(LOG_MEAN)).cdf,
    ),
}


def pre_movement(trial: Trial, least_p: float = KS_LEVEL) -> Outcome:
    """Hold pre-movement times, as a scenario draws them, against their distributions (NIST 1.1)."""

    def sample(name: str, seed: int) -> Float64:
        return draw_duration(DISTRIBUTIONS[name][0], DRAWS, generator(seed, "validate", name, "pre_movement"))

    values = trial.each(lambda _, seed: [fit(sample(name, seed), DISTRIBUTIONS[name][1]) for name in DISTRIBUTIONS])
    rows = quantities([f"p, {name}" for name in DISTRIBUTIONS], "", values)
    shown = {name: sample(name, trial.seeds[0]) for name in DISTRIBUTIONS}
    means = ", ".join(f"{row.name[3:]} {number(row.mean or 0.0)}" for row in rows)
    return Outcome(
        verdict(all(within(row, low=least_p) for row in rows)),
        f"mean p of the Kolmogorov-Smirnov tests of {DRAWS} times: {means}; gamma and Weibull are not offered",
        tuple(rows),
        pictures.distribution({k: v[v < CHART_S] for k, v in shown.items()}, "pre-movement time [s]", {}),
        "The distributions of pre-movement times drawn: uniform, normal and lognormal.",
    )


CHART_S = 600.0
"""Longer times are left out of the picture [s]."""


def slow_among_fast(trial: Trial) -> Outcome:
    """Put one slow and wide person among fast ones, against a control without (NIST 2.10)."""
    values = trial.each(lambda m, s: [lab.slow_among_fast_s(m, s, slow=slow) for slow in (True, False)])
    rows = quantities(["with the slow person", "control"], "s", values)
    slow, control = rows[0].mean, rows[1].mean
    return Outcome(
        verdict(slow is not None and control is not None and slow > control),
        f"last one out after {tell(rows[0])} with the slow person, {tell(rows[1])} without",
        tuple(rows),
        pictures.dots(rows, "last one out [s]"),
        "Egress times with one slow and wide person among 24 others, and without.",
    )


def closed_exit(trial: Trial) -> Outcome:
    """Close the nearer exit after a second: the other one is to be taken (NIST 4.1)."""

    def measure(movement: str, seed: int) -> tuple[float, float]:
        track = lab.closed_exit(movement, seed)
        return track.exits.count("far"), track.egress_s

    rows = quantities(["people at the farther exit", "time"], ["", "s"], trial.each(measure))
    track = lab.closed_exit(trial.movement, trial.seeds[0])
    return Outcome(
        verdict(min(rows[0].values) == 1),
        f"the person left by the open exit in {sum(rows[0].values):g} of {len(trial.seeds)} runs",
        tuple(rows),
        pictures.paths(track, [box(0, 0, 10, 15)]),
        "The path of one person past the closed exit to the open one.",
    )


NIST = Suite("NIST", "TN 1822 (2013)", "verification test")


NOT_DRAWN = Departure("distributions", "uniform, gamma, lognormal, Weibull", "uniform, normal, lognormal")

CASES = (
    NIST.case(
        "1.1",
        "Pre-movement times",
        "Pre-movement times come from the distributions that they are set to come from.",
        tolerance="mean p of the Kolmogorov-Smirnov tests at least 0.05",
        tolerance_origin="literature",
        run=pre_movement,
        departures=(
            NOT_DRAWN,
            Departure("what is seen", "when people set off", "the times drawn; rimea-5 shows that they set off then"),
            Departure("number", "ten occupants, runs repeated", f"{DRAWS} draws a seed"),
        ),
        quick=True,
    ),
    NIST.case(
        "2.1",
        "Speed in a corridor",
        "A person with a set speed of 1 m/s walks a corridor of 40 m at that speed.",
        criterion_binary=True,
        tolerance="38.1 to 42.1 s, that is 1 m/s by 0.05 (a port's bound; TN 1822 gives none)",
        tolerance_origin="literature",
        run=partial(components.corridor, speed_m_s=1.0, shortest_s=40 / 1.05, longest_s=40 / 0.95),
        stochastic=False,
    ),
    NIST.case(
        "2.2",
        "Speed on stairs",
        "A person with a set speed of 1 m/s keeps it up and down 100 m of stairs.",
        criterion_binary=True,
        tolerance="1 m/s by 0.05 (a port's bound; TN 1822 gives none)",
        tolerance_origin="literature",
        run=stairs.both_ways,
        departures=(stairs.SLOPED,),
        stochastic=False,
    ),
    NIST.case(
        "2.3",
        "Walking round a corner",
        "Twenty people walk round a corner without passing through walls.",
        criterion_binary=True,
        tolerance="not one sampled position in a wall, and everyone out",
        tolerance_origin="standard",
        run=components.corner,
        departures=(STANDARD_PEOPLE,),
    ),
    NIST.case(
        "2.4",
        "Assigned demographics",
        "Walking speeds are distributed as the groups are set to have them.",
        tolerance="nobody outside the bounds (1 % for the time step); mean p of the tests at least 0.05",
        tolerance_origin="ours",
        run=partial(components.speeds, kinds=components.BY_AGE),
        departures=(Departure("groups", "the tester's", "RiMEA's four groups by age, even between their bounds"),),
    ),
    NIST.case("2.5", "Reduced visibility", "People walk slower in smoke.", why_not="smoke is not simulated"),
    NIST.case("2.6", "Incapacitation", "Toxic gases incapacitate people in time.", why_not="gases are not simulated"),
    NIST.case(
        "2.7",
        "Lifts",
        "People use a lift: as many as it takes, at the times that it rides.",
        tolerance="never more people than the lift takes; last one out within the times that follow from its rides",
        tolerance_origin="ours",
        run=storeys.lift,
        departures=(
            Departure(
                "lift", "the tester's", "for four; rides for 12 s, stands with open doors for 10 s on either level"
            ),
            Departure("people", "the tester's", "ten who take no steps, at 1 m/s"),
        ),
    ),
    NIST.case(
        "2.8",
        "Counterflow",
        "A hundred people pass a corridor of 10 x 2 m against 0, 10, 50 and 100; the time grows with their number.",
        tolerance="everyone gets through, mean times rise with the counterflow",
        tolerance_origin="standard",
        run=crowds.counterflow,
        departures=(Departure("time limit", "none", "300 s"), STANDARD_PEOPLE),
    ),
    NIST.case("2.9", "Groups", "People of a group stay together.", why_not="groups are not simulated"),
    NIST.case(
        "2.10",
        "People with movement disabilities",
        "A slow person who takes much room delays the others, against a control without.",
        tolerance="mean time with the slow person above the control's",
        tolerance_origin="standard",
        run=slow_among_fast,
        departures=(
            Departure("ramp", "rooms joined by a ramp", "a level passage 1.5 m wide and 2 m long"),
            Departure("rooms", "as in the source", "two rooms of 5 x 4 m; measures not read in the source itself"),
        ),
    ),
    NIST.case("3.1", "Exit route allocation", "People leave by assigned exits.", why_not="run as rimea-10 and imo-10"),
    NIST.case("3.2", "Social influence", "Others' choice of exit counts.", why_not="exit choice ignores other people"),
    NIST.case("3.3", "Affiliation", "People prefer exits they know.", why_not="exit choice knows no familiarity"),
    NIST.case(
        "4.1",
        "Availability of exits",
        "When an exit becomes unavailable, people take another one.",
        criterion_binary=True,
        tolerance="the person leaves by the open exit",
        tolerance_origin="standard",
        run=closed_exit,
        departures=(Departure("room", "10 x 15 m, two exits of 1 m", "the same (second-hand)"),),
        quick=True,
    ),
    NIST.case(
        "5.1",
        "Congestion",
        "A crowd jams at the entry of a corridor and again at its far end, before a stair.",
        tolerance="largest density over 10 s above 1.9 /m2 at both places",
        tolerance_origin="ours",
        run=stairs.jams,
        departures=(
            stairs.QUEUES,
            Departure("geometry", "not read in the source", "150 people, room 8 x 5 m, corridor 12 x 2 m (RiMEA 3.0)"),
            stairs.SLOPED,
        ),
    ),
    NIST.case(
        "5.2",
        "Maximum flow",
        "The flow through an exit does not exceed the maximum that is imposed, or 1.33 /(m s) where it emerges.",
        tolerance="mean flow through 1 m at most 1.33 /s: a planning code's limit, which a model fitted to "
        "experiments exceeds",
        tolerance_origin="standard",
        run=crowds.door_flow,
        departures=(STANDARD_PEOPLE, Departure("cap", "may be imposed", "none: the flow emerges")),
    ),
)
