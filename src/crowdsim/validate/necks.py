"""Bottlenecks: the goal behind them, their length, their number, their width (RiMEA 12)."""

from __future__ import annotations

from crowdsim.validate import experiments as lab
from crowdsim.validate import pictures
from crowdsim.validate.case import Outcome, Quantity, Trial
from crowdsim.validate.judging import number, quantities, rising, tell, verdict, within
from crowdsim.validate.measuring import steady_rate

GOALS_M = (0.0, 1.0, 2.0, 4.0, 10.0)
NECK_M, NECK_LENGTH_M = 1.0, 5.0
SHORT_NECK_M = 0.2
SAME_TIME = 0.01
"""Times closer than this share count as the same (our choice: below the spread between seeds)."""


def goal_behind(trial: Trial) -> Outcome:
    """Put the goal ever farther behind a bottleneck (RiMEA 12a)."""
    values = trial.each(lambda m, s: [lab.bottleneck(m, s, NECK_M, NECK_LENGTH_M, a).egress_s for a in GOALS_M])
    rows = quantities([f"last one out, goal {a:g} m behind" for a in GOALS_M], "s", values)
    good = rising(rows, SAME_TIME * (rows[0].mean or 0.0))
    return Outcome(
        verdict(good),
        f"last one out after {tell(rows[0])} with the goal at the bottleneck, {tell(rows[-1])} with it 10 m behind",
        tuple(rows),
        pictures.curves(
            [pictures.by_parameter(trial.movement, GOALS_M, rows)], "goal behind the bottleneck [m]", "last out [s]"
        ),
        "Egress time against the distance of the goal behind the bottleneck.",
    )


def neck_length(trial: Trial) -> Outcome:
    """Compare a short and a long bottleneck (RiMEA 12b)."""
    lengths = (SHORT_NECK_M, NECK_LENGTH_M)
    values = trial.each(lambda m, s: [lab.bottleneck(m, s, NECK_M, length).egress_s for length in lengths])
    rows = quantities([f"last one out, {length:g} m long" for length in lengths], "s", values)
    short, long = rows[0].mean, rows[1].mean
    return Outcome(
        verdict(short is not None and long is not None and long > short),
        f"150 people need {tell(rows[0])} through the short bottleneck and {tell(rows[1])} through the long one",
        tuple(rows),
        pictures.dots(rows, "last one out [s]"),
        "Egress times through a bottleneck 0.2 m and one 5 m long.",
    )


FLOW_SLACK_PER_S = 0.05
"""By so much the second bottleneck may carry less than the first [1/s]: JuPedSim's rule for RiMEA 3.0."""


def two_necks(trial: Trial, slack_per_s: float = FLOW_SLACK_PER_S) -> Outcome:
    """Compare two equal bottlenecks one after the other (RiMEA 12c)."""
    side = 10.0
    ends = [side + NECK_LENGTH_M, 2 * (side + NECK_LENGTH_M)]

    def measure(movement: str, seed: int) -> list[float]:
        track = lab.bottleneck(movement, seed, NECK_M, NECK_LENGTH_M, necks=2)
        return [steady_rate(track.crossing_s(x)) for x in ends]

    rows = quantities(["flow, first bottleneck", "flow, second bottleneck"], "1/s", trial.each(measure))
    first, second = rows[0].mean, rows[1].mean
    return Outcome(
        verdict(first is not None and second is not None and second >= first - slack_per_s),
        f"the first bottleneck carries {tell(rows[0])}, the second {tell(rows[1])}",
        tuple(rows),
        pictures.dots(rows, "flow [people/s]"),
        "The flows through the first and the second of two equal bottlenecks.",
    )


WIDTHS_M = (0.8, 1.0, 1.2)
SPECIFIC_FLOW_PER_M_S = (1.3, 2.3)
"""Specific flow of bottlenecks at normal motivation: Seyfried et al. (2009), Liddle et al. (2011), and the codes'
1.33 /(m s) as the lower end."""


def neck_width(trial: Trial, band: tuple[float, float] = SPECIFIC_FLOW_PER_M_S) -> Outcome:
    """Compare bottlenecks of three widths (RiMEA 12d)."""
    far_end = 10.0 + NECK_LENGTH_M

    def measure(movement: str, seed: int) -> list[float]:
        tracks = [lab.bottleneck(movement, seed, width, NECK_LENGTH_M) for width in WIDTHS_M]
        return [steady_rate(track.crossing_s(far_end)) for track in tracks]

    rows = quantities([f"flow, {w:g} m" for w in WIDTHS_M], "1/s", trial.each(measure))
    specific = [
        Quantity(f"specific flow, {w:g} m", "1/(m s)", tuple(v / w for v in row.values))
        for w, row in zip(WIDTHS_M, rows, strict=True)
    ]
    grows = rising(rows)
    inside = all(within(row, *band) for row in specific)
    means = ", ".join(number(row.mean) if row.mean is not None else "-" for row in specific)
    return Outcome(
        verdict(grows and inside),
        f"the flow {'grows' if grows else 'does not grow'} with the width; specific flows {means} people/(m s) "
        f"are {'inside' if inside else 'not all inside'} the band of experiments",
        (*specific, *rows),
        pictures.dots(specific, "specific flow [people/(m s)]", *band),
        f"Specific flows at three widths beside the experiments' band {band[0]:g} to {band[1]:g}.",
    )
