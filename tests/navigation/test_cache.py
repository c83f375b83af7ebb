import os
from collections import OrderedDict

import numpy as np
import pytest
from shapely import box

from crowdsim.navigation import cache as cache_module
from crowdsim.navigation.cache import VARIABLE, FieldCache
from crowdsim.navigation.fields import Solver, build_fields, build_lattice
from crowdsim.navigation.grid import build_grid
from crowdsim.navigation.memory import MOST_FIELDS, FieldMemory

ROOM = box(0, 0, 12, 9)
GOALS = [box(0, 4, 1, 5), box(11, 0, 12, 1)]
OTHERS = [
    {"clearance": 0.2},
    {"step": 0.2},
    {"room": box(0, 0, 12, 9.1)},
    {"bounds": (-0.1, -0.1, 12, 9)},  # the same ground, the nodes elsewhere
    {"bounds": (0, 0, 12.4, 9)},
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    monkeypatch.setattr(cache_module, "KEEP_FROM_NODES", 0)
    return tmp_path / "kept"


@pytest.fixture
def solved(monkeypatch):
    """Counts the fields computed."""
    calls = []
    solve = Solver.solve

    def counted(self, goal, packed):
        calls.append(goal)
        return solve(self, goal, packed)

    monkeypatch.setattr(Solver, "solve", counted)
    return calls


def fields(clearance=0.18, step=0.25, room=ROOM, bounds=None):
    grid = build_grid(room, clearance, step, bounds)
    return build_fields(grid, GOALS, cache=FieldCache.for_grid(grid, room, build_lattice(grid)))


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_field_is_computed_once(folder, solved):
    first = fields()
    assert len(solved) == 2
    assert same(first, fields())
    assert len(solved) == 2
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("change", OTHERS)
def test_another_grid_has_other_fields(folder, solved, change):
    fields()
    fields(**change)
    assert len(solved) == 4


def cut(data):
    return data[: len(data) // 2]


def flip_a_byte(data):
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 255]) + data[len(data) // 2 + 1 :]


@pytest.mark.parametrize("harm", [cut, flip_a_byte, lambda _: b"", lambda _: b"something else"])
def test_a_broken_file_is_computed_again(folder, solved, harm):
    first = fields()
    for path in folder.iterdir():
        path.write_bytes(harm(path.read_bytes()))
    assert same(first, fields())
    assert len(solved) == 4
    assert same(first, fields())
    assert len(solved) == 4


def test_a_file_of_another_size_is_computed_again(folder, solved):
    first = fields()
    for path in folder.iterdir():
        np.savez(path, nodes=np.zeros((7, 3), np.uint8), scale=np.zeros(2))
    assert same(first, fields())


def test_it_can_be_turned_off(folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    fields()
    assert not folder.exists()


def test_small_fields_are_not_kept(folder, monkeypatch):
    monkeypatch.setattr(cache_module, "KEEP_FROM_NODES", 10_000)
    fields()
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_does_no_harm(folder, solved):
    folder.write_text("a file")
    fields()
    assert len(solved) == 2


def test_a_folder_that_vanishes_does_no_harm(folder, solved):
    grid = build_grid(ROOM, 0.18, 0.25)
    kept = FieldCache.for_grid(grid, ROOM, build_lattice(grid))
    folder.rmdir()
    build_fields(grid, GOALS, cache=kept)
    assert len(solved) == 2


def test_what_was_not_used_for_the_longest_goes_first(folder, monkeypatch):
    first = fields()
    size = max(path.stat().st_size for path in folder.iterdir())
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    fields(room=box(0, 0, 12, 8.9))
    assert len(list(folder.iterdir())) == 4
    old = {path for path in folder.iterdir() if path.stat().st_mtime == 1}
    monkeypatch.setattr(cache_module, "MOST_BYTES", 2 * size)
    fields(room=box(0, 0, 12, 8.9))
    assert len(list(folder.iterdir())) == 2
    assert not old & set(folder.iterdir())
    assert same(first, fields())


@pytest.fixture
def forgetful(monkeypatch):
    """A process that has no fields in memory yet."""
    monkeypatch.setattr(FieldMemory, "_kept", OrderedDict())


def remembered(clearance=0.18, step=0.25, room=ROOM, bounds=None, goals=GOALS):
    grid = build_grid(room, clearance, step, bounds)
    return build_fields(grid, goals, cache=FieldMemory.for_grid(grid, room, build_lattice(grid)))


@pytest.mark.usefixtures("forgetful")
def test_a_process_computes_a_small_field_once(solved):
    first = remembered()
    first.nodes[:] += 1  # as interventions change fields in place
    second = remembered()
    assert len(solved) == 2
    assert same(second, fields())


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("change", OTHERS)
def test_a_process_tells_grids_apart(solved, change):
    remembered()
    remembered(**change)
    assert len(solved) == 4


@pytest.mark.usefixtures("forgetful")
def test_a_process_forgets_what_it_has_had_for_the_longest(solved):
    remembered()
    remembered(goals=[box(2 + k / 100, 0, 3, 1) for k in range(MOST_FIELDS)])
    before = len(solved)
    remembered(goals=GOALS[:1])
    assert len(solved) == before + 1


def test_large_fields_are_not_kept_in_memory(monkeypatch):
    monkeypatch.setattr(cache_module, "KEEP_FROM_NODES", 10)
    grid = build_grid(ROOM, 0.18, 0.25)
    assert FieldMemory.for_grid(grid, ROOM, build_lattice(grid)) is None
