"""The open and the bottleneck case on the RVO2 library, through pyrvo."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyrvo

from crowdsim.bench.memory import peak_bytes
from crowdsim.bench.steering import aims, walls


def prepare(job: dict[str, Any], tell: Callable[[str], None]) -> Callable[[], dict[str, Any]]:
    """Return a function that builds the job's case on RVO2 and times its steps, steering left out."""
    people = dict(np.load(job["attendees"]))

    def measure_once() -> dict[str, Any]:
        tell("building the model (RVO2)")
        simulation = build(job, people)
        tell("stepping (RVO2)")
        wall = 0.0
        for _ in range(job["steps"]):
            steer(simulation, job, people["free_speed"])
            began = time.perf_counter()
            simulation.do_step()
            wall += time.perf_counter() - began
        agent_steps = job["steps"] * len(people["x"])
        return {"wall_s": wall, "agent_steps": agent_steps, "peak_rss_bytes": peak_bytes()}

    return measure_once


def build(job: dict[str, Any], people: dict[str, Any]) -> Any:
    """Return an RVO2 simulation of a job's case with everyone in place."""
    movement = job["movement"]
    shared = (
        movement["neighbour_range_m"],
        movement["most_neighbours"],
        movement["time_horizon_s"],
        movement["wall_time_horizon_s"],
    )
    fastest, widest = float(people["free_speed"].max()), float(people["radius"].max())
    simulation = pyrvo.RVOSimulator(movement["step_s"], *shared, widest, fastest)
    columns = (people[key].tolist() for key in ("x", "y", "radius", "free_speed"))
    for x, y, radius, speed in zip(*columns, strict=True):
        simulation.add_agent((x, y), *shared, radius, speed)
    for segment in walls(job):
        simulation.add_obstacle(list(segment))
    simulation.process_obstacles()
    return simulation


def steer(simulation: Any, job: dict[str, Any], free_speed: Any) -> None:
    """Set everyone's preferred velocity."""
    here = np.array([simulation.get_agent_position(k).to_tuple() for k in range(simulation.get_num_agents())])
    way = aims(job, here[:, 0], here[:, 1]) - here
    velocity = way / np.hypot(*way.T)[:, None] * free_speed[:, None]
    for k, wanted in enumerate(velocity.tolist()):
        simulation.set_agent_pref_velocity(k, tuple(wanted))
