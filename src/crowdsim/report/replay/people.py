"""Who the people of a replay are, and what happened to each: their stories."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crowdsim.record.recording import Recording
from crowdsim.report.replay.packing import Packed, pack
from crowdsim.report.replay.thinning import Thinning

NONE = 2**16 - 1
"""Stands for no name."""

NAMED = ("group", "profile")
"""Columns of the attendees that hold names."""


def pack_people(recording: Recording, thinning: Thinning) -> tuple[dict[str, list[str]], Packed]:
    """Return the names that columns refer to by number, and who is shown: a row each, by ascending id.

    Columns: those of `NAMED`, `entry_s` and `exit_s` (NaN: never), `free_speed` [m/s], and `waited_s`, the stays and
    pre-movement times of the whole run.
    """
    shown = recording.attendees.take(pa.array(np.arange(0, recording.attendees.num_rows, thinning.one_in)))
    names, columns = {}, {}
    for column in NAMED:
        names[column], columns[column] = _numbered(shown[column])
    for column in ("entry_s", "exit_s", "free_speed", "waited_s"):
        columns[column] = shown[column].to_numpy().astype(np.float32)
    return names, pack(columns)


def pack_events(recording: Recording, thinning: Thinning) -> tuple[dict[str, list[str]], Packed]:
    """Return the names of kinds and places, and the events of those shown: person after person, each by time.

    Columns: `count` of events of each person; `time_s`, `kind` and `place` of each event.
    """
    events = recording.events()
    events = events.filter(pa.array(events["id"].to_numpy() % thinning.one_in == 0))
    id = events["id"].to_numpy()
    order = np.argsort(id, kind="stable")  # events are sorted by time already
    kinds, kind = _numbered(events["event"])
    places, place = _numbered(events["place"])
    people = -(-recording.attendees.num_rows // thinning.one_in)
    columns = {
        "count": np.bincount(id // thinning.one_in, minlength=people).astype(np.uint16),
        "time_s": events["time"].to_numpy()[order].astype(np.float32),
        "kind": kind[order].astype(np.uint8),
        "place": place[order],
    }
    return {"kind": kinds, "place": places}, pack(columns)


def _numbered(values: Any) -> tuple[list[str], NDArray[Any]]:
    """Return the different texts of a column, sorted, and the number of each row's, `NONE` for null."""
    texts = values.cast(pa.string()).combine_chunks()
    known = sorted(text for text in pc.unique(texts).to_pylist() if text is not None)
    number = pc.fill_null(pc.index_in(texts, pa.array(known, pa.string())), NONE)
    return known, number.to_numpy().astype(np.uint16)
