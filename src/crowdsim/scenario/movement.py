"""The movement models' parameters, one class a model; `model` tells which."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Count, NonNegative, Positive, Range, Strength

FIRST_ORDER_STEP_S = 0.1
"""Largest step of models without inertia: beyond it egress times move by more than 3 % (docs/models.md)."""

SOCIAL_FORCE_STEP_S = 0.02
"""Largest step of the social force model: beyond it bodies in contact bounce (docs/models.md)."""

FirstOrderStep = Annotated[float, Field(strict=True, gt=0, le=FIRST_ORDER_STEP_S, allow_inf_nan=False)]
SocialForceStep = Annotated[float, Field(strict=True, gt=0, le=SOCIAL_FORCE_STEP_S, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CollisionFreeSpeed:
    """Parameters of the collision-free speed model (Tordeux, Chraibi and Seyfried 2016).

    Attributes
    ----------
    step_s : length of a movement step [s].
    time_gap_s : T, time gap to the person in front [s]; a profile can have its own.
    neighbour_strength, neighbour_range_m : a and D of the repulsion between people, eq. 6; likewise.
    wall_strength, wall_range_m : the same for walls.
    """

    model: Literal["collision_free_speed"]
    step_s: FirstOrderStep
    time_gap_s: Positive
    neighbour_strength: Strength
    neighbour_range_m: Range
    wall_strength: NonNegative
    wall_range_m: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AnticipationVelocity:
    """Parameters of the anticipation velocity model (Xu, Chraibi and Seyfried 2021).

    Attributes
    ----------
    step_s : length of a movement step [s].
    time_gap_s : T, time gap to the person in front [s]; a profile can have its own.
    neighbour_strength, neighbour_range_m : k and D of the influence of others; likewise.
    anticipation_time_s : how far ahead others' motion is foreseen [s].
    reaction_time_s : in which the heading turns to the one wanted [s].
    perception_range_m : people farther away than this, centre to centre, turn nobody aside [m].
    wall_strength, wall_range_m : of the repulsion from walls, as in the collision-free speed model.
    """

    model: Literal["anticipation_velocity"]
    step_s: FirstOrderStep
    time_gap_s: Positive
    neighbour_strength: Strength
    neighbour_range_m: Range
    anticipation_time_s: NonNegative
    reaction_time_s: Positive
    perception_range_m: Positive
    wall_strength: NonNegative
    wall_range_m: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SocialForce:
    """Parameters of the social force model (Helbing, Farkas and Vicsek 2000).

    Attributes
    ----------
    step_s : length of a movement step [s].
    mass_kg : m.
    relaxation_time_s : tau, in which people get up to their free speed [s].
    repulsion_n, repulsion_range_m : A and B of the repulsion between people.
    wall_repulsion_n : A of the repulsion from walls.
    stiffness_kg_s2 : k, of bodies in contact.
    friction_kg_m_s : kappa, sliding friction of bodies in contact.
    top_speed_m_s : nobody is pushed faster than this [m/s].
    """

    model: Literal["social_force"]
    step_s: SocialForceStep
    mass_kg: Positive
    relaxation_time_s: Positive
    repulsion_n: Strength
    repulsion_range_m: Range
    wall_repulsion_n: NonNegative
    stiffness_kg_s2: NonNegative
    friction_kg_m_s: NonNegative
    top_speed_m_s: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OptimalReciprocal:
    """Parameters of optimal reciprocal collision avoidance (van den Berg, Guy, Lin and Manocha 2011).

    Attributes
    ----------
    step_s : length of a movement step [s].
    time_horizon_s : for which velocities are free of collisions with people [s].
    wall_time_horizon_s : the same for walls [s].
    neighbour_range_m : people farther away than this, centre to centre, are not avoided [m].
    most_neighbours : of those nearer, as many of the nearest are.
    """

    model: Literal["optimal_reciprocal"]
    step_s: FirstOrderStep
    time_horizon_s: Positive
    wall_time_horizon_s: Positive
    neighbour_range_m: Positive
    most_neighbours: Count


Movement = Annotated[
    CollisionFreeSpeed | AnticipationVelocity | SocialForce | OptimalReciprocal, Field(discriminator="model")
]
