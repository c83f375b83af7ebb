"""Writing a scenario's whole configuration, so that a run can be repeated from its folder."""

from __future__ import annotations

import dataclasses
from typing import Any

import yaml

from crowdsim.scenario.feature import Scenario

VENUE_IN_FOLDER = "venue.geojson"

HEADER = """\
# The whole configuration of a run, every value written out.
# `crowdsim run` on this file repeats the run bit for bit.
"""


def resolved_yaml(scenario: Scenario) -> str:
    """Return the text of a run folder's `config.yaml`: chosen config groups, then every value."""
    values = _plain(dataclasses.asdict(scenario.config))
    values |= {"scenario": scenario.name, "venue": VENUE_IN_FOLDER}
    body = {"defaults": [{group: option} for group, option in scenario.choices.items()], **values}
    return HEADER + yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110)


def _plain(value: Any) -> Any:
    """Return lists for tuples, all the way down: what YAML can hold."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
