"""What attendees do one after the other, as `scenario.yaml` states it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.distributions import Constant, Duration
from crowdsim.scenario.value import STRICT, Name, Positive, one_or_several, refusal


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise refusal("the same service twice", "each service once")
    return names


Services = Annotated[
    Annotated[Name, Tag("one")]
    | Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_different), Tag("several")],
    Discriminator(
        one_or_several,
        custom_error_type="one_or_several",
        custom_error_message="the name of a service, or a list of names",
    ),
]

Exits = Annotated[
    Annotated[Name, Tag("one")] | Annotated[tuple[Name, ...], Field(min_length=1), Tag("several")],
    Discriminator(
        one_or_several,
        custom_error_type="one_or_several",
        custom_error_message="the name of an exit, or a list of names",
    ),
]

Probability = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]

TWO = 2


def no_time() -> Constant:
    """Return a duration of zero."""
    return Constant(distribution="constant", value_s=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Chance:
    """How likely it is that an attendee does a leg; drawn for each before the run.

    Attributes
    ----------
    probability : who does not do the leg goes on with the next one.
    weight : of an alternative among others, relative to theirs; left out, 1.
    """

    probability: Probability = 1.0
    weight: Positive | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Visit(Chance):
    """Walk to a zone and stay there for a while; the stay begins on reaching the zone."""

    goal: Name
    dwell: Duration


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Attend(Chance):
    """Walk to the zone of an item of the programme and stay until its end, and `linger` for a while then.

    Who gets there after its end goes on at once.
    """

    event: Name
    linger: Duration = Field(default_factory=no_time)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Use(Chance):
    """Queue for a service, or for the one of several where one is served first; be served, and go on."""

    service: Services


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Leave(Chance):
    """Leave by the nearest exit (by walking distance), by one named exit, or the nearest of several."""

    exit: Exits


def _leg_kind(value: object) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "__slots__", ())
    kinds = {"exit": "leave", "service": "use", "event": "attend", "one_of": "choice"}
    return next((kind for key, kind in kinds.items() if key in keys), "visit")


PlainLeg = (
    Annotated[Visit, Tag("visit")]
    | Annotated[Attend, Tag("attend")]
    | Annotated[Use, Tag("use")]
    | Annotated[Leave, Tag("leave")]
)

Leg = Annotated[PlainLeg, Discriminator(_leg_kind)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OneOf:
    """Do one of several legs, drawn for each attendee by their weights before the run."""

    one_of: Annotated[tuple[Leg, ...], Field(min_length=1)]
    probability: Probability = 1.0

    @model_validator(mode="after")
    def _alternatives(self) -> Self:
        if len(self.one_of) < TWO:
            raise refusal("one_of with a single leg", "two legs or more")
        if any(leg.probability < 1.0 for leg in self.one_of):
            raise refusal("a probability within one_of", "a weight for each leg there; a probability beside one_of")
        return self


AnyLeg = Annotated[PlainLeg | Annotated[OneOf, Tag("choice")], Discriminator(_leg_kind)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Need:
    """What comes due again and again: who stays somewhere then goes to a service, and comes back.

    Attributes
    ----------
    service : one service, or several of which attendees choose the one where they are served first.
    every : how long it takes to come due, from arriving at the venue, and from having been served on.
    """

    service: Services
    every: Duration


def check_itinerary(legs: tuple[Any, ...], needs: dict[str, Need]) -> None:
    """Make sure that an itinerary leads to an exit, and that needs can come up in it.

    Raises
    ------
    PydanticCustomError
        With what is wrong.
    """
    if any(leg.weight is not None for leg in legs if isinstance(leg, Chance)):
        raise refusal("a weight beside one_of", "weights for legs within one_of; else a probability")
    *before, last = (leg.one_of if isinstance(leg, OneOf) else (leg,) for leg in legs)
    sure = [
        all(isinstance(one, Leave) for one in stage) and legs[k].probability == 1.0 for k, stage in enumerate(before)
    ]
    if any(sure) or not all(isinstance(leg, Leave) for leg in last):
        raise refusal("an itinerary with no exit at its end, or one before", "goals, then one exit")
    if legs[-1].probability < 1.0:
        raise refusal("an exit at the end with a probability", "one that everybody takes who is still there")
    if needs and not any(isinstance(leg, Visit | Attend) for stage in before for leg in stage):
        raise refusal("needs, and no stay in which they could come up", "a goal or an event in the itinerary, or none")


NEAREST = "nearest"
