"""What a scenario says of its venue's features: levels, passages, places, and what changes during a run."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Count, Flag, Key, Name, NonNegative, Positive, one_or_several, refusal

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


Target = Annotated[
    Annotated[Name, Tag("one")] | Annotated[Way, Tag("several")],
    Discriminator(
        one_or_several,
        custom_error_type="one_or_several",
        custom_error_message="the name of a feature, or x and y in metres",
    ),
]

SPREAD_M = 10.0
"""Over so many metres from the front a standing crowd gets thinner to 1/e, if not stated (our choice)."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Zone(Placement):
    """How many people come to a zone at the most, and where in it they stand.

    Attributes
    ----------
    capacity : who sets off for the zone when so many are in it, or on their way, goes on with the itinerary.
    towards : a feature, or a point of the plan: the nearer to it, the denser people stand; left out, evenly.
    spread_m : over this distance from the front the density falls to 1/e.
    """

    capacity: Count | None = None
    towards: Target | None = None
    spread_m: Positive = SPREAD_M


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


Names = tuple[Name, ...]

VERBS = ("open", "close", "add", "remove", "width_m", "move_m")
"""What an intervention can do."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Intervention:
    """What changes in the venue at a time of the run.

    Attributes
    ----------
    at_s : when [s].
    open, close : names of doors, exits and ways between levels; those on a way that is closed walk on.
    add, remove : names of features that are put where they are drawn, or taken away.
    width_m : new clear widths of doors and exits, by name.
    move_m : how far features are from where they are drawn, from now on, by name.
    """

    at_s: NonNegative
    open: Names = ()
    close: Names = ()
    add: Names = ()
    remove: Names = ()
    width_m: dict[Name, Positive] = field(default_factory=dict)
    move_m: dict[Name, Way] = field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _single_names(cls, data: Any) -> Any:
        """Take a single name for a list of one."""
        values = getattr(data, "kwargs", data)
        if not isinstance(values, dict):
            return data
        lists = ("open", "close", "add", "remove")
        return {key: [value] if key in lists and isinstance(value, str) else value for key, value in values.items()}

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any(getattr(self, verb) for verb in VERBS):
            raise refusal("nothing to do", f"at least one of {', '.join(VERBS)}")
        for one, other in (("open", "close"), ("add", "remove")):
            both = set(getattr(self, one)) & set(getattr(self, other))
            if both:
                raise refusal(f"{min(both)!r} under {one} and {other}", "one of the two")
        return self


Added = dict[Key, dict[str, Any]]
"""Features that are not in the venue file: `kind`, `polygon` or `line`, and properties as there."""
