"""The typed content of `scenario.yaml`: frozen dataclasses with SI units in the key names."""

from __future__ import annotations

from dataclasses import field
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.movement import Movement
from crowdsim.scenario.value import Count, Flag, Key, Name, NonNegative, Positive, Share, Text, refusal
from crowdsim.scenario.venue_settings import Added, Intervention, Level, Passage, Placement

_CONFIG = ConfigDict(extra="forbid")


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
            raise refusal(f"max_s {self.max_s:g}", f"at least min_s ({self.min_s:g} s)")
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
            raise refusal(f"min {self.min:g}, mean {self.mean:g}, max {self.max:g}", "min <= mean <= max")
        return self


STAIRS_UP, STAIRS_DOWN = 0.610 / 1.34, 0.694 / 1.34
"""Horizontal speeds on stairs over the one on the level: Weidmann (1993), Transporttechnik der Fussgaenger."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Profile:
    """A kind of attendee.

    Attributes
    ----------
    free_speed_m_s : free (desired) walking speed on the level [m/s].
    body_radius_m : radius of the body seen from above, taken as a disc [m].
    time_gap_s, neighbour_strength, neighbour_range_m : own values of these parameters, for movement models that
        have them; left out, the movement model's.
    stairs_up, stairs_down : free speed on stairs, its horizontal part, as a share of the free speed on the level.
        The defaults are Weidmann's (1993): 0.610 and 0.694 of 1.34 m/s.
    step_free : takes neither stairs nor escalators.
    source : where the figures come from.
    """

    free_speed_m_s: TruncatedNormal
    body_radius_m: TruncatedNormal
    time_gap_s: TruncatedNormal | None = None
    neighbour_strength: TruncatedNormal | None = None
    neighbour_range_m: TruncatedNormal | None = None
    stairs_up: Share = STAIRS_UP
    stairs_down: Share = STAIRS_DOWN
    step_free: Flag = False
    source: Text = ""

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        # Bounds that catch slipped units (km/h, cm), far outside what any person is or does.
        if self.free_speed_m_s.max > MAX_FREE_SPEED_M_S:
            raise refusal(f"free_speed_m_s.max {self.free_speed_m_s.max:g}", f"at most {MAX_FREE_SPEED_M_S:g} m/s")
        if not MIN_BODY_RADIUS_M <= self.body_radius_m.min <= self.body_radius_m.max <= MAX_BODY_RADIUS_M:
            raise refusal(
                f"body_radius_m from {self.body_radius_m.min:g} to {self.body_radius_m.max:g}",
                f"within {MIN_BODY_RADIUS_M:g} and {MAX_BODY_RADIUS_M:g} m",
            )
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
            raise refusal("both rows and file" if self.file else "neither rows nor file", "one of the two")
        times = [row.from_s for row in self.rows]
        for before, after in pairwise(times):
            if after <= before:
                raise refusal(f"from_s {after:g} after {before:g}", "times that rise from row to row")
        if self.rows and self.until_s <= times[-1]:
            raise refusal(f"until_s {self.until_s:g}", f"above the last from_s ({times[-1]:g} s)")
        if self.rows and not any(row.rate_per_min > 0 for row in self.rows):
            raise refusal("no rate_per_min above 0", "at least one")
        return self


Arrival = Annotated[AtStart | ConstantRate | Poisson | RateTable, Field(discriminator="kind")]


# ---------------------------------------------------------------- itineraries
def _one_or_several(value: object) -> str | None:
    """Tell a single name from a collection of names, so that a mistake is explained for what was meant."""
    if isinstance(value, str):
        return "one"
    return "several" if isinstance(value, (list, tuple, dict)) else None


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Visit:
    """Walk to a zone and stay there for a while; the stay begins on reaching the zone."""

    goal: Name
    dwell: Duration


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Leave:
    """Leave by the nearest exit (by walking distance), by one named exit, or the nearest of several."""

    exit: Annotated[
        Annotated[Name, Tag("one")] | Annotated[tuple[Name, ...], Field(min_length=1), Tag("several")],
        Discriminator(
            _one_or_several,
            custom_error_type="one_or_several",
            custom_error_message="the name of an exit, or a list of names",
        ),
    ]


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
    profile: Annotated[
        Annotated[Name, Tag("one")] | Annotated[dict[Name, Positive], Field(min_length=1), Tag("several")],
        Discriminator(
            _one_or_several,
            custom_error_type="one_or_several",
            custom_error_message="the name of a profile, or a mapping of names to shares",
        ),
    ] = "adult"
    arrival: Arrival = field(default_factory=lambda: AtStart(kind="at_start"))
    pre_movement: Duration = field(default_factory=_stand_still)
    itinerary: Annotated[tuple[Leg, ...], Field(min_length=1)] = field(default_factory=_leave_by_nearest)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.count is None and not isinstance(self.arrival, RateTable):
            raise refusal("no count", "a whole number above 0 (only arrival kind 'table' may go without)")
        if any(isinstance(leg, Leave) for leg in self.itinerary[:-1]) or not isinstance(self.itinerary[-1], Leave):
            raise refusal("an itinerary with no exit at its end, or one before", "goals, then one exit")
        return self


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
    levels : the floors of a venue with several, by name; features name theirs.
    doors, exits, stairs, ramps, escalators, lifts : width, state and place of the venue's features of these kinds, by
        name.
    walkable, obstacles, entrances, zones, measurement_lines, measurement_areas : place of the others.
    added : features that the venue file does not have, by name.
    interventions : what changes in the venue during the run, in any order.
    refuges : zones in which those wait who take no steps and have no way to where they want to go.
    """

    scenario: Annotated[Text, Field(pattern=r"^[^/]*$")] = ""
    title: Name
    description: Text = ""
    venue: Name = "venue.geojson"
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 1
    duration_s: Annotated[float, Field(strict=True, gt=0, le=7 * 86400.0, allow_inf_nan=False)]
    grid_step_m: Annotated[float, Field(strict=True, ge=0.05, le=1.0, allow_inf_nan=False)] | None = None
    threads: Annotated[int, Field(strict=True, ge=1, le=1024)] | None = None
    attendees: Annotated[dict[Key, AttendeeGroup], Field(min_length=1)]
    profiles: Annotated[dict[Key, Profile], Field(min_length=1)]
    movement: Movement
    output: Output
    measure: Measure
    criteria: dict[Key, Criterion]
    levels: dict[Key, Level] = field(default_factory=dict)
    doors: dict[Key, Passage] = field(default_factory=dict)
    exits: dict[Key, Passage] = field(default_factory=dict)
    stairs: dict[Key, Passage] = field(default_factory=dict)
    ramps: dict[Key, Passage] = field(default_factory=dict)
    escalators: dict[Key, Passage] = field(default_factory=dict)
    lifts: dict[Key, Passage] = field(default_factory=dict)
    walkable: dict[Key, Placement] = field(default_factory=dict)
    obstacles: dict[Key, Placement] = field(default_factory=dict)
    entrances: dict[Key, Placement] = field(default_factory=dict)
    zones: dict[Key, Placement] = field(default_factory=dict)
    measurement_lines: dict[Key, Placement] = field(default_factory=dict)
    measurement_areas: dict[Key, Placement] = field(default_factory=dict)
    added: Added = field(default_factory=dict)
    interventions: tuple[Intervention, ...] = ()
    refuges: tuple[Name, ...] = ()
