"""A gallery of bad input: each gets one clear message a mistake, exit code 2, no traceback.

`pytest tests/cli/test_bad_input.py -rP` prints the messages.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from config.hall import add_entrance, make_hall, replace

from crowdsim.cli.app import main

Spoil = Callable[[Path], None]


def scenario(old: str, new: str) -> Spoil:
    return lambda folder: replace(folder / "scenario.yaml", old, new)


def venue(old: str, new: str) -> Spoil:
    return lambda folder: replace(folder / "venue.geojson", old, new)


def content(name: str, data: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return spoil


def remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def nothing(folder: Path) -> None:
    pass


def arrivals(csv: str) -> Spoil:
    def spoil(folder: Path) -> None:
        add_entrance(folder)
        replace(folder / "scenario.yaml", "start: floor", "start: gate")
        table = "count: 120\n    arrival: {kind: table, until_s: 100, file: rates.csv}"
        replace(folder / "scenario.yaml", "count: 120", table)
        (folder / "rates.csv").write_text(csv)

    return spoil


HALL_RING = "[[0, 0], [20, 0], [20, 12], [0, 12], [0, 0]]"
FLOOR_RING = "[[4, 1], [18, 1], [18, 11], [4, 11], [4, 1]]"
CROSSING_RING = "[[0, 0], [20, 12], [20, 0], [0, 12], [0, 0]]"

# what is done to the hall, overrides, what every line of the message must hold
GALLERY: dict[str, tuple[Spoil, list[str], list[str]]] = {
    # files
    "no scenario file": (remove("scenario.yaml"), [], ["hall: found a folder without scenario.yaml"]),
    "no venue file": (remove("venue.geojson"), [], ["venue.geojson: found no such file"]),
    "scenario is not UTF-8": (content("scenario.yaml", b"title: \xff"), [], ["scenario.yaml: byte 7: found bytes"]),
    "empty scenario": (content("scenario.yaml", b""), [], ["scenario.yaml: found an empty file"]),
    "YAML syntax error": (
        scenario("seed: 1 ", "seed: [1 "),
        [],
        ["scenario.yaml: line 9, column 1: found a YAML syntax error"],
    ),
    "JSON syntax error": (
        venue('"name": "foyer"}', '"name": "foyer",}'),
        [],
        ["venue.geojson: line 3, column 72: found a JSON syntax error"],
    ),
    "repeated key": (
        scenario("seed: 1 ", "seed: 1\nseed: 2 "),
        [],
        ["scenario.yaml: line 8: found key 'seed' a second time (first on line 7); allowed: each key once"],
    ),
    # keys and values
    "unknown key": (
        scenario("seed: 1 ", "sead: 1 "),
        [],
        ["scenario.yaml: line 7: sead: found unknown key 'sead'; allowed: did you mean 'seed'?"],
    ),
    "unknown key in a group": (
        scenario("    profile:", "    profil:"),
        [],
        ["line 13: attendees.guests.profil: found unknown key 'profil'; allowed: did you mean 'profile'?"],
    ),
    "a unit missing from a key": (
        scenario("limit_s: 180", "limit: 180"),
        [],
        ["criteria.egress_time.limit: found unknown key 'limit'; allowed: did you mean 'limit_s'?"],
    ),
    "required key missing": (scenario("duration_s: 300", ""), [], ["duration_s: found nothing", "(seconds)"]),
    "text for a number": (
        scenario("duration_s: 300", "duration_s: 300 s"),
        [],
        ["line 6: duration_s: found '300 s'; allowed: a number (seconds)"],
    ),
    "fraction of a person": (scenario("count: 120", "count: 1.5"), [], ["count: found 1.5; allowed: a whole number"]),
    "negative count": (
        scenario("count: 120", "count: -120"),
        [],
        ["line 12: attendees.guests.count: found -120; allowed: a whole number above 0"],
    ),
    "NaN": (scenario("duration_s: 300", "duration_s: .nan"), [], ["duration_s: found nan; allowed: a finite number"]),
    "infinite": (
        scenario("duration_s: 300", "duration_s: .inf"),
        [],
        ["found inf; allowed: a finite number (seconds)"],
    ),
    "km/h for m/s": (
        scenario("criteria: ", "profiles: {adult: {free_speed_m_s: {mean: 5, max: 8}}}\ncriteria: "),
        [],
        ["profiles.adult: found free_speed_m_s.max 8; allowed: at most 6 m/s"],
    ),
    "misspelt distribution": (
        scenario("lognormal", "log_normal"),
        [],
        ["found distribution 'log_normal'; allowed: did you mean 'lognormal'?"],
    ),
    "bounds the wrong way round": (
        scenario("distribution: lognormal, median_s: 10, sigma: 0.5", "distribution: uniform, min_s: 9, max_s: 5"),
        [],
        ["attendees.guests.pre_movement: found max_s 5; allowed: at least min_s (9 s)"],
    ),
    "misspelt criterion": (
        scenario("egress_time: {", "egres_time: {"),
        [],
        ["criteria.egres_time: found no key 'quantity'", "did you mean 'egress_time'?"],
    ),
    "misspelt option": (
        scenario("seed: 1 ", "defaults: [{movement: collision_free_sped}]\nseed: 1 "),
        [],
        ["line 7: defaults: found movement=collision_free_sped; allowed: did you mean 'collision_free_speed'?"],
    ),
    "interpolation of nothing": (
        scenario("seed: 1 ", "seed: ${sed} "),
        [],
        ["line 7: seed: found '${sed}', which cannot be resolved"],
    ),
    "samples between steps": (
        nothing,
        ["output.sample_interval_s=0.12"],
        ["'output.sample_interval_s=0.12': found 0.12 s; allowed: a multiple of movement.step_s (0.05 s)"],
    ),
    "bad row in an arrivals file": (
        arrivals("from_s,rate_per_min\n0,10\n30,ten\n"),
        [],
        ["rates.csv: line 3: rate_per_min: found 'ten'; allowed: a number of at least 0"],
    ),
    # names that refer to others
    "start that is not there": (
        scenario("start: floor", "start: flor"),
        [],
        ["line 11: attendees.guests.start: found 'flor', no zone or entrance; allowed: did you mean 'floor'?"],
    ),
    "goal that is not there": (
        scenario(
            "- exit: nearest", "- {goal: bar, dwell: {distribution: constant, value_s: 9}}\n      - exit: nearest"
        ),
        [],
        ["line 16: attendees.guests.itinerary.0.goal: found 'bar', no zone; allowed: only floor"],
    ),
    "exit that is not there": (
        scenario("exit: nearest", "exit: nort"),
        [],
        ["attendees.guests.itinerary.0.exit: found 'nort', no exit; allowed: did you mean 'north'?"],
    ),
    "exit that is closed": (
        scenario("exit: nearest", "exit: north"),
        ["exits.north.open=false"],
        ["found exit 'north', which is closed; allowed: an open exit: south, nearest"],
    ),
    "all exits closed": (
        nothing,
        ["exits.north.open=false", "exits.south.open=false"],
        ["attendees.guests.itinerary.0.exit: found no open exit in the venue"],
    ),
    "profile that is not there": (
        scenario("slow: 0.1", "slwo: 0.1"),
        [],
        ["attendees.guests.profile: found profile 'slwo'; allowed: did you mean 'slow'?"],
    ),
    "arrivals over time in a zone": (
        scenario("count: 120", "count: 120\n    arrival: {kind: constant, rate_per_min: 30}"),
        [],
        ["attendees.guests.arrival: found arrivals over time in zone 'floor'; allowed: kind at_start"],
    ),
    "no arrival times at an entrance": (
        add_entrance,
        ["attendees.guests.start=gate"],
        ["attendees.guests.arrival: found no arrival times for entrance 'gate'"],
    ),
    # the venue
    "empty venue": (
        content("venue.geojson", b'{"type": "FeatureCollection", "features": []}'),
        [],
        ["venue.geojson: found no walkable area; allowed: at least one feature of kind 'walkable'"],
    ),
    "coordinate that is not a number": (
        venue("[20, 0]", "[NaN, 0]"),
        [],
        ["venue.geojson: feature 'hall': found point [nan, 0]; allowed: [x, y] in metres, finite numbers"],
    ),
    "misspelt kind": (
        venue('"kind": "door"', '"kind": "dor"'),
        [],
        ["venue.geojson: feature 'main': found kind 'dor'; allowed: did you mean 'door'?"],
    ),
    "misspelt property": (
        venue("depth_m", "dept_m"),
        [],
        ["venue.geojson: feature 'main': found property 'dept_m'; allowed: did you mean 'depth_m'?"],
    ),
    "names that are the same": (
        venue('"name": "south"', '"name": "north"'),
        [],
        ["venue.geojson: feature 'north': found 2 features of this name; allowed: a name of its own for each"],
    ),
    "ring that is not closed": (
        venue("[0, 12], [0, 0]]", "[0, 12], [0, 1]]"),
        [],
        ["venue.geojson: feature 'hall': found a ring of 5 points that is not closed"],
    ),
    "polygon that crosses itself": (
        venue(HALL_RING, CROSSING_RING),
        [],
        ["venue.geojson: walkable 'hall': found an invalid polygon (Self-intersection[10 6])"],
    ),
    "zone outside the walkable area": (
        venue(FLOOR_RING, FLOOR_RING.replace("18", "48")),
        [],
        ["venue.geojson: zone 'floor': found", "outside", "allowed: inside the walkable area"],
    ),
    "exit away from the walkable area": (
        venue("[22, 12], [23.5, 12]", "[22, 13], [23.5, 13]"),
        [],
        ["venue.geojson: exit 'north': found an exit 0.99 m from any walkable area; allowed: a line on the edge"],
    ),
    "zone too small for its people": (
        nothing,
        ["attendees.guests.count=5000"],
        ["zone 'floor': found 5000 attendees to start on 140.0 m2; allowed: at most"],
    ),
    "door too narrow for a body": (
        nothing,
        ["doors.main.width_m=0.3"],
        ["door 'main': found a width of 0.30 m; allowed: at least"],
    ),
    "goal that cannot be reached": (
        nothing,
        ["doors.main.open=false"],
        ["attendees 'guests': found no way", "is a door closed or missing?"],
    ),
    # the command line
    "override of an unknown key": (
        nothing,
        ["attendees.guests.cuont=5"],
        ["command line: 'attendees.guests.cuont=5': found unknown key", "did you mean 'attendees.guests.count'?"],
    ),
    "override of an unknown door": (
        nothing,
        ["doors.mian.open=false"],
        ["found unknown key 'doors.mian.open'; allowed: did you mean 'doors.main.open'?"],
    ),
    "override of the wrong type": (
        nothing,
        ["doors.main.width_m=wide"],
        ["command line: 'doors.main.width_m=wide': found 'wide'; allowed: a number (metres)"],
    ),
    "override without a value": (nothing, ["seed"], ["command line: 'seed': found an override that cannot be read"]),
    "several values": (nothing, ["seed=1,2"], ["command line: 'seed=1,2': found several values; allowed: one value"]),
    "unknown option": (
        nothing,
        ["profiles=standrad"],
        ["command line: found profiles=standrad; allowed: did you mean 'standard'?"],
    ),
    "setting of Hydra": (
        nothing,
        ["hydra.run.dir=x"],
        ["found a setting of Hydra itself; allowed: a key of the scenario"],
    ),
    "several mistakes at once": (
        scenario("count: 120", "count: 0"),
        ["seeed=1", "doors.main.open=maybe"],
        ["command line: 'seeed=1'", "command line: 'doors.main.open=maybe'", "scenario.yaml: line 12"],
    ),
}


@pytest.fixture
def signals() -> Iterator[None]:
    """Put the handler of SIGTERM back, which the command line sets."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command in this process; returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["crowdsim", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.mark.parametrize("name", GALLERY)
def test_bad_input_gets_a_clear_message(name, tmp_path, monkeypatch, capsys, signals):
    spoil, overrides, parts = GALLERY[name]
    spoil(make_hall(tmp_path))
    monkeypatch.chdir(tmp_path)
    code = call(monkeypatch, "show", "hall", *overrides)
    captured = capsys.readouterr()
    sys.stdout.write(f"{name}\n{captured.err}\n")  # shown by pytest -rP
    assert code == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    for part in parts:
        assert part in captured.err
    assert (tmp_path / "plan.png").exists() == ("The venue with its mistakes marked is in plan.png." in captured.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "arena_egres"], "did you mean 'arena_egress'?"),
        (["run", "no/such/folder"], "no bundled scenario and no folder or file of this name"),
        (["run", "no/such/file.yaml"], "no/such/file.yaml: found no such file"),
        (["run", "hall", "--out", "taken"], "taken"),
        (["run", "hall", "--out", "hall"], "holds another run"),
        (["run", "hall", "--export", "pdf"], "jupedsim"),
        (["show", "hall", "--out", "no/such/plan.png"], "no/such/plan.png: cannot be written"),
        (["new", "hall"], "a file or folder with something in it"),
        (["new", "taken"], "a file or folder with something in it"),
        (["new", "taken/inside"], "taken/inside: cannot be written"),
        (["run"], "SCENARIO"),
        (["run", "hall", "--nonsense"], "--nonsense"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_usage_gets_a_clear_message(arguments, said, tmp_path, monkeypatch, capsys, signals):
    make_hall(tmp_path)
    (tmp_path / "taken").write_text("a file")
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
