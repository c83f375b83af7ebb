"""Whatever is done to a scenario's files and overrides, loading gives a scenario or says what is wrong."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from config.hall import make_hall
from crowdsim.config import load_scenario
from crowdsim.errors import ScenarioError
from crowdsim.scenario.feature import Scenario

SNIPPETS = [
    ":",
    "-",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\n  ",
    '"',
    "'",
    "#",
    "&a ",
    "*a",
    "!!int ",
    "null",
    "true",
    "0",
    "-1",
]
SNIPPETS += [
    "1e400",
    ".nan",
    "NaN",
    "${seed}",
    "${",
    "???",
    "\x00",
    "\t",
    "\ufeff",
    "<<",
    "title",
    "guests",
    "nearest",
    "kind",
]

edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(SNIPPETS) | st.text(max_size=3)),
    min_size=1,
    max_size=3,
)


def mangle(text: str, edits: list[tuple[float, int, str]]) -> str:
    """Return the text with pieces cut out and others put in at relative positions."""
    for position, length, put in edits:
        at = int(position * len(text))
        text = text[:at] + put + text[at + length :]
    return text


def loads_or_tells(source, overrides=()):
    try:
        assert isinstance(load_scenario(source, overrides), Scenario)
    except ScenarioError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.file
            assert problem.found
            assert problem.allowed
            assert "pydantic" not in str(problem)
            assert "Input should" not in str(problem)


def mangle_file(folder, name, edits):
    path = folder / name
    path.write_text(mangle(path.read_text(encoding="utf-8"), edits), encoding="utf-8", errors="surrogatepass")
    return folder


@settings(max_examples=60)
@given(edits)
def test_mangled_yaml(tmp_path_factory, edits):
    loads_or_tells(mangle_file(make_hall(tmp_path_factory.mktemp("m")), "scenario.yaml", edits))


@settings(max_examples=40)
@given(edits)
def test_mangled_venues(tmp_path_factory, edits):
    loads_or_tells(mangle_file(make_hall(tmp_path_factory.mktemp("m")), "venue.geojson", edits))


values = st.sampled_from(
    ["", "null", "nan", "-1", "1e400", "{}", "[]", "{a: 1}", "[1]", "${seed}", "${x}", "'", "a b", "1,2"]
)
keys = st.sampled_from(
    [
        "seed",
        "title",
        "venue",
        "scenario",
        "attendees",
        "attendees.guests",
        "attendees.guests.arrival",
        "attendees.guests.arrival.kind",
        "attendees.guests.start",
        "attendees.guests.late",
        "attendees.guests.itinerary",
        "attendees.guests.itinerary.0",
        "attendees.guests.pre_movement.distribution",
        "doors",
        "doors.main",
        "exits.north",
        "movement",
        "criteria.egress_time",
        "criteria.egress_time.quantity",
        "profiles.adult",
        "output",
        "hydra",
        "a.b",
        "0",
        ".",
        "defaults",
        "resolved",
    ]
)
overrides = st.builds("{}{}={}".format, st.sampled_from(["", "", "+", "++", "~"]), keys, values | st.text(max_size=4))


@settings(max_examples=60)
@given(st.lists(overrides | st.text(max_size=10), min_size=1, max_size=3))
def test_any_overrides(tmp_path_factory, overrides):
    loads_or_tells(make_hall(tmp_path_factory.mktemp("m")), overrides)
