"""`compare`: what changed, in keys and words; differences of figures; what is material; maps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from crowdsim import load_scenario, run
from crowdsim.cli.app import _run_app, app
from crowdsim.cli.screen import make_console
from crowdsim.errors import ScenarioError
from crowdsim.experiment.arm_folders import read_arms
from crowdsim.experiment.changes import find_changes
from crowdsim.experiment.compare import compare
from crowdsim.experiment.figures import figures
from crowdsim.experiment.wording import sentence
from crowdsim.measure import measure
from crowdsim.record import Recording
from crowdsim.report.difference import maps_of, unlike

ROOM = Path(__file__).parent / "room"
WIDTHS = {"wide": 2.4, "narrow": 1.0}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return run folders of two widths of the exit, seeds 1 to 5."""
    parent = tmp_path_factory.mktemp("runs")
    made = {}
    for name, width in WIDTHS.items():
        for seed in range(1, 6):
            overrides = [f"exits.out.width_m={width}", f"seed={seed}", "threads=1", "output.plots=false"]
            made[name, seed] = run(load_scenario(ROOM, overrides), parent / f"{name}_{seed}").folder
    return made


def test_runs_that_differ_in_the_seed_only_are_one_arm_and_pairs_are_taken_by_seed(folders):
    arms = read_arms([folders["wide", 1], folders["narrow", 2], folders["wide", 2], folders["narrow", 1]])
    assert [sorted(arm.figures) for arm in arms] == [[1, 2], [1, 2]]
    (one,) = compare(arms)
    assert one.paired == [1, 2]
    assert "paired t" in one.how
    assert [change.words for change in one.changes] == ["out 1 m wide instead of 2.4 m"]
    found = {figure.key: figure for figure in one.figures}["egress_time_s"].difference
    summaries = {key: json.loads((folder / "summary.json").read_text()) for key, folder in folders.items()}
    gaps = [summaries["narrow", s]["egress_time_s"] - summaries["wide", s]["egress_time_s"] for s in (1, 2)]
    assert found.change == pytest.approx(np.mean(gaps))
    assert found.ci95[0] <= min(gaps) <= max(gaps) <= found.ci95[1]


def test_a_narrower_exit_is_a_material_change_told_in_words(folders):
    (one,) = compare(read_arms(list(folders.values())))
    texts = one.material
    assert texts[0] == "verdicts of the runs: 5 pass; then 5 fail"
    (told,) = [text for text in texts if text.startswith("time until the last one is out")]
    assert " rises from " in told
    assert "95 % interval of the change" in told
    assert not any(figure.material for figure in one.figures if figure.key == "attendees.exited")


def test_single_runs_are_compared_without_intervals_and_say_so(folders):
    (one,) = compare(read_arms([folders["wide", 1], folders["narrow", 1]]))
    assert "no intervals" in one.how
    assert all(figure.difference is None or figure.difference.ci95 is None for figure in one.figures)
    assert any("no interval" in figure.text for figure in one.figures if figure.material)


def test_every_folder_that_cannot_be_compared_is_told(folders, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ScenarioError) as error:
        read_arms([folders["wide", 1], empty, tmp_path / "none"])
    assert len(error.value.problems) == 2
    with pytest.raises(ScenarioError, match="one configuration only"):
        read_arms([folders["wide", 1], folders["wide", 2]])


def test_changes_of_venue_and_configuration_in_words():
    base = load_scenario(ROOM)
    door = load_scenario(
        ROOM,
        [
            "attendees.guests.count=50",
            "movement=social_force",
            "added.pillar={kind: obstacle, polygon: [[8, 3], [9, 3], [9, 4], [8, 4]]}",
            "interventions=[{at_s: 20, open: out}]",
        ],
    )
    exits = {"out": replace(door.config.exits["out"], open=False)}
    door = replace(door, config=replace(door.config, exits=exits))
    words = [change.words for change in find_changes(base, door)]
    assert "50 people in guests instead of 60" in words
    assert "out closed instead of open" in words
    assert "movement model social_force instead of collision_free_speed" in words
    assert "with “at 20 s: open out”" in words
    assert "obstacle pillar is new" in words
    assert not find_changes(base, replace(base, config=replace(base.config, seed=7)))


def test_many_changes_are_told_in_part_and_what_an_arm_assumes_first(folders):
    first, second = read_arms([folders["wide", 1], folders["narrow", 1]])
    (one,) = compare([first, replace(second, assuming="free speeds -10 %")])
    assert one.changed == ["assuming free speeds -10 %", "out 1 m wide instead of 2.4 m"]
    many = replace(one, changes=one.changes * 40)
    assert len(many.changed) == 13
    assert many.changed[-1] == "and 29 more keys"
    assert len(many.document()["changes"]) == 40


def test_figures_are_flat_and_hold_no_settings():
    summary = {
        "seed": 3,
        "scenario": "x",
        "egress_time_s": None,
        "delay_s": {"mean": 2.0},
        "density": {"max_per_m2": 4.0, "at": {"x": 1.0}, "method": "text"},
        "criteria": [{"id": "one", "value": 5.0, "limit": 9.0, "passed": True}],
        "performance": {"wall_s": 1.0},
    }
    expected = {"egress_time_s": None, "delay_s.mean": 2.0, "density.max_per_m2": 4.0, "criteria.one.value": 5.0}
    assert figures(summary) == expected


def test_a_figure_that_one_arm_lacks_is_told(folders):
    arms = tuple(read_arms([folders["wide", 1], folders["narrow", 1]]))
    text = sentence("queues.desks.p95_wait_s", (2760.0, None), None, (0, 1), arms)
    assert text == "95th percentile of waits at desks: 46 min in wide_1, no value in narrow_1"


def test_maps_are_those_of_the_run_and_only_equal_grids_are_taken_from_each_other(folders):
    recording = Recording(folders["wide", 1])
    maps, measured = maps_of(recording), measure(recording).maps
    assert np.array_equal(maps.peak_density_per_m2, measured.peak_density_per_m2)
    assert np.array_equal(maps.exposure_person_s, measured.exposure_person_s)
    assert unlike(maps, maps_of(Recording(folders["narrow", 1]))) == ""
    assert "extent" in unlike(maps, replace(maps, peak_density_per_m2=maps.peak_density_per_m2[1:]))
    assert "same place" in unlike(maps, replace(maps, x_m=maps.x_m + 5))
    assert "cells of" in unlike(maps, replace(maps, cell_m=1.0))


def test_the_command_writes_a_page_figures_and_maps(folders, tmp_path):
    out = tmp_path / "out"
    runs = [str(folders[key]) for key in (("wide", 1), ("wide", 2), ("narrow", 1), ("narrow", 2))]
    done = CliRunner().invoke(app, ["compare", *runs, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "out 1 m wide instead of 2.4 m" in done.output
    page = (out / "compare.md").read_text()
    (told,) = json.loads((out / "compare.json").read_text())["comparisons"]
    assert told["maps"] == ["change_1_density.png", "change_1_exposure.png"]
    for name in told["maps"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
        assert f"({name})" in page
    for text in told["material"]:
        assert text[1:] in page
    again = CliRunner().invoke(app, ["compare", *runs, "--out", str(out)])
    assert "--force" in str(again.exception)
    shown = CliRunner().invoke(app, ["compare", *runs, "--json"])
    assert json.loads(shown.output)["comparisons"][0]["changes"] == told["changes"]


def test_the_command_tells_bad_folders_with_exit_code_2(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["crowdsim", "compare", str(tmp_path), str(tmp_path / "none")])
    assert _run_app(make_console(stderr=True)) == 2
    assert "2 problems" in capsys.readouterr().err
