"""Other simulators that run the same case: which there are, what they can run, and what differs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crowdsim.bench.reading import COMMAND_LINE, load_small
from crowdsim.bench.workload import MOST, Workload
from crowdsim.config import load_scenario
from crowdsim.errors import MissingExtraError, Problem, suggest
from crowdsim.population import plan_population
from crowdsim.venue import build_venue

PEER_CASES = ("open", "bottleneck")
"""Cases with one exit and one way to it: the others rest on things that peers do not have in common."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another simulator.

    Attributes
    ----------
    package, module : its names for pip and for import.
    models : movement models of ours that it has too.
    most : attendees that it can take.
    notes : what differs when it runs a case.
    """

    package: str
    module: str
    models: tuple[str, ...]
    most: int
    notes: tuple[str, ...]


PEERS = {
    "jupedsim": Peer(
        package="jupedsim",
        module="jupedsim",
        models=("collision_free_speed", "anticipation_velocity", "social_force"),
        most=MOST,
        notes=(
            "same geometry, start positions, radii, free speeds, model class, parameters of that class and step",
            "JuPedSim runs on one thread",
            "JuPedSim steers everyone towards the centre of the exit, by routes on a mesh; "
            "crowdsim towards its nearest point, by a field",
            "attendees leave JuPedSim at the exit line; crowdsim lets them walk on for a metre",
            "details of the models differ, walls and the ways of pushing through among them",
        ),
    ),
    "rvo2": Peer(
        package="pyrvo",
        module="pyrvo",
        models=("optimal_reciprocal",),
        most=MOST,
        notes=(
            "same geometry, start positions, radii, free speeds, time horizons, number of neighbours and step",
            "RVO2 through its binding pyrvo, on one thread, in single precision",
            "RVO2 has no navigation: attendees are steered straight to the exit from Python; that is not timed",
            "nobody is taken out of RVO2: all attendees count at every step",
        ),
    ),
    "pysocialforce": Peer(
        package="pysocialforce",
        module="pysocialforce",
        models=("social_force",),
        most=3_000,
        notes=(
            "same geometry, start positions, free speeds and step; groups off",
            "PySocialForce has another social force model: no contact, one radius for everyone",
            "it compares everyone with everyone; walls are rows of points, ten a metre",
            "attendees walk straight to the exit and nobody is taken out: all count at every step",
        ),
    ),
}


def unknown(name: str) -> Problem:
    """Return what to say of a peer that is not known."""
    return Problem(COMMAND_LINE, "--peer", repr(name), suggest(name, PEERS))


def find_problems(work: Workload, name: str) -> list[Problem]:
    """Return what keeps a known peer from running a workload."""
    peer, problems = PEERS[name], []
    if work.case not in PEER_CASES:
        found = f"{name!r} for case={work.case}"
        problems.append(Problem(COMMAND_LINE, "--peer", found, f"case={' or case='.join(PEER_CASES)}"))
    model = load_small(work).config.movement.model
    if model not in peer.models:
        able = [other for other, each in PEERS.items() if model in each.models]
        found = f"{name!r}, which does not have the model of movement={work.movement} ({model})"
        problems.append(Problem(COMMAND_LINE, "--peer", found, f"a peer that has it: {', '.join(able)}"))
    if work.n > peer.most:
        problems.append(Problem(COMMAND_LINE, f"'n={work.n}'", f"n={work.n}", f"at most {peer.most:,} for {name}"))
    return problems


def version_of(name: str) -> str:
    """Return the installed version of a peer; raises MissingExtraError if it is not installed."""
    peer = PEERS[name]
    if importlib.util.find_spec(peer.module) is None:
        msg = f'--peer {name} needs {peer.package}, which is not installed: pip install "crowdsim[peers]"'
        raise MissingExtraError(msg)
    return importlib.metadata.version(peer.package)


def write_job(work: Workload, name: str, folder: Path) -> dict[str, Any]:
    """Write down what a peer needs to run the case in a folder; return the job for its process."""
    scenario = load_scenario(folder, work.overrides())
    venue = build_venue(scenario)
    people = plan_population(scenario, venue)
    way_out = venue.exits["out"]
    attendees = folder / "attendees.npz"
    np.savez(
        attendees,
        x=people.x,
        y=people.y,
        free_speed=people.free_speed,
        radius=people.radius,
        time_gap=people.time_gap,
        strength=people.strength,
        range=people.range,
    )
    ends = way_out.line.coords if way_out.line else ()
    movement = asdict(scenario.config.movement)
    return {
        "engine": name,
        "steps": work.steps,
        "movement": movement,
        "attendees": str(attendees),
        "walkable": venue.walkable.wkt,
        "exit": way_out.area.wkt,
        "exit_line": [list(point) for point in ends],
    }
