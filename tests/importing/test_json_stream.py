"""Large JSON read piece by piece: the same as read at once, wherever the pieces end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim.importing.json_stream import JsonStream, JsonSyntaxError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def pieces(text: str, length: int):
    return (text[k : k + length] for k in range(0, len(text), length))


@given(st.lists(VALUES, max_size=6), st.dictionaries(st.text(max_size=4), VALUES, max_size=3), st.integers(1, 40))
def test_items_and_the_rest_are_those_of_the_whole(items, rest, length):
    rest.pop("features", None)
    whole = {**rest, "features": items, "end": 123}
    stream = JsonStream(pieces(json.dumps(whole, indent=1), length))
    assert [item for _, item in stream.items("features")] == items
    assert stream.rest == {**rest, "end": 123}


def test_items_come_with_their_lines():
    stream = JsonStream(pieces('{\n"features": [\n1,\n\n2]}', 3))
    assert list(stream.items("features")) == [(3, 1), (5, 2)]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "expecting '{'"),
        ("[1]", 1, "expecting '{'"),
        ('{"features": [\n1,\n2', 3, "expecting ','"),
        ('{"features": [\n1,\n{"a" 2}, 3]}', 3, "Expecting ':' delimiter"),
        ('{"features": [1]} x', 1, "something after the end"),
        ("{1: 2}", 1, "a member without a name in quotes"),
        ('{"a": ' + "[" * 100_000, 1, "brackets nested too deep"),
        ('{"a": ' + "1" * 10_000 + "}", 1, "a number with thousands of digits"),
    ],
)
def test_a_mistake_has_its_line_and_reason(text, line, reason):
    with pytest.raises(JsonSyntaxError) as caught:
        list(JsonStream(pieces(text, 7_000)).items("features"))
    assert (caught.value.line, caught.value.reason) == (line, reason)


def test_a_mistake_early_in_a_large_file_is_told_without_reading_on():
    read = 0

    def chunks():
        nonlocal read
        for _ in range(1000):
            read += 1
            yield '{"features": [{"a" 1}, ' if read == 1 else '"' + "x" * 1000 + '",'

    with pytest.raises(JsonSyntaxError):
        list(JsonStream(chunks()).items("features"))
    assert read < 5
