"""What a run is judged by, as `scenario.yaml` and the packaged sets of criteria state it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Flag, Key, Name, NonNegative, Positive, Share, Text, refusal

Evidence = Literal["standard", "literature", "assumption"]

Regions = tuple[Key, ...]
"""Names of zones, queues and measurement areas; none for the whole venue."""

Level = Literal["A", "B", "C", "D", "E", "F"]
"""Of service, after Fruin (1971)."""

Context = Literal["walkway", "queue", "stair"]
"""What people do where they are; each has limits of its own for the levels of service."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Stated:
    """What every criterion says.

    Attributes
    ----------
    source, section : the document that the limit is from, with its edition, and where in it.
    level_of_evidence : whether that is a standard, literature, or an assumption.
    text : the criterion in words of our own; None says it with its numbers.
    """

    source: Name
    section: Text | None = None
    level_of_evidence: Evidence
    text: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EgressTimeCriterion(Stated):
    """The last attendee leaves within `limit_s` after `from_s`."""

    quantity: Literal["egress_time"]
    limit_s: Positive
    from_s: NonNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ClearingTimeCriterion(Stated):
    """A zone or measurement area is empty within `limit_s` after `from_s`, and stays so.

    Attributes
    ----------
    region : its name; None leaves the criterion undecided until one is named.
    """

    quantity: Literal["clearing_time"]
    limit_s: Positive
    from_s: NonNegative = 0.0
    region: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EgressByHandCriterion(Stated):
    """Everyone inside at the most is out within `limit_s` by hand: people over width times rate of the exits.

    Attributes
    ----------
    rate_per_m_min : people a minute and metre of width.
    widest_closed : whether the widest exit is left out, as it may be the one that cannot be used.
    """

    quantity: Literal["egress_by_hand"]
    limit_s: Positive
    rate_per_m_min: Positive
    widest_closed: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DensityCriterion(Stated):
    """No place is denser than `limit_per_m2`, on average over `measure.window_s` or at any sampled time.

    Attributes
    ----------
    over_time : `window`, or `moment` for the highest at any sampled time.
    region : where.
    """

    quantity: Literal["density"]
    limit_per_m2: Positive
    over_time: Literal["window", "moment"] = "window"
    region: Regions = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OccupancyCriterion(Stated):
    """In no zone or measurement area are there more people than `limit_per_m2` times its ground.

    Attributes
    ----------
    region : which; all zones if none is named.
    """

    quantity: Literal["occupancy"]
    limit_per_m2: Positive
    region: Regions = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DensityExposureCriterion(Stated):
    """Attendees spend, on average over all who entered, at most `limit_s` above `above_per_m2`."""

    quantity: Literal["density_exposure"]
    above_per_m2: Positive
    limit_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TimeAboveCriterion(Stated):
    """No place is denser than `above_per_m2` for longer than `limit_s` on end, or that share of the egress time.

    Attributes
    ----------
    limit_s, limit_share : one of them, or both: then the shorter time counts.
    region : where.
    """

    quantity: Literal["time_above"]
    above_per_m2: Positive
    limit_s: NonNegative | None = None
    limit_share: Share | None = None
    region: Regions = ()

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.limit_s is None and self.limit_share is None:
            raise refusal("neither limit_s nor limit_share", "one of them")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LevelOfServiceCriterion(Stated):
    """At most the share `limit_share` of the time that people spend in a context is spent at a level beyond `worst`."""

    quantity: Literal["level_of_service"]
    context: Context
    worst: Level
    limit_share: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExitFlowCriterion(Stated):
    """No exit carries more than `limit_per_m_s` people per metre and second over the flow window."""

    quantity: Literal["exit_flow"]
    limit_per_m_s: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LineFlowCriterion(Stated):
    """No door or measurement line carries more than `limit_per_m_s` people per metre and second over the flow window.

    Attributes
    ----------
    lines : their names, of exits, stairs, ramps and escalators, too; all doors and lines if none is named.
    """

    quantity: Literal["line_flow"]
    limit_per_m_s: Positive
    lines: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class StairFlowCriterion(Stated):
    """No stair carries more than `limit_per_m_s` people per metre and second, up and down, over the flow window."""

    quantity: Literal["stair_flow"]
    limit_per_m_s: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PressureCriterion(Stated):
    """Nowhere is crowd pressure, density times variance of velocity vectors, above `limit_per_s2`.

    Attributes
    ----------
    variance_of : everybody's `velocities`, or the `mean_velocity` of those around from moment to moment.
    """

    quantity: Literal["pressure"]
    limit_per_s2: Positive
    variance_of: Literal["velocities", "mean_velocity"] = "velocities"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OscillationCriterion(Stated):
    """Nowhere do people in a dense crowd move round together."""

    quantity: Literal["oscillation"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QueueOverflowCriterion(Stated):
    """At no service do more people wait than its lines have room for, for longer than `limit_s` all in all."""

    quantity: Literal["queue_overflow"]
    limit_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QueueWaitCriterion(Stated):
    """Those called at a service have waited at most `limit_s`: on average, 95 % of them, or all.

    Attributes
    ----------
    services : their names; all if none is named.
    """

    quantity: Literal["queue_wait"]
    limit_s: NonNegative
    statistic: Literal["mean", "p95", "max"] = "p95"
    services: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ServiceRateCriterion(Stated):
    """No lane of a service is reckoned to serve more than `limit_per_min` people a minute.

    Attributes
    ----------
    services : their names; all if none is named.
    """

    quantity: Literal["service_rate"]
    limit_per_min: Positive
    services: tuple[Key, ...] = ()


Criterion = Annotated[
    EgressTimeCriterion
    | ClearingTimeCriterion
    | EgressByHandCriterion
    | DensityCriterion
    | OccupancyCriterion
    | DensityExposureCriterion
    | TimeAboveCriterion
    | LevelOfServiceCriterion
    | ExitFlowCriterion
    | LineFlowCriterion
    | StairFlowCriterion
    | PressureCriterion
    | OscillationCriterion
    | QueueWaitCriterion
    | QueueOverflowCriterion
    | ServiceRateCriterion,
    Field(discriminator="quantity"),
]
