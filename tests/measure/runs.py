"""Run folders written from known paths, so that what is measured in them is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crowdsim.config import resolved_yaml
from crowdsim.record import Recording
from crowdsim.record.layout import (
    ATTENDEE_SCHEMA,
    ATTENDEES,
    COMPLETE,
    CONFIG,
    EVENT_SCHEMA,
    EVENTS,
    SAMPLE_INTERVAL_KEY,
    TRAJECTORIES,
    TRAJECTORY_SCHEMA,
    VENUE,
)
from crowdsim.scenario.event import ENTERED, EXITED
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import venue_text

NEVER = float("inf")


@dataclass(frozen=True)
class Person:
    """Someone on a known way: corners (time, x, y), straight and at constant speed in between.

    Enters at the first corner, leaves by `exit` at the last one; without `exit`, stays there for good.
    Without corners, was due at `due_s` and never came in.
    """

    way: tuple[tuple[float, float, float], ...] = ()
    exit: str | None = None
    due_s: float = 0.0
    free_walk_s: float = 0.0
    waited_s: float = 0.0
    party: int | None = None

    @property
    def entry_s(self) -> float:
        return self.way[0][0] if self.way else NEVER

    @property
    def exit_s(self) -> float:
        return self.way[-1][0] if self.exit else NEVER

    def at(self, time_s: float) -> tuple[float, float]:
        t, x, y = zip(*self.way, strict=True)
        return float(np.interp(time_s, t, x)), float(np.interp(time_s, t, y))

    def speed(self, time_s: float) -> float:
        for (t0, x0, y0), (t1, x1, y1) in zip(self.way, self.way[1:], strict=False):
            if t0 <= time_s < t1:
                return float(np.hypot(x1 - x0, y1 - y0) / (t1 - t0))
        return 0.0


def stander(x: float, y: float, from_s: float = 0.0) -> Person:
    return Person(((from_s, x, y),))


def write_run(
    folder: Path,
    scenario: Scenario,
    people: list[Person],
    *,
    until_s: float,
    status: str = COMPLETE,
    frames_per_group: int = 7,
) -> Recording:
    """Write what a simulation of these people would have recorded, and open it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(resolved_yaml(scenario), encoding="utf-8")
    (folder / VENUE).write_text(venue_text(scenario.features), encoding="utf-8")
    interval = scenario.config.output.sample_interval_s
    _write_trajectories(folder, people, interval, until_s, frames_per_group)
    _write_events(folder, people, until_s)
    _write_attendees(folder, people, until_s, status)
    return Recording(folder)


def _write_trajectories(
    folder: Path, people: list[Person], interval: float, until_s: float, frames_per_group: int
) -> None:
    times = [k * interval for k in range(int(until_s / interval + 1e-9) + 1)]
    if until_s - times[-1] > 1e-9:
        times.append(until_s)  # as the simulation does when it ends between two samples
    schema = TRAJECTORY_SCHEMA.with_metadata({SAMPLE_INTERVAL_KEY: repr(interval).encode()})
    with pq.ParquetWriter(folder / TRAJECTORIES, schema) as writer:
        rows: list[tuple[float, ...]] = []
        for k, time in enumerate(times):
            inside = [(i, p) for i, p in enumerate(people) if p.entry_s <= time < p.exit_s]
            rows += [(time, i, 0, *p.at(time), p.speed(time)) for i, p in inside]
            if rows and (k % frames_per_group == 0 or time == times[-1]):
                writer.write_table(_table(rows, schema))
                rows = []


def _write_events(folder: Path, people: list[Person], until_s: float) -> None:
    rows: list[tuple[object, ...]] = []
    for i, p in enumerate(people):
        if p.entry_s <= until_s:
            rows.append((p.entry_s, i, ENTERED, "start", 0, *p.at(p.entry_s)))
        if p.exit_s <= until_s:
            rows.append((p.exit_s, i, EXITED, p.exit, 0, *p.at(p.exit_s)))
    pq.write_table(_table(sorted(rows), EVENT_SCHEMA), folder / EVENTS)


def _write_attendees(folder: Path, people: list[Person], until_s: float, status: str) -> None:
    rows = [
        (
            i, "all", "adult", "start", 1.34, 0.2, p.due_s,
            p.entry_s if p.entry_s <= until_s else None,
            p.exit_s if p.exit_s <= until_s else None,
            p.exit if p.exit_s <= until_s else None,
            p.free_walk_s, p.waited_s, p.party,
        )
        for i, p in enumerate(people)
    ]  # fmt: skip
    schema = ATTENDEE_SCHEMA.with_metadata({"simulated_s": repr(until_s), "status": status})
    pq.write_table(_table(rows, schema), folder / ATTENDEES)


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
