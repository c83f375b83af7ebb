"""The validation suite: its quick part passes where it must, and every case can fail."""

import json
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest

from crowdsim.errors import ScenarioError
from crowdsim.validate import analytic, crowds, meetings, necks, nist, stairs
from crowdsim.validate import rimea_components as components
from crowdsim.validate.case import Case, Departure, Outcome, Quantity, Trial
from crowdsim.validate.catalogue import CASES, select
from crowdsim.validate.judging import falling, rising, within
from crowdsim.validate.measuring import steady_rate
from crowdsim.validate.page import render
from crowdsim.validate.record import document, row
from crowdsim.validate.suite import run_suite
from crowdsim.validate.venues import DEFAULT_MOVEMENT

QUICK = {
    "rimea-1", "rimea-2", "rimea-3", "rimea-5", "rimea-6", "rimea-7", "rimea-10", "imo-4", "nist-1.1", "nist-4.1",
}  # fmt: skip
FITTED_TO_EXPERIMENTS = {"imo-4"}
"""A planning code's limit, which a model fitted to experiments exceeds."""

ONE = Trial(DEFAULT_MOVEMENT, (1,))
BY_ID = {case.id: case for case in CASES}


@pytest.fixture(scope="module")
def quick():
    return list(run_suite(select(quick=True), [DEFAULT_MOVEMENT]))


def test_the_quick_part_holds_for_the_default_model(quick):
    assert {entry.case.id for entry in quick} == QUICK
    for entry in quick:
        assert entry.case.id in FITTED_TO_EXPERIMENTS or entry.outcome.verdict != "fail", entry.outcome.note


def test_every_case_run_tells_what_it_measured_and_has_a_picture(quick):
    for entry in quick:
        assert entry.outcome.note
        if entry.case.run:
            assert entry.outcome.figure.startswith(b"\x89PNG")
            assert entry.outcome.figure_text
            assert all(len(quantity.values) == len(entry.seeds) for quantity in entry.outcome.measured)


def test_the_same_call_gives_the_same_figures(quick):
    again = list(run_suite(select(["rimea-6", "imo-4"]), [DEFAULT_MOVEMENT]))
    first = {entry.case.id: entry.outcome.measured for entry in quick}
    assert all(entry.outcome.measured == first[entry.case.id] for entry in again)


@pytest.mark.slow
def test_the_whole_suite_runs_to_its_end():
    for entry in run_suite(CASES, [DEFAULT_MOVEMENT]):
        assert "could not be run" not in entry.outcome.note, f"{entry.case.id}: {entry.outcome.note}"


@pytest.mark.parametrize(
    "run",
    [
        partial(components.corridor, longest_s=29.0),
        partial(components.corridor, speed_m_s=1.0),  # a slow walker
        partial(components.late_starts, tolerance_s=0.01),
        partial(components.corner, allowed=-1),
        partial(components.speeds, kinds={"impaired": (0.46, 0.76)}, rounding=-0.2),
        partial(crowds.door_flow, most_per_m_s=0.3),
        partial(necks.two_necks, slack_per_s=-5.0),
        partial(nist.pre_movement, least_p=0.999),
        partial(meetings.head_on, least_gap=9.0),
        partial(analytic.free_walk, tolerance=1e-9),
        partial(analytic.mirrored, tolerance=-1.0),
        partial(stairs.jams, dense_per_m2=5.0),
        partial(stairs.as_a_corridor, share=1e-6),
    ],
)
def test_a_doctored_bound_makes_a_case_fail(run):
    outcome = run(ONE)
    assert outcome.verdict == "fail"
    assert outcome.measured


def test_people_at_other_exits_than_theirs_are_seen(monkeypatch):
    cabins = components.cabins.cabins

    def swapped(movement, seed):
        track, assigned = cabins(movement, seed)
        return track, assigned[::-1]

    monkeypatch.setattr(components.cabins, "cabins", swapped)
    assert components.assigned_exits(ONE).verdict == "fail"


def test_a_run_that_never_ends_fails_and_says_so(monkeypatch):
    monkeypatch.setattr(crowds.lab, "LIMIT_S", 5.0)
    outcome = crowds.door_flow(ONE)
    assert outcome.verdict == "fail"
    assert "no value in 1 of 1 runs" in outcome.note


def explode(trial):
    msg = "the model blew up"
    raise ValueError(msg)


def test_one_broken_case_does_not_stop_the_others():
    cases = [replace(BY_ID["rimea-1"], run=explode), BY_ID["imo-1"], BY_ID["nist-2.5"]]
    calls = []
    entries = list(run_suite(cases, [DEFAULT_MOVEMENT], progress=lambda *now: calls.append(now)))
    assert [entry.outcome.verdict for entry in entries] == ["fail", "pass", "documented"]
    assert "ValueError: the model blew up" in entries[0].outcome.note
    assert calls[0] == (0, 3, DEFAULT_MOVEMENT, "rimea-1")
    assert calls[-1][:2] == (3, 3)


# ---------------------------------------------------------------- the catalogue
def test_every_case_says_what_it_rests_on():
    assert len({case.id for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.criterion
        assert case.clause
        assert bool(case.run) != bool(case.why_not), case.id
        assert bool(case.run) == bool(case.tolerance) == (case.tolerance_origin != "none"), case.id
        assert all(isinstance(departure, Departure) for departure in case.departures)


def test_all_cases_of_the_sources_are_there():
    ids = set(BY_ID)
    assert {f"rimea-{n}" for n in (*range(1, 12), "12a", "12b", "12c", "12d", 13, 14, 15, 16)} <= ids
    assert {f"imo-{n}" for n in range(1, 13)} <= ids
    assert {"nist-1.1", "nist-2.10", "nist-3.1", "nist-4.1", "nist-5.1", "nist-5.2", "iso-13"} <= ids


def test_cases_are_selected_by_name_and_by_suite():
    assert [case.id for case in select(["imo-4", "rimea-1"])] == ["rimea-1", "imo-4"]
    assert {case.suite for case in select(["IMO"])} == {"IMO"}
    with pytest.raises(ScenarioError) as error:
        select(["rimea-99", "imo-44"])
    assert len(error.value.problems) == 2


def test_deterministic_cases_run_once_and_others_as_often_as_asked():
    assert BY_ID["rimea-1"].seeds(7) == (1,)
    assert BY_ID["imo-4"].seeds(3) == (1, 2, 3)
    assert BY_ID["imo-4"].seeds() == (1, 2, 3, 4, 5)
    assert BY_ID["nist-2.5"].seeds(3) == ()


# ---------------------------------------------------------------- statistics
def test_mean_and_interval_are_students():
    quantity = Quantity("q", "s", (1.0, 2.0, 3.0))
    assert quantity.mean == 2.0
    assert quantity.ci95 == pytest.approx((2 - 4.303 / np.sqrt(3), 2 + 4.303 / np.sqrt(3)), rel=1e-3)
    assert Quantity("q", "s", (1.0,)).ci95 is None
    assert Quantity("q", "s", (1.0, float("nan"))).mean is None
    assert Quantity("q", "s", ()).mean is None


def test_order_and_bounds():
    low, high, unknown = (Quantity("q", "", (value,)) for value in (1.0, 2.0, float("nan")))
    assert rising([low, high]) and falling([high, low])
    assert not rising([high, low]) and rising([high, low], slack=1.0)
    assert not rising([low, unknown]) and not within(unknown)
    assert within(low, 0.5, 1.5) and not within(high, high=1.5)


def test_the_steady_rate_leaves_out_start_and_end():
    times = np.concatenate([[0.0], 100 + np.arange(98) / 2, [1e6, np.nan]])
    assert steady_rate(times) == pytest.approx(2.0)


# ---------------------------------------------------------------- what is written
def test_rows_for_machines_have_every_key_and_no_nan(quick):
    keys = {
        "test", "suite", "edition", "clause", "criterion", "criterion_binary", "tolerance", "tolerance_origin",
        "departures", "seeds", "measured", "mean", "ci95", "verdict", "note", "movement",
    }  # fmt: skip
    rows = document(quick)["cases"]
    assert all(keys <= set(case) for case in rows)
    json.dumps(document(quick), allow_nan=False)
    corner = next(case for case in rows if case["test"] == "rimea-6")
    assert corner["mean"] == 0.0
    assert len(corner["measured"][0]["values"]) == 5
    assert corner["departures"][0].keys() == {"what", "standard", "ours"}


def test_values_that_were_not_reached_are_null():
    odd = Outcome("fail", "note", (Quantity("q", "s", (1.0, float("nan"))),))
    case = Case(
        **dict.fromkeys(("id", "suite", "edition", "clause", "title", "criterion"), "x"), criterion_binary=False
    )
    (entry,) = run_suite([replace(case, run=lambda trial: odd)], ["m"], seeds=2)
    assert row(entry)["measured"][0] == {"name": "q", "unit": "s", "values": [1.0, None], "mean": None, "ci95": None}


VOID = ("meta", "img", "br", "link")


class Page:
    """What a page holds: its links, anchors, pictures and text; tags must close in order."""

    def __init__(self, text):
        page = self
        self.anchors, self.links, self.images, self.open, self.text = set(), [], [], [], ""

        class Parser(HTMLParser):
            def handle_starttag(self, tag, attrs):
                values = dict(attrs)
                page.anchors.add(values.get("id"))
                if tag == "a":
                    page.links.append(values["href"])
                if tag == "img":
                    page.images.append(values)
                if tag not in VOID:
                    page.open.append(tag)

            def handle_endtag(self, tag):
                assert page.open.pop() == tag

            def handle_data(self, data):
                page.text += data

        Parser().feed(text)


def test_the_page_is_one_file_with_every_case(quick):
    text = render(quick)
    page = Page(text)
    assert not page.open
    assert "http://" not in text and "https://" not in text
    assert {link[1:] for link in page.links} == QUICK <= page.anchors
    assert len(page.images) == len([entry for entry in quick if entry.case.run])
    assert all(image["alt"] and image["src"].startswith("data:image/png;base64,") for image in page.images)
    for entry in quick:
        assert entry.case.title in page.text
        assert all(departure.ours in page.text for departure in entry.case.departures)


def test_the_page_sets_models_side_by_side_and_escapes_messages():
    broken = replace(BY_ID["rimea-1"], run=explode)
    entries = list(run_suite([broken, BY_ID["nist-2.5"]], ["one", "<b>two</b>"]))
    page = Page(render(entries))
    assert "one" in page.text and "<b>two</b>" in page.text
    assert "the model blew up" in page.text
