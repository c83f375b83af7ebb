"""`crowdsim bench`: what it prints and returns. Speed itself is never asserted."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from crowdsim.bench import against, peers, runs
from crowdsim.bench.ratios import Ratio
from crowdsim.cli import app as commands
from crowdsim.cli import benching
from crowdsim.cli.app import app
from crowdsim.errors import MissingExtraError, SimulationError

PROMISED = (
    "case", "n", "movement", "dt_s", "steps", "threads", "wall_s", "agent_steps_per_s", "realtime_factor",
    "ns_per_agent_step", "peak_rss_mb",
)  # fmt: skip


def main(monkeypatch, *arguments):
    """Return the exit code and what is said of errors."""
    monkeypatch.setattr(sys, "argv", ["crowdsim", "bench", *map(str, arguments)])
    console = Console(record=True, width=300)
    return commands._run_app(console), console.export_text()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """What `--json` prints of a small measurement, and a file that holds it."""
    done = CliRunner().invoke(app, ["bench", "n=200", "steps=4", "threads=1", "--repeats", "2", "--json"])
    assert done.exit_code == 0, done.exception
    path = tmp_path_factory.mktemp("bench") / "saved.json"
    path.write_text(done.stdout)
    return json.loads(done.stdout), path


def test_help_has_an_example(plain_terminal):
    assert "Example: crowdsim bench" in CliRunner().invoke(app, ["bench", "--help"]).output


def test_json_is_one_object_with_all_that_is_promised(saved):
    result, _ = saved
    assert set(PROMISED) <= result.keys()
    assert (result["case"], result["n"], result["steps"], result["threads"]) == ("open", 200, 4, 1)
    assert result["repeats"] == len(result["wall_s_each"]) == 2
    assert result["wall_s_min"] <= result["wall_s"] <= result["wall_s_max"]
    assert result["agent_steps"] == 800
    assert result["ns_per_agent_step"] == pytest.approx(1e9 / result["agent_steps_per_s"])
    assert result["realtime_factor"] == pytest.approx(4 * result["dt_s"] / result["wall_s"])
    people = result["attendees"]
    assert people["entered"] == people["exited"] + people["inside"] == 200
    assert len(result["sha256"]) == 64


def test_the_table_and_quiet(monkeypatch, plain_terminal, saved):
    result, _ = saved
    monkeypatch.setattr(benching, "measure_alone", lambda work, repeats, watch: result)
    shown = CliRunner().invoke(app, ["bench"]).output
    assert "open, 200 attendees, collision_free_speed, 1 thread" in shown
    assert "4 of 0.05 s" in shown
    assert "median of 2 repeats" in shown
    assert CliRunner().invoke(app, ["bench", "--quiet"]).output == ""
    monkeypatch.setattr(benching, "measure_alone", lambda work, repeats, watch: result | {"steps_made": 3})
    assert "everyone had left before the 4 asked for" in CliRunner().invoke(app, ["bench"]).output


def test_everything_wrong_is_told_at_once(monkeypatch):
    code, said = main(
        monkeypatch, "n=5", "movment=x", "case=opn", "threads=0", "dt_s=soon", "steps=1.5", "seed=1", "seed=2",
        "nonsense", "--peer", "jupedsym", "--against", "main", "--repeats", 2,
    )  # fmt: skip
    assert code == 2
    for part in (
        "11 problems",
        "'n=5': found '5'; allowed: a whole number from 100",
        "unknown key 'movment'; allowed: did you mean 'movement'?",
        "'opn'; allowed: did you mean 'open'?",
        "'threads=0'",
        "'dt_s=soon': found 'soon'; allowed: a number above 0 (seconds)",
        "'steps=1.5'",
        "'seed=2': found key 'seed' a second time",
        "'nonsense': found no value",
        "did you mean 'jupedsim'?",
        "--peer and --against: found both",
        "--repeats: found 2 with --against; allowed: at least 5",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["movement=social_force", "dt_s=0.05"], "'dt_s=0.05': found 0.05; allowed: a number at most 0.02"),
        (["movement=social_farce"], "did you mean 'social_force'?"),
        (["case=city", "--peer", "jupedsim"], "allowed: case=open or case=bottleneck"),
        (["movement=optimal_reciprocal", "--peer", "jupedsim"], "allowed: a peer that has it: rvo2"),
        (["movement=social_force", "--peer", "pysocialforce"], "allowed: at most 3,000 for pysocialforce"),
        (["--band", "0.2"], "--band: found 0.2 without --against"),
        (["--band", "-1", "--against", "main"], "a share of 0 or more"),
        (["--repeats", "0"], ""),
        (["--nonsense"], ""),
    ],
)
def test_bad_input_exits_with_2(monkeypatch, arguments, part):
    code, said = main(monkeypatch, *arguments)
    assert code == 2
    assert part in said


def test_a_peer_that_is_not_installed_names_the_extra(monkeypatch):
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: None)
    code, said = main(monkeypatch, "--peer", "jupedsim")
    assert code == 2
    assert 'pip install "crowdsim[peers]"' in said
    with pytest.raises(MissingExtraError):
        peers.version_of("rvo2")


def test_a_case_that_the_engine_refuses_exits_with_2(monkeypatch):
    monkeypatch.setattr(runs, "write_case", lambda work, folder: None)
    code, said = main(monkeypatch, "n=100", "steps=1")
    assert code == 2
    assert "1 problem" in said


def test_a_process_that_dies_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("crowdsim.bench.process.worker.__file__", str(tmp_path / "nothing.py"))
    code, said = main(monkeypatch, "n=100", "steps=1")
    assert code == 3
    assert "the process that measures crowdsim ended with" in said


def test_repeats_that_differ_are_an_error():
    with pytest.raises(SimulationError, match="not deterministic"):
        runs.describe(runs.Workload(), [{"sha256": "a"}, {"sha256": "b"}])


# ---------------------------------------------------------------- against
def test_a_saved_measurement_of_something_else_is_refused(monkeypatch, saved):
    _, path = saved
    code, said = main(monkeypatch, "n=300", "steps=5", "threads=2", "case=city", "--against", path)
    assert code == 2
    assert "4 problems" in said
    for key in ("n: found 200; allowed: 300", "steps: found 4", "threads: found 1", "case: found 'open'"):
        assert key in said


def test_a_file_that_holds_no_measurement_is_refused(monkeypatch, tmp_path):
    for text, part in (("{", "cannot be read"), ("[]", "no JSON object"), ('{"n": 3}', "nothing usable for: steps")):
        (tmp_path / "file.json").write_text(text)
        code, said = main(monkeypatch, "--against", tmp_path / "file.json")
        assert code == 2
        assert part in said


@pytest.mark.parametrize(("factor", "code"), [(0.01, 1), (100.0, 0)])
def test_the_exit_code_says_whether_it_is_slower(monkeypatch, saved, tmp_path, factor, code):
    result, _ = saved
    times = {key: result[key] * factor for key in ("wall_s", "ns_per_agent_step")}
    other = tmp_path / "other.json"
    other.write_text(json.dumps(result | times | {"wall_s_each": [factor * wall for wall in result["wall_s_each"]]}))
    monkeypatch.setattr(against, "measure_alone", lambda work, repeats, watch: result)
    shown = CliRunner().invoke(app, ["bench", "n=200", "steps=4", "threads=1", "--against", str(other), "--json"])
    assert shown.exit_code == code
    compared = json.loads(shown.stdout)
    assert compared["slower"] is bool(code)
    assert compared["ratio"] == pytest.approx(1 / factor)
    assert compared["same_positions"]
    table = CliRunner().invoke(app, ["bench", "n=200", "steps=4", "threads=1", "--against", str(other)])
    assert ("slower by more than 10%" in table.output) is bool(code)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with a commit that has a package `crowdsim`, and one before that has none."""
    monkeypatch.chdir(tmp_path)
    name = ["-c", "user.name=a", "-c", "user.email=a@b.c"]

    def git(*arguments):
        done = subprocess.run(["git", *name, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "nothing yet")
    (tmp_path / "src" / "crowdsim").mkdir(parents=True)
    (tmp_path / "src" / "crowdsim" / "__init__.py").write_text("here = True\n")
    git("add", ".")
    git("commit", "-q", "-m", "a package")
    return git


def test_a_revision_is_checked_out_for_the_time_being(repository):
    with against.checked_out("HEAD") as (sources, commit):
        assert (sources / "crowdsim" / "__init__.py").read_text() == "here = True\n"
        assert commit == repository("rev-parse", "HEAD")
    assert not sources.exists()
    assert len(repository("worktree", "list").splitlines()) == 1


@pytest.mark.parametrize(
    ("revision", "part"),
    [("HEAD~1", "which has no src/crowdsim"), ("mian", "no such revision"), ("--all", "no such revision")],
)
def test_a_revision_that_cannot_be_used_is_refused(monkeypatch, repository, revision, part):
    code, said = main(monkeypatch, f"--against={revision}")
    assert code == 2
    assert part in said
    assert len(repository("worktree", "list").splitlines()) == 1


def test_a_revision_that_cannot_run_the_case_is_refused(monkeypatch, repository):
    code, said = main(monkeypatch, "n=100", "steps=1", "--against", "HEAD")
    assert code == 2
    assert "a revision whose engine can load and step this case" in said


def test_outside_a_checkout_a_revision_is_refused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, said = main(monkeypatch, "--against", "HEAD")
    assert code == 2
    assert "not in a git repository" in said


@pytest.mark.slow
def test_the_same_sources_end_at_the_same_positions(monkeypatch, repository, tmp_path):
    """Takes as long as compiling does."""
    root = Path(__file__).parents[2]
    for folder in ("src", "configs"):
        shutil.copytree(root / folder, tmp_path / folder, dirs_exist_ok=True)
    repository("add", ".")
    repository("commit", "-q", "-m", "everything")
    done = CliRunner().invoke(app, ["bench", "n=600", "steps=5", "--against", "HEAD", "--band", "100", "--json"])
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["same_positions"]


def test_both_sides_of_a_revision_are_told(monkeypatch, repository, saved):
    result, _ = saved
    other = result | {"ns_per_agent_step": 1.0, "sha256": "b"}
    monkeypatch.setattr(against, "measure_two", lambda *arguments: (result, other, Ratio(1.3, 1.2, 1.4)))
    shown = CliRunner().invoke(app, ["bench", "--against", "HEAD", "--json"])
    assert shown.exit_code == 1
    compared = json.loads(shown.stdout)
    assert (compared["ratio"], compared["ratio_interval"]) == (1.3, [1.2, 1.4])
    assert compared["against_commit"] == repository("rev-parse", "HEAD")
    assert not compared["same_positions"]
    assert CliRunner().invoke(app, ["bench", "--against", "HEAD", "--band", "0.4"]).exit_code == 0


# ---------------------------------------------------------------- in turns
def test_turns_alternate_who_goes_first(tmp_path):
    order = []

    class Process:
        def __init__(self, name):
            self.name = name

        def measure(self):
            order.append(self.name)
            return {}

    with runs._Bench(runs.Workload(n=100), lambda done, text: None) as bench:
        results = bench.in_turns([Process("a"), Process("b")], 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(side) for side in results] == [3, 3]


class Pretended:
    """A process whose attendee-steps take a given time."""

    def __init__(self, wall_s):
        self.wall_s = wall_s

    def measure(self):
        return {
            "wall_s": self.wall_s, "steps_made": 10, "dt_s": 0.05, "agent_steps": 1000, "threads": 1, "sha256": "a",
            "attendees": {"planned": 100, "entered": 100, "exited": 0, "inside": 100}, "state_bytes": 29_400,
            "rss_growth_bytes": None, "peak_rss_bytes": None,
        }  # fmt: skip


def test_a_peer_is_measured_in_turns(monkeypatch, plain_terminal):
    monkeypatch.setattr(benching.peers, "version_of", lambda name: "1.0")
    monkeypatch.setattr(runs._Bench, "ours", lambda bench: Pretended(0.1))
    monkeypatch.setattr(runs._Bench, "peer", lambda bench, name: Pretended(0.2))
    arguments = ["bench", "n=100", "steps=10", "--peer", "jupedsim"]
    result = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert (result["peer"], result["peer_version"], result["repeats"]) == ("jupedsim", "1.0", 5)
    assert (result["agent_steps_per_s"], result["peer_agent_steps_per_s"]) == pytest.approx((10_000, 5_000))
    assert (result["ratio"], *result["ratio_interval"]) == pytest.approx((2.0, 2.0, 2.0))
    assert result["peak_rss_mb"] is None
    shown = CliRunner().invoke(app, arguments).output
    assert "crowdsim makes 2 (95 % interval 2 to 2) times as many" in shown
    assert all(note in shown for note in result["notes"])


@pytest.mark.parametrize("peer", [name for name in peers.PEERS if find_spec(peers.PEERS[name].module)])
def test_an_installed_peer_runs_the_case(peer):
    movement = peers.PEERS[peer].models[0]
    arguments = ["bench", "n=100", "steps=3", "case=bottleneck", f"movement={movement}", "--peer", peer, "--json"]
    result = json.loads(CliRunner().invoke(app, [*arguments, "--repeats", "1"]).stdout)
    assert result["peer_agent_steps"] <= 300
    assert result["ratio"] > 0


def test_what_a_peer_is_given(tmp_path):
    work = runs.Workload("bottleneck", 200)
    runs.write_case(work, tmp_path)
    job = peers.write_job(work, "jupedsim", tmp_path)
    assert json.loads(json.dumps(job)) == job
    assert job["exit_line"] == [[10.0, 4.0], [10.0, 6.0]]
    assert job["movement"]["model"] == "collision_free_speed"
