"""Interventions that cannot be done are told, all at once, with what would be right."""

import pytest

from config.bar import make_bar
from crowdsim import ScenarioError, load_scenario


@pytest.mark.parametrize(
    ("intervention", "complaint"),
    [
        ("{close: out}", "found neither at_s nor when; allowed: one of the two"),
        ("{at_s: 1, when: 'queue(bar) > 1', close: out}", "found both at_s and when; allowed: one of the two"),
        ("{at_s: 1, for_s: 3, close: out}", "found for_s without when"),
        ("{at_s: 1}", "found nothing to do; allowed: at least one of open, close,"),
        ("{at_s: 1, hold: out, release: out}", "found 'out' under hold and release"),
        ("{at_s: 1, close: ut}", "found 'ut', which the venue does not have; allowed: did you mean 'out'?"),
        ("{at_s: 1, hold: line}", "found queue 'line'; allowed: for hold:"),
        ("{at_s: 1, width_m: {line: 2}}", "found queue 'line'; allowed: for width_m:"),
        ("{when: 'density(floor) = 4', close: out}", "found 'density(floor) = 4'; allowed: such as density("),
        ("{when: 'density(flor) > 4', close: out}", "found 'flor', no zone or measurement area; allowed: did you mean"),
        ("{when: 'queue(other) > 4', close: out}", "found 'other', no service or queue of one; allowed: "),
        ("{at_s: 1, announce: {say: sit}}", "found 'sit'; allowed: one of: go_on, leave"),
        ("{at_s: 1, announce: {say: go_on, exit: out}}", "found an exit with say: go_on"),
        ("{at_s: 1, announce: {say: leave, exit: ut}}", "found 'ut', no exit; allowed: did you mean 'out'?"),
        ("{at_s: 1, announce: {say: leave, zones: flor}}", "found 'flor', no zone; allowed: did you mean 'floor'?"),
        ("{at_s: 1, announce: {say: leave, reach: 1.5}}", "found 1.5; allowed: a number at most 1"),
        ("{at_s: 1, announce: {say: leave, reaction: 5}}", "found 5; allowed: a mapping of keys to values"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, intervention, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), [f"interventions=[{intervention}]"])
    assert complaint in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    two = "interventions=[{at_s: 1, close: ut}, {when: 'queue(ba) > 1', hold: line}]"
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), [two])
    assert len(caught.value.problems) == 3


def test_what_can_be_done_is_not_complained_of(tmp_path):
    done = (
        "interventions=[{at_s: 1, close: line}, {when: 'queue(line) > 1', for_s: 2, hold: out},"
        "{when: 'count(floor) < 1', repeat: true, release: out, announce: {say: leave, exit: [out], zones: floor}}]"
    )
    assert len(load_scenario(make_bar(tmp_path), [done]).config.interventions) == 3


def test_a_place_that_is_not_there_cannot_be_watched(tmp_path):
    watch = "interventions=[{when: 'queue(other) > 1', close: out}]"
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), ["queues.other.enabled=false", watch])
    assert "'other', which is not enabled" in str(caught.value)
