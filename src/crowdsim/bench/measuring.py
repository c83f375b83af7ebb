"""Timing the whole step of a model; depends on the public engine only, so that older revisions can be measured."""

from __future__ import annotations

import gc
import hashlib
import math
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

import crowdsim
from crowdsim import CrowdModel
from crowdsim.bench.memory import array_bytes, peak_bytes, resident_bytes

SETTLING_STEPS = 3
"""Steps before the clock starts: memory is touched and caches are filled then."""

WARM_UP_S = 1.1
"""Simulated time of the warm-up [s]: a little more than the second after which attendees first look around."""


def prepare(job: dict[str, Any], tell: Callable[[str], None]) -> Callable[[], dict[str, Any]]:
    """Load a case, compile what it may need, and return a function that measures it once.

    Parameters
    ----------
    job : `case`, `warm_up`: scenario folders; `overrides`; `steps`.
    tell : told what is being done.
    """
    tell("reading the case")
    scenario = crowdsim.load_scenario(job["case"], job["overrides"])
    tell("compiling or loading kernels")
    model = CrowdModel(crowdsim.load_scenario(job["warm_up"], job["overrides"]))
    for _ in range(math.ceil(WARM_UP_S / model.step_s)):
        model.step()

    def measure_once() -> dict[str, Any]:
        return measure(scenario, job["steps"], tell)

    return measure_once


def measure(scenario: Any, steps: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Build a model of a scenario and time its steps.

    Returns
    -------
    What was measured: `wall_s` for `steps_made` steps of `dt_s`; `agent_steps`, everyone present counted at every
    step; `attendees`; `state_bytes`, what the arrays of state and population hold;
    `rss_growth_bytes`, what the process grew by while the model was built and first stepped;
    `peak_rss_bytes`; `sha256` of the positions.
    """
    gc.collect()  # the model of the repeat before
    tell("building the model")
    before = resident_bytes()
    model = CrowdModel(scenario)
    for _ in range(SETTLING_STEPS):
        model.step()
    after = resident_bytes()
    tell("stepping")
    agent_steps = model.agent_steps
    made = 0
    began = time.perf_counter()
    while made < steps and model.running:
        model.step()
        made += 1
    wall = time.perf_counter() - began
    return {
        "wall_s": wall,
        "steps_made": made,
        "dt_s": model.step_s,
        "agent_steps": model.agent_steps - agent_steps,
        "threads": scenario.config.threads or int(numba.config.NUMBA_NUM_THREADS),
        "attendees": {
            "planned": len(model.population),
            "entered": model.entered_count,
            "exited": model.exited_count,
            "inside": model.inside_count,
        },
        "state_bytes": array_bytes(model.state, model.population),
        "rss_growth_bytes": None if before is None or after is None else after - before,
        "peak_rss_bytes": peak_bytes(),
        "sha256": digest(*positions(model)),
    }


def positions(model: CrowdModel) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the ids of those inside, ascending (k,), and their positions (k, 2) [m]."""
    here = sorted((attendee.id, *attendee.pos) for attendee in model.agents)
    table = np.array(here, dtype=np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int64), np.ascontiguousarray(table[:, 1:])


def digest(ids: NDArray[np.int64], places: NDArray[np.float64]) -> str:
    """Return the SHA-256 of ids and positions: equal if and only if all bits of both are."""
    return hashlib.sha256(ids.astype("<i8").tobytes() + places.astype("<f8").tobytes()).hexdigest()
