"""People walk out of areas that are to be kept clear, and those beside them make room."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import LineString

from crowdsim.kernels.arrays import TO_SPOT
from crowdsim.model.state import CrowdState
from crowdsim.navigation.one_way import goes_back, one_way_lines
from crowdsim.population.placement import BODY_GAP_M, lattice, standing_room
from crowdsim.venue import Area, Venue

Rows = NDArray[np.int32]
Float64 = NDArray[np.float64]
Key = tuple[int, float, float]

CLOSES_UP = 4.0
"""A standing crowd closes up beside an area over so many times the longest way out of it: where it stood evenly it gets
denser by a quarter (our choice)."""

PROBE_M = 0.5
"""Spacing of the points at which the way out of an area is measured."""

STILL = 0.1
"""Share of the free speed: whoever is in the area and gets on more slowly than this looks for another place."""

PATIENCE, MOST_PATIENCE = 5, 10
"""After so many seconds without getting on; and after so many the crowd around closes up once more (our choice)."""

LOOSELY_M = 1.0
"""Who comes later stands so far from others if there is room, so that people get between them (our choice)."""

TRIED = 512
"""Who finds no room in that way looks at so many of the nearest places (our choice)."""


class Clearing:
    """Where people stand who would stand in an area to be kept clear, and those beside it.

    Parameters
    ----------
    clearance_m : the least distance of a body's centre to a wall.
    radius_m : the largest body's.
    """

    def __init__(self, state: CrowdState, clearance_m: float, radius_m: float) -> None:
        self._state, self._clearance_m = state, clearance_m
        self._apart_m = 2 * radius_m + BODY_GAP_M
        # By row and planned place, the place instead: after needs, for instance, the same place is planned again.
        self._instead: dict[Key, tuple[float, float]] = {}
        self._names: tuple[str, ...] = ()
        self._closed_up = False
        self._waits = np.zeros(state.leg.size, np.int32)  # for how many seconds people have not got on

    def take_venue(self, venue: Venue) -> None:
        """Go by this venue from now on; where the same areas are to be kept clear, people stay where they are."""
        if venue.kept_clear != self._names:
            self._names, self._closed_up = venue.kept_clear, False
            self._instead.clear()
            self._waits[:] = 0
        zones = [venue.zones[name] for name in venue.kept_clear]
        if not zones:
            return
        self._within: Area = shapely.union_all(zones)
        self._area: Area = shapely.buffer(self._within, self._apart_m / 2)  # so that bodies do not stick into it
        exits = [exit_.area for exit_ in venue.exits.values()]
        beside = shapely.difference(venue.walkable, shapely.union_all([self._area, *exits]))
        self._room = standing_room(beside, venue.walkable, self._clearance_m)
        self._lines = shapely.get_coordinates(one_way_lines(venue)).reshape(-1, 4)
        self._ground = shapely.buffer(venue.walkable, -self._clearance_m / 2)
        if self._room.is_empty:  # people stay where they are
            return
        shapely.prepare([self._within, self._area, self._room, self._ground])
        within = lattice(standing_room(self._area, venue.walkable, self._clearance_m), PROBE_M)
        out_m = shapely.distance(shapely.points(within), self._room)
        self._out_m = float(out_m.max(initial=self._apart_m))
        near = shapely.intersection(self._room, shapely.buffer(self._area, CLOSES_UP * self._out_m))
        self._places = {apart_m: lattice(near, apart_m) for apart_m in (LOOSELY_M, self._apart_m)}

    def run(self, rows: Rows) -> None:
        """Let those of `rows` whose place is in an area to be kept clear, or beside it, stand somewhere else.

        Parameters
        ----------
        rows : those who stay somewhere, or wait.
        """
        records = self._state.records
        rows = rows[records["activity"][rows] == TO_SPOT]
        if self._room.is_empty or not rows.size:
            return
        spots = np.column_stack([records["spot_x"][rows], records["spot_y"][rows]])
        if not self._closed_up or (self._waits[rows] > MOST_PATIENCE).any():
            self._close_up(rows, spots)
            self._closed_up = True
            self._waits[rows] = 0
        self._put(rows, spots)
        spots = np.column_stack([records["spot_x"][rows], records["spot_y"][rows]])
        new = shapely.contains_xy(self._area, spots)
        still = records["speed"][rows] < STILL * records["free_speed"][rows]
        still &= shapely.contains_xy(self._within, records["x"][rows], records["y"][rows])
        self._waits[rows] = np.where(still, self._waits[rows] + 1, 0)
        stuck = still & (self._waits[rows] == PATIENCE)
        goes = new | stuck
        if goes.any():
            bodies = shapely.points(records["x"][rows], records["y"][rows])
            self._find_places(rows[goes], spots[goes], spots[~new], bodies)
            self._put(rows[goes], spots[goes])

    def _put(self, rows: Rows, spots: Float64) -> None:
        """Put those of `rows` for whose planned places there are others there."""
        records = self._state.records
        for row, x, y in zip(rows.tolist(), *spots.T.tolist(), strict=True):
            instead = self._instead.get((row, x, y))
            if instead:
                records["spot_x"][row], records["spot_y"][row] = instead

    def _close_up(self, rows: Rows, spots: Float64) -> None:
        """Let those of `rows` in the area and near it move away from it: each the less, the farther off it is.

        The distance d from the area, negative in it, becomes (d + h) b / (h + b), where h is the longest way out of the
        area and b the width over which the crowd closes up: 0 from -h, and b from b.
        """
        here = np.column_stack([self._state.records["x"][rows], self._state.records["y"][rows]])
        inside = shapely.contains_xy(self._area, here)
        points = shapely.points(here)
        ways = np.where(inside, shapely.shortest_line(points, self._room), shapely.shortest_line(self._area, points))
        ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)
        away = ends[:, 1] - ends[:, 0]
        length = np.hypot(*away.T)
        h, b = self._out_m, CLOSES_UP * self._out_m
        moves = (length > 0) & (inside | (length < b))
        off = (np.where(inside, -length, length) + h) * b / (h + b)
        start = np.where(inside[:, None], ends[:, 1], ends[:, 0])
        to = start + away / np.maximum(length, np.finfo(float).tiny)[:, None] * off[:, None]
        nearest = shapely.shortest_line(self._room, shapely.points(to[moves]))  # walls may be in the way
        to[moves] = shapely.get_coordinates(nearest).reshape(-1, 2, 2)[:, 0]
        moves &= ~goes_back(self._lines, *here.T, *to.T)
        for k in np.flatnonzero(moves).tolist():
            if self._ground.contains(LineString([here[k], to[k]])):
                self._instead[int(rows[k]), float(spots[k, 0]), float(spots[k, 1])] = float(to[k, 0]), float(to[k, 1])

    def _find_places(self, rows: Rows, spots: Float64, standing: Float64, bodies: NDArray[np.object_]) -> None:
        """Find places for `rows`, apart from those of others, loosely if there is room, else closely.

        Parameters
        ----------
        spots, standing : (r, 2) and (s, 2) the places planned for them, and those of others [m].
        bodies : points where people are, these and others: ways there lead between them.
        """
        records = self._state.records
        here = np.column_stack([records["x"][rows], records["y"][rows]])
        waits = np.ones(rows.size, bool)
        for apart_m, places in self._places.items():
            if len(standing) and len(places):
                places = places[cKDTree(standing).query(places)[0] >= apart_m]  # noqa: PLW2901
            if not len(places) or not waits.any():
                continue
            tried = min(TRIED, len(places))
            away, nearest = cKDTree(places).query(here, k=[*range(1, tried + 1)])
            free = np.ones(len(places), bool)
            for pair in np.argsort(away, axis=None, kind="stable").tolist():  # the nearest first
                k, place = pair // tried, int(nearest.flat[pair])
                if not (waits[k] and free[place]):
                    continue
                way = LineString([here[k], places[place]])
                ahead = LineString([way.interpolate(self._apart_m / 2), places[place]])
                in_the_way = np.count_nonzero(shapely.dwithin(bodies, ahead, self._apart_m)) - 1  # not oneself
                back = goes_back(self._lines, *here[k, :, None], *places[place, :, None])
                if self._ground.contains(way) and in_the_way <= 0 and not back[0]:
                    free[place] = waits[k] = False
                    planned = int(rows[k]), float(spots[k, 0]), float(spots[k, 1])
                    self._instead[planned] = float(places[place, 0]), float(places[place, 1])
            standing = np.concatenate([standing, places[~free]])
