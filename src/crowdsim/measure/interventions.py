"""When interventions were done, and how long they left servers on duty."""

from __future__ import annotations

from typing import Any

from crowdsim.record.recording import Recording
from crowdsim.scenario.service import Service, plan_hours

Plan = list[tuple[float, int, bool]]


def list_interventions(recording: Recording) -> list[dict[str, Any]]:
    """Return the entries of `summary.json`: what each does, when it was to be done, and the times at which it was."""
    return [
        {
            "what": one.title,
            "when": one.cause,
            "times_s": [time_s for time_s, number in recording.done if number == k],
        }
        for k, one in enumerate(recording.scenario.config.interventions)
    ]


def with_lanes(service: Service, queue: str, recording: Recording) -> Plan:
    """Return when servers of a queue came or went [s], how many were there from then on, and whether that is the end.

    From when they were to, and from when the queue was closed and opened.
    """
    all_ = recording.scenario.config.interventions
    switches = [
        (time_s, queue in all_[k].open) for time_s, k in recording.done if queue in (*all_[k].open, *all_[k].close)
    ]
    shut, planned, last = queue in service.shut, 0, False
    found = []
    for time_s, _, change in sorted(
        [(time_s, 0, (servers, end)) for time_s, servers, end in plan_hours(service, queue)]
        + [(time_s, 1, is_open) for time_s, is_open in switches],
        key=lambda entry: entry[:2],
    ):
        if isinstance(change, tuple):
            planned, last = change
        else:
            shut = not change
        found.append((time_s, 0 if shut else planned, last))
    return found
