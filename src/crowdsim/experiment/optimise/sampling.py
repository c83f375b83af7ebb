"""Samples of layouts where the cheapest that pass are likely to be: Optuna's tree-structured Parzen estimator."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crowdsim.errors import MissingExtraError
from crowdsim.experiment.optimise.screen import EGRESS_TIME
from crowdsim.experiment.optimise.space import Place, Space

if TYPE_CHECKING:
    from crowdsim.experiment.optimise.search import Search

STUDY = "study.log"
"""Optuna's journal of the search, for its dashboard; a search that goes on is played anew from the runs, and writes it
anew: the state of a sampler is in no storage, so only so the same layouts are asked for as without the interrupt."""

BATCH = 4
"""Layouts asked for at a time, whatever the number of processes, so that the search does not depend on it."""

MOST_ASKED, STALE = 600, 100
"""The sampling ends after so many layouts, or after so many on end that brought nothing cheaper that may pass (our
choice: most of them are known to be too dear, or too slow by hand, and take no run)."""

SHARES = (0.8, 0.9, 1.0, 1.1, 1.25)
"""Shares of the limit to which the estimate by hand is narrowed down for the first layouts (our choice)."""


def sample(search: Search, left: Sequence[Place]) -> list[Place]:
    """Look at layouts that are sampled; return those that may pass.

    Parameters
    ----------
    left : all that are not ruled out; empty if they are too many to list.

    Raises
    ------
    MissingExtraError
        If Optuna is not installed.
    """
    optuna = import_optuna()
    space, quest = search.quest.space, search.quest
    path = search.runs.folder / STUDY
    path.unlink(missing_ok=True)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    study = optuna.create_study(
        storage=storage,
        study_name=quest.scenario.name,
        directions=["minimize"] * len(quest.aims.minimised),
        sampler=optuna.samplers.TPESampler(seed=quest.scenario.config.seed % 2**32, multivariate=True),
    )
    for place in _first(search, left):
        study.enqueue_trial(dict(zip(space.keys, place, strict=True)), skip_if_exists=True)
    best: float | None = None
    found: dict[Place, None] = {}
    stale = asked = 0
    while asked < MOST_ASKED and stale < STALE:
        trials = [study.ask(_distributions(optuna, space)) for _ in range(BATCH)]
        places = [tuple(trial.params[key] for key in space.keys) for trial in trials]
        wanted = [place for place in places if _is_worth_a_run(search, place, best)]
        for k, (trial, place) in enumerate(zip(trials, places, strict=True)):
            asked, stale = asked + 1, stale + 1
            search.begin(f"sampling: {asked} layouts, {len(found)} may pass")
            if _is_worth_a_run(search, place, best):
                tried = search.tries.look_at(place, [one for one in places[k + 1 :] if one in wanted])
                if tried.may_pass and place not in found:
                    found[place] = None
                    cost = quest.cost(place)
                    if cost is None or best is None or cost < best:
                        best, stale = cost, 0
            _tell(study, trial, search, place)
    with suppress(OSError):
        path.with_name(f"{STUDY}.lock").unlink(missing_ok=True)
    return list(found)


def _is_worth_a_run(search: Search, place: Place, best: float | None) -> bool:
    cost = search.quest.cost(place)
    return not search.is_out(place) and not (cost is not None and best is not None and cost > best)


def _tell(study: Any, trial: Any, search: Search, place: Place) -> None:
    """Tell Optuna what a layout came to: by its runs, or else by the estimate; without either, that it was given up."""
    tried = search.tries.trials.get(place)
    totals = search.quest.totals(place)
    values = search.objectives(tried) if tried else None
    if values is None and len(totals) == len(search.quest.aims.minimised):
        values = tuple(totals.values())
    estimate_s = search.screen.estimate_s(place)
    if tried:
        beyond = tried.beyond
    elif not search.quest.aims.in_bounds(search.quest.space.values(place)):
        beyond = 1.0
    else:
        beyond = max(estimate_s / search.screen.limit_s - 1, 0.0) if estimate_s else 0.0
    trial.set_user_attr("runs", tried.tally.replications if tried else 0)
    if estimate_s is not None:
        trial.set_user_attr(f"{EGRESS_TIME} by hand", estimate_s)
    if values is None:
        study.tell(trial, state=_state("FAIL"))
        return
    trial.set_constraint("beyond the limit", beyond)
    study.tell(trial, values)


def _first(search: Search, left: Sequence[Place]) -> list[Place]:
    """Return the layouts to begin with: the largest, and narrow ones that keep to the limit by hand."""
    space, screen = search.quest.space, search.screen
    middle = tuple(k // 2 for k in space.top)
    narrow = [screen.narrowed(share) for share in SHARES] if screen.ways else []
    cheapest = search.order(left)[:BATCH] if not screen.ways else []
    return list(dict.fromkeys([space.top, middle, *narrow, *cheapest]))


def _distributions(optuna: Any, space: Space) -> dict[str, Any]:
    return {ladder.key: optuna.distributions.IntDistribution(0, len(ladder.values) - 1) for ladder in space.ladders}


def _state(name: str) -> Any:
    return import_optuna().trial.TrialState[name]


def import_optuna() -> Any:
    """Return Optuna, which says nothing but warnings; raises MissingExtraError if it is not installed."""
    try:
        import optuna  # noqa: PLC0415
    except ImportError as error:
        msg = "more layouts than can be gone through one by one need Optuna: pip install 'crowdsim[search]'"
        raise MissingExtraError(msg) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
