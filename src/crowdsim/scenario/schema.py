"""The typed content of `scenario.yaml`: frozen dataclasses with SI units in the key names."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

_CONFIG = ConfigDict(extra="forbid")

Count = Annotated[int, Field(strict=True, gt=0, le=10_000_000)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(strict=True, min_length=1)]


# ---------------------------------------------------------------- times that vary between attendees
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Constant:
    """The same duration for everyone."""

    distribution: Literal["constant"]
    value_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Uniform:
    """A duration drawn evenly between two bounds."""

    distribution: Literal["uniform"]
    min_s: NonNegative
    max_s: NonNegative

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_s < self.min_s:
            msg = f"max_s ({self.max_s:g}) must be at least min_s ({self.min_s:g})"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Normal:
    """A normally distributed duration; cut off below zero."""

    distribution: Literal["normal"]
    mean_s: NonNegative
    sd_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Lognormal:
    """A lognormal duration: `median_s * exp(sigma * N(0, 1))`; sigma has no unit."""

    distribution: Literal["lognormal"]
    median_s: Positive
    sigma: NonNegative


Duration = Annotated[Constant | Uniform | Normal | Lognormal, Field(discriminator="distribution")]


# ---------------------------------------------------------------- people
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class TruncatedNormal:
    """A normal distribution cut off at `min` and `max`."""

    mean: Positive
    sd: NonNegative
    min: Positive
    max: Positive

    @model_validator(mode="after")
    def _mean_inside(self) -> Self:
        if not self.min <= self.mean <= self.max:
            msg = f"needs min <= mean <= max, not {self.min:g}, {self.mean:g}, {self.max:g}"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Profile:
    """A kind of attendee.

    Attributes
    ----------
    free_speed_m_s : free (desired) walking speed on the level [m/s].
    body_radius_m : radius of the body seen from above, taken as a disc [m].
    source : where the figures come from.
    """

    free_speed_m_s: TruncatedNormal
    body_radius_m: TruncatedNormal
    source: str = ""

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        # Bounds that catch slipped units (km/h, cm), far outside what any person is or does.
        if self.free_speed_m_s.max > MAX_FREE_SPEED_M_S:
            msg = f"free_speed_m_s.max is {self.free_speed_m_s.max:g}; at most {MAX_FREE_SPEED_M_S:g} m/s"
            raise ValueError(msg)
        if not MIN_BODY_RADIUS_M <= self.body_radius_m.min <= self.body_radius_m.max <= MAX_BODY_RADIUS_M:
            msg = (
                f"body_radius_m must lie within {MIN_BODY_RADIUS_M:g} and {MAX_BODY_RADIUS_M:g} m, "
                f"not {self.body_radius_m.min:g} to {self.body_radius_m.max:g}"
            )
            raise ValueError(msg)
        return self


MAX_FREE_SPEED_M_S = 6.0
MIN_BODY_RADIUS_M = 0.1
MAX_BODY_RADIUS_M = 0.6


# ---------------------------------------------------------------- arrivals
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class AtStart:
    """Everyone stands in the start zone at time zero."""

    kind: Literal["at_start"]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ConstantRate:
    """One attendee every `60 / rate_per_min` seconds from `start_s` on, until `count` have come."""

    kind: Literal["constant"]
    rate_per_min: Positive
    start_s: NonNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Poisson:
    """A Poisson process with a constant rate from `start_s` on, until `count` have come."""

    kind: Literal["poisson"]
    rate_per_min: Positive
    start_s: NonNegative = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class RateRow:
    """From `from_s` on, until the next row, attendees come at `rate_per_min`."""

    from_s: NonNegative
    rate_per_min: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class RateTable:
    """A piecewise constant rate; with `count` the table is scaled to bring that many.

    `file` names a CSV next to the scenario with the columns `from_s,rate_per_min`, in place of `rows`.
    With `random` the times are a Poisson process of that rate, else evenly spread within each row.
    """

    kind: Literal["table"]
    until_s: Positive
    rows: tuple[RateRow, ...] = ()
    file: Name | None = None
    random: Flag = True

    @model_validator(mode="after")
    def _one_source_in_order(self) -> Self:
        if bool(self.rows) == bool(self.file):
            msg = "give either rows or file"
            raise ValueError(msg)
        times = [row.from_s for row in self.rows]
        if any(b <= a for a, b in zip(times, times[1:], strict=False)):
            msg = f"from_s must rise from row to row, not {times}"
            raise ValueError(msg)
        if self.rows and self.until_s <= times[-1]:
            msg = f"until_s ({self.until_s:g}) must lie after the last from_s ({times[-1]:g})"
            raise ValueError(msg)
        if self.rows and not any(row.rate_per_min > 0 for row in self.rows):
            msg = "at least one rate_per_min must be above 0"
            raise ValueError(msg)
        return self


Arrival = Annotated[AtStart | ConstantRate | Poisson | RateTable, Field(discriminator="kind")]


# ---------------------------------------------------------------- itineraries
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Visit:
    """Walk to a zone and stay there for a while; the stay begins on reaching the zone."""

    goal: Name
    dwell: Duration


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Leave:
    """Leave by the nearest exit (by walking distance), by one named exit, or the nearest of several."""

    exit: Name | Annotated[tuple[Name, ...], Field(min_length=1)]


def _leg_kind(value: object) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "__slots__", ())
    return "leave" if "exit" in keys else "visit"


Leg = Annotated[
    Annotated[Visit, Tag("visit")] | Annotated[Leave, Tag("leave")],
    Discriminator(_leg_kind),
]

NEAREST = "nearest"


def _stand_still() -> Constant:
    return Constant(distribution="constant", value_s=0.0)


def _leave_by_nearest() -> tuple[Visit | Leave, ...]:
    return (Leave(exit=NEAREST),)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class AttendeeGroup:
    """Attendees who come the same way and do the same.

    Attributes
    ----------
    start : the zone (standing there at time zero) or entrance where they appear.
    count : how many; may be left out with a rate table only.
    profile : a profile's name, or shares of several (they are normalised).
    pre_movement : time between appearing and walking off.
    itinerary : goals with dwell times in order, an exit last.
    """

    start: Name
    count: Count | None = None
    profile: Name | Annotated[dict[Name, Positive], Field(min_length=1)] = "adult"
    arrival: Arrival = field(default_factory=lambda: AtStart(kind="at_start"))
    pre_movement: Duration = field(default_factory=_stand_still)
    itinerary: Annotated[tuple[Leg, ...], Field(min_length=1)] = field(default_factory=_leave_by_nearest)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.count is None and not isinstance(self.arrival, RateTable):
            msg = "count is missing (only arrival kind 'table' may go without)"
            raise ValueError(msg)
        if any(isinstance(leg, Leave) for leg in self.itinerary[:-1]) or not isinstance(
            self.itinerary[-1], Leave
        ):
            msg = "the itinerary must end with an exit and have none before"
            raise ValueError(msg)
        return self


# ---------------------------------------------------------------- venue settings that overrides reach
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Passage:
    """How wide a door or exit of the venue is, and whether it is open.

    `width_m` is null for an exit drawn as an area: its width follows from the drawing.
    """

    width_m: Positive | None = None
    open: Flag = True


# ---------------------------------------------------------------- movement
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class CollisionFreeSpeed:
    """Parameters of the collision-free speed model (Tordeux, Chraibi and Seyfried 2016).

    Attributes
    ----------
    step_s : length of a movement step [s].
    time_gap_s : T, time gap to the person in front [s].
    neighbour_strength, neighbour_range_m : a and D of the repulsion between people, eq. 6.
    wall_strength, wall_range_m : the same for walls.
    """

    model: Literal["collision_free_speed"]
    step_s: Annotated[float, Field(strict=True, gt=0, le=0.1, allow_inf_nan=False)]
    time_gap_s: Positive
    neighbour_strength: NonNegative
    neighbour_range_m: Positive
    wall_strength: NonNegative
    wall_range_m: Positive


Movement = Annotated[CollisionFreeSpeed, Field()]


# ---------------------------------------------------------------- what is recorded, measured, judged
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Output:
    """What a run writes.

    Attributes
    ----------
    sample_interval_s : time between recorded trajectory rows [s]; a multiple of the movement step.
    plots : draw the pictures.
    voronoi : also measure Voronoi densities in the measurement areas, through PedPy.
    """

    sample_interval_s: Positive
    plots: Flag
    voronoi: Flag


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Measure:
    """How crowd quantities are measured.

    Attributes
    ----------
    cell_m : spacing of the grid that densities are computed on [m].
    smoothing_m : standard deviation of the Gaussian that spreads each person [m].
    flow_window_s : length of the moving window for peak flows [s].
    """

    cell_m: Annotated[float, Field(strict=True, ge=0.1, le=2.0, allow_inf_nan=False)]
    smoothing_m: Annotated[float, Field(strict=True, ge=0.2, le=5.0, allow_inf_nan=False)]
    flow_window_s: Positive


Evidence = Literal["standard", "literature", "assumption"]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class EgressTimeCriterion:
    """The last attendee leaves within `limit_s` after `from_s`."""

    quantity: Literal["egress_time"]
    limit_s: Positive
    from_s: NonNegative = 0.0
    source: Name
    level_of_evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class DensityExposureCriterion:
    """Attendees spend, on average over all who entered, at most `limit_s` above `above_per_m2`."""

    quantity: Literal["density_exposure"]
    above_per_m2: Positive
    limit_s: NonNegative
    source: Name
    level_of_evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ExitFlowCriterion:
    """No exit carries more than `limit_per_m_s` people per metre and second over the flow window."""

    quantity: Literal["exit_flow"]
    limit_per_m_s: Positive
    source: Name
    level_of_evidence: Evidence


Criterion = Annotated[
    EgressTimeCriterion | DensityExposureCriterion | ExitFlowCriterion, Field(discriminator="quantity")
]


# ---------------------------------------------------------------- the whole
@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class ScenarioConfig:
    """Everything that `scenario.yaml`, the config groups and the overrides say, resolved and typed.

    Attributes
    ----------
    scenario : the scenario's name; empty for the name of its folder.
    venue : the venue file's name, relative to the scenario's folder.
    duration_s : the simulation ends here at the latest [s].
    grid_step_m : spacing of the navigation grid [m]; null chooses it from the narrowest passage.
    threads : CPU threads of the movement kernel; null takes all. Results do not depend on it.
    doors, exits : width and state of the venue's doors and exits, by name.
    """

    scenario: str = ""
    title: Name
    description: str = ""
    venue: Name = "venue.geojson"
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 1
    duration_s: Annotated[float, Field(strict=True, gt=0, le=7 * 86400.0, allow_inf_nan=False)]
    grid_step_m: Annotated[float, Field(strict=True, ge=0.05, le=1.0, allow_inf_nan=False)] | None = None
    threads: Annotated[int, Field(strict=True, ge=1, le=1024)] | None = None
    attendees: Annotated[dict[Name, AttendeeGroup], Field(min_length=1)]
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)]
    movement: Movement
    output: Output
    measure: Measure
    criteria: dict[Name, Criterion]
    doors: dict[Name, Passage] = field(default_factory=dict)
    exits: dict[Name, Passage] = field(default_factory=dict)
