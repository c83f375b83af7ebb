"""Hand calculations beside what was simulated: width times rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsim.assess.judged import Run
from crowdsim.scenario.hand_rates import PER_MIN
from crowdsim.venue import Venue


@dataclass(frozen=True, slots=True)
class ByHand:
    """How long exits take by hand.

    Attributes
    ----------
    time_s : None if there is no width.
    text : the calculation in figures.
    """

    time_s: float | None
    text: str


def most_inside(run: Run) -> int:
    """Return the most people who were inside at a time."""
    egress = run.measures.egress
    times = np.concatenate([egress.entry_s, egress.exit_s])
    change = np.concatenate([np.ones(egress.entry_s.size, int), -np.ones(egress.exit_s.size, int)])
    # Who comes in at the moment at which another leaves is inside with that one: on the safe side.
    order = np.lexsort((-change, times))
    return int(np.cumsum(change[order]).max(initial=0))


def width_by_hand(venue: Venue, *, widest_closed: bool = False) -> float:
    """Return the width of all open exits, the widest left out if it is taken to be closed [m]."""
    widths = sorted(exit_.width_m for exit_ in venue.open_exits.values())
    return sum(widths[:-1] if widest_closed else widths)


def seconds_by_hand(people: int, width_m: float, rate_per_m_min: float) -> float:
    """Return people over width times rate [s]; `rate_per_m_min` in people a minute and metre."""
    return people / (width_m * rate_per_m_min) * PER_MIN


def exits_by_hand(run: Run, rate_per_m_min: float, *, widest_closed: bool = False) -> ByHand:
    """Return how long everyone inside at the most takes through the exits, people over width times rate.

    The walk to the exits is not in it, and nobody takes longer to one than to another: a bound from below, that
    nothing can be much quicker than.
    """
    width_m = width_by_hand(run.recording.venue, widest_closed=widest_closed)
    people = most_inside(run)
    if not width_m:
        return ByHand(None, "no exit is left")
    return ByHand(
        seconds_by_hand(people, width_m, rate_per_m_min),
        f"{people:,} people over {width_m:g} m times {rate_per_m_min:g} people/(m min)",
    )
