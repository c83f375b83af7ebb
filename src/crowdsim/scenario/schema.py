"""The typed content of `scenario.yaml`: frozen dataclasses with SI units in the key names."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crowdsim.scenario.criteria import Criterion
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.hand_rates import HandRates
from crowdsim.scenario.intervention import Intervention
from crowdsim.scenario.movement import Movement
from crowdsim.scenario.profile import Mix, Profile
from crowdsim.scenario.programme import ProgrammeItem
from crowdsim.scenario.service import Service
from crowdsim.scenario.steward import Steward
from crowdsim.scenario.value import STRICT, Flag, Key, Name, Positive, Text
from crowdsim.scenario.venue_settings import Added, Doorway, Level, Passage, Placement, Zone


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
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


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Measure:
    """How crowd quantities are measured.

    Attributes
    ----------
    cell_m : spacing of the grid that densities are computed on [m].
    smoothing_m : standard deviation of the Gaussian that spreads each person [m].
    flow_window_s : length of the moving window for peak flows [s].
    window_s : length of the sliding window for means in each cell of the grid [s].
    pressure_radius_m : R of the crowd pressure's weights, exp(-(r / R)^2) [m].
    pressure_window_s : length of the sliding window that its variances are taken over [s].
    hand_rates : the edition whose rates of passage hand calculations reckon with (`HAND_RATES`).
    """

    cell_m: Annotated[float, Field(strict=True, ge=0.1, le=2.0, allow_inf_nan=False)]
    smoothing_m: Annotated[float, Field(strict=True, ge=0.2, le=5.0, allow_inf_nan=False)]
    flow_window_s: Positive
    window_s: Positive = 60.0
    pressure_radius_m: Annotated[float, Field(strict=True, ge=0.3, le=10.0, allow_inf_nan=False)] = 1.0
    pressure_window_s: Positive = 10.0
    hand_rates: HandRates = "green_guide_6"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ScenarioConfig:
    """Everything that `scenario.yaml`, the config groups and the overrides say, resolved and typed.

    Attributes
    ----------
    scenario : the scenario's name; empty for the name of its folder.
    venue : the venue file's name, relative to the scenario's folder.
    duration_s : the simulation ends here at the latest [s].
    grid_step_m : spacing of the navigation grid [m]; null chooses it from the narrowest passage.
    threads : CPU threads of the movement kernel; null takes all. Results do not depend on it.
    routes : whether people take the `shortest` ways, or the `quickest`, round crowds.
    mixes : shares of profiles under one name, for groups to take as their profile.
    levels : the floors of a venue with several, by name; features name theirs.
    doors, exits, stairs, ramps, escalators, lifts : width, state and place of the venue's features of these kinds, by
        name; of doors where to they are passed, if one way only.
    walkable, obstacles, entrances, zones, measurement_lines, measurement_areas, queues, counters : place of the others;
        of zones how many they take and where people stand in them, too.
    added : features that the venue file does not have, by name.
    interventions : what is done during the run, in any order.
    refuges : zones in which those wait who take no steps and have no way to where they want to go.
    services : what attendees queue for, by name.
    programme : what takes place where and when, by name.
    stewards : who stands where and tells people which exit to take, by name.
    published : the sets of criteria chosen, as they are without what the scenario changes of them.
    """

    scenario: Annotated[Text, Field(pattern=r"^[^/]*$")] = ""
    title: Name
    description: Text = ""
    venue: Name = "venue.geojson"
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 1
    duration_s: Annotated[float, Field(strict=True, gt=0, le=7 * 86400.0, allow_inf_nan=False)]
    grid_step_m: Annotated[float, Field(strict=True, ge=0.05, le=1.0, allow_inf_nan=False)] | None = None
    threads: Annotated[int, Field(strict=True, ge=1, le=1024)] | None = None
    routes: Literal["shortest", "quickest"] = "shortest"
    attendees: Annotated[dict[Key, AttendeeGroup], Field(min_length=1)]
    profiles: Annotated[dict[Key, Profile], Field(min_length=1)]
    movement: Movement
    output: Output
    measure: Measure
    criteria: dict[Key, Criterion]
    mixes: dict[Key, Mix] = field(default_factory=dict)
    levels: dict[Key, Level] = field(default_factory=dict)
    doors: dict[Key, Doorway] = field(default_factory=dict)
    exits: dict[Key, Passage] = field(default_factory=dict)
    stairs: dict[Key, Passage] = field(default_factory=dict)
    ramps: dict[Key, Passage] = field(default_factory=dict)
    escalators: dict[Key, Passage] = field(default_factory=dict)
    lifts: dict[Key, Passage] = field(default_factory=dict)
    walkable: dict[Key, Placement] = field(default_factory=dict)
    obstacles: dict[Key, Placement] = field(default_factory=dict)
    entrances: dict[Key, Placement] = field(default_factory=dict)
    zones: dict[Key, Zone] = field(default_factory=dict)
    measurement_lines: dict[Key, Placement] = field(default_factory=dict)
    measurement_areas: dict[Key, Placement] = field(default_factory=dict)
    queues: dict[Key, Placement] = field(default_factory=dict)
    counters: dict[Key, Placement] = field(default_factory=dict)
    added: Added = field(default_factory=dict)
    interventions: tuple[Intervention, ...] = ()
    refuges: tuple[Name, ...] = ()
    services: dict[Key, Service] = field(default_factory=dict)
    programme: dict[Key, ProgrammeItem] = field(default_factory=dict)
    stewards: dict[Key, Steward] = field(default_factory=dict)
    published: dict[str, dict[Key, Criterion]] = field(default_factory=dict)
