"""`crowdsim import` from file to scenario folder, and the understanding of shapes."""

import json

import pytest
import yaml
from shapely import LineString, Polygon, box

from crowdsim import load_scenario, run
from crowdsim.cli import app
from crowdsim.importing.drawing import Drawing, Shape
from crowdsim.importing.formats import READERS
from crowdsim.importing.mapping import kinds_of_layers, read_layers
from crowdsim.importing.start import start_zone, starter
from crowdsim.importing.understand import understand
from crowdsim.scenario.feature import Feature
from crowdsim.scenario.geojson import read_features
from importing.maps import Map


def call(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["crowdsim", "import", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        app.main()
    return stop.value.code


def drawing(*shapes, **kinds):
    return Drawing(
        tuple(Shape(geometry, layer, f"shape {k}", **more) for k, (geometry, layer, more) in enumerate(shapes)),
        "metres",
        kinds,
    )


def town():
    made = Map()
    made.area(0, 0, 60, 40, place="square", name="Market")
    made.area(20, 15, 30, 25, building="yes")
    made.way((-80.0, 20.0), (0.0, 20.0), (60.0, 20.0), (140.0, 20.0), highway="pedestrian", name="Main Street")
    return made


def test_a_map_becomes_a_scenario_that_can_be_completed(tmp_path, monkeypatch, capsys):
    path = town().write(tmp_path)
    assert call(monkeypatch, path, "--out", tmp_path / "town", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {entry["kind"] for entry in told["understood"]} >= {"walkable", "obstacle"}
    venue = read_features(tmp_path / "town" / "venue.geojson")
    assert not venue.problems
    assert (tmp_path / "town" / "import.png").read_bytes().startswith(b"\x89PNG")
    assert "attendees" in (tmp_path / "town" / "scenario.yaml").read_text()


def test_a_venue_is_not_replaced_unless_forced(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.wkt").write_text("POLYGON ((0 0, 20 0, 20 10, 0 10, 0 0))\n")
    arguments = (tmp_path / "a.wkt", "--out", tmp_path / "a", "--quiet")
    assert [call(monkeypatch, *arguments), call(monkeypatch, *arguments), call(monkeypatch, *arguments, "--force")] == [
        0,
        2,
        0,
    ]
    assert "holds a venue.geojson already" in capsys.readouterr().err


def test_what_was_imported_runs_once_it_has_an_exit(tmp_path, monkeypatch, capsys):
    (tmp_path / "hall.wkt").write_text(
        "MULTIPOLYGON (((0 0, 20 0, 20 10, 0 10, 0 0), (9 0.2, 12 0.2, 12 9.8, 9 9.8, 9 0.2)),"
        "((30 0, 35 0, 35 5, 30 0)))"
    )
    assert call(monkeypatch, tmp_path / "hall.wkt", "--out", tmp_path / "hall") == 0
    assert "Added: zone everywhere, the largest connected part" in " ".join(capsys.readouterr().out.split())
    scenario = load_scenario(tmp_path / "hall", ["added.out={kind: exit, line: [[0, 4], [0, 6]]}"])
    assert scenario.config.attendees["visitors"].start == "everywhere"
    (zone,) = scenario.named("zone").values()
    x = [x for x, _ in zone.polygons[0][0]]
    assert (min(x), max(x)) == pytest.approx((0, 9))  # 20 cm beside the block let nobody through
    attendees = run(scenario).summary["attendees"]
    assert attendees["exited"] == attendees["planned"] == 90


def test_a_venue_with_zones_gets_no_other_and_begins_with_the_largest_on_a_level_with_an_exit():
    def area(name, x, level):
        return Feature(name, "zone", polygons=((((0, 0), (x, 0), (x, 5), (0, 5)),),), level=level)

    zones = [area("small", 3, "a"), area("large", 5, "a"), area("above", 99, "b")]
    assert start_zone(zones) is None
    text = starter([*zones, Feature("out", "exit", line=((0, 0), (0, 1)), level="a")], {"a": 2.0}, "t")
    values = yaml.safe_load(text)
    assert values["attendees"]["visitors"] == {"start": "large", "count": 25, "itinerary": [{"exit": "nearest"}]}
    assert values["levels"] == {"a": {"elevation_m": 2.0}, "b": {"elevation_m": 4.0}}
    entrance = yaml.safe_load(starter([Feature("in", "entrance", line=((0, 0), (0, 1)))], {}, "t"))
    assert entrance["attendees"]["visitors"]["arrival"]["kind"] == "constant"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["plan.xyz"], "a file whose name ends with '.xyz'; allowed: one of: .dxf, .ifc"),
        (["missing.osm"], "no such file"),
        (["a.wkt", "--unit", "furlong"], "'furlong'; allowed: one of m, cm, mm"),
        (["a.wkt", "--box", "1,2,3"], "'1,2,3'; allowed: WEST,SOUTH,EAST,NORTH"),
        (["a.wkt", "--box", "3,2,1,4"], "west below east"),
        (["a.wkt", "--layer", "walls"], "no LAYER=KIND"),
        (["a.wkt", "--layer", "*=wal"], "kind 'wal'; allowed: "),
        (["a.wkt", "--layer", "nothing*=obstacle"], "no layer 'nothing*'"),
        (["a.wkt", "--layer", "*=obstacle"], "no walkable area"),
    ],
)
def test_mistakes_are_told(tmp_path, monkeypatch, capsys, arguments, complaint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.wkt").write_text("POLYGON ((0 0, 20 0, 20 10, 0 10, 0 0))\n")
    assert call(monkeypatch, *arguments) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert "Traceback" not in told
    assert not (tmp_path / "a").exists()


def test_every_reader_is_there():
    from importlib import import_module  # noqa: PLC0415

    for entry in READERS.values():
        module, function = entry.split(":")
        assert callable(getattr(import_module(module), function))


# ---------------------------------------------------------------- understanding
def test_layers_without_a_kind_are_told_with_their_number():
    made = drawing(
        (box(0, 0, 1, 1), "floor", {}),
        (box(0, 0, 1, 1), "chairs", {}),
        (box(2, 0, 3, 1), "chairs", {}),
        floor="walkable",
    )
    kinds, problems = kinds_of_layers(made, {}, "plan")
    assert kinds == {"floor": "walkable"}
    assert [(problem.where, problem.found) for problem in problems] == [("layer 'chairs'", "2 shapes of no known kind")]
    given, wrong = read_layers(["CHAIR*=ignore"])
    assert not wrong
    assert kinds_of_layers(made, given, "plan") == ({"floor": "walkable", "chairs": "ignore"}, [])


def test_shapes_are_mended_kept_once_or_left_out_with_a_reason():
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    made = drawing(
        (bow, "floor", {}),
        (box(20, 0, 30, 10), "floor", {}),
        (box(20, 0, 30, 10.0000001), "floor", {}),
        (LineString([(40, 0), (50, 0), (50, 10), (40, 0)]), "floor", {}),
        (LineString([(0, 0), (5, 1), (10, 0)]), "doors", {"name": "North door"}),
        (LineString([(0, 0), (0.001, 0)]), "doors", {}),
        (box(0, 0, 1, 1), "doors", {}),
        (LineString([(0, 0), (5, 0)]), "stairs", {}),
        (box(0, 0, 1, 1), "junk", {}),
    )
    kinds = {"floor": "walkable", "doors": "door", "stairs": "stair", "junk": "ignore"}
    features, account = understand(made, kinds)
    assert [feature.kind for feature in features] == ["walkable"] * 3 + ["door"]
    assert features[3].name == "North_door"
    assert features[3].line == ((0.0, 0.0), (10.0, 0.0))
    assert sum(entry.area_m2 for entry in account.understood) == pytest.approx(50 + 100 + 50)
    reasons = {entry.why.split(";")[0] for entry in account.dropped}
    assert reasons == {
        "the same was drawn before",
        "shorter than 0.05 m",
        "a Polygon",
        "no to_level",
        "told to ignore them",
    }
    assert len(account.mended) == 2
    assert json.dumps(account.to_json())


def test_names_are_unique_and_can_be_overridden():
    made = drawing(
        *(
            (LineString([(k, 0), (k, 1)]), "exit", {"name": name})
            for k, name in enumerate(("A 1", "A_1", "", "nearest", "5"))
        ),
        exit="exit",
    )
    features, _ = understand(made, {"exit": "exit"})
    names = [feature.name for feature in features]
    assert len(set(names)) == 5
    assert names[0] == "A_1"
    assert all(name[0].isalpha() and name != "nearest" for name in names)
