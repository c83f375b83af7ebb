"""What is told of a drawing by options and by a map file, and a drawing from file to floor by them."""

import ezdxf
import pytest
from ezdxf import units

from crowdsim import load_scenario
from crowdsim.errors import ScenarioError
from crowdsim.importing.closing import GAP_M
from crowdsim.importing.told import Options, read_told
from importing.test_command import call

MAP = """\
unit: cm
gap_m: 0.1
inside: [[250, 300], [900, 300]]
layers:
  '*': ignore
  'A-WALL*': wall
"""


def map_file(folder, text=MAP):
    path = folder / "map.yaml"
    path.write_text(text)
    return path


def test_a_map_file_says_what_options_do(tmp_path):
    told = read_told(Options(map_file=map_file(tmp_path)))
    assert told.kinds == {"*": "ignore", "A-WALL*": "wall"}
    assert told.reading.unit_m == 0.01
    assert told.gap_m == 0.1
    assert told.inside == ((250, 300), (900, 300))


def test_what_is_typed_goes_before_the_file(tmp_path):
    told = read_told(
        Options(layers=["A-WALL-LOW=obstacle"], unit="2.5", inside=["1,2"], gap="0", map_file=map_file(tmp_path))
    )
    assert list(told.kinds) == ["*", "A-WALL*", "A-WALL-LOW"]
    assert told.reading.unit_m == 2.5
    assert told.inside == ((1, 2),)
    assert told.gap_m == 0


def test_nothing_told():
    told = read_told(Options())
    assert (told.kinds, told.inside, told.gap_m) == ({}, (), GAP_M)
    assert told.reading.unit_m is None


def test_all_mistakes_at_once(tmp_path):
    text = (
        "unit: furlong\ngap: 3\ngap_m: -1\ninside: [[1, 2, 3], [4, x]]\nlayers: {A: wal, B: wall}\nbox: [3, 0, 1, 1]\n"
    )
    with pytest.raises(ScenarioError) as caught:
        read_told(Options(crs=None, inside=(), map_file=map_file(tmp_path, text), layers=["A=dor"]))
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 8
    for part in (
        "line 2, gap: found no such key",
        "'furlong'",
        "-1",
        "[1, 2, 3]",
        "kind 'wal'",
        "kind 'dor'",
        "[3, 0, 1, 1]",
    ):
        assert any(part in line for line in told), part


@pytest.mark.parametrize(
    "options", [{"unit": "nan"}, {"unit": "-1"}, {"gap": "x"}, {"gap": "99"}, {"inside": ["3"]}, {"box": "1,2,nan,4"}]
)
def test_options_that_are_no_numbers(options):
    with pytest.raises(ScenarioError) as caught:
        read_told(Options(**options))
    assert caught.value.problems[0].file == f"--{next(iter(options))}"


# ---------------------------------------------------------------- from file to scenario
def house(folder):
    """A room of 12 x 6 m in centimetres, its walls 20 cm thick, with an inner wall, a door and a way out."""
    made = ezdxf.new("R2010")
    made.units = units.CM
    space = made.modelspace()
    wall, door = {"layer": "A-WALL"}, {"layer": "A-DOOR"}

    def block(x0, y0, x1, y1):
        space.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True, dxfattribs=wall)

    for outer in ((-20, -20, 1220, 0), (-20, 600, 1220, 620), (-20, 0, 0, 600), (1200, 0, 1220, 200)):
        block(*outer)
    for other in ((1200, 350, 1220, 600), (500, 0, 520, 300), (500, 390, 520, 600)):
        block(*other)
    swing = made.blocks.new("DOOR")
    swing.add_arc((0, 0), 90, 0, 90)
    swing.add_line((0, 0), (0, 90))
    space.add_blockref("DOOR", (500, 300), dxfattribs={**door, "rotation": 90})
    space.add_lwpolyline([(1200, 200), (1200, 350)], dxfattribs={"layer": "EXITS"})
    space.add_text("Foyer", dxfattribs={"layer": "A-TEXT"})
    path = folder / "house.dxf"
    made.saveas(path)
    return path


def test_a_drawing_becomes_a_venue_that_can_be_run(tmp_path, monkeypatch, capsys):
    path = house(tmp_path)
    layers = ["--layer", "A-WALL=wall", "--layer", "A-DOOR=door", "--layer", "EXITS=exit"]
    out = tmp_path / "house"
    assert call(monkeypatch, path, "--out", out, *layers) == 2
    told = capsys.readouterr()
    assert "walls and no walkable area" in told.err
    assert (tmp_path / "house_layers.png").read_bytes().startswith(b"\x89PNG")
    assert call(monkeypatch, path, "--out", out, *layers, "--inside", "250,300") == 0
    assert "1 door symbols drawn closed" in capsys.readouterr().out
    scenario = load_scenario(out)
    kinds = sorted(feature.kind for feature in scenario.features if feature.kind in ("door", "exit", "walkable"))
    assert kinds == ["door", "exit", "walkable"]
    (way,) = [feature for feature in scenario.features if feature.kind == "door"]
    assert way.line_width_m == pytest.approx(0.9)


def test_layers_that_are_not_known_are_told_with_what_they_may_be(tmp_path, monkeypatch, capsys):
    assert call(monkeypatch, house(tmp_path), "--out", tmp_path / "x") == 2
    told = capsys.readouterr().err
    assert "--layer 'A-WALL=wall', a kind being one of walkable, obstacle" in told
    assert "--layer 'A-DOOR=door'" in told
    assert "--layer '*=ignore' before the others" in told
