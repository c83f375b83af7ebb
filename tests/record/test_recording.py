"""A run folder reads back as what was written, partial or whole, and says so when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from measure.runs import Person, stander, write_run
from scenes import hall

from crowdsim.errors import MissingExtraError, RunFolderError
from crowdsim.record import Recording
from crowdsim.record.layout import (
    ATTENDEES,
    CONFIG,
    EVENTS,
    INTERRUPTED,
    TRAJECTORIES,
    TRAJECTORY_SCHEMA,
    VENUE,
)

FOLDER_FILES = (CONFIG, VENUE, TRAJECTORIES, EVENTS, ATTENDEES)


@pytest.fixture
def people() -> list[Person]:
    return [
        Person(((0.0, 1.0, 5.0), (9.0, 10.0, 5.0)), exit="out"),
        Person(((20.0, 2.0, 4.0), (24.0, 6.0, 4.0))),
        Person(((2.2, 1.0, 6.0), (4.1, 3.0, 6.0), (6.0, 3.0, 7.0))),
    ]


@pytest.mark.parametrize("frames_per_group", [1, 3, 1000])
def test_frames_are_the_rows_in_order_however_they_are_grouped(
    tmp_path: Path, people: list[Person], frames_per_group: int
) -> None:
    recording = write_run(tmp_path, hall(10, 10, 3), people, until_s=30.0, frames_per_group=frames_per_group)
    frames = list(recording.frames())
    table = recording.trajectories().table()
    assert [f.time_s for f in frames] == [k * 0.5 for k in range(61)]
    assert np.concatenate([f.id for f in frames]).tolist() == table["id"].to_pylist()
    assert np.concatenate([f.x for f in frames]).tolist() == table["x"].to_pylist()
    for frame in frames:
        assert frame.id.tolist() == [i for i, p in enumerate(people) if p.entry_s <= frame.time_s < p.exit_s]
        assert frame.x == pytest.approx([people[i].at(frame.time_s)[0] for i in frame.id], abs=1e-5)
        assert frame.speed == pytest.approx([people[i].speed(frame.time_s) for i in frame.id], abs=1e-5)


def test_a_time_with_nobody_inside_has_no_frame(tmp_path: Path, people: list[Person]) -> None:
    recording = write_run(tmp_path, hall(10, 10, 3), people[:2], until_s=30.0)
    times = [f.time_s for f in recording.frames()]
    assert 8.5 in times and 20.0 in times
    assert not [t for t in times if 9.0 <= t < 20.0]


def test_nobody_at_all_gives_no_frames(tmp_path: Path) -> None:
    assert list(write_run(tmp_path, hall(10, 10, 1), [Person(due_s=5.0)], until_s=3.0).frames()) == []


def test_a_partial_run_reads_just_the_same(tmp_path: Path, people: list[Person]) -> None:
    whole = write_run(tmp_path / "whole", hall(10, 10, 3), people, until_s=7.0)
    partial = write_run(tmp_path / "partial", hall(10, 10, 3), people, until_s=7.0, status=INTERRUPTED)
    assert (whole.status, partial.status) == ("complete", "interrupted")
    assert partial.simulated_s == whole.simulated_s == 7.0
    assert partial.trajectories().table().equals(whole.trajectories().table())
    assert partial.attendees["exit_s"].null_count == 3


def test_the_scenario_comes_back_as_it_was_run(tmp_path: Path) -> None:
    scenario = hall(10, 10, 3, door=1.5, seed=11, output={"sample_interval_s": 0.25})
    recording = write_run(tmp_path, scenario, [stander(5, 5)], until_s=1.0)
    assert recording.scenario.config.seed == 11
    assert recording.scenario.config.criteria == scenario.config.criteria
    assert recording.sample_interval_s == 0.25
    assert recording.venue.exits["out"].width_m == pytest.approx(1.5)


def test_reading_frames_holds_two_row_groups_at_the_most(tmp_path: Path) -> None:
    people = [stander(0.2 + 0.01 * k, 5) for k in range(500)]
    recording = write_run(tmp_path, hall(10, 10, 3), people, until_s=200.0, frames_per_group=5)
    group = recording.trajectories().table().nbytes * 5 / 401
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in recording.frames()]
    assert max(held) <= 2.5 * group


@pytest.mark.parametrize("name", FOLDER_FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.0)
    (tmp_path / name).unlink()
    with pytest.raises(RunFolderError, match=name):
        Recording(tmp_path)


@pytest.mark.parametrize("name", [TRAJECTORIES, ATTENDEES])
def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path, name: str) -> None:
    write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.0)
    (tmp_path / name).write_bytes(b"no parquet at all")
    with pytest.raises(RunFolderError, match="cannot be read"):
        Recording(tmp_path)


def test_damaged_events_are_refused_by_name(tmp_path: Path) -> None:
    recording = write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.0)
    (tmp_path / EVENTS).write_bytes(b"no parquet at all")
    with pytest.raises(RunFolderError, match=EVENTS):
        recording.events()


def test_damage_inside_the_trajectories_is_refused_by_name(tmp_path: Path) -> None:
    recording = write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=60.0)
    data = bytearray((tmp_path / TRAJECTORIES).read_bytes())
    data[4 : len(data) // 3] = b"\xff" * (len(data) // 3 - 4)
    (tmp_path / TRAJECTORIES).write_bytes(data)
    with pytest.raises(RunFolderError, match=TRAJECTORIES):
        list(Recording(recording.folder).frames())


def test_a_trajectory_file_of_another_origin_is_refused(tmp_path: Path) -> None:
    write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.0)
    pq.write_table(TRAJECTORY_SCHEMA.empty_table(), tmp_path / TRAJECTORIES)
    with pytest.raises(RunFolderError, match="sample_interval_s"):
        Recording(tmp_path)


def test_pedpy_gets_the_same_rows_and_frame_rate(tmp_path: Path, people: list[Person]) -> None:
    recording = write_run(tmp_path, hall(10, 10, 3), people, until_s=30.0)
    trajectories = recording.trajectories()
    data = trajectories.to_pedpy()
    table = trajectories.table()
    assert data.frame_rate == pytest.approx(2.0)
    ours = sorted(zip(table["id"].to_pylist(), np.rint(table["time"].to_numpy() * 2), strict=True))
    assert sorted(zip(data.data["id"], data.data["frame"], strict=True)) == ours
    assert sorted(data.data["x"]) == pytest.approx(sorted(table["x"].to_pylist()))


def test_pandas_has_the_recorded_columns(tmp_path: Path, people: list[Person]) -> None:
    data = write_run(tmp_path, hall(10, 10, 3), people, until_s=5.0).trajectories().to_pandas()
    assert list(data.columns) == TRAJECTORY_SCHEMA.names


def test_a_last_sample_between_two_frames_does_not_double_a_frame(tmp_path: Path) -> None:
    recording = write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.2)
    assert [f.time_s for f in recording.frames()] == [0.0, 0.5, 1.0, 1.2]
    assert recording.trajectories().to_pedpy().data["frame"].tolist() == [0, 1, 2]


def test_without_pedpy_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = write_run(tmp_path, hall(10, 10, 1), [stander(5, 5)], until_s=1.0)
    monkeypatch.setitem(sys.modules, "pedpy", None)
    with pytest.raises(MissingExtraError, match=r'pip install "crowdsim\[pedpy\]"'):
        recording.trajectories().to_pedpy()


def test_a_range_of_time_reads_only_its_row_groups(tmp_path: Path, people: list[Person]) -> None:
    recording = write_run(tmp_path, hall(10, 10, 3), people, until_s=30.0, frames_per_group=4)
    whole = recording.trajectories().table()
    part = recording.trajectories().table(["id", "x"], between=(3.0, 6.5))
    time = whole["time"].to_numpy()
    assert part.equals(whole.select(["id", "x"]).filter((time >= 3.0) & (time <= 6.5)))
    read = []
    file, read_row_group = recording._file, recording._file.read_row_group
    file.read_row_group = lambda group, *columns: read.append(group) or read_row_group(group, *columns)
    assert [f.time_s for f in recording.frames((3.0, 6.5))] == [3.0 + 0.5 * k for k in range(8)]
    assert 0 < len(read) <= 3
    assert recording.trajectories().to_pedpy((3.0, 6.5)).data["frame"].unique().tolist() == list(range(6, 14))


def test_reading_runs_needs_no_model():
    """Mesa and pandas take longer to import than a report takes to write."""
    heavy = ("mesa", "pandas", "crowdsim.model")
    code = f"import sys, crowdsim.report.page; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
