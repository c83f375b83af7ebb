"""`crowdsim validate`: what it prints, writes and returns."""

import json
import sys
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from crowdsim.cli import app as commands
from crowdsim.cli.app import app
from crowdsim.validate import catalogue
from crowdsim.validate import rimea_components as components


def validate(*arguments):
    return CliRunner().invoke(app, ["validate", *map(str, arguments)])


def main(monkeypatch, *arguments):
    """Return the exit code and what is said of errors."""
    monkeypatch.setattr(sys, "argv", ["crowdsim", "validate", *map(str, arguments)])
    console = Console(record=True, width=300)
    return commands._run_app(console), console.export_text()


def test_help_has_an_example(plain_terminal):
    assert "Example: crowdsim validate" in validate("--help").output


def test_the_list_names_every_case(plain_terminal):
    output = validate("--list").output
    assert all(case.id in output and case.title in output for case in catalogue.CASES)
    rows = json.loads(validate("--list", "--json", "--quick").output)
    assert {row["id"] for row in rows} == {case.id for case in catalogue.CASES if case.quick}
    assert validate("--list", "--quiet").output == ""


def test_a_passing_case_writes_page_and_table_and_exits_with_0(tmp_path, plain_terminal):
    out = tmp_path / "v"
    done = validate("rimea-1", "nist-2.5", "--out", out)
    assert done.exit_code == 0
    assert "rimea-1" in done.output and "1 pass, 0 fail, 1 documented" in done.output
    table = json.loads((out / "validation.json").read_text())
    assert [(row["test"], row["verdict"]) for row in table["cases"]] == [
        ("rimea-1", "pass"),
        ("nist-2.5", "documented"),
    ]
    assert "<h1>" in (out / "validation.html").read_text()
    again = validate("rimea-1", "--out", out)
    assert again.exit_code != 0
    assert "holds another validation" in str(again.exception)


def test_json_is_one_document(tmp_path):
    done = validate("imo-1", "--json", "--out", tmp_path / "v")
    shown = json.loads(done.stdout)
    assert shown["cases"][0]["test"] == "imo-1"
    assert shown["folder"] == str(tmp_path / "v")


def test_quiet_prints_nothing(tmp_path):
    assert validate("imo-1", "--quiet", "--out", tmp_path / "v").output == ""


def test_the_folder_is_named_after_the_date(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert validate("imo-1", "--quiet").exit_code == 0
    assert validate("imo-1", "--quiet").exit_code == 0
    assert len(list((tmp_path / "outputs" / "validation").glob("*/validation.html"))) == 2


def test_a_failing_case_makes_the_command_exit_with_1(tmp_path, monkeypatch):
    slow_walker = replace(catalogue.CASES[0], run=lambda trial: components.corridor(trial, speed_m_s=0.9))
    monkeypatch.setattr(catalogue, "CASES", (slow_walker,))
    assert main(monkeypatch, "--quiet", "--out", tmp_path / "v")[0] == 1
    assert json.loads((tmp_path / "v" / "validation.json").read_text())["cases"][0]["verdict"] == "fail"


def test_all_unknown_names_are_told_at_once_and_nothing_is_written(tmp_path, monkeypatch):
    code, said = main(monkeypatch, "rimea-l", "imo-44", "--movement", "social_farce", "--out", tmp_path / "v")
    assert code == 2
    assert "3 problems" in said
    assert "'rimea-l'; allowed: did you mean 'rimea-" in said
    assert "'social_farce'" in said
    assert not (tmp_path / "v").exists()
    assert main(monkeypatch, "--seeds", 0, "--list")[0] == 2
    assert main(monkeypatch, "--list", "--movement", "nothing")[0] == 2


def test_a_folder_that_cannot_be_made_is_bad_input(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    code, said = main(monkeypatch, "imo-1", "--out", tmp_path / "file" / "v")
    assert code == 2
    assert "cannot be written" in said


def test_an_interrupt_ends_with_130(tmp_path, monkeypatch):
    def interrupted(trial):
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "CASES", (replace(catalogue.CASES[0], run=interrupted),))
    code, _ = main(monkeypatch, "--quiet", "--out", tmp_path / "v")
    assert code == 130
    assert not (tmp_path / "v").exists()


def test_an_interrupt_keeps_the_cases_that_are_finished(tmp_path, monkeypatch):
    def interrupted(trial):
        raise KeyboardInterrupt

    first, second = (case for case in catalogue.CASES if case.id in ("rimea-1", "rimea-2"))
    monkeypatch.setattr(catalogue, "CASES", (first, replace(second, run=interrupted)))
    code, _ = main(monkeypatch, "--quick", "--out", tmp_path / "v")
    assert code == 130
    assert [case["test"] for case in json.loads((tmp_path / "v" / "validation.json").read_text())["cases"]] == [
        "rimea-1"
    ]


@pytest.mark.parametrize("option", ["--quick", "--list"])
def test_options_go_together(option):
    assert validate("nist", "--quick", "--list", option).exit_code == 0
