"""Everything that movement needs to know of a venue: grid, walls, and a field for each goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Fields, Walls
from crowdsim.navigation.cache import FieldCache
from crowdsim.navigation.fields import build_fields, is_reachable
from crowdsim.navigation.grid import Grid, build_grid, choose_step
from crowdsim.navigation.walls import list_walls
from crowdsim.venue import Area, Venue


@dataclass(frozen=True, slots=True)
class Navigation:
    """The fields of a venue.

    Attributes
    ----------
    goals : names of the goals (zones and open exits), in the order of the fields' first axis.
    """

    grid: Grid
    walls: Walls
    fields: Fields
    goals: tuple[str, ...]

    def indices(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Return the fields' indices of the goals of the given names."""
        return np.array([self.goals.index(name) for name in names], dtype=np.int32)

    def has_way(self, area: Area, goals: Sequence[str]) -> bool:
        """Return whether one of the goals can be reached from any node of an area."""
        window, inside = self.grid.free_inside(area)
        slots = self.fields.slots[window][inside]
        return any(is_reachable(self.fields, goal, slots).any() for goal in self.indices(goals))


def goal_area(venue: Venue, name: str) -> Area:
    """Return the area of a zone or exit by name."""
    return venue.zones[name] if name in venue.zones else venue.exits[name].area


def build_navigation(
    venue: Venue,
    goals: Sequence[str],
    clearance_m: float,
    sight_m: float,
    step_m: float | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Navigation:
    """Compute the navigation fields of a venue.

    Parameters
    ----------
    goals : names of the zones and open exits that attendees walk to.
    clearance_m : the least distance of a body's centre to a wall.
    sight_m : how far apart people matter to each other at most.
    step_m : grid spacing; None chooses it from the narrowest door or exit, at most 0.25 m.
    threads : how many fields are computed at a time; None takes as many as there are cores. No result depends on it.
    progress : called with the number of fields done and of all.
    """
    widths = [door.width_m for door in venue.doors.values() if door.open]
    widths += [exit_.width_m for exit_ in venue.open_exits.values()]
    step = step_m or choose_step(min(widths, default=np.inf), clearance_m)
    grid = build_grid(venue.walkable, clearance_m, step)
    available = int(numba.config.NUMBA_NUM_THREADS)
    areas = [goal_area(venue, name) for name in goals]
    cache = FieldCache.for_grid(grid, venue.walkable)
    fields = build_fields(grid, areas, min(threads or available, available), cache, progress)
    return Navigation(grid, list_walls(venue.walkable, clearance_m, sight_m), fields, tuple(goals))
