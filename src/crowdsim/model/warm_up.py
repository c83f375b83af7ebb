"""Compiling the kernels, or loading them from the cache, before the clock runs."""

from __future__ import annotations

import time

import numpy as np

from crowdsim.kernels.arrays import TO_GOAL, Fields, Walls
from crowdsim.kernels.fields import choose_nearest
from crowdsim.model.laws import law_of
from crowdsim.model.state import CrowdState
from crowdsim.model.stepper import Stepper
from crowdsim.population import Population
from crowdsim.scenario.movement import Movement

COMPILED_FAST_S = 2.0
"""Loading compiled kernels takes well under this, compiling them well over: how the two are told apart."""


def load_kernels(movement: Movement) -> float:
    """Make a step with one person, so that a movement model's kernels are compiled; return the seconds that took."""
    began = time.perf_counter()
    one = np.ones(1)
    row = np.zeros(1, np.int32)
    population = Population(
        groups=("one",),
        profiles=("one",),
        starts=("one",),
        group=row,
        profile=row,
        start=row,
        itineraries=((),),
        due_s=one,
        pre_movement_s=one,
        free_speed=one,
        radius=one,
        time_gap=one.astype(np.float32),
        strength=one.astype(np.float32),
        range=one.astype(np.float32),
        x=one,
        y=one,
        dwell_s=np.zeros((1, 0)),
        spot=np.zeros((1, 0, 2)),
    )
    law = law_of(movement, population, 1.0, 1.0)
    state = CrowdState(population, (0.0, 0.0, 2.0, 2.0), law.reach)
    state.let_in(row)
    state.crowd.activity[0] = TO_GOAL
    state.crowd.goal[0] = 0
    fields = Fields(np.full((2, 2), 2, np.int32), np.zeros((1, 5, 3), np.uint8), one, one, 0.0, 0.0, 1.0)
    corner = np.array([5.0])
    none = np.zeros(2, np.int32)
    walls = Walls(corner, corner, one, one, none, none[:0].copy(), np.zeros(1, np.uint8), 0.0, 0.0, 1.0, 1, 1, 0.1)
    Stepper(law, fields, walls, movement.step_s, 1).move(state)
    choose_nearest(fields, row, 0.5, 0.5)
    return time.perf_counter() - began
