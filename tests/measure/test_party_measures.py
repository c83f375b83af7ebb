"""How far those of a party are from each other, by hand."""

import pytest
from scenes import area, line, rectangle, scenario

from crowdsim.measure import measure
from measure.runs import Person, stander, write_run


def corridor():
    features = [
        area("corridor", "walkable", rectangle(0, 0, 30, 4)),
        area("crowd", "zone", rectangle(0, 0, 2, 4)),
        line("out", "exit", (30, 0), (30, 4)),
    ]
    return scenario(features, {"all": {"start": "crowd", "count": 1}})


def test_distances_are_those_to_the_middle_of_the_others(tmp_path):
    people = [
        *(Person(((0.0, x, y),), party=3) for x, y in ((5.0, 1.0), (7.0, 1.0), (6.0, 3.0))),
        Person(((0.0, 20.0, 2.0),), party=7),  # alone here: the other of the party never came
        Person(due_s=99.0, party=7),
        stander(10.0, 2.0),
    ]
    found = measure(write_run(tmp_path / "run", corridor(), people, until_s=10.0)).parties
    first = (1.5**2 + 1.0) ** 0.5  # from (5, 1) to (6.5, 2), and the same on the other side; from (6, 3) to (6, 1)
    assert found["mean_distance_m"] == pytest.approx((2 * first + 2.0) / 3, rel=1e-3)
    assert (found["parties"], found["people"]) == (2, 5)
    assert (found["lost"], found["found"]) == (0, 0)


def test_who_falls_behind_is_lost_and_who_catches_up_is_found(tmp_path):
    ahead = Person(((0.0, 2.0, 2.0), (10.0, 22.0, 2.0), (60.0, 22.0, 2.0)), party=0)
    behind = Person(((0.0, 2.0, 2.0), (10.0, 4.0, 2.0), (40.0, 21.0, 2.0), (60.0, 21.0, 2.0)), party=0)
    found = measure(write_run(tmp_path / "run", corridor(), [ahead, behind], until_s=60.0)).parties
    assert (found["lost"], found["found"]) == (2, 2)  # each is far from the other, and near again
    assert found["p95_distance_m"] > 8.0


def test_without_parties_there_are_no_figures(tmp_path):
    run = write_run(tmp_path / "run", corridor(), [stander(5.0, 2.0)], until_s=5.0)
    assert measure(run).parties is None
