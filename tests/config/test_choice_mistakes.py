"""What people cannot know, or choose by, is told."""

import pytest

from config.hall import make_hall
from crowdsim import ScenarioError, load_scenario


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        ("{knows: {nroth: 0.5}}", "found 'nroth', no exit; allowed: did you mean 'north'?"),
        ("{knows: {foyer: 0.5}}", "found 'foyer', no exit"),
        ("{knows: {north: 1.5}}", "found 1.5; allowed: a number at most 1"),
        ("{guided: -0.1}", "found -0.1; allowed: a number at least 0"),
        ("{sees_m: 0}", "found 0; allowed: a number above 0"),
        ("{by: luck}", "found 'luck'; allowed: one of: distance, expected_time"),
        ("{gudied: 0.3}", "did you mean 'guided'?"),
    ],
)
def test_what_cannot_be_known_is_told(tmp_path, choice, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_hall(tmp_path), [f"attendees.guests.choice={choice}"])
    assert complaint in str(caught.value)
