"""What attendees decide at events: all whom an event concerns at once, on the arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT
from crowdsim.kernels.choosing import choose_again, measure_ways, walk_beyond, walk_to_nearest
from crowdsim.kernels.expecting import measure_ways_to
from crowdsim.model.choosing_exits import ExitChoice
from crowdsim.model.knowledge import Knowledge
from crowdsim.model.parties import Parties
from crowdsim.model.refuges import Refuges
from crowdsim.model.services import Services, Told
from crowdsim.model.state import CrowdState
from crowdsim.model.stays import Stays
from crowdsim.navigation import Navigation
from crowdsim.population import Population
from crowdsim.scenario.event import GAVE_UP
from crowdsim.scenario.itinerary import NEAREST, Leave, Leg
from crowdsim.scenario.steward import QUICKEST
from crowdsim.venue import Exit, Venue, leg_goals

Rows = NDArray[np.int32]

OWN = -1
"""In place of the number of an order to leave: the exits of the own itinerary."""


class Decisions:
    """The itineraries of all attendees, and what follows from them for the crowd's state."""

    def __init__(
        self,
        population: Population,
        venue: Venue,
        navigation: Navigation,
        state: CrowdState,
        stays: Stays,
        parties: Parties,
        step_free: Sequence[bool] = (),
        refuges: Refuges | None = None,
        services: Services | None = None,
        knowledge: Knowledge | None = None,
    ) -> None:
        """Take in stays, parties, which profiles take no steps, refuges for those who have no way, services.

        And what those know who choose their exits; None if everybody takes the nearest.
        """
        self._population = population
        self._state = state
        self._step_free = np.array(step_free, bool) if any(step_free) else None
        self._refuges = refuges if refuges and refuges.names else None
        self._services = services
        self._knowledge = knowledge
        self._exit_choice = ExitChoice(knowledge, population, state) if knowledge else None
        self._stays = stays
        self._parties = parties
        # One column more than legs: that of no leg, -1, is no exit.
        self._is_exit = np.zeros((len(population.groups), population.does.shape[1] + 1), bool)
        for g, options in enumerate(population.itineraries):
            self._is_exit[g, : len(options)] = [isinstance(option.leg, Leave) for option in options]
        self._sent = np.full(len(population), OWN, np.int32)
        self._directed = np.zeros(len(population), bool)
        self._sent_to: list[Leave] = []
        self.take_venue(venue, navigation)

    def take_venue(self, venue: Venue, navigation: Navigation) -> None:
        """Go by this venue from now on."""
        population = self._population
        self._fields = navigation.shortest
        if self._services:
            self._services.take_venue(venue, navigation)
        if self._exit_choice:
            self._exit_choice.take_venue(venue, navigation)
        self._goals = [
            [
                list(goals)
                for goals in zip(*(self._goals_of(option.leg, venue, navigation) for option in options), strict=True)
            ]
            for options in population.itineraries
        ]
        self._sent_goals = [self._goals_of(order, venue, navigation) for order in self._sent_to]
        self._venue, self._navigation = venue, navigation
        self._goal_names = navigation.goals
        self._refuge_goals = navigation.indices(self._refuges.names, step_free=True) if self._refuges else None
        self._ways_out = np.array([_ways_out(venue.exits.get(name)) for name in navigation.goals]).reshape(-1, 4)

    def _goals_of(self, leg: Leg, venue: Venue, navigation: Navigation) -> list[Rows]:
        """Return the goals of a leg, those of people who take steps first, then those of others if there are any."""
        kinds = (False, True) if self._step_free is not None else (False,)
        # With all exits closed people head for them all the same: one may open again.
        names = leg_goals(leg, venue) or [name for name in dict.fromkeys(navigation.goals) if name in venue.exits]
        return [navigation.indices(names, step_free=kind) for kind in kinds]

    def leaves(self, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of `rows` whether it is on its way out."""
        return np.asarray(self._is_exit[self._population.group[rows], self._state.leg[rows]])

    def _way(self, rows: Rows) -> NDArray[np.int64]:
        """Return for each of `rows` which ways it takes: 1 without steps, 0 all."""
        if self._step_free is None:
            return np.zeros(rows.size, np.int64)
        return self._step_free[self._population.profile[rows]].astype(np.int64)

    def wait_at_start(self, rows: Rows) -> NDArray[np.float64]:
        """Let attendees who came in stand where they are; return for how long each of them waits there [s]."""
        state, records = self._state, self._state.records
        records["spot_x"][rows] = records["x"][rows]
        records["spot_y"][rows] = records["y"][rows]
        records["activity"][rows] = TO_SPOT
        wait: NDArray[np.float64] = self._population.pre_movement_s[rows]
        state.waited_s[rows] += wait
        if self._exit_choice:
            self._exit_choice.note_way_in(rows)
        return wait

    def set_off(self, rows: Rows, time_s: float) -> list[Told]:
        """Let attendees set off: for what they need, back to where they stay, or for what their itineraries have next.

        Return who goes on because a zone is full.
        """
        keep_on = self._stays.keep_on(rows, time_s)
        self._head(rows[keep_on])
        onward, told = rows[~keep_on], []
        while onward.size:
            full = self._stays.go_on(onward, time_s)
            told += [Told(row, GAVE_UP, self._stays.zone(row)) for row in onward[full].tolist()]
            self._head(onward[~full])
            onward = onward[full]
        self.seek_refuge(rows)
        return told

    def _head(self, rows: Rows) -> None:
        """Let attendees walk to where their legs lead: a zone, the queue of a service, or an exit."""
        state = self._state
        group, leg = self._population.group[rows], state.leg[rows]
        of_one_kind, kind = _kinds(np.column_stack([group, self._way(rows), leg]))
        for k, (g, way, number) in enumerate(of_one_kind):
            mine, options = rows[kind == k], self._population.itineraries[g]
            if self._services and options[number].service:
                choices = options[number : number + options[number].choices]
                state.leg[mine] += self._services.head_for(mine, [option.service for option in choices], int(way))
            elif self._is_exit[g, number]:
                for goals, those, any_exit in self._exits_of(mine):
                    self._head_out(those, goals, any_exit=any_exit)
            else:
                self.walk_to(mine, self._goals[g][way][number])

    def _head_out(self, rows: Rows, goals: Rows, *, any_exit: bool) -> None:
        """Let attendees walk to one of these exits: the nearest, or the one that each chooses."""
        choosing = self._chooses(rows) & (goals.size > 0)
        self.walk_to(rows[~choosing], goals)
        if self._exit_choice and choosing.any():
            those = rows[choosing]
            chosen = self._exit_choice.choose(those, goals, any_exit=any_exit)
            for goal in np.unique(chosen):
                self.walk_to(those[chosen == goal], np.array([goal], np.int32))
            self._parties.follow(those)

    def _chooses(self, rows: Rows) -> NDArray[np.bool_]:
        """Return who of `rows` does not just take the nearest exit."""
        return self._knowledge.chooses[rows] if self._knowledge else np.zeros(rows.size, bool)

    def _exits_of(self, rows: Rows) -> Iterator[tuple[Rows, Rows, bool]]:
        """Yield the exits that attendees on their way out may leave by, as goals, and those of `rows` who may.

        And whether they were left the choice of all exits.
        """
        sent = self._sent[rows]
        own = sent == OWN  # those sent somewhere go there, whatever their groups and itineraries say
        group, leg = np.where(own, self._population.group[rows], 0), np.where(own, self._state.leg[rows], 0)
        kinds = np.column_stack([group, self._way(rows), leg, sent])
        of_one_kind, kind = _kinds(kinds)
        for k, (g, way, number, order) in enumerate(of_one_kind):
            task = self._population.itineraries[g][number].leg if order == OWN else self._sent_to[order]
            goals = self._goals[g][way][number] if order == OWN else self._sent_goals[order][way]
            yield goals, rows[kind == k], isinstance(task, Leave) and task.exit == NEAREST

    def send_out(self, rows: Rows, going: Rows, exits: str | tuple[str, ...]) -> None:
        """Let attendees leave by other exits than they planned: `going` now, the others of `rows` with their next leg.

        Parameters
        ----------
        exits : `nearest`, the name of an exit, or the names of several.
        """
        order = Leave(exit=exits)
        if order not in self._sent_to:
            self._sent_to.append(order)
            self._sent_goals.append(self._goals_of(order, self._venue, self._navigation))
        self._sent[rows] = self._sent_to.index(order)
        walking = going[self._state.records["activity"][going] == TO_GOAL]
        self._state.free_walk_s[walking] -= self.free_walk_s(walking)
        if self._refuges:
            self._refuges.sheltered[going] = False
        self._stays.leave(rows)
        outs = self._population.does[rows] & self._is_exit[self._population.group[rows], :-1]
        last = outs.shape[1] - 1 - outs[:, ::-1].argmax(axis=1)
        self._state.leg[rows] = last - 1
        self._state.leg[going] = last[np.isin(rows, going)]
        self._head(going)
        self.seek_refuge(going)

    def walking_out(self, rows: Rows) -> Rows:
        """Return those of `rows` who walk to an exit."""
        walking: Rows = rows[self._walks_out(rows)]
        return walking

    def _walks_out(self, rows: Rows) -> NDArray[np.bool_]:
        return np.asarray((self._state.records["activity"][rows] == TO_GOAL) & self.leaves(rows))

    def direct(self, rows: Rows, exits: str | tuple[str, ...]) -> Rows:
        """Let those of `rows`, who walk out, take other exits, as far as they have a way there; parties stay together.

        Return those of all who head for another exit now.

        Parameters
        ----------
        exits : the name of an exit, or of several, of which each takes the nearest; or `quickest`, the exit of the own
            itinerary where each is out first, all crowds known.
        """
        everyone = self.walking_out(self._state.inside)
        before = self._state.records["goal"][everyone]
        if exits == QUICKEST:
            for goal, those in self._quickest(rows):
                self.send_out(those, those, self._goal_names[goal])
        else:
            goals = self._goals_of(Leave(exit=exits), self._venue, self._navigation)
            for way, mine in enumerate(goals):
                those = rows[self._way(rows) == way]
                measure_ways_to(
                    self._state.records, self._fields, those, mine, away := np.empty((those.size, mine.size))
                )
                can = those[np.isfinite(away).any(axis=1)]
                self.send_out(can, can, exits)
        self._directed[rows] = True
        self._parties.follow(everyone)
        changed: Rows = everyone[self._state.records["goal"][everyone] != before]
        return changed

    def _quickest(self, rows: Rows) -> list[tuple[int, Rows]]:
        """Return the exits, as goals, by which those of `rows` who take each would be out first."""
        if self._exit_choice is None:
            return []
        self._sent[rows] = OWN
        chosen = np.full(len(self._population), -1, np.int32)
        for goals, those, _ in self._exits_of(rows):
            chosen[those] = self._exit_choice.choose(those, goals, any_exit=False, advised=True)
        return [(goal, rows[chosen[rows] == goal]) for goal in np.unique(chosen[rows]).tolist()]

    def end_stays(self, rows: Rows, time_s: float) -> None:
        """Let nothing keep attendees where they stay, or make them come back from where they are for a need."""
        self._stays.end(rows, time_s)

    def walk_to(self, rows: Rows, goals: Rows) -> None:
        """Let attendees walk each to the nearest of the goals with these indices."""
        distance = np.empty(rows.size)
        walk_to_nearest(self._state.records, self._fields, rows, goals, distance)
        if goals.size > 1:
            self._parties.follow(rows)
        self._state.free_walk_s[rows] += distance / self._population.free_speed[rows]

    def choose_exits_again(self, rows: Rows) -> None:
        """Let those of `rows` who are on their way out head for the exit that is nearest now.

        Whoever a steward sent to another one no longer goes by that.
        """
        self._sent[rows[self._directed[rows]]] = OWN
        self._directed[rows] = False
        rows = rows[~self._chooses(rows)]
        for goals, those, _ in self._exits_of(rows[self.leaves(rows)]):
            if goals.size > 1:
                choose_again(self._state.records, self._fields, those, goals)
                self._parties.follow(those)

    def compare_exits(self, rows: Rows) -> Rows:
        """Let those of `rows` whose turn it is compare exits; return those who head for another one now."""
        if not self._knowledge:
            return rows[:0]
        due = self._knowledge.is_due(rows)
        rows = rows[due & ~self._refuges.sheltered[rows]] if self._refuges else rows[due]
        return self.plan_again(rows, self.free_walk_s(rows))

    def plan_again(self, rows: Rows, rest_s: NDArray[np.float64]) -> Rows:
        """Let those of `rows` who walk to an exit choose anew; return those whose goal is another now.

        Parameters
        ----------
        rest_s : how long the free walk to each one's goal would have taken from there [s].
        """
        records = self._state.records
        walking = self._walks_out(rows)
        rows, rest_s = rows[walking], rest_s[walking]
        before = records["goal"][rows]
        for goals, those, any_exit in self._exits_of(rows):
            choosing = self._chooses(those) & (goals.size > 0)
            choose_again(records, self._fields, those[~choosing], goals)
            if self._exit_choice and choosing.any():
                records["goal"][those[choosing]] = self._exit_choice.choose(those[choosing], goals, any_exit=any_exit)
            self._parties.follow(those)
        turned = records["goal"][rows] != before
        changed: Rows = rows[turned]
        self._state.free_walk_s[changed] += self.free_walk_s(changed) - rest_s[turned]
        return changed

    def free_walk_s(self, rows: Rows) -> NDArray[np.float64]:
        """Return how long the free walk of attendees to their goals takes from where they are [s]; 0 without a way."""
        measure_ways(self._state.records, self._fields, rows, away := np.empty(rows.size))
        rest_m: NDArray[np.float64] = np.where(np.isfinite(away), np.maximum(away, 0.0), 0.0)
        return rest_m / self._population.free_speed[rows]

    def without_way(self, rows: Rows) -> Rows:
        """Return those of `rows` who walk to a goal that there is no way to from where they are."""
        records = self._state.records
        rows = rows[records["activity"][rows] == TO_GOAL]
        distance = np.empty(rows.size)
        measure_ways(records, self._fields, rows, distance)
        return rows[np.isinf(distance)]

    def seek_refuge(self, rows: Rows) -> Rows:
        """Let those of `rows` who take no steps and have no way walk to the nearest refuge; return who they are."""
        if self._refuges is None or self._refuge_goals is None:
            return rows[:0]
        mine = self.without_way(rows[self._way(rows) == 1])
        if mine.size:
            goals = self._state.records["goal"][mine]
            self.walk_to(mine, self._refuge_goals)
            stuck = np.isin(mine, self.without_way(mine))  # no way there either: what they wanted remains
            self._state.records["goal"][mine[stuck]] = goals[stuck]
            mine = mine[~stuck]
            self._refuges.sheltered[mine] = True
            if self._services:
                self._services.forget(mine)
        return mine

    def leave_refuges(self, rows: Rows) -> None:
        """Let those of `rows` who are sheltered try their ways again."""
        mine = rows[self._refuges.sheltered[rows]] if self._refuges else rows[:0]
        if self._refuges and mine.size:
            self._refuges.sheltered[mine] = False
            self._head(mine)
            self.seek_refuge(mine)

    def shelter(self, rows: Rows) -> None:
        """Let attendees who have reached a refuge go to their own places in it, for as long as they have no way."""
        records = self._state.records
        for goal in np.unique(records["goal"][rows]):
            here = rows[records["goal"][rows] == goal]
            if self._refuges:
                spots = self._refuges.spots(self._goal_names[goal], here)
                records["spot_x"][here], records["spot_y"][here] = spots.T
        records["activity"][rows] = TO_SPOT

    def stay(self, rows: Rows, time_s: float) -> NDArray[np.float64]:
        """Let attendees who have reached a zone go to their own places in it; return in how long each sets off [s]."""
        state = self._state
        state.records["spot_x"][rows], state.records["spot_y"][rows] = self._stays.spots(rows).T
        state.records["activity"][rows] = TO_SPOT
        wait = self._stays.begin(rows, time_s)
        state.waited_s[rows] += wait
        return wait

    def begin_again(self, rows: Rows, time_s: float) -> NDArray[np.float64]:
        """Let the stays of attendees at their zones begin now; return in how long each sets off [s]."""
        return self._stays.begin(rows, time_s, anew=True)

    def attends(self, rows: Rows) -> NDArray[np.bool_]:
        """Return for each of `rows`, who stay somewhere, whether it is for an item of the programme."""
        return self._stays.attends(rows)

    def walk_out(self, rows: Rows) -> NDArray[np.bool_]:
        """Let attendees who have reached an exit walk on beyond it; False where they cannot: at exits drawn as areas.

        Across the exit's line; where people may be on both of its sides, to the side that each heads for.
        """
        walks = np.empty(rows.size, bool)
        walk_beyond(self._state.records, rows, self._ways_out, walks)
        return walks


def _ways_out(exit_: Exit | None) -> list[float]:
    """Return the unit vectors (4,) across an exit's line to the two sides that people may leave to.

    Twice the same if they may leave to one only; NaN without a line, and for what is no exit.
    """
    if exit_ is None or exit_.line is None:
        return [math.nan] * 4
    (x1, y1), (x2, y2) = exit_.line.coords
    ways = exit_.way_out(y2 - y1, x1 - x2), exit_.way_out(y1 - y2, x2 - x1)
    return [number for way in ways if way for number in way]


def _kinds(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the different rows, and which of them each row is; most often all are the same."""
    if (rows == rows[:1]).all():
        return rows[:1], np.zeros(rows.shape[0], np.intp)
    return np.unique(rows, axis=0, return_inverse=True)
