"""What attendees know when they choose an exit or a queue, and what they make of it, as `scenario.yaml` states it."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from crowdsim.scenario.itinerary import Probability
from crowdsim.scenario.value import STRICT, Name, NonNegative, Positive

BY_TIME: Literal["expected_time"] = "expected_time"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Choice:
    """How those of a group choose between exits, and between queues of a service.

    Attributes
    ----------
    by : `expected_time`: where they expect to be through first; or `distance`: the nearest they know of.
    sees_m : from so far people see an exit, or the end of a queue, and the crowd before it, if nothing stands between
        [m] (our choice: about as far as one sees over heads whether a crowd stands or moves).
    gain_s : nobody turns to another exit for less than this [s] (our choice).
    guided : the share who follow advice, an app's or a steward's: they know all exits and queues, and at any time how
        many people are before each.
    follows : how much the others around count: an exit that all of them head for is taken for so much quicker than it
        is (1: at once), and known by their going there.
    knows : the share who know of each exit beforehand; others learn of it when they see it. Left out, everybody knows
        all; an exit not named is known to nobody. Who came through an entrance knows the exit nearest to it.
    """

    by: Literal["expected_time", "distance"] = BY_TIME
    sees_m: Positive = 30.0
    gain_s: NonNegative = 10.0
    guided: Probability = 0.0
    follows: Probability = 0.0
    knows: dict[Name, Probability] | None = None
