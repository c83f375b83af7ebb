"""The search: in order of cost where layouts are few, else by samples where the cheapest ones are likely to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from crowdsim.assess import PASS
from crowdsim.experiment.optimise.plan import Quest
from crowdsim.experiment.optimise.runs import BudgetSpentError, Runs
from crowdsim.experiment.optimise.sampling import sample
from crowdsim.experiment.optimise.screen import Screen
from crowdsim.experiment.optimise.space import Place
from crowdsim.experiment.optimise.trying import Trial, Tries

MOST_IN_ORDER = 100
"""Layouts that are gone through one by one (our choice): most fail after two runs."""

MOST_LISTED = 100_000
"""Layouts that are all estimated by hand (our choice: some minutes); of more, those are that the search comes to."""

FOUND, NONE_PASSES, BUDGET_SPENT, RUNNING = "found", "none passes", "budget spent", "running"


@dataclass
class Search:
    """A search as far as it is.

    Attributes
    ----------
    status : why it ended; `running` before.
    answer : the layouts found: one, or those of a front.
    in_order : whether every layout that is not ruled out was gone through.
    ruled_out : those known to be ruled out by hand, or out of bounds.
    stage : what is being done, in words.
    """

    quest: Quest
    runs: Runs
    screen: Screen
    status: str = RUNNING
    answer: list[Place] = field(default_factory=list)
    in_order: bool = False
    narrowed: bool = False
    ruled_out: set[Place] = field(default_factory=set)
    stage: str = ""
    told: Callable[[Search], None] | None = None
    tries: Tries = field(init=False)

    def __post_init__(self) -> None:
        self.tries = Tries(self.quest, self.runs)

    def begin(self, stage: str) -> None:
        """Tell what is being done."""
        self.stage = stage
        if self.told:
            self.told(self)

    def objectives(self, trial: Trial) -> tuple[float, ...] | None:
        """Return what is minimised, of a layout that was tried; None if a run lacks a figure."""
        totals = self.quest.totals(trial.place)
        found = [totals.get(name, trial.mean(name)) for name in self.quest.aims.minimised]
        return None if None in found else tuple(value for value in found if value is not None)

    def is_out(self, place: Place) -> bool:
        """Return whether a layout is not to be simulated: out of bounds, or ruled out by hand."""
        if not self.quest.aims.in_bounds(self.quest.space.values(place)):
            return True
        if not self.quest.effort.exhaustive and self.screen.rules_out(place):
            self.ruled_out.add(place)
            return True
        return False

    def order(self, places: Iterable[Place]) -> list[Place]:
        """Return layouts in ascending order of cost; of those that cost the same, the quickest by hand first."""
        return sorted(
            places, key=lambda place: (self.quest.cost(place) or 0.0, self.screen.estimate_s(place) or 0.0, place)
        )


def run_search(search: Search) -> None:
    """Search, and confirm what is found, until nothing is left to try or to spend."""
    try:
        _search(search)
    except BudgetSpentError:
        search.status = BUDGET_SPENT
    else:
        search.status = FOUND if search.answer else NONE_PASSES


def _search(search: Search) -> None:
    quest, space = search.quest, search.quest.space
    few = space.size <= MOST_LISTED or quest.effort.exhaustive
    inside = (
        [p for p in space.places() if quest.aims.in_bounds(space.values(p))] if few else [search.screen.narrowed(1.0)]
    )
    search.begin("estimating by hand")
    pilot = search.screen.nearest_to_limit(inside)
    if pilot is not None:
        search.begin("one run to set the estimates right")
        search.screen.set_right(pilot, search.runs.get((pilot, 0)))
    left = [place for place in inside if not search.is_out(place)] if few else []
    search.in_order = few and (len(left) <= MOST_IN_ORDER or quest.effort.exhaustive)
    search.runs.whole = not search.in_order  # by how much layouts fail leads the sampler
    one_total = quest.cost(space.top) is not None
    if search.in_order and one_total:
        _first_that_passes(search, search.order(left))
        return
    if search.in_order:
        candidates = _look_at_all(search, left)
    else:
        search.begin("sampling")
        candidates = sample(search, left)
    if one_total:
        _first_that_passes(search, search.order(candidates))
        _narrow(search)
    else:
        _confirm_front(search, candidates)


def _first_that_passes(search: Search, places: Sequence[Place]) -> None:
    """Test layouts in order until one passes; all of them, if so asked."""
    for k, place in enumerate(places):
        search.begin(f"testing {k + 1} of at most {len(places)} layouts, cheapest first")
        passed = search.tries.settle(place, places[k + 1 :]).verdict == PASS
        if passed and not search.answer and search.tries.is_confirmed(place):
            search.answer = [place]
            if not search.quest.effort.exhaustive:
                return


def _look_at_all(search: Search, places: Sequence[Place]) -> list[Place]:
    """Make a few runs of every layout; return those that may pass."""
    for k, place in enumerate(places):
        search.begin(f"looking at {k + 1} of {len(places)} layouts")
        search.tries.look_at(place, places[k + 1 :])
    return [place for place in places if search.tries.trials[place].may_pass]


def _narrow(search: Search) -> None:
    """Go from the answer to a cheaper layout one step away in one key that passes, as long as there is one."""
    if not search.answer:
        return
    while True:
        here = search.answer[0]
        below = [p for p in search.order(search.quest.space.one_step_down(here)) if not search.is_out(p)]
        cheaper = [p for p in below if (search.quest.cost(p) or 0.0) < (search.quest.cost(here) or 0.0)]
        for k, place in enumerate(cheaper):
            search.begin(f"trying {k + 1} of {len(cheaper)} layouts one step narrower")
            if search.tries.passes(place, cheaper[k + 1 :]):
                search.answer = [place]
                break
        else:
            search.narrowed = True
            return


def _confirm_front(search: Search, candidates: Iterable[Place]) -> None:
    """Test the layouts that no other is better than, without those that fail, until all that are left pass."""
    left = {place: values for place in candidates if (values := search.objectives(search.tries.trials[place]))}
    single = len(search.quest.aims.minimised) == 1
    passed: list[Place] = []
    while front := [place for place in not_dominated(left) if place not in passed]:
        front.sort(key=lambda place: (left[place], place))
        search.begin(f"testing {len(front)} of the best layouts")
        if search.tries.passes(front[0], front[1:]):
            passed.append(front[0])
            search.answer = passed
            if single:
                return
        else:
            del left[front[0]]


def not_dominated(values: dict[Place, tuple[float, ...]]) -> list[Place]:
    """Return the layouts that no other is as good as in everything and better in something."""

    def better(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
        return one != other and all(a <= b for a, b in zip(one, other, strict=True))

    return [place for place, own in values.items() if not any(better(one, own) for one in values.values())]
