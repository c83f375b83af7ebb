"""One attendee as a Mesa agent: a light view on a row of the crowd's arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from crowdsim.kernels.arrays import LEAVING, TO_GOAL, TO_SPOT
from crowdsim.scenario.schema import Leave, Visit
from crowdsim.venue import leg_goals

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel


class Attendee(mesa.Agent):  # type: ignore[misc]
    """An attendee inside the venue; registered with the model on entry, removed on exit.

    Its properties read and write the model's arrays, so they always show the present. `id` is the
    attendee's row: the same in trajectories and events, and for the same scenario and seed in every run.
    (Mesa's own `unique_id` counts agents in the order of entry.)
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
        return float(self.model.state.crowd.radius[self.id])

    @property
    def free_speed(self) -> float:
        """Free (desired) speed [m/s]."""
        return float(self.model.state.crowd.free_speed[self.id])

    @free_speed.setter
    def free_speed(self, value: float) -> None:
        self.model.state.crowd.free_speed[self.id] = min(max(value, 0.0), self.model.fastest_m_s)

    # ------------------------------------------------------------ where it is
    @property
    def pos(self) -> tuple[float, float]:
        """Position (x, y) [m]."""
        crowd = self.model.state.crowd
        return float(crowd.x[self.id]), float(crowd.y[self.id])

    @pos.setter
    def pos(self, value: tuple[float, float] | None) -> None:
        """Ignore Mesa's own initial None: positions are changed by moving only, so that nobody gets into a wall."""
        if value is not None:
            msg = "an attendee's position follows from walking and cannot be set"
            raise AttributeError(msg)

    @property
    def speed(self) -> float:
        """Speed over the last step [m/s]."""
        return float(self.model.state.crowd.speed[self.id])

    @property
    def heading(self) -> tuple[float, float]:
        """Unit vector of the direction last walked; (0, 0) before the first step."""
        crowd = self.model.state.crowd
        return float(crowd.heading_x[self.id]), float(crowd.heading_y[self.id])

    @property
    def goal(self) -> str | None:
        """Name of the zone or exit that the attendee walks to or stays in; None before setting off."""
        goal = int(self.model.state.crowd.goal[self.id])
        return None if goal < 0 else self.model.navigation.goals[goal]

    # ------------------------------------------------------------ what it decides, at events
    def enter(self) -> None:
        """Appear at the start and wait out the pre-movement time there."""
        wait = float(self.model.population.pre_movement_s[self.id])
        crowd = self.model.state.crowd
        crowd.spot_x[self.id], crowd.spot_y[self.id] = self.pos
        crowd.activity[self.id] = TO_SPOT
        if wait > 0:
            self.model.state.waited_s[self.id] += wait
            self.model.call_after(wait, self.id)
        else:
            self.next_leg()

    def next_leg(self) -> None:
        """Set off on the next leg of the itinerary: to the next zone, or to an exit."""
        state = self.model.state
        state.leg[self.id] += 1
        self.walk_to(*leg_goals(self._leg, self.model.venue))

    def walk_to(self, *goals: str) -> None:
        """Walk to the goal among these that is nearest by walking distance from here."""
        state = self.model.state
        goal, distance = self.model.nearest_goal(self.id, goals)
        state.crowd.goal[self.id] = goal
        state.crowd.activity[self.id] = TO_GOAL
        state.crowd.progress[self.id] = self.free_speed
        state.free_walk_s[self.id] += max(distance, 0.0) / self.free_speed

    def arrive(self) -> float | None:
        """Take in that the goal has been reached; return how long to stay [s], or None for leaving the venue."""
        state, population = self.model.state, self.model.population
        leg = state.leg[self.id]
        if isinstance(self._leg, Leave):
            return None
        dwell = float(population.dwell_s[self.id, leg])
        state.crowd.spot_x[self.id], state.crowd.spot_y[self.id] = population.spot[self.id, leg]
        state.crowd.activity[self.id] = TO_SPOT
        state.waited_s[self.id] += dwell
        return dwell

    def leave(self) -> bool:
        """Walk on beyond the exit just reached; return False where there is no way on: at exits drawn as areas."""
        crowd = self.model.state.crowd
        out = self.model.venue.exits[self.goal or ""].way_out(*self.heading)
        if out is None:
            return False
        crowd.spot_x[self.id], crowd.spot_y[self.id] = out
        crowd.activity[self.id] = LEAVING
        return True

    @property
    def _leg(self) -> Visit | Leave:
        population = self.model.population
        return population.itineraries[int(population.group[self.id])][int(self.model.state.leg[self.id])]
