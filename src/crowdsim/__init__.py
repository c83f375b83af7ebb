"""crowdsim: crowd-flow simulation and event-safety assessment.

import crowdsim as cs

scenario = cs.load_scenario("arena_egress", overrides=["seed=7"])
result = cs.run(scenario)
print(result.summary["verdict"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crowdsim.errors import (
    CrowdSimError,
    MissingExtraError,
    Problem,
    RecordingError,
    RunFolderError,
    ScenarioError,
    SimulationError,
)

if TYPE_CHECKING:
    from crowdsim.config import load_scenario
    from crowdsim.model import Attendee, CrowdModel
    from crowdsim.record import Recording
    from crowdsim.scenario.feature import Scenario
    from crowdsim.simulate import Result, run

_LAZY = {
    "Attendee": "crowdsim.model",
    "CrowdModel": "crowdsim.model",
    "Recording": "crowdsim.record",
    "Result": "crowdsim.simulate",
    "Scenario": "crowdsim.scenario.feature",
    "load_scenario": "crowdsim.config",
    "run": "crowdsim.simulate",
}
"""Names that are imported on first use, so that `import crowdsim` and the command line's help are fast."""

__all__ = [
    "Attendee",
    "CrowdModel",
    "CrowdSimError",
    "MissingExtraError",
    "Problem",
    "Recording",
    "RecordingError",
    "Result",
    "RunFolderError",
    "Scenario",
    "ScenarioError",
    "SimulationError",
    "load_scenario",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    msg = f"module 'crowdsim' has no attribute {name!r}"
    raise AttributeError(msg)
