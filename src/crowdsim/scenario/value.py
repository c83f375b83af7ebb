"""The kinds of value that a scenario file holds, with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

STRICT = ConfigDict(extra="forbid")
"""Of every part of a scenario: keys that are not known are mistakes."""


def refusal(found: str, allowed: str) -> PydanticCustomError:
    """Return the error for values that are each right but do not go together."""
    return PydanticCustomError("combination", "{found}; allowed: {allowed}", {"found": found, "allowed": allowed})


def _storable(text: str) -> str:
    """Refuse text that no file can hold: halves of surrogate pairs, from bytes that are not UTF-8."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise refusal("bytes that are not UTF-8 text", "text")
    return text


MOST_PEOPLE = 10_000_000

Count = Annotated[int, Field(strict=True, gt=0, le=MOST_PEOPLE)]
WholeNumber = Annotated[int, Field(strict=True, ge=0, le=MOST_PEOPLE)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]
Strength = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]
Range = Annotated[float, Field(strict=True, ge=0.02, allow_inf_nan=False)]
"""Of the repulsion between people, and the distance [m] over which it falls to 1/e: within these bounds the strongest
that there can be, between the largest bodies in one place, is a number in single precision."""
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True), AfterValidator(_storable)]
Name = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_storable)]

KEY = r"^[A-Za-z_][A-Za-z0-9_-]*$"
"""Names that an override can spell (Hydra's grammar of keys), as in `attendees.north.count=100`."""

Key = Annotated[str, Field(strict=True, pattern=KEY)]


def normalised(given: str | Mapping[str, float]) -> dict[str, float]:
    """Return shares by name that add up to one; a name alone has all."""
    shares = {given: 1.0} if isinstance(given, str) else given
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def one_or_several(value: object) -> str | None:
    """Tell a single name from a collection of names, so that a mistake is explained for what was meant."""
    if isinstance(value, str):
        return "one"
    return "several" if isinstance(value, (list, tuple, dict)) else None


def lists_of_one(data: Any, lists: tuple[str, ...]) -> Any:
    """Take single names under these keys for lists of one, in what a part of a scenario is made of."""
    values = getattr(data, "kwargs", data)
    if not isinstance(values, dict):
        return data
    return {key: [value] if key in lists and isinstance(value, str) else value for key, value in values.items()}
