"""Reading a run folder: all that measuring, judging and reporting know of a run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crowdsim.errors import MissingExtraError, RunFolderError
from crowdsim.record.layout import ATTENDEES, CONFIG, EVENTS, SAMPLE_INTERVAL_KEY, TRAJECTORIES, VENUE
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.resolved import load_resolved
from crowdsim.venue import Venue, build_venue


class Frame(NamedTuple):
    """Everyone inside at one sampled time, sorted by id.

    Attributes
    ----------
    time_s : the time [s].
    id, x, y, speed : (m,) [-, m, m, m/s].
    """

    time_s: float
    id: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed: NDArray[np.float64]


class Trajectories:
    """The recorded trajectories of a run, in the form that is asked for."""

    def __init__(self, path: Path, sample_interval_s: float) -> None:
        self._path = path
        self._interval_s = sample_interval_s

    def table(self) -> pa.Table:
        """Return them as an Arrow table; columns as in `crowdsim.record.layout`."""
        return pq.read_table(self._path)

    def to_pandas(self) -> Any:
        """Return them as a pandas DataFrame."""
        return self.table().to_pandas()

    def to_pedpy(self) -> Any:
        """Return them as a `pedpy.TrajectoryData`; raises MissingExtraError without PedPy."""
        pedpy = import_pedpy()
        table = self.table()
        data = table.select(["id", "x", "y"]).to_pandas().astype({"x": float, "y": float})
        data["frame"] = np.rint(table["time"].to_numpy() / self._interval_s).astype(int)
        return pedpy.TrajectoryData(data=data, frame_rate=1.0 / self._interval_s)


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

    Raises
    ------
    RunFolderError
        If the folder does not hold a readable run.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        for name in (CONFIG, VENUE, TRAJECTORIES, EVENTS, ATTENDEES):
            if not (self.folder / name).is_file():
                msg = f"{self.folder}: no run folder, or one cut off while written ({name} is missing)"
                raise RunFolderError(msg)
        try:
            self._file = pq.ParquetFile(self.folder / TRAJECTORIES)
            metadata = pq.read_schema(self.folder / ATTENDEES).metadata
        except (OSError, pa.ArrowException) as error:
            msg = f"{self.folder}: its files cannot be read ({error})"
            raise RunFolderError(msg) from error
        self.sample_interval_s = float(self._file.schema_arrow.metadata[SAMPLE_INTERVAL_KEY])
        self.simulated_s = float(metadata[b"simulated_s"])
        self.status = metadata[b"status"].decode()

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return load_resolved(self.folder, CONFIG, VENUE)

    @cached_property
    def venue(self) -> Venue:
        """The venue's geometry."""
        return build_venue(self.scenario)

    def trajectories(self) -> Trajectories:
        """Return the trajectories."""
        return Trajectories(self.folder / TRAJECTORIES, self.sample_interval_s)

    def events(self) -> pa.Table:
        """Return the events, sorted by time."""
        return pq.read_table(self.folder / EVENTS)

    @cached_property
    def attendees(self) -> pa.Table:
        """Everyone planned, one row each, sorted by id."""
        return pq.read_table(self.folder / ATTENDEES)

    def frames(self) -> Iterator[Frame]:
        """Yield the sampled times in order, reading a row group at a time; times with nobody inside have no frame."""
        for group in range(self._file.num_row_groups):
            table = self._file.read_row_group(group)
            time, id, x, y, speed = (table[name].to_numpy() for name in ("time", "id", "x", "y", "speed"))
            edges = np.flatnonzero(np.diff(time)) + 1
            # The writer never splits a sampled time over two row groups.
            for first, last in zip([0, *edges], [*edges, time.size], strict=True):
                part = slice(first, last)
                yield Frame(
                    float(time[first]), id[part], x[part].astype(float), y[part].astype(float), speed[part].astype(float)
                )
