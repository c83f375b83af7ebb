"""What findings say of runs known by hand: where, when, how many people, before which door, and against whom."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from levels import two_halls, way
from measure.runs import Person, stander, write_run
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim.assess import Assessment, assess
from crowdsim.assess.findings import ABOUT
from crowdsim.assess.judge import JUDGES
from crowdsim.assess.series import joined, spells_above
from crowdsim.measure import measure
from crowdsim.record import Recording
from crowdsim.record.layout import ATTENDEES, DONE_KEY, EVENT_SCHEMA, EVENTS
from crowdsim.scenario.criteria import Criterion
from crowdsim.scenario.event import CALLED, JOINED, SERVED
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.simulate import run

CRITERIA = TypeAdapter(dict[str, Criterion])
MADE_UP = {"source": "made up for this test", "level_of_evidence": "assumption"}


def judged_by(built: Scenario, **criteria: dict[str, Any]) -> Scenario:
    stated = {name: {**criterion, **MADE_UP} for name, criterion in criteria.items()}
    return dataclasses.replace(
        built, config=dataclasses.replace(built.config, criteria=CRITERIA.validate_python(stated))
    )


def corridor(*more: Feature, **criteria: dict[str, Any]) -> Scenario:
    """Return a corridor of 40 m x 4 m with a door of 1 m half-way, and an exit all across at its right end."""
    features = [
        area("west", "walkable", rectangle(0, 0, 19.8, 4)),
        area("east", "walkable", rectangle(20.2, 0, 40, 4)),
        line("narrow", "door", (20, 1.5), (20, 2.5), depth_m=0.4),
        area("crowd", "zone", rectangle(0, 0, 19.8, 4)),
        line("out", "exit", (40, 0), (40, 4)),
        *more,
    ]
    measured = {"window_s": 20.0, "flow_window_s": 20.0}
    built = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure=measured)
    return judged_by(built, **criteria)


def through_the_door(count: int, *, every_s: float = 1.0) -> list[Person]:
    """Return people who stand 1 m to 4 m before the door, pass it one after another, and leave by the exit."""
    people = []
    for k in range(count):
        x, y = 19.0 - 0.4 * (k // 8), 0.4 + 0.45 * (k % 8)
        leaves = 10.0 + every_s * k
        way = (
            (0.0, x, y),
            (leaves, x, y),
            (leaves + 2.0, 19.9, 2.0),
            (leaves + 3.0, 20.3, 2.0),
            (leaves + 20, 40.0, 2.0),
        )
        people.append(Person(way, exit="out"))
    return people


def assessed(recording: Recording) -> Assessment:
    return assess(measure(recording), recording)


DENSE = {"quantity": "density", "limit_per_m2": 2.5, "over_time": "moment"}
DENSE_WINDOW = {"quantity": "density", "limit_per_m2": 2.5, "over_time": "window"}
LONG = {"quantity": "time_above", "above_per_m2": 2.5, "limit_s": 12.0}


# ---------------------------------------------------------------- the narrow door
@pytest.fixture(scope="module")
def jam(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Assessment]:
    criteria = {"moment": DENSE, "window": DENSE_WINDOW, "long": LONG}
    recording = write_run(tmp_path_factory.mktemp("jam"), corridor(**criteria), through_the_door(48), until_s=100.0)
    return recording, assessed(recording)


def one(assessment: Assessment, criterion: str) -> Any:
    return next(finding for finding in assessment.findings if finding.entry["criterion"] == criterion)


@pytest.mark.parametrize("criterion", ["moment", "window", "long"])
def test_a_jam_before_a_narrow_door_names_that_door_and_where_people_go(
    jam: tuple[Recording, Assessment], criterion: str
) -> None:
    entry = one(jam[1], criterion).entry
    before = entry["cause"]["before"]
    assert (before["kind"], before["name"]) == ("door", "narrow")
    assert before["share"] == 1.0
    assert entry["near"] == "door 'narrow'"
    assert "door 'narrow'" in entry["cause"]["text"]
    assert entry["cause"]["streams"][0] | {"people": 0} == {
        "group": "all",
        "from": "start",
        "to": "out",
        "people": 0,
        "share": 1.0,
        "bound_for": "",
    }
    assert entry["cause"]["counterflow"] is None
    assert entry["cause"]["queue"] is None


def test_a_door_that_lets_one_a_second_through_works_at_its_capacity(tmp_path: Path) -> None:
    slow = write_run(tmp_path / "slow", corridor(moment=DENSE), through_the_door(48, every_s=1.6), until_s=140.0)
    fast = write_run(tmp_path / "fast", corridor(window=DENSE_WINDOW), through_the_door(48, every_s=0.8), until_s=100.0)
    # 1 / 1.6 s on a metre are 46 % of 82 people/(m min); 1 / 0.8 s are 91 %. The first is early: nobody passes yet.
    window = assessed(fast).findings[0].entry["cause"]["before"]
    moment = assessed(slow).findings[0].entry["cause"]["before"]
    assert moment["at_capacity"] is False
    assert window["flow_per_m_s"] <= 1.25 + 1e-9
    assert window["capacity_share"] == pytest.approx(window["flow_per_m_s"] / (82 / 60))


@pytest.mark.parametrize("criterion", ["moment", "window"])
def test_the_highest_of_the_series_is_the_value_judged(jam: tuple[Recording, Assessment], criterion: str) -> None:
    finding = one(jam[1], criterion)
    assert finding.subject.series.value.max() == pytest.approx(finding.entry["value"], rel=1e-5)
    assert finding.entry["series"]["highest"] == finding.subject.series.value.max()


def test_the_longest_while_of_the_series_is_the_time_judged(jam: tuple[Recording, Assessment]) -> None:
    finding = one(jam[1], "long")
    series = finding.subject.series
    spells = spells_above(series.time_s, series.value, LONG["above_per_m2"], 100.0)
    assert max(b - a for a, b in spells) == pytest.approx(finding.entry["value"])
    assert series.beyond == tuple(spell for spell in spells if spell[1] - spell[0] > LONG["limit_s"])


@pytest.mark.parametrize("criterion", ["moment", "window", "long"])
def test_people_are_counted_once_each_while_they_are_in_the_place_and_it_is_beyond(
    jam: tuple[Recording, Assessment], criterion: str
) -> None:
    recording, assessment = jam
    finding = one(assessment, criterion)
    shape, beyond = finding.subject.place.shape, finding.subject.series.beyond
    assert beyond
    met, person_s = set(), 0.0
    for frame in recording.frames():  # person by person
        if any(a - 1e-9 <= frame.time_s < b - 1e-9 for a, b in beyond):
            for id, x, y in zip(frame.id.tolist(), frame.x.tolist(), frame.y.tolist(), strict=True):
                if shape.covers(shapely.Point(x, y)):
                    met.add(id)
                    person_s += recording.sample_interval_s
    assert finding.entry["people"] == len(met) > 10
    assert finding.entry["person_s"] == pytest.approx(person_s)
    assert finding.entry["when"]["lasts_s"] == pytest.approx(sum(b - a for a, b in beyond))


def test_where_nothing_is_beyond_the_limit_nobody_is_concerned(tmp_path: Path) -> None:
    criteria = {"much": {**DENSE, "limit_per_m2": 4.9}}
    recording = write_run(tmp_path, corridor(**criteria), through_the_door(48), until_s=100.0)
    peak = float(measure(recording).maps.density.value)
    near = write_run(
        tmp_path / "near", corridor(much={**DENSE, "limit_per_m2": 1.05 * peak}), through_the_door(48), until_s=100.0
    )
    (finding,) = assessed(near).findings
    assert finding.entry["kind"] == "near miss"
    assert (finding.entry["people"], finding.entry["when"]) == (0, None)


# ---------------------------------------------------------------- streams
def test_streams_against_each_other_are_named_with_where_each_goes(tmp_path: Path) -> None:
    features = [
        area("street", "walkable", rectangle(0, 0, 30, 4)),
        area("crowd", "zone", rectangle(0, 0, 30, 4)),
        line("west", "exit", (0, 0), (0, 4)),
        line("east", "exit", (30, 0), (30, 4)),
    ]
    built = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure={"window_s": 60.0})
    scene = judged_by(built, dense={"quantity": "density", "limit_per_m2": 0.4})
    people = []
    for k in range(90):
        y, at = 0.3 + 0.42 * (k % 9), 2.0 * (k // 9) + 0.2 * (k % 9)
        ways = ((at, 0.5), (at + 29, 29.9)), ((at, 29.5), (at + 29, 0.1))
        for (begins, ends), exit in zip(ways, ("east", "west"), strict=True):
            people.append(Person(((begins[0], begins[1], y), (ends[0], ends[1], y)), exit=exit))
    (finding,) = assessed(write_run(tmp_path, scene, people, until_s=60.0)).findings
    cause = finding.entry["cause"]
    assert cause["counterflow"] == pytest.approx(0.5, abs=0.1)
    assert "counterflow 0." in cause["text"]
    assert {stream["to"] for stream in cause["streams"]} == {"west", "east"}
    assert cause["before"] is None


# ---------------------------------------------------------------- queues
def queue_run(folder: Path, **criteria: dict[str, Any]) -> Recording:
    """Write a run in which ten people join a line with room for four, one every 5 s, and one is called every 20 s."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 10)),
        area("crowd", "zone", rectangle(0, 0, 20, 10)),
        line("line", "queue", (2, 5), (5, 5)),
        line("out", "exit", (20, 4), (20, 6)),
    ]
    services = {
        "desk": {
            "queues": ["line"],
            "servers": 1,
            "time": {"distribution": "constant", "value_s": 20.0},
            "spacing_m": 1.0,
        }
    }
    legs = [{"service": "desk"}, {"exit": "out"}]
    built = scenario(features, {"all": {"start": "crowd", "count": 10, "itinerary": legs}}, services=services)
    people = [
        Person(
            ((0.0, 3.0 + 0.7 * k, 5.0), (20.0 * k + 40.0, 3.0 + 0.7 * k, 5.0), (20.0 * k + 60.0, 20.0, 5.0)), exit="out"
        )
        for k in range(10)
    ]
    recording = write_run(folder, judged_by(built, **criteria), people, until_s=260.0)
    events = recording.events()
    rows = [tuple(row.values()) for row in events.to_pylist()]
    for k in range(10):
        for time_s, event in ((5.0 * k, JOINED), (20.0 * k + 20.0, CALLED), (20.0 * k + 40.0, SERVED)):
            rows.append((time_s, k, event, "line", 0, 3.0, 5.0))
    columns = zip(*sorted(rows), strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, EVENT_SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=EVENT_SCHEMA), folder / EVENTS)
    return Recording(folder)


def test_a_queue_that_overflows_is_named_with_since_when_and_who_waited(tmp_path: Path) -> None:
    recording = queue_run(tmp_path, over={"quantity": "queue_overflow", "limit_s": 0.0})
    room = measure(recording).overflow["desk"].room
    (finding,) = assessed(recording).findings
    entry = finding.entry
    joined_s, called_s = 5.0 * np.arange(10), 20.0 * np.arange(10) + 20.0
    moments = np.arange(0.0, 260.0, 0.5)
    waiting = np.array([((joined_s <= t) & (called_s > t)).sum() for t in moments])
    over = moments[waiting > room]
    assert (entry["when"]["from_s"], entry["when"]["lasts_s"]) == (over[0], pytest.approx(0.5 * over.size))
    met = [(joined_s[k] < over[-1] + 0.5) and called_s[k] > over[0] for k in range(10)]
    assert entry["people"] == sum(met)
    queue = entry["cause"]["queue"]
    assert (queue["service"], queue["over_since_s"], queue["room"]) == ("desk", over[0], room)
    assert queue["waiting"] == waiting.max()
    assert "overflows its line since 0:" in entry["cause"]["text"]
    assert finding.subject.series.value.max() == waiting.max()


def test_long_waits_count_those_who_waited_longer(tmp_path: Path) -> None:
    recording = queue_run(tmp_path, wait={"quantity": "queue_wait", "limit_s": 60.0, "statistic": "max"})
    (finding,) = assessed(recording).findings
    waits = 20.0 * np.arange(10) + 20.0 - 5.0 * np.arange(10)
    assert finding.entry["people"] == (waits > 60.0).sum()
    assert sorted(finding.subject.series.value) == pytest.approx(sorted(waits))
    assert finding.entry["person_s"] == pytest.approx((waits - 60.0)[waits > 60.0].sum())


# ---------------------------------------------------------------- exits, and the whole venue
def two_exits(folder: Path, done: str = "[]", **criteria: dict[str, Any]) -> Recording:
    """Write a run of 40 people, of whom 30 leave by `narrow` (1 m) one a second from 20 s on, and 10 by `wide`."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("crowd", "zone", rectangle(0, 0, 10, 10)),
        line("narrow", "exit", (10, 2), (10, 3)),
        line("wide", "exit", (10, 6), (10, 8)),
        line("shut", "exit", (0, 6), (0, 8), open=False),
    ]
    interventions = [{"at_s": 15.0, "close": ["wide"]}] if done != "[]" else []
    built = scenario(
        features, {"all": {"start": "crowd", "count": 1}}, interventions=interventions, measure={"flow_window_s": 10.0}
    )
    slow = [Person(((0.0, 5.0, 2.5), (20.0 + k, 10.0, 2.5)), exit="narrow") for k in range(30)]
    quick = [Person(((0.0, 5.0, 7.0), (5.0 + k, 10.0, 7.0)), exit="wide") for k in range(10)]
    recording = write_run(folder, judged_by(built, **criteria), [*slow, *quick], until_s=60.0)
    if done != "[]":
        table = pq.read_table(folder / ATTENDEES)
        metadata = {**table.schema.metadata, DONE_KEY: done.encode()}
        pq.write_table(table.replace_schema_metadata(metadata), folder / ATTENDEES)
        recording = Recording(folder)
    return recording


def test_who_is_late_left_by_the_exit_that_is_named_while_others_stood_unused(tmp_path: Path) -> None:
    recording = two_exits(tmp_path, egress={"quantity": "egress_time", "limit_s": 29.5})
    (finding,) = assessed(recording).findings
    entry = finding.entry
    assert entry["people"] == 20  # those of 30 s, 31 s, ... 49 s
    assert entry["person_s"] == pytest.approx(sum(20.0 + k - 29.5 for k in range(10, 30)))
    cause = entry["cause"]
    assert (cause["before"]["name"], cause["before"]["share"]) == ("narrow", 1.0)
    assert cause["unused_exits"] == [{"name": "wide", "last_s": 14.0}]
    assert [closed["name"] for closed in cause["closed"]] == ["shut"]
    assert finding.subject.series.value.max() == 40


def test_an_exit_closed_on_the_way_is_named_with_when(tmp_path: Path) -> None:
    recording = two_exits(tmp_path, "[[15.0, 0]]", egress={"quantity": "egress_time", "limit_s": 29.5})
    entry = assessed(recording).findings[0].entry
    assert {one["name"]: one["since_s"] for one in entry["cause"]["closed"]} == {"shut": None, "wide": 15.0}
    assert entry["varied"]["interventions"] == [{"what": "close wide", "time_s": 15.0}]
    assert "since 0:15" in entry["cause"]["text"]
    assert entry["cause"]["unused_exits"] == []


def test_a_flow_over_the_limit_is_the_highest_of_its_series(tmp_path: Path) -> None:
    recording = two_exits(tmp_path, flow={"quantity": "exit_flow", "limit_per_m_s": 0.9})
    (finding,) = assessed(recording).findings
    assert finding.subject.series.value.max() == finding.entry["value"] == pytest.approx(1.0)
    assert finding.entry["people"] == 30  # every window of 10 s in which ten leave, and one of them every second
    assert finding.entry["place"]["what"] == "exit 'narrow'"


def test_too_many_by_hand_are_those_inside_meanwhile(tmp_path: Path) -> None:
    by_hand = {"quantity": "egress_by_hand", "limit_s": 10.0, "rate_per_m_min": 60.0}
    (finding,) = assessed(two_exits(tmp_path, hand=by_hand)).findings
    # 3 m times 1 /(m s) times 10 s let 30 out; the 31st is gone at 14 s, and with the 30 left it is kept.
    assert finding.subject.series.limit == pytest.approx(30.0)
    assert finding.subject.series.beyond == ((0.0, 14.0),)
    assert finding.entry["people"] == 40


@pytest.mark.parametrize("quantity", ["occupancy", "clearing_time"])
def test_a_full_zone_counts_who_was_in_it_meanwhile(tmp_path: Path, quantity: str) -> None:
    asked = {
        "occupancy": {"region": ["crowd"], "limit_per_m2": 0.32},
        "clearing_time": {"region": "crowd", "limit_s": 30.0},
    }
    recording = two_exits(tmp_path, full={"quantity": quantity, **asked[quantity]})
    (finding,) = assessed(recording).findings
    # More than 32 people until the 8th has left at 12 s; after 30 s those are there who leave at 31 s, ... 49 s,
    # and the one who goes at 30 s is gone.
    assert finding.entry["people"] == {"occupancy": 40, "clearing_time": 19}[quantity]
    highest = finding.subject.series.value.max()
    assert highest == pytest.approx(finding.entry["value"] if quantity == "occupancy" else 40)


def test_exposure_adds_up_to_the_value_judged(tmp_path: Path) -> None:
    exposure = {"quantity": "density_exposure", "above_per_m2": 2.0, "limit_s": 5.0}
    recording = write_run(tmp_path, corridor(exposed=exposure), through_the_door(48), until_s=100.0)
    (finding,) = assessed(recording).findings
    assert finding.subject.series.value.max() == pytest.approx(finding.entry["value"])
    assert finding.entry["person_s"] == pytest.approx(48 * finding.entry["value"])
    assert 0 < finding.entry["people"] <= 48


@pytest.mark.parametrize("reading", ["velocities", "mean_velocity"])
def test_pressure_over_time_peaks_at_the_value_judged(tmp_path: Path, reading: str) -> None:
    pressure = {"quantity": "pressure", "limit_per_s2": 1e-4, "variance_of": reading}
    recording = write_run(tmp_path, corridor(pressed=pressure), through_the_door(48), until_s=100.0)
    (finding,) = assessed(recording).findings
    assert finding.subject.series.value.max() == pytest.approx(finding.entry["value"], rel=1e-4)
    assert finding.entry["people"] > 0


def test_levels_of_service_have_no_place_and_no_count_but_a_series(tmp_path: Path) -> None:
    service = {"quantity": "level_of_service", "context": "walkway", "worst": "D", "limit_share": 0.05}
    recording = write_run(tmp_path, corridor(los=service), through_the_door(48), until_s=100.0)
    (finding,) = assessed(recording).findings
    assert finding.entry["place"] is None
    assert finding.entry["people"] is None
    assert "not by person" in finding.entry["people_are"]
    total = sum(measure(recording).service_levels["walkway"].values())
    assert finding.entry["person_s"] == pytest.approx(finding.entry["value"] * total)


def test_passages_over_a_line_are_counted_as_such(tmp_path: Path) -> None:
    flow = {"quantity": "line_flow", "limit_per_m_s": 0.5}
    recording = write_run(tmp_path, corridor(through=flow), through_the_door(48), until_s=100.0)
    (finding,) = assessed(recording).findings
    assert finding.entry["place"]["what"] == "door 'narrow'"
    assert finding.subject.series.value.max() == pytest.approx(finding.entry["value"])
    assert finding.entry["people"] == 48  # one a second: each of them is in a window of 20 s with at least 11
    assert "counts twice" in finding.entry["people_are"]


def test_findings_know_what_every_quantity_is_about() -> None:
    assert ABOUT.keys() == JUDGES.keys()


def test_a_crowd_before_a_stair_names_it_and_is_on_the_level_that_it_is_on(tmp_path: Path) -> None:
    built = two_halls(way("stairs", "stair", (12, 5), (20, 5), width=0.9), count=80)
    result = run(judged_by(built, dense={**DENSE_WINDOW, "limit_per_m2": 1.5}), tmp_path)
    (entry,) = result.summary["findings"]
    assert (entry["cause"]["before"]["kind"], entry["cause"]["before"]["name"]) == ("stair", "stairs")
    assert 0.5 < entry["cause"]["before"]["flow_per_m_s"] < 1.5  # as stairs carry when people press on to them
    assert entry["cause"]["before"]["capacity_per_m_min"] == 66.0
    assert "the 66 people/(m min) it has capacity for" in entry["cause"]["text"]
    assert (entry["place"]["level"], entry["at"]["level"]) == (0, 0)
    for name in entry["pictures"].values():
        assert (tmp_path / "plots" / f"{name}.png").is_file()


# ---------------------------------------------------------------- undecided
def test_an_undecided_criterion_says_why_and_has_no_cause(tmp_path: Path) -> None:
    criteria = {
        "nowhere": {"quantity": "clearing_time", "limit_s": 15.0},
        "early": {"quantity": "egress_time", "limit_s": 500.0},
        "dense": {**DENSE, "limit_per_m2": 50.0},
    }
    people = [*through_the_door(20), stander(2.0, 2.0)]
    found = assessed(write_run(tmp_path, corridor(**criteria), people, until_s=60.0))
    assert found.summary["verdict"] == "undecided"
    entries = {finding.entry["criterion"]: finding.entry for finding in found.findings}
    assert set(entries) == set(criteria)
    for entry in entries.values():
        assert entry["kind"] == "open"
        assert entry["reason"]
        assert entry["reason"] in entry["text"]
        assert entry["cause"]["text"] == "No cause is told: the criterion is undecided."
        assert not entry["cause"]["streams"]
        assert entry["cause"]["before"] is None
        assert entry["when"] is None
    assert "no zone or measurement area is named" in entries["nowhere"]["reason"]
    assert entries["nowhere"]["pictures"] == {}
    assert set(entries["dense"]["pictures"]) == {"map", "series"}


def test_nobody_came_at_all(tmp_path: Path) -> None:
    criteria = {
        "egress": {"quantity": "egress_time", "limit_s": 20.0},
        "dense": DENSE,
        "los": {"quantity": "level_of_service", "context": "queue", "worst": "D"},
    }
    found = assessed(write_run(tmp_path, corridor(**criteria), [], until_s=10.0))
    assert {finding.entry["kind"] for finding in found.findings} == {"open"}
    assert all(finding.scene is None for finding in found.findings)


# ---------------------------------------------------------------- whiles
def test_whiles_join_where_they_touch() -> None:
    assert joined([(5.0, 7.0), (0.0, 2.0), (2.0, 3.0), (6.0, 6.5)]) == ((0.0, 3.0), (5.0, 7.0))
    assert spells_above(np.array([0.0, 1.0, 2.0]), np.array([3.0, 1.0, 3.0]), 2.0, 5.0) == ((0.0, 1.0), (2.0, 5.0))
