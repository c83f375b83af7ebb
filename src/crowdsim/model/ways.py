"""Whether the navigation grid, too, has ways for everyone's itinerary."""

from __future__ import annotations

from crowdsim.errors import Problem, ScenarioError
from crowdsim.navigation import Navigation
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import start_shares
from crowdsim.venue import Venue, joining_area
from crowdsim.venue.walks import walks_of


def check_ways(scenario: Scenario, venue: Venue, navigation: Navigation) -> None:
    """Make sure that the grid has a way from every start and goal to the next goal.

    Raises
    ------
    ScenarioError
        If the grid is too coarse for a passage that is wide enough for a body.
    """
    problems = []
    areas = venue.zones | venue.entrances | {name: joining_area(venue, name) for name in venue.queues}
    for name, group in scenario.config.attendees.items():
        for come_from, goals in walks_of(group, venue, start_shares(group)):
            here = next((place for place, *_ in come_from if not navigation.has_way(areas[place], goals)), None)
            if here is not None:
                found = f"no way on a grid of {navigation.grid.step_m:g} m from {here!r} to {' or '.join(goals)}"
                allowed = "a smaller grid_step_m, or passages that are wider than a body by more than a grid step"
                problems.append(Problem("scenario.yaml", f"attendees.{name}", found, allowed))
                break
    if problems:
        raise ScenarioError(problems)
