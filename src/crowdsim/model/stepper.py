"""One movement step for everyone: which kernel, with which parameters."""

from __future__ import annotations

import math
import time

import numba
import numpy as np

from crowdsim.kernels.arrays import Fields, Walls
from crowdsim.kernels.collision_free_speed import NEGLIGIBLE, Law, move_collision_free_speed
from crowdsim.kernels.fields import choose_nearest
from crowdsim.model.state import CrowdState
from crowdsim.population import Population
from crowdsim.scenario.schema import CollisionFreeSpeed

COMPILED_FAST_S = 2.0
"""Loading compiled kernels takes well under this, compiling them well over: how the two are told apart."""


def interaction_range(movement: CollisionFreeSpeed, free_speed_m_s: float, radius_m: float) -> float:
    """Return how far away another person can still change an attendee's step [m], centre to centre.

    The larger of the range of the speed, l + v0 T, and of the repulsion.
    """
    headway = free_speed_m_s * movement.time_gap_s
    return max(2 * radius_m + headway, repulsion_reach(movement, radius_m))


def repulsion_reach(movement: CollisionFreeSpeed, radius_m: float) -> float:
    """Return the distance between centres beyond which people do not turn each other aside [m]."""
    fade = movement.neighbour_range_m * math.log(max(movement.neighbour_strength / NEGLIGIBLE, 1.0))
    return 2 * radius_m + fade


PARALLEL_FROM = 500
"""Crowds smaller than this move faster on one thread: waking the others costs as much as moving 100 people."""


class Stepper:
    """Moves everyone inside by one step of the movement model; `radius_m` is the largest body's."""

    def __init__(
        self, movement: CollisionFreeSpeed, fields: Fields, walls: Walls, radius_m: float, threads: int | None
    ) -> None:
        self.step_s = movement.step_s
        self._fields = fields
        self._walls = walls
        self._law = Law(
            time_gap=movement.time_gap_s,
            strength=movement.neighbour_strength,
            range=movement.neighbour_range_m,
            wall_strength=movement.wall_strength,
            wall_range=movement.wall_range_m,
            reach=repulsion_reach(movement, radius_m),
        )
        available = int(numba.config.NUMBA_NUM_THREADS)
        self.threads = min(threads or available, available)

    def move(self, state: CrowdState) -> None:
        """Move everyone inside by one step; sets `reached` for those who arrive at their goals."""
        numba.set_num_threads(self.threads if state.inside.size >= PARALLEL_FROM else 1)
        cells = state.sorted_cells()
        move_collision_free_speed(state.crowd, cells, self._fields, self._walls, self._law, self.step_s)


def load_kernels() -> float:
    """Compile the movement kernels, or load them from the cache; return the seconds that took."""
    began = time.perf_counter()
    one = np.ones(1)
    population = Population(
        groups=("one",),
        profiles=("one",),
        starts=("one",),
        group=np.zeros(1, np.int32),
        profile=np.zeros(1, np.int32),
        start=np.zeros(1, np.int32),
        itineraries=((),),
        due_s=one,
        pre_movement_s=one,
        free_speed=one,
        radius=one,
        x=one,
        y=one,
        dwell_s=np.zeros((1, 0)),
        spot=np.zeros((1, 0, 2)),
    )
    state = CrowdState(population, (0.0, 0.0, 2.0, 2.0), 1.0)
    state.let_in(np.zeros(1, np.int32))
    field = np.zeros((1, 2, 2), np.float32)
    fields = Fields(field, field, field, 0.0, 0.0, 1.0)
    corner = np.array([5.0])
    none = np.zeros(2, np.int32)
    walls = Walls(corner, corner, one, one, none, none[:0].copy(), 0.0, 0.0, 1.0, 1, 1, 0.1)
    movement = CollisionFreeSpeed(
        model="collision_free_speed",
        step_s=0.1,
        time_gap_s=1.0,
        neighbour_strength=1.0,
        neighbour_range_m=0.1,
        wall_strength=1.0,
        wall_range_m=0.1,
    )
    Stepper(movement, fields, walls, 0.2, 1).move(state)
    choose_nearest(fields, np.zeros(1, np.int32), 0.5, 0.5)
    return time.perf_counter() - began
