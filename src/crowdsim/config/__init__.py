"""Configuration: scenario files, config groups and overrides composed by Hydra into plain dataclasses."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crowdsim.config.paths import bundled_scenarios

if TYPE_CHECKING:
    from crowdsim.config.load import load_scenario
    from crowdsim.config.resolved import resolved_yaml

_LAZY = {"load_scenario": "crowdsim.config.load", "resolved_yaml": "crowdsim.config.resolved"}
"""Names that are imported on first use: listing the bundled scenarios needs neither Hydra nor shapely."""

__all__ = ["bundled_scenarios", "load_scenario", "resolved_yaml"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    msg = f"module 'crowdsim.config' has no attribute {name!r}"
    raise AttributeError(msg)
