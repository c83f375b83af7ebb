"""What a run says of the rules that it was judged by and of the files that it was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from crowdsim import load_scenario
from crowdsim.assess.editions import DOCUMENTS, rule_editions
from crowdsim.config.paths import CONFIGS, options
from crowdsim.scenario.hand_rates import HAND_RATES


def test_every_packaged_set_has_its_document_and_edition() -> None:
    assert set(DOCUMENTS) == set(options("criteria"))


def test_sets_are_told_with_what_was_changed_and_left_out() -> None:
    overrides = ["criteria=[green_guide,still_density]", "criteria.green_guide_normal_egress.limit_s=600"]
    mine = "+criteria.mine={quantity: egress_time, limit_s: 60, source: ours, level_of_evidence: assumption}"
    config = load_scenario("bottleneck_lab", [*overrides, "~criteria.green_guide_standing", mine]).config
    guide, still, own = rule_editions(config)
    assert (guide["set"], guide["edition"]) == ("green_guide", "6th ed., 2018")
    published = yaml.safe_load((CONFIGS / "criteria" / "green_guide.yaml").read_text(encoding="utf-8"))
    assert guide["criteria"] == len(published) - 1
    assert (guide["changed"], guide["left_out"]) == (["green_guide_normal_egress"], ["green_guide_standing"])
    assert (still["changed"], still["left_out"]) == ([], [])
    assert (own["set"], own["criteria"], own["sources"]) == (None, 1, ["ours"])


def test_the_hash_is_of_the_set_as_published() -> None:
    plain = load_scenario("bottleneck_lab", ["criteria=green_guide"])
    looser = load_scenario("bottleneck_lab", ["criteria=green_guide", "criteria.green_guide_normal_egress.limit_s=600"])
    other = load_scenario("bottleneck_lab", ["criteria=rimea"])
    hashes = [rule_editions(one.config)[0]["sha256"] for one in (plain, looser, other)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("edition", "stepped_set"), [("green_guide_6", "green_guide"), ("green_guide_4", "open_air_events")]
)
def test_the_rates_by_hand_are_those_of_the_sets(edition: str, stepped_set: str) -> None:
    criteria = yaml.safe_load((CONFIGS / "criteria" / f"{stepped_set}.yaml").read_text(encoding="utf-8")).values()
    limits = {one["quantity"]: one["limit_per_m_s"] for one in criteria if "limit_per_m_s" in one}
    rates = HAND_RATES[edition]
    assert limits["exit_flow"] == pytest.approx(rates.level_per_m_s, rel=1e-4)
    assert limits["stair_flow"] == pytest.approx(rates.stepped_per_m_s, rel=1e-4)


def test_a_scenario_knows_the_files_it_was_read_from(tmp_path: Path) -> None:
    source = load_scenario("bidirectional_corridor").folder
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    own = {"ours": {"quantity": "egress_time", "limit_s": 60.0, "source": "x", "level_of_evidence": "assumption"}}
    (tmp_path / "licence.yaml").write_text(yaml.dump(own), encoding="utf-8")
    (tmp_path / "people.csv").write_text("from_s,rate_per_min\n0,30\n", encoding="utf-8")
    group = next(iter(load_scenario(tmp_path).config.attendees))
    arrival = f"attendees.{group}.arrival={{kind: table, until_s: 60, file: people.csv}}"
    loaded = load_scenario(tmp_path, ["criteria=[licence.yaml]", arrival])
    files = ("scenario.yaml", "venue.geojson", "licence.yaml", "people.csv")
    assert loaded.inputs == {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in files}
    assert loaded.overrides == ("criteria=[licence.yaml]", arrival)
