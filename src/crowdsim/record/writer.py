"""Streaming a run to disk: trajectories and events, readable whatever ends the run."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crowdsim.errors import RecordingError
from crowdsim.model import CrowdModel
from crowdsim.record.layout import (
    ATTENDEE_SCHEMA,
    ATTENDEES,
    EVENT_SCHEMA,
    EVENTS,
    GROUND_LEVEL,
    POSITION_KEY,
    POSITION_RESOLUTION_M,
    SAMPLE_INTERVAL_KEY,
    SPEED_KEY,
    SPEED_RESOLUTION_M_S,
    TRAJECTORIES,
    TRAJECTORY_ENCODING,
    TRAJECTORY_SCHEMA,
)

ROWS_PER_GROUP = 50_000
"""Rows kept in memory before they are written: about 1.5 MB."""

FOOTER_BYTES = 1 << 20
"""Room kept on disk for a Parquet file's footer, which must fit for the file to be readable; measured: under
1 kB a row group, so this is enough for 50 million rows."""

ROW_OVERHEAD = 2
"""A row group takes at most this many times its size in memory on disk, before compression even begins."""


class ReservedFile:
    """A file to append to whose space is set aside first, so that a full disk is noticed before writing."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self.closed = False

    def reserve(self, n_bytes: int) -> None:
        """Make sure that `n_bytes` more can be written; raises OSError if the disk is too full."""
        descriptor, at = self._file.fileno(), self._file.tell()
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, at, n_bytes)
        else:
            self._file.write(bytes(n_bytes))
            self._file.seek(at)

    def write(self, data: bytes) -> int:
        """Append bytes."""
        left = memoryview(data)
        total = left.nbytes
        while left.nbytes:
            left = left[self._file.write(left) or 0 :]
        return total

    def tell(self) -> int:
        """Return the position in the file."""
        return self._file.tell()

    def flush(self) -> None:
        """Nothing is buffered here."""

    def close(self) -> None:
        """Cut off what was reserved and not needed, and close."""
        if not self.closed:
            self._file.truncate()
            self._file.close()
            self.closed = True


class TableWriter:
    """A Parquet file that grows by row groups and can always be finished."""

    def __init__(self, path: Path, schema: pa.Schema, encoding: dict[str, Any] | None = None) -> None:
        self._path = path
        self._schema = schema
        self._file = ReservedFile(path)
        self._file.reserve(FOOTER_BYTES)
        self._writer = pq.ParquetWriter(self._file, schema, compression="zstd", **encoding or {})

    def write(self, columns: list[pa.Array]) -> None:
        """Append a row group; raises RecordingError, with the file still to be finished, if the disk is full."""
        table = pa.Table.from_arrays(columns, schema=self._schema)
        try:
            self._file.reserve(ROW_OVERHEAD * table.nbytes + FOOTER_BYTES)
        except OSError as error:
            msg = f"{self._path.name}: cannot write any more ({error.strerror}); what was recorded before is kept"
            raise RecordingError(msg) from error
        self._writer.write_table(table, row_group_size=max(len(table), 1))

    def close(self) -> None:
        """Write the footer and close."""
        self._writer.close()
        self._file.close()


class Recorder:
    """Records a model: call `sample` at every sampled time; it is the model's observer for events.

    Use as a context manager: on leaving, everything taken in is written and the files are closed, whatever
    happened. Memory does not grow with the length of the run.
    """

    def __init__(self, folder: Path, sample_interval_s: float) -> None:
        self._folder = folder
        told = {
            SAMPLE_INTERVAL_KEY: sample_interval_s,
            POSITION_KEY: POSITION_RESOLUTION_M,
            SPEED_KEY: SPEED_RESOLUTION_M_S,
        }
        schema = TRAJECTORY_SCHEMA.with_metadata({key: repr(value).encode() for key, value in told.items()})
        self._trajectories = TableWriter(folder / TRAJECTORIES, schema, TRAJECTORY_ENCODING)
        self._events = TableWriter(folder / EVENTS, EVENT_SCHEMA)
        self._rows: list[tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
        self._n_rows = 0
        self._pending: list[tuple[float, int, str, str, float, float]] = []

    def __enter__(self) -> Self:
        """Return the recorder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and close; a full disk is reported only if nothing else went wrong."""
        full: RecordingError | None = None
        for write in (self._write_trajectories, self._write_events):
            try:
                write()
            except RecordingError as problem:
                full = problem
        self._trajectories.close()
        self._events.close()
        if full and error is None:
            raise full

    def event(self, time_s: float, id: int, event: str, place: str, x: float, y: float) -> None:
        """Take in an event."""
        self._pending.append((time_s, id, event, place, x, y))

    def sample(self, model: CrowdModel) -> None:
        """Take in where everyone inside is now."""
        inside = model.state.inside
        crowd = model.state.crowd
        if inside.size:
            self._rows.append((model.time_s, inside, crowd.x[inside], crowd.y[inside], crowd.speed[inside]))
            self._n_rows += inside.size
        if self._n_rows >= ROWS_PER_GROUP:
            self._write_trajectories()
        if len(self._pending) >= ROWS_PER_GROUP:
            self._write_events()

    def _write_trajectories(self) -> None:
        if not self._rows:
            return
        rows, self._rows, self._n_rows = self._rows, [], 0
        time = np.repeat([row[0] for row in rows], [row[1].size for row in rows])
        id, x, y, speed = (np.concatenate([row[k] for row in rows]) for k in (1, 2, 3, 4))
        self._trajectories.write(
            [
                pa.array(time),
                pa.array(id),
                pa.array(np.full(time.size, GROUND_LEVEL, np.int16)),
                pa.array(_multiples(x, POSITION_RESOLUTION_M)),
                pa.array(_multiples(y, POSITION_RESOLUTION_M)),
                pa.array(_multiples(speed, SPEED_RESOLUTION_M_S)),
            ]
        )

    def _write_events(self) -> None:
        if not self._pending:
            return
        events, self._pending = self._pending, []
        time, id, event, place, x, y = zip(*events, strict=True)
        level = np.full(len(events), GROUND_LEVEL, np.int16)
        columns = (time, id, event, place, level, x, y)
        self._events.write([pa.array(column, field.type) for column, field in zip(columns, EVENT_SCHEMA, strict=True)])


def write_attendees(folder: Path, model: CrowdModel, status: str) -> None:
    """Write one row per attendee planned: who it was, and what became of it.

    Raises
    ------
    RecordingError
        If the disk is full.
    """
    population, state = model.population, model.state
    exit_names = [None if goal < 0 else model.navigation.goals[goal] for goal in state.exit_goal]
    columns = {
        "id": np.arange(len(population)),
        "group": [population.groups[g] for g in population.group],
        "profile": [population.profiles[p] for p in population.profile],
        "start": [population.starts[s] for s in population.start],
        "free_speed": state.crowd.free_speed,
        "body_radius": state.crowd.radius,
        "due_s": population.due_s,
        "entry_s": _null_for_nan(state.entry_s),
        "exit_s": _null_for_nan(state.exit_s),
        "exit": exit_names,
        "free_walk_s": state.free_walk_s,
        "waited_s": state.waited_s,
    }
    schema = ATTENDEE_SCHEMA.with_metadata({"simulated_s": repr(model.time_s), "status": status})
    arrays = [_as_array(columns[field.name], field.type) for field in schema]
    try:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / ATTENDEES)
    except OSError as error:
        msg = f"{ATTENDEES}: cannot be written ({error.strerror or error})"
        raise RecordingError(msg) from error


def _multiples(values: np.ndarray, of: float) -> np.ndarray:
    """Return values rounded to multiples, in single precision."""
    return (np.rint(values / of) * of).astype(np.float32)


def _null_for_nan(values: np.ndarray) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _as_array(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    return pa.array(
        np.asarray(values).astype(kind.to_pandas_dtype()) if isinstance(values, np.ndarray) else values, kind
    )
