"""Leaving by hand, on runs whose every time is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from levels import RUN_M, person, two_halls, way
from measure.runs import Person, stander, write_run
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim.assess import compare_by_hand
from crowdsim.assess.by_hand_compared import AGREES, NOT_COMPARED, QUICKER, SLOWER, UNEXPLAINED
from crowdsim.measure import measure
from crowdsim.scenario.criteria import Criterion
from crowdsim.simulate import run

LEVEL_PER_M_S, STEPPED_PER_M_S = 82 / 60, 66 / 60
MADE_UP = {"source": "made up for this test", "level_of_evidence": "assumption"}


def hall(criteria: dict[str, Any] | None = None, **config: Any) -> Any:
    """Return a hall with an exit of 1 m (`narrow`) and one of 2 m (`wide`)."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("crowd", "zone", rectangle(0, 0, 10, 10)),
        line("narrow", "exit", (10, 2), (10, 3)),
        line("wide", "exit", (10, 6), (10, 8)),
    ]
    built = scenario(features, {"all": {"start": "crowd", "count": 1}}, **config)
    judged = TypeAdapter(dict[str, Criterion]).validate_python(criteria or {})
    return replace(built, config=replace(built.config, criteria=judged))


def leaver(
    exit_s: float, exit: str = "wide", entry_s: float = 0.0, walk_s: float = 0.0, waited_s: float = 0.0
) -> Person:
    y = 7.0 if exit == "wide" else 2.5
    way = ((entry_s, 10.0 - min(exit_s - entry_s, 9.0), y), (exit_s, 10.0, y))
    return Person(way, exit=exit, free_walk_s=walk_s, waited_s=waited_s)


def entries(folder: Path, people: list[Person], until_s: float, scene: Any = None) -> list[dict[str, Any]]:
    recording = write_run(folder, scene or hall(), people, until_s=until_s)
    found = compare_by_hand(measure(recording), recording)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return list(found["by_hand"])


def everyone(found: list[dict[str, Any]], method: str = "width times rate", rates: str = "6th") -> dict[str, Any]:
    (one,) = [e for e in found if e["figure"]["kind"] == "egress" and e["method"] == method and rates in e["rates"]]
    return one


def at_rate(people: int, per_s: float, exit: str) -> list[Person]:
    return [leaver((k + 1) / per_s, exit) for k in range(people)]


def test_a_bottleneck_takes_people_over_width_times_rate(tmp_path: Path) -> None:
    found = entries(tmp_path, at_rate(40, 2 * LEVEL_PER_M_S, "wide"), 60.0)
    one = everyone(found)
    assert one["by_hand"] == pytest.approx(40 / (2 * LEVEL_PER_M_S))
    assert (one["verdict"], one["controls"]) == (AGREES, "exit wide")
    assert one["ratio"] == pytest.approx(1.0)
    assert "40 people over 2 m times 82 people/(m min) at wide" in one["text"]


def test_each_edition_has_its_rate_and_sfpe_its_effective_width(tmp_path: Path) -> None:
    found = entries(tmp_path, at_rate(40, 1.0, "narrow"), 60.0)
    assert everyone(found)["by_hand"] == pytest.approx(40 / LEVEL_PER_M_S)
    assert everyone(found, rates="4th")["by_hand"] == pytest.approx(40 / (109 / 60))
    assert everyone(found, "SFPE", "SFPE")["by_hand"] == pytest.approx(40 / (0.7 * 1.40 / (4 * 0.266)))


def test_the_edition_is_chosen_by_the_configuration(tmp_path: Path) -> None:
    found = entries(tmp_path, at_rate(40, 1.0, "wide"), 60.0, hall(measure={"hand_rates": "green_guide_4"}))
    assert "4th" in found[0]["rates"]
    (exit_,) = [e for e in found if e["figure"]["kind"] == "exit"]
    assert exit_["by_hand"] == pytest.approx(40 / (2 * 109 / 60))


def test_the_exit_that_takes_longest_controls_not_the_one_with_most(tmp_path: Path) -> None:
    people = [*at_rate(40, 1.0, "wide"), *at_rate(30, 0.8, "narrow")]
    one = everyone(entries(tmp_path, people, 60.0))
    assert (one["by_hand"], one["controls"]) == (pytest.approx(30 / LEVEL_PER_M_S), "exit narrow")
    assert f"spread evenly over all open exits 70 people take {70 / (3 * LEVEL_PER_M_S):.0f} s" in one["text"]
    assert "narrow took 43% of the people with 33% of the width" in one["explanation"]


def test_quicker_than_the_rate_is_flagged_with_the_flow(tmp_path: Path) -> None:
    one = everyone(entries(tmp_path, at_rate(40, 2.0, "narrow"), 60.0))
    assert one["verdict"] == QUICKER
    assert one["ratio"] == pytest.approx(20 / (40 / LEVEL_PER_M_S))
    assert "let 2.00 /(m s) through on average, 1.37 reckoned with" in one["explanation"]


def test_people_who_come_over_an_hour_are_reckoned_by_when_they_come(tmp_path: Path) -> None:
    people = [leaver(60.0 * k + 12.0, entry_s=60.0 * k, walk_s=5.0, waited_s=4.0) for k in range(20)]
    one = everyone(entries(tmp_path, people, 1300.0))
    assert one["by_hand"] == pytest.approx(60 * 19 + 9 + 1 / (2 * LEVEL_PER_M_S))
    assert one["verdict"] == AGREES
    assert "people's own times control" in one["explanation"]


def test_times_count_from_when_the_criterion_says(tmp_path: Path) -> None:
    people = [leaver(100.0 + (k + 1) / 1.0, waited_s=100.0) for k in range(40)]
    limit = {"quantity": "egress_time", "limit_s": 60.0, "from_s": 100.0, **MADE_UP}
    one = everyone(entries(tmp_path, people, 160.0, hall({"egress": limit})))
    assert (one["from_s"], one["simulated"]) == (100.0, pytest.approx(40.0))
    assert one["by_hand"] == pytest.approx(40 / (2 * LEVEL_PER_M_S))
    assert one["verdict"] == SLOWER


def test_what_nothing_measured_explains_is_said_to_be_unexplained(tmp_path: Path) -> None:
    found = entries(tmp_path, [leaver(4.0 * (k + 1)) for k in range(20)], 100.0)
    assert everyone(found)["verdict"] == SLOWER
    assert everyone(found)["explanation"] == f"not used: narrow; {UNEXPLAINED}"


def test_gaps_and_stragglers_are_told(tmp_path: Path) -> None:
    people = [*at_rate(40, 2.0, "wide"), leaver(80.0)]
    explained = everyone(entries(tmp_path, people, 100.0))["explanation"]
    assert "for 60 s in all, in gaps of more than 5 s, nobody left" in explained
    assert "the last 3 of 41 took 61 s of it" in explained


def test_a_run_too_short_to_tell_is_not_compared(tmp_path: Path) -> None:
    one = everyone(entries(tmp_path, [*at_rate(40, 2.0 * LEVEL_PER_M_S, "wide"), stander(3, 3)], 15.0))
    assert (one["verdict"], one["simulated"], one["ratio"]) == (NOT_COMPARED, None, None)
    assert one["explanation"] == "1 of 41 had not left when the run ended"


def test_people_inside_long_after_the_time_by_hand_are_slower_whenever_they_leave(tmp_path: Path) -> None:
    one = everyone(entries(tmp_path, [*at_rate(4, 1.0, "wide"), stander(3, 3)], 60.0))
    assert (one["verdict"], one["simulated"], one["simulated_at_least"]) == (SLOWER, None, 60.0)
    assert one["explanation"].startswith("1 of 5 had not left when the run ended, by hand are those who had")


def test_nobody_out_has_no_hand_calculation(tmp_path: Path) -> None:
    assert entries(tmp_path, [stander(3, 3)], 10.0) == []


def test_a_zone_is_cleared_over_what_adjoins_it(tmp_path: Path) -> None:
    people = [leaver(20.0 + k, walk_s=0.0) for k in range(10)]
    clears = {"quantity": "clearing_time", "limit_s": 60.0, "from_s": 5.0, "region": "crowd", **MADE_UP}
    found = entries(tmp_path, people, 30.0, hall({"clear": clears}))
    (zone,) = [e for e in found if e["figure"]["kind"] == "zone"]
    assert zone["by_hand"] == pytest.approx(10 / (3 * LEVEL_PER_M_S))
    assert zone["simulated"] == 25.0  # as the criterion has it: at the sampled time at which it was first empty


def test_a_door_on_the_way_controls_and_explains_the_exits_behind_it(tmp_path: Path) -> None:
    """Through a door of 1 m at 1.3 a second, which is 95 % of its rate, to an exit of 6 m."""
    features = [
        area("before", "walkable", rectangle(0, 0, 10, 10)),
        area("behind", "walkable", rectangle(10.2, 0, 20, 10)),
        area("crowd", "zone", rectangle(0, 0, 10, 10)),
        line("gate", "door", (10.1, 4.5), (10.1, 5.5), depth_m=0.4),
        line("out", "exit", (20, 2), (20, 8)),
    ]
    scene = scenario(features, {"all": {"start": "crowd", "count": 1}}, criteria={})
    ways = [((0.0, 8.0, 5.0), (k / 1.3, 8.0, 5.0), (k / 1.3 + 12.0, 20.0, 5.0)) for k in range(90)]
    found = entries(tmp_path, [Person(way, exit="out", free_walk_s=12.0) for way in ways], 90.0, scene)
    one = everyone(found)
    assert one["controls"] == "door gate"
    assert one["by_hand"] == pytest.approx(2.1 + 90 / LEVEL_PER_M_S, abs=0.1)
    assert one["verdict"] == AGREES
    (exit_,) = [e for e in found if e["figure"]["kind"] == "exit"]
    assert exit_["by_hand"] == pytest.approx(12.0 + 90 / (6 * LEVEL_PER_M_S))
    assert exit_["verdict"] == SLOWER
    assert "congestion elsewhere: door gate worked at 95% of its rate in its busiest 60 s" in exit_["explanation"]


@pytest.fixture(scope="module")
def down_a_stair(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    stair = way("stair", "stair", (12, 5), (12 + RUN_M, 5), width=1.0)
    scene = two_halls(stair, count=60, down=True, profiles={"adult": person(1.3)}, output={"plots": False})
    return list(run(scene, tmp_path_factory.mktemp("stair") / "run").summary["by_hand"])


def test_the_stair_controls_where_it_is_slower_than_the_exit(down_a_stair: list[dict[str, Any]]) -> None:
    one = everyone(down_a_stair)
    assert one["controls"] == "stair stair"
    assert "at stair stair" in one["text"]
    assert "66 people/(m min)" in one["text"]
    sfpe = everyone(down_a_stair, "SFPE", "SFPE")
    assert "0.7 m effective times 1.02 people/(m s)" in sfpe["text"]  # 7 by 11 inches: 1.01 in the handbook's table
    assert sfpe["by_hand"] > one["by_hand"]
