"""Measures of a run that was simulated, held against its own events."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from crowdsim.measure import measure
from crowdsim.measure.steps import walk
from crowdsim.scenario.event import ENTERED, EXITED
from crowdsim.simulate import Result


def test_every_way_is_followed_from_entering_to_the_exit(hall_run: Result) -> None:
    recording = hall_run.recording
    covered = np.zeros(2)
    for step in walk(recording):
        moves = step.moves
        assert np.isfinite(np.array(moves)).all()
        assert (moves.t1 >= moves.t0).all()
        covered += [(moves.x1 - moves.x0).sum(), (moves.y1 - moves.y0).sum()]
    events = recording.events()
    kind = events["event"].cast("string")
    came, went = (events.filter(pc.equal(kind, name)) for name in (ENTERED, EXITED))
    between = [pc.sum(went[axis]).as_py() - pc.sum(came[axis]).as_py() for axis in ("x", "y")]
    assert covered == pytest.approx(between, abs=1e-2)


def test_the_exits_flow_is_everyone_and_ends_the_egress(hall_run: Result) -> None:
    measures = measure(hall_run.recording)
    assert measures.egress.everyone_left
    assert measures.flows["out"].times_s.tolist() == measures.egress.exit_s.tolist()
    assert measures.egress.egress_time_s == measures.flows["out"].times_s[-1]


def test_nobody_is_faster_than_their_free_speed_lets_them(hall_run: Result) -> None:
    # The length of the free walk is read off the navigation grid: some centimetres, or 0.1 s, are its error.
    assert measure(hall_run.recording).egress.delay_s.min() > -0.1


def test_exposure_is_at_most_everyones_time_inside(hall_run: Result) -> None:
    measures = measure(hall_run.recording)
    inside_s = measures.egress.travel_s.sum()
    half_a_sample_each = measures.egress.planned * hall_run.recording.sample_interval_s
    assert 0 < measures.maps.exposure_by_level[2.0] <= inside_s + half_a_sample_each


def test_measuring_again_gives_the_same_figures(hall_run: Result) -> None:
    first, second = measure(hall_run.recording).maps, measure(hall_run.recording).maps
    assert np.array_equal(first.peak_density_per_m2, second.peak_density_per_m2)
    assert first.exposure_by_level == second.exposure_by_level
    assert (first.density, first.pressure) == (second.density, second.pressure)
