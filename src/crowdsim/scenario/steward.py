"""Stewards who direct people on their way out, as `scenario.yaml` states them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.itinerary import Exits, Probability
from crowdsim.scenario.value import STRICT, Name, NonNegative, Positive, lists_of_one, refusal
from crowdsim.scenario.venue_settings import Target

QUICKEST = "quickest"
"""In place of an exit: for each who comes by the one where he or she would be out first."""

REACH_M = 10.0
"""How far a steward is heard and followed, if not stated (our choice: without a loudhailer, in a crowd)."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Steward:
    """Somebody who stands at a place and tells those who come near which exit to take.

    Attributes
    ----------
    at : where: x and y in the plan [m], or the name of a zone, for its middle.
    exit : where to send people: an exit, several, of which each takes the nearest, or `quickest`.
    reach_m : those within this distance are told, if nothing stands between.
    from_s, until_s : when the steward is there; `until_s` left out: to the end.
    compliance : share of those told who do as told.
    groups : who is told; left out, everybody.
    """

    at: Target
    exit: Exits = QUICKEST
    reach_m: Positive = REACH_M
    from_s: NonNegative = 0.0
    until_s: Positive | None = None
    compliance: Probability = 1.0
    groups: tuple[Name, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _single_group(cls, data: Any) -> Any:
        return lists_of_one(data, ("groups",))

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until_s is not None and self.until_s <= self.from_s:
            raise refusal(f"until_s {self.until_s:g}", f"above from_s ({self.from_s:g} s)")
        return self
