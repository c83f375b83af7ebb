"""The commands: what they print, write and return."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from config.hall import make_hall
from typer.testing import CliRunner

from crowdsim.cli import app as commands
from crowdsim.cli.app import app
from crowdsim.cli.screen import RichWatcher, clock, figure, make_console, print_scenarios
from crowdsim.config import bundled_scenarios, load_scenario
from crowdsim.errors import MissingExtraError, Problem, RecordingError, RunFolderError, ScenarioError, SimulationError


def crowdsim(*arguments, folder=None):
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "crowdsim", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of a few people through the command line: what it printed, and its folder."""
    parent = tmp_path_factory.mktemp("run")
    make_hall(parent)
    done = crowdsim("run", "hall", "attendees.guests.count=20", "output.plots=false", "--out", "out", folder=parent)
    assert done.returncode == 0, done.stderr
    return done, parent


def test_help_of_every_command_has_an_example():
    for name in ("list", "new", "show", "run", "check", "compare"):
        result = CliRunner().invoke(app, [name, "--help"])
        assert result.exit_code == 0
        assert f"Example: crowdsim {name}" in result.output


def test_help_and_list_import_nothing_heavy():
    heavy = "numba", "hydra", "matplotlib", "shapely", "mesa", "pyarrow", "scipy", "pandas"
    program = f"""
import sys
from typer.testing import CliRunner
from crowdsim.cli.app import app
for arguments in (["--help"], ["run", "--help"], ["list"]):
    assert CliRunner().invoke(app, arguments).exit_code == 0
print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_list_names_every_bundled_scenario_with_its_title():
    shown = CliRunner().invoke(app, ["list"]).output.splitlines()
    assert len(shown) == len(bundled_scenarios())
    for line, name in zip(shown, bundled_scenarios(), strict=True):
        assert line.startswith(name)
        assert line.endswith(load_scenario(name).config.title)
    told = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)
    assert [scenario["name"] for scenario in told] == list(bundled_scenarios())
    assert CliRunner().invoke(app, ["list", "--quiet"]).output == ""


def test_new_makes_a_scenario_that_loads(tmp_path):
    folder = tmp_path / "deep" / "inside"
    result = CliRunner().invoke(app, ["new", str(folder), "--json"])
    assert result.exit_code == 0
    assert {Path(file).name for file in json.loads(result.output)["files"]} == {"scenario.yaml", "venue.geojson"}
    assert load_scenario(folder).name == "inside"


def test_new_fills_an_empty_folder(tmp_path):
    assert CliRunner().invoke(app, ["new", str(tmp_path)]).exit_code == 0
    assert load_scenario(tmp_path).config.attendees["guests"].count == 120


@pytest.mark.parametrize(
    "name", ["hall", "arena", "campus", "street_festival", "station_platform", "stadium", "arena_egress"]
)
def test_new_copies_a_template_that_loads(tmp_path, name):
    folder = tmp_path / "mine"
    assert CliRunner().invoke(app, ["new", str(folder), "--template", name, "--quiet"]).exit_code == 0
    assert load_scenario(folder).name == "mine"
    assert (folder / "LICENCE.txt").exists() == (name == "street_festival")


def test_new_lists_the_templates():
    told = json.loads(CliRunner().invoke(app, ["new", "--list", "--json"]).output)
    names = [entry["name"] for entry in told]
    assert names[0] == "hall"
    assert {"arena", "campus", "street_festival", "station_platform", "stadium"} <= set(names)
    assert all(entry["title"] for entry in told)


def test_new_tells_all_that_is_wrong(tmp_path, monkeypatch, capsys):
    (tmp_path / "something").touch()
    for arguments, complaints in (
        ([str(tmp_path), "--template", "festival"], ["did you mean 'street_festival'?", "with something in it"]),
        ([], ["DIR: found nothing"]),
    ):
        monkeypatch.setattr("sys.argv", ["crowdsim", "new", *arguments])
        with pytest.raises(SystemExit) as stop:
            commands.main()
        assert stop.value.code == 2
        told = capsys.readouterr().err
        assert all(complaint in told for complaint in complaints), told


def test_show_draws_the_plan_of_the_scenario_as_overridden(tmp_path):
    make_hall(tmp_path)
    for name, overrides in (("open.png", []), ("closed.png", ["exits.north.open=false"])):
        arguments = ["show", str(tmp_path / "hall"), *overrides, "--out", str(tmp_path / name), "--json"]
        result = CliRunner().invoke(app, arguments)
        told = json.loads(result.output)
        assert (told["scenario"], told["plan"]) == ("hall", str(tmp_path / name))
    opened, closed = (tmp_path / "open.png").read_bytes(), (tmp_path / "closed.png").read_bytes()
    assert opened.startswith(b"\x89PNG")
    assert opened != closed


def test_run_prints_stages_figures_and_verdict_without_colours(finished):
    done, parent = finished
    summary = json.loads((parent / "out" / "summary.json").read_text())
    assert "\x1b" not in done.stdout + done.stderr
    assert "simulating ..." in done.stdout
    assert "20 planned, 20 out" in done.stdout
    for criterion in summary["criteria"]:
        assert criterion["text"].split()[0] in done.stdout
    assert f"Verdict: {summary['verdict'].upper()}" in done.stdout
    assert done.stdout.rstrip().endswith("Run folder: out")
    assert done.stderr == ""


def test_a_runs_configuration_runs_again_to_the_same_trajectories(finished):
    _, parent = finished
    again = crowdsim("run", "out/config.yaml", "--out", "again", "--json", folder=parent)
    assert again.returncode == 0, again.stderr
    for name in ("trajectories.parquet", "events.parquet", "config.yaml", "venue.geojson"):
        assert (parent / "again" / name).read_bytes() == (parent / "out" / name).read_bytes()
    summary = json.loads(again.stdout)
    assert (summary["scenario"], summary["folder"]) == ("hall", "again")
    assert summary["attendees"]["exited"] == 20


def test_run_without_out_names_its_folder_after_scenario_and_time(finished):
    _, parent = finished
    done = crowdsim("run", "hall", "attendees.guests.count=1", "output.plots=false", "--quiet", folder=parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (folder,) = (parent / "outputs" / "hall").iterdir()
    assert (folder / "summary.json").is_file()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ScenarioError([Problem("a.yaml", "line 1", "x", "y")]), 2),
        (RunFolderError("cannot be written"), 2),
        (MissingExtraError("install crowdsim[pedpy]"), 2),
        (RecordingError("disk full"), 3),
        (SimulationError("failed"), 3),
        (MemoryError(), 3),
        (ZeroDivisionError("a mistake of ours"), 3),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
    ],
)
def test_every_failure_has_its_exit_code(error, code, monkeypatch, capsys):
    def fail(*args, **settings):
        raise error

    monkeypatch.setattr("crowdsim.config.paths.bundled_scenarios", fail)
    monkeypatch.setattr(sys, "argv", ["crowdsim", "list"])
    assert commands._run_app(make_console(stderr=True)) == code
    said = capsys.readouterr().err
    assert ("Traceback" in said) == isinstance(error, ZeroDivisionError)
    assert "interrupted" in said if code == 130 else str(error) in said


def test_a_watcher_off_a_terminal_prints_a_line_a_stage(capsys):
    with RichWatcher(make_console()) as watcher:
        watcher.stage("distance fields")
        watcher.say("3 goals")
        watcher.stage("simulating")
        watcher.progress(10.0, 300.0, 5, 15, 20)
    assert capsys.readouterr().out == "distance fields ...\n  3 goals\nsimulating ...\n"


def test_a_watcher_on_a_terminal_shows_bars_and_times(capsys, monkeypatch):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with RichWatcher(make_console()) as watcher:
        watcher.stage("simulating")
        watcher.progress(75.0, 300.0, 1234, 15, 2000)
        watcher._progress.refresh()
    shown = capsys.readouterr().out
    assert "1:15  1,234 inside  15 of 2,000 out" in shown
    assert "✓" in shown


def test_what_users_wrote_is_not_taken_for_markup(capsys):
    print_scenarios(make_console(), {"a": "Talks [red] and [/b] music"})
    assert "Talks [red] and [/b] music" in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3600, "1:00:00")])
def test_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1.3712, "1.37"), (77.04, "77"), (3600.0, "3,600"), (0.00123, "0.00123")]
)
def test_figures_are_readable(value, text):
    assert figure(value) == text
