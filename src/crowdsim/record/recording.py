"""Reading a run folder: all that measuring, judging and reporting know of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crowdsim.errors import MissingExtraError, RunFolderError
from crowdsim.record.layout import (
    ATTENDEES,
    CONFIG,
    DONE_KEY,
    EVENTS,
    SAMPLE_INTERVAL_KEY,
    TRAJECTORIES,
    TRAJECTORY_SCHEMA,
    VENUE,
)
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.resolved import load_resolved
from crowdsim.venue import Venue, build_venue
from crowdsim.venue.links import Link
from crowdsim.venue.moments import over_time


class Frame(NamedTuple):
    """Everyone inside at one sampled time, sorted by id.

    Attributes
    ----------
    time_s : the time [s].
    id, x, y, speed : (m,) [-, m, m, m/s]; in the plane of `Recording.venue`, in which levels lie beside each other.
    level : (m,) index of the level, from the lowest.
    """

    time_s: float
    id: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed: NDArray[np.float64]
    level: NDArray[np.int16]


class Trajectories:
    """The recorded trajectories of a run, in the form that is asked for."""

    def __init__(self, path: Path, sample_interval_s: float, shift_m: NDArray[np.float64]) -> None:
        """Take the file, the time between samples [s], and where levels lie in the plane of `Recording.venue`."""
        self._path = path
        self._interval_s = sample_interval_s
        self._shift_m = shift_m

    def table(
        self, columns: Sequence[str] | None = None, between: tuple[float, float] = (-math.inf, math.inf)
    ) -> pa.Table:
        """Return them as an Arrow table; only what is asked for is read.

        Parameters
        ----------
        columns : which of those in `crowdsim.record.layout`; None for all.
        between : first and last time [s], both included.
        """
        if between == (-math.inf, math.inf):
            return read_table(self._path, columns)
        first, last = between
        return read_table(self._path, columns, (pc.field("time") >= first) & (pc.field("time") <= last))

    def to_pandas(
        self, columns: Sequence[str] | None = None, between: tuple[float, float] = (-math.inf, math.inf)
    ) -> Any:
        """Return them as a pandas DataFrame; arguments as in `table`."""
        return self.table(columns, between).to_pandas()

    def to_pedpy(self, between: tuple[float, float] = (-math.inf, math.inf)) -> Any:
        """Return them, between two times [s], as a `pedpy.TrajectoryData`; raises MissingExtraError without PedPy.

        PedPy wants evenly spaced frames: a last sample taken when the run ended between two is left out. Levels lie
        beside each other, as in `Recording.venue`.
        """
        pedpy = import_pedpy()
        table = self.table(["time", "id", "level", "x", "y"], between)
        data = table.select(["id", "x", "y"]).to_pandas().astype({"x": float, "y": float})
        data[["x", "y"]] += self._shift_m[table["level"].to_numpy()]
        data["frame"], regular = frame_numbers(table["time"].to_numpy(), self._interval_s)
        return pedpy.TrajectoryData(data=data[regular], frame_rate=1.0 / self._interval_s)


def frame_numbers(time_s: NDArray[np.float64], interval_s: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the number of each sampled time, and whether it lies on the sampling grid.

    All do, except the last one of a run that ended between two samples.
    """
    number = np.rint(time_s / interval_s).astype(np.int64)
    return number, np.abs(time_s / interval_s - number) <= 1e-6 + 1e-9 * np.abs(number)


def read_table(path: Path, columns: Sequence[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
    """Return columns (None: all) of a file of a run folder, of the rows that fulfil an expression, as an Arrow table.

    Row groups that cannot hold any such row are not read. Raises RunFolderError if the file cannot be read.
    """
    try:
        if columns is None and where is None:  # a dataset, which the other way makes of a file, takes as long to open
            with pq.ParquetFile(path) as file:
                return file.read()
        return pq.read_table(path, columns=None if columns is None else list(columns), filters=where)
    except (OSError, pa.ArrowException) as error:
        msg = f"{path}: cannot be read ({error})"
        raise RunFolderError(msg) from error


def import_pedpy() -> Any:
    """Return the pedpy module; raises MissingExtraError if it is not installed."""
    try:
        import pedpy  # noqa: PLC0415
    except ImportError as error:
        msg = 'this needs PedPy, which is optional: pip install "crowdsim[pedpy]"'
        raise MissingExtraError(msg) from error
    return pedpy


class Recording:
    """A run folder opened for reading; partial runs read just the same.

    Parameters
    ----------
    scenario : that was run, for who has it; read from the folder otherwise.

    Raises
    ------
    RunFolderError
        If the folder does not hold a readable run.
    """

    def __init__(self, folder: Path | str, scenario: Scenario | None = None) -> None:
        self.folder = Path(folder)
        self._scenario = scenario
        self._group: tuple[int, tuple[NDArray[Any], ...]] | None = None
        for name in (CONFIG, VENUE, TRAJECTORIES, EVENTS, ATTENDEES):
            if not (self.folder / name).is_file():
                msg = f"{self.folder}: no run folder, or one cut off while written ({name} is missing)"
                raise RunFolderError(msg)
        try:
            self._file = pq.ParquetFile(self.folder / TRAJECTORIES)
            sampling = self._file.schema_arrow.metadata or {}
            ending = pq.read_schema(self.folder / ATTENDEES).metadata or {}
        except (OSError, pa.ArrowException) as error:
            msg = f"{self.folder}: its files cannot be read ({error})"
            raise RunFolderError(msg) from error
        try:
            self.sample_interval_s = float(sampling[SAMPLE_INTERVAL_KEY])
            self.simulated_s = float(ending[b"simulated_s"])
            self.status = ending[b"status"].decode()
            self.done = [(float(time_s), int(number)) for time_s, number in json.loads(ending.get(DONE_KEY, b"[]"))]
            """When interventions were done [s], and which, in order."""
        except (KeyError, ValueError) as error:
            msg = f"{self.folder}: not written by crowdsim, or altered since (file metadata: {error})"
            raise RunFolderError(msg) from error

    @property
    def rows(self) -> int:
        """How many rows the trajectories have: one an attendee and sampled time."""
        return int(self._file.metadata.num_rows)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self._scenario or load_resolved(self.folder, CONFIG, VENUE)

    @cached_property
    def venue(self) -> Venue:
        """The venue's geometry, with all the ground that there was at any time of the run."""
        return build_venue(over_time(self.scenario))

    @cached_property
    def shift_m(self) -> NDArray[np.float64]:
        """From each level's plan to its place in the plane of `venue`, (levels, 2)."""
        return np.array([sheet.shift for sheet in self.venue.sheets])

    def in_plane(
        self, level: NDArray[np.int16], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where places in the plans of levels are in the plane of `venue` [m]."""
        if len(self.venue.levels) == 1:
            return x, y
        return x + self.shift_m[level, 0], y + self.shift_m[level, 1]

    def of_link(self, link: Link, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape of a way between levels, such as its area, in the plane of `venue`.

        Ways have their shapes in the plan of their lower level.
        """
        shift_x, shift_y = self.shift_m[self.venue.levels.index(link.lower)].tolist()
        return shapely.affinity.translate(shape, shift_x, shift_y)

    def in_plan(self, x: float, y: float) -> tuple[int, float, float]:
        """Return the level of a place in the plane of `venue`, and where it is in that level's plan [m]."""
        here = shapely.Point(x, y)
        level = int(np.argmin([sheet.area.distance(here) for sheet in self.venue.sheets]))
        return level, x - float(self.shift_m[level, 0]), y - float(self.shift_m[level, 1])

    def trajectories(self) -> Trajectories:
        """Return the trajectories."""
        return Trajectories(self.folder / TRAJECTORIES, self.sample_interval_s, self.shift_m)

    def events(self) -> pa.Table:
        """Return the events, sorted by time; read once, and kept."""
        return self._events

    @cached_property
    def _events(self) -> pa.Table:
        return read_table(self.folder / EVENTS)

    @cached_property
    def attendees(self) -> pa.Table:
        """Everyone planned, one row each, sorted by id."""
        return read_table(self.folder / ATTENDEES)

    def frames(self, between: tuple[float, float] = (-math.inf, math.inf)) -> Iterator[Frame]:
        """Yield the sampled times in order, reading a row group at a time.

        Times with nobody inside have no frame. Raises RunFolderError if the file is damaged.

        Parameters
        ----------
        between : first and last time [s], both included; row groups of other times are not read.
        """
        for group in range(self._file.num_row_groups):
            if not self._may_hold(group, between):
                continue
            if self._group is None or self._group[0] != group:  # a second look is mostly at the same group
                self._group = group, self._read_group(group)
            time, id, x, y, speed, level = self._group[1]
            # The writer never splits a sampled time over two row groups, and writes none that is empty.
            starts = [0, *(np.flatnonzero(np.diff(time)) + 1)]
            for first, last in pairwise([*starts, time.size]):
                part = slice(first, last)
                if between[0] <= time[first] <= between[1]:
                    yield Frame(float(time[first]), id[part], x[part], y[part], speed[part], level[part])

    def _read_group(self, group: int) -> tuple[NDArray[Any], ...]:
        """Return times, ids, x, y, speeds and levels of a row group of the trajectories."""
        try:
            table = self._file.read_row_group(group, ["time", "id", "level", "x", "y", "speed"])
        except (OSError, pa.ArrowException) as error:
            msg = f"{self.folder / TRAJECTORIES}: cannot be read ({error})"
            raise RunFolderError(msg) from error
        time, id, level = (table[name].to_numpy() for name in ("time", "id", "level"))
        x, y, speed = (table[name].to_numpy().astype(float) for name in ("x", "y", "speed"))
        return time, id, *self.in_plane(level, x, y), speed, level

    def _may_hold(self, group: int, between: tuple[float, float]) -> bool:
        """Return whether a row group of the trajectories may have rows of that time."""
        held = self._file.metadata.row_group(group).column(TRAJECTORY_SCHEMA.get_field_index("time")).statistics
        if held is None or not held.has_min_max:
            return True
        return bool(held.min <= between[1] and held.max >= between[0])
