"""About when the last one is out, by hand: everyone walks the shortest way, and passages let so many through a second.

The attendees are those of the simulation, drawn from the scenario's seed: where they stand, when they set off, how fast
they walk. Each walks at the free speed to the nearest exit; at every door on the way, and at the exit, whoever comes
while it is taken waits, first come, first served: a passage of width w lets one through every 1 / (J w) seconds
(Predtechenskii and Milinskii 1978; Gwynne and Rosenbaum in the SFPE Handbook: flow over a width is a rate times it).
Who waits takes no room, and nobody slows down in a crowd before it has come to a passage.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import LineString

from crowdsim.navigation.fields import read_field
from crowdsim.navigation.navigation import Navigation, build_navigation
from crowdsim.population.plan import Population, goals_of, plan_population
from crowdsim.scenario.arrival import AtStart
from crowdsim.scenario.bodies import clearance
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.itinerary import Leave
from crowdsim.scenario.schema import ScenarioConfig
from crowdsim.venue import Venue, build_venue, leg_goals

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

RATE_PER_M_S = 1.25
"""J: what a passage of 1 m carries with the movement `planning` (docs/models.md); how far others are from that, one
simulated run tells."""

SIGHT_M = 1.0
"""How far walls are listed for; nobody meets any here."""

AROUND = tuple((row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column)


@dataclass(frozen=True)
class Ways:
    """The ways of all n attendees, as passages one after the other.

    Attributes
    ----------
    sets_off_s, speed_m_s : (n,) when each sets off, and how fast.
    passages : of each, in the order of the way: its key in the configuration (`doors.NAME`, `exits.NAME`), and how far
        it is from the passage before, or from the start [m].
    widths_m : of all passages, as the scenario has them.
    """

    sets_off_s: Float64
    speed_m_s: Float64
    passages: tuple[tuple[tuple[str, float], ...], ...]
    widths_m: dict[str, float]

    def last_out_s(self, widths_m: Mapping[str, float]) -> float:
        """Return when the last one is out [s].

        Parameters
        ----------
        widths_m : of passages that have another width than in the scenario, by key.
        """
        takes_s = {key: 1 / (RATE_PER_M_S * width) for key, width in {**self.widths_m, **widths_m}.items()}
        free_s = dict.fromkeys(takes_s, 0.0)
        speeds = self.speed_m_s.tolist()
        due = [
            (start + way[0][1] / speed, k, 0)
            for k, (start, speed, way) in enumerate(zip(self.sets_off_s.tolist(), speeds, self.passages, strict=True))
        ]
        heapq.heapify(due)
        last = 0.0
        while due:
            time_s, k, at = due[0]
            way = self.passages[k]
            key = way[at][0]
            through_s = max(time_s, free_s[key])
            free_s[key] = through_s + takes_s[key]
            if at + 1 == len(way):
                last = max(last, through_s)
                heapq.heappop(due)
            else:
                heapq.heapreplace(due, (through_s + way[at + 1][1] / speeds[k], k, at + 1))
        return last


def find_ways(scenario: Scenario) -> Ways | str:
    """Return the ways of a scenario's attendees, or why they cannot be told without simulating.

    Raises
    ------
    ScenarioError
        If start zones cannot hold their attendees.
    """
    reason = _what_stands_against(scenario.config)
    if reason:
        return reason
    venue = build_venue(scenario, unfolded=True)
    if len(venue.sheets) > 1:
        return "the venue has several levels"
    population = plan_population(scenario, venue)
    goals = goals_of(scenario, venue)
    profiles = [scenario.config.profiles[name] for name in population.profiles]
    if any(profile.step_free for profile in profiles):
        return "some take no steps"
    navigation = build_navigation(venue, goals, clearance(scenario), SIGHT_M, scenario.config.grid_step_m, 1, profiles)
    exit_of, nodes = _nearest(population, venue, navigation)
    if (exit_of < 0).any():
        return "some have no way to an exit"
    ways: list[tuple[tuple[str, float], ...]] = [()] * len(population)
    for goal in np.unique(exit_of).tolist():
        mine = np.flatnonzero(exit_of == goal)
        for k, way in zip(mine.tolist(), _trace(navigation, goal, nodes[mine], venue), strict=True):
            ways[k] = way
    widths = {f"doors.{name}": door.width_m for name, door in venue.doors.items()}
    widths |= {f"exits.{name}": exit_.width_m for name, exit_ in venue.exits.items()}
    return Ways(population.due_s + population.pre_movement_s, population.free_speed, tuple(ways), widths)


def _what_stands_against(config: ScenarioConfig) -> str:
    groups = config.attendees.values()
    reasons = {
        "people come over time": any(not isinstance(group.arrival, AtStart) for group in groups),
        "people do other things than leave": any(
            len(group.itinerary) > 1 or not isinstance(group.itinerary[0], Leave) or group.needs for group in groups
        ),
        "people choose their exits": any(group.choice for group in groups) or bool(config.stewards),
        "people walk round crowds": config.routes != "shortest",
        "the venue changes": bool(config.interventions),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _nearest(population: Population, venue: Venue, navigation: Navigation) -> tuple[Int64, Int64]:
    """Return the nearest exit of everyone, as index of its field, -1 for none, and the (n, 2) nodes they set off from.

    Of the four nodes around a place it is the one nearest to the exit: some may be too near to a wall.
    """
    grid = navigation.grid
    low = np.floor(
        np.column_stack([population.y - grid.origin_y_m, population.x - grid.origin_x_m]) / grid.step_m
    ).astype(np.int64)
    best_m = np.full(len(population), np.inf)
    exit_of, nodes = np.full(len(population), -1, np.int64), low.copy()
    for g, options in enumerate(population.itineraries):
        for goal in navigation.indices(leg_goals(options[0].leg, venue)).tolist():
            away_m = read_field(navigation.fields, goal)[0]
            for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
                node = low + corner
                here_m = away_m[node[:, 0], node[:, 1]]
                nearer = (population.group == g) & (here_m < best_m)
                best_m[nearer], exit_of[nearer], nodes[nearer] = here_m[nearer], goal, node[nearer]
    return exit_of, nodes


def _trace(navigation: Navigation, goal: int, nodes: Int64, venue: Venue) -> list[tuple[tuple[str, float], ...]]:
    """Return the passages on the shortest ways from nodes to an exit: from node to node, wherever it is nearest."""
    away_m = read_field(navigation.fields, goal)[0]
    starts, start_of = np.unique(nodes, axis=0, return_inverse=True)
    here = starts.copy()
    crossed = np.full((len(starts), len(venue.doors)), np.nan)  # how far from the exit
    lines = [door.line for door in venue.doors.values()]
    while True:
        around = np.stack([away_m[here[:, 0] + r, here[:, 1] + c] for r, c in AROUND])
        best = around.argmin(axis=0)
        nearer = around[best, np.arange(len(here))] < away_m[here[:, 0], here[:, 1]]
        if not nearer.any():
            break
        there = here + np.where(nearer[:, None], np.array(AROUND)[best], 0)
        for d, line in enumerate(lines):
            through = _crosses(line, _places(here, navigation), _places(there, navigation)) & np.isnan(crossed[:, d])
            crossed[through, d] = away_m[there[through, 0], there[through, 1]]
        here = there
    name = f"exits.{navigation.goals[goal]}"
    keys = [f"doors.{door}" for door in venue.doors]
    ways = [
        _in_order([*zip(keys, crossed[k].tolist(), strict=True), (name, 0.0)], float(away_m[row, column]))
        for k, (row, column) in enumerate(starts.tolist())
    ]
    return [ways[k] for k in start_of.ravel().tolist()]


def _in_order(passages: list[tuple[str, float]], from_m: float) -> tuple[tuple[str, float], ...]:
    """Return passages in the order of the way, each with its distance from the one before.

    Parameters
    ----------
    passages : each with how far it is from the exit [m], NaN for one that the way does not lead through.
    from_m : how far from the exit the way begins.
    """
    way = []
    for key, to_go_m in sorted((p for p in passages if p[1] == p[1]), key=lambda p: -p[1]):  # NaN is not itself
        way.append((key, max(from_m - to_go_m, 0.0)))
        from_m = to_go_m
    return tuple(way)


def _places(nodes: Int64, navigation: Navigation) -> Float64:
    grid = navigation.grid
    return np.column_stack([grid.origin_x_m + grid.step_m * nodes[:, 1], grid.origin_y_m + grid.step_m * nodes[:, 0]])


def _crosses(line: LineString, start: Float64, end: Float64) -> NDArray[np.bool_]:
    """Return which of the steps from (n, 2) places to others cross a line; one that begins on it does."""
    a, b = np.array(line.coords)

    def side(of: Float64, p: Float64, q: Float64) -> Float64:
        value: Float64 = (q[..., 0] - p[..., 0]) * (of[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (
            of[..., 0] - p[..., 0]
        )
        return value

    before, after = side(start, a, b), side(end, a, b)
    beside = side(a, start, end) * side(b, start, end) <= 0
    crosses: NDArray[np.bool_] = (before * after <= 0) & (before != after) & beside
    return crosses
