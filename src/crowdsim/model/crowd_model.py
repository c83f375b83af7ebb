"""The crowd as a Mesa model: its clock, its events, who is inside, and the step."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crowdsim.model.agents import AgentsOnDemand
from crowdsim.model.clearing import Clearing
from crowdsim.model.crossing import Crossing
from crowdsim.model.decisions import Decisions
from crowdsim.model.entrance import split_by_start
from crowdsim.model.interventions import Change, Interventions
from crowdsim.model.knowledge import Knowledge
from crowdsim.model.laws import law_of
from crowdsim.model.lifts import Lifts
from crowdsim.model.parties import WAIT_S, Parties
from crowdsim.model.refuges import Refuges
from crowdsim.model.routes import Routes
from crowdsim.model.services import NOWHERE, Services, Told
from crowdsim.model.state import CrowdState
from crowdsim.model.stays import Stays
from crowdsim.model.stepper import Stepper
from crowdsim.model.stewards import Steward
from crowdsim.model.ways import check_ways
from crowdsim.navigation import Navigator
from crowdsim.population import plan_population
from crowdsim.population.plan import goals_of
from crowdsim.scenario.bodies import clearance, highest_free_speed, largest_radius
from crowdsim.scenario.event import ARRIVED, ENTERED, EXITED, FOLLOWED, GAVE_UP, LEFT, REROUTED, SERVED, STARTED, TOLD
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.steward import QUICKEST
from crowdsim.venue.moments import VenueOverTime

TICK_S = 1.0
"""How often those who are held up look around [s]: about as long as people take to notice."""


class Observer(Protocol):
    """Whoever wants to be told of events while the model runs."""

    def event(self, time_s: float, id: int, event: str, place: str, level: int, x: float, y: float) -> None:
        """Take in that something happened to an attendee at a place; level, x and y are those of the plan."""


class CrowdModel(AgentsOnDemand):
    """A scenario being simulated.

    Movement runs in fixed steps (`step_s`), one kernel call for everyone. Decisions are taken by attendees
    at events: entering, pre-movement over, goal reached, stay over. The same scenario and seed give
    bit-identical runs, whatever the number of threads.

    Parameters
    ----------
    scenario : the scenario, checked.
    observer : told of every event.
    progress : called with the number of distance fields done and of all.

    Attributes
    ----------
    time_s : simulated time [s].
    state : all moving state, as arrays.
    population, venue, navigation : what was prepared from the scenario; the venue is unfolded, and as it is now.
    interventions : those to come, and what they have made of the venue.
    changed : what those done have led to.
    refuges : who waits in one, or goes there.
    knowledge : what those go by who choose their exits and queues; None if nobody does.
    routes : the ways round crowds; None if people take the shortest.
    services : who waits where to be served; None without services.
    clearing : who stands somewhere else than planned, because an area is to be kept clear.
    stewards : who tells people which exit to take.
    crossing : who is on which sheet of the venue; None if it has one only.
    running : False once everyone has left or the scenario's duration is over.

    Raises
    ------
    ScenarioError
        If the scenario's attendees do not fit into their start zones.
    """

    def __init__(
        self,
        scenario: Scenario,
        observer: Observer | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        config = scenario.config
        super().__init__(rng=config.seed)
        # Mesa 3.5 has a property `scenario` of its own, for its own kind of scenario.
        self.setup = scenario
        self.observer = observer
        over_time = VenueOverTime(scenario)
        self.venue = over_time.first
        self.interventions = Interventions(scenario, over_time)
        self.changed: list[Change] = []
        self.population = plan_population(scenario, self.venue)
        margin = clearance(scenario)
        self.fastest_m_s = highest_free_speed(scenario)
        profiles = [config.profiles[name] for name in self.population.profiles]
        law = law_of(config.movement, self.population, self.fastest_m_s, largest_radius(scenario))
        goals = goals_of(scenario, self.venue, over_time.ever)
        grid = config.grid_step_m, config.threads, profiles, over_time.ever, over_time.bounds
        round_crowds = config.routes == "quickest"
        self.navigator = Navigator(self.venue, goals, margin, law.reach, *grid, round_crowds=round_crowds)
        self.navigation = self.navigator.first(progress)
        check_ways(scenario, self.venue, self.navigation)
        self.step_s = config.movement.step_s
        self.crossing, self.lifts = None, None
        if len(self.venue.sheets) > 1:
            longest = self.fastest_m_s * self.step_s
            self.crossing = Crossing(self.venue, self.population, profiles, law.reach, longest)
            self.lifts = Lifts(self.venue, self.crossing, margin, largest_radius(scenario), len(self.population))
        images = self.crossing.room_for_images() if self.crossing else 0
        self.state = CrowdState(self.population, self.navigator.bounds, law.reach, images)
        self.routes = Routes(self.navigator, self.state) if round_crowds else None
        step_free = [profile.step_free for profile in profiles]
        self.refuges = Refuges(config.refuges, self.venue, self.population, step_free, margin, config.seed)
        chooses = any(group.choice for group in config.attendees.values())
        chooses |= any(steward.exit == QUICKEST for steward in config.stewards.values())
        self.knowledge = Knowledge(config.attendees, self.population, config.seed) if chooses else None
        self.services = services = (
            Services(config.services, self.venue, self.population, self.state, self.knowledge)
            if config.services
            else None
        )
        self.parties = Parties(self.population, self.state)
        self.stays = Stays(scenario, self.venue, self.population, self.state)
        self.decisions = Decisions(
            self.population,
            self.venue,
            self.navigation,
            self.state,
            self.stays,
            self.parties,
            step_free,
            self.refuges,
            services,
            self.knowledge,
        )
        self.stewards = [
            Steward(name, setting, self.venue, self.population, tuple(config.attendees), config.seed)
            for name, setting in config.stewards.items()
        ]
        self.stepper = Stepper(law, self.navigation.fields, self.navigation.walls, self.step_s, config.threads)
        self.clearing = Clearing(self.state, margin, largest_radius(scenario))
        self.clearing.take_venue(self.venue)
        self._steps_done = 0
        self._steps_a_tick = max(round(TICK_S / self.step_s), 1)
        self.agent_steps = 0
        self.prepare_agents(len(self.population))
        self._calls: list[tuple[float, int]] = []
        self._rests_until_s = np.full(len(self.population), np.nan)
        self._at_start, self._queues = split_by_start(self.population, self.venue, margin, config.seed)
        self._open_to_public()

    # ------------------------------------------------------------ the clock
    @property
    def time_s(self) -> float:
        """Simulated time [s]."""
        return self._steps_done * self.step_s

    def step(self) -> None:
        """Move everyone by one step, then let attendees decide, leave and enter."""
        state = self.state
        if state.present.size:
            if self.lifts:
                self.lifts.run(self.time_s, state)
            if self.crossing:
                self.crossing.mirror(state)
            self.stepper.move(state)
            if self.crossing:
                self.crossing.cross(state)
            self.agent_steps += state.present.size
        self._steps_done += 1
        if self.knowledge:
            self.knowledge.time_s = self.time_s
        if state.present.size:
            self._take_in_arrivals()
        is_tick = self._steps_done % self._steps_a_tick == 0
        if is_tick:
            self.interventions.schedule.look(self)
        if self.interventions.schedule.is_due(self.time_s):
            self._intervene()
        self.interventions.orders.run(self)
        self.parties.run(self.time_s, self.crossing, self.navigation.shortest if self.routes else None)
        if is_tick:
            # Those who are held up may stand in the door of an exit that they did not choose.
            held_up = self.state.held_up()
            if self.routes:
                self.routes.run(self.time_s, self.navigation)
            self.decisions.choose_exits_again(held_up)
            self.stays.let_pass(held_up)
            self._tell_rerouted(self.decisions.compare_exits(state.inside))
            self._be_directed()
            if self.services:
                self.services.look_round()
            if self.venue.kept_clear:
                self.clearing.run(self._at_rest())
        if self.services:
            self._go_on(self.services.run(self.time_s))
        self._resume()
        self._admit()
        everyone_left = not state.inside.size and not self._at_start.size and not any(self._queues)
        self.running = not everyone_left and self.time_s < self.setup.config.duration_s

    # ------------------------------------------------------------ what attendees use
    def call_after(self, wait_s: float, id: int) -> None:
        """Let an attendee decide again after a while (at the end of pre-movement or of a stay)."""
        self._rests_until_s[id] = self.time_s + wait_s
        heapq.heappush(self._calls, (self.time_s + wait_s, id))

    def send_out(self, rows: NDArray[np.int32], exits: str | tuple[str, ...]) -> None:
        """Let attendees leave now, whatever else they planned; those being served when they have been.

        Parameters
        ----------
        exits : `nearest`, the name of an exit, or the names of several.
        """
        resting = rows[np.isfinite(self._rests_until_s[rows])]
        self._tell_left(resting, self.state.records["goal"][resting])
        self._wake(rows)
        going = rows
        if self.services:
            self._tell_all(self.services.leave(rows))
            going = rows[self.services.stage[rows] == NOWHERE]
        self.decisions.send_out(rows, going, exits)
        self._tell_rerouted(going)

    def end_stays(self, rows: NDArray[np.int32]) -> None:
        """Let those of `rows` who stay somewhere go on with their itineraries."""
        self.decisions.end_stays(rows, self.time_s)
        rows = rows[np.isfinite(self._rests_until_s[rows]) & (self.state.leg[rows] >= 0)]
        self._wake(rows)
        self._set_off(rows)

    @property
    def inside_count(self) -> int:
        """Number of attendees inside."""
        return int(self.state.inside.size)

    @property
    def entered_count(self) -> int:
        """Number of attendees who have entered so far."""
        return int(np.isfinite(self.state.entry_s).sum())

    @property
    def exited_count(self) -> int:
        """Number of attendees who have left so far."""
        return int(np.isfinite(self.state.exit_s).sum())

    def place_in_plan(self, id: int) -> tuple[int, float, float]:
        """Return the level that an attendee is on, as an index from the lowest, and x and y in the plan [m]."""
        x, y = float(self.state.records["x"][id]), float(self.state.records["y"][id])
        if not self.crossing:
            return 0, x, y
        sheet = self.crossing.sheet[id]
        shift_x, shift_y = self.crossing.shift[sheet].tolist()
        return int(self.crossing.level[sheet]), x - shift_x, y - shift_y

    def place_of(self, id: int) -> str:
        """Return the name of the start zone or entrance of an attendee."""
        return self.population.starts[int(self.population.start[id])]

    # ------------------------------------------------------------ inside the step
    def _tell(self, id: int, event: str, place: str) -> None:
        if self.observer is not None:
            self.observer.event(self.time_s, id, event, place, *self.place_in_plan(id))

    def _tell_rerouted(self, rows: NDArray[np.int32]) -> None:
        """Tell that attendees head for other exits now."""
        if self.observer is not None:
            for row in rows.tolist():
                self._tell(row, REROUTED, self.navigation.goals[self.state.records["goal"][row]])

    def _tell_all(self, told: list[Told]) -> None:
        for row, event, place in told:
            self._tell(row, event, place)

    def _open_to_public(self) -> None:
        rows, self._at_start = self._at_start, np.empty(0, np.int32)
        self._enter(rows)
        self._admit()

    def _admit(self) -> None:
        """Let in those who are due and find a free place at their entrance."""
        for queue in self._queues:
            if queue.is_due(self.time_s) and queue.name not in self.interventions.changes.held:
                self._enter(queue.admit(self.time_s, self.state))

    def _enter(self, rows: NDArray[np.int32]) -> None:
        if not rows.size:
            return
        self.state.let_in(rows)
        if self.crossing:
            self.crossing.note_sheets(self.state, rows)
        self.state.entry_s[rows] = self.time_s
        wait = self.decisions.wait_at_start(rows)
        for row, seconds in zip(rows[wait > 0].tolist(), wait[wait > 0].tolist(), strict=True):
            self.call_after(seconds, row)
        full = self.decisions.set_off(rows[wait <= 0], self.time_s)
        if self.observer is not None:
            for row, seconds in zip(rows.tolist(), wait.tolist(), strict=True):
                self._tell(row, ENTERED, self.place_of(row))
                if seconds <= 0:
                    self._tell(row, STARTED, self.place_of(row))
            self._tell_all(full)

    def _resume(self) -> None:
        """Let those set off whose pre-movement or stay is over."""
        due: list[int] = []
        while self._calls and self._calls[0][0] <= self.time_s:
            until_s, row = heapq.heappop(self._calls)
            if self._rests_until_s[row] == until_s:  # not if it was put off, or ended, since
                self._rests_until_s[row] = np.nan
                due.append(row)
        if due:
            self._set_off(np.array(due, np.int32))

    def _at_rest(self) -> NDArray[np.int32]:
        """Return who inside waits at a start, stays at a zone or is in a refuge, or goes to the own place there."""
        inside = self.state.inside
        rests: NDArray[np.bool_] = np.isfinite(self._rests_until_s[inside]) | self.refuges.sheltered[inside]
        return inside[rests]

    def _wake(self, rows: NDArray[np.int32]) -> None:
        """End the pre-movement or stay of those of `rows` who wait or stay now."""
        resting = rows[np.isfinite(self._rests_until_s[rows])]
        self.state.waited_s[resting] -= self._rests_until_s[resting] - self.time_s
        self._rests_until_s[resting] = np.nan

    def _set_off(self, rows: NDArray[np.int32]) -> None:
        if not rows.size:
            return
        before = self.state.records["goal"][rows]
        full = self.decisions.set_off(rows, self.time_s)
        self._tell_left(rows, before)
        self._tell_all(full)

    def _tell_left(self, rows: NDArray[np.int32], goals: NDArray[np.int32]) -> None:
        """Tell that attendees set off from where they stayed: from their goals before, or where they came in."""
        if self.observer is not None:
            for row, goal in zip(rows.tolist(), goals.tolist(), strict=True):
                if goal < 0:
                    self._tell(row, STARTED, self.place_of(row))
                else:
                    self._tell(row, LEFT, self.navigation.goals[goal])

    def _go_on(self, told: list[Told]) -> None:
        """Let those set off who have been served or have given up."""
        self._tell_all(told)
        done = [row for row, event, _ in told if event in (SERVED, GAVE_UP)]
        if done:
            self._tell_all(self.decisions.set_off(np.array(done, np.int32), self.time_s))

    def _intervene(self) -> None:
        """Let what is due be done, and attendees plan again."""
        change, rerouted = self.interventions.carry_out(self)
        self.changed.append(change)
        for queue in self._queues:
            queue.take_ground(self.venue.walkable, self.venue.entrances[queue.name])
        self._tell_rerouted(rerouted)

    def _be_directed(self) -> None:
        """Let those who come near stewards be told, and take the exits that these say."""
        leaving = self.decisions.walking_out(self.state.inside) if self.stewards else self.state.inside
        for steward in self.stewards:
            advice = steward.address(self.time_s, leaving, self.state.records, self.navigation.fields)
            if advice:
                self._tell_all([Told(row, TOLD, advice.steward) for row in advice.told.tolist()])
                self._tell_all([Told(row, FOLLOWED, advice.steward) for row in advice.follow.tolist()])
                self._tell_rerouted(self.decisions.direct(advice.follow, advice.exit))

    def _gather(self, rows: NDArray[np.int32]) -> None:
        """Let those of `rows`, who have come to a zone, wait for their parties; a stay begins when all are there."""
        waiting, met = self.parties.meet(rows, np.isfinite(self._rests_until_s))
        waiting = waiting[~self.decisions.attends(waiting)]  # an event ends when it ends
        self._put_off(waiting, self._rests_until_s[waiting] + WAIT_S)
        self._put_off(met, self.time_s + self.decisions.begin_again(met, self.time_s))

    def _put_off(self, rows: NDArray[np.int32], until_s: NDArray[np.float64]) -> None:
        """Let attendees who stay somewhere stay until other times."""
        self.state.waited_s[rows] += until_s - self._rests_until_s[rows]
        for row, seconds in zip(rows.tolist(), (until_s - self.time_s).tolist(), strict=True):
            self.call_after(seconds, row)

    def _take_in_arrivals(self) -> None:
        """Let those who have reached their goals stay or leave, and take out those who are well beyond an exit."""
        here, beyond = self.state.take_arrived()
        self.state.remove(beyond)
        if self.services and here.size:
            queueing = self.services.stage[here] != NOWHERE
            self._go_on(self.services.take_arrived(here[queueing]))
            here = here[~queueing]
        if not here.size:
            return
        goal = self.state.records["goal"][here]
        leaves = self.decisions.leaves(here)
        stays = ~leaves
        if self.refuges.names:
            sheltered = self.refuges.sheltered[here]
            self.decisions.shelter(here[sheltered])
            leaves &= ~sheltered
            stays &= ~sheltered
        self._stay(here[stays])
        if self.observer is not None:
            for row, g, out in zip(here.tolist(), goal.tolist(), leaves.tolist(), strict=True):
                self._tell(row, EXITED if out else ARRIVED, self.navigation.goals[g])
        self._leave(here[leaves])

    def _stay(self, rows: NDArray[np.int32]) -> None:
        """Let attendees stay at the zones that they have come to."""
        if rows.size:
            for row, seconds in zip(rows.tolist(), self.decisions.stay(rows, self.time_s).tolist(), strict=True):
                self.call_after(seconds, row)
            self._gather(rows)

    def _leave(self, rows: NDArray[np.int32]) -> None:
        """Let attendees go out by the exits that they have come to; `rows` ascending."""
        if rows.size:
            state = self.state
            state.exit_s[rows] = self.time_s
            state.exit_goal[rows] = state.records["goal"][rows]
            walks_on = self.decisions.walk_out(rows)
            self.remove_agents(rows.tolist())
            state.let_out(rows)
            state.remove(rows[~walks_on])
