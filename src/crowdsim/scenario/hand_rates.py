"""Rates of passage that hand calculations reckon with, by the edition of the guide that they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PER_MIN = 60.0
"""Seconds in a minute: rates in the guides are a minute."""

HandRates = Literal["green_guide_6", "green_guide_4"]
"""The editions, as `measure.hand_rates` names them."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How many people a metre of clear width passes in a minute, at the most: no comfort, and no safety margin.

    Attributes
    ----------
    title : the document with its edition.
    level_per_m_min, stepped_per_m_min : on the level and on steps [people/(m min)].
    source, section, level_of_evidence : as in criteria: how the document was read, and where in it.
    """

    title: str
    level_per_m_min: float
    stepped_per_m_min: float
    source: str
    section: str
    level_of_evidence: str

    @property
    def level_per_m_s(self) -> float:
        """The rate on the level [1/(m s)]."""
        return self.level_per_m_min / PER_MIN

    @property
    def stepped_per_m_s(self) -> float:
        """The rate on steps [1/(m s)]."""
        return self.stepped_per_m_min / PER_MIN


HAND_RATES: dict[HandRates, Rates] = {
    "green_guide_6": Rates(
        title="Green Guide, 6th ed., 2018",
        level_per_m_min=82.0,
        stepped_per_m_min=66.0,
        source="Guide to Safety at Sports Grounds, SGSA, as quoted by Buckinghamshire Council, Assessing site "
        "suitability",
        section="ch. 10",
        level_of_evidence="standard",
    ),
    "green_guide_4": Rates(
        title="Green Guide, 4th ed., 1997",
        level_per_m_min=109.0,
        stepped_per_m_min=73.0,
        source="Guide to Safety at Sports Grounds, HMSO; 109 lives on in HM Government, Fire Safety Risk Assessment: "
        "Open Air Events and Venues, as quoted by Hastings Borough Council; 73 second-hand; the guide was not at hand",
        section="rates of passage",
        level_of_evidence="standard",
    ),
}
"""Both are in use: who compares with an older plan needs the older rates."""
