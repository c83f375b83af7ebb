"""Sweeps: every run once, in whatever order and however often the sweep is killed; designs; tables that others read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsim.config.axes import Choices, Interval, read_sweeping
from crowdsim.errors import RunFolderError, ScenarioError
from crowdsim.experiment.estimates import mean_of
from crowdsim.experiment.sweep.design import DESIGNS, SAMPLED, find_problems, make_points
from crowdsim.experiment.sweep.plan import LEAST_RUNS, Wish, make_plan
from crowdsim.experiment.sweep.sweep import run_sweep
from crowdsim.experiment.sweep.table import Journal, to_table
from crowdsim.experiment.worker import Outcome

ROOM = Path(__file__).parent / "room"
PERFORMANCE = "performance."


def crowdsim(*arguments, **more):
    command = [sys.executable, "-m", "crowdsim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **more)


def rows_of(folder):
    """Return the rows of a sweep's table, without what runs cost."""
    table = pq.read_table(folder / "results.parquet")
    return [{k: v for k, v in row.items() if not k.startswith(PERFORMANCE)} for row in table.to_pylist()]


class Played:
    """An engine that makes up what runs come to."""

    def __init__(self, value=lambda job: float(job.seed), *, fail=(), stop_after=None, backwards=False):
        self.value, self.fail, self.stop_after, self.backwards = value, fail, stop_after, backwards
        self.made = []

    def completed(self, jobs):
        if self.backwards:
            jobs = reversed(list(jobs))
        for job in jobs:
            if self.stop_after is not None and len(self.made) >= self.stop_after:
                raise KeyboardInterrupt
            self.made.append((job.overrides, job.seed))
            if job.seed in self.fail:
                yield job, Outcome(job.seed, None, "RuntimeError: it rained")
            else:
                summary = {"verdict": "pass", "criteria": [], "egress_time_s": self.value(job), "seed": job.seed}
                yield job, Outcome(job.seed, summary)


def plan(*overrides, **wish):
    return make_plan(ROOM, overrides, Wish(**wish))


# ---------------------------------------------------------------- one run for each point and seed
def test_the_table_has_a_row_for_every_point_and_seed_sorted_by_both(tmp_path):
    made = run_sweep(plan("exits.out.width_m=1.2,2.4", "seed=5,3"), tmp_path / "a", Played(backwards=True))
    assert [(row["exits.out.width_m"], row["seed"]) for row in rows_of(tmp_path / "a")] == [
        (1.2, 3), (1.2, 5), (2.4, 3), (2.4, 5),
    ]  # fmt: skip
    assert made.document()["done"] == made.document()["runs"] == 4


def test_all_points_have_the_same_seeds(tmp_path):
    engine = Played()
    run_sweep(plan("exits.out.width_m=1.2,2.4", "seed=7", replications=3), tmp_path / "a", engine)
    seeds = {width: sorted(seed for w, seed in engine.made if w == width) for width, _ in engine.made}
    assert list(seeds.values()) == [[7, 8, 9], [7, 8, 9]]


def test_a_sweep_that_is_asked_for_again_makes_only_what_is_new(tmp_path):
    run_sweep(plan("exits.out.width_m=1.2,2.4", "seed=range(0,3)"), tmp_path, Played())
    engine = Played()
    sweep = run_sweep(plan("exits.out.width_m=3,2.4", "seed=range(1,5)"), tmp_path, engine)
    assert engine.made == [(("exits.out.width_m=3",), s) for s in (1, 2, 3, 4)] + [
        (("exits.out.width_m=2.4",), s) for s in (3, 4)
    ]
    assert sweep.taken_over == 2
    rows = rows_of(tmp_path)
    assert [(row["arm"], row["exits.out.width_m"], row["seed"]) for row in rows] == [
        (arm, width, seed) for arm, width in ((0, 3.0), (1, 2.4)) for seed in (1, 2, 3, 4)
    ]


def test_a_run_of_an_earlier_sweep_has_all_keys_of_the_later_one(tmp_path):
    """Both change the same in the scenario, so it is one run; the table names every key that is varied now."""
    run_sweep(plan("exits.out.width_m=1.2,2.4"), tmp_path, Played())
    later = plan("exits.out.width_m=1.2,2.4", "attendees.guests.count=20,30", design="one_at_a_time")
    engine = Played()
    run_sweep(later, tmp_path, engine)
    assert len(engine.made) == 3
    assert [(row["exits.out.width_m"], row["attendees.guests.count"]) for row in rows_of(tmp_path)] == [
        (None, None), (1.2, None), (2.4, None), (None, 20), (None, 30),
    ]  # fmt: skip


def test_a_failed_run_is_told_the_others_go_on_and_it_is_tried_again(tmp_path):
    sweep = run_sweep(plan("seed=range(0,4)"), tmp_path, Played(fail=(2,)))
    assert [row["status"] for row in rows_of(tmp_path)] == ["done", "done", "failed", "done"]
    assert rows_of(tmp_path)[2]["error"] == "RuntimeError: it rained"
    assert [one["seed"] for one in sweep.document()["failed"]] == [2]
    engine = Played()
    again = run_sweep(plan("seed=range(0,4)"), tmp_path, engine)
    assert engine.made == [((), 2)]
    assert again.document()["failed"] == []
    assert [row["status"] for row in rows_of(tmp_path)] == ["done"] * 4


def test_an_interrupt_leaves_a_table_of_what_was_done(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan("seed=range(0,9)"), tmp_path, Played(stop_after=4))
    assert [row["seed"] for row in rows_of(tmp_path)] == [0, 1, 2, 3]
    assert json.loads((tmp_path / "sweep.json").read_text())["status"] == "interrupted"


def test_a_line_that_was_cut_off_is_made_again(tmp_path):
    run_sweep(plan("seed=range(0,3)"), tmp_path, Played())
    journal = tmp_path / "runs.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-25])
    engine = Played()
    run_sweep(plan("seed=range(0,3)"), tmp_path, engine)
    assert engine.made == [((), 2)]
    assert [row["egress_time_s"] for row in rows_of(tmp_path)] == [0.0, 1.0, 2.0]
    assert Journal(journal).rows.keys() == {row["run"] for row in rows_of(tmp_path)}


# ---------------------------------------------------------------- what a folder may hold
def test_a_folder_of_another_scenario_is_refused_and_replaced_by_force(tmp_path):
    run_sweep(plan("seed=0,1"), tmp_path, Played())
    other = plan("attendees.guests.count=10", "seed=0,1")
    with pytest.raises(RunFolderError, match="another scenario"):
        run_sweep(other, tmp_path, Played())
    assert len(rows_of(tmp_path)) == 2
    engine = Played()
    run_sweep(other, tmp_path, engine, force=True)
    assert len(engine.made) == 2


def test_a_folder_of_a_run_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(RunFolderError, match=r"another run \(summary.json\)"):
        run_sweep(plan("seed=0,1"), tmp_path, Played())


def test_two_sweeps_at_a_time_do_not_write_one_folder(tmp_path):
    class Second:
        def completed(self, jobs):
            with pytest.raises(RunFolderError, match="being written by another sweep"):
                run_sweep(plan("seed=0"), tmp_path, Played())
            yield from Played().completed(jobs)

    run_sweep(plan("seed=0"), tmp_path, Second())
    assert len(rows_of(tmp_path)) == 1


# ---------------------------------------------------------------- as many runs as an interval needs
def test_an_arm_is_replicated_until_its_interval_is_narrow_enough_whatever_the_order(tmp_path):
    noise = np.random.default_rng(3).normal(100, 4, 400)
    spread = {"exits.out.width_m=1.2": 1.0, "exits.out.width_m=2.4": 0.3}

    def value(job):
        return 100 + spread[job.overrides[0]] * (noise[job.seed] - 100)

    wish = {"until": ("egress_time_s=1.5",), "replications": 100}
    counts = []
    for name, backwards in (("a", False), ("b", True)):
        run_sweep(plan("exits.out.width_m=1.2,2.4", **wish), tmp_path / name, Played(value, backwards=backwards))
        values = [[row["egress_time_s"] for row in rows_of(tmp_path / name) if row["arm"] == arm] for arm in (0, 1)]
        for of_arm in values:
            low, high = mean_of(of_arm).ci95
            assert high - low <= 3.0
            assert len(of_arm) == LEAST_RUNS or np.diff(mean_of(of_arm[:-1]).ci95)[0] > 3.0
        counts.append([len(of_arm) for of_arm in values])
    assert counts[0] == counts[1]
    assert counts[0][0] > counts[0][1]


def test_a_figure_that_no_run_has_is_told_at_the_first_run(tmp_path):
    with pytest.raises(ScenarioError, match="did you mean 'egress_time_s'"):
        run_sweep(plan("seed=1", until=("egress_time=1",)), tmp_path, Played())


# ---------------------------------------------------------------- designs
AXES = [Choices("a", ("1", "2", "3"), (1, 2, 3)), Interval("b", 1.0, 4.0, False), Interval("c", 2.0, 5.0, True)]


@settings(max_examples=30)
@given(st.sampled_from(SAMPLED), st.integers(0, 6), st.integers(0, 2**31))
def test_drawn_points_are_within_their_ranges_and_the_same_for_the_same_seed(design, power, seed):
    points = make_points(design, AXES, 2**power, seed)
    assert points == make_points(design, AXES, 2**power, seed)
    for point in points:
        assert point.values["a"] in (1, 2, 3)
        assert 1 <= point.values["b"] <= 4
        assert point.values["c"] in (2, 3, 4, 5)
        assert point.overrides == tuple(f"{key}={point.values[key]!r}" for key in "abc")


def test_a_latin_hypercube_has_one_point_in_every_part_of_every_key():
    points = make_points("latin_hypercube", [Interval("x", 0, 1, False), Interval("y", 10, 20, False)], 50, 3)
    for key, low, width in (("x", 0, 1), ("y", 10, 10)):
        parts = sorted(int(50 * (point.values[key] - low) / width) for point in points)
        assert parts == list(range(50))


def test_a_sobol_sequence_integrates_better_than_chance():
    axes = [Interval(key, 0, 1, False) for key in "xyz"]

    def error(design):
        """Of the mean of x y z, which is 1/8, over 20 designs."""
        means = [
            np.mean([np.prod(list(p.values.values())) for p in make_points(design, axes, 256, s)]) for s in range(20)
        ]
        return np.sqrt(np.mean((np.array(means) - 0.125) ** 2))

    assert error("sobol") < error("random") / 5


def test_one_at_a_time_is_the_scenario_as_it_is_and_every_value_alone():
    points = make_points("one_at_a_time", AXES, None, 0)
    assert [point.overrides for point in points] == [
        (), ("a=1",), ("a=2",), ("a=3",), ("b=1.0",), ("b=4.0",), ("c=2",), ("c=5",),
    ]  # fmt: skip
    assert points[0].values == {"a": None, "b": None, "c": None}


def test_points_of_choices_that_come_twice_are_made_once():
    points = make_points("random", [Choices("a", ("x", "y"), ("x", "y"))], 64, 0)
    assert [point.number for point in points] == [0, 1]


@pytest.mark.parametrize(
    ("design", "samples", "told"),
    [("grid", None, "an interval in a grid"), ("grid", 4, "for the design grid"), ("sobol", 100, "power of two"),
     ("random", None, "how many points"), ("spiral", 4, ", ".join(DESIGNS))],
)  # fmt: skip
def test_designs_that_do_not_go_together_are_told(design, samples, told):
    assert any(told in str(problem) for problem in find_problems(design, AXES, samples))


# ---------------------------------------------------------------- the overrides of a sweep
def test_overrides_are_taken_apart():
    found, problems = read_sweeping(
        ["seed=range(0,3)", "a.b=1,2.5", "c=interval(1,4)", "d=int(interval(1,4))", "e=choice([1,2],[3])",
         "f=null,true", "g='x, y','z'", "h=3", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    )  # fmt: skip
    assert not problems
    assert found.axes == (
        Choices("a.b", ("1", "2.5"), (1, 2.5)),
        Interval("c", 1.0, 4.0, False),
        Interval("d", 1.0, 4.0, True),
        Choices("e", ("[1,2]", "[3]"), ("[1,2]", "[3]")),
        Choices("f", ("null", "True"), (None, True)),
        Choices("g", ("'x, y'", "'z'"), ("x, y", "z")),
    )
    assert (found.fixed, found.seeds, found.launcher, found.settings) == (("h=3",), (0, 1, 2), "joblib", {"n_jobs": 2})


def test_every_mistake_is_told_at_once_also_in_values_that_are_varied():
    arguments = ["exits.out.width_m=1.2,wide", "attendees.guests.count=5,-1", "seed=1,x", "a=glob(*)",
                 "hydra/launcher=joblb", "hydra.sweeper=x", "--design", "lattice", "--until",
                 "egress_time_s", "attendees.gests.count=5,6,7", "exits.in.width_m=1,2"]  # fmt: skip
    done = crowdsim("sweep", ROOM, *arguments)
    assert done.returncode == 2
    for told in ("'wide'", "found -1", "no list of seeds", "a=glob(*)", "'joblb'", "hydra.sweeper", "'lattice'",
                 "FIGURE=HALF_WIDTH"):  # fmt: skip
        assert told in done.stderr, told
    for key in ("attendees.gests.count", "exits.in.width_m"):
        assert done.stderr.count(f"unknown key '{key}'") == 1
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- tables
def test_columns_have_one_kind_each():
    rows = [
        {"arm": 0, "seed": 1, "run": "a", "status": "done", "w": 1, "k": "x", "verdict": "pass", "t": 3,
         "criteria.c.passed": None},
        {"arm": 1, "seed": 1, "run": "b", "status": "failed", "error": "no", "w": 2.5, "k": 7},
    ]  # fmt: skip
    table = to_table(rows, ["w", "k"])
    assert {name: str(table.schema.field(name).type) for name in table.column_names} == {
        "arm": "int64", "w": "double", "k": "string", "seed": "int64", "run": "string", "status": "string",
        "error": "string", "verdict": "string", "stopped_s": "double", "stopped_by": "string",
        "criteria.c.passed": "bool", "t": "double",
    }  # fmt: skip
    assert table["k"].to_pylist() == ["x", "7"]


# ---------------------------------------------------------------- with simulations
KEYS = ("exits.out.width_m=1.5,2.4", "movement=collision_free_speed,social_force", "seed=range(1,6)")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "undisturbed"
    done = crowdsim("sweep", ROOM, *KEYS, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_runs_of_a_sweep_are_those_of_run(undisturbed, tmp_path):
    """As simulated alone, in another process and with the overrides given in one go."""
    done = crowdsim("run", ROOM, "exits.out.width_m=2.4", "movement=social_force", "seed=3", "--out", tmp_path / "run",
                    "--json", "threads=1", "output.plots=false")  # fmt: skip
    alone = json.loads(done.stdout)
    (row,) = [r for r in rows_of(undisturbed) if (r["arm"], r["seed"]) == (3, 3)]
    assert row["verdict"] == alone["verdict"]
    assert row["egress_time_s"] == alone["egress_time_s"]
    assert row["delay_s.mean"] == alone["delay_s"]["mean"]
    assert row["density.max_per_m2"] == alone["density"]["max_per_m2"]


def test_arms_of_a_sweep_are_compared(undisturbed):
    done = crowdsim("compare", undisturbed, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["comparisons"]
    assert [one["second"] for one in told] == [
        f"exits.out.width_m {width}, movement {movement}"
        for width, movement in ((1.5, "social_force"), (2.4, "collision_free_speed"), (2.4, "social_force"))
    ]
    wider = told[1]
    assert wider["how"].startswith("5 pairs of runs with the same seeds")
    assert [change["key"] for change in wider["changes"]] == ["exits.out.width_m"]
    (last_out,) = [figure for figure in wider["figures"] if figure["key"] == "egress_time_s"]
    assert last_out["change"] < 0
    assert any("time until the last one is out" in text for text in wider["material"])


def test_killed_twice_a_sweep_has_the_rows_of_an_undisturbed_one(undisturbed, tmp_path):
    folder = tmp_path / "killed"
    command = [sys.executable, "-m", "crowdsim", "sweep", str(ROOM), *KEYS, "--out", str(folder)]
    for runs in (4, 11):
        killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        journal = folder / "runs.jsonl"
        until = time.monotonic() + 120
        while time.monotonic() < until and (not journal.is_file() or journal.read_bytes().count(b"\n") < runs):
            time.sleep(0.05)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert runs <= journal.read_bytes().count(b"\n") < 20
        pq.read_table(folder / "results.parquet")  # whole at any time
    done = crowdsim("sweep", ROOM, *KEYS, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert rows_of(folder) == rows_of(undisturbed)
    assert not (folder / "work").exists()
