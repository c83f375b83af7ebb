"""What an intervention waits for: a quantity of the crowd above or below a limit, as `when` states it."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from crowdsim.scenario.value import Name, refusal

DENSITY, COUNT, QUEUE = "density", "count", "queue"
QUANTITIES = (DENSITY, COUNT, QUEUE)
"""People per walkable m2 of a zone or measurement area, people in one, and people waiting at a service or queue."""

ABOVE, BELOW = ">", "<"

_PATTERN = re.compile(rf"\s*({'|'.join(QUANTITIES)})\s*\(\s*([^()]+?)\s*\)\s*([<>])\s*(\d+\.?\d*|\.\d+)\s*")

EXAMPLE = "such as density(front_of_stage) > 4, count(square) < 500 or queue(search) > 400"


class Condition(NamedTuple):
    """A quantity, the place it is looked at, and the limit that it is to be above or below."""

    quantity: str
    place: str
    side: str
    limit: float

    def holds(self, value: float) -> bool:
        """Return whether a value of the quantity fulfils the condition."""
        return value > self.limit if self.side == ABOVE else value < self.limit


def read_condition(text: str) -> Condition | None:
    """Return the condition that a text states; None if it states none."""
    found = _PATTERN.fullmatch(text)
    return Condition(found[1], found[2], found[3], float(found[4])) if found else None


def _states_one(text: str) -> str:
    if read_condition(text) is None:
        raise refusal(repr(text), EXAMPLE)
    return text


ConditionText = Annotated[Name, AfterValidator(_states_one)]
