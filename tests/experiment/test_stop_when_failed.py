"""Runs that are stopped as they have failed: the same verdicts, nothing truncated, and none taken for a whole one."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from crowdsim.assess import judge
from crowdsim.config import load_scenario
from crowdsim.errors import ScenarioError
from crowdsim.experiment.arm_folders import read_arms
from crowdsim.experiment.engines.remote import make_runs
from crowdsim.experiment.optimise.optimise import optimise
from crowdsim.experiment.optimise.picture import axes_of
from crowdsim.experiment.optimise.plan import Effort, make_quest
from crowdsim.experiment.optimise.plan import Wish as Aim
from crowdsim.experiment.pool import Pool
from crowdsim.experiment.sequential import Rule
from crowdsim.experiment.sweep.plan import Wish, make_plan
from crowdsim.experiment.sweep.sweep import run_sweep
from crowdsim.experiment.sweep.table import figures_of, read_results
from crowdsim.experiment.worker import Job, Outcome, replicate
from crowdsim.measure import measure
from crowdsim.record.layout import ATTENDEES, CONFIG, EVENTS, SUMMARY, TRAJECTORIES, VENUE
from crowdsim.report.page.write import write_report
from crowdsim.simulate import run

HERE = Path(__file__).parent
ROOM, EXITS = HERE / "room", HERE / "three_exits"
WIDTH = "exits.out.width_m"
SOURCE = "source: made up, level_of_evidence: assumption"
BY_HAND = f"+criteria.by_hand={{quantity: egress_by_hand, limit_s: 30, rate_per_m_min: 82, {SOURCE}}}"
FLOW = f"+criteria.flow={{quantity: exit_flow, limit_per_m_s: 1.2, {SOURCE}}}"


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Spare waiting for the disk: no test here cuts the power."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def simulated(source, overrides, folder, **more):
    return run(load_scenario(source, [*overrides, "output.plots=false", "threads=1"]), folder, **more)


# ---------------------------------------------------------------- single runs
SCENES = [
    *((ROOM, [f"{WIDTH}={width}", f"seed={seed}"]) for width, seed in product((0.8, 1.4, 2.4), (1, 2))),
    (ROOM, [f"{WIDTH}=1.2", "duration_s=33"]),
    (ROOM, [f"{WIDTH}=1.2", "duration_s=30"]),
    (ROOM, [f"{WIDTH}=1.4", "criteria.egress_time.limit_s=200", BY_HAND]),
    (ROOM, [f"{WIDTH}=3", "criteria.egress_time.limit_s=200", FLOW, "measure.flow_window_s=10"]),
    (ROOM, [f"{WIDTH}=1.4", "movement=social_force"]),
    (EXITS, ["criteria.egress_time.limit_s=30"]),
    (EXITS, ["criteria.egress_time.limit_s=60"]),
]


@pytest.mark.parametrize(
    ("source", "overrides"), SCENES, ids=lambda value: " ".join(value) if type(value) is list else ""
)
def test_the_verdict_is_that_of_the_whole_run_and_a_run_that_is_not_stopped_is_the_same(source, overrides, tmp_path):
    whole = simulated(source, overrides, tmp_path / "whole").summary
    result = simulated(source, overrides, tmp_path / "early", stop_when_failed=True)
    early = result.summary
    assert early["verdict"] == whole["verdict"]
    stopped = early.get("stopped")
    if stopped is None:
        for name in (TRAJECTORIES, EVENTS, ATTENDEES, CONFIG, VENUE):
            assert (tmp_path / "early" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
        assert {**early, "performance": None} == {**whole, "performance": None}
        return
    assert whole["verdict"] == "fail" and stopped["time_s"] < whole["duration_s"]
    assert not (tmp_path / "early" / SUMMARY).exists()
    recording = result.recording
    assert (recording.status, recording.simulated_s) == ("stopped", stopped["time_s"])
    partial = judge(measure(recording), recording)
    assert partial["verdict"] == "fail"
    for name in stopped["criteria"]:
        for summary in (early, partial, whole):
            assert next(one for one in summary["criteria"] if one["id"] == name)["passed"] is False


def test_a_run_is_stopped_at_the_first_step_after_the_limit(tmp_path):
    early = simulated(ROOM, [f"{WIDTH}=0.8"], tmp_path, stop_when_failed=True)
    step_s = early.recording.scenario.config.movement.step_s
    assert early.summary["stopped"] == {"time_s": pytest.approx(33 + step_s), "criteria": ["egress_time"]}


def test_what_fails_by_hand_is_not_simulated(tmp_path):
    early = simulated(ROOM, [f"{WIDTH}=1.4", BY_HAND], tmp_path, stop_when_failed=True)
    assert early.summary["stopped"] == {"time_s": 0.0, "criteria": ["by_hand"]}  # 60 / (1.4 m * 82 / 60 s) = 31 s
    assert early.summary["performance"]["steps"] == 0
    assert np.isfinite(early.recording.attendees["entry_s"].to_numpy()).sum() == 60


def test_the_report_of_a_run_that_was_stopped_says_that_it_is_partial(tmp_path):
    simulated(ROOM, [f"{WIDTH}=0.8"], tmp_path, stop_when_failed=True)
    page = write_report(tmp_path).path
    assert "PARTIAL RUN: the simulation was stopped at 0:33" in page.read_text(encoding="utf-8")


# ---------------------------------------------------------------- rows
def test_a_row_of_a_run_that_was_stopped_has_no_figure_that_the_rest_could_change(tmp_path):
    plan = make_plan(ROOM, [f"{WIDTH}=0.8,2.4"], Wish(stop_when_failed=True))
    with Pool(1) as pool:
        sweep = run_sweep(plan, tmp_path, pool)
    narrow, wide = read_results(tmp_path / "results.parquet")
    assert (narrow["status"], narrow["verdict"], narrow["stopped_by"]) == ("done", "fail", "egress_time")
    assert narrow["stopped_s"] == pytest.approx(33.05)
    assert set(figures_of(narrow, [WIDTH]).values()) == {None}
    passed = {key: value for key, value in narrow.items() if key.endswith(".passed")}
    assert passed.pop("criteria.egress_time.passed") is False and set(passed.values()) == {None} and len(passed) >= 2
    assert narrow["performance.steps"] == 661
    assert (wide["verdict"], wide["stopped_s"], wide["stopped_by"]) == ("pass", None, None)
    assert wide["egress_time_s"] < 33
    assert sweep.document()["stopped"] == 1 and sweep.document()["stop_when_failed"]


class Played:
    """An engine that makes up runs: those of narrow exits fail, and are stopped if that is asked for."""

    def __init__(self, passes=lambda job: float(job.overrides[0].split("=")[1]) > 2):
        self.passes, self.made = passes, []

    def completed(self, jobs):
        for job in jobs:
            passed = self.passes(job)
            stopped = job.stop_when_failed and not passed
            self.made.append((*job.overrides, job.seed, "stopped" if stopped else "whole"))
            one = {"id": "egress_time", "text": "", "limit": 33.0, "unit": "s", "passed": passed, "value": 30.0}
            summary = {"criteria": [one], "verdict": "pass" if passed else "fail", "egress_time_s": 30.0}
            if stopped:
                one = {"id": "egress_time", "passed": False, "value": None}
                summary = {"criteria": [one], "verdict": "fail", "stopped": {"time_s": 33.05, "criteria": [one["id"]]}}
            yield job, Outcome(job.seed, summary)


def swept(folder, *, stop):
    engine = Played()
    run_sweep(make_plan(ROOM, [f"{WIDTH}=1,3"], Wish(stop_when_failed=stop)), folder, engine)
    return engine.made, [row["egress_time_s"] for row in read_results(folder / "results.parquet")]


def test_a_run_that_was_stopped_is_made_again_where_whole_ones_are_wanted_and_not_the_other_way_round(tmp_path):
    assert swept(tmp_path, stop=True) == ([(f"{WIDTH}=1", 1, "stopped"), (f"{WIDTH}=3", 1, "whole")], [None, 30.0])
    assert swept(tmp_path, stop=True) == ([], [None, 30.0])
    assert swept(tmp_path, stop=False) == ([(f"{WIDTH}=1", 1, "whole")], [30.0, 30.0])
    assert swept(tmp_path, stop=True) == ([], [30.0, 30.0])


def test_a_sweep_with_runs_that_were_stopped_is_not_compared(tmp_path):
    swept(tmp_path, stop=True)
    with pytest.raises(ScenarioError, match="1 were stopped"):
        read_arms([tmp_path])


def test_what_needs_all_figures_is_not_stopped():
    for wish in (Wish(until=("egress_time_s=2",)), Wish(design="saltelli", samples=4)):
        axis = f"{WIDTH}=interval(1,3)" if wish.samples else f"{WIDTH}=1,3"
        make_plan(ROOM, [axis], wish)
        with pytest.raises(ScenarioError, match="--stop-when-failed"):
            make_plan(
                ROOM, [axis], Wish(wish.design, wish.samples, wish.replications, wish.until, stop_when_failed=True)
            )


# ---------------------------------------------------------------- optimising
def quest(vary, *, minimise=("total_width",), subject_to=(), **effort):
    return make_quest(str(EXITS), (), Aim((vary,), minimise, subject_to), Rule(), Effort(**effort))


def wide_enough_for(texts):
    return sum(float(text.split("=")[1]) for text in texts) >= 6


def wide_enough(job):
    return wide_enough_for(job.overrides)


def test_layouts_are_tried_with_runs_that_are_stopped_and_the_answer_is_the_same(tmp_path):
    found = {}
    for stop in (True, False):
        engine = Played(wide_enough)
        done = optimise(quest("exits.*.width_m=1,2,3", stop_when_failed=stop), tmp_path / str(stop), engine)
        document = done.document()
        found[stop] = document["answer"], document["claim"], document["runs"]["asked"], len(engine.made)
        kinds = [made[-1] for made in engine.made]
        assert ("stopped" in kinds) == stop
        assert document["runs"]["stopped"] == kinds.count("stopped")
        assert axes_of(done.search)[1] == ("runs that pass [%]" if stop else "criteria.egress_time.value")
    assert found[True][:3] == found[False][:3]


@pytest.mark.parametrize(
    "asked",
    [{"minimise": ("egress_time_s",)}, {"subject_to": ("verdict=pass", "egress_time_s<=40")},
     {"minimise": ("total_width", "egress_time_s")}],
)  # fmt: skip
def test_where_figures_are_asked_for_no_run_is_stopped(asked, tmp_path):
    engine = Played(wide_enough)
    optimise(quest("exits.west.width_m=1,2,3", **asked), tmp_path, engine)
    assert {made[-1] for made in engine.made} == {"whole"}


def test_sampling_learns_from_whole_runs(tmp_path):
    engine = Played(wide_enough)
    optimise(quest("exits.*.width_m=1..3:0.2"), tmp_path, engine)
    assert not all(wide_enough_for(made[:3]) for made in engine.made) and {made[-1] for made in engine.made} == {
        "whole"
    }


def test_the_narrowest_exit_is_the_same_by_whole_runs(tmp_path):
    answers, steps = [], []
    for stop in (True, False):
        aim = Aim((f"{WIDTH}=0.8,1.4,2.2,3",))
        search = make_quest(str(ROOM), (), aim, Rule(required_share=0.8), Effort(stop_when_failed=stop))
        with Pool(1) as pool:
            document = optimise(search, tmp_path / str(stop), pool).document()
        answers.append((document["answer"], document["runs"]["asked"], document["confirmations"]))
        steps.append(
            np.sum([row["performance.steps"] for row in read_results(tmp_path / str(stop) / "results.parquet")])
        )
    assert answers[0] == answers[1] and answers[0][0]
    assert steps[0] < steps[1]


def test_a_job_carries_what_is_asked_of_it_to_another_machine(tmp_path):
    """In a process of its own, as there: it is kept to one thread."""
    plan = make_plan(ROOM, [], Wish())
    job = Job(tmp_path, 1, tmp_path / "out", keep=True, overrides=(f"{WIDTH}=0.8",), stop_when_failed=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:
        (outcome,) = elsewhere.submit(make_runs, plan.texts, [job]).result(timeout=300)
    for name, text in zip((CONFIG, VENUE), plan.texts, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    here = replicate(job)
    assert outcome.summary["stopped"] == here.summary["stopped"]


def test_the_commands_stop_runs_and_say_so(tmp_path, plain_terminal):
    command = [sys.executable, "-m", "crowdsim"]
    sweep = [*command, "sweep", str(ROOM), f"{WIDTH}=0.8", "--stop-when-failed", "--out", str(tmp_path / "sweep")]
    done = subprocess.run(sweep, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 runs were stopped as soon as they had failed" in done.stdout
    aim = [*command, "optimise", str(ROOM), "--vary", f"{WIDTH}=0.8", "--json"]
    counts = []
    for more in ([], ["--no-stop-when-failed"]):
        out = str(tmp_path / f"aim{len(more)}")
        done = subprocess.run([*aim, *more, "--out", out], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 1, done.stderr
        counts.append(json.loads(done.stdout)["runs"]["stopped"])
    assert counts == [1, 0]  # of two that fail; the one that sets the estimates right is whole
