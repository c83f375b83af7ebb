"""Optimising a scenario's layout: the folder, the search, and what was shown of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crowdsim.assess import PASS
from crowdsim.experiment.optimise.claim import claim_of
from crowdsim.experiment.optimise.plan import Quest
from crowdsim.experiment.optimise.runs import Runs
from crowdsim.experiment.optimise.screen import MARGIN, Screen, make_screen
from crowdsim.experiment.optimise.search import Search, run_search
from crowdsim.experiment.optimise.trying import Trial
from crowdsim.experiment.sweep.sweep import OPTIMISE, Engine, open_folder, written
from crowdsim.experiment.sweep.table import RESULTS, write_document, write_results


@dataclass
class Optimised:
    """An optimisation as far as it is."""

    search: Search
    folder: Path
    wall_s: float = 0.0

    @property
    def status(self) -> str:
        """Why the search ended; `running` before."""
        return self.search.status

    @status.setter
    def status(self, status: str) -> None:
        self.search.status = status

    def document(self) -> dict[str, Any]:
        """Return the content of `optimise.json`."""
        search = self.search
        quest, runs, rule = search.quest, search.runs, search.quest.rule
        tried = search.tries.trials.values()
        return {
            "crowdsim_version": version("crowdsim"),
            "scenario": quest.scenario.name,
            "title": quest.scenario.config.title,
            "base_sha256": quest.runs.base_sha256,
            "seed": quest.scenario.config.seed,
            "minimised": list(quest.aims.minimised),
            "subject_to": quest.aims.told,
            "bounds": [bound.text for bound in quest.aims.bounds],
            "rule": {
                "required_share": rule.required_share,
                "bad_share": rule.bad,
                "good_share": rule.good,
                "error_pass": rule.error_pass,
                "error_fail": rule.error_fail,
            },
            "varied": [{"key": ladder.key, "values": list(ladder.values)} for ladder in quest.space.ladders],
            "status": self.status,
            "claim": claim_of(search),
            "answer": [self._layout(search.tries.trials[place]) for place in search.answer],
            "confirmations": [self._layout(trial) for trial in search.tries.confirmations.values()],
            "layouts": {
                "all": quest.space.size,
                "tried": len(tried),
                "passed": sum(trial.verdict == PASS for trial in tried),
                "ruled_out_by_hand": len(search.ruled_out),
                "in_order": search.in_order,
            },
            "by_hand": _by_hand(search.screen),
            "runs": {"asked": runs.asked, "made": runs.made, "taken_over": runs.taken_over, "stopped": runs.stopped},
            "failed": [{key: row[key] for key in ("arm", "seed", "run", "error")} for row in runs.failed],
            "trials": [self._layout(trial) for trial in tried],
            "performance": {"wall_s": self.wall_s},
        }

    def _layout(self, trial: Trial) -> dict[str, Any]:
        search, tally = self.search, trial.tally
        objectives = search.objectives(trial)
        minimised = search.quest.aims.minimised
        return {
            "overrides": list(search.quest.space.overrides(trial.place)),
            "objectives": dict(zip(minimised, objectives, strict=True)) if objectives else None,
            "verdict": trial.verdict,
            "passed": tally.passed,
            "failed": tally.failed,
            "undecided": tally.undecided,
            "estimate_s": search.screen.estimate_s(trial.place),
        }


def _by_hand(screen: Screen) -> dict[str, Any]:
    if screen.ways is None:
        return {"applies": False, "reason": screen.reason}
    return {"applies": True, "limit_s": screen.limit_s, "margin": MARGIN, "factor": screen.factor}


def optimise(
    quest: Quest,
    folder: Path,
    engine: Engine,
    *,
    force: bool = False,
    told: Callable[[Search], None] | None = None,
) -> Optimised:
    """Look for the cheapest layout that passes; all that is there is in the folder, whatever happens.

    A search that is begun again in the same folder takes the same course, with the runs that are there.

    Parameters
    ----------
    force : throw away what the folder holds.
    told : called when something new is done, and after runs.

    Raises
    ------
    RunFolderError
        If the folder cannot be written or holds something else.
    ScenarioError
        If a figure is named that runs do not have.
    MissingExtraError
        If Optuna is needed and not installed.
    KeyboardInterrupt
        If interrupted; what was computed is written first.
    """
    journal = open_folder(folder, quest.runs, force=force, document=OPTIMISE)
    runs = Runs(quest, folder, journal, engine)
    search = Search(quest, runs, make_screen(quest), told=told)
    if told:
        runs.told = lambda: told(search)
    optimised = Optimised(search, folder)
    with written(optimised, journal, _write):
        run_search(search)
    return optimised


def _write(optimised: Optimised) -> None:
    folder, search = optimised.folder, optimised.search
    write_results(folder / RESULTS, search.runs.rows(), search.quest.space.keys)
    write_document(folder / OPTIMISE, optimised.document())
