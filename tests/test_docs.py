"""The commands and programs of the documentation run as they stand."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim import load_scenario
from crowdsim.assess.by_hand_compared import AGREES, NOT_COMPARED, QUICKER, SLOWER, UNEXPLAINED
from crowdsim.cli import app
from crowdsim.population import plan_population
from crowdsim.scenario.choice import Choice
from crowdsim.scenario.geojson import read_features
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.hand_rates import HAND_RATES
from crowdsim.scenario.intervention import VERBS, Intervention
from crowdsim.scenario.steward import Steward
from crowdsim.venue import build_venue
from crowdsim.venue.checks import find_problems

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / page).read_text())


def run_page(page: str) -> None:
    """Run a page's commands and programs in the working folder; its YAML must be readable."""
    names: dict[str, object] = {}
    for language, text in blocks(page):
        if language == "bash":
            for line in text.strip().splitlines():
                with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as stop:
                    patch.setattr(sys, "argv", shlex.split(line, comments=True))
                    app.main()
                assert stop.value.code == 0, line
        elif language == "python":
            exec(compile(text, page, "exec"), names)
        else:
            assert yaml.safe_load(text)


def test_the_tutorial_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page("docs/your_own_venue.md")
    assert (tmp_path / "egress.png").exists()
    assert (tmp_path / "narrow" / "summary.json").exists()


def test_the_page_on_levels_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page("docs/levels.md")
    venue = (tmp_path / "with_barrier" / "venue.geojson").read_text()
    assert '"name": "barrier"' in venue


def test_a_behaviour_of_ones_own_takes_few_lines_and_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page("docs/behaviour.md")
    (program,) = [text for language, text in blocks("docs/behaviour.md") if language == "python"]
    behaviour = program[program.index("class Steward") : program.index("model = cs")]
    assert len([text for text in behaviour.splitlines() if text.strip()]) <= 20


def test_the_page_on_interventions_shows_everything_that_can_be_done():
    ((_, text),) = blocks("docs/interventions.md")
    done = TypeAdapter(tuple[Intervention, ...]).validate_python(yaml.safe_load(text)["interventions"])
    assert {verb for one in done for verb in VERBS if getattr(one, verb)} == set(VERBS)


def test_the_page_on_hand_calculations_has_the_rates_and_verdicts_of_the_program():
    page = (ROOT / "docs/by_hand.md").read_text()
    (text,) = [text for language, text in blocks("docs/by_hand.md") if language == "yaml"]
    chosen = yaml.safe_load(text)["measure"]["hand_rates"]
    assert load_scenario("bottleneck_lab", [f"measure.hand_rates={chosen}"]).config.measure.hand_rates == chosen
    for name, rates in HAND_RATES.items():
        (row,) = [row for row in page.splitlines() if row.startswith(f"| `{name}`: {rates.title} |")]
        level, steps = (float(cell.split()[0]) for cell in row.split("|")[2:4])
        assert (level, steps) == (rates.level_per_m_min, rates.stepped_per_m_min)
    for verdict in (AGREES, SLOWER, QUICKER, NOT_COMPARED):
        assert f"| {verdict} |" in page
    assert UNEXPLAINED in page


def test_the_page_on_choosing_tells_of_every_key():
    (_, text), (_, posted), (_, routes) = blocks("docs/choice.md")
    group = TypeAdapter(AttendeeGroup).validate_python(yaml.safe_load(text)["attendees"]["visitors"])
    assert yaml.safe_load(routes) == {"routes": "quickest"}
    assert group.choice == Choice(guided=0.3, knows={"main": 1.0, "side": 0.2})
    page = (ROOT / "docs/choice.md").read_text()
    for key in Choice.__dataclass_fields__:
        assert f"| `{key}` |" in page
    (steward,) = TypeAdapter(dict[str, Steward]).validate_python(yaml.safe_load(posted)["stewards"]).values()
    assert steward == Steward(at=(23, 32), compliance=0.5)
    for key in Steward.__dataclass_fields__:
        assert f"`{key}`" in page


def test_the_page_on_importing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page("docs/importing.md")
    kinds = [
        feature["properties"]["kind"]
        for feature in json.loads((tmp_path / "club/venue.geojson").read_text())["features"]
    ]
    assert sorted(kinds) == ["door", "exit", "obstacle", "walkable", "zone"]
    summary = json.loads((tmp_path / "club/run/summary.json").read_text())
    assert summary["attendees"]["exited"] == summary["attendees"]["planned"] == 100


def test_the_page_on_drawing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page("docs/drawing.md")
    (by_hand,) = (text for language, text in blocks("docs/drawing.md") if language == "json")
    (tmp_path / "my_hall" / "venue.geojson").write_text(by_hand)
    assert not read_features(tmp_path / "my_hall" / "venue.geojson").problems


def test_the_examples_of_arrivals_hold():
    """Every group of the page comes, over entrances and zones of these names, as many as it says."""
    entrances = [line(name, "entrance", (0, y), (0, y + 4)) for name, y in [("gate_west", 1), ("gate_east", 8)]]
    stands = [area(name, "zone", rectangle(x, 0, x + 10, 20)) for name, x in [("stand_north", 5), ("stand_south", 18)]]
    features = [
        area("ground", "walkable", rectangle(0, 0, 40, 20)),
        *entrances,
        line("gate_station", "entrance", (0, 14), (0, 18)),
        *stands,
        line("out", "exit", (40, 8), (40, 12)),
    ]
    planned = {}
    for language, text in blocks("docs/arrivals.md"):
        assert language == "yaml"
        scene = scenario(features, yaml.safe_load(text)["attendees"])
        assert not find_problems(scene)
        population = plan_population(scene, build_venue(scene))
        planned |= dict(zip(population.groups, np.bincount(population.group).tolist(), strict=True))
    assert planned.pop("guests") < 600
    assert planned == {
        "staff": 300,
        "passers_by": 300,
        "visitors": 600,
        "counted": 580,
        "by_train": 600,
        "by_ferry": 250,
        "crowd": 900,
        "seated": 90,
    }


def test_the_examples_and_figures_of_profiles_hold():
    features = [
        area("ground", "walkable", rectangle(0, 0, 20, 20)),
        line("gate", "entrance", (0, 1), (0, 5)),
        line("out", "exit", (20, 8), (20, 12)),
    ]
    ((_, text),) = blocks("docs/profiles.md")
    values = yaml.safe_load(text)
    groups, kinds = values.pop("attendees"), values.pop("profiles")
    standard = yaml.safe_load((ROOT / "configs/profiles/standard.yaml").read_text())
    mixes = yaml.safe_load((ROOT / "configs/mixes/standard.yaml").read_text())
    scene = scenario(features, groups, profiles=standard | kinds, mixes=mixes | values["mixes"])
    assert not find_problems(scene)
    population = plan_population(scene, build_venue(scene))
    assert {"tall_hat", "intoxicated", "wheelchair_electric"} <= set(population.profiles)
    page = (ROOT / "docs/profiles.md").read_text()
    told = re.findall(r"^\| `(\w+)`[^|]*\| ([^|]*) \| ([^|]*) \| ([^|]*) \|.*\|.*\|$", page, re.MULTILINE)
    assert [name for name, *_ in told] == list(standard)
    for name, speed, radius, stairs in told:
        profile = scene.config.profiles[name]
        free, body = profile.free_speed_m_s, profile.body_radius_m
        spread = f", {body.min:g} to {body.max:g}" if body.sd else ""
        assert speed == f"{free.mean:g}, {free.sd:g}, {free.min:g} to {free.max:g}"
        assert radius == f"{body.mean:g}{spread}"
        assert stairs == ("none" if profile.step_free else f"{profile.stairs_up:.3g}, {profile.stairs_down:.3g}")


def test_the_serpentine_of_the_page_on_services_fits_the_arena(tmp_path):
    (text,) = [text for language, text in blocks("docs/services.md") if language == "yaml" and text.startswith("added")]
    added = json.dumps(yaml.safe_load(text)["added"]).replace('"', "")
    scene = load_scenario("arena_concert", [f"added={added}", "services.women.queues=women_lanes"])
    assert not find_problems(scene)
    length_m = build_venue(scene).queues["women_lanes"].length
    assert int(length_m / scene.config.services["women"].spacing_m) + 1 > 80


def test_the_pictures_can_be_made_again(tmp_path):
    made = subprocess.run([sys.executable, ROOT / "docs/pictures.py", tmp_path], check=False, capture_output=True)
    assert made.returncode == 0, made.stderr
    for picture in ("drawing_steps.png", "arrivals.png", "profiles.png", "serpentines.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")


def test_links_in_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
