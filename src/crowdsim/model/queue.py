"""One queue of a service: the line that people wait along, those beyond its end, and those being served."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT, Crowd
from crowdsim.kernels.queueing import LANE_M, TURN_M, Line, follow_line, make_for_aims
from crowdsim.venue import Area
from crowdsim.venue.serpentine import drawn_area, opening, server_places

Float64 = NDArray[np.float64]
Rows = NDArray[np.int32]

CALL_M = 1.2
"""The next to be served is called if no farther than this from the head of the line: two persons (our choice)."""

OVERTAKEN_M = 0.1
"""Whoever is so much nearer to the head than the one before takes that place: who stands before whom is what counts in
a queue, not who came to its end first (our choice)."""

GETS_ON_M, HELD_LOOKS = 0.15, 6
"""Whoever has not got on by so much over so many looks though there is room walks to the end of the line again: a tenth
of what the slow walk in that time (our choice)."""

SIDE_BY_SIDE_M = 5.0
"""The crowds before queues that end nearer to each other than this are one crowd (our choice)."""

AT_PLACE_M = 0.2
"""Whoever is so near to the own place in the line stands there (our choice)."""

STRAIGHT = 2
"""Points of a line without corners."""

ROUNDING = 1e-9
"""A line has room for as many as fit it, whatever the rounding."""

NOBODY = -1


@dataclass(slots=True)
class Queue:
    """A queue and its servers.

    Attributes
    ----------
    name, service : of the feature, and of the service that it belongs to.
    vertices, arc : (k, 2) and (k,) the line from the head, and how far along it each vertex is [m].
    first_m : how far from the head the first in line stands; the one served stands at the head if there is no counter.
    spacing_m : from one to the next.
    places : (servers, 2) where people are served.
    capacity : how many can wait along the line.
    waiting : rows of those who wait, in the order in which they stand.
    serving : row of the one whom each server serves; `NOBODY` for none.
    on_duty : how many servers there are now: the first ones.
    walking : how many are on their way to the end of the queue.
    closed : whether it will not open any more.
    settled : who stood along the line, all in their places, at the last look.
    looks : how often people have been let move up.
    held : how often those were seen who do not get on though there is room before them, and how far from the head they
        were at first [m].
    lane : the ground along the line, up to what stands beside it.
    railed : whether the line is folded between rails.
    opening : if it is, and there is a counter: where those who are called walk out before they turn to their servers.
    """

    name: str
    service: str
    vertices: Float64
    arc: Float64
    first_m: float
    spacing_m: float
    places: Float64
    capacity: int
    waiting: list[int] = field(default_factory=list)
    serving: list[int] = field(default_factory=list)
    on_duty: int = 0
    walking: int = 0
    closed: bool = False
    held: dict[int, tuple[int, float]] = field(default_factory=dict)
    lane: Area = field(default_factory=Polygon)
    settled: list[int] = field(default_factory=list)
    railed: bool = False
    opening: tuple[float, float] | None = None
    looks: int = 0

    def take_ground(self, walkable: Area, rails: MultiPolygon | None) -> None:
        """Go by this ground, and these rails of the line, from now on: barriers may be others."""
        line = LineString(self.vertices)
        self.railed = rails is not None
        along = shapely.buffer(line, LANE_M, cap_style="flat") if rails is None else drawn_area(rails)
        beside = shapely.intersection(along, walkable)
        self.lane = shapely.union_all([part for part in shapely.get_parts(beside) if part.intersects(line)])
        shapely.prepare(self.lane)

    def past_end(self, rows: Rows, crowd: Crowd) -> NDArray[np.bool_]:
        """Return for each of `rows` whether it has not come as far as the end of the line."""
        (from_x, from_y), (x, y) = self.vertices[-2:]
        along = (crowd["x"][rows] - x) * (x - from_x) + (crowd["y"][rows] - y) * (y - from_y)
        return np.asarray(along > 0.0)

    def takes_in(self, rows: Rows, crowd: Crowd) -> NDArray[np.bool_]:
        """Return for each of `rows` whether it is beside the line, nothing between."""
        return np.asarray(shapely.contains_xy(self.lane, crowd["x"][rows], crowd["y"][rows]))

    def holds(self, rows: Rows, crowd: Crowd) -> NDArray[np.bool_]:
        """Return for each of `rows` whether it is beside the line and has come past its end."""
        found = np.zeros(rows.size, bool)
        if rows.size and not self.lane.is_empty:
            x, y = crowd["x"][rows], crowd["y"][rows]
            low_x, low_y, high_x, high_y = self.lane.bounds
            near = np.flatnonzero((x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y))
            found[near] = self.takes_in(rows[near], crowd) & ~self.past_end(rows[near], crowd)
        return found

    def along_m(self, rows: Rows, crowd: Crowd) -> Float64:
        """Return how far from the head of the line the point of it is that is nearest to each of `rows`."""
        points = shapely.points(crowd["x"][rows], crowd["y"][rows])
        return np.asarray(shapely.line_locate_point(LineString(self.vertices), points))

    def points(self, along_m: Float64) -> Float64:
        """Return the points (n, 2) of the line so far from its head."""
        return np.column_stack([np.interp(along_m, self.arc, self.vertices[:, axis]) for axis in (0, 1)])

    def free_server(self) -> int:
        """Return a server on duty who serves nobody; `NOBODY` if all are busy."""
        free = [server for server in range(self.on_duty) if self.serving[server] == NOBODY]
        return free[0] if free else NOBODY

    def is_at_head(self, row: int, aim_m: float, crowd: Crowd) -> bool:
        """Return whether somebody, who heads for the point so far from the head, is near enough to it to be called."""
        if math.isinf(aim_m) or (self.arc.size > STRAIGHT and aim_m > self.first_m + CALL_M):
            return False  # on the way to the line, or on a stretch of it that passes the head
        x, y = self.points(np.array([min(self.first_m, self.arc[-1])]))[0]
        return math.hypot(crowd["x"][row] - x, crowd["y"][row] - y) <= CALL_M

    def call_up(self, row: int, server: int, crowd: Crowd) -> None:
        """Let somebody walk to a server, out between the rails first if there are any."""
        x, y = self.places[server]
        if self.opening is not None:
            (open_x, open_y), (head_x, head_y) = self.opening, self.vertices[0]
            out_x, out_y = open_x - head_x, open_y - head_y
            left_m = ((open_x - crowd["x"][row]) * out_x + (open_y - crowd["y"][row]) * out_y) / math.hypot(
                out_x, out_y
            )
            x, y = self.opening if left_m > TURN_M else (x, y)
        crowd["spot_x"][row], crowd["spot_y"][row] = x, y
        crowd["activity"][row] = TO_SPOT

    def has_gone_past(self, row: int, crowd: Crowd) -> bool:
        """Return whether somebody served between rails has been pushed out of them, with no way back to the server."""
        return self.railed and self.opening is None and not self.takes_in(np.array([row]), crowd)[0]

    def lead_out(self, crowd: Crowd) -> None:
        """Let those who are called and have come out between the rails walk up to their servers."""
        if self.opening is not None:
            for server, row in enumerate(self.serving):
                if row != NOBODY:
                    self.call_up(row, server, crowd)

    def move_up(self, aim: Float64, crowd: Crowd) -> None:
        """Let those along the line head for their places in it, following its corners.

        Parameters
        ----------
        aim : (n,) how far from the head the point is that each attendee heads for; infinite for those who have not
            come to the end of the line yet, and walk there.
        """
        line = self.waiting[: self.capacity]
        if not line or line == self.settled:
            return
        rows = np.array(line, np.int32)
        if self.railed:
            aim[rows[~self.takes_in(rows, crowd)]] = np.inf  # pushed out again
        on_the_way = np.isinf(aim[rows])
        walks = rows[on_the_way]
        set_off(crowd, walks[crowd["activity"][walks] != TO_GOAL])
        along = np.empty(rows.size)
        follow_line(crowd, self._line, rows, aim, along)
        self._take_up(rows, aim, along, crowd)
        order = _order_along(along)
        rows, along, on_the_way = rows[order], along[order], on_the_way[order]
        self.waiting[: rows.size] = rows.tolist()
        self._go_back(rows, aim, along, crowd)
        make_for_aims(crowd, self._line, rows, aim, along, self.looks)
        self.looks += 1
        slot = self.first_m + self.spacing_m * np.arange(rows.size)
        in_place = not on_the_way.any() and bool((np.abs(along - slot) < AT_PLACE_M).all())
        self.settled = self.waiting[: self.capacity] if in_place else []

    def _go_back(self, rows: Rows, aim: Float64, along: Float64, crowd: Crowd) -> None:
        """Let those walk to the end of the line again who do not get on beside it, though there is room before them."""
        slot = self.first_m + self.spacing_m * np.arange(rows.size)
        room = np.diff(along, prepend=-np.inf) > 2 * self.spacing_m
        may_go = room & np.isfinite(aim[rows]) & (along > slot + self.spacing_m)
        may_go[may_go] = ~self.takes_in(rows[may_go], crowd)
        held = {}
        for row, there in zip(rows[may_go].tolist(), along[may_go].tolist(), strict=True):
            seen, first = self.held.get(row, (0, there))
            held[row] = (seen + 1, first) if there > first - GETS_ON_M else (1, there)
        self.held = held
        again = [row for row, (seen, _) in held.items() if seen > HELD_LOOKS]  # on the wrong side of a barrier
        aim[again] = np.inf

    def _take_up(self, rows: Rows, aim: Float64, along: Float64, crowd: Crowd) -> None:
        """Let those who stand farther along the line than the point that they head for go on from where they are."""
        past = np.flatnonzero(np.isfinite(aim[rows]) & (along < aim[rows] - OVERTAKEN_M))
        past = past[self.holds(rows[past], crowd)] if past.size else past
        if not past.size:
            return
        along[past] = self.along_m(rows[past], crowd)
        aim[rows[past]] = np.minimum(aim[rows[past]], along[past])

    @property
    def _line(self) -> Line:
        return Line(self.vertices, self.arc, self.first_m, self.spacing_m, self.railed)

    @property
    def ahead(self) -> int:
        """How many will be served before whoever sets out for the queue now."""
        return len(self.waiting) + self.walking + sum(row != NOBODY for row in self.serving)


def _order_along(along: Float64) -> list[int]:
    """Return the order in which people stand along a line; whoever is hardly nearer to the head stays behind."""
    order: list[int] = []
    for k in range(along.size):
        place = len(order)
        while place and along[k] < along[order[place - 1]] - OVERTAKEN_M:
            place -= 1
        order.insert(place, k)
    return order


def set_off(crowd: Crowd, rows: Rows) -> None:
    """Let those who stand walk to their goals."""
    crowd["activity"][rows] = TO_GOAL
    crowd["progress"][rows] = crowd["free_speed"][rows]


def make_queue(
    name: str,
    service: str,
    line: LineString,
    counter: LineString | None,
    servers: int,
    spacing_m: float,
    *,
    railed: bool = False,
) -> Queue:
    """Return an empty queue with its servers along the counter, or with one server at the head of the line."""
    vertices = shapely.get_coordinates(line)
    first_m = spacing_m if counter is None else 0.0
    steps = np.hypot(*np.diff(vertices, axis=0).T)
    places = vertices[:1] if counter is None else server_places(counter, servers)
    return Queue(
        name=name,
        service=service,
        vertices=vertices,
        arc=np.concatenate([[0.0], np.cumsum(steps)]),
        first_m=first_m,
        spacing_m=spacing_m,
        places=places,
        capacity=max(int((steps.sum() - first_m) / spacing_m + 1.0 + ROUNDING), 0),
        serving=[NOBODY] * servers,
        opening=opening(line) if railed and counter is not None else None,
    )


def side_by_side(queues: list[Queue]) -> list[list[int]]:
    """Return for each queue those that end near it, and near those, and so on: their crowds are one."""
    if not queues:
        return []
    ends = np.array([queue.vertices[-1] for queue in queues])
    group = np.arange(len(queues))
    for one, other in np.argwhere(np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1)) < SIDE_BY_SIDE_M):
        group[group == group[other]] = group[one]
    return [np.flatnonzero(group == mine).tolist() for mine in group]
