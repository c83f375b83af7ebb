"""An event's programme, as `scenario.yaml` states it."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Name, NonNegative, Positive, refusal


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProgrammeItem:
    """Something that takes place in a zone from `from_s` to `until_s` after the start of the simulation."""

    zone: Name
    from_s: NonNegative = 0.0
    until_s: Positive

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until_s <= self.from_s:
            raise refusal(f"until_s {self.until_s:g}", f"above from_s ({self.from_s:g} s)")
        return self
