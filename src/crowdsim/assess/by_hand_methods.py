"""How many people a door, an exit or a way between levels lets through, by each method."""

from __future__ import annotations

import math
from dataclasses import dataclass

from crowdsim.assess.by_hand_compared import SFPE, WIDTH_TIMES_RATE
from crowdsim.measure.flows import DOOR, EXIT, RAMP, STAIR, Flow
from crowdsim.scenario.hand_rates import PER_MIN, Rates
from crowdsim.venue import Venue
from crowdsim.venue.links import RISER_M, TREAD_M

RECKONED = (EXIT, DOOR, STAIR, RAMP)
"""What has a rate. Measurement lines lie in the open, and neither method has a rate for moving escalators."""

BOUNDARY_M = 0.15
"""Of the clear width at each side of a door or stair not used: SFPE Handbook, 5th ed. (2016), ch. 59."""

A_M2, K_LEVEL_M_S = 0.266, 1.40
"""Speed k (1 - a D) at the density D on the level: SFPE Handbook, 5th ed. (2016), ch. 59."""

K_STAIR_M_MIN = 51.8
"""On stairs k is this times sqrt(tread / riser): the same source."""


@dataclass(frozen=True, slots=True)
class GuideRates:
    """Width times rate, by a guide's edition."""

    rates: Rates

    name = WIDTH_TIMES_RATE

    @property
    def edition(self) -> str:
        """The document with its edition."""
        return self.rates.title

    def per_s(self, flow: Flow, venue: Venue) -> float:  # noqa: ARG002 - steps are alike here
        """Return how many it passes at the most [1/s]."""
        rates = self.rates
        return flow.width_m * (rates.stepped_per_m_s if flow.kind == STAIR else rates.level_per_m_s)

    def words(self, flow: Flow, venue: Venue) -> str:  # noqa: ARG002
        """Return width and rate in words."""
        rate = self.rates.stepped_per_m_min if flow.kind == STAIR else self.rates.level_per_m_min
        return f"{flow.width_m:.3g} m times {rate:g} people/(m min)"


@dataclass(frozen=True, slots=True)
class Hydraulic:
    """The hydraulic model of the SFPE Handbook: effective width times the highest specific flow, k / (4 a)."""

    name = SFPE
    edition = "SFPE Handbook, 5th ed., 2016"

    def per_s(self, flow: Flow, venue: Venue) -> float:
        """Return how many it passes at the most [1/s]; 0 if nothing is left of its width."""
        return self._effective_m(flow) * self._highest_per_m_s(flow, venue)

    def words(self, flow: Flow, venue: Venue) -> str:
        """Return effective width and specific flow in words."""
        return f"{self._effective_m(flow):.3g} m effective times {self._highest_per_m_s(flow, venue):.3g} people/(m s)"

    def _effective_m(self, flow: Flow) -> float:
        return max(flow.width_m - 2 * BOUNDARY_M, 0.0)

    def _highest_per_m_s(self, flow: Flow, venue: Venue) -> float:
        if flow.kind != STAIR:
            return K_LEVEL_M_S / (4 * A_M2)
        rise = venue.links[flow.name].feature.rise
        riser_m = (rise and rise.riser_m) or RISER_M
        tread_m = (rise and rise.tread_m) or TREAD_M
        return K_STAIR_M_MIN / PER_MIN * math.sqrt(tread_m / riser_m) / (4 * A_M2)


Method = GuideRates | Hydraulic
