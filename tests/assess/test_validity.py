"""Whether what decides a criterion is denser than the models are calibrated for."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from measure.runs import Person, write_run
from pydantic import TypeAdapter
from scenes import area, line, rectangle, scenario

from crowdsim.assess import judge
from crowdsim.measure import measure
from crowdsim.scenario.criteria import Criterion

MADE_UP = {"source": "made up for this test", "level_of_evidence": "assumption"}
ALONE_PER_M2 = 1 / (2 * math.pi * 0.5**2)
CRITERIA = {
    "egress": {"quantity": "egress_time", "limit_s": 100.0, **MADE_UP},
    "flow": {"quantity": "exit_flow", "limit_per_m_s": 1.0, **MADE_UP},
    "density": {"quantity": "density", "limit_per_m2": 4.0, "over_time": "moment", **MADE_UP},
    "corner": {"quantity": "clearing_time", "limit_s": 60.0, "region": "corner", **MADE_UP},
    "hand": {"quantity": "egress_by_hand", "limit_s": 60.0, "rate_per_m_min": 82.0, **MADE_UP},
    "stairs": {"quantity": "stair_flow", "limit_per_m_s": 1.1, **MADE_UP},
}


def validity(folder: Path, people: int) -> dict[str, tuple[str | None, str]]:
    """Return it of each criterion for people on one spot of a hall, 10 m from its exit and corner, until they leave.

    The Gaussian of one has 1 / (2 pi 0.5^2) = 0.64 /m2 in its middle.
    """
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 20)),
        area("crowd", "zone", rectangle(0, 0, 20, 20)),
        area("corner", "zone", rectangle(0, 0, 2, 2)),
        line("out", "exit", (20, 9), (20, 11)),
    ]
    built = scenario(features, {"all": {"start": "crowd", "count": 1}})
    judged: dict[str, Any] = TypeAdapter(dict[str, Criterion]).validate_python(CRITERIA)
    scene = replace(built, config=replace(built.config, criteria=judged))
    crowd = [Person(((0.0, 8.25, 8.25), (10.0 + 5 * k, 8.25, 8.25)), exit="out") for k in range(people)]
    recording = write_run(folder, scene, crowd, until_s=10.0 + 5 * people)
    found = judge(measure(recording), recording)["criteria"]
    return {one["id"]: (one["validity"], one["validity_reason"]) for one in found}


@pytest.mark.parametrize(("people", "judgement"), [(7, "within"), (9, "extrapolated")])
def test_the_place_that_decides_is_judged_by_its_own_density(tmp_path: Path, people: int, judgement: str) -> None:
    found = validity(tmp_path, people)
    assert found["density"][0] == judgement
    assert f"up to {people * ALONE_PER_M2:.1f} people/m2 within 2 m of the place" in found["density"][1]
    assert found["egress"][0] == judgement  # the whole venue decides when the last one is out
    assert found["flow"] == ("within", "up to 0.0 people/m2 within 2 m of out, calibrated to 5")
    assert found["corner"][0] == "within"


def test_what_is_reckoned_or_not_there_is_no_question(tmp_path: Path) -> None:
    found = validity(tmp_path, 9)
    assert found["hand"] == (None, "reckoned, not simulated")
    assert found["stairs"] == (None, "nothing was measured")
