"""Reading arrival rates and counts from CSV."""

from __future__ import annotations

import pytest

from crowdsim.scenario.arrivals_file import read_rows


def test_rows_are_read_whatever_the_order_and_spacing_of_columns(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("rate_per_min, note, from_s\n12, doors open, 0\n3.5, , 600\n", encoding="utf-8")
    rows, problems = read_rows(path, "rate_per_min")
    assert problems == []
    assert rows == [{"from_s": 0.0, "rate_per_min": 12.0}, {"from_s": 600.0, "rate_per_min": 3.5}]


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("", "line 1", "an empty file"),
        ("from,rate\n0,1\n", "line 1", "the columns from, rate"),
        ("from_s,rate_per_min\n", "", "no rows"),
        ("from_s,rate_per_min\n0,x\n", "line 2: rate_per_min", "'x'"),
        ("from_s,rate_per_min\n0\n", "line 2: rate_per_min", "nothing"),
        ("from_s,rate_per_min\n0,nan\n", "line 2: rate_per_min", "'nan'"),
        ("from_s,rate_per_min\n0,inf\n", "line 2: rate_per_min", "'inf'"),
        ("from_s,rate_per_min\n-5,1\n", "line 2: from_s", "'-5'"),
        ("from_s,rate_per_min\n0,1\n60,1\n60,2\n", "line 4: from_s", "60 after 60"),
        ('from_s,rate_per_min\n0,"' + "1" * 200_000 + '"\n', "line 2", "text that is no CSV"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, where, found):
    path = tmp_path / "rates.csv"
    path.write_text(text, encoding="utf-8")
    _, problems = read_rows(path, "rate_per_min")
    assert [problem.where for problem in problems] == [where]
    assert found in problems[0].found
    assert problems[0].file == "rates.csv"


def test_every_bad_row_is_told(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("from_s,rate_per_min\n0,-1\nx,2\n60,y\n", encoding="utf-8")
    assert [p.where for p in read_rows(path, "rate_per_min")[1]] == [
        "line 2: rate_per_min",
        "line 3: from_s",
        "line 4: rate_per_min",
    ]


def test_counts_are_whole_numbers(tmp_path):
    path = tmp_path / "turnstile.csv"
    path.write_text("from_s,count\n0,35\n300,120.0\n600,0\n", encoding="utf-8-sig")  # as a spreadsheet saves it
    rows, problems = read_rows(path, "count")
    assert problems == []
    assert [row["count"] for row in rows] == [35, 120, 0]
    assert all(isinstance(row["count"], int) for row in rows)


def test_every_bad_count_is_told(tmp_path):
    path = tmp_path / "turnstile.csv"
    path.write_text("from_s,count\n0,3.5\n0,-2\n60,many\n90,4\n100,\n", encoding="utf-8")
    _, problems = read_rows(path, "count")
    assert [(p.where, p.found) for p in problems] == [
        ("line 2: count", "'3.5'"),
        ("line 3: count", "'-2'"),
        ("line 3: from_s", "0 after 0"),
        ("line 4: count", "'many'"),
        ("line 6: count", "nothing"),
    ]
    assert {p.allowed for p in problems if "count" in p.where} == {"a whole number of at least 0"}
