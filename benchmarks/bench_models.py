"""The whole model step with each movement model: `pytest benchmarks/bench_models.py`."""

from __future__ import annotations

import pytest

from crowdsim import CrowdModel, load_scenario
from crowdsim.bench.cases import CASES, write_case
from crowdsim.bench.workload import Workload

MODELS = ["collision_free_speed", "anticipation_velocity", "social_force", "optimal_reciprocal"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("movement", MODELS)
def test_step(benchmark, tmp_path, movement, case):
    """Decisions, look-ups in the fields, movement, leaving; recording off."""
    count = 1_000 if case == "city" else 10_000
    work = Workload(case, count, movement)
    write_case(work, tmp_path)
    model = CrowdModel(load_scenario(tmp_path, work.overrides()))
    before = model.agent_steps
    benchmark.pedantic(model.step, rounds=20, iterations=1, warmup_rounds=3)
    steps = round(model.time_s / model.step_s)
    if benchmark.stats:
        a_step = (model.agent_steps - before) / steps
        benchmark.extra_info["ns_per_attendee_step"] = benchmark.stats["median"] / a_step * 1e9
