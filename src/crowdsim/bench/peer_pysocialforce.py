"""The open and the bottleneck case on PySocialForce."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from crowdsim.bench.memory import peak_bytes
from crowdsim.bench.steering import aims, walls

SETTLING_STEPS = 2
"""Its functions are compiled in the first step."""


def prepare(job: dict[str, Any], tell: Callable[[str], None]) -> Callable[[], dict[str, Any]]:
    """Return a function that builds the job's case on PySocialForce and times its steps."""
    os.chdir(Path(job["attendees"]).parent)  # the package leaves a log file where it is imported
    importlib.import_module("pysocialforce")
    logging.getLogger().setLevel(logging.WARNING)  # it asks for everything
    people = dict(np.load(job["attendees"]))

    def measure_once() -> dict[str, Any]:
        tell("building the model (PySocialForce)")
        simulation = build(job, people)
        simulation.step(SETTLING_STEPS)
        tell("stepping (PySocialForce)")
        began = time.perf_counter()
        for _ in range(job["steps"]):
            state = simulation.peds.state
            state[:, 4:6] = aims(job, state[:, 0], state[:, 1])
            simulation.step_once()
        wall = time.perf_counter() - began
        agent_steps = job["steps"] * len(people["x"])
        return {"wall_s": wall, "agent_steps": agent_steps, "peak_rss_bytes": peak_bytes()}

    return measure_once


def build(job: dict[str, Any], people: dict[str, Any]) -> Any:
    """Return a PySocialForce simulation of a job's case; everyone walks at its free speed at the beginning."""
    here = np.column_stack([people["x"], people["y"]])
    there = aims(job, people["x"], people["y"])
    way = there - here
    velocity = way / np.hypot(*way.T)[:, None] * people["free_speed"][:, None]
    step, radius = job["movement"]["step_s"], float(people["radius"].mean())
    # The package reads these keys at the top of its file, whatever its own default file says.
    settings = f"step_width = {step!r}\nagent_radius = {radius!r}\n[scene]\nenable_group = false\n"
    segments = [(ax, bx, ay, by) for (ax, ay), (bx, by) in walls(job)]
    file = Path(job["attendees"]).with_name("settings.toml")
    file.write_text(settings, encoding="utf-8")
    simulator = importlib.import_module("pysocialforce").Simulator
    return simulator(np.hstack([here, velocity, there]), obstacles=segments, config_file=str(file))
