"""Levels of service: Fruin's tables, and crowds of known density walking, queueing and on a stair."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from desks import desk
from levels import RUN_M, two_halls, way
from scenes import area, rectangle, scenario

from crowdsim import run
from crowdsim.measure import measure
from crowdsim.measure.service_levels import LEVELS, STANDARDS, Waiting
from crowdsim.record.layout import EVENTS
from measure.runs import stander, write_run
from measure.test_maps import lattice

PER_M2 = {
    "walkway": (0.31, 0.43, 0.72, 1.08, 2.15),
    "queue": (0.83, 1.08, 1.54, 3.59, 5.38),
    "stair": (0.54, 0.72, 1.08, 1.54, 2.69),
}
"""As usually quoted, rounded."""


@pytest.mark.parametrize("context", STANDARDS)
def test_limits_are_those_quoted(context: str) -> None:
    assert STANDARDS[context].most_per_m2 == pytest.approx(PER_M2[context], abs=0.01)


@pytest.mark.parametrize(("spacing", "level"), [(1.2, "C"), (1.05, "D"), (0.8, "E"), (0.6, "F")])
def test_an_even_crowd_is_at_the_level_of_its_density(tmp_path: Path, spacing: float, level: str) -> None:
    side = 12 * spacing
    features = [
        area("room", "walkable", rectangle(0, 0, side, side)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(side - 0.1, side - 0.1, side, side)),
    ]
    # A Gaussian as wide as the spacing reads a lattice evenly.
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}}, measure={"smoothing_m": spacing})
    people = [stander(*p) for p in lattice(side, side, spacing)]
    found = measure(write_run(tmp_path, setting, people, until_s=20.0)).service_levels
    assert found["walkway"][level] == pytest.approx(144 * 20.0, rel=0.02)
    assert sum(found["walkway"].values()) == pytest.approx(144 * 20.0)
    assert not any(found["queue"].values()) and not any(found["stair"].values())


def test_those_in_a_queue_count_as_queueing(tmp_path: Path) -> None:
    service = {"time": {"distribution": "constant", "value_s": 10.0}}
    result = run(desk(service, count=10, rate=60.0, duration_s=300.0), tmp_path / "run")
    found = json.loads((tmp_path / "run" / "summary.json").read_text())["level_of_service_person_s"]
    queues = measure(result.recording).queues["desk"]
    assert set(found["queue"]) == set(LEVELS)
    # Waits begin and end between samples, half a second apart: each is right within one.
    assert sum(found["queue"].values()) == pytest.approx(queues.wait_s.sum(), abs=0.5 * queues.wait_s.size)


def test_who_waits_is_told_by_the_events(tmp_path: Path) -> None:
    service = {"time": {"distribution": "constant", "value_s": 10.0}}
    result = run(desk(service, count=6, rate=60.0, duration_s=200.0), tmp_path / "run")
    events = pq.read_table(tmp_path / "run" / EVENTS).to_pylist()
    waiting = Waiting(result.recording)
    for time_s in (0.0, 5.0, 20.0, 40.0, 200.0):
        expected: set[int] = set()
        for row in events:
            if row["time"] <= time_s and row["event"] == "joined":
                expected.add(row["id"])
            if row["time"] <= time_s and row["event"] in ("called", "gave_up"):
                expected.discard(row["id"])
        assert set(waiting.at(time_s).nonzero()[0].tolist()) == expected


def test_those_on_a_stair_are_judged_by_its_table(tmp_path: Path) -> None:
    result = run(two_halls(way("up", "stair", (12, 5), (12 + RUN_M, 5)), count=40, threads=1), tmp_path / "run")
    found = measure(result.recording).service_levels
    expected = 0.0
    for frame in result.recording.frames():
        # The stair goes on where the lower hall ends; in the plan of the lower level.
        on = (frame.level == 0) & (frame.x > 12) & (frame.x < 12 + RUN_M)
        expected += 0.5 * int(on.sum())
    assert expected > 40 * RUN_M / 1.4  # nobody is faster up a stair
    assert sum(found["stair"].values()) == pytest.approx(expected, rel=0.02)
