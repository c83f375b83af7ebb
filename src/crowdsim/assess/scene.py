"""The worst time of a finding: where everybody was, how dense it was, and where those there went."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.assess.judged import Run
from crowdsim.assess.subject import Place, Subject
from crowdsim.kernels.maps import CUT_OFF, spread_people
from crowdsim.measure.flows import crossings
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.steps import Moves
from crowdsim.record.recording import Frame

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Box = tuple[float, float, float, float]

RIM_M = 6.0
"""Ground shown around the place of a finding (our choice)."""

LEAST_M = 18.0
"""A map shows at least so much ground, for people to know where it is (our choice)."""

BEFORE_M = 15.0
"""People are before a door, exit, queue or way that is no farther from their place (our choice: the depth of a crowd
of some hundred people before a door)."""

FOLLOW_S = 120.0
"""So long it is looked where those of the worst time went (our choice: twice the window of the worst minute)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The worst time of a finding; places are in the plane of the recording's venue.

    Attributes
    ----------
    time_s : when positions are from [s].
    box : the ground around the place, or around everybody without one.
    x, y : (m,) where everybody in the box was [m].
    ids : (k,) who was there: in the place, waiting at the service, or inside if there is no place.
    density : (rows, columns) mean over `over_s` from `time_s` or around it [1/m2], row 0 lowest; of cells in the box.
    extent : edges of that map, left, right, bottom, top [m].
    over_s : time that densities are means over; 0 for those of one moment [s].
    passed : by name of the doors and ways between levels near the place, how many of those there went through or over
        them within `FOLLOW_S`.
    """

    time_s: float
    box: Box
    x: Float64
    y: Float64
    ids: Int32
    density: Float64
    extent: Box
    over_s: float
    passed: dict[str, int] = field(default_factory=dict)


def look_at(subject: Subject, run: Run) -> Scene | None:
    """Return the worst time of a finding; None if it has none, or nobody was inside then."""
    if subject.worst_s is None:
        return None
    recording = run.recording
    begin_s, end_s = subject.worst_s
    middle_s = (begin_s + end_s) / 2
    interval_s = recording.sample_interval_s
    frame = next(recording.frames((middle_s - interval_s / 2, middle_s + 2 * interval_s)), None)
    if frame is None:
        return None
    box = _box(subject.place, frame)
    grid = run.measures.grid
    first, last = (tuple(int((box[k + corner] - grid.origin[k]) / grid.cell_m) for k in (0, 1)) for corner in (0, 2))
    columns = slice(max(first[0], 0), min(last[0] + 1, grid.shape[1]))
    rows = slice(max(first[1], 0), min(last[1] + 1, grid.shape[0]))
    density = _density(run, grid, (rows, columns), subject.worst_s, frame)
    left, bottom = grid.origin[0] + columns.start * grid.cell_m, grid.origin[1] + rows.start * grid.cell_m
    extent = left, left + density.shape[1] * grid.cell_m, bottom, bottom + density.shape[0] * grid.cell_m
    shown = (frame.x >= box[0]) & (frame.x <= box[2]) & (frame.y >= box[1]) & (frame.y <= box[3])
    there = frame.id
    if subject.there is not None:
        there = subject.there
    elif subject.place:
        there = frame.id[subject.place.holds(frame.x, frame.y)]
    passed = _follow(subject.place, there, frame, run) if subject.place and there.size else {}
    return Scene(frame.time_s, box, frame.x[shown], frame.y[shown], there, density, extent, end_s - begin_s, passed)


def _box(place: Place | None, frame: Frame) -> Box:
    """Return the ground that is shown: around a place, or around everybody without one."""
    everybody = (frame.x.min(), frame.y.min(), frame.x.max(), frame.y.max())
    x0, y0, x1, y1 = map(float, place.shape.bounds if place else everybody)
    x0, y0, x1, y1 = x0 - RIM_M, y0 - RIM_M, x1 + RIM_M, y1 + RIM_M
    wider, taller = max(LEAST_M - (x1 - x0), 0.0) / 2, max(LEAST_M - (y1 - y0), 0.0) / 2
    return x0 - wider, y0 - taller, x1 + wider, y1 + taller


def _density(
    run: Run, grid: DensityGrid, part: tuple[slice, slice], worst_s: tuple[float, float], frame: Frame
) -> Float64:
    """Return the mean density over a time in a part of the grid; of one moment if it has no length."""
    rows, columns = part
    shape = rows.stop - rows.start, columns.stop - columns.start
    origin = grid.origin[0] + columns.start * grid.cell_m, grid.origin[1] + rows.start * grid.cell_m
    reach = (math.ceil(CUT_OFF * grid.sd_m / grid.cell_m) + 1) * grid.cell_m
    sums, touched = np.zeros((shape[0] * shape[1], 1)), np.empty(shape[0] * shape[1], np.int64)
    interval_s, end_s = run.recording.sample_interval_s, run.recording.simulated_s
    total_s = 0.0
    frames = (
        run.recording.frames((worst_s[0], worst_s[1] - interval_s / 2)) if worst_s[1] > worst_s[0] else iter([frame])
    )
    for one in frames:
        lasts_s = min(interval_s, end_s - one.time_s) if worst_s[1] > worst_s[0] else 1.0
        near = (
            (one.x > origin[0] - reach)
            & (one.x < origin[0] + shape[1] * grid.cell_m + reach)
            & (one.y > origin[1] - reach)
            & (one.y < origin[1] + shape[0] * grid.cell_m + reach)
        )
        weight = np.full((int(near.sum()), 1), lasts_s)
        if lasts_s > 0:
            spread_people(one.x[near], one.y[near], weight, origin, grid.cell_m, grid.sd_m, shape[1], sums, touched)
        total_s += lasts_s
    density: Float64 = sums.reshape(shape) / grid.cover[part] / max(total_s, 1e-9)
    return np.where(grid.walkable[part], density, np.nan)


def _follow(place: Place, ids: Int32, frame: Frame, run: Run) -> dict[str, int]:
    """Return how many of those there went through each door and over each way nearby in the time after."""
    venue, recording = run.recording.venue, run.recording
    ways = {
        name: link
        for name, link in venue.links.items()
        if link.open and shapely.distance(recording.of_link(link, link.area), place.shape) <= BEFORE_M
    }
    lines = {
        name: door.line
        for name, door in venue.doors.items()
        if door.open and shapely.distance(door.line, place.shape) <= BEFORE_M
    }
    lines |= {name: recording.of_link(link, link.middle) for name, link in ways.items() if not link.is_lift}
    lifts = [name for name, link in ways.items() if link.is_lift]
    if not lines and not lifts:
        return {}
    asked = np.zeros(recording.attendees.num_rows, bool)
    asked[ids] = True
    last = np.full((3, asked.size), np.nan)
    level = np.full(asked.size, -1)
    through = {name: np.zeros(asked.size, bool) for name in lines}
    changed = np.zeros(asked.size, bool)
    for one in recording.frames((frame.time_s, frame.time_s + FOLLOW_S)):
        rows = np.flatnonzero(asked[one.id])
        who = one.id[rows]
        now = np.array([one.x[rows], one.y[rows], np.full(rows.size, one.time_s)])
        changed[who] |= (level[who] >= 0) & (level[who] != one.level[rows])
        stays = np.flatnonzero(np.isfinite(last[2, who]) & (level[who] == one.level[rows]))
        for name, line in lines.items():
            for k in stays[_near(line, last[:, who[stays]], now[:, stays])].tolist():
                moves = Moves(*(np.array([value]) for value in (*last[:, who[k]], *now[:, k])))
                through[name][who[k]] |= crossings(line, moves)[0].size > 0
        last[:, who] = now
        level[who] = one.level[rows]
    walked = np.any([found for name, found in through.items() if name in ways] or [np.zeros_like(changed)], axis=0)
    by_lift = int((changed & ~walked).sum())  # nobody walks through a lift
    return {name: int(found.sum()) for name, found in through.items()} | dict.fromkeys(lifts, by_lift)


def _near(line: shapely.LineString, before: Float64, now: Float64) -> NDArray[np.bool_]:
    """Return whose ways, from (3, k) x, y and time to such, may have crossed a line."""
    x0, y0, x1, y1 = line.bounds
    low, high = np.minimum(before[:2], now[:2]), np.maximum(before[:2], now[:2])
    near: NDArray[np.bool_] = (low[0] <= x1) & (high[0] >= x0) & (low[1] <= y1) & (high[1] >= y0)
    return near
