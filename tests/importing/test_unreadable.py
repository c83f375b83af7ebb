"""Files that no reader of maps can read: one clear problem each, never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.dxf import read_dxf
from crowdsim.importing.geo import read_geojson
from crowdsim.importing.ifc import read_ifc
from crowdsim.importing.jupedsim import read_jupedsim
from crowdsim.importing.osm import read_osm
from crowdsim.importing.svg import read_svg
from crowdsim.importing.wkt import read_wkt

READERS = [
    (read_osm, "map.osm"),
    (read_osm, "map.osm.pbf"),
    (read_osm, "map.txt"),
    (read_geojson, "map.geojson"),
    (read_dxf, "plan.dxf"),
    (read_svg, "plan.svg"),
    (read_svg, "plan.svgz"),
    (read_ifc, "house.ifc"),
    (read_wkt, "plan.wkt"),
    (read_jupedsim, "run.sqlite"),
]

OSM = "<osm version='0.6'><node id='1' lat='1' lon='1'><tag k='name' v='Müller'/></node></osm>"
TEXTS = {".osm": OSM, ".geojson": '{"type": "Müller"}', ".wkt": "Müller", ".svg": "<svg><title>Müller</title></svg>"}


def nothing(path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


def empty(path: Path) -> None:
    path.touch()


def garbage(path: Path) -> None:
    path.write_bytes(bytes(random.Random(1).randbytes(5000)))


def zeros(path: Path) -> None:
    path.write_bytes(bytes(5000))


def latin_1(path: Path) -> None:
    path.write_bytes(TEXTS.get(path.suffix, OSM).encode("latin-1"))


def utf_16(path: Path) -> None:
    path.write_bytes(TEXTS.get(path.suffix, OSM)[:5].encode("utf-16"))


def cut_off(path: Path) -> None:
    path.write_bytes("Mü".encode()[:-1])


@pytest.mark.parametrize("make", [nothing, folder, empty, garbage, zeros, latin_1, utf_16, cut_off])
@pytest.mark.parametrize(("reader", "name"), READERS)
def test_one_problem_that_names_the_file(tmp_path, reader, name, make):
    path = tmp_path / name
    make(path)
    with pytest.raises(ScenarioError) as caught:
        reader(path, Reading(), lambda done, total: None)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.found
    assert problem.allowed


@pytest.mark.parametrize(("reader", "name"), READERS)
def test_a_file_that_may_not_be_read(tmp_path, monkeypatch, reader, name):
    path = tmp_path / name
    path.write_text("something")

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(ScenarioError, match=r"cannot be read \(Permission denied\)"):
        reader(path, Reading(), lambda done, total: None)
