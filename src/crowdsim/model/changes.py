"""What happens when the venue changes during a run: ways are computed anew, people step aside and plan again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.navigation.walls import list_walls
from crowdsim.population.placement import WALL_MARGIN
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.intervention import Intervention
from crowdsim.venue import Area
from crowdsim.venue.moments import VenueOverTime, after, barred

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel

Rows = NDArray[np.int32]


class Changes:
    """The settings of the venue as they are now, and who holds people back where.

    Attributes
    ----------
    held : entrances, doors and exits at which people are held back.
    """

    def __init__(self, scenario: Scenario, over_time: VenueOverTime) -> None:
        self._scenario = scenario
        self._over_time = over_time
        self.held: set[str] = set()

    def make(self, model: CrowdModel, interventions: list[Intervention]) -> tuple[int, int, Rows]:
        """Let the venue change.

        Returns
        -------
        How many distance fields were computed anew, how many people had to step aside because where they were is no
        ground any more, and the rows of those who head for other exits.
        """
        was_held, was = set(self.held), self._scenario
        for one in interventions:
            self.held = (self.held | set(one.hold)) - set(one.release)
        self._scenario = after(self._scenario, interventions)
        computed, aside, rerouted = 0, 0, np.empty(0, np.int32)
        changes = self._scenario is not was
        if changes:
            rest_s = model.decisions.free_walk_s(model.state.inside)
            venue = self._over_time.build(self._scenario)
            model.venue = venue
            model.navigation, computed = model.navigator.next(venue, model.navigation)
            model.stepper.take_walls(model.navigation.walls)
            if model.crossing:
                model.crossing.take_seams(venue.seams)
            model.decisions.take_venue(venue, model.navigation)
            if model.routes:
                model.routes.look_soon()
            model.clearing.take_venue(venue)
        if changes or self.held != was_held:
            walkable = self._bar(model)
            aside = _step_aside(model, walkable)
        if changes:
            model.decisions.leave_refuges(model.state.inside)
            rerouted = model.decisions.plan_again(model.state.inside, rest_s)
            model.decisions.seek_refuge(model.state.inside)
        return computed, aside, rerouted

    def _bar(self, model: CrowdModel) -> Area:
        """Put walls into the doors and exits where people are held back; return where people can be."""
        behind_bars = barred(self._scenario, self.held)
        if behind_bars is self._scenario:
            model.stepper.take_walls(model.navigation.walls)
            return model.venue.walkable
        walkable = self._over_time.build(behind_bars).walkable
        model.stepper.take_walls(list_walls(walkable, model.navigation.grid.clearance_m, model.navigator.sight_m))
        return walkable


def _step_aside(model: CrowdModel, walkable: Area) -> int:
    """Put those who are where nobody can be any more on the nearest ground; return how many they are."""
    records, present = model.state.records, model.state.present
    clearance = model.navigation.grid.clearance_m
    ground = shapely.buffer(walkable, -clearance)
    shapely.prepare(ground)
    stuck = present[~shapely.contains_xy(ground, records["x"][present], records["y"][present])]
    if not stuck.size:
        return 0
    # A little inside, so that no rounding leaves anybody nearer to a wall than can be.
    room = shapely.buffer(walkable, -clearance * WALL_MARGIN)
    ways = shapely.shortest_line(room, shapely.points(records["x"][stuck], records["y"][stuck]))
    ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)[:, 0]
    touched = np.hypot(records["x"][stuck] - ends[:, 0], records["y"][stuck] - ends[:, 1]) > clearance
    records["x"][stuck], records["y"][stuck] = ends.T
    return int(touched.sum())
