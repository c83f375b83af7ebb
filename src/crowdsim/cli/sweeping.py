"""What `crowdsim sweep` does between its options and the screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from crowdsim.cli.late_bar import LateBar
from crowdsim.cli.sweep_screen import SweepWatcher, print_swept
from crowdsim.config.axes import read_sweeping
from crowdsim.errors import ScenarioError
from crowdsim.experiment.engines.choose import choose_engine
from crowdsim.experiment.sweep.design import SALTELLI
from crowdsim.experiment.sweep.indices import Index, sobol_indices
from crowdsim.experiment.sweep.plan import Wish, make_plan
from crowdsim.experiment.sweep.sweep import PLOTS, Sweep, run_sweep
from crowdsim.experiment.sweep.table import DONE
from crowdsim.record.dated import dated_folder

INDICES = "indices.json"
"""Sobol' indices of each figure, or why there are none."""


def sweep_scenario(
    console: Console,
    source: str,
    overrides: Sequence[str],
    out: Path | None,
    wish: Wish,
    *,
    figures: Sequence[str],
    keep: bool,
    force: bool,
    as_json: bool,
) -> bool:
    """Sweep a scenario; return whether every run came to its end.

    Parameters
    ----------
    figures : that are drawn over what is varied; none for the standard ones.

    Raises
    ------
    ScenarioError
        With everything wrong with the options or with the scenario.
    RunFolderError
        If the folder cannot be written or holds something else.
    """
    sweeping, _ = read_sweeping(overrides)
    engine, problems = choose_engine(sweeping.launcher, sweeping.settings)
    plan = make_plan(source, overrides, wish, problems)
    if engine is None:  # which was a problem of the plan
        raise ScenarioError(problems)
    folder = out or dated_folder(Path("outputs") / plan.scenario.name)
    with SweepWatcher(console) as watcher:
        try:
            sweep = run_sweep(plan, folder, engine, force=force, keep=keep, watcher=watcher)
        except KeyboardInterrupt:
            text = f"What was computed is in {folder}; the same command with --out {folder} goes on from there"
            console.print(text, highlight=False, markup=False, soft_wrap=True)
            raise
    with LateBar(console) as bar:
        bar.show("drawing", None)
        from crowdsim.experiment.sweep.pictures import STANDARD, draw  # noqa: PLC0415 matplotlib is slow to load

        title, design = plan.scenario.config.title, plan.wish.design
        found = _indices(sweep, figures or STANDARD)
        drawn = draw(title, design, plan.keys, sweep.rows(), figures or STANDARD, found, folder / PLOTS)
    document = sweep.document()
    if as_json:
        typer.echo(json.dumps(document | {"folder": str(folder)}, allow_nan=False))
    else:
        print_swept(console, sweep, folder, drawn, found)
    return not document["failed"]


def _indices(sweep: Sweep, figures: Sequence[str]) -> dict[str, list[Index] | str]:
    """Return the Sobol' indices of figures, and write them beside the table; none for other designs."""
    plan = sweep.plan
    if plan.wish.design != SALTELLI or not plan.wish.samples:
        return {}
    rows = [row for row in sweep.rows() if row["status"] == DONE]
    overrides = {point.number: point.overrides for point in plan.points}
    seed = plan.scenario.config.seed
    found = {figure: sobol_indices(plan.axes, plan.wish.samples, seed, rows, overrides, figure) for figure in figures}
    told = {key: one if isinstance(one, str) else [asdict(index) for index in one] for key, one in found.items()}
    (sweep.folder / INDICES).write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return found
