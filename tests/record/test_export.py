"""What is exported to JuPedSim's format comes back through PedPy's loader."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pedpy
import pytest
import shapely
from measure.runs import Person, stander, write_run
from scenes import hall

from crowdsim.errors import RecordingError
from crowdsim.record import Recording, write_jupedsim


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    people = [
        Person(((0.0, 1.0, 5.0), (9.0, 10.0, 5.0)), exit="out"),
        Person(((2.0, 3.0, 3.0), (4.0, 3.0, 6.0))),
        stander(7.123456, 2.0),
    ]
    return write_run(tmp_path / "run", hall(10, 10, 3), people, until_s=12.0)


@pytest.fixture
def exported(recording: Recording, tmp_path: Path) -> Path:
    path = tmp_path / "trajectories.sqlite"
    write_jupedsim(recording, path)
    return path


def test_positions_come_back_the_same(recording: Recording, exported: Path) -> None:
    loaded = pedpy.load_trajectory_from_jupedsim_sqlite(trajectory_file=exported)
    direct = recording.trajectories().to_pedpy()
    key = ["frame", "id"]
    back = loaded.data.sort_values(key)[[*key, "x", "y"]].to_numpy()
    assert loaded.frame_rate == pytest.approx(direct.frame_rate)
    assert np.array_equal(back, direct.data.sort_values(key)[[*key, "x", "y"]].to_numpy())


def test_the_walkable_area_comes_back_the_same(recording: Recording, exported: Path) -> None:
    area = pedpy.load_walkable_area_from_jupedsim_sqlite(trajectory_file=exported)
    difference = shapely.symmetric_difference(area.polygon, recording.venue.walkable)
    assert difference.area == pytest.approx(0, abs=1e-9)


def test_orientation_is_the_direction_walked(exported: Path) -> None:
    with sqlite3.connect(exported) as connection:
        rows = connection.execute("SELECT id, frame, ori_x, ori_y FROM trajectory_data").fetchall()
    orientation = {(id, frame): (x, y) for id, frame, x, y in rows}
    assert orientation[0, 0] == (0, 0)
    assert orientation[0, 5] == pytest.approx((1, 0), abs=1e-6)
    assert orientation[1, 6] == pytest.approx((0, 1), abs=1e-6)
    assert orientation[2, 10] == (0, 0)


def test_every_frame_refers_to_the_geometry(exported: Path) -> None:
    with sqlite3.connect(exported) as connection:
        hashes = {row[0] for row in connection.execute("SELECT geometry_hash FROM frame_data")}
        frames = [row[0] for row in connection.execute("SELECT frame FROM frame_data ORDER BY frame")]
        assert hashes == {row[0] for row in connection.execute("SELECT hash FROM geometry")}
    assert frames == list(range(25))


def test_a_last_sample_between_two_frames_is_left_out(tmp_path: Path) -> None:
    recording = write_run(tmp_path / "run", hall(10, 10, 1), [stander(5, 5)], until_s=1.2)
    write_jupedsim(recording, tmp_path / "t.sqlite")
    loaded = pedpy.load_trajectory_from_jupedsim_sqlite(trajectory_file=tmp_path / "t.sqlite")
    assert loaded.data["frame"].tolist() == [0, 1, 2]


def test_an_earlier_export_is_replaced(recording: Recording, exported: Path) -> None:
    before = exported.read_bytes()
    write_jupedsim(recording, exported)
    assert exported.read_bytes() == before


def test_what_cannot_be_written_is_said_and_leaves_nothing(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"t\.sqlite: cannot be written"):
        write_jupedsim(recording, tmp_path / "missing" / "t.sqlite")
    assert not (tmp_path / "missing").exists()
