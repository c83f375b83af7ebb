"""One attendee as a Mesa agent: a light view on a row of the crowd's arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel


class Attendee(mesa.Agent):  # type: ignore[misc]
    """An attendee inside the venue; made when the model is asked for its agents, removed on exit.

    Its properties read and write the model's arrays, so they always show the present. `id` is the
    attendee's row: the same in trajectories and events, and for the same scenario and seed in every run.
    (Mesa's own `unique_id` counts agents in the order of their making.)
    """

    model: CrowdModel

    def __init__(self, model: CrowdModel, id: int) -> None:
        self.id = id
        super().__init__(model)

    # ------------------------------------------------------------ what it is
    @property
    def group(self) -> str:
        """Name of the group."""
        population = self.model.population
        return population.groups[int(population.group[self.id])]

    @property
    def profile(self) -> str:
        """Name of the profile."""
        population = self.model.population
        return population.profiles[int(population.profile[self.id])]

    @property
    def radius(self) -> float:
        """Body radius [m]."""
        return float(self.model.state.records["radius"][self.id])

    @property
    def free_speed(self) -> float:
        """Free (desired) speed on the ground here [m/s]: on stairs, what is left of it there."""
        return float(self.model.state.records["free_speed"][self.id])

    @free_speed.setter
    def free_speed(self, value: float) -> None:
        speed = min(max(value, 0.0), self.model.fastest_m_s)
        self.model.state.records["free_speed"][self.id] = speed
        if self.model.crossing:
            self.model.crossing.level_speed[self.id] = speed

    # ------------------------------------------------------------ where it is
    @property
    def pos(self) -> tuple[float, float]:
        """Position (x, y) in the plan of the level [m]."""
        _, x, y = self.model.place_in_plan(self.id)
        return x, y

    @pos.setter
    def pos(self, value: tuple[float, float] | None) -> None:
        """Ignore Mesa's own initial None: positions are changed by moving only, so that nobody gets into a wall."""
        if value is not None:
            msg = "an attendee's position follows from walking and cannot be set"
            raise AttributeError(msg)

    @property
    def level(self) -> str:
        """Name of the level; on a way between levels, of the lower one. Empty without levels."""
        return self.model.venue.levels[self.model.place_in_plan(self.id)[0]]

    @property
    def speed(self) -> float:
        """Speed over the last step [m/s]."""
        return float(self.model.state.records["speed"][self.id])

    @property
    def heading(self) -> tuple[float, float]:
        """Unit vector of the direction last walked; (0, 0) before the first step."""
        records = self.model.state.records
        return float(records["heading_x"][self.id]), float(records["heading_y"][self.id])

    @property
    def goal(self) -> str | None:
        """Name of the zone or exit that the attendee walks to or stays in; None before setting off."""
        goal = int(self.model.state.records["goal"][self.id])
        return None if goal < 0 else self.model.navigation.goals[goal]

    def walk_to(self, *goals: str) -> None:
        """Walk to the goal among these that is nearest by walking distance from here."""
        self.model.decisions.walk_to(np.array([self.id], np.int32), self.model.navigation.indices(goals))
