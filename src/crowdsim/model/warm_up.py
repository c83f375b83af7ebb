"""Compiling the kernels, or loading them from the cache, before the clock runs."""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
import shapely

from crowdsim.kernels.arrays import TO_GOAL
from crowdsim.kernels.choosing import choose_again, walk_beyond, walk_to_nearest
from crowdsim.model.laws import law_of
from crowdsim.model.state import CrowdState
from crowdsim.model.stepper import Stepper
from crowdsim.navigation.fields import build_fields
from crowdsim.navigation.grid import build_grid
from crowdsim.navigation.walls import list_walls
from crowdsim.population import Population
from crowdsim.scenario.movement import Movement
from crowdsim.scenario.party import ALONE

COMPILED_FAST_S = 2.0
"""Loading compiled kernels takes well under this, compiling them well over: how the two are told apart."""


def load_kernels(movement: Movement) -> float:
    """Make sure that this process has the kernels of a movement model; return the seconds that took."""
    began = time.perf_counter()
    _walk_alone(movement)
    return time.perf_counter() - began


@lru_cache
def _walk_alone(movement: Movement) -> None:
    """Do all that a run does with one person in a room."""
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
        does=np.zeros((1, 0), bool),
        dwell_s=np.zeros((1, 0)),
        patience_s=np.zeros((1, 0)),
        spot=np.zeros((1, 0, 2)),
        party=np.full(1, ALONE, np.int32),
    )
    law = law_of(movement, population, 1.0, 1.0)
    state = CrowdState(population, (0.0, 0.0, 2.0, 2.0), law.reach)
    state.let_in(row)
    state.crowd.activity[0] = TO_GOAL
    state.crowd.goal[0] = 0
    room = shapely.box(0.0, 0.0, 2.0, 2.0)
    fields = build_fields(build_grid(room, 0.1, 0.1), [shapely.box(1.5, 0.0, 2.0, 2.0)])
    Stepper(law, fields, list_walls(room, 0.1, law.reach), movement.step_s, 1).move(state)
    state.sorted_cells(2)  # as large crowds are
    walk_to_nearest(state.records, fields, row, row, one)
    choose_again(state.records, fields, row, row)
    state.take_arrived()
    state.held_up()
    walk_beyond(state.records, row, np.zeros((1, 4)), np.zeros(1, bool))
    state.remove(row)
