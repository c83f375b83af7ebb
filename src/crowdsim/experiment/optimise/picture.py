"""The picture of a search: cost against what is constrained, or one aim against the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crowdsim.assess import PASS
from crowdsim.experiment.optimise.aims import TOTALS
from crowdsim.experiment.optimise.screen import EGRESS_TIME
from crowdsim.experiment.optimise.search import Search
from crowdsim.experiment.optimise.trying import Trial
from crowdsim.experiment.sweep.pictures import PASSED
from crowdsim.experiment.sweep.table import criteria_of
from crowdsim.experiment.wording import CRITERION, label_of
from crowdsim.report.pareto import ANSWER, BY_HAND, FAILS, LOOKED_AT, PASSES, Layout, pareto_figure
from crowdsim.report.responses import Quantity
from crowdsim.report.style import DPI

PARETO = "pareto.png"

TIMES = (EGRESS_TIME, "criteria.egress_time.value")

UNITS = {"total_width": "total width of what is varied [m]", "total_servers": "servers in all"}


def draw(search: Search, folder: Path) -> str | None:
    """Draw a search into a folder and return the picture's name; None if no layout was tried."""
    across, upwards = axes_of(search)
    layouts = [*_ruled_out(search, across, upwards), *_tried(search, across, upwards)]
    if not layouts:
        return None
    title = f"{search.quest.scenario.config.title}: layouts that were tried"
    folder.mkdir(exist_ok=True)
    quantities = _quantity(search, across), _quantity(search, upwards)
    figure = pareto_figure(title, *quantities, layouts, counted=upwards == PASSED)
    figure.savefig(folder / PARETO, dpi=DPI)
    return PARETO


def axes_of(search: Search) -> tuple[str, str]:
    """Return what is drawn across and upwards: both aims, or the aim and what most runs fail by.

    Runs that were stopped as they had failed have no figures: then it is the share that passes.
    """
    aims = search.quest.aims
    if len(aims.minimised) > 1:
        return aims.minimised[0], aims.minimised[1]
    if aims.limits:
        return aims.minimised[0], aims.limits[0].figure
    if search.runs.stopped:
        return aims.minimised[0], PASSED
    failed = Counter(one["id"] for row in search.runs.rows() for one in criteria_of(row) if one["passed"] is False)
    worst = min(failed, key=lambda name: (-failed[name], name), default=None)
    return aims.minimised[0], f"criteria.{worst}.value" if worst else EGRESS_TIME


def _quantity(search: Search, name: str) -> Quantity:
    """Return a total or figure in words, with its limit."""
    limits = {limit.figure: limit.most for limit in search.quest.aims.limits}
    if search.screen.limit_s:
        limits.setdefault(EGRESS_TIME, search.screen.limit_s)
    if found := CRITERION.fullmatch(name):
        rows = [one for row in search.runs.rows() for one in criteria_of(row) if one["id"] == found[1]]
        return Quantity(f"{found[1].replace('_', ' ')} [{rows[0]['unit']}]", rows[0]["limit"])
    if name == PASSED:
        return Quantity(PASSED)
    return Quantity(UNITS.get(name) or label_of(name), limits.get(name))


def _tried(search: Search, across: str, upwards: str) -> Iterator[Layout]:
    for trial in search.tries.trials.values():
        totals = search.quest.totals(trial.place)
        if trial.rows:
            totals |= {PASSED: 100 * trial.tally.passed / trial.tally.replications}
        x, y = (totals.get(name, trial.mean(name)) for name in (across, upwards))
        if x is not None and y is not None:
            yield Layout(x, y, _kind(search, trial))


def _ruled_out(search: Search, across: str, upwards: str) -> Iterator[Layout]:
    """Yield those ruled out by hand where the estimate puts them, if that is what is drawn."""
    if across not in TOTALS or upwards not in TIMES:
        return
    for place in sorted(search.ruled_out):
        estimate_s = search.screen.estimate_s(place)
        if estimate_s is not None:
            yield Layout(search.quest.totals(place)[across], estimate_s, BY_HAND)


def _kind(search: Search, trial: Trial) -> str:
    if trial.place in search.answer:
        return ANSWER
    if trial.verdict == PASS:
        return PASSES
    return LOOKED_AT if trial.verdict is None and trial.may_pass else FAILS
