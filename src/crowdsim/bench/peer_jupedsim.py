"""The open and the bottleneck case on JuPedSim."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jupedsim
import numpy as np
import shapely

from crowdsim.bench.memory import peak_bytes

SETTLING_STEPS = 3
"""As of the engine that it is compared with."""


def prepare(job: dict[str, Any], tell: Callable[[str], None]) -> Callable[[], dict[str, Any]]:
    """Return a function that builds the job's case on JuPedSim and times its steps."""
    people = dict(np.load(job["attendees"]))

    def measure_once() -> dict[str, Any]:
        tell("building the model (JuPedSim)")
        simulation = build(job, people)
        for _ in range(SETTLING_STEPS):
            simulation.iterate()
        tell("stepping (JuPedSim)")
        agent_steps = 0
        began = time.perf_counter()
        for _ in range(job["steps"]):
            agent_steps += simulation.agent_count()
            simulation.iterate()
        wall = time.perf_counter() - began
        return {"wall_s": wall, "agent_steps": agent_steps, "peak_rss_bytes": peak_bytes()}

    return measure_once


def build(job: dict[str, Any], people: dict[str, Any]) -> Any:
    """Return a JuPedSim simulation of a job's case with everyone in place."""
    movement = job["movement"]
    model, parameters = MODELS[movement["model"]](movement, people)
    simulation = jupedsim.Simulation(model=model, geometry=shapely.from_wkt(job["walkable"]), dt=movement["step_s"])
    stage = simulation.add_exit_stage(shapely.from_wkt(job["exit"]))
    journey = simulation.add_journey(jupedsim.JourneyDescription([stage]))
    for k, place in enumerate(zip(people["x"].tolist(), people["y"].tolist(), strict=True)):
        simulation.add_agent(parameters(k, position=place, journey_id=journey, stage_id=stage))
    return simulation


def _collision_free_speed(movement: dict[str, Any], people: dict[str, Any]) -> tuple[Any, Callable[..., Any]]:
    def parameters(k: int, **common: Any) -> Any:
        return jupedsim.CollisionFreeSpeedModelV2AgentParameters(
            **common,
            **_body(people, k),
            **_interaction(people, k),
            strength_geometry_repulsion=movement["wall_strength"],
            range_geometry_repulsion=movement["wall_range_m"],
        )

    return jupedsim.CollisionFreeSpeedModelV2(), parameters


def _anticipation_velocity(movement: dict[str, Any], people: dict[str, Any]) -> tuple[Any, Callable[..., Any]]:
    def parameters(k: int, **common: Any) -> Any:
        return jupedsim.AnticipationVelocityModelAgentParameters(
            **common,
            **_body(people, k),
            **_interaction(people, k),
            anticipation_time=movement["anticipation_time_s"],
            reaction_time=movement["reaction_time_s"],
        )

    return jupedsim.AnticipationVelocityModel(), parameters


def _social_force(movement: dict[str, Any], people: dict[str, Any]) -> tuple[Any, Callable[..., Any]]:
    def parameters(k: int, **common: Any) -> Any:
        return jupedsim.SocialForceModelAgentParameters(
            **common,
            **_body(people, k),
            mass=movement["mass_kg"],
            reaction_time=movement["relaxation_time_s"],
            agent_scale=movement["repulsion_n"],
            obstacle_scale=movement["wall_repulsion_n"],
            force_distance=movement["repulsion_range_m"],
        )

    model = jupedsim.SocialForceModel(body_force=movement["stiffness_kg_s2"], friction=movement["friction_kg_m_s"])
    return model, parameters


MODELS = {
    "collision_free_speed": _collision_free_speed,
    "anticipation_velocity": _anticipation_velocity,
    "social_force": _social_force,
}
"""Returns JuPedSim's model, and a function that returns the k-th attendee's parameters."""


def _body(people: dict[str, Any], k: int) -> dict[str, float]:
    return {"desired_speed": float(people["free_speed"][k]), "radius": float(people["radius"][k])}


def _interaction(people: dict[str, Any], k: int) -> dict[str, float]:
    return {
        "time_gap": float(people["time_gap"][k]),
        "strength_neighbor_repulsion": float(people["strength"][k]),
        "range_neighbor_repulsion": float(people["range"][k]),
    }
