"""People who come together and stay together, as `scenario.yaml` states it: families, couples, friends."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Positive

ALONE = -1
"""In place of the number of a party."""

LARGEST_PARTY = 12
"""Larger ones do not walk as one; tours of 25 are two (assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PartySize:
    """So many people come together; `share` is that of such parties among all, relative to the others'."""

    people: Annotated[int, Field(strict=True, ge=1, le=LARGEST_PARTY)]
    share: Positive
