"""Everything that movement needs to know of a venue: grid, walls, and a field for each goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numba
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from crowdsim.kernels.arrays import Fields, Walls
from crowdsim.kernels.lattice import Lattice
from crowdsim.navigation.anew import block_nodes, fill_fields, leads_through
from crowdsim.navigation.cache import FieldCache
from crowdsim.navigation.crowded import Walkers
from crowdsim.navigation.fields import build_fields, build_lattice, is_reachable
from crowdsim.navigation.grid import Grid, build_grid, choose_step, whole_fraction
from crowdsim.navigation.joints import join_sheets
from crowdsim.navigation.keep_clear import clear_areas, slow_down
from crowdsim.navigation.memory import FieldMemory
from crowdsim.navigation.one_way import bar_steps, one_way_lines, queue_head
from crowdsim.navigation.quickest import Goal, QuickestWays
from crowdsim.navigation.walls import list_walls
from crowdsim.scenario.profile import Profile
from crowdsim.venue import Area, Venue, joining_area
from crowdsim.venue.links import ride_m, step_cost
from crowdsim.venue.venue import Bounds


@dataclass(frozen=True, slots=True)
class Navigation:
    """The fields of a venue.

    Attributes
    ----------
    fields : that people walk by.
    shortest : of the shortest ways; the same, unless people walk round crowds.
    goals : names of the goals (zones and open exits), in the order of the fields' first axis.
    step_free : for each of them, whether it is the way of those who take no steps.
    """

    grid: Grid
    walls: Walls
    fields: Fields
    shortest: Fields
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
    """Return the area of a zone or exit, or where a queue is joined, by name."""
    if name in venue.queues:
        return joining_area(venue, name)
    return venue.zones[name] if name in venue.zones else venue.exits[name].area


class Navigator:
    """Computes the navigation of a venue, and computes anew what changes with it.

    Parameters
    ----------
    venue : unfolded, as it is at the start.
    goals : names of the zones and exits that attendees walk to at any time.
    clearance_m : the least distance of a body's centre to a wall.
    sight_m : how far apart people matter to each other at most.
    step_m : grid spacing; None chooses it from the narrowest passage, at most 0.25 m.
    threads : how many fields are computed at a time; None takes as many as there are cores. No result depends on it.
    profiles : of those who walk: what ways between levels cost, and whether some take no steps.
    ever : the venue with all the ground that there is at any time; None if it stays as it is.
    bounds : of the grid; None for those of the ground.
    round_crowds : whether people are to walk round crowds, so that fields besides those of the shortest ways are kept.
    """

    def __init__(
        self,
        venue: Venue,
        goals: Sequence[str],
        clearance_m: float,
        sight_m: float,
        step_m: float | None = None,
        threads: int | None = None,
        profiles: Sequence[Profile] = (),
        ever: Venue | None = None,
        bounds: Bounds | None = None,
        *,
        round_crowds: bool = False,
    ) -> None:
        self._goals, self.sight_m, self._profiles = tuple(goals), sight_m, profiles
        narrowest = min(_narrowest(one) for one in (venue, ever) if one is not None)
        step = step_m or choose_step(narrowest, clearance_m)
        if venue.seams:
            step = whole_fraction(step)
        self.bounds: Bounds = bounds or venue.walkable.bounds
        self._clearance_m, self._step_m = clearance_m, step
        self._grid = self._lay_grid(venue)
        self._ever_free = self._grid.free | self._lay_grid(ever).free if ever else None
        available = int(numba.config.NUMBA_NUM_THREADS)
        self._threads = min(threads or available, available)
        self._kinds = (False, True) if any(profile.step_free for profile in profiles) else (False,)
        self._venue = venue
        self._round_crowds = round_crowds
        self._pool = ThreadPoolExecutor(self._threads - 1) if round_crowds and self._threads > 1 else None
        self._quickest: QuickestWays | None = None

    def first(self, progress: Callable[[int, int], None] | None = None) -> Navigation:
        """Return the navigation at the start; `progress` is called with the number of fields done and of all."""
        venue, grid = self._venue, self._grid
        areas = [_area_or_nothing(venue, name) for name in self._goals]
        found = []
        for k, lattice in enumerate(self._lay_lattices(venue, grid)):
            cache = None
            if self._ever_free is None:
                of = grid, venue.walkable, lattice
                cache = FieldMemory.for_grid(*of) or FieldCache.for_grid(*of)

            def tell(done: int, _: int, before: int = k * len(areas)) -> None:
                if progress:
                    progress(before + done, len(areas) * len(self._kinds))

            found.append(build_fields(grid, areas, self._threads, cache, tell, lattice))
        walls = list_walls(venue.walkable, grid.clearance_m, self.sight_m)
        kind_of = tuple(kind for kind in self._kinds for _ in self._goals)
        shortest = _together(found)
        fields = _copied(shortest) if self._round_crowds else shortest
        return Navigation(grid, walls, fields, shortest, self._goals * len(self._kinds), kind_of)

    def next(self, venue: Venue, before: Navigation) -> tuple[Navigation, int]:
        """Return the navigation of a venue that has changed, and how many fields had to be computed anew.

        Parameters
        ----------
        before : the navigation before the change; its fields are changed in place.
        """
        if self._quickest:
            self._quickest.drop()
        old, self._venue = self._venue, venue
        grid = self._lay_grid(venue)
        gone = before.grid.free & ~grid.free
        come = (grid.free & ~before.grid.free).any()
        ways = [link.open for link in venue.links.values()] != [link.open for link in old.links.values()]
        ways |= one_way_lines(venue) != one_way_lines(old) or clear_areas(venue) != clear_areas(old)
        fields = before.shortest
        again = [
            g
            for g, name in enumerate(before.goals)
            if come
            or ways
            or not _same(_area_or_nothing(venue, name), _area_or_nothing(old, name))
            or leads_through(fields, g, gone, grid.free)
        ]
        for kind, lattice in zip(self._kinds, self._lay_lattices(venue, grid), strict=True):
            mine = [g for g in again if before.step_free[g] == kind]
            fill_fields(
                grid, lattice, [_area_or_nothing(venue, before.goals[g]) for g in mine], mine, fields, self._threads
            )
        block_nodes(fields, gone)
        if self._round_crowds:
            np.copyto(before.fields.nodes, fields.nodes)
            np.copyto(before.fields.nearest, fields.nearest)
            np.copyto(before.fields.unit, fields.unit)
        walls = list_walls(venue.walkable, grid.clearance_m, self.sight_m)
        return replace(before, grid=grid, walls=walls), len(again)

    def _lay_grid(self, venue: Venue) -> Grid:
        return build_grid(venue.walkable, self._clearance_m, self._step_m, self.bounds)

    def look_round(self, navigation: Navigation, goals: Sequence[int], crowd: Walkers) -> None:
        """Begin to compute the quickest ways past a crowd to goals, given by index."""
        assert self._quickest is not None
        found = []
        for g in goals:
            name, kind = navigation.goals[g], self._kinds.index(navigation.step_free[g])
            to_queue = len(self._kinds) if name in self._venue.queues else 0
            found.append(Goal(g, _area_or_nothing(self._venue, name), kind + to_queue))
        self._quickest.begin(navigation.shortest, found, crowd)

    def go_round(self, navigation: Navigation) -> None:
        """Let people walk by the quickest ways that were begun last, as soon as these are computed."""
        assert self._quickest is not None
        self._quickest.take(navigation.fields)

    def forget_crowd(self, navigation: Navigation, goal: int) -> None:
        """Let people walk to a goal, given by index, by the shortest way again."""
        fields, shortest = navigation.fields, navigation.shortest
        fields.nodes[goal], fields.nearest[goal], fields.unit[goal] = (
            shortest.nodes[goal],
            shortest.nearest[goal],
            shortest.unit[goal],
        )

    def _lay_lattices(self, venue: Venue, grid: Grid) -> list[Lattice]:
        """Return the lattice of a venue for each kind of way; with what finds ways round crowds on them."""
        lattices = self._lattices(venue, grid, one_way_lines(venue))
        if self._round_crowds:
            heads = [queue_head(line) for line in venue.queues.values()]
            to_queues = self._lattices(venue, grid, one_way_lines(venue) + heads) if heads else []
            self._quickest = QuickestWays(grid, lattices + to_queues, self._pool, max(self._threads - 1, 1))
        return lattices

    def _lattices(self, venue: Venue, grid: Grid, lines: Sequence[LineString]) -> list[Lattice]:
        """Return the lattice of a venue for each kind of way, with lines that are crossed one way only."""
        costs = {link.name: step_cost(link, self._profiles) for link in venue.links.values()}
        rides_m = {link.name: ride_m(link, self._profiles) for link in venue.links.values()}
        lattice = bar_steps(build_lattice(grid, self._ever_free), grid, lines)
        lattice = slow_down(lattice, grid, clear_areas(venue))
        return [join_sheets(lattice, grid, venue, costs, rides_m, step_free=kind) for kind in self._kinds]


def build_navigation(
    venue: Venue,
    goals: Sequence[str],
    clearance_m: float,
    sight_m: float,
    step_m: float | None = None,
    threads: int | None = None,
    profiles: Sequence[Profile] = (),
) -> Navigation:
    """Compute the navigation of a venue that does not change; parameters as for `Navigator`."""
    return Navigator(venue, goals, clearance_m, sight_m, step_m, threads, profiles).first()


def _narrowest(venue: Venue) -> float:
    """Return the width of the narrowest passage, open or closed: so opening one later leaves the grid as it is."""
    widths = [door.width_m for door in venue.doors.values()]
    widths += [exit_.width_m for exit_ in venue.exits.values()]
    widths += [link.width_m for link in venue.links.values()]
    return min(widths, default=np.inf)


def _area_or_nothing(venue: Venue, name: str) -> Area:
    """Return the area of a goal; an empty one for an exit that is closed, or not there."""
    return goal_area(venue, name) if name in (venue.zones | venue.queues | venue.open_exits) else Polygon()


def _same(one: Area, other: Area) -> bool:
    return bool(shapely.equals_exact(one, other))


def _copied(fields: Fields) -> Fields:
    return fields._replace(nodes=fields.nodes.copy(), nearest=fields.nearest.copy(), unit=fields.unit.copy())


def _together(found: Sequence[Fields]) -> Fields:
    """Return the fields of the same grid as one bundle."""
    if len(found) == 1:
        return found[0]
    return found[0]._replace(
        nodes=np.concatenate([fields.nodes for fields in found]),
        nearest=np.concatenate([fields.nearest for fields in found]),
        unit=np.concatenate([fields.unit for fields in found]),
    )
