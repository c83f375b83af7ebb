"""JuPedSim's trajectory files: the geometry of the first frame."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from crowdsim.errors import ScenarioError
from crowdsim.importing.drawing import Reading
from crowdsim.importing.jupedsim import read_jupedsim

ROOM = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))"
LATER = "POLYGON ((0 0, 20 0, 20 10, 0 10, 0 0))"


def read(path, **reading):
    return read_jupedsim(path, Reading(**reading), lambda done, total: None)


def write(folder, *statements):
    path = folder / "run.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
    return path


METADATA = ("CREATE TABLE metadata(key TEXT, value TEXT)", "INSERT INTO metadata VALUES('version', '2')")
GEOMETRY = (
    "CREATE TABLE geometry(hash INTEGER, wkt TEXT)",
    f"INSERT INTO geometry VALUES(1, '{LATER}'), (2, '{ROOM}')",
)
FRAMES = (
    "CREATE TABLE frame_data(frame INTEGER, geometry_hash INTEGER)",
    "INSERT INTO frame_data VALUES(0, 2), (1, 1)",
)
PEOPLE = (
    "CREATE TABLE trajectory_data(frame INTEGER, id INTEGER)",
    "INSERT INTO trajectory_data VALUES(0, 1), (0, 2), (1, 1)",
)


def test_the_first_frames_geometry_counts_and_the_others_are_told(tmp_path):
    drawing = read(write(tmp_path, *METADATA, *GEOMETRY, *FRAMES, *PEOPLE))
    assert [shape.geometry.area for shape in drawing.shapes] == [96]
    assert [(d.count, d.what) for d in drawing.dropped] == [
        (1, "geometries of later frames"),
        (2, "people at the first frame"),
    ]


def test_the_first_version_has_one_geometry(tmp_path):
    path = write(
        tmp_path,
        METADATA[0],
        "INSERT INTO metadata VALUES('version', '1')",
        "CREATE TABLE geometry(wkt TEXT)",
        f"INSERT INTO geometry VALUES('GEOMETRYCOLLECTION ({ROOM}, {LATER})')",
    )
    assert [shape.geometry.area for shape in read(path).shapes] == [96, 200]
    assert read(path, unit_m=0.1).shapes[0].geometry.area == pytest.approx(0.96)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (("CREATE TABLE other(a)",), "the tables other"),
        ((*METADATA, GEOMETRY[0]), "no geometry"),
        ((*METADATA, GEOMETRY[0], "INSERT INTO geometry VALUES(1, 'hello')"), "no well-known text"),
        ((*METADATA, GEOMETRY[0], "INSERT INTO geometry VALUES(1, 7)"), "no well-known text"),
        ((*METADATA, GEOMETRY[0], "INSERT INTO geometry VALUES(1, 'POINT (1 1)')"), "a Point without polygons"),
        ((METADATA[0], "INSERT INTO metadata VALUES('version', '9')", *GEOMETRY), "9"),
        ((METADATA[0], *GEOMETRY), "none"),
        (("CREATE TABLE metadata(a)", *GEOMETRY), "a database that cannot be read"),
    ],
)
def test_other_databases_are_one_problem_each(tmp_path, statements, found):
    with pytest.raises(ScenarioError) as caught:
        read(write(tmp_path, *statements))
    (problem,) = caught.value.problems
    assert found in problem.found


def test_a_damaged_database_is_a_problem(tmp_path):
    path = write(tmp_path, *METADATA, *GEOMETRY)
    data = bytearray(path.read_bytes())
    data[100:3000] = b"\xff" * 2900
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match="cannot be read"):
        read(path)
