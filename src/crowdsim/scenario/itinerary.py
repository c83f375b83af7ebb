"""What attendees do one after the other, as `scenario.yaml` states it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from crowdsim.scenario.distributions import Duration
from crowdsim.scenario.value import STRICT, Name, one_or_several


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Visit:
    """Walk to a zone and stay there for a while; the stay begins on reaching the zone."""

    goal: Name
    dwell: Duration


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Use:
    """Queue for a service, be served, and go on."""

    service: Name


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Leave:
    """Leave by the nearest exit (by walking distance), by one named exit, or the nearest of several."""

    exit: Annotated[
        Annotated[Name, Tag("one")] | Annotated[tuple[Name, ...], Field(min_length=1), Tag("several")],
        Discriminator(
            one_or_several,
            custom_error_type="one_or_several",
            custom_error_message="the name of an exit, or a list of names",
        ),
    ]


def _leg_kind(value: object) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "__slots__", ())
    return "leave" if "exit" in keys else "use" if "service" in keys else "visit"


Leg = Annotated[
    Annotated[Visit, Tag("visit")] | Annotated[Use, Tag("use")] | Annotated[Leave, Tag("leave")],
    Discriminator(_leg_kind),
]

NEAREST = "nearest"
