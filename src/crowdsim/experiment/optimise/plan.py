"""An optimisation before it is run: what is varied, what is asked for, how sure its answer is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crowdsim.config import load_scenario
from crowdsim.errors import Problem, ScenarioError
from crowdsim.experiment.optimise.aims import TOTALS, Aims, read_aims, total
from crowdsim.experiment.optimise.space import Place, Space, read_space
from crowdsim.experiment.sequential import Rule
from crowdsim.experiment.sweep.design import Point
from crowdsim.experiment.sweep.plan import Plan
from crowdsim.experiment.sweep.plan import Wish as SweepWish
from crowdsim.scenario.feature import Scenario

MOST_REPLICATIONS = 200
"""Runs of a layout at most (as `check` makes): one that is not settled by then does not pass."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, as it is written on the command line.

    Attributes
    ----------
    vary : `KEY=LOW..HIGH[:STEP]` or `KEY=A,B,C`; `*` in a key stands for all that have it.
    minimise : one total or figure, or two for a front.
    subject_to : `verdict=pass` or `FIGURE<=VALUE`; none for the verdict.
    """

    vary: tuple[str, ...]
    minimise: tuple[str, ...] = ("total_width",)
    subject_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """How much may be spent.

    Attributes
    ----------
    replications : runs of a layout at most.
    budget_runs : runs in all; None for no limit.
    jobs : runs at a time.
    exhaustive : every layout is tried, whatever is known of it.
    stop_when_failed : runs are stopped as soon as a criterion has failed for certain, where only the verdict counts.
    """

    replications: int = MOST_REPLICATIONS
    budget_runs: int | None = None
    jobs: int = 1
    exhaustive: bool = False
    stop_when_failed: bool = True


@dataclass(frozen=True)
class Quest:
    """What is looked for.

    Attributes
    ----------
    scenario : with all that is set besides, in one thread and without pictures.
    source, overrides : as they were given.
    rule : when enough runs of a layout hold.
    """

    scenario: Scenario
    source: str
    overrides: tuple[str, ...]
    space: Space
    aims: Aims
    rule: Rule
    effort: Effort

    @cached_property
    def runs(self) -> Plan:
        """The runs as those of a sweep without points of its own: what tells them apart, and what is in the folder."""
        return Plan(self.scenario, SweepWish(), (), (), (), {})

    def run_of(self, place: Place, seed: int) -> str:
        """Return what tells a run from all others: as in a sweep of the same scenario."""
        return self.runs.run_of(Point(0, self.space.overrides(place), {}), seed)

    @property
    def stops(self) -> bool:
        """Whether runs that have failed are stopped: if they may be, and if nothing but their verdict is asked for."""
        return self.effort.stop_when_failed and not self.aims.limits and not self.aims.figures

    def cost(self, place: Place) -> float | None:
        """Return what is minimised if it is a total, known without a run; None if it is a figure, or two aims."""
        if len(self.aims.minimised) > 1 or self.aims.figures:
            return None
        return total(self.aims.minimised[0], self.space.values(place))

    def totals(self, place: Place) -> dict[str, float]:
        """Return the totals among what is minimised."""
        values = self.space.values(place)
        return {name: total(name, values) for name in self.aims.minimised if name in TOTALS}


def make_quest(
    source: str,
    overrides: Sequence[str],
    wish: Wish,
    rule: Rule,
    effort: Effort,
    found: Sequence[Problem] = (),
) -> Quest:
    """Read a scenario and what is asked for.

    Parameters
    ----------
    found : problems that are known already, to be told with the others.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the scenario and with what is asked for; or else with the least and the
        greatest layout.
    """
    problems = list(found)
    try:
        scenario = load_scenario(source, overrides)
    except ScenarioError as error:
        _, more = read_aims(wish.minimise, wish.subject_to, ())
        raise ScenarioError([*problems, *error.problems, *more]) from error
    space, more = read_space(wish.vary, scenario)
    problems += more
    aims, more = read_aims(wish.minimise, wish.subject_to, space.keys)
    problems += more
    ends = [tuple(0 for _ in space.ladders), space.top] if not problems else []
    for place in dict.fromkeys(ends):
        try:
            load_scenario(source, (*overrides, *space.overrides(place)))
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ScenarioError(problems)
    config = replace(scenario.config, threads=1, output=replace(scenario.config.output, plots=False))
    return Quest(replace(scenario, config=config), source, tuple(overrides), space, aims, rule, effort)
