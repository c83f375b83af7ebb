"""Carrying out what a scenario's interventions say, at their times."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crowdsim.model.changes import Changes
from crowdsim.model.orders import Orders
from crowdsim.model.schedule import Schedule
from crowdsim.scenario.feature import Scenario
from crowdsim.venue.moments import VenueOverTime

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel


@dataclass(frozen=True, slots=True)
class Change:
    """What interventions at a time led to.

    Attributes
    ----------
    time_s : when they took effect [s].
    numbers : which of the scenario's interventions, from 0.
    fields : how many distance fields were computed anew, of how many.
    aside : how many had to step aside, because where they were is no ground any more.
    rerouted : how many head for another exit.
    changed_over : how many left a queue that closed for others.
    stranded : how many have no way to their goals from where they are, nor to a refuge.
    sheltered : how many are in refuges, or on the way to one.
    told : how many will do what was announced.
    wall_s : how long it took to compute [s].
    """

    time_s: float
    numbers: tuple[int, ...]
    fields: tuple[int, int]
    aside: int
    rerouted: int
    changed_over: int
    stranded: int
    sheltered: int
    told: int
    wall_s: float


class Interventions:
    """A scenario's interventions: which are to come, and what those done have led to.

    Attributes
    ----------
    schedule : when they are due.
    changes : of the venue.
    orders : what people have been told.
    """

    def __init__(self, scenario: Scenario, over_time: VenueOverTime) -> None:
        self._all = scenario.config.interventions
        self.schedule = Schedule(self._all)
        self.changes = Changes(scenario, over_time)
        self.orders = Orders()

    def carry_out(self, model: CrowdModel) -> tuple[Change, NDArray[np.int32]]:
        """Do what is due by now; return what it led to, and the rows of those who head for other exits."""
        began = time.perf_counter()
        numbers = self.schedule.take(model.time_s)
        mine = [self._all[number] for number in numbers]
        computed, aside, rerouted = self.changes.make(model, mine)
        changed_over = 0
        if model.services:
            for one in mine:
                changed_over += model.services.set_lanes(one.open, one.close)
        told = sum(self.orders.give(one.announce, model) for one in mine if one.announce)
        inside = model.state.inside
        change = Change(
            time_s=model.time_s,
            numbers=tuple(numbers),
            fields=(computed, len(model.navigation.goals)),
            aside=aside,
            rerouted=rerouted.size,
            changed_over=changed_over,
            stranded=model.decisions.without_way(inside).size,
            sheltered=int(model.refuges.sheltered[inside].sum()),
            told=told,
            wall_s=time.perf_counter() - began,
        )
        return change, rerouted
