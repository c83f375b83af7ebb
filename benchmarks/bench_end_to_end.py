"""A small run from its scenario to its pictures: `pytest benchmarks/bench_end_to_end.py`."""

from __future__ import annotations

import pytest
from scenes import hall

from crowdsim.simulate import run


@pytest.mark.parametrize("plots", [False, True], ids=["without pictures", "with pictures"])
def test_small_run(benchmark, tmp_path, plots):
    """150 people leave a hall by an exit of 1.2 m: building, stepping, recording, measuring, judging, drawing."""
    scenario = hall(12, 10, 150, door=1.2, output={"plots": plots})
    run(scenario, tmp_path, force=True)  # compiles
    result = benchmark.pedantic(run, (scenario, tmp_path), {"force": True}, rounds=5, iterations=1)
    if benchmark.stats:
        steps = result.summary["performance"]["agent_steps"]
        benchmark.extra_info["ns_per_attendee_step"] = benchmark.stats["median"] / steps * 1e9
