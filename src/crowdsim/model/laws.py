"""Which kernel moves people by which model, and with which parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from crowdsim.kernels import anticipation_velocity as avm
from crowdsim.kernels import collision_free_speed as csm
from crowdsim.kernels import optimal_reciprocal as orca
from crowdsim.kernels import social_force as sfm
from crowdsim.kernels.collision_free_speed import NEGLIGIBLE
from crowdsim.population import Population
from crowdsim.scenario.movement import (
    AnticipationVelocity,
    CollisionFreeSpeed,
    Movement,
    OptimalReciprocal,
    SocialForce,
)

Law = csm.Law | avm.Law | sfm.Law | orca.Law

KERNELS: dict[type, Callable[..., Any]] = {
    csm.Law: csm.move_collision_free_speed,
    avm.Law: avm.move_anticipation_velocity,
    sfm.Law: sfm.move_social_force,
    orca.Law: orca.move_optimal_reciprocal,
}


def law_of(movement: Movement, population: Population, free_speed_m_s: float, radius_m: float) -> Law:
    """Return a movement model's parameters as its kernel takes them.

    Parameters
    ----------
    free_speed_m_s, radius_m : the highest free speed and the largest body radius there can be.
    """
    bodies = 2 * radius_m
    match movement:
        case CollisionFreeSpeed():
            fade = _fade(population)
            return csm.Law(
                wall_strength=movement.wall_strength,
                wall_range=movement.wall_range_m,
                bodies=bodies,
                fade=fade,
                reach=bodies + max(_headway(population, free_speed_m_s), fade),
            )
        case AnticipationVelocity():
            return avm.Law(
                anticipation_time=movement.anticipation_time_s,
                reaction_time=movement.reaction_time_s,
                wall_strength=movement.wall_strength,
                wall_range=movement.wall_range_m,
                perception_range=movement.perception_range_m,
                bodies=bodies,
                reach=max(bodies + _headway(population, free_speed_m_s), movement.perception_range_m),
            )
        case SocialForce():
            distance = movement.repulsion_range_m * math.log(max(movement.repulsion_n / sfm.NEGLIGIBLE_N, 1.0))
            return sfm.Law(
                mass=movement.mass_kg,
                relaxation_time=movement.relaxation_time_s,
                strength=movement.repulsion_n,
                range=movement.repulsion_range_m,
                stiffness=movement.stiffness_kg_s2,
                friction=movement.friction_kg_m_s,
                wall_strength=movement.wall_repulsion_n,
                top_speed=movement.top_speed_m_s,
                reach=bodies + distance,
            )
        case OptimalReciprocal():
            return orca.Law(
                time_horizon=movement.time_horizon_s,
                wall_time_horizon=movement.wall_time_horizon_s,
                most_neighbours=movement.most_neighbours,
                bodies=bodies,
                reach=movement.neighbour_range_m,
            )


def _headway(population: Population, free_speed_m_s: float) -> float:
    """Return the gap to the person in front below which anyone slows down, v0 T [m]."""
    return free_speed_m_s * float(population.time_gap.max(initial=0.0))


def _fade(population: Population) -> float:
    """Return the gap beyond which repulsion turns nobody [m]."""
    strength, length = population.strength, population.range
    return float((length * np.log(np.maximum(strength / NEGLIGIBLE, 1.0))).max(initial=0.0))
