"""What is wrong with services is told, all at once, with what would be right."""

import pytest

from config.bar import make_bar
from crowdsim import ScenarioError, load_scenario


@pytest.fixture
def folder(tmp_path):
    return make_bar(tmp_path)


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("services.bar.queues=lin", "found 'lin', no queue; allowed: did you mean 'line'?"),
        ("services.bar.counter=fron", "found 'fron', no counter; allowed: did you mean 'front'?"),
        ("services.bar.servers=3", "found 3 servers and no counter; allowed: a counter along which they stand"),
        ("services.bar.servers=0", "a whole number above 0"),
        ("services.bar.spacing_m=0.1", "found 0.1; allowed: a number"),
        ("services.bar.lanes=2", "found lanes 2; allowed: at most 1, as many as there are queues"),
        ("services.bar.reserved={line: [all]}", "found every queue reserved; allowed: at least one"),
        ("services.bar.reserved={other: [all]}", "found reserved 'other'; allowed: one of its queues: line"),
        (
            "services.bar={queues: [line, other], reserved: {line: [al]}, time: {distribution: constant, value_s: 5}}",
            "found 'al', no group or profile; allowed: did you mean 'all'?",
        ),
        ("services.bar.queues=[line,line]", "found the same queue twice"),
        ("services.bar.open=[{from_s: 10, until_s: 5}]", "found until_s 5; allowed: above from_s (10 s)"),
        ("services.bar.open=[{from_s: 10}, {from_s: 20}]", "found from_s 20; allowed: hours in order"),
        (
            "services.bar.out_of_service={other: [{from_s: 1}]}",
            "found out_of_service 'other'; allowed: one of its queues",
        ),
        ("services.bar.time={distribution: exponential}", "key 'mean_s' is required"),
        ("services.bar.time={distribution: empirical, values_s: []}", "values_s"),
        ("+services.two={queues: line, time: {distribution: constant, value_s: 5}}", "of service 'bar' too"),
        ("queues.line.enabled=false", "queue 'line', which is not enabled"),
        ("queues.line.move_m=[20, 0]", "5.00 m outside"),
        ("attendees.all.itinerary.0.service=bear", "found service 'bear'; allowed: did you mean 'bar'?"),
    ],
)
def test_mistakes_are_told(folder, override, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, [override])
    assert complaint in str(caught.value)


def test_what_is_right_is_taken(folder):
    scenario = load_scenario(folder, ["services.bar.queues=[line,other]", "queues.other.move_m=[0, 1]"])
    assert scenario.config.services["bar"].queues == ("line", "other")
    assert scenario.named("queue")["other"].line[0] == (15, 8)
