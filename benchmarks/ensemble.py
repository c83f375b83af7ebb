"""Runs a minute of a sweep of a 1,000-person room, and of the same sweep on JuPedSim driven by multiprocessing.

`python -m benchmarks.ensemble --runs 500 --peer-runs 40` on as many processes as there are cores (`--processes`).
Half of theirs are made before our sweep and half after it, so that other work on the machine meets both. JuPedSim gets
the same hall, start places, free speeds, radii and parameters, and writes positions as often as ours are recorded; it
is run with our step and with the one of its own examples, 0.01 s. Ours measures and judges each run besides, theirs
does not.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from crowdsim.experiment.engines.choose import LocalEngine, cores
from crowdsim.experiment.sweep.plan import Wish, make_plan
from crowdsim.experiment.sweep.sweep import run_sweep

ROOM = Path(__file__).parent / "room"
TURNS = 2
"""Times that JuPedSim's runs are made: before our sweep and after it."""

OWN_STEP_S = 0.01
"""Step of JuPedSim's examples."""

OWN_STEP_RUNS = 2
"""Runs of each process with it in a turn: each takes five times as long."""


def ours(runs: int, processes: int, folder: Path) -> tuple[float, list[float]]:
    """Return the wall time of a sweep over so many seeds [s], processes' start included, and the egress times [s]."""
    plan = make_plan(str(ROOM), [f"seed=range(1,{runs + 1})"], Wish())
    began = time.perf_counter()
    sweep = run_sweep(plan, folder, LocalEngine(processes))
    wall_s = time.perf_counter() - began
    return wall_s, [row["egress_time_s"] for row in sweep.rows()]


def people_of(seed: int) -> dict[str, Any]:
    """Return who is in the room: places, free speeds, bodies and parameters."""
    from crowdsim import CrowdModel, load_scenario  # noqa: PLC0415

    scenario = load_scenario(str(ROOM), [f"seed={seed}", "threads=1"])
    people = CrowdModel(scenario).population
    columns = ("x", "y", "free_speed", "radius", "time_gap", "strength", "range")
    return {name: getattr(people, name).tolist() for name in columns} | {
        "wall_strength": scenario.config.movement.wall_strength,
        "wall_range_m": scenario.config.movement.wall_range_m,
        "step_s": scenario.config.movement.step_s,
        "sample_s": scenario.config.output.sample_interval_s,
    }


def theirs(job: tuple[dict[str, Any], float]) -> float:
    """Make one run on JuPedSim until everyone has left; return the egress time [s]."""
    import jupedsim  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    people, step_s = job
    with tempfile.TemporaryDirectory() as folder:
        writer = jupedsim.SqliteTrajectoryWriter(
            output_file=Path(folder) / "run.sqlite", every_nth_frame=round(people["sample_s"] / step_s)
        )
        simulation = jupedsim.Simulation(
            model=jupedsim.CollisionFreeSpeedModelV2(), geometry=shapely.box(0, 0, 30, 25), dt=step_s,
            trajectory_writer=writer,
        )  # fmt: skip
        exits = [simulation.add_exit_stage(shapely.box(x, 10, x + 0.5, 14)) for x in (0, 29.5)]
        journeys = [simulation.add_journey(jupedsim.JourneyDescription([stage])) for stage in exits]
        for k, x in enumerate(people["x"]):
            side = int(x > 15)
            simulation.add_agent(
                jupedsim.CollisionFreeSpeedModelV2AgentParameters(
                    position=(x, people["y"][k]), journey_id=journeys[side], stage_id=exits[side],
                    desired_speed=people["free_speed"][k], radius=people["radius"][k], time_gap=people["time_gap"][k],
                    strength_neighbor_repulsion=people["strength"][k], range_neighbor_repulsion=people["range"][k],
                    strength_geometry_repulsion=people["wall_strength"],
                    range_geometry_repulsion=people["wall_range_m"],
                )
            )  # fmt: skip
        while simulation.agent_count() and simulation.elapsed_time() < 600:
            simulation.iterate()
        return float(simulation.elapsed_time())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--peer-runs", type=int, default=40)
    parser.add_argument("--processes", type=int, default=cores())
    wanted = parser.parse_args()
    people = [people_of(seed) for seed in range(1, wanted.peer_runs + 1)]
    steps = {"same step": people[0]["step_s"], "own step": OWN_STEP_S} if people else {}
    rates: dict[str, list[float]] = {name: [] for name in steps}
    egress: dict[str, list[float]] = {name: [] for name in steps}
    with tempfile.TemporaryDirectory() as scratch, multiprocessing.get_context("spawn").Pool(wanted.processes) as pool:
        pool.map(len, [()] * wanted.processes)  # started: that is not timed

        def peer(turn: int) -> None:
            for name, step_s in steps.items():
                mine = people[turn::TURNS][: None if step_s > OWN_STEP_S else OWN_STEP_RUNS * wanted.processes]
                began = time.perf_counter()
                egress[name] += pool.map(theirs, [(one, step_s) for one in mine], chunksize=1)
                rates[name].append(60 * len(mine) / (time.perf_counter() - began))

        peer(0)
        wall_s, times = ours(wanted.runs, wanted.processes, Path(scratch) / "sweep")
        peer(1)
    ours_a_minute = 60 * wanted.runs / wall_s
    told: dict[str, Any] = {
        "crowdsim": {"wall_s": wall_s, "runs_a_minute": ours_a_minute, "mean_egress_s": statistics.mean(times)}
    }
    for name, each in rates.items():
        mean = statistics.harmonic_mean(each)
        told[name] = {
            "runs_a_minute": mean,
            "each": each,
            "mean_egress_s": statistics.mean(egress[name]),
            "ratio": ours_a_minute / mean,
        }
    print(json.dumps({"runs": wanted.runs, "processes": wanted.processes, "rates": told}, indent=1))


if __name__ == "__main__":
    main()
