"""`crowdsim show`: the plan, walking distances, what zones hold, and mistakes marked."""

import json
import shutil

import pytest
from matplotlib.image import imread

from crowdsim.cli import app
from crowdsim.config.paths import SCENARIOS


def show(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["crowdsim", "show", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        app.main()
    return stop.value.code


def test_distances_and_capacities_are_shown(tmp_path, monkeypatch, capsys, plain_terminal):
    plan, far = tmp_path / "plan.png", tmp_path / "far.png"
    assert show(monkeypatch, "station_platform", "--out", plan, "--distances", far) == 0
    text = capsys.readouterr().out
    assert "waiting_west" in text
    assert "398" in text
    assert "47 per 10 m2" in text
    assert imread(plan).shape[1] == imread(far).shape[1] == 1500


def test_json_tells_what_zones_hold(tmp_path, monkeypatch, capsys):
    assert show(monkeypatch, "arena_egress", "--out", tmp_path / "plan.png", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    floor = told["zones"][0]
    assert floor["capacity"][0] == {
        "per_m2": 2.0,
        "people": int(2 * floor["area_m2"]),
        "source": floor["capacity"][0]["source"],
    }


def test_mistakes_are_marked_on_the_plan(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "bad"
    shutil.copytree(SCENARIOS / "station_platform", folder)
    venue = folder / "venue.geojson"
    venue.write_text(venue.read_text().replace('"width_m": 2.4', '"width_m": 0.3'))
    plan = tmp_path / "plan.png"
    assert show(monkeypatch, folder, "--out", plan) == 2
    told = capsys.readouterr().err
    assert "stair 'stair_west': found a width of 0.30 m" in told
    assert "with its mistakes marked is in" in told
    red = imread(plan)[..., :3]
    marked = (red[..., 0] > 0.6) & (red[..., 1] < 0.25) & (red[..., 2] < 0.25)
    assert marked.sum() > 1000


def test_without_a_venue_nothing_is_drawn(tmp_path, monkeypatch, capsys):
    assert show(monkeypatch, "no_such_scenario", "--out", tmp_path / "plan.png") == 2
    assert not (tmp_path / "plan.png").exists()
    assert "marked" not in capsys.readouterr().err
