"""Areas that cannot be kept clear are told."""

import pytest

from config.bar import make_bar
from crowdsim import ScenarioError, load_scenario


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("interventions=[{at_s: 1, keep_clear: flor}]", "'flor', which the venue does not have; allowed: did you mean"),
        ("interventions=[{at_s: 1, keep_clear: out}]", "found exit 'out'; allowed: for keep_clear: only floor"),
        (
            "interventions=[{at_s: 1, keep_clear: floor, clear_no_longer: floor}]",
            "under keep_clear and clear_no_longer",
        ),
        ("+zones.floor.keep_clear=3", "found 3; allowed: true or false"),
    ],
)
def test_what_cannot_be_kept_clear_is_told(tmp_path, override, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), [override])
    assert complaint in str(caught.value)


@pytest.mark.parametrize("verb", ["keep_clear", "clear_no_longer"])
def test_a_zone_that_is_not_there_is_told(tmp_path, verb):
    lane = "+added={lane: {kind: zone, polygon: [[17, 1], [19, 1], [19, 9], [17, 9]]}}"
    overrides = [lane, "+zones.lane.enabled=false", f"interventions=[{{at_s: 1, {verb}: lane}}]"]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), overrides)
    assert "found zone 'lane', which is not enabled; allowed: a zone that is there" in str(caught.value)


@pytest.mark.parametrize(
    ("override", "where"),
    [
        ("+zones.lane.keep_clear=true", "zones.lane.keep_clear"),
        ("interventions=[{at_s: 1, keep_clear: lane}]", "interventions.0.keep_clear"),
    ],
)
def test_queues_in_it_are_told(tmp_path, override, where):
    lane = "+added={lane: {kind: zone, polygon: [[11, 1], [13, 1], [13, 9], [11, 9]]}}"
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), [lane, override])
    assert f"{where}: found zone 'lane', in which people wait in line: 'line', 'other'" in str(caught.value)


@pytest.mark.parametrize(
    ("override", "where"),
    [
        ("+zones.all.keep_clear=true", "zones.all.keep_clear"),
        ("interventions=[{at_s: 1, keep_clear: all}]", "interventions.0.keep_clear"),
    ],
)
def test_a_zone_beside_which_nobody_can_stand_is_told(tmp_path, override, where):
    """0.1 m are left beside it: nobody's body fits there."""
    every = "+added={all: {kind: zone, polygon: [[0, 0], [19.9, 0], [19.9, 10], [0, 10]]}}"
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_bar(tmp_path), [every, override])
    told = f"{where}: found zone 'all', beside which there is no room to stand; allowed: a zone that leaves room"
    assert told in str(caught.value)
    assert f"{where}: found zone 'all', in which people wait in line" in str(caught.value)
