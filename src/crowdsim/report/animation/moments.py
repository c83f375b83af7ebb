"""Where everyone was at any times of a run, between the recorded samples too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from crowdsim.record.recording import Frame, Recording


def moments(recording: Recording, times_s: Sequence[float]) -> Iterator[Frame]:
    """Yield where everyone is at times in ascending order, a sample before and one after each in memory.

    Between samples people are on a straight line; who changes levels, or is not in the next sample, stays where the
    last one has them. Nobody is shown before the first sample, after the run's end, or where a sample is missing
    because the venue was empty.
    """
    if not times_s:
        return
    interval_s = recording.sample_interval_s
    frames = recording.frames(between=(times_s[0] - interval_s, times_s[-1] + interval_s))
    before, after = _nobody(-math.inf), next(frames, _nobody(math.inf))
    rest = chain(frames, (_nobody(math.inf),))
    for time_s in times_s:
        while after.time_s <= time_s:
            before, after = after, next(rest)
        if time_s - before.time_s >= interval_s and time_s > before.time_s:
            yield _nobody(time_s)
        else:
            yield _between(before, after, time_s)


def _between(before: Frame, after: Frame, time_s: float) -> Frame:
    """Return where the people of a sample are on their way to the next one."""
    span_s = after.time_s - before.time_s
    if not math.isfinite(span_s) or time_s == before.time_s:
        return before._replace(time_s=time_s)
    share = (time_s - before.time_s) / span_s
    at = np.minimum(np.searchsorted(after.id, before.id), max(after.id.size - 1, 0))
    if not after.id.size:
        return before._replace(time_s=time_s)
    goes_on = (after.id[at] == before.id) & (after.level[at] == before.level)
    x, y = (
        here + np.where(goes_on, share * (there[at] - here), 0.0)
        for here, there in ((before.x, after.x), (before.y, after.y))
    )
    return before._replace(time_s=time_s, x=x, y=y)


def _nobody(time_s: float) -> Frame:
    empty = np.empty(0)
    return Frame(time_s, np.empty(0, np.int32), empty, empty, empty, np.empty(0, np.int16))
