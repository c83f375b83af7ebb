"""What happened to whom, as arrays: where people went next, and who waited at a service from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crowdsim.record.recording import Recording
from crowdsim.scenario.event import ARRIVED, CALLED, EXITED, GAVE_UP, JOINED

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

GOALS = (ARRIVED, JOINED, CALLED, EXITED)
"""Events that tell what somebody was on the way to: a zone, a queue, a server, an exit."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Who waited at a service, one row a wait.

    Attributes
    ----------
    id : (k,) of the attendee.
    from_s, until_s : (k,) from joining a queue until being called or giving up, or until the run's end [s].
    called : (k,) whether it ended with being called.
    """

    id: Int64
    from_s: Float64
    until_s: Float64
    called: NDArray[np.bool_]


class Diary:
    """The events of a run."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    @cached_property
    def _events(self) -> tuple[Float64, Int64, Int64, list[str], Int64, list[str]]:
        """Times [s], ids, kinds as numbers with their names, and places likewise."""
        events = self._recording.events()
        kinds, kind_names = _codes(events["event"])
        places, place_names = _codes(events["place"])
        return (
            events["time"].to_numpy(),
            events["id"].to_numpy().astype(np.int64),
            kinds,
            kind_names,
            places,
            place_names,
        )

    def next_goals(self, ids: Int64, time_s: float) -> list[str]:
        """Return where each of those went next from a time on: the exit, zone or queue; empty if nowhere."""
        time, id, kinds, kind_names, places, place_names = self._events
        wanted = [kind_names.index(kind) for kind in GOALS if kind in kind_names]
        asked = np.zeros(self._recording.attendees.num_rows, bool)
        asked[ids] = True
        first = int(np.searchsorted(time, time_s, "left"))
        rows = first + np.flatnonzero(asked[id[first:]] & np.isin(kinds[first:], wanted))
        who, at = np.unique(id[rows], return_index=True)  # the first of each, since rows are in order of time
        goal = dict(zip(who.tolist(), (place_names[places[row]] for row in rows[at]), strict=True))
        return [goal.get(one, "") for one in ids.tolist()]

    def waits_at(self, service: str) -> Waits:
        """Return who waited in the queues of a service."""
        queues = self._recording.scenario.config.services[service].queues
        time, id, kinds, kind_names, places, place_names = self._events
        here = np.isin(places, [place_names.index(queue) for queue in queues if queue in place_names])
        kind = {k: name for k, name in enumerate(kind_names) if name in (JOINED, CALLED, GAVE_UP)}
        rows = np.flatnonzero(here & np.isin(kinds, list(kind)))
        joined: dict[int, float] = {}
        found: list[tuple[int, float, float, bool]] = []
        for row in rows.tolist():
            who, what = int(id[row]), kind[int(kinds[row])]
            if what == JOINED:
                joined[who] = float(time[row])
            elif who in joined:
                found.append((who, joined.pop(who), float(time[row]), what == CALLED))
        found += [(who, since_s, self._recording.simulated_s, False) for who, since_s in joined.items()]
        found.sort(key=lambda wait: wait[2])
        ids, since, until, called = (np.array([wait[k] for wait in found]) for k in range(4))
        return Waits(ids.astype(np.int64), since.astype(float), until.astype(float), called.astype(bool))


def _codes(column: pa.ChunkedArray) -> tuple[Int64, list[str]]:
    """Return a column of names as numbers, and the names."""
    names = column.cast("string").combine_chunks().dictionary_encode()
    return names.indices.to_numpy().astype(np.int64), names.dictionary.to_pylist()
