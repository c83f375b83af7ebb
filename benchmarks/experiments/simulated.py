"""Running a bundled scenario in memory, and its trajectories at an experiment's frame rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pedpy
from numpy.typing import NDArray

import crowdsim as cs

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """A simulated run.

    Attributes
    ----------
    trajectories : everyone's path at the frame rate asked for.
    people : how many were planned.
    inside : how many were still inside, or had not come in, at the end.
    last_frame : the run's end [frames].
    """

    trajectories: pedpy.TrajectoryData
    people: int
    inside: int
    last_frame: float


def simulate(scenario: str, overrides: list[str], frame_rate: float, places: Float64 | None = None) -> Simulated:
    """Run a scenario and record every step in memory.

    The same as a run folder holds, without writing, drawing and judging. Places between two steps are interpolated
    onto the frames.

    Parameters
    ----------
    frame_rate : frames a second wanted [1/s].
    places : (n, 2) where the attendees stand at time zero, in place of the scenario's start zones [m].
    """
    model = cs.CrowdModel(cs.load_scenario(scenario, overrides))
    crowd = model.state.crowd
    if places is not None:
        crowd.x[:], crowd.y[:] = places.T
    ids, steps, x, y = [], [], [], []
    step = 0
    while True:
        inside = model.state.inside
        ids.append(inside.copy())
        steps.append(np.full(inside.size, step))
        x.append(crowd.x[inside])
        y.append(crowd.y[inside])
        if not model.running:
            break
        model.step()
        step += 1
    data = to_frames(*(np.concatenate(part) for part in (ids, steps, x, y)), model.step_s * frame_rate)
    people = len(model.population)
    return Simulated(
        pedpy.TrajectoryData(data=data, frame_rate=frame_rate),
        people,
        people - model.exited_count,
        model.time_s * frame_rate,
    )


def to_frames(
    ids: NDArray[np.int32], steps: NDArray[np.int64], x: Float64, y: Float64, frames_per_step: float
) -> pd.DataFrame:
    """Return the places at whole frames, from those at steps; one row per person and frame within its path."""
    order = np.lexsort((steps, ids))
    ids, at, x, y = ids[order], steps[order] * frames_per_step, x[order], y[order]
    first = np.flatnonzero(np.diff(ids, prepend=-1))
    parts = []
    for begin, end in zip(first, [*first[1:], ids.size], strict=True):
        path = slice(begin, end)
        tiny = 1e-9  # so that a step that is a whole frame but for rounding is taken as one
        frames = np.arange(np.ceil(at[begin] - tiny), np.floor(at[end - 1] + tiny) + 1)
        if frames.size > 1:  # one frame alone has no speed
            parts.append(
                {
                    "id": np.full(frames.size, ids[begin]),
                    "frame": frames.astype(np.int64),
                    "x": np.interp(frames, at[path], x[path]),
                    "y": np.interp(frames, at[path], y[path]),
                }
            )
    return pd.DataFrame({key: np.concatenate([part[key] for part in parts]) for key in ("id", "frame", "x", "y")})
