"""How queues are measured: from a run's events alone."""

import json

import pytest
from desks import desk

from crowdsim import run


def test_a_service_is_summed_up_from_the_events(tmp_path):
    service = {
        "time": {"distribution": "constant", "value_s": 10.0},
        "open": [{"from_s": 30.0, "until_s": 100.0}],
        "balk_above": 4,
    }
    result = run(desk(service, count=10, rate=60.0, duration_s=300.0), tmp_path / "run")
    use = json.loads((tmp_path / "run" / "summary.json").read_text())["queues"]["desk"]
    assert (use["served"], use["gave_up"], use["max_length"]) == (4, 6, 4)
    events = result.recording.events().to_pandas()
    times = {event: events[events.event == event].set_index("id").time for event in ("joined", "called", "served")}
    on_duty_s = min(result.summary["duration_s"], 100.0) - 30.0
    assert use["mean_wait_s"] == pytest.approx((times["called"] - times["joined"]).mean())
    assert use["utilisation"] == pytest.approx((times["served"] - times["called"]).sum() / on_duty_s)
    assert (tmp_path / "run" / "plots" / "queues.png").read_bytes().startswith(b"\x89PNG")


def test_without_services_there_is_nothing(tmp_path):
    scene = desk({"time": {"distribution": "constant", "value_s": 1.0}}, count=2, legs=[{"exit": "out"}], services={})
    result = run(scene, tmp_path / "run")
    assert result.summary["queues"] == {}
    assert not (tmp_path / "run" / "plots" / "queues.png").exists()
