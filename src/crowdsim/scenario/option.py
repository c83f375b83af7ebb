"""What attendees of a group may do: itineraries with their alternatives laid out in a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.itinerary import Leg, OneOf, Use

FOR_NEEDS = -1
"""The stage of what is done for a need: no part of the itinerary."""


class Option(NamedTuple):
    """One thing that attendees of a group may do.

    Attributes
    ----------
    key : names it in random streams: its place in the itinerary, so that changing one leaves the others' draws alone.
    stage : which leg of the itinerary it is or belongs to; `FOR_NEEDS` for needs.
    leg : what to do; of a service, exactly one.
    choices : of so many options from this one on, attendees take the one where they are served first.
    """

    key: str
    stage: int
    leg: Leg
    choices: int = 1

    @property
    def service(self) -> str:
        """The service that is used; empty for other legs."""
        return self.leg.service if isinstance(self.leg, Use) and isinstance(self.leg.service, str) else ""


def options_of(group: AttendeeGroup) -> tuple[Option, ...]:
    """Return what attendees of a group may do: the itinerary in order, then what they do for their needs."""
    found: list[Option] = []
    for stage, leg in enumerate(group.itinerary):
        alternatives = leg.one_of if isinstance(leg, OneOf) else (leg,)
        for j, one in enumerate(alternatives):
            found += _laid_out(f"{stage}.{j}" if isinstance(leg, OneOf) else str(stage), stage, one)
    for name, need in group.needs.items():
        found += _laid_out(f"need.{name}", FOR_NEEDS, Use(service=need.service))
    return tuple(found)


def _laid_out(key: str, stage: int, leg: Leg) -> Iterator[Option]:
    """Yield a leg as one option, or as one for each service that it leaves the choice of."""
    if not isinstance(leg, Use) or isinstance(leg.service, str):
        yield Option(key, stage, leg)
        return
    for k, service in enumerate(leg.service):
        one = dataclasses.replace(leg, service=service)
        yield Option(f"{key}.{service}", stage, one, len(leg.service) if k == 0 else 1)


def alternatives(options: Sequence[Option]) -> dict[int, list[range]]:
    """Return for each stage the numbers of its options: a range for each alternative, or for each need.

    A range is longer than one where there are services to choose from.
    """
    found: dict[int, list[range]] = {}
    k = 0
    while k < len(options):
        found.setdefault(options[k].stage, []).append(range(k, k + options[k].choices))
        k += options[k].choices
    return found
