"""A run's trajectories cut into stretches of time, each packed on its own: the page unpacks the one it plays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from crowdsim.record.recording import Frame, Recording, frame_numbers
from crowdsim.report.replay.packing import Packed, pack
from crowdsim.report.replay.thinning import MOST_UNITS, Thinning

Int32 = NDArray[np.int32]

CHUNK_FRAMES = 64
"""Frames in a chunk, besides the first of the next one, which it holds too so that people can be drawn on the way:
pieces of way this long are few and deflate well, and one is unpacked in some 10 ms (measured)."""

MARGIN_M = 1.0
"""Ground around the venue that positions may lie on: exits are crossed."""


def chunk_count(recording: Recording, thinning: Thinning) -> int:
    """Return how many chunks there are."""
    return last_frame(recording, thinning) // CHUNK_FRAMES + 1


def last_frame(recording: Recording, thinning: Thinning) -> int:
    """Return the number of the last frame."""
    numbers, regular = frame_numbers(np.array([recording.simulated_s]), thinning.frame_s)
    return int(numbers[0]) if regular[0] else int(recording.simulated_s / thinning.frame_s)


def origin_m(recording: Recording) -> tuple[float, float]:
    """Return the place [m], in the plane of the recording's venue, that positions are counted from."""
    min_x, min_y, _, _ = recording.venue.walkable.bounds
    return min_x - MARGIN_M, min_y - MARGIN_M


def read_chunks(recording: Recording, thinning: Thinning) -> Iterator[Packed]:
    """Yield the chunks in order, `chunk_count` of them; memory holds one at a time."""
    origin = origin_m(recording)
    parts: list[Int32] = []
    chunk = 0
    for frame in recording.frames():
        numbers, regular = frame_numbers(np.array([frame.time_s]), recording.sample_interval_s)
        if not regular[0] or numbers[0] % thinning.every:
            continue
        number = int(numbers[0]) // thinning.every
        rows = _rows(frame, thinning, origin)
        while number >= (chunk + 1) * CHUNK_FRAMES:
            if number == (chunk + 1) * CHUNK_FRAMES:
                parts.append(_at(rows, CHUNK_FRAMES))
            yield _packed(parts)
            parts, chunk = [], chunk + 1
        parts.append(_at(rows, number - chunk * CHUNK_FRAMES))
    for _ in range(chunk, chunk_count(recording, thinning)):
        yield _packed(parts)
        parts = []


def _rows(frame: Frame, thinning: Thinning, origin: tuple[float, float]) -> Int32:
    """Return who of those shown is where, (4, n): number among those shown, level, x and y in units."""
    shown = frame.id % thinning.one_in == 0
    x, y = (
        np.clip(np.rint((values[shown] - begin) / thinning.unit_m), 0, MOST_UNITS).astype(np.int32)
        for values, begin in zip((frame.x, frame.y), origin, strict=True)
    )
    return np.array([frame.id[shown] // thinning.one_in, frame.level[shown], x, y], np.int32)


def _at(rows: Int32, index: int) -> Int32:
    """Return rows with the number of their frame in the chunk on top."""
    return np.vstack([np.full(rows.shape[1], index, np.int32), rows])


def _packed(parts: list[Int32]) -> Packed:
    """Pack a chunk.

    It is made of pieces: somebody's positions in consecutive frames on one level. Columns: `person`, `first` frame in
    the chunk and `count` of frames of each piece, `x0` and `y0` where it begins; then of all other positions, piece
    after piece, the displacement since the frame before, modulo 2^16: the low bytes and the high ones apart, since
    most of the high ones are alike.
    """
    index, person, level, x, y = np.hstack(parts) if parts else np.empty((5, 0), np.int32)
    order = np.lexsort((index, person))
    index, person, level, x, y = (values[order] for values in (index, person, level, x, y))
    new = np.ones(person.size, np.bool_)
    new[1:] = (np.diff(person) != 0) | (np.diff(index) != 1) | (np.diff(level) != 0)
    starts = np.flatnonzero(new)
    dx, dy = (np.diff(values, prepend=0)[~new].astype(np.uint16) for values in (x, y))
    return pack(
        {
            "person": person[starts].astype(np.uint32),
            "first": index[starts].astype(np.uint8),
            "count": np.diff(np.append(starts, person.size)).astype(np.uint8),
            "x0": x[starts].astype(np.uint16),
            "y0": y[starts].astype(np.uint16),
            "dx_low": (dx & 0xFF).astype(np.uint8),
            "dy_low": (dy & 0xFF).astype(np.uint8),
            "dx_high": (dx >> 8).astype(np.uint8),
            "dy_high": (dy >> 8).astype(np.uint8),
        }
    )
