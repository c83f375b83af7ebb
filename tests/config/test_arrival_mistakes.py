"""What is wrong with arrivals is told, all at once, with what would be right."""

import pytest

from config.hall import add_entrance, make_hall, replace
from crowdsim import ScenarioError, load_scenario

LATE = "{share: 0.1, by: {distribution: constant, value_s: 60}}"


@pytest.fixture
def folder(tmp_path):
    """Return a hall to which 120 guests come through a gate."""
    hall = make_hall(tmp_path)
    add_entrance(hall)
    replace(hall / "scenario.yaml", "start: floor", "start: gate")
    replace(hall / "scenario.yaml", "count: 120", "count: 120\n    arrival: {kind: poisson, rate_per_min: 30}")
    return hall


def complaints(folder, *overrides):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, overrides)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("arrival", "complaint"),
    [
        ("kind: count, until_s: 9", "found kind 'count'; allowed: did you mean 'counts'?"),
        ("kind: counts, until_s: 9", "found neither rows nor file; allowed: one of the two"),
        ("kind: counts, until_s: 9, rows: [{from_s: 0, count: 2.5}]", "found 2.5; allowed: a whole number"),
        ("kind: counts, until_s: 9, rows: [{from_s: 0, count: -2}]", "found -2; allowed: a whole number at least 0"),
        ("kind: counts, until_s: 9, rows: [{from_s: 0, count: 0}]", "found 0 people in all; allowed: above 0"),
        (
            "kind: counts, until_s: 9, rows: [{from_s: 0, count: 5000001}, {from_s: 1, count: 5000000}]",
            "found 10000001 people in all; allowed: above 0, at most 10000000",
        ),
        (
            "kind: counts, until_s: 9, rows: [{from_s: 5, count: 2}, {from_s: 5, count: 2}]",
            "found from_s 5 after 5; allowed: times that rise from row to row",
        ),
        ("kind: counts, until_s: 5, rows: [{from_s: 5, count: 2}]", "found until_s 5; allowed: above the last from_s"),
        ("kind: counts, until_s: 9, file: turnstiles.csv", "turnstiles.csv: found no such file"),
        ("kind: pulses, at_s: [60]", "key 'over_s' is required"),
        ("kind: pulses, over_s: 9", "found no times; allowed: either at_s, or every_s and until_s (and first_s)"),
        ("kind: pulses, over_s: 9, first_s: 5, every_s: 9", "found only first_s and every_s; allowed: either at_s"),
        ("kind: pulses, over_s: 9, at_s: [60], every_s: 9", "found at_s and every_s; allowed: either at_s, or"),
        ("kind: pulses, over_s: 9, at_s: [60, 30]", "found at_s 30 after 60; allowed: times that rise from vehicle"),
        (
            "kind: pulses, over_s: 9, first_s: 60, every_s: 9, until_s: 30",
            "found until_s 30; allowed: at least first_s",
        ),
        ("kind: pulses, over_s: 9, every_s: 0.001, until_s: 60", "allowed: at most 10000 vehicles"),
        (
            "kind: pulses, over_s: 9, at_s: [1, 2, 3], shares: [1, 2]",
            "found 2 shares that add up to 3, for 3 vehicles; allowed: a share for each vehicle, some above 0",
        ),
        ("kind: pulses, over_s: 9, at_s: [1, 2], shares: [0, 0]", "found 2 shares that add up to 0"),
        ("kind: pulses, over_s: 9, at_s: [1], delay: {distribution: normal, mean_s: 5}", "key 'sd_s' is required"),
        ("kind: poisson, rate_per_min: 9, file: rates.csv", "found unknown key 'file'"),
    ],
)
def test_mistakes_in_arrivals_are_told(folder, arrival, complaint):
    (told,) = complaints(folder, f"attendees.guests.arrival={{{arrival}}}")
    assert complaint in told


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("attendees.guests.no_show=1", "found 1; allowed: a number below 1"),
        ("attendees.guests.no_show=-0.1", "found -0.1; allowed: a number at least 0"),
        ("attendees.guests.late={share: 0, by: {distribution: constant, value_s: 60}}", "allowed: a number above 0"),
        ("attendees.guests.late={share: 0.5}", "key 'by' is required"),
        ("attendees.guests.late={shares: 0.5, by: {distribution: constant, value_s: 6}}", "did you mean 'share'?"),
        ("attendees.guests.count=null", "only arrival kinds 'table' and 'counts' go without"),
        ("attendees.guests.start={gaet: 1}", "found 'gaet', no zone or entrance; allowed: did you mean 'gate'?"),
        ("attendees.guests.start={gate: 0}", "found 0; allowed: a number above 0"),
        ("attendees.guests.start={}", "allowed: at least one entry"),
        ("attendees.guests.start=[gate]", "allowed: a mapping of keys to values"),
        ("attendees.guests.start=5", "the name of a zone or entrance, or a mapping of names to shares"),
        ("attendees.guests.start={gate: 1, floor: 1}", "found arrivals over time in zone 'floor'"),
        (
            "attendees.guests.arrival={kind: at_start}",
            "found no arrival times for entrance 'gate'; allowed: kind const",
        ),
    ],
)
def test_mistakes_in_groups_are_told(folder, override, complaint):
    told = complaints(folder, override)
    assert any(complaint in text for text in told), told


def test_no_shows_are_a_share_of_those_expected(folder):
    (told,) = complaints(
        folder,
        "attendees.guests.count=null",
        "attendees.guests.no_show=0.1",
        "attendees.guests.arrival={kind: counts, until_s: 60, rows: [{from_s: 0, count: 5}]}",
    )
    assert "found no_show and no count; allowed: the count of which that share does not come" in told


def test_nobody_is_late_who_stands_there_at_the_start(tmp_path):
    (told,) = complaints(make_hall(tmp_path), f"attendees.guests.late={LATE}")
    assert "found late comers among those at_start; allowed: late with arrivals over time only" in told


def test_every_mistake_in_a_file_is_told_once(folder):
    (folder / "turnstile.csv").write_text("from_s,count\n0,some\n60,5\n30,6.5\n")
    counts = "{kind: counts, until_s: 90, file: turnstile.csv}"
    told = complaints(
        folder, f"attendees.guests.arrival={counts}", f"+attendees.more={{start: gate, arrival: {counts}}}"
    )
    assert told == [
        "turnstile.csv: line 2: count: found 'some'; allowed: a whole number of at least 0",
        "turnstile.csv: line 4: count: found '6.5'; allowed: a whole number of at least 0",
        "turnstile.csv: line 4: from_s: found 30 after 60; allowed: times that rise from row to row",
    ]


def test_each_start_needs_a_way_out(folder):
    closet = (
        '{"type": "Feature", "properties": {"kind": "walkable", "name": "closet"}, "geometry": {"type": "Polygon",'
        ' "coordinates": [[[40, 0], [44, 0], [44, 4], [40, 4], [40, 0]]]}},'
        '{"type": "Feature", "properties": {"kind": "entrance", "name": "hatch"}, "geometry": {"type": "LineString",'
        ' "coordinates": [[40, 1], [40, 3]]}},'
    )
    replace(folder / "venue.geojson", "[\n", f"[\n{closet}\n")
    (told,) = complaints(folder, "attendees.guests.start={gate: 1, hatch: 1}")
    assert "attendees 'guests': found no way from 'hatch' to" in told
