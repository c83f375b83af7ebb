"""Names and columns of the files in a run folder: the interface between simulating and all after it."""

from __future__ import annotations

import pyarrow as pa

SUMMARY = "summary.json"
CONFIG = "config.yaml"
VENUE = "venue.geojson"
TRAJECTORIES = "trajectories.parquet"
EVENTS = "events.parquet"
ATTENDEES = "attendees.parquet"
PLOTS = "plots"
LOG = "log.txt"
SQLITE = "trajectories.sqlite"

GROUND_LEVEL = 0
"""The level in trajectories and events is its index from the lowest one: this, in a venue without levels. On a way
between levels people are on the lower one."""

TRAJECTORY_SCHEMA = pa.schema(
    [
        ("time", pa.float64()),  # s
        ("id", pa.int32()),
        ("level", pa.int16()),
        ("x", pa.float32()),  # m
        ("y", pa.float32()),  # m
        ("speed", pa.float32()),  # m/s
    ]
)
"""One row an attendee and sampled time, sorted by time, then id. Positions and speeds are whole multiples of the
resolutions below: what a centimetre's place has no meaning for would fill most of the file."""

POSITION_RESOLUTION_M = 1 / 128
"""Positions are recorded to within half of this: 4 mm. A power of two, so that floats end in zeros."""

SPEED_RESOLUTION_M_S = 1 / 64
"""Speeds are recorded to within half of this: 0.8 cm/s."""

TRAJECTORY_ENCODING = {
    "compression_level": 3,
    "use_dictionary": ["time", "level", "speed"],
    "column_encoding": {"id": "DELTA_BINARY_PACKED", "x": "BYTE_STREAM_SPLIT", "y": "BYTE_STREAM_SPLIT"},
    "write_statistics": ["time", "id"],
}
"""How Parquet stores the columns, the best measured: compression levels from 9 on save 2 % more and take three times
as long; speeds have so few values that a dictionary is smallest. Readers pick row groups by the times' statistics."""

EVENT_SCHEMA = pa.schema(
    [
        ("time", pa.float64()),  # s
        ("id", pa.int32()),
        ("event", pa.dictionary(pa.int8(), pa.string())),
        ("place", pa.dictionary(pa.int32(), pa.string())),
        ("level", pa.int16()),
        ("x", pa.float32()),  # m
        ("y", pa.float32()),  # m
    ]
)
"""One row an event, sorted by time; the kinds are in `crowdsim.scenario.event`."""

ATTENDEE_SCHEMA = pa.schema(
    [
        ("id", pa.int32()),
        ("group", pa.dictionary(pa.int32(), pa.string())),
        ("profile", pa.dictionary(pa.int32(), pa.string())),
        ("start", pa.dictionary(pa.int32(), pa.string())),
        ("free_speed", pa.float32()),  # m/s
        ("body_radius", pa.float32()),  # m
        ("due_s", pa.float64()),  # when the attendee wants to enter
        ("entry_s", pa.float64()),  # null: never entered
        ("exit_s", pa.float64()),  # null: never left
        ("exit", pa.dictionary(pa.int32(), pa.string())),
        ("free_walk_s", pa.float64()),  # length of the legs walked so far, divided by the free speed
        ("waited_s", pa.float64()),  # pre-movement and dwell times spent
        ("party", pa.int32()),  # who has the same came together; null: alone
    ]
)
"""One row an attendee planned, sorted by id.

The file's metadata holds, as text, `simulated_s` (the simulated time when the run ended), `status` (one of `STATUSES`)
and `DONE_KEY`.
"""

DONE_KEY = b"interventions"
"""Key in the metadata of the attendees' file: JSON, a list of times [s] and numbers of the interventions done then."""

COMPLETE, INTERRUPTED, FAILED, STOPPED = "complete", "interrupted", "failed", "stopped"
STATUSES = (COMPLETE, INTERRUPTED, FAILED, STOPPED)
"""How a run ended; all but the first are partial. Stopped is one whose verdict could only be fail, by request."""

POSITION_KEY, SPEED_KEY = b"position_resolution_m", b"speed_resolution_m_s"
"""Keys in the metadata of the trajectory file: of what positions [m] and speeds [m/s] are multiples, as text."""

POSITION_ERROR_KEY, SPEED_ERROR_KEY = b"position_error_m", b"speed_error_m_s"
"""Keys in the metadata of the trajectory file: how far from the simulated ones they are at most, as text."""

SAMPLE_INTERVAL_KEY = b"sample_interval_s"
"""Key in the metadata of the trajectory file: time between samples [s], as text."""
