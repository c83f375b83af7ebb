"""Running a model without a run folder, and what is read off its arrays on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.model import CrowdModel
from crowdsim.population import plan_population
from crowdsim.scenario.feature import Scenario
from crowdsim.venue import build_venue

Float64 = NDArray[np.float64]

SAMPLE_S = 0.5
"""Time between samples, unless a case needs them closer: a walker moves by two thirds of a metre."""


@dataclass(frozen=True)
class Track:
    """What was sampled of a run: k samples of n people.

    Attributes
    ----------
    model : as the run left it.
    time_s : (k,) [s].
    x, y : (k, n) positions in the plan, whatever the level [m]; NaN while not inside.
    entry_s, exit_s : (n,) [s]; NaN if that did not happen.
    conserved : whether entered = exited + inside at every sample.
    """

    model: CrowdModel
    time_s: Float64
    x: Float64
    y: Float64
    entry_s: Float64
    exit_s: Float64
    conserved: bool

    @property
    def egress_s(self) -> float:
        """When the last person left [s]; NaN if someone is still inside."""
        return float(self.exit_s.max())

    @property
    def step_s(self) -> float:
        """Length of a movement step [s]."""
        return float(self.model.step_s)

    @property
    def exits(self) -> list[str]:
        """The exit that each person left by; empty for those still inside."""
        goals = self.model.navigation.goals
        return ["" if goal < 0 else goals[goal] for goal in self.model.state.exit_goal.tolist()]

    def in_group(self, name: str) -> NDArray[np.bool_]:
        """Return who belongs to an attendee group, (n,)."""
        population = self.model.population
        mine: NDArray[np.bool_] = population.group == population.groups.index(name)
        return mine

    def outside(self) -> int:
        """Return how many sampled positions are not on the walkable area of a venue without levels."""
        walkable = self.model.venue.walkable
        shapely.prepare(walkable)
        there = np.isfinite(self.x)
        return int((~shapely.intersects_xy(walkable, self.x[there], self.y[there])).sum())

    def crossing_s(self, at_x_m: float) -> Float64:
        """Return when each person first passed x = `at_x_m` rightwards [s], between samples by proportion; (n,)."""
        before, after = self.x[:-1], self.x[1:]
        passed = (before < at_x_m) & (after >= at_x_m)
        first = np.argmax(passed, axis=0)
        who = np.arange(self.x.shape[1])
        x0, x1 = before[first, who], after[first, who]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (at_x_m - x0) / (x1 - x0)
        time: Float64 = self.time_s[first] + share * (self.time_s[first + 1] - self.time_s[first])
        return np.where(passed.any(axis=0), time, np.nan)

    def counted_in(self, x0: float, y0: float, x1: float, y1: float) -> Float64:
        """Return how many people are inside a rectangle at each sample, (k,)."""
        with np.errstate(invalid="ignore"):
            inside = (self.x >= x0) & (self.x < x1) & (self.y >= y0) & (self.y < y1)
        counted: Float64 = inside.sum(axis=1).astype(np.float64)
        return counted


def watch(
    scenario: Scenario, every_s: float = SAMPLE_S, until_s: float = np.inf, places: Float64 | None = None
) -> Track:
    """Run a scenario's model to its end, or until a time, and sample it.

    Parameters
    ----------
    every_s : time between samples [s].
    until_s : end the run here if it is not over [s].
    places : (n, 2) where everyone starts [m], in place of the drawn places.
    """
    model = CrowdModel(scenario)
    state = model.state
    if places is not None:
        state.crowd.x[:], state.crowd.y[:] = places.T
    every = max(round(every_s / model.step_s), 1)
    samples = [_sample(model)]
    times = [model.time_s]
    conserved = True
    step = 0
    while model.running and model.time_s < until_s:
        model.step()
        step += 1
        if step % every == 0 or not model.running:
            samples.append(_sample(model))
            times.append(model.time_s)
            conserved &= model.entered_count == model.exited_count + model.inside_count
    positions = np.stack(samples)
    return Track(
        model, np.array(times), positions[:, 0], positions[:, 1], state.entry_s.copy(), state.exit_s.copy(), conserved
    )


def planned_places(scenario: Scenario) -> Float64:
    """Return where everyone is planned to start, (n, 2) [m]."""
    population = plan_population(scenario, build_venue(scenario))
    return np.column_stack([population.x, population.y])


def _sample(model: CrowdModel) -> Float64:
    """Return the positions of everyone in the plan, (2, n) [m]; NaN for those not inside."""
    inside, crowd = model.state.inside, model.state.crowd
    now = np.full((2, len(model.population)), np.nan)
    now[:, inside] = crowd.x[inside], crowd.y[inside]
    if model.crossing:
        now[:, inside] -= model.crossing.shift[model.crossing.sheet[inside]].T
    return now


def steady_rate(times_s: Float64, first: float = 0.2, last: float = 0.8) -> float:
    """Return the rate of events between two shares of them [1/s]: the start and the end are left out."""
    times = np.sort(times_s[np.isfinite(times_s)])
    a, b = int(first * times.size), int(last * times.size)
    return float((b - a) / (times[b] - times[a])) if b > a and times[b] > times[a] else float("nan")
