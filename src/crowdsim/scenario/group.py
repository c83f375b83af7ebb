"""Groups of attendees, as `scenario.yaml` states them."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.arrival import Arrival, AtStart, CountTable, RateTable
from crowdsim.scenario.choice import Choice
from crowdsim.scenario.distributions import Duration
from crowdsim.scenario.itinerary import NEAREST, AnyLeg, Leave, Need, check_itinerary, no_time
from crowdsim.scenario.party import PartySize
from crowdsim.scenario.value import STRICT, Count, Key, Name, Positive, Share, normalised, one_or_several, refusal


def _leave_by_nearest() -> tuple[AnyLeg, ...]:
    return (Leave(exit=NEAREST),)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LateComers:
    """The share of a group who come later than the others would, each by a duration drawn for them."""

    share: Share
    by: Duration


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AttendeeGroup:
    """Attendees who come the same way and do the same.

    Attributes
    ----------
    start : the zone (standing there at time zero) or entrance where they appear, or shares of several (they are
        normalised), from which each attendee's is drawn.
    count : how many; may be left out with a table of rates or counts only.
    profile : the name of a profile or mix, or shares of several (they are normalised).
    pre_movement : time between appearing and walking off.
    itinerary : goals with dwell times in order, an exit last.
    no_show : the probability of each of the `count` not to come.
    late : who comes later than `arrival` says; left out, nobody.
    parties : how many come together and stay together; left out, everybody is alone.
    needs : what comes due again and again while attendees stay somewhere, by name.
    choice : what they know of exits and queues, and how they choose; left out, they take the nearest exit, and of
        queues the one where they are served first, knowing all.
    """

    start: Annotated[
        Annotated[Name, Tag("one")] | Annotated[dict[Name, Positive], Field(min_length=1), Tag("several")],
        Discriminator(
            one_or_several,
            custom_error_type="one_or_several",
            custom_error_message="the name of a zone or entrance, or a mapping of names to shares",
        ),
    ]
    count: Count | None = None
    profile: Annotated[
        Annotated[Name, Tag("one")] | Annotated[dict[Name, Positive], Field(min_length=1), Tag("several")],
        Discriminator(
            one_or_several,
            custom_error_type="one_or_several",
            custom_error_message="the name of a profile or mix, or a mapping of names to shares",
        ),
    ] = "adult"
    arrival: Arrival = field(default_factory=lambda: AtStart(kind="at_start"))
    pre_movement: Duration = field(default_factory=no_time)
    itinerary: Annotated[tuple[AnyLeg, ...], Field(min_length=1)] = field(default_factory=_leave_by_nearest)
    no_show: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] = 0.0
    late: LateComers | None = None
    parties: tuple[PartySize, ...] = ()
    needs: dict[Key, Need] = field(default_factory=dict)
    choice: Choice | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.count is None and not isinstance(self.arrival, (RateTable, CountTable)):
            raise refusal("no count", "a whole number above 0 (only arrival kinds 'table' and 'counts' go without)")
        if self.count is None and self.no_show:
            raise refusal("no_show and no count", "the count of which that share does not come")
        if self.late and isinstance(self.arrival, AtStart):
            raise refusal("late comers among those at_start", "late with arrivals over time only")
        check_itinerary(self.itinerary, self.needs)
        return self


def start_shares(group: AttendeeGroup) -> dict[str, float]:
    """Return the share of a group that starts in each of its zones or entrances, adding up to one."""
    return normalised(group.start)
