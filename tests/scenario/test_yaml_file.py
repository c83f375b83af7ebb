"""Reading YAML: numbers, lines, mistakes; and writing it so that it reads back the same."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.errors import Problem
from crowdsim.scenario.yaml_file import YamlFile, dump_yaml, read_yaml


def read(folder: Path, text: str) -> tuple[YamlFile, list[Problem]]:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("-2E+1", -20.0), (".5", 0.5), ("5.", 5.0), (".inf", math.inf), ("12", 12), ("-0", 0)],
)
def test_numbers_are_those_of_yaml_1_2(tmp_path, text, value):
    file, problems = read(tmp_path, f"x: {text}")
    assert problems == []
    assert file.data["x"] == value
    assert type(file.data["x"]) is type(value)


@pytest.mark.parametrize("text", ["0120", "15:00", "2026-11-23", "1_000", "0x10"])
def test_what_other_yaml_versions_silently_turn_into_other_numbers_is_text(tmp_path, text):
    assert read(tmp_path, f"x: {text}")[0].data == {"x": text}


def test_every_key_and_list_entry_has_its_line(tmp_path):
    file, _ = read(tmp_path, "# comment\na:\n  b: 1\n\n  c: [1,\n    2]\nd: {e: 3}\n")
    assert file.lines == {("a",): 2, ("a", "b"): 3, ("a", "c"): 5, ("a", "c", 0): 5, ("a", "c", 1): 6} | {
        ("d",): 7,
        ("d", "e"): 7,
    }
    assert file.line_of(("a", "b", "unknown", 3)) == 3
    assert file.line_of(("z",)) is None


def test_a_repeated_key_is_named_with_both_lines(tmp_path):
    _, problems = read(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert [(p.where, p.found) for p in problems] == [
        ("line 4", "key 'c' a second time (first on line 3)"),
        ("line 5", "key 'a' a second time (first on line 1)"),
    ]


def test_anchors_and_merged_keys_are_read(tmp_path):
    file, problems = read(tmp_path, "base: &base {x: 1, y: 2}\nother: {<<: *base, y: 3}\nsame: *base\n")
    assert problems == []
    assert file.data["other"] == {"x": 1, "y": 3}
    assert file.data["same"] == {"x": 1, "y": 2}
    assert file.line_of(("other", "x")) == 2


@pytest.mark.parametrize("key", ["12", "1.5", "yes", "null"])
def test_a_key_that_is_no_text_is_a_problem_and_read_as_text(tmp_path, key):
    file, problems = read(tmp_path, f"{key}: 1\n")
    assert len(problems) == 1
    assert repr(key) in problems[0].found
    assert file.data == {key: 1}


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        (b"a: [1, 2\nb: 3\n", "line 2, column 2", "YAML syntax error"),
        (b"a: 1\n\tb: 2\n", "line 2, column 1", "YAML syntax error"),
        (b"a: 1\n---\nb: 2\n", "line 2, column 1", "another document"),
        (b"a: *unknown\n", "line 1, column 4", "undefined alias"),
        (b"a: !!python/name:os.system x\n", "line 1, column 4", "could not determine a constructor"),
        (b"a: \xff\xfe\n", "byte 3", "not UTF-8"),
        (b"a: \x00\n", "", "special characters are not allowed"),
        (b"", "", "an empty file"),
        (b"# nothing but a comment\n", "", "an empty file"),
        (b"{}\n", "", "no key"),
        (b"- a\n- b\n", "", "no key: list"),
        (b"just text\n", "", "no key: str"),
        (b"[" * 5000, "", "nested too deep"),
        (b"- " * 100_000, "", "nested too deep"),
        (b"[" * 200_000, "", "nested too deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path, content, where, found):
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)
    file, problems = read_yaml(path)
    assert file.data == {}
    assert len(problems) == 1
    assert problems[0].where == where
    assert found in problems[0].found


def test_aliases_that_unfold_without_bound_are_refused(tmp_path):
    levels = "\n".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10))
    file, problems = read(tmp_path, f"a0: &a0 [1]\n{levels}\n")
    assert file.data == {}
    assert "unfolds" in problems[0].found


def test_a_missing_file_and_a_folder_are_problems(tmp_path):
    assert "no such file" in read_yaml(tmp_path / "nothing.yaml")[1][0].found
    assert "a folder" in read_yaml(tmp_path)[1][0].found


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, min_size=1))
def test_what_is_dumped_reads_back_the_same(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("dump") / "file.yaml"
    path.write_text(dump_yaml(data), encoding="utf-8")
    file, problems = read_yaml(path)
    assert problems == []
    assert file.data == data
