"""A simulated figure and the same by hand, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WIDTH_TIMES_RATE, SFPE, FLUID = "width times rate", "SFPE", "fluid queue"
"""Methods; those of queues that have settled are named by their formula."""

EGRESS, EXIT, ZONE, SERVICE = "egress", "exit", "zone", "service"
"""What a figure is of: everyone's leaving, one exit's, a zone's, or waiting at a service."""

SLOWER_BY, QUICKER_BY = 0.20, 0.05
"""A figure more than a fifth above the one by hand needs a reason; one more than a twentieth below needs a look, since
rates in guides are maxima (our choice of both)."""

AGREES, SLOWER = "agrees within 20 %", "slower than by hand"
QUICKER = "quicker than by hand: look at it"
NOT_COMPARED = "not compared"
UNEXPLAINED = "not explained by what is measured"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A simulated figure beside its hand calculation.

    Attributes
    ----------
    kind, name, what : of what the figure is (`EGRESS`, ...), the exit's, zone's or service's name, and which figure.
    simulated, by_hand : None where there is none; `explanation` says why.
    method : how it is reckoned by hand.
    rates : title of the edition that the rates of passage are from; empty for others.
    text : the calculation in figures.
    controls : what sets the figure by hand: the name of an exit, a door or a way, or words.
    from_s : times count from here on [s].
    explanation : where a difference comes from, as measured.
    at_least : what the simulated figure is known to exceed where there is none yet.
    is_bound : whether nothing should be much below the figure by hand; of a mean that scatters both ways it is not.
    """

    kind: str
    name: str
    what: str
    simulated: float | None
    by_hand: float | None
    unit: str
    method: str
    text: str
    explanation: str = ""
    rates: str = ""
    controls: str = ""
    from_s: float = 0.0
    is_bound: bool = True
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        """Simulated over by hand; 1 if both are nought, None if only the latter is."""
        if self.simulated is None or self.by_hand is None:
            return None
        if not self.by_hand:
            return None if self.simulated else 1.0
        return self.simulated / self.by_hand

    @property
    def verdict(self) -> str:
        """How they compare, in words."""
        known = self.simulated if self.simulated is not None else self.at_least
        if known is not None and self.by_hand is not None and known > self.by_hand * (1.0 + SLOWER_BY):
            return SLOWER
        if self.simulated is None or self.by_hand is None:
            return NOT_COMPARED
        below_by = QUICKER_BY if self.is_bound else SLOWER_BY
        return QUICKER if self.simulated < self.by_hand * (1.0 - below_by) else AGREES

    def summary(self) -> dict[str, Any]:
        """Return the entry of `summary.json`."""
        return {
            "figure": {"kind": self.kind, "name": self.name, "what": self.what},
            "simulated": self.simulated,
            "simulated_at_least": self.at_least,
            "by_hand": self.by_hand,
            "unit": self.unit,
            "method": self.method,
            "rates": self.rates,
            "from_s": self.from_s,
            "controls": self.controls,
            "text": self.text,
            "ratio": self.ratio,
            "verdict": self.verdict,
            "explanation": self.explanation,
        }
