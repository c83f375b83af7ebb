"""What `crowdsim bench` does between its options and the screen."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console

from crowdsim.bench import peers
from crowdsim.bench.against import DEFAULT_BAND, FEWEST_PAIRS, OPTION, measure_against
from crowdsim.bench.reading import COMMAND_LINE, read_workload
from crowdsim.bench.runs import measure_alone, measure_with_peer
from crowdsim.cli.bar import counting_bar
from crowdsim.cli.bench_screen import print_measured
from crowdsim.errors import Problem, ScenarioError

DEFAULT_REPEATS, DEFAULT_PAIRS = 3, 5
"""Repeats of a measurement alone, and in turns with another."""


def bench(
    console: Console,
    overrides: Sequence[str],
    *,
    peer: str | None,
    against: str | None,
    band: float | None,
    repeats: int | None,
    as_json: bool,
) -> bool:
    """Measure what the options say and show it; return whether it is not slower than what it was compared with."""
    work, problems = read_workload(overrides)
    problems += _find_problems(peer, against, band, repeats)
    if peer and not problems:
        problems += peers.find_problems(work, peer)
    if problems:
        raise ScenarioError(problems)
    version = peers.version_of(peer) if peer else ""
    repeats = repeats or (DEFAULT_PAIRS if peer or against else DEFAULT_REPEATS)
    with counting_bar(console) as progress:
        task = progress.add_task("starting", total=repeats * (2 if peer or against else 1))

        def watch(done: int, text: str) -> None:
            progress.update(task, completed=done, description=text)

        result: dict[str, Any]
        if against:
            result = measure_against(work, against, DEFAULT_BAND if band is None else band, repeats, watch)
        elif peer:
            result = measure_with_peer(work, peer, version, repeats, watch)
        else:
            result = measure_alone(work, repeats, watch)
    if as_json:
        typer.echo(json.dumps(result, allow_nan=False))
    else:
        print_measured(console, result)
    return not result.get("slower", False)


def _find_problems(peer: str | None, against: str | None, band: float | None, repeats: int | None) -> list[Problem]:
    """Return what is wrong with the options, one by one and together."""
    problems = []
    if peer and peer not in peers.PEERS:
        problems += [peers.unknown(peer)]
    if peer and against:
        problems.append(Problem(COMMAND_LINE, f"--peer and {OPTION}", "both", "one of the two"))
    if band is not None and not against:
        problems.append(Problem(COMMAND_LINE, "--band", f"{band:g} without {OPTION}", f"{OPTION} with it"))
    elif band is not None and not 0 <= band < math.inf:
        problems.append(Problem(COMMAND_LINE, "--band", f"{band:g}", "a share of 0 or more, such as 0.1"))
    if against and repeats is not None and repeats < FEWEST_PAIRS:
        problems.append(Problem(COMMAND_LINE, "--repeats", f"{repeats} with {OPTION}", f"at least {FEWEST_PAIRS}"))
    return problems
