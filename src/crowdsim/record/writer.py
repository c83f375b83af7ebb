"""Streaming a run to disk: trajectories and events, readable whatever ends the run."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crowdsim.errors import RecordingError
from crowdsim.kernels.arrays import empty_crowd
from crowdsim.record.background import Background
from crowdsim.record.layout import (
    ATTENDEE_SCHEMA,
    ATTENDEES,
    DONE_KEY,
    EVENT_SCHEMA,
    EVENTS,
    POSITION_ERROR_KEY,
    POSITION_KEY,
    POSITION_RESOLUTION_M,
    SAMPLE_INTERVAL_KEY,
    SPEED_ERROR_KEY,
    SPEED_KEY,
    SPEED_RESOLUTION_M_S,
    TRAJECTORIES,
    TRAJECTORY_ENCODING,
    TRAJECTORY_SCHEMA,
)
from crowdsim.record.sampling import Group
from crowdsim.record.table_writer import TableWriter
from crowdsim.scenario.party import ALONE

if TYPE_CHECKING:  # whoever reads runs needs no model, and no Mesa
    from crowdsim.model import CrowdModel

ROWS_PER_GROUP = 100_000
"""Rows kept in memory before they are written: 2.4 MB. Fewer take longer to write and more space, ten times as many
save 1 % of the space (measured), and whoever reads one sampled time reads one row group."""


class Recorder:
    """Records a model: call `sample` at every sampled time; it is the model's observer for events.

    Use as a context manager: on leaving, everything taken in is written and the files are closed, whatever
    happened. Memory does not grow with the length of the run. Encoding and writing happen in a thread of their own;
    what goes wrong there is raised at a later sample, or on leaving. What is in which row group depends on what is
    recorded only, so the files are the same byte for byte each time.
    """

    def __init__(self, folder: Path, sample_interval_s: float) -> None:
        told = {
            SAMPLE_INTERVAL_KEY: sample_interval_s,
            POSITION_KEY: POSITION_RESOLUTION_M,
            POSITION_ERROR_KEY: POSITION_RESOLUTION_M / 2,
            SPEED_KEY: SPEED_RESOLUTION_M_S,
            SPEED_ERROR_KEY: SPEED_RESOLUTION_M_S / 2,
        }
        schema = TRAJECTORY_SCHEMA.with_metadata({key: repr(value).encode() for key, value in told.items()})
        self._trajectories = TableWriter(folder / TRAJECTORIES, schema, TRAJECTORY_ENCODING)
        self._events = TableWriter(folder / EVENTS, EVENT_SCHEMA)
        self._group: Group | None = None
        self._pending: list[tuple[float, int, str, str, int, float, float]] = []
        Group(1).take(0.0, empty_crowd(1), np.zeros(1, np.int32))  # compiles, or loads from the cache, the kernel
        self._background = Background()

    def __enter__(self) -> Self:
        """Return the recorder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and close; what went wrong here is raised only if nothing else did."""
        problem: BaseException | None = None
        steps = (self._write_trajectories, self._write_events, self._background.finish, self._background.raise_error)
        try:
            for step in steps:
                try:
                    step()
                except Exception as found:  # raised below
                    problem = problem or found
        finally:
            self._background.finish()
            self._trajectories.close()
            self._events.close()
        if problem and error is None:
            raise problem

    def event(self, time_s: float, id: int, event: str, place: str, level: int, x: float, y: float) -> None:
        """Take in an event."""
        self._pending.append((time_s, id, event, place, level, x, y))

    def sample(self, model: CrowdModel) -> None:
        """Take in where everyone inside is now; raises RecordingError if the disk is full."""
        inside = model.state.inside
        if inside.size:
            if self._group is None:
                self._group = Group(ROWS_PER_GROUP + len(model.population))
            self._group.take(model.time_s, model.state.records, inside, model.crossing)
            if self._group.n_rows >= ROWS_PER_GROUP:
                self._write_trajectories()
        if len(self._pending) >= ROWS_PER_GROUP:
            self._write_events()

    def _write_trajectories(self) -> None:
        group, self._group = self._group, None
        if group:
            self._background.do(partial(self._trajectories.write, group.columns()))

    def _write_events(self) -> None:
        if not self._pending:
            return
        events, self._pending = self._pending, []
        columns = zip(*events, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, EVENT_SCHEMA, strict=True)]
        self._background.do(partial(self._events.write, arrays))


def write_attendees(folder: Path, model: CrowdModel, status: str) -> None:
    """Write one row per attendee planned: who it was, and what became of it.

    Raises
    ------
    RecordingError
        If the disk is full.
    """
    population, state = model.population, model.state
    speed = model.crossing.level_speed if model.crossing else state.crowd.free_speed
    exit_names = [None if goal < 0 else model.navigation.goals[goal] for goal in state.exit_goal]
    columns = {
        "id": np.arange(len(population)),
        "group": [population.groups[g] for g in population.group],
        "profile": [population.profiles[p] for p in population.profile],
        "start": [population.starts[s] for s in population.start],
        # Parties slow down to wait for their own.
        "free_speed": np.where(population.party == ALONE, speed, population.free_speed),
        "body_radius": state.crowd.radius,
        "due_s": population.due_s,
        "entry_s": _null_for_nan(state.entry_s),
        "exit_s": _null_for_nan(state.exit_s),
        "exit": exit_names,
        "free_walk_s": state.free_walk_s,
        "waited_s": state.waited_s,
        "party": pa.array(population.party, mask=population.party == ALONE),
    }
    done = [(change.time_s, number) for change in model.changed for number in change.numbers]
    ending = {b"simulated_s": repr(model.time_s), b"status": status, DONE_KEY: json.dumps(done)}
    schema = ATTENDEE_SCHEMA.with_metadata(ending)
    arrays = [_as_array(columns[field.name], field.type) for field in schema]
    try:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), folder / ATTENDEES)
    except OSError as error:
        msg = f"{ATTENDEES}: cannot be written ({error.strerror or error})"
        raise RecordingError(msg) from error


def _null_for_nan(values: np.ndarray) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _as_array(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    return pa.array(
        np.asarray(values).astype(kind.to_pandas_dtype()) if isinstance(values, np.ndarray) else values, kind
    )
