"""What a scenario says of its venue's features: levels, passages, places."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Count, Flag, Key, Name, Positive, one_or_several, refusal

Metres = Annotated[float, Field(strict=True, ge=-1e7, le=1e7, allow_inf_nan=False)]
"""A coordinate: no drawing is farther from its origin than the poles from the equator."""

TWO = 2


def _x_and_y(values: tuple[float, ...]) -> tuple[float, ...]:
    if len(values) != TWO:
        raise refusal(f"{len(values)} numbers", "x and y, two numbers in metres")
    return values


Way = Annotated[tuple[Metres, ...], AfterValidator(_x_and_y)]
"""How far to the right and up [m]."""

NOWHERE = (0.0, 0.0)


Target = Annotated[
    Annotated[Name, Tag("one")] | Annotated[Way, Tag("several")],
    Discriminator(
        one_or_several,
        custom_error_type="one_or_several",
        custom_error_message="the name of a feature, or x and y in metres",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Level:
    """A floor of the venue: `elevation_m` is its height above any one datum [m]."""

    elevation_m: Annotated[float, Field(strict=True, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Placement:
    """Whether a drawn feature is there, and how far it is moved from where it is drawn: x and y [m]."""

    enabled: Flag = True
    move_m: Way = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Passage(Placement):
    """How wide a door, an exit or a way between levels is, and whether it is open.

    `width_m` is null for an exit drawn as an area: its width follows from the drawing.
    """

    width_m: Positive | None = None
    open: Flag = True


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Doorway(Passage):
    """A door's width and whether it is open; and where to people pass it, if one way only.

    `one_way` is a feature, or a point of the plan, on the side that they go to; null lets them pass both ways.
    """

    one_way: Target | None = None


SPREAD_M = 10.0
"""Over so many metres from the front a standing crowd gets thinner to 1/e, if not stated (our choice)."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Zone(Placement):
    """How many people come to a zone at the most, where in it they stand, and whether they keep out of it.

    Attributes
    ----------
    capacity : who sets off for the zone when so many are in it, or on their way, goes on with the itinerary.
    towards : a feature, or a point of the plan: the nearer to it, the denser people stand; left out, evenly.
    spread_m : over this distance from the front the density falls to 1/e.
    keep_clear : nobody stands in it; who has to walks across it.
    """

    capacity: Count | None = None
    towards: Target | None = None
    spread_m: Positive = SPREAD_M
    keep_clear: Flag = False


PASSAGES = {
    "doors": "door",
    "exits": "exit",
    "stairs": "stair",
    "ramps": "ramp",
    "escalators": "escalator",
    "lifts": "lift",
}
"""Keys of the configuration that set passages, and the kinds of features that they name."""

PLACEMENTS = {
    "walkable": "walkable",
    "obstacles": "obstacle",
    "entrances": "entrance",
    "zones": "zone",
    "measurement_lines": "measurement_line",
    "measurement_areas": "measurement_area",
    "queues": "queue",
    "counters": "counter",
}
"""Keys of the configuration that place other features, and the kinds that they name."""


Added = dict[Key, dict[str, Any]]
"""Features that are not in the venue file: `kind`, `polygon` or `line`, and properties as there."""
