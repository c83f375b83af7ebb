"""What is recorded in the background is what there was, in order, and its errors come to light."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scenes import hall

from crowdsim.errors import RecordingError
from crowdsim.model import CrowdModel
from crowdsim.record import Recorder, writer
from crowdsim.record.background import Background
from crowdsim.record.layout import (
    POSITION_ERROR_KEY,
    POSITION_RESOLUTION_M,
    SPEED_ERROR_KEY,
    SPEED_RESOLUTION_M_S,
    TRAJECTORIES,
)
from crowdsim.record.table_writer import ReservedFile, TableWriter


@pytest.fixture
def model() -> CrowdModel:
    return CrowdModel(hall(12, 10, 80))


def test_rows_are_the_model_s_within_the_error_that_the_file_states(tmp_path: Path, model: CrowdModel) -> None:
    taken = []
    with Recorder(tmp_path, 0.5) as recorder:
        for _ in range(40):
            model.step()
            recorder.sample(model)
            rows, crowd = model.state.inside, model.state.crowd
            taken.append((rows.copy(), crowd.x[rows], crowd.y[rows], crowd.speed[rows]))
    table = pq.read_table(tmp_path / TRAJECTORIES)
    id, x, y, speed = (np.concatenate(column) for column in zip(*taken, strict=True))
    told = {key: float(value) for key, value in table.schema.metadata.items() if not key.startswith(b"ARROW")}
    assert table["id"].to_pylist() == id.tolist()
    for name, values, key, unit in (
        ("x", x, POSITION_ERROR_KEY, POSITION_RESOLUTION_M),
        ("y", y, POSITION_ERROR_KEY, POSITION_RESOLUTION_M),
        ("speed", speed, SPEED_ERROR_KEY, SPEED_RESOLUTION_M_S),
    ):
        recorded = table[name].to_numpy().astype(float)
        assert np.abs(recorded - values).max() <= told[key] == unit / 2
        assert np.array_equal(recorded, np.rint(values.astype(float) / unit) * unit)


def test_files_are_the_same_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROWS_PER_GROUP", 300)
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        model = CrowdModel(hall(12, 10, 80))
        with Recorder(tmp_path / name, 0.5) as recorder:
            for _ in range(20):
                model.step()
                recorder.sample(model)
        files.append((tmp_path / name / TRAJECTORIES).read_bytes())
    assert files[0] == files[1]


def test_a_full_disk_is_told_and_nothing_is_appended_after(
    tmp_path: Path, model: CrowdModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ROWS_PER_GROUP", 80)
    reserve, asked = ReservedFile.reserve, []

    def full_once(self: ReservedFile, n_bytes: int) -> None:
        asked.append(n_bytes)
        if len(asked) == 5:  # two footers and two row groups had room
            raise OSError(28, "No space left on device")
        reserve(self, n_bytes)

    monkeypatch.setattr(ReservedFile, "reserve", full_once)
    with pytest.raises(RecordingError, match="cannot write any more"), Recorder(tmp_path, 0.5) as recorder:
        for _ in range(10):
            recorder.sample(model)
    assert pq.read_table(tmp_path / TRAJECTORIES).num_rows == 160


def test_an_error_of_the_last_rows_is_told_too(
    tmp_path: Path, model: CrowdModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: TableWriter, columns: list[object]) -> None:
        raise RecordingError("no more")

    monkeypatch.setattr(TableWriter, "write", fail)
    with pytest.raises(RecordingError, match="no more"), Recorder(tmp_path, 0.5) as recorder:
        recorder.sample(model)
    assert pq.read_table(tmp_path / TRAJECTORIES).num_rows == 0


def test_another_error_is_not_hidden_and_no_thread_stays(tmp_path: Path, model: CrowdModel) -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), Recorder(tmp_path, 0.5) as recorder:
        recorder.sample(model)
        raise KeyboardInterrupt
    assert threading.active_count() == before
    assert pq.read_table(tmp_path / TRAJECTORIES).num_rows == 80


def test_work_is_done_in_order_and_waits_for_room() -> None:
    done: list[int] = []
    background = Background()
    for k in range(50):
        background.do(lambda k=k: done.append(k))
    background.finish()
    background.finish()
    assert done == list(range(50))
