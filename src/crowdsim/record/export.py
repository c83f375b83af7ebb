"""Exporting a run to other tools' formats."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import numpy as np
import shapely

from crowdsim.errors import RecordingError
from crowdsim.record.recording import Recording, frame_numbers

JUPEDSIM_VERSION = "2"
"""Version of JuPedSim's sqlite trajectory schema that is written."""

SCHEMA = """
CREATE TABLE trajectory_data (
    frame INTEGER NOT NULL, id INTEGER NOT NULL, pos_x REAL NOT NULL, pos_y REAL NOT NULL,
    ori_x REAL NOT NULL, ori_y REAL NOT NULL);
CREATE TABLE metadata (key TEXT NOT NULL UNIQUE PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE geometry (hash INTEGER NOT NULL, wkt TEXT NOT NULL);
CREATE TABLE frame_data (frame INTEGER NOT NULL, geometry_hash INTEGER NOT NULL);
"""


def write_jupedsim(recording: Recording, path: Path) -> None:
    """Write a run in JuPedSim's sqlite schema, version 2, which PedPy and JuPedSim's viewer load.

    The orientation is the direction of the displacement since the sample before; (0, 0) for a first sample
    and for who stands still. A last sample taken when the run ended between two is left out, since frames
    are evenly spaced. Levels lie beside each other, as in `Recording.venue`. PedPy loads the walkable area only
    where it is in one piece.

    Raises
    ------
    RecordingError
        If the file cannot be written, for instance because the disk is full; no half file is left.
    """
    path.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(path)
        try:
            connection.executescript(SCHEMA)
            digest = _write_geometry(connection, recording)
            _write_frames(connection, recording, digest)
            connection.execute("CREATE INDEX frame_id_idx ON trajectory_data(frame, id)")
            connection.commit()
        finally:
            connection.close()
    except sqlite3.Error as error:
        path.unlink(missing_ok=True)
        msg = f"{path.name}: cannot be written ({error})"
        raise RecordingError(msg) from error


def _write_geometry(connection: sqlite3.Connection, recording: Recording) -> int:
    """Write metadata and walkable area; return the hash that frames refer to it by."""
    walkable = recording.venue.walkable
    wkt = shapely.to_wkt(walkable, rounding_precision=-1)
    digest = int.from_bytes(hashlib.sha256(wkt.encode()).digest()[:7])  # sqlite's integers: 8 bytes, signed
    bounds = zip(("xmin", "ymin", "xmax", "ymax"), shapely.bounds(walkable).tolist(), strict=True)
    metadata = {
        "version": JUPEDSIM_VERSION,
        "fps": repr(1.0 / recording.sample_interval_s),
        **{key: repr(value) for key, value in bounds},
    }
    connection.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
    connection.execute("INSERT INTO geometry VALUES (?, ?)", (digest, wkt))
    return digest


def _write_frames(connection: sqlite3.Connection, recording: Recording, digest: int) -> None:
    last_x, last_y, last_level = np.full((3, recording.attendees.num_rows), np.nan)
    for frame in recording.frames():
        numbers, regular = frame_numbers(np.array([frame.time_s]), recording.sample_interval_s)
        if not regular[0]:
            continue
        number = int(numbers[0])
        dx, dy = frame.x - last_x[frame.id], frame.y - last_y[frame.id]
        length = np.where(last_level[frame.id] == frame.level, np.hypot(dx, dy), 0.0)
        dx, dy = (np.divide(d, length, out=np.zeros_like(d), where=length > 0) for d in (dx, dy))
        columns = (frame.id, frame.x, frame.y, dx, dy)
        connection.executemany(
            f"INSERT INTO trajectory_data VALUES ({number}, ?, ?, ?, ?, ?)",
            zip(*(column.tolist() for column in columns), strict=True),
        )
        connection.execute("INSERT INTO frame_data VALUES (?, ?)", (number, digest))
        last_x[frame.id], last_y[frame.id], last_level[frame.id] = frame.x, frame.y, frame.level
