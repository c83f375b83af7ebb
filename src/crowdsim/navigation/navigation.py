"""Everything that movement needs to know of a venue: grid, walls, and a field for each goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Fields, Walls
from crowdsim.navigation.cache import FieldCache
from crowdsim.navigation.fields import build_fields, build_lattice, is_reachable
from crowdsim.navigation.grid import Grid, build_grid, choose_step, whole_fraction
from crowdsim.navigation.joints import join_sheets
from crowdsim.navigation.walls import list_walls
from crowdsim.scenario.schema import Profile
from crowdsim.venue import Area, Venue
from crowdsim.venue.links import ride_m, step_cost


@dataclass(frozen=True, slots=True)
class Navigation:
    """The fields of a venue.

    Attributes
    ----------
    goals : names of the goals (zones and open exits), in the order of the fields' first axis.
    step_free : for each of them, whether it is the way of those who take no steps.
    """

    grid: Grid
    walls: Walls
    fields: Fields
    goals: tuple[str, ...]
    step_free: tuple[bool, ...]

    def indices(self, names: Sequence[str], *, step_free: bool = False) -> NDArray[np.int32]:
        """Return the fields' indices of the goals of the given names."""
        known = {
            name: k for k, (name, kind) in enumerate(zip(self.goals, self.step_free, strict=True)) if kind == step_free
        }
        return np.array([known[name] for name in names], dtype=np.int32)

    def has_way(self, area: Area, goals: Sequence[str], *, step_free: bool = False) -> bool:
        """Return whether one of the goals can be reached from any node of an area."""
        window, inside = self.grid.free_inside(area)
        slots = self.fields.slots[window][inside]
        return any(is_reachable(self.fields, goal, slots).any() for goal in self.indices(goals, step_free=step_free))


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
    profiles: Sequence[Profile] = (),
) -> Navigation:
    """Compute the navigation fields of a venue.

    Parameters
    ----------
    venue : unfolded.
    goals : names of the zones and open exits that attendees walk to.
    clearance_m : the least distance of a body's centre to a wall.
    sight_m : how far apart people matter to each other at most.
    step_m : grid spacing; None chooses it from the narrowest passage, at most 0.25 m.
    threads : how many fields are computed at a time; None takes as many as there are cores. No result depends on it.
    progress : called with the number of fields done and of all.
    profiles : of those who walk: what ways between levels cost, and whether some take no steps.
    """
    links = [link for link in venue.links.values() if link.open]
    widths = [door.width_m for door in venue.doors.values() if door.open]
    widths += [exit_.width_m for exit_ in venue.open_exits.values()]
    widths += [link.width_m for link in links]
    step = step_m or choose_step(min(widths, default=np.inf), clearance_m)
    if venue.seams:
        step = whole_fraction(step)
    grid = build_grid(venue.walkable, clearance_m, step)
    available = int(numba.config.NUMBA_NUM_THREADS)
    threads = min(threads or available, available)
    areas = [goal_area(venue, name) for name in goals]
    costs = {link.name: step_cost(link, profiles) for link in links}
    rides_m = {link.name: ride_m(link, profiles) for link in links}
    kinds = (False, True) if any(profile.step_free for profile in profiles) else (False,)
    found = []
    for k, kind in enumerate(kinds):
        lattice = join_sheets(build_lattice(grid), grid, venue, costs, rides_m, step_free=kind)
        cache = FieldCache.for_grid(grid, venue.walkable, lattice)

        def tell(done: int, _: int, before: int = k * len(areas)) -> None:
            if progress:
                progress(before + done, len(areas) * len(kinds))

        found.append(build_fields(grid, areas, threads, cache, tell, lattice))
    walls = list_walls(venue.walkable, clearance_m, sight_m)
    kind_of = tuple(kind for kind in kinds for _ in goals)
    return Navigation(grid, walls, _together(found), tuple(goals) * len(kinds), kind_of)


def _together(found: Sequence[Fields]) -> Fields:
    """Return the fields of the same grid as one bundle."""
    if len(found) == 1:
        return found[0]
    return found[0]._replace(
        nodes=np.concatenate([fields.nodes for fields in found]),
        nearest=np.concatenate([fields.nearest for fields in found]),
        unit=np.concatenate([fields.unit for fields in found]),
    )
