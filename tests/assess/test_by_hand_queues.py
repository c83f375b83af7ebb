"""Waiting by hand beside simulated queues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from desks import desk

from crowdsim.simulate import run


def of(summary: dict[str, Any], what: str) -> dict[str, Any]:
    (one,) = [e for e in summary["by_hand"] if e["figure"] == {"kind": "service", "name": "desk", "what": what}]
    return one


@pytest.fixture(scope="module")
def overloaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return forty people, one every two seconds, for a desk that takes ten for each."""
    service = {"time": {"distribution": "constant", "value_s": 10.0}}
    scene = desk(service, count=40, rate=30.0, duration_s=900.0, output={"plots": False})
    return run(scene, tmp_path_factory.mktemp("desk") / "run")


def test_an_overloaded_desk_is_as_by_hand(overloaded: Any) -> None:
    """By hand from when people joined: at the last one's joining all have come and t / 10 s are served."""
    events = overloaded.recording.events().to_pandas()
    joined = np.sort(events[events.event == "joined"].time.to_numpy())
    spent = np.maximum.accumulate(joined - 10.0 * np.arange(joined.size)) + 10.0 * np.arange(joined.size)
    assert of(overloaded.summary, "last served")["by_hand"] == pytest.approx(spent[-1] + 10.0)
    assert of(overloaded.summary, "longest wait")["by_hand"] == pytest.approx((spent - joined).max())
    for what in ("most waiting", "longest wait", "last served"):
        assert of(overloaded.summary, what)["verdict"] == "agrees within 20 %", of(overloaded.summary, what)


def test_servers_busy_is_people_times_their_time_over_the_time_on_duty(overloaded: Any) -> None:
    one = of(overloaded.summary, "servers busy")
    assert one["by_hand"] == pytest.approx(40 * 10.0 / overloaded.summary["duration_s"])
    assert one["verdict"] == "agrees within 20 %"


def test_a_queue_that_copes_has_its_mean_wait_by_formula(tmp_path: Any) -> None:
    service = {"time": {"distribution": "exponential", "mean_s": 4.0}}
    result = run(desk(service, count=150, rate=10.0, seed=3, output={"plots": False}), tmp_path / "run")
    one, events = of(result.summary, "mean wait"), result.recording.events().to_pandas()
    joined = events[events.event == "joined"].time
    per_s = 149 / (joined.max() - joined.min())
    assert one["method"] == "M/M/1"
    assert one["by_hand"] == pytest.approx(per_s * 4.0 / (1 / 4.0 - per_s))
    assert one["simulated"] == pytest.approx(result.summary["queues"]["desk"]["mean_wait_s"])


def test_those_who_gave_up_are_told_and_left_out(tmp_path: Any) -> None:
    service = {"time": {"distribution": "constant", "value_s": 10.0}, "balk_above": 4}
    result = run(desk(service, count=20, rate=60.0, duration_s=300.0, output={"plots": False}), tmp_path / "run")
    use, one = result.summary["queues"]["desk"], of(result.summary, "most waiting")
    assert use["gave_up"] > 0
    assert f"{use['served']} come" in one["text"]
