"""The estimate by hand: people over width times rate where that is exact, and which doors the ways lead through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crowdsim.config import load_scenario
from crowdsim.experiment.optimise.hydraulic import RATE_PER_M_S, Ways, find_ways

HERE = Path(__file__).parent
EXITS = HERE / "three_exits"


def ways(passages, sets_off_s, widths_m, speed_m_s=1.0):
    n = len(sets_off_s)
    return Ways(np.array(sets_off_s, float), np.full(n, speed_m_s), tuple([tuple(passages)] * n), widths_m)


def test_those_who_come_at_once_take_people_over_width_times_rate():
    found = ways([("exits.out", 12.0)], [5.0] * 100, {"exits.out": 2.0}, speed_m_s=1.5)
    assert found.last_out_s({}) == pytest.approx(5 + 12 / 1.5 + 99 / (2.0 * RATE_PER_M_S))
    assert found.last_out_s({"exits.out": 1.0}) == pytest.approx(5 + 12 / 1.5 + 99 / RATE_PER_M_S)


def test_those_who_come_one_by_one_do_not_wait():
    found = ways([("exits.out", 10.0)], range(0, 100, 10), {"exits.out": 1.0})
    assert found.last_out_s({}) == pytest.approx(90 + 10)


def test_of_two_passages_the_narrower_counts_and_the_way_between_them():
    wide = ways([("doors.a", 3.0), ("exits.out", 7.0)], [0.0] * 50, {"doors.a": 1.0, "exits.out": 4.0})
    assert wide.last_out_s({}) == pytest.approx(3 + 49 / RATE_PER_M_S + 7)
    assert wide.last_out_s({"doors.a": 4.0, "exits.out": 1.0}) == pytest.approx(3 + 7 + 49 / RATE_PER_M_S)


def queue_by_queue(found):
    """Return when everyone is out: passage by passage in turn, people sorted by when they come (Lindley 1952)."""
    time = found.sets_off_s.copy()
    for at in range(2):
        time += [way[at][1] for way in found.passages] / found.speed_m_s
        for key in sorted({way[at][0] for way in found.passages}):
            mine = np.flatnonzero([way[at][0] == key for way in found.passages])
            order = mine[np.argsort(time[mine], kind="stable")]
            takes = 1 / (RATE_PER_M_S * found.widths_m[key])
            free = 0.0
            for k in order:
                time[k] = max(time[k], free)
                free = time[k] + takes
    return time.max()


def test_it_agrees_with_queues_worked_out_passage_by_passage():
    rng = np.random.default_rng(3)
    doors, exits = rng.integers(0, 3, 400), rng.integers(0, 2, 400)
    to_door, to_exit = rng.uniform(1, 30, (2, 400)).tolist()
    passages = tuple(
        ((f"doors.{d}", a), (f"exits.{e}", b)) for d, e, a, b in zip(doors, exits, to_door, to_exit, strict=True)
    )
    widths = {"doors.0": 0.8, "doors.1": 1.5, "doors.2": 3.0, "exits.0": 1.1, "exits.1": 2.2}
    found = Ways(rng.lognormal(3, 0.5, 400), rng.uniform(0.8, 1.6, 400), passages, widths)
    assert found.last_out_s({}) == pytest.approx(queue_by_queue(found))


def test_ways_lead_through_the_doors_that_stand_in_them():
    found = find_ways(load_scenario(EXITS))
    keys = [tuple(key for key, _ in way) for way in found.passages]
    assert set(keys) == {("exits.west",), ("exits.east",), ("doors.lobby_door", "exits.north")}
    through = next(way for way in found.passages if len(way) == 2)
    assert through[1][1] == pytest.approx(14 - 10.2, abs=0.3)  # from the door straight on to the exit, to a grid step


def test_in_the_arena_everyone_passes_one_vomitory_or_tunnel_and_one_exit():
    found = find_ways(load_scenario("arena_egress"))
    assert len(found.passages) == 5000
    assert {tuple(key.split(".")[0] for key, _ in way) for way in found.passages} == {("doors", "exits")}
    tunnels = sum(way[0][0].startswith("doors.tunnel") for way in found.passages)
    assert tunnels == 800  # those on the floor


def test_wider_exits_are_never_slower():
    found = find_ways(load_scenario(EXITS))
    times = [found.last_out_s({"exits.west": width, "exits.east": width}) for width in (0.6, 0.8, 1.2, 2.0, 4.0)]
    assert times == sorted(times, reverse=True) and times[0] > times[-1]


@pytest.mark.parametrize(
    ("source", "overrides", "reason"),
    [
        ("arena_concert", (), "people come over time"),
        ("arena_egress", ("routes=quickest",), "people walk round crowds"),
        ("arena_egress", ("interventions=[{at_s: 10, close: exit_n1}]",), "the venue changes"),
    ],
)
def test_where_it_does_not_hold_it_says_why(source, overrides, reason):
    assert find_ways(load_scenario(source, overrides)) == reason
