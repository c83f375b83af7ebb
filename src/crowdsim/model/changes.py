"""What happens when the venue changes during a run: ways are computed anew, people step aside and plan again."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.population.placement import WALL_MARGIN
from crowdsim.venue import Area, Venue

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel

ON_TIME_S = 1e-9
"""A change is due at the step that ends at its time, whatever the rounding of times."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the venue led to.

    Attributes
    ----------
    time_s : when it took effect [s].
    fields : how many distance fields were computed anew, of how many.
    aside : how many had to step aside, because where they were is no ground any more.
    rerouted : how many head for another exit.
    stranded : how many have no way to their goals from where they are, nor to a refuge.
    sheltered : how many are in refuges, or on the way to one.
    wall_s : how long it took to compute [s].
    """

    time_s: float
    fields: tuple[int, int]
    aside: int
    rerouted: int
    stranded: int
    sheltered: int
    wall_s: float


class Changes:
    """The changes of the venue that are still to come."""

    def __init__(self, states: list[tuple[float, Venue]]) -> None:
        self._coming = deque(enumerate(states))
        self._coming.popleft()

    def is_due(self, time_s: float) -> bool:
        """Return whether the venue is to change by now."""
        return bool(self._coming) and self._coming[0][1][0] <= time_s + ON_TIME_S

    def make_next(self, model: CrowdModel) -> tuple[Change, NDArray[np.int32]]:
        """Make the next change; return what it led to, and the rows of those who head for other exits."""
        began = time.perf_counter()
        number, (_, venue) = self._coming.popleft()
        model.venue = venue
        model.navigation, computed = model.navigator.next(number, model.navigation)
        model.stepper.take_walls(model.navigation.walls)
        if model.crossing:
            model.crossing.take_seams(venue.seams)
        model.decisions.take_venue(venue, model.navigation)
        aside = _step_aside(model, venue.walkable)
        model.decisions.leave_refuges(model.state.inside)
        rerouted = model.decisions.plan_again(model.state.inside)
        model.decisions.seek_refuge(model.state.inside)
        stranded = model.decisions.without_way(model.state.inside)
        sheltered = int(model.refuges.sheltered[model.state.inside].sum())
        fields = computed, len(model.navigation.goals)
        took_s = time.perf_counter() - began
        return Change(model.time_s, fields, aside, rerouted.size, stranded.size, sheltered, took_s), rerouted


def _step_aside(model: CrowdModel, walkable: Area) -> int:
    """Put those who are where nobody can be any more on the nearest ground; return how many they are."""
    records, present = model.state.records, model.state.present
    clearance = model.navigation.grid.clearance_m
    ground = shapely.buffer(walkable, -clearance)
    shapely.prepare(ground)
    stuck = present[~shapely.contains_xy(ground, records["x"][present], records["y"][present])]
    if not stuck.size:
        return 0
    # A little inside, so that no rounding leaves anybody nearer to a wall than can be.
    room = shapely.buffer(walkable, -clearance * WALL_MARGIN)
    ways = shapely.shortest_line(room, shapely.points(records["x"][stuck], records["y"][stuck]))
    ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)[:, 0]
    touched = np.hypot(records["x"][stuck] - ends[:, 0], records["y"][stuck] - ends[:, 1]) > clearance
    records["x"][stuck], records["y"][stuck] = ends.T
    return int(touched.sum())
