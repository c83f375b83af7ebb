"""Configuration: scenario files, config groups and overrides composed by Hydra into plain dataclasses."""

from crowdsim.config.load import load_scenario
from crowdsim.config.paths import bundled_scenarios
from crowdsim.config.resolved import resolved_yaml

__all__ = ["bundled_scenarios", "load_scenario", "resolved_yaml"]
