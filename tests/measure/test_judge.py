import pytest
from scenes import hall

from crowdsim.simulate import run

SOURCE = {"source": "test", "level_of_evidence": "assumption"}


def verdict(tmp_path, criteria, **config):
    scene = hall(8, 6, 40, output={"sample_interval_s": 0.5, "plots": False, "voronoi": False}, criteria=criteria, **config)
    summary = run(scene, tmp_path / "run").summary
    return summary["verdict"], {row["id"]: row for row in summary["criteria"]}


@pytest.mark.parametrize(("limit", "expected"), [(300.0, "pass"), (5.0, "fail")])
def test_egress_time(tmp_path, limit, expected):
    result, rows = verdict(tmp_path, {"time": {"quantity": "egress_time", "limit_s": limit} | SOURCE})
    assert result == expected
    assert rows["time"]["value"] > 5
    assert rows["time"]["unit"] == "s"


@pytest.mark.parametrize(("limit", "expected"), [(100.0, "undecided"), (4.0, "fail")])
def test_people_still_inside_leave_the_egress_time_open_unless_the_limit_is_over(tmp_path, limit, expected):
    criteria = {"time": {"quantity": "egress_time", "limit_s": limit} | SOURCE}
    result, rows = verdict(tmp_path, criteria, duration_s=5.0)
    assert result == expected
    assert rows["time"]["value"] is None
    assert "had not left" in rows["time"]["reason"]


def test_time_counts_from_the_end_of_the_programme(tmp_path):
    criteria = {"time": {"quantity": "egress_time", "limit_s": 1.0, "from_s": 100.0} | SOURCE}
    assert verdict(tmp_path, criteria)[0] == "pass"


def test_exposure_and_flow_have_limits_of_their_own(tmp_path):
    criteria = {
        "dense": {"quantity": "density_exposure", "above_per_m2": 0.5, "limit_s": 0.1} | SOURCE,
        "flow": {"quantity": "exit_flow", "limit_per_m_s": 0.1} | SOURCE,
        "loose": {"quantity": "exit_flow", "limit_per_m_s": 9.0} | SOURCE,
    }
    result, rows = verdict(tmp_path, criteria)
    assert result == "fail"
    assert rows["dense"]["passed"] is False
    assert rows["flow"]["passed"] is False
    assert "out" in rows["flow"]["reason"]
    assert rows["loose"]["passed"] is True


def test_no_criteria_is_no_pass(tmp_path):
    assert verdict(tmp_path, {})[0] == "undecided"
