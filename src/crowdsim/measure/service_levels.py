"""Level of service: how much time people spend in each of Fruin's six, walking, queueing and on stairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from crowdsim.kernels.maps import add_densities
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.moments import Moment
from crowdsim.record.recording import Recording
from crowdsim.scenario.event import CALLED, GAVE_UP, JOINED

Float64 = NDArray[np.float64]

SQUARE_FOOT_M2 = 0.3048**2

LEVELS = "ABCDEF"

WALKWAY, QUEUE, STAIR = "walkway", "queue", "stair"


@dataclass(frozen=True, slots=True)
class Standard:
    """Where the levels of service end.

    Attributes
    ----------
    square_feet : the room of a person at which levels A to E end, descending.
    """

    square_feet: tuple[float, float, float, float, float]
    source: str

    @property
    def most_per_m2(self) -> Float64:
        """The highest densities of levels A to E, (5,), ascending [1/m2]."""
        return 1.0 / (np.array(self.square_feet) * SQUARE_FOOT_M2)


STANDARDS = {
    WALKWAY: Standard((35, 25, 15, 10, 5), "Fruin (1971), Pedestrian planning and design, ch. 4, walkways"),
    QUEUE: Standard((13, 10, 7, 3, 2), "Fruin (1971), Pedestrian planning and design, ch. 4, queuing"),
    STAIR: Standard((20, 15, 10, 7, 4), "Fruin (1971), Pedestrian planning and design, ch. 4, stairways"),
}
"""Fruin's levels of service, as area a person."""

AVERAGED_S = 15.0
"""Densities are averaged over this time [s]: Fruin's levels are for mean densities. Our choice: a quarter of the minute
that flows are stated for, so that the surge before a door counts, and one person walking by does not fill a place."""


@dataclass(frozen=True, slots=True)
class ServiceSeries:
    """Person-seconds in each level of service over time.

    Attributes
    ----------
    begins_s : (k,) when each while of `AVERAGED_S` began in which anyone was inside [s].
    spent : (k, 6) person-seconds in levels A to F of each, by context.
    """

    begins_s: Float64
    spent: dict[str, Float64]


class ServiceLevelMeter:
    """Adds up the person-seconds in each level of service, one sampled time after another."""

    def __init__(self, recording: Recording, grid: DensityGrid) -> None:
        size = grid.cover.size
        self._spent = np.zeros((len(STANDARDS), size))  # person-seconds of this while, by context
        self._integral = np.zeros(size)  # of the density over this while
        self._found = np.zeros((len(STANDARDS), len(LEVELS)))
        self._series: list[tuple[float, Float64]] = []
        self._while, self._end_s = 0, recording.simulated_s
        self._stairs = _stairs_of(recording)
        self._waiting = Waiting(recording)
        self._contexts = list(STANDARDS)

    def take(self, moment: Moment) -> None:
        """Take in a sampled time."""
        frame = moment.step.frame
        if int(frame.time_s / AVERAGED_S) != self._while:
            self._settle()
            self._while = int(frame.time_s / AVERAGED_S)
        context = np.full(frame.id.size, self._contexts.index(WALKWAY))
        context[self._waiting.at(frame.time_s)[frame.id]] = self._contexts.index(QUEUE)
        for level, stair in self._stairs:
            context[(frame.level == level) & shapely.contains_xy(stair, frame.x, frame.y)] = self._contexts.index(STAIR)
        np.add.at(self._spent.reshape(-1), context * self._integral.size + moment.cell, moment.lasts_s)
        add_densities(moment.density, moment.touched, moment.lasts_s, self._integral)

    def result(self) -> dict[str, dict[str, float]]:
        """Return the person-seconds in each level of service, by context and level."""
        self._settle()
        return {
            context: dict(zip(LEVELS, row.tolist(), strict=True))
            for context, row in zip(self._contexts, self._found, strict=True)
        }

    def series(self) -> ServiceSeries:
        """Return the person-seconds of each while, after `result`."""
        begins_s = np.array([begins_s for begins_s, _ in self._series])
        found = np.array([found for _, found in self._series]).reshape(-1, len(STANDARDS), len(LEVELS))
        return ServiceSeries(begins_s, {context: found[:, k] for k, context in enumerate(self._contexts)})

    def _settle(self) -> None:
        """Count what people spent during this while by the mean density of their cells."""
        lasted_s = min((self._while + 1) * AVERAGED_S, self._end_s) - self._while * AVERAGED_S
        found = np.zeros_like(self._found)
        for k, context in enumerate(self._contexts):
            cells = np.flatnonzero(self._spent[k])
            level = np.searchsorted(STANDARDS[context].most_per_m2, self._integral[cells] / max(lasted_s, 1e-9))
            found[k] = np.bincount(level, self._spent[k, cells], len(LEVELS))
        self._found += found
        if found.any():
            self._series.append((self._while * AVERAGED_S, found))
        self._spent[:] = 0.0
        self._integral[:] = 0.0


class Waiting:
    """Who waits in a queue at a time, from the recorded events: from joining until called, or giving up."""

    def __init__(self, recording: Recording) -> None:
        events = recording.events()
        about = events.filter(pc.is_in(events["event"].cast("string"), pa.array([JOINED, CALLED, GAVE_UP])))
        self._time, self._id = about["time"].to_numpy(), about["id"].to_numpy()
        self._joins = pc.equal(about["event"].cast("string"), JOINED).to_numpy()
        self._waits = np.zeros(recording.attendees.num_rows, bool)
        self._next = 0

    def at(self, time_s: float) -> NDArray[np.bool_]:
        """Return who waits at a time, not before the one asked for last: (attendees,), by id."""
        upto = int(np.searchsorted(self._time, time_s, "right"))
        since = slice(self._next, upto)
        self._waits[self._id[since]] = self._joins[since]  # of several of one attendee the last one stays
        self._next = upto
        return self._waits


def _stairs_of(recording: Recording) -> list[tuple[int, shapely.Polygon]]:
    """Return the stairs, ramps and escalators in the venue's plane, each with the level that people on it are on."""
    venue, found = recording.venue, []
    for link in venue.links.values():
        if not link.is_lift:
            level = venue.levels.index(link.lower)
            shift_x, shift_y = recording.shift_m[level]
            stair = shapely.affinity.translate(link.area, shift_x, shift_y)
            shapely.prepare(stair)
            found.append((level, stair))
    return found
