"""A sweep before it is run: its points, seeds, and what tells its runs apart."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

from crowdsim.config import load_scenario, resolved_yaml
from crowdsim.config.axes import SEED, Axis, read_sweeping
from crowdsim.errors import Problem, ScenarioError
from crowdsim.experiment.sweep.design import GRID, SALTELLI, Point, each_alone, find_problems, make_points
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import venue_text

COMMAND_LINE = "command line"
REPLICATIONS, UNTIL, STOP = "--replications", "--until", "--stop-when-failed"

LEAST_RUNS = 5
"""Runs of an arm before the width of an interval is looked at (our choice: with fewer, two runs alike by chance end an
arm too early; a sequential interval of fixed width holds in the limit of narrow widths only, Chow and Robbins 1965)."""

MOST_RUNS = 200
"""Runs of an arm at most while its intervals are too wide, unless another number is asked for (our choice)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a sweep besides the overrides.

    Attributes
    ----------
    replications : runs of every point, or, with `until`, the most; None for one, or `MOST_RUNS`.
    until : `FIGURE=HALF_WIDTH`: half the width that the 95 % interval of a figure's mean may have at the most.
    stop_when_failed : stop runs as soon as a criterion has failed for certain; these have no figures.
    """

    design: str = GRID
    samples: int | None = None
    replications: int | None = None
    until: tuple[str, ...] = ()
    stop_when_failed: bool = False


@dataclass(frozen=True)
class Plan:
    """What a sweep simulates.

    Attributes
    ----------
    scenario : with all that has one value, in one thread and without pictures.
    points : the arms, in order.
    seeds : of every arm, in order: common random numbers.
    axes : the keys that are varied, and their values.
    until : half the width that the 95 % interval of a figure's mean may have, by figure; empty for all seeds.
    """

    scenario: Scenario
    wish: Wish
    points: tuple[Point, ...]
    seeds: tuple[int, ...]
    axes: tuple[Axis, ...]
    until: dict[str, float]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are varied."""
        return tuple(axis.key for axis in self.axes)

    @cached_property
    def texts(self) -> tuple[str, str]:
        """Configuration and venue of the scenario, as they are written into the folder."""
        return resolved_yaml(self.scenario), venue_text(self.scenario.features)

    @cached_property
    def base_sha256(self) -> str:
        """Hash of configuration and venue, whatever the seed, and of the version that simulates them."""
        base = replace(self.scenario, config=replace(self.scenario.config, seed=0))
        told = (version("crowdsim"), resolved_yaml(base), self.texts[1])
        return hashlib.sha256("\0".join(told).encode()).hexdigest()

    def run_of(self, point: Point, seed: int) -> str:
        """Return what tells a run from all others: the same run has the same name in every sweep of the scenario."""
        told = json.dumps([self.base_sha256, sorted(point.overrides), seed])
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def make_plan(source: str, overrides: Sequence[str], wish: Wish, found: Sequence[Problem] = ()) -> Plan:
    """Read a scenario and what is varied of it.

    Parameters
    ----------
    found : problems that are known already, to be told with the others.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the scenario, with what is asked for, and with any value that is varied.
    """
    sweeping, problems = read_sweeping(overrides)
    problems += [*found, *find_problems(wish.design, sweeping.axes, wish.samples)]
    until, more = _read_until(wish.until)
    problems += more
    if sweeping.seeds and wish.replications is not None:
        allowed = f"either a list of seeds or {REPLICATIONS}"
        problems.append(Problem(COMMAND_LINE, SEED, "a list of seeds and a number of replications", allowed))
    if wish.stop_when_failed:
        needing = [UNTIL] if wish.until else []
        needing += [f"--design {SALTELLI}"] if wish.design == SALTELLI else []
        problems += [Problem(COMMAND_LINE, STOP, one, f"{STOP} without it: it needs all figures") for one in needing]
    scenario, mistakes = _try(source, sweeping.fixed)
    problems += mistakes
    if scenario is None:
        raise ScenarioError(problems)
    for alone in each_alone(sweeping.axes):
        problems = _without_repeats([*problems, *_try(source, (*sweeping.fixed, *alone))[1]])
    if problems:
        raise ScenarioError(problems)
    config = replace(scenario.config, threads=1, output=replace(scenario.config.output, plots=False))
    first = scenario.config.seed
    most = wish.replications or (MOST_RUNS if until else 1)
    points = make_points(wish.design, sweeping.axes, wish.samples, first)
    return Plan(
        replace(scenario, config=config),
        wish,
        tuple(points),
        sweeping.seeds or tuple(range(first, first + most)),
        sweeping.axes,
        until,
    )


def _without_repeats(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems, those of several values of a key once if they differ in the value only where they say where."""
    first: dict[tuple[str, ...], Problem] = {}
    for one in problems:
        first.setdefault((one.file, one.where.partition("=")[0], one.found, one.allowed), one)
    return list(first.values())


def _try(source: str, overrides: Sequence[str]) -> tuple[Scenario | None, list[Problem]]:
    try:
        return load_scenario(source, overrides), []
    except ScenarioError as error:
        return None, list(error.problems)


def _read_until(texts: Sequence[str]) -> tuple[dict[str, float], list[Problem]]:
    """Return figures and half widths, and every text that says none."""
    found, problems = {}, []
    for text in texts:
        figure, _, width = text.partition("=")
        try:
            value = float(width)
        except ValueError:
            value = math.nan
        if figure and math.isfinite(value) and value > 0:
            found[figure] = value
        else:
            problems.append(Problem(COMMAND_LINE, UNTIL, repr(text), "FIGURE=HALF_WIDTH, such as egress_time_s=2"))
    return found, problems
