"""The arena's and the exhibition hall's figures against what can be calculated by hand."""

import heapq

import numpy as np
import pytest

import crowdsim as cs
from crowdsim.config.paths import SCENARIOS

PER_M_S = 82 / 60
"""People per metre and second on the level (Green Guide)."""
MOST_UNEVEN = 2.0
"""Everybody takes the nearest exit: the one beside a closed one gets up to twice its share."""
NEVER_FASTER = 0.95
"""No run beats its bound by more than 5 %: numbers and times are drawn."""


def run(source, overrides, folder):
    result = cs.run(cs.load_scenario(source, [*overrides, "output.plots=false"]), folder)
    people = result.summary["attendees"]
    assert people["entered"] == people["exited"] + people["inside"]
    return result


def by_hand_s(result, *closed):
    """Return how long all people take through the exits of the floor, as wide as drawn, if nobody has to walk."""
    widths = [
        flow["width_m"]
        for name, flow in result.summary["flows"].items()
        if flow["kind"] == "exit" and name.startswith("exit") and name not in closed
    ]
    return result.summary["attendees"]["planned"] / (sum(widths) * PER_M_S)


HALLS = {
    "arena_concert": [f"exit_{side}{k}" for side in "nsw" for k in (1, 2)],
    "exhibition_hall": [f"exit_{side}{k}" for side in "nsew" for k in (1, 2)],
}


@pytest.mark.parametrize("name", HALLS)
def test_a_hall_empties_no_faster_than_its_exits_let(name, tmp_path):
    """Some of the people through narrower exits; then with one of the busiest exits closed."""
    few = ["attendees.crowd.count=1500", *(f"exits.{exit_}.width_m=1.2" for exit_ in HALLS[name])]
    source = SCENARIOS / name / "evacuation.yaml"
    whole = run(source, few, tmp_path / "open")
    closed = run(source, [*few, "exits.exit_n1.open=false"], tmp_path / "closed")
    for result, shut in ((whole, ()), (closed, ("exit_n1",))):
        assert result.summary["attendees"]["exited"] == 1500
        assert NEVER_FASTER < result.summary["egress_time_s"] / by_hand_s(result, *shut) < MOST_UNEVEN
    assert closed.summary["egress_time_s"] > whole.summary["egress_time_s"]
    assert closed.summary["flows"].get("exit_n1", {"count": 0})["count"] == 0


def waits_by_hand_s(joined_s, servers, each_s):
    """Return the waits of people who come at these times to servers who take equally long for everyone."""
    free, waits = [0.0] * servers, []
    for time_s in sorted(joined_s):
        start = max(time_s, heapq.heappop(free))
        waits.append(start - time_s)
        heapq.heappush(free, start + each_s)
    return waits


def test_nobody_is_served_sooner_than_servers_get_free(tmp_path):
    """The interval with a third of the people and of the servers, who take as long as those drawn did."""
    servers = {"bar_north": 2, "bar_south": 2, "women": 4, "men": 3}
    third = ["programme.support={zone: floor, from_s: 0, until_s: 60}", "duration_s=1000"]
    third += ["programme.headliner.from_s=900", "programme.headliner.until_s=1000"]
    for group in ("women", "men"):
        third += [f"attendees.{group}.start=floor", f"attendees.{group}.arrival={{kind: at_start}}"]
        third += [f"attendees.{group}.count=250", f"~attendees.{group}.needs"]
    third += [f"services.{name}.servers={n}" for name, n in servers.items()]
    result = run("arena_concert", third, tmp_path / "run")
    events = result.recording.events().to_pandas()
    for name, n in servers.items():
        service = result.recording.scenario.config.services[name]
        times = events[events.place == service.queues[0]].pivot_table(index="id", columns="event", values="time")
        times = times[times.called.notna()]
        assert len(times) > 30
        by_hand = np.mean(waits_by_hand_s(times.joined, n, (times.served - times.called).mean()))
        assert (times.called - times.joined).mean() > NEVER_FASTER * by_hand


def test_the_exhibition_closes_and_visitors_leave(tmp_path):
    """A short day: a quarter of an hour, 300 visitors."""
    short = [
        "attendees.visitors.count=300",
        "attendees.visitors.arrival={kind: poisson, rate_per_min: 30}",
        "interventions.0.at_s=900",
        "criteria.egress_time.from_s=900",
        "duration_s=1500",
    ]
    result = run("exhibition_hall", short, tmp_path / "run")
    assert result.summary["attendees"]["exited"] == 300
    events = result.recording.events().to_pandas()
    exited = events[events.event == "exited"].time
    assert (exited < 900).mean() < 0.2
    assert 900 + by_hand_s(result) < exited.max() < 1500
    stands = events[(events.event == "arrived") & ~events.place.isin(["tables_n", "tables_s"])].place
    assert stands.nunique() > 100
