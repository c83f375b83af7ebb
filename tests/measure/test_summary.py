"""The figures of summary.json: the promised keys, JSON-safe, and true."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from scenes import hall

from crowdsim.measure import measure, summarise
from crowdsim.record import Recording
from crowdsim.record.layout import CONFIG, INTERRUPTED, VENUE
from measure.runs import Person, stander, write_run

KEYS = {
    "crowdsim_version", "scenario", "seed", "movement", "config_sha256", "attendees", "duration_s",
    "egress_time_s", "t50_s", "t95_s", "travel_time_s", "delay_s", "density", "exposure_person_s",
    "pressure", "flows", "queues", "programme", "performance",
}  # fmt: skip
SPREAD = {"mean", "p50", "p95", "max"}
FLOW = {"count", "mean_per_s", "peak_per_s", "peak_specific_per_m_s", "width_m"}


def leaver(entry_s: float, exit_s: float) -> Person:
    return Person(((entry_s, 2.0, 5.0), (exit_s, 10.0, 5.0)), exit="out", free_walk_s=5.0)


def summary_of(recording: Recording) -> dict[str, Any]:
    summary = summarise(recording, measure(recording), {"steps": 7})
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    return summary


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    people = [leaver(0, 10), leaver(5, 25), stander(3, 3), Person(due_s=2.0), Person(due_s=99.0)]
    return write_run(tmp_path, hall(10, 10, 5, seed=9), people, until_s=30.0)


def test_the_keys_are_those_promised(recording: Recording) -> None:
    summary = summary_of(recording)
    assert set(summary) >= KEYS
    assert set(summary["travel_time_s"]) == set(summary["delay_s"]) == SPREAD
    assert set(summary["density"]) >= {"max_per_m2", "at", "method"}
    assert set(summary["density"]["at"]) == {"time_s", "level", "x", "y"}
    assert set(summary["exposure_person_s"]) == {"2", "3", "4", "5", "7"}
    assert set(summary["pressure"]) == {"max_per_s2", "at"}
    assert set(summary["flows"]["out"]) >= FLOW
    assert summary["performance"] == {"steps": 7}


def test_everyone_is_accounted_for(recording: Recording) -> None:
    assert summary_of(recording)["attendees"] == {
        "planned": 5, "entered": 3, "exited": 2, "inside": 1, "blocked": 1,
    }  # fmt: skip


def test_figures_by_hand(recording: Recording) -> None:
    summary = summary_of(recording)
    assert summary["seed"] == 9
    assert summary["movement"] == "collision_free_speed"
    assert summary["duration_s"] == 30.0
    assert summary["egress_time_s"] is summary["t50_s"] is summary["t95_s"] is None
    assert summary["travel_time_s"] == {"mean": 15.0, "p50": 15.0, "p95": 19.5, "max": 20.0}
    assert summary["delay_s"] == {"mean": 10.0, "p50": 10.0, "p95": 14.5, "max": 15.0}
    assert summary["flows"]["out"]["mean_per_s"] == pytest.approx(1 / 15)


def test_the_digest_is_of_configuration_and_venue(recording: Recording) -> None:
    both = (recording.folder / CONFIG).read_bytes() + (recording.folder / VENUE).read_bytes()
    assert summary_of(recording)["config_sha256"] == hashlib.sha256(both).hexdigest()


def test_the_digest_tells_configurations_apart(recording: Recording, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", hall(10, 10, 5, seed=10), [stander(3, 3)], until_s=1.0)
    assert summary_of(other)["config_sha256"] != summary_of(recording)["config_sha256"]


def test_a_partial_run_says_so(tmp_path: Path) -> None:
    recording = write_run(tmp_path, hall(10, 10, 1), [stander(3, 3)], until_s=1.0, status=INTERRUPTED)
    assert summary_of(recording)["status"] == "interrupted"


def test_a_run_nobody_came_to_has_a_summary(tmp_path: Path) -> None:
    summary = summary_of(write_run(tmp_path, hall(10, 10, 1), [Person(due_s=50.0)], until_s=3.0))
    assert summary["attendees"]["entered"] == 0
    assert summary["density"]["max_per_m2"] == 0.0
    assert summary["density"]["at"] is summary["pressure"]["max_per_s2"] is None
    assert set(summary["travel_time_s"].values()) == {None}


def test_one_person_has_a_summary(tmp_path: Path) -> None:
    summary = summary_of(write_run(tmp_path, hall(10, 10, 1), [leaver(0, 10)], until_s=10.0))
    assert summary["egress_time_s"] == summary["t50_s"] == summary["t95_s"] == 10.0
    assert summary["flows"]["out"]["count"] == 1
