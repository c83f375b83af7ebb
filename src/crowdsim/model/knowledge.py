"""What attendees of groups with a `choice` go by when they choose between exits or queues, and who looks when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Crowd, Fields
from crowdsim.kernels.expecting import see_goals
from crowdsim.population import Population
from crowdsim.population.draw import generator
from crowdsim.scenario.choice import BY_TIME, Choice
from crowdsim.scenario.group import AttendeeGroup

Rows = NDArray[np.int32]
Bools = NDArray[np.bool_]
Float64 = NDArray[np.float64]

REVIEW_TICKS = 5
"""Everybody looks round for something better every so many seconds, each in turn (our choice)."""

USUAL = Choice()
"""What those of groups without a `choice` go by where it matters."""


class Knowledge:
    """How each of n attendees chooses; the arrays are (n,).

    Attributes
    ----------
    chooses : who is of a group with a `choice`.
    guided : who follows advice, and so knows everything.
    by_time : who goes by expected times, and not by distances.
    sees_m : how far each sees exits, queues and crowds [m].
    gain_s : what must be gained by turning to another exit or queue [s].
    follows : how much others around count.
    order : who comes to look first; a permutation.
    time_s : simulated time, kept by the model [s].
    """

    def __init__(self, groups: Mapping[str, AttendeeGroup], population: Population, seed: int) -> None:
        self._choices = [group.choice for group in groups.values()]
        self._group = population.group
        self._seed = seed
        n = len(population)
        self.chooses: Bools = self._of_group(lambda choice: choice is not None)
        self.guided: Bools = generator(seed, "guided").random(n) < self._of_group(lambda c: c.guided if c else 0.0)
        self.by_time: Bools = self.guided | self._of_group(lambda choice: (choice or USUAL).by == BY_TIME)
        self.sees_m: Float64 = self._of_group(lambda choice: (choice or USUAL).sees_m)
        self.gain_s: Float64 = self._of_group(lambda choice: (choice or USUAL).gain_s)
        self.follows: Float64 = np.where(self.guided, 0.0, self._of_group(lambda choice: (choice or USUAL).follows))
        self.order = generator(seed, "review").permutation(n)
        self.time_s = 0.0

    def _of_group(self, value: Callable[[Choice | None], Any]) -> NDArray[Any]:
        """Return for each attendee a value that follows from the choice of its group."""
        return np.array([value(choice) for choice in self._choices])[self._group]

    def draw_who_knows(self, name: str) -> Bools:
        """Return who knows of an exit before seeing it."""

        def share(choice: Choice | None) -> float:
            return 1.0 if choice is None or choice.knows is None else choice.knows.get(name, 0.0)

        drawn: Bools = generator(self._seed, "knows", name).random(self.chooses.size) < self._of_group(share)
        return drawn | self.guided

    def sees(self, crowd: Crowd, fields: Fields, rows: Rows, goals: Rows, edges: Sequence[Float64]) -> Bools:
        """Return (r, g) which of these goals, with straight edges (e, 4) each, somebody sees."""
        starts = np.cumsum([0, *(len(some) for some in edges)])
        seen = np.empty((rows.size, goals.size), bool)
        see_goals(crowd, fields, rows, goals, np.concatenate(edges), starts, self.sees_m[rows], seen)
        return seen

    def is_due(self, rows: Rows) -> Bools:
        """Return who of `rows` looks round at this second."""
        due: Bools = self.chooses[rows] & (self.order[rows] % REVIEW_TICKS == round(self.time_s) % REVIEW_TICKS)
        return due
