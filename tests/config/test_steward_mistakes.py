"""What stewards cannot be or say is told."""

import pytest

from config.hall import make_hall
from crowdsim import ScenarioError, load_scenario


@pytest.mark.parametrize(
    ("steward", "complaint"),
    [
        ("{exit: north}", "key 'at' is required"),
        ("{at: flor}", "found 'flor', no zone; allowed: did you mean 'floor'?"),
        ("{at: [1]}", "found 1 numbers; allowed: x and y, two numbers in metres"),
        ("{at: floor, exit: nroth}", "found 'nroth', no exit; allowed: did you mean 'north'?"),
        ("{at: floor, exit: quicest}", "found 'quicest', no exit; allowed: did you mean 'quickest'?"),
        ("{at: floor, groups: gests}", "found group 'gests'; allowed: did you mean 'guests'?"),
        ("{at: floor, reach_m: 0}", "found 0; allowed: a number above 0"),
        ("{at: floor, compliance: 1.5}", "found 1.5; allowed: a number at most 1"),
        ("{at: floor, from_s: 9, until_s: 5}", "found until_s 5; allowed: above from_s (9 s)"),
        ("{at: floor, reach: 5}", "did you mean 'reach_m'?"),
    ],
)
def test_what_is_wrong_with_a_steward_is_told(tmp_path, steward, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(make_hall(tmp_path), [f"stewards={{front: {steward}}}"])
    assert complaint in str(caught.value)


def test_what_is_right_is_taken(tmp_path):
    scenario = load_scenario(make_hall(tmp_path), ["stewards={front: {at: floor, exit: [north], groups: guests}}"])
    assert scenario.config.stewards["front"].groups == ("guests",)
