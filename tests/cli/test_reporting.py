"""`crowdsim report` and `crowdsim animate`: exit codes, what is printed, what is written."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from cli.test_commands import crowdsim
from crowdsim.cli.app import app
from crowdsim.cli.late_bar import SHOWN_AFTER_S, LateBar
from crowdsim.cli.screen import make_console
from crowdsim.errors import RunFolderError, ScenarioError


@pytest.fixture(scope="module")
def folder(hall_run, tmp_path_factory):
    return shutil.copytree(hall_run.folder, tmp_path_factory.mktemp("reported") / "run")


def test_report_writes_a_page_into_the_run_folder(folder):
    done = crowdsim("report", folder)
    assert done.returncode == 0, done.stderr
    assert f"Report: {folder / 'report.html'}" in done.stdout
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_report_as_json_and_quiet(folder, tmp_path):
    out = tmp_path / "page.md"
    result = CliRunner().invoke(app, ["report", str(folder), "--format", "md", "--out", str(out), "--json"])
    told = json.loads(result.output)
    assert told == {"report": str(out), "bytes": out.stat().st_size, "verdict": told["verdict"]}
    assert CliRunner().invoke(app, ["report", str(folder), "--out", str(tmp_path / "b.html"), "--quiet"]).output == ""
    assert (tmp_path / "b.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "{tmp}/nowhere"], "no run folder"),
        (["report", "{run}", "--format", "pdf"], "--format: found 'pdf'; allowed: one of: html, md"),
        (["report", "{run}", "--out", "{tmp}/no/page.html"], "cannot be written"),
        (["animate", "{tmp}"], "no run folder"),
        (["animate", "{run}", "--out", "a.avi", "--speed", "0"], "--speed: found 0"),
    ],
)
def test_bad_input_is_told(folder, tmp_path, arguments, said):
    result = CliRunner().invoke(app, [argument.format(tmp=tmp_path, run=folder) for argument in arguments])
    assert isinstance(result.exception, ScenarioError | RunFolderError)
    assert said in str(result.exception)


def test_bad_input_is_told_without_a_traceback(tmp_path):
    done = crowdsim("report", tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == f"{tmp_path}: no run folder, or one cut off while written (config.yaml is missing)"


def test_animate_writes_a_still(folder, tmp_path):
    out = tmp_path / "still.png"
    result = CliRunner().invoke(app, ["animate", str(folder), "--out", str(out), "--from", "5"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Animation: {out} (1 picture,")
    result = CliRunner().invoke(app, ["animate", str(folder), "--out", str(out), "--json"])
    assert json.loads(result.output)["pictures"] == 1


def test_help_has_examples():
    for name in ("report", "animate"):
        assert f"Example: crowdsim {name}" in CliRunner().invoke(app, [name, "--help"]).output


def test_the_bar_comes_late(monkeypatch):
    started = []
    with LateBar(make_console()) as bar:
        monkeypatch.setattr(bar._progress, "start", lambda: started.append(True))
        bar.show("reading", None)
        assert not started
        bar._began -= SHOWN_AFTER_S + 1
        bar.show("writing", 0.5)
        assert started
        assert bar._progress.tasks[0].completed == 0.5
