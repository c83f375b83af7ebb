"""Packaged sets of criteria, what scenarios change of them, and the quantities that they are about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from measure.runs import Person, stander, write_run
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim import ScenarioError, load_scenario
from crowdsim.assess import judge
from crowdsim.assess.published import sense_of
from crowdsim.config.paths import CONFIGS, options
from crowdsim.measure import measure
from crowdsim.scenario.criteria import Criterion

CRITERIA = TypeAdapter(dict[str, Criterion])
MADE_UP = {"source": "made up for this test", "level_of_evidence": "assumption"}
SETS = options("criteria")


def packaged(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((CONFIGS / "criteria" / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("name", SETS)
def test_a_packaged_set_is_valid_and_every_criterion_has_a_source(name: str) -> None:
    criteria = CRITERIA.validate_python(packaged(name))
    assert all(len(criterion.source) > 20 for criterion in criteria.values())


def test_no_two_packaged_sets_have_a_criterion_of_the_same_name() -> None:
    names = [key for name in SETS for key in packaged(name)]
    assert len(names) == len(set(names))


def test_several_sets_can_be_chosen_and_each_change_is_told() -> None:
    overrides = [
        "criteria=[green_guide,still_density]",
        "criteria.green_guide_normal_egress.limit_s=600",
        "criteria.still_moving.limit_per_m2=3.5",
        "~criteria.green_guide_standing",
    ]
    loaded = load_scenario("bottleneck_lab", overrides)
    assert set(loaded.config.criteria) == set(packaged("green_guide") | packaged("still_density")) - {
        "green_guide_standing"
    }
    assert set(loaded.config.published) == {"green_guide", "still_density"}
    assert loaded.config.published["green_guide"]["green_guide_normal_egress"].limit_s == 480.0


def test_a_set_of_ones_own_is_a_file_beside_the_scenario(tmp_path: Path) -> None:
    source = load_scenario("bottleneck_lab").folder
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    own = {"ours": {"quantity": "density", "limit_per_m2": 3.0, **MADE_UP}}
    (tmp_path / "licence.yaml").write_text(yaml.dump(own), encoding="utf-8")
    loaded = load_scenario(tmp_path, ["criteria=[licence.yaml,still_density]"])
    assert {"ours", "still_moving", "still_standing"} <= set(loaded.config.criteria)
    (tmp_path / "licence.yaml").write_text("ours: {quantity: density, limit_per_m2: -1}", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path, ["criteria=[licence.yaml]"])
    told = str(caught.value)
    assert "licence.yaml" in told
    assert told.count("limit_per_m2") == 1
    with pytest.raises(ScenarioError, match="no such file"):
        load_scenario(tmp_path, ["criteria=[missing.yaml]"])


def test_unknown_sets_and_places_are_told_all_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("bottleneck_lab", ["criteria=[green_gide]"])
    assert "green_guide" in str(caught.value)
    with pytest.raises(ScenarioError) as caught:
        load_scenario("bottleneck_lab", ["criteria=nfpa130", "criteria.nfpa130_platform_clear.region=platfrom"])
    assert "platfrom" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "published", "now", "sense"),
    [
        ("limit_s", 480.0, 600.0, "loosened"),
        ("limit_s", 480.0, 300.0, "tightened"),
        ("above_per_m2", 4.0, 5.0, "loosened"),
        ("rate_per_m_min", 82.0, 109.0, "loosened"),
        ("worst", "D", "E", "loosened"),
        ("statistic", "p95", "mean", "loosened"),
        ("widest_closed", False, True, "tightened"),
        ("region", (), ("stage",), "loosened"),
        ("region", None, "platform", "changed"),
        ("from_s", 0.0, 60.0, "loosened"),
    ],
)
def test_whether_a_change_asks_for_more_or_less(key: str, published: Any, now: Any, sense: str) -> None:
    assert sense_of(key, published, now) == sense


# ---------------------------------------------------------------- quantities, on runs known by hand
def hall(**criteria: dict[str, Any]) -> Any:
    """Return a hall of 10 m with a zone of 4 m2 in its middle and an exit of 2 m, judged by these criteria only."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("crowd", "zone", rectangle(4, 4, 6, 6)),
        line("wide", "exit", (10, 6), (10, 8)),
    ]
    built = scenario(features, {"all": {"start": "crowd", "count": 1}})
    return replace(built, config=replace(built.config, criteria=CRITERIA.validate_python(criteria)))


def packed(until_s: float) -> list[Person]:
    """Return seven people on one spot until they walk to the exit, which takes four seconds."""
    walk = ((0.0, 5.25, 5.25), (until_s, 5.25, 5.25), (until_s + 4.0, 10.0, 7.0))
    return [Person(walk, exit="wide") for _ in range(7)]


def judged(folder: Path, people: list[Person], until_s: float, **criterion: Any) -> dict[str, Any]:
    recording = write_run(folder, hall(one={**criterion, **MADE_UP}), people, until_s=until_s)
    result = judge(measure(recording), recording)
    (entry,) = result["criteria"]
    return {**entry, "verdict": result["verdict"]}


def test_time_above_is_unbroken_time_in_one_place(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(20.0), 40.0, quantity="time_above", above_per_m2=4.0, limit_s=15.0)
    assert found["value"] == pytest.approx(20.0, abs=0.6)  # a sample
    assert (found["passed"], found["verdict"]) == (False, "fail")
    assert (found["at"]["x"], found["at"]["y"]) == pytest.approx((5.25, 5.25))
    assert found["margin"] == pytest.approx(-1 / 3, abs=0.05)


def test_a_share_of_the_egress_time_is_a_limit_too(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(20.0), 40.0, quantity="time_above", above_per_m2=4.0, limit_share=0.5)
    assert found["limit"] == pytest.approx(12.0)


def test_a_zone_is_clear_when_the_last_one_has_left_it_for_good(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(20.0), 40.0, quantity="clearing_time", limit_s=30.0, region="crowd")
    # 0.75 m to the zone's edge of 5.06 m to the exit in 4 s, and the sample after.
    assert found["value"] == pytest.approx(20.0 + 4.0 * 0.75 / 4.75, abs=0.6)
    assert found["passed"] is True


def test_a_zone_that_is_not_named_leaves_it_undecided(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(5.0), 20.0, quantity="clearing_time", limit_s=30.0)
    assert (found["passed"], found["verdict"], found["applies"]) == (None, "undecided", True)
    assert "region" in found["reason"]


def test_a_zone_with_somebody_in_it_at_the_end_fails_once_the_time_is_over(tmp_path: Path) -> None:
    people = [*packed(5.0), stander(5, 5)]
    late = judged(tmp_path / "late", people, 40.0, quantity="clearing_time", limit_s=30.0, region="crowd")
    soon = judged(tmp_path / "soon", people, 20.0, quantity="clearing_time", limit_s=30.0, region="crowd")
    assert (late["passed"], soon["passed"]) == (False, None)


def test_occupancy_is_people_over_ground(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(5.0), 20.0, quantity="occupancy", limit_per_m2=1.5)
    assert found["value"] == pytest.approx(7 / 4)
    assert found["at"]["name"] == "crowd"


def test_by_hand_everyone_goes_through_the_width_at_the_rate(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(5.0), 20.0, quantity="egress_by_hand", limit_s=2.0, rate_per_m_min=84.0)
    assert found["value"] == pytest.approx(7 / (2.0 * 84.0) * 60.0)
    closed = judged(
        tmp_path / "closed",
        packed(5.0),
        20.0,
        quantity="egress_by_hand",
        limit_s=2.0,
        rate_per_m_min=84.0,
        widest_closed=True,
    )
    assert (closed["value"], closed["passed"]) == (None, False)


def test_what_the_venue_does_not_have_does_not_count(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(5.0), 20.0, quantity="queue_wait", limit_s=60.0)
    assert (found["passed"], found["applies"], found["verdict"]) == (None, False, "undecided")  # nothing else is asked


def test_findings_say_where_when_how_bad_and_who_and_the_worst_comes_first(tmp_path: Path) -> None:
    criteria = {
        "little": {"quantity": "time_above", "above_per_m2": 4.0, "limit_s": 15.0, **MADE_UP},
        "much": {"quantity": "density", "limit_per_m2": 1.0, "over_time": "moment", **MADE_UP},
        "open": {"quantity": "clearing_time", "limit_s": 15.0, **MADE_UP},
        "close": {"quantity": "egress_time", "limit_s": 25.0, **MADE_UP},
        "fine": {"quantity": "egress_time", "limit_s": 100.0, **MADE_UP},
        "elsewhere": {"quantity": "queue_wait", "limit_s": 100.0, **MADE_UP},
    }
    recording = write_run(tmp_path, hall(**criteria), packed(20.0), until_s=40.0)
    findings = judge(measure(recording), recording)["findings"]
    assert [one["criterion"] for one in findings] == ["much", "little", "open", "close"]
    assert [one["kind"] for one in findings] == ["failed", "failed", "open", "near miss"]
    little = findings[1]
    assert little["near"] == "exit 'wide'"
    assert little["streams"] == {"all": 1.0}
    assert little["lasts_s"] == pytest.approx(20.0, abs=0.6)
    assert "limit 15 (37% over)" in little["text"]


def test_a_changed_limit_is_not_told_in_the_words_of_the_set(tmp_path: Path) -> None:
    built = hall(one={"quantity": "egress_time", "limit_s": 10.0, "text": "Out in ten seconds", **MADE_UP})
    published = {"ours": dict(built.config.criteria)}
    stricter = replace(built.config.criteria["one"], limit_s=5.0)
    for criteria, text in ((built.config.criteria, "Out in ten seconds"), ({"one": stricter}, "within 5 s")):
        config = replace(built.config, criteria=criteria, published=published)
        recording = write_run(tmp_path / text[-4:], replace(built, config=config), packed(1.0), until_s=20.0)
        (entry,) = judge(measure(recording), recording)["criteria"]
        assert text in entry["text"]
        assert bool(entry["changed"]) == (criteria is not built.config.criteria)
