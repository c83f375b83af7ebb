"""What exits could have carried and how far queues grow beyond their room, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from desks import desk
from hypothesis import given
from hypothesis import strategies as st
from scenes import hall

from crowdsim import run
from crowdsim.measure import measure
from crowdsim.measure.capacity import occupied_s
from crowdsim.measure.egress import Egress
from measure.runs import Person, write_run


def leaver(entry_s: float, exit_s: float) -> Person:
    return Person(((entry_s, 2.0, 5.0), (exit_s, 10.0, 5.0)), exit="out")


def test_an_exit_counts_while_people_are_inside(tmp_path: Path) -> None:
    people = [leaver(0, 20), leaver(10, 30), leaver(50, 80)]
    use = measure(write_run(tmp_path, hall(10, 10, 3, door=1.2), people, until_s=200.0)).exits["out"]
    assert use.capacity == pytest.approx(1.2 * 82 / 60 * (30 + 30))
    assert use.passed == 3
    assert use.unused == pytest.approx(use.capacity - 3)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), max_size=15))
def test_the_time_anyone_is_inside_is_every_second_with_somebody(stays: list[tuple[int, int]]) -> None:
    entry = np.array(sorted(a for a, _ in stays), float)
    leave = np.array(sorted(a + n for a, n in stays if a + n <= 60), float)
    seconds = {t for a, n in stays for t in range(a, a + n) if t < 60}
    egress = Egress(len(stays), entry, leave, 0, np.empty(0), np.empty(0))
    assert occupied_s(egress, 60.0) == len(seconds)


def test_a_queue_that_grows_beyond_its_line(tmp_path: Path) -> None:
    service = {"time": {"distribution": "constant", "value_s": 10.0}, "spacing_m": 2.0}
    result = run(desk(service, count=12, rate=60.0, duration_s=300.0), tmp_path / "run")
    measures = measure(result.recording)
    overflow, use = measures.overflow["desk"], measures.queues["desk"]
    length = result.recording.venue.queues[result.recording.scenario.config.services["desk"].queues[0]].length
    assert overflow.room == int(length / 2.0)
    assert overflow.most_over == use.waiting.max() - overflow.room > 0
    seconds = np.arange(0.05, result.recording.simulated_s, 0.1)
    now = use.waiting[np.searchsorted(use.time_s, seconds, "right") - 1]
    assert overflow.over_s == pytest.approx(0.1 * (now > overflow.room).sum(), abs=0.1 * use.time_s.size)
