"""What attendees queue for, as `scenario.yaml` states it: searches, ticket scans, bars, cloakrooms, toilets."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.distributions import Duration
from crowdsim.scenario.value import STRICT, Count, Flag, Key, Name, NonNegative, Positive, lists_of_one, refusal

QUEUE_SPACING_M = 0.6
"""From one person to the next in a queue, if not stated: 0.5 to 0.6 m are usual in queues (assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Hours:
    """From `from_s` to `until_s` after the start of the simulation; `until_s` left out: to its end."""

    from_s: NonNegative = 0.0
    until_s: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until_s is not None and self.until_s <= self.from_s:
            raise refusal(f"until_s {self.until_s:g}", f"above from_s ({self.from_s:g} s)")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Service:
    """Something that attendees wait for and are served at, one after the other.

    Attributes
    ----------
    queues : features of kind `queue`, each a line from where people are called, or served, back to where they join.
        Attendees choose the one where they expect to be served first.
    lanes : how many of the queues are open at the start, the first ones; left out, all. Interventions open others.
    servers : how many serve the people of each queue.
    counter : the feature of kind `counter` along which servers stand, evenly; left out, the one server of a queue is
        at its head.
    time : how long serving somebody takes; those who are called walk up to the server in that time.
    spacing_m : from one person to the next in a queue.
    open : when it is open; left out, always. Whoever is being served when it closes is served to the end; whoever waits
        when it has closed for good goes on with the itinerary.
    out_of_service : queues whose servers are away for a while, by name.
    balk_above : newcomers who find so many waiting in the queue of their choice go on with the itinerary, unserved;
        left out, nobody.
    patience : after waiting so long people go on with the itinerary, unserved; left out, never.
    reserved : queues that are for some only, by name: the names of their groups or profiles. They may use others, too.
    changing_over : whether those at the end of a queue change over to another where they would be served sooner.
    """

    queues: Annotated[tuple[Name, ...], Field(min_length=1)]
    lanes: Count | None = None
    servers: Count = 1
    counter: Name | None = None
    time: Duration
    spacing_m: Annotated[float, Field(strict=True, ge=0.3, le=3.0, allow_inf_nan=False)] = QUEUE_SPACING_M
    open: tuple[Hours, ...] = ()
    out_of_service: dict[Key, tuple[Hours, ...]] = Field(default_factory=dict)
    balk_above: Count | None = None
    patience: Duration | None = None
    reserved: dict[Key, tuple[Name, ...]] = Field(default_factory=dict)
    changing_over: Flag = True

    @model_validator(mode="before")
    @classmethod
    def _single_queue(cls, data: Any) -> Any:
        return lists_of_one(data, ("queues",))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.servers > 1 and self.counter is None:
            raise refusal(f"{self.servers} servers and no counter", "a counter along which they stand, or one server")
        if self.counter is not None and len(self.queues) > 1:
            raise refusal(f"a counter and {len(self.queues)} queues", "one queue, or queues without a counter")
        if len(set(self.queues)) < len(self.queues):
            raise refusal("the same queue twice", "each queue once")
        for key, queues in (("out_of_service", self.out_of_service), ("reserved", self.reserved)):
            for name in queues:
                if name not in self.queues:
                    raise refusal(f"{key} {name!r}", f"one of its queues: {', '.join(self.queues)}")
        if self.lanes is not None and self.lanes > len(self.queues):
            raise refusal(f"lanes {self.lanes}", f"at most {len(self.queues)}, as many as there are queues")
        if set(self.queues) <= set(self.reserved):
            raise refusal("every queue reserved", "at least one that is for everybody")
        for hours in (self.open, *self.out_of_service.values()):
            for one, other in pairwise(hours):
                if one.until_s is None or other.from_s < one.until_s:
                    raise refusal(f"from_s {other.from_s:g}", "hours in order, none within others")
        return self

    @property
    def shut(self) -> tuple[str, ...]:
        """The queues that are closed at the start, until an intervention opens them."""
        return self.queues[self.lanes :] if self.lanes is not None else ()


def plan_hours(service: Service, queue: str) -> list[tuple[float, int, bool]]:
    """Return when servers of a queue come or go [s], how many are there from then on, and whether that is the end."""
    out = service.out_of_service.get(queue, ())
    times = {0.0}
    for hours in (*service.open, *out):
        times |= {hours.from_s} | ({hours.until_s} if hours.until_s is not None else set())
    last = max((hours.until_s or math.inf for hours in service.open), default=math.inf)
    plan = []
    for time_s in sorted(times):
        is_open = not service.open or any(_within(time_s, hours) for hours in service.open)
        is_out = any(_within(time_s, hours) for hours in out)
        plan.append((time_s, service.servers if is_open and not is_out else 0, time_s >= last))
    return plan


def _within(time_s: float, hours: Hours) -> bool:
    return hours.from_s <= time_s and (hours.until_s is None or time_s < hours.until_s)
