"""`check`: the same whatever the number of processes; what is kept when something goes wrong; what it writes."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from crowdsim import load_scenario
from crowdsim.cli.app import _run_app, app
from crowdsim.cli.screen import make_console
from crowdsim.errors import RunFolderError
from crowdsim.experiment import check as checking
from crowdsim.experiment.arms import Arm
from crowdsim.experiment.check import Effort, check, open_folder
from crowdsim.experiment.pool import _Worker
from crowdsim.experiment.sequential import Rule
from crowdsim.experiment.worker import Job, Outcome, replicate

ROOM = Path(__file__).parent / "room"
QUICK = Rule(0.8)  # bad 0.6, good 0.96: seven runs that pass are enough


def crowdsim(*arguments):
    command = [sys.executable, "-m", "crowdsim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def row(passed, value=1.0, name="one"):
    reason = "" if passed is not None else "not everybody came"
    fixed = {"text": "At most 2 s", "limit": 2.0, "unit": "s", "source": "made up", "level_of_evidence": "assumption"}
    return {"id": name, "passed": passed, "value": value, "reason": reason, **fixed}


class Played:
    """A pool that plays given outcomes instead of simulating."""

    def __init__(self, *played):
        self.played = played

    def __call__(self, jobs):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def outcomes(self, jobs):
        for job, one in zip(jobs, self.played, strict=False):
            if one is KeyboardInterrupt:
                raise KeyboardInterrupt
            summary = {"verdict": "pass", "criteria": one} if isinstance(one, list) else None
            yield Outcome(job.seed, summary, "" if summary else one)


def play(monkeypatch, folder, *played, rule=QUICK, effort=None, arms=()):
    monkeypatch.setattr(checking, "Pool", Played(*played))
    open_folder(folder, force=False)
    return check(load_scenario(ROOM), folder, rule, effort or Effort(), arms)


def test_a_criterion_that_does_not_apply_does_not_count(tmp_path, monkeypatch):
    no_case = {**row(None, None, "stairs"), "applies": False, "reason": "does not apply: the venue has no stair"}
    play(monkeypatch, tmp_path / "check", *[[row(True), no_case] for _ in range(20)])
    document = told(tmp_path / "check")
    assert document["verdict"] == "pass"
    assert [criterion["id"] for criterion in document["criteria"]] == ["one"]


def told(folder):
    return json.loads((folder / "check.json").read_text())


def test_results_do_not_depend_on_the_number_of_processes(tmp_path):
    scenario = load_scenario(ROOM, ["exits.out.width_m=2.4", "seed=5"])
    documents = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        open_folder(folder, force=False)
        check(scenario, folder, QUICK, Effort(jobs=jobs))
        document = told(folder)
        assert document.pop("performance")["wall_s"] > 0
        documents.append(document)
        assert sorted(int(run.name) for run in (folder / "runs").iterdir()) == document["seeds"]
        assert [path.name for path in (folder / "runs" / "6").iterdir()] == ["summary.json"]
        assert (folder / "runs" / "5" / "trajectories.parquet").exists()
        summary = json.loads((folder / "runs" / "6" / "summary.json").read_text())
        assert (summary["seed"], summary["performance"]["threads"]) == (6, 1)
    assert documents[0] == documents[1]
    assert documents[0]["verdict"] == "pass"
    assert documents[0]["seeds"] == list(range(5, 12))
    assert (tmp_path / "1/replications.csv").read_bytes() == (tmp_path / "2/replications.csv").read_bytes()
    with (tmp_path / "1/replications.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(one["seed"]) for one in rows] == documents[0]["seeds"]
    values = [float(one["criteria.egress_time.value"]) for one in rows]
    (criterion,) = [one for one in documents[0]["criteria"] if one["id"] == "egress_time"]
    assert criterion["mean"] == pytest.approx(sum(values) / len(values))
    assert criterion["ci95"][0] < criterion["mean"] < criterion["ci95"][1]
    assert criterion["probability_of_passing"] == 1.0


def test_the_command_fails_on_an_unsafe_layout_and_passes_on_a_safe_one(tmp_path):
    bad = crowdsim("check", ROOM, "exits.out.width_m=1.0", "--out", tmp_path / "bad", "--junit", tmp_path / "ci/j.xml")
    assert bad.returncode == 1, bad.stderr
    assert "FAIL after 2 replications (seeds 1 to 2)" in bad.stdout
    assert "\x1b" not in bad.stdout
    assert (tmp_path / "ci/j.xml").read_bytes() == (tmp_path / "bad/junit.xml").read_bytes()
    safe = ["check", str(ROOM), "exits.out.width_m=2.4", "--required", "0.6", "--out", str(tmp_path / "good"), "--json"]
    good = CliRunner().invoke(app, safe)
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["verdict"] == told(tmp_path / "good")["verdict"] == "pass"
    again = CliRunner().invoke(app, safe)
    assert isinstance(again.exception, RunFolderError)
    assert "--force" in str(again.exception)


def test_bad_options_are_told_all_at_once(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "none"
    options = ["--required", "1", "--error-rates", "0.1,x", "--out", str(folder)]
    monkeypatch.setattr("sys.argv", ["crowdsim", "check", str(ROOM), *options])
    assert _run_app(make_console(stderr=True)) == 2
    said = capsys.readouterr().err
    assert "2 problems" in said
    assert "--required" in said
    assert "--error-rates" in said
    assert not folder.exists()


def test_an_interrupted_check_keeps_what_was_computed(tmp_path):
    command = [sys.executable, "-m", "crowdsim", "check", str(ROOM), "exits.out.width_m=2.4", "--out", str(tmp_path)]
    with subprocess.Popen(
        [*command, "--required", "0.999", "--replications", "5000"], stderr=subprocess.PIPE
    ) as process:
        until = time.monotonic() + 120
        while not (tmp_path / "runs" / "3").exists() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    document = told(tmp_path)
    assert (document["status"], document["verdict"]) == ("interrupted", "undecided")
    assert document["replications"] >= 2
    assert sorted(int(run.name) for run in (tmp_path / "runs").iterdir()) == document["seeds"]
    assert (tmp_path / "junit.xml").exists()


def test_a_replication_that_fails_is_told_and_counts_as_undecided(tmp_path, monkeypatch):
    checked = play(monkeypatch, tmp_path, [row(True)], "it broke", *[[row(True)]] * 20)
    document = told(tmp_path)
    assert checked.failed
    assert document["failed"] == [{"seed": 2, "error": "it broke"}]
    (criterion,) = document["criteria"]
    assert criterion["undecided"] == 1
    assert criterion["passed"] == criterion["replications"] - 1 > 7  # one that passed is not enough to make up for it
    assert document["verdict"] == "pass"


def test_a_first_run_that_fails_ends_the_check(tmp_path, monkeypatch):
    checked = play(monkeypatch, tmp_path, "it broke", [row(True)])
    assert checked.failed
    document = told(tmp_path)
    assert (document["replications"], document["verdict"], document["criteria"]) == (1, "undecided", [])


def test_what_was_played_before_an_interrupt_is_written(tmp_path, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        play(monkeypatch, tmp_path, [row(True)], [row(True)], KeyboardInterrupt)
    document = told(tmp_path)
    assert (document["status"], document["seeds"], document["verdict"]) == ("interrupted", [1, 2], "undecided")


def test_too_few_replications_are_no_pass(tmp_path, monkeypatch):
    play(monkeypatch, tmp_path, *[[row(True)]] * 9, effort=Effort(replications=5))
    document = told(tmp_path)
    assert (document["status"], document["verdict"]) == ("all replications made", "undecided")
    assert not document["criteria"][0]["settled"]


def test_it_is_told_which_seeds_failed_and_which_stayed_open(tmp_path, monkeypatch):
    played = [[row(True)], [row(False, 3.0)], [row(None, None)], [row(True)], [row(False, 4.0)]]
    play(monkeypatch, tmp_path, *played, effort=Effort(replications=5))
    (criterion,) = told(tmp_path)["criteria"]
    first = told(tmp_path)["seed"]
    assert criterion["failed_seeds"] == [first + k for k in (1, 4)][: criterion["failed"]]
    assert criterion["undecided_seeds"] == [first + 2]


def test_no_time_left_ends_after_the_first_run(tmp_path, monkeypatch):
    play(monkeypatch, tmp_path, *[[row(True)]] * 9, effort=Effort(budget_s=0.0))
    document = told(tmp_path)
    assert (document["status"], document["replications"]) == ("budget spent", 1)


def test_junit_tells_failures_open_criteria_and_errors(tmp_path, monkeypatch):
    first = [row(False, 3.0, "bad"), row(True, 1.0, "open")]
    play(monkeypatch, tmp_path, first, "it broke", *[first] * 9)
    suites = ET.fromstring((tmp_path / "junit.xml").read_text())
    (suite,) = suites
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "1"]
    cases = {case.get("name"): case for case in suite}
    assert "0 of" in cases["bad"].find("failure").get("message")
    assert "mean 3 s, limit 2 s" in cases["bad"].find("failure").get("message")
    assert cases["open"].find("skipped") is not None
    assert cases["seed 2"].find("error").get("message") == "it broke"


def test_what_cannot_be_decided_does_not_go_through_in_junit(tmp_path, monkeypatch):
    play(monkeypatch, tmp_path, *[[row(None, None)]] * 9)
    (suite,) = ET.fromstring((tmp_path / "junit.xml").read_text())
    (case,) = suite
    assert case.find("failure").get("type") == "undecided"
    assert "not everybody came" in case.find("failure").get("message")


def test_a_folder_with_a_check_is_replaced_only_if_forced(tmp_path, monkeypatch):
    play(monkeypatch, tmp_path, *[[row(True)]] * 9)
    with pytest.raises(RunFolderError, match="--force"):
        open_folder(tmp_path, force=False)
    open_folder(tmp_path, force=True)
    assert not list(tmp_path.iterdir())


def test_folders_that_are_not_known_to_be_a_checks_are_not_removed(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="may not be a check's"):
        open_folder(tmp_path, force=True)
    assert (tmp_path / "runs" / "mine.txt").exists()


def test_arms_are_checked_with_the_same_seeds_and_written_beside(tmp_path, monkeypatch):
    other = Arm("slow", "free speeds -10 %", load_scenario(ROOM))
    cannot = Arm("never", "movement none", None, "no such option")
    play(monkeypatch, tmp_path, *[[row(True)]] * 9, arms=[other, cannot])
    document = told(tmp_path)
    slow, never = document["sensitivity"]
    assert (slow["verdict"], slow["replications"]) == ("pass", document["replications"])
    assert (never["verdict"], never["status"]) == (None, "no such option")
    assert told(tmp_path / "arms" / "slow")["seeds"] == document["seeds"]
    assert len((tmp_path / "replications.csv").read_text().splitlines()) == 1 + 2 * document["replications"]


def test_a_process_that_dies_is_an_outcome(tmp_path):
    worker = _Worker()
    worker.begin(Job(tmp_path, 3, tmp_path / "run", keep=False))
    worker.process.kill()
    outcome = worker.finish()
    worker.end()
    assert (outcome.seed, outcome.summary) == (3, None)
    assert "killed by signal 9" in outcome.error


def test_a_configuration_that_cannot_be_read_is_an_outcome(tmp_path):
    outcome = replicate(Job(tmp_path, 3, tmp_path / "run", keep=False))
    assert outcome.summary is None
    assert "config.yaml" in outcome.error
