"""Criteria that are said to have failed while a run goes on: exactly those that its end shows to have failed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest
from desks import EVEN, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim.assess.judge import JUDGES
from crowdsim.assess.judged import Run
from crowdsim.assess.stopping import SURELY_S, FailWatch
from crowdsim.measure import measure
from crowdsim.scenario.criteria import Criterion
from crowdsim.simulate import run

SOURCE = {"source": "made up for this test", "level_of_evidence": "assumption"}
CRITERION = TypeAdapter(Criterion)


def hall():
    """A hall whose crowd leaves by two exits while others come in; both of the exits are rebuilt meanwhile."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 14, 10)),
        area("crowd", "zone", rectangle(1, 1, 9, 9)),
        line("in", "entrance", (0, 2), (0, 8)),
        line("narrow", "exit", (14, 2), (14, 2.9)),
        line("wide", "exit", (14, 5), (14, 7)),
    ]
    groups = {
        "first": {"start": "crowd", "count": 60},
        "later": {"start": "in", "count": 30, "arrival": {"kind": "poisson", "rate_per_min": 60}},
    }
    change = [{"at_s": 12.0, "width_m": {"wide": 1.2}}, {"at_s": 25.0, "close": ["narrow"]}]
    return scenario(features, groups, measure={"flow_window_s": 10.0}, interventions=change, profiles={"adult": EVEN})


def queue():
    """A desk at which people come faster than they are served, and give up: its line is too short."""
    service = {
        "time": {"distribution": "exponential", "mean_s": 8.0},
        "patience": {"distribution": "constant", "value_s": 70.0},
    }
    return desk(service, count=60, rate=15.0)


def cut_short():
    """The hall, whose run ends while people are inside."""
    built = hall()
    return replace(built, config=replace(built.config, duration_s=20.0))


SCENES = {"hall": hall, "queue": queue, "cut short": cut_short}


class Nobody:
    """Told of events, and does nothing."""

    def event(self, *told):
        pass


@lru_cache
def recorded(name, folder):
    built = SCENES[name]()
    built = replace(built, config=replace(built.config, output=replace(built.config.output, plots=False)))
    recording = run(built, folder / name.replace(" ", "_")).recording
    return recording, measure(recording), recording.events().to_pylist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stopping")


LIMITS = st.one_of(st.floats(0.01, 100.0), st.integers(1, 400).map(lambda k: k / 4))
RATES = st.floats(0.05, 4.0)
CRITERIA = st.one_of(
    st.fixed_dictionaries({"quantity": st.just("egress_time"), "limit_s": LIMITS,
                           "from_s": st.sampled_from([0.0, 3.3])}),
    st.fixed_dictionaries({"quantity": st.just("egress_by_hand"), "limit_s": LIMITS,
                           "rate_per_m_min": st.floats(10, 100), "widest_closed": st.booleans()}),
    st.fixed_dictionaries({"quantity": st.just("exit_flow"), "limit_per_m_s": RATES}),
    st.fixed_dictionaries({"quantity": st.just("line_flow"), "limit_per_m_s": RATES,
                           "lines": st.sampled_from([("wide",), ("narrow", "wide"), ("out",)])}),
    st.fixed_dictionaries({"quantity": st.just("queue_wait"), "limit_s": LIMITS, "statistic": st.just("max")}),
    st.fixed_dictionaries({"quantity": st.just("queue_overflow"), "limit_s": LIMITS}),
    st.fixed_dictionaries({"quantity": st.just("service_rate"), "limit_per_min": st.floats(5.0, 20.0)}),
)  # fmt: skip


def last_known(recording, events, criterion):
    """Return when a criterion has failed while the run still goes on [s], None if never, and whether it has at last."""
    built = recording.scenario
    watch = FailWatch(replace(built, config=replace(built.config, criteria={"one": criterion})), Nobody())
    step_s, coming, failed_s = built.config.movement.step_s, iter(events), None
    event = next(coming, None)
    for k in range(round(recording.simulated_s / step_s) + 1):
        while event is not None and event["time"] <= k * step_s:
            watch.event(*event.values())
            event = next(coming, None)
        if failed_s is None and k * step_s < recording.simulated_s and watch.failed(k * step_s):
            failed_s = k * step_s
    return failed_s, bool(watch.failed(recording.simulated_s + 2 * SURELY_S))


@pytest.mark.parametrize("name", SCENES)
@settings(max_examples=200)
@given(made=CRITERIA)
def test_what_is_said_to_have_failed_has_failed_at_the_end_and_the_other_way_round(folder, name, made):
    recording, measures, events = recorded(name, folder)
    criterion = CRITERION.validate_python({**made, **SOURCE})
    failed_s, failed = last_known(recording, events, criterion)
    whole = JUDGES[criterion.quantity](criterion, Run(measures, recording))
    if failed_s is not None:
        assert failed and whole.passed is False
    by_rounding = whole.value is not None and abs(whole.value - whole.limit) < 2 * SURELY_S
    assert failed == (whole.passed is False) or by_rounding


def test_all_that_can_stop_a_run_does_so_in_one_scene_or_another(folder):
    """What is never said to have failed is not tested by the test above."""
    hard = {
        "egress_time": {"limit_s": 5.0},
        "egress_by_hand": {"limit_s": 5.0, "rate_per_m_min": 80.0},
        "exit_flow": {"limit_per_m_s": 0.2},
        "line_flow": {"limit_per_m_s": 0.2, "lines": ("wide", "out")},
        "queue_wait": {"limit_s": 5.0, "statistic": "max"},
        "queue_overflow": {"limit_s": 5.0},
        "service_rate": {"limit_per_min": 5.0},
    }
    for quantity, keys in hard.items():
        criterion = CRITERION.validate_python({"quantity": quantity, **keys, **SOURCE})
        stopped = []
        for name in SCENES:
            recording, _, events = recorded(name, folder)
            stopped.append(last_known(recording, events, criterion)[0])
        early = [time_s for time_s in stopped if time_s is not None]
        assert early, quantity
