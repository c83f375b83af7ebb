"""Exporting a run to other tools' formats."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import numpy as np
import shapely

from crowdsim.record.recording import Recording

JUPEDSIM_VERSION = "2"
"""Version of JuPedSim's sqlite trajectory schema that is written."""


def write_jupedsim(recording: Recording, path: Path) -> None:
    """Write a run in JuPedSim's sqlite schema, version 2, which PedPy and JuPedSim's viewer load.

    The orientation is the direction of the displacement since the sample before; (0, 0) for a first sample.
    """
    path.unlink(missing_ok=True)
    wkt = shapely.to_wkt(recording.venue.walkable, rounding_precision=-1)
    digest = int.from_bytes(hashlib.sha256(wkt.encode()).digest()[:7])
    bounds = dict(zip(("xmin", "ymin", "xmax", "ymax"), recording.venue.walkable.bounds, strict=True))
    connection = sqlite3.connect(path)
    try:
        connection.executescript(
            """
            CREATE TABLE trajectory_data (
                frame INTEGER NOT NULL, id INTEGER NOT NULL, pos_x REAL NOT NULL, pos_y REAL NOT NULL,
                ori_x REAL NOT NULL, ori_y REAL NOT NULL);
            CREATE TABLE metadata (key TEXT NOT NULL UNIQUE PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE geometry (hash INTEGER NOT NULL, wkt TEXT NOT NULL);
            CREATE TABLE frame_data (frame INTEGER NOT NULL, geometry_hash INTEGER NOT NULL);
            """
        )
        metadata = {"version": JUPEDSIM_VERSION, "fps": repr(1.0 / recording.sample_interval_s)} | bounds
        connection.executemany("INSERT INTO metadata VALUES (?, ?)", [(k, str(v)) for k, v in metadata.items()])
        connection.execute("INSERT INTO geometry VALUES (?, ?)", (digest, wkt))
        n = recording.attendees.num_rows
        last_x, last_y = np.full(n, np.nan), np.full(n, np.nan)
        for frame in recording.frames():
            number = round(frame.time_s / recording.sample_interval_s)
            dx, dy = frame.x - last_x[frame.id], frame.y - last_y[frame.id]
            length = np.hypot(dx, dy)
            moved = length > 0
            dx, dy = (np.divide(d, length, out=np.zeros_like(d), where=moved) for d in (dx, dy))
            rows = zip(frame.id.tolist(), frame.x.tolist(), frame.y.tolist(), dx.tolist(), dy.tolist(), strict=True)
            connection.executemany(
                "INSERT INTO trajectory_data VALUES (?, ?, ?, ?, ?, ?)", ((number, *row) for row in rows)
            )
            connection.execute("INSERT INTO frame_data VALUES (?, ?)", (number, digest))
            last_x[frame.id], last_y[frame.id] = frame.x, frame.y
        connection.execute("CREATE INDEX frame_id_idx ON trajectory_data(frame, id)")
        connection.commit()
    finally:
        connection.close()
